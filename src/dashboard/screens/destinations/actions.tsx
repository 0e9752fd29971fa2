import { useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { type ReactNode, useState } from "react";
import { ApiError, call } from "../../api/client.ts";
import { useRequest } from "../../api/request.ts";
import { Button, buttonClass } from "../../parts/button.tsx";
import { Confirm } from "../../parts/dialog.tsx";
import { Problem } from "../../parts/notice.tsx";
import { Row } from "../../parts/page.tsx";
import { Text } from "../../parts/text.tsx";
import { SigningSecret } from "../subscriptions/actions.tsx";

interface ActionsProps {
  readonly name: string;
  readonly etag: string | undefined;
  readonly tenant: string;
  /** Called when something was done, or refused: what is shown may be another now. */
  readonly onChanged: () => Promise<void>;
  /** What else can be done. */
  readonly children?: ReactNode;
}

/** What can be done with a destination. */
export function DestinationActions({ name, etag: ifMatch, tenant, onChanged, children }: ActionsProps) {
  const queries = useQueryClient();
  const navigate = useNavigate();
  const [asked, setAsked] = useState<"delete" | "rotate">();
  const [secret, setSecret] = useState<string>();
  const [uses, setUses] = useState<Uses>();
  const rotating = useRequest({
    mutationFn: () => call("rotateDestinationSecret", { params: { name } }, { ifMatch }),
    onSuccess: ({ signing_secret: made }) => setSecret(made),
    onSettled: async () => {
      setAsked(undefined);
      await onChanged();
    },
  });
  const deleting = useRequest({
    mutationFn: (force: boolean) =>
      call("deleteDestination", { params: { name }, query: force ? { force: "true" } : {} }, { ifMatch }),
    onSuccess: async () => {
      await navigate({ to: "/t/$tenant/destinations", params: { tenant }, search: {} });
      queries.removeQueries({ queryKey: ["getDestination", name] });
      await queries.invalidateQueries({ queryKey: ["listDestinations"] });
    },
    onError: async (error) => {
      setAsked(undefined);
      setUses(usesIn(error));
      await onChanged();
    },
  });
  const failed = rotating.error ?? (uses === undefined ? deleting.error : null);
  return (
    <>
      {failed !== null && <Problem error={failed} />}
      <Row>
        <Link className={buttonClass()} to="/t/$tenant/destinations/$name/settings" params={{ tenant, name }}>
          Settings
        </Link>
        {children}
        <Button onClick={() => setAsked("rotate")}>New secret</Button>
        <Button look="danger" onClick={() => setAsked("delete")}>
          Delete
        </Button>
      </Row>
      <Confirm
        title="Make a new signing secret?"
        action="Make a new one"
        open={asked === "rotate"}
        busy={rotating.isPending}
        onConfirm={() => rotating.mutate()}
        onClose={() => setAsked(undefined)}
      >
        Everything that goes there is signed with it. The present one signs too for 24 hours, so that the receiver can
        be changed without a gap.
      </Confirm>
      <Confirm
        title="Delete this destination?"
        action="Delete"
        open={asked === "delete"}
        busy={deleting.isPending}
        onConfirm={() => deleting.mutate(false)}
        onClose={() => setAsked(undefined)}
      >
        It is not deleted while anything goes there.
      </Confirm>
      <Confirm
        title="It is in use"
        action="Delete, and pause them"
        open={uses !== undefined}
        busy={deleting.isPending}
        typed={name}
        onConfirm={() => deleting.mutate(true)}
        onClose={() => {
          setUses(undefined);
          deleting.reset();
        }}
      >
        {uses !== undefined && <InUse uses={uses} tenant={tenant} />}
      </Confirm>
      {secret !== undefined && <SigningSecret secret={secret} onClose={() => setSecret(undefined)} />}
    </>
  );
}

interface Uses {
  readonly users: number;
  /** The first of them. */
  readonly subscriptions: readonly { readonly id: string; readonly event: string }[];
}

/** What goes there, by a refusal that says so. */
function usesIn(error: unknown): Uses | undefined {
  if (!(error instanceof ApiError) || error.status !== 409) return undefined;
  const { users, subscriptions } = (error.data ?? {}) as Partial<Uses>;
  return typeof users === "number" && Array.isArray(subscriptions) ? { users, subscriptions } : undefined;
}

function InUse({ uses: { users, subscriptions }, tenant }: { readonly uses: Uses; readonly tenant: string }) {
  const more = users - subscriptions.length;
  return (
    <>
      <p>{users === 1 ? "1 subscription goes there:" : `${users.toLocaleString()} subscriptions go there:`}</p>
      <ul>
        {subscriptions.map(({ id, event }) => (
          <li key={id}>
            <Link to="/t/$tenant/subscriptions/$id" params={{ tenant, id }}>
              {event === "*" ? "any event" : <Text max={60}>{event}</Text>} <Text mono>{id}</Text>
            </Link>
          </li>
        ))}
        {more > 0 && <li>{more.toLocaleString()} more</li>}
      </ul>
      <p>
        Give them another target, or delete them. If it is deleted all the same they are paused, and keep what they get
        until they are given another target.
      </p>
    </>
  );
}

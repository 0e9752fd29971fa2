import { Link } from "@tanstack/react-router";
import { type ReactNode, useState } from "react";
import { useRequest } from "../../api/request.ts";
import { Button, buttonClass } from "../../parts/button.tsx";
import { Confirm } from "../../parts/dialog.tsx";
import { Problem } from "../../parts/notice.tsx";
import { Row } from "../../parts/page.tsx";
import { SecretOnce } from "../../parts/secret-once.tsx";
import { RedriveAll } from "../deliveries/redrive-all.tsx";
import { Verify } from "./verify.tsx";

export type SubscriptionAction = "delete" | "rotate" | "resume" | "enable" | "disable";

interface ActionsProps {
  readonly id: string;
  readonly tenant: string;
  /** What it is called where it is shown: a notification of a bucket is a subscription. */
  readonly noun: "notification" | "subscription";
  readonly enabled: boolean;
  readonly isPaused: boolean;
  /** Whether its requests are signed. */
  readonly isSigned: boolean;
  /** Does it; gives the new secret of `rotate`. */
  readonly act: (what: SubscriptionAction) => Promise<string | undefined>;
  /** Called when it was done, or refused. */
  readonly onSettled: (what: SubscriptionAction) => Promise<void>;
  /** What else can be done. */
  readonly children?: ReactNode;
}

/** What can be done with a subscription, of whichever face. */
export function SubscriptionActions({ act, onSettled, ...props }: ActionsProps) {
  const { id, tenant, noun, enabled, isPaused, isSigned, children } = props;
  const [asked, setAsked] = useState<"delete" | "rotate">();
  const [secret, setSecret] = useState<string>();
  const acting = useRequest({
    mutationFn: act,
    onSuccess: setSecret,
    onSettled: async (_secret, _error, what) => {
      setAsked(undefined);
      await onSettled(what);
    },
  });
  return (
    <>
      {acting.isError && <Problem error={acting.error} />}
      <Row>
        {children}
        <Link className={buttonClass()} to="/t/$tenant/deliveries" params={{ tenant }} search={{ rule: id }}>
          Deliveries
        </Link>
        <RedriveAll tenant={tenant} narrowed={{ rule: id }}>
          Redrive dead letters…
        </RedriveAll>
        {isPaused && (
          <Button busy={acting.isPending} onClick={() => acting.mutate("resume")}>
            Resume
          </Button>
        )}
        <Button busy={acting.isPending} onClick={() => acting.mutate(enabled ? "disable" : "enable")}>
          {enabled ? "Disable" : "Enable"}
        </Button>
        {isSigned && <Button onClick={() => setAsked("rotate")}>New secret</Button>}
        <Button look="danger" onClick={() => setAsked("delete")}>
          Delete
        </Button>
      </Row>
      <Confirm
        title={asked === "delete" ? `Delete this ${noun}?` : "Make a new signing secret?"}
        action={asked === "delete" ? "Delete" : "Make a new one"}
        open={asked !== undefined}
        busy={acting.isPending}
        onConfirm={() => asked !== undefined && acting.mutate(asked)}
        onClose={() => setAsked(undefined)}
      >
        {asked === "delete"
          ? "What waits for it is never sent, and it cannot be brought back. Its deliveries stay listed."
          : "The present one goes on for a while beside it, so that the receiver can be changed without a gap."}
      </Confirm>
      {secret !== undefined && <SigningSecret secret={secret} onClose={() => setSecret(undefined)} />}
    </>
  );
}

interface SigningSecretProps {
  readonly secret: string;
  readonly onClose: () => void;
}

export function SigningSecret({ secret, onClose }: SigningSecretProps) {
  return (
    <SecretOnce title="The signing secret" secrets={[{ name: "Signing secret", value: secret }]} onClose={onClose}>
      <Verify />
    </SecretOnce>
  );
}

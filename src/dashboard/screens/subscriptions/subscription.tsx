import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate, useParams } from "@tanstack/react-router";
import { useState } from "react";
import { call } from "../../api/client.ts";
import type { Subscription } from "../../api/operations.ts";
import { Button, buttonClass } from "../../parts/button.tsx";
import { CopyButton } from "../../parts/copy.tsx";
import { Confirm } from "../../parts/dialog.tsx";
import { Loading, Problem } from "../../parts/notice.tsx";
import { Card, Fact, Facts, Page, Row, Stack } from "../../parts/page.tsx";
import { SecretOnce } from "../../parts/secret-once.tsx";
import { Text } from "../../parts/text.tsx";
import { Time } from "../../parts/time.tsx";
import { SubscriptionStatus, TargetText } from "./target.tsx";

/** One subscription of any face. */
export function SubscriptionScreen() {
  const { tenant, id } = useParams({ from: "/t/$tenant/subscriptions/$id" });
  const subscription = useQuery({
    queryKey: ["getSubscription", id],
    queryFn: ({ signal }) => call("getSubscription", { params: { id } }, { signal }),
  });
  const { data } = subscription;
  return (
    <Page
      title="Subscription"
      lead={
        <Row>
          <Text mono>{id}</Text>
          <CopyButton text={id} what="the subscription's id" />
        </Row>
      }
    >
      {subscription.isPending && <Loading />}
      {subscription.isError && <Problem error={subscription.error} onRetry={() => void subscription.refetch()} />}
      {data !== undefined && (
        <Stack>
          <Summary data={data} tenant={tenant} />
          <Actions data={data} tenant={tenant} />
        </Stack>
      )}
    </Page>
  );
}

interface PartProps {
  readonly data: Subscription;
  readonly tenant: string;
}

function Summary({ data, tenant }: PartProps) {
  return (
    <Card>
      <Row>
        <SubscriptionStatus status={data.status} />
        <strong>
          <TargetText target={data.target} />
        </strong>
      </Row>
      {data.paused !== null && (
        <p>
          Paused since <Time at={data.paused.since} exact />: {pauses[data.paused.reason]}
        </p>
      )}
      <Facts>
        <Fact name="Event">
          <Text>{data.event}</Text>
        </Fact>
        <Fact name="Face">{data.face}</Fact>
        <Fact name="Resource">
          <Text mono>{data.resource}</Text>
        </Fact>
        {data.bucket !== null && (
          <Fact name="Bucket">
            <Link to="/t/$tenant/buckets/$bucket/settings" params={{ tenant, bucket: data.bucket }}>
              <Text>{data.bucket}</Text>
            </Link>
          </Fact>
        )}
        <Fact name="Filter">{data.filter === null ? "Every event" : <Text mono>{data.filter}</Text>}</Fact>
        <Fact name="Owner">
          <Text>{data.owner}</Text>
        </Fact>
        <Fact name="Created">
          <Time at={data.created_at} exact />
        </Fact>
        <Fact name="Changed">
          <Time at={data.updated_at} exact />
        </Fact>
      </Facts>
    </Card>
  );
}

const pauses: Readonly<Record<NonNullable<Subscription["paused"]>["reason"], string>> = {
  gone: "its receiver answered 410 Gone",
  disabled: "its function is disabled",
  owner_ended: "its owner has ended",
  owner_role: "its owner may not have it any more",
  filter: "its filter cannot be read",
};

type Asked = "delete" | "rotate";

function Actions({ data, tenant }: PartProps) {
  const queries = useQueryClient();
  const navigate = useNavigate();
  const [asked, setAsked] = useState<Asked>();
  const [secret, setSecret] = useState<string>();
  const params = { id: data.id };
  const act = useMutation({
    mutationFn: async (what: Asked | "resume" | "enable" | "disable") => {
      if (what === "delete") await call("deleteSubscription", { params });
      else if (what === "rotate") setSecret((await call("rotateSubscriptionSecret", { params })).signing_secret);
      else if (what === "resume") await call("resumeSubscription", { params });
      else await call("updateSubscription", { params, body: { enabled: what === "enable" } });
      return what;
    },
    onSuccess: async (what) => {
      if (what === "delete") await navigate({ to: "/t/$tenant/subscriptions", params: { tenant } });
      await queries.invalidateQueries({ queryKey: [what === "delete" ? "listSubscriptions" : "getSubscription"] });
    },
    onSettled: () => setAsked(undefined),
  });
  return (
    <Card title="What can be done">
      {act.isError && <Problem error={act.error} />}
      <Row>
        <Link className={buttonClass()} to="/t/$tenant/deliveries" params={{ tenant }} search={{ rule: data.id }}>
          Deliveries
        </Link>
        {data.paused !== null && (
          <Button busy={act.isPending} onClick={() => act.mutate("resume")}>
            Resume
          </Button>
        )}
        <Button busy={act.isPending} onClick={() => act.mutate(data.enabled ? "disable" : "enable")}>
          {data.enabled ? "Disable" : "Enable"}
        </Button>
        {data.target.type === "webhook" && <Button onClick={() => setAsked("rotate")}>New secret</Button>}
        <Button look="danger" onClick={() => setAsked("delete")}>
          Delete
        </Button>
      </Row>
      <Confirm
        title={asked === "delete" ? "Delete this subscription?" : "Make a new signing secret?"}
        action={asked === "delete" ? "Delete" : "Make a new one"}
        open={asked !== undefined}
        busy={act.isPending}
        onConfirm={() => asked !== undefined && act.mutate(asked)}
        onClose={() => setAsked(undefined)}
      >
        {asked === "delete"
          ? "What waits for it is never sent, and it cannot be brought back. Its deliveries stay listed."
          : "The present one goes on for a while beside it, so that the receiver can be changed without a gap."}
      </Confirm>
      {secret !== undefined && (
        <SecretOnce
          title="The signing secret"
          secrets={[{ name: "Signing secret", value: secret }]}
          onClose={() => setSecret(undefined)}
        />
      )}
    </Card>
  );
}

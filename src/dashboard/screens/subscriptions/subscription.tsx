import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate, useParams } from "@tanstack/react-router";
import type { Health, Subscription } from "../../../client/operations.ts";
import { call, see } from "../../api/client.ts";
import { buttonClass } from "../../parts/button.tsx";
import { Id } from "../../parts/copy.tsx";
import { Countdown } from "../../parts/countdown.tsx";
import { Loaded } from "../../parts/loaded.tsx";
import { Card, Fact, Facts, Page, Row, Stack } from "../../parts/page.tsx";
import { TargetText } from "../../parts/subscription-name.tsx";
import { Text } from "../../parts/text.tsx";
import { Time } from "../../parts/time.tsx";
import { Figures } from "../figures/figures.tsx";
import { rangeOf } from "../figures/ranges.ts";
import { type SubscriptionAction, SubscriptionActions } from "./actions.tsx";
import { HealthFacts, HealthReason, HealthStatus } from "./health.tsx";
import { about, DestinationLink, EventName, SubscriptionStatus } from "./target.tsx";

/** One subscription of any face. */
export function SubscriptionScreen() {
  const { tenant, id } = useParams({ from: "/t/$tenant/subscriptions/$id" });
  const subscription = useQuery({
    queryKey: ["getSubscription", id, "seen"],
    queryFn: ({ signal }) => see("getSubscription", { params: { id }, query: { include: "health" } }, { signal }),
  });
  return (
    <Page title="Subscription" lead={<Id id={id} of="subscription" />}>
      <Loaded state={subscription}>
        {({ data, etag }) => (
          <Stack>
            <Summary data={data} etag={etag} tenant={tenant} />
            {data.health !== undefined && <Fares health={data.health} />}
            <Figures tenant={tenant} range={day} rule={id} />
          </Stack>
        )}
      </Loaded>
    </Page>
  );
}

const day = rangeOf("24h");

function Fares({ health }: { readonly health: Health }) {
  return (
    <Card title="Health">
      <Row>
        <HealthStatus health={health} /> <HealthReason health={health} />
      </Row>
      <Facts>
        <HealthFacts health={health} />
      </Facts>
    </Card>
  );
}

interface SeenProps {
  readonly data: Subscription;
  readonly etag: string | undefined;
  readonly tenant: string;
}

function Summary({ data, etag, tenant }: SeenProps) {
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
      {data.confirmation !== null && (
        <p>
          Waits for the owner of the address: <Text max={400}>{data.confirmation.message}</Text>
          {data.confirmation.next_at !== null && (
            <>
              {" "}
              Asked next <Time at={data.confirmation.next_at} />.
            </>
          )}
        </p>
      )}
      {data.previous_secret_until !== null && (
        <p>
          The signing secret before the present one signs too until <Time at={data.previous_secret_until} exact />:{" "}
          <Countdown until={data.previous_secret_until} over="it is over" />
        </p>
      )}
      <Facts>
        <Fact name="Event">
          <EventName event={data.event} />
        </Fact>
        <Fact name="About">{about[data.face]}</Fact>
        {data.target.type === "destination" && data.paused?.reason !== "destination" && (
          <Fact name="Destination">
            <DestinationLink name={data.target.name} tenant={tenant} />
          </Fact>
        )}
        {data.bucket === null && (
          <Fact name="Resource">
            <Text mono>{data.resource}</Text>
          </Fact>
        )}
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
      <Actions data={data} etag={etag} tenant={tenant} />
    </Card>
  );
}

const pauses: Readonly<Record<NonNullable<Subscription["paused"]>["reason"], string>> = {
  gone: "its receiver answered 410 Gone",
  disabled: "its function is disabled",
  owner_ended: "its owner has ended",
  owner_role: "its owner may not have it any more",
  filter: "its filter cannot be read",
  destination: "its destination was deleted",
};

function Actions({ data, etag: ifMatch, tenant }: SeenProps) {
  const queries = useQueryClient();
  const navigate = useNavigate();
  const { id } = data;
  const act = async (what: SubscriptionAction): Promise<string | undefined> => {
    const params = { id };
    const at = { ifMatch };
    if (what === "rotate") return (await call("rotateSubscriptionSecret", { params }, at)).signing_secret;
    if (what === "resume") await call("resumeSubscription", { params }, at);
    else if (what !== "delete") await call("updateSubscription", { params, body: { enabled: what === "enable" } }, at);
    else {
      await call("deleteSubscription", { params }, at);
      await navigate({ to: "/t/$tenant/subscriptions", params: { tenant } });
    }
    return undefined;
  };
  return (
    <>
      <SubscriptionActions
        id={id}
        tenant={tenant}
        noun="subscription"
        enabled={data.enabled}
        isPaused={data.paused !== null}
        isSigned={data.target.type === "webhook"}
        act={act}
        onSettled={(what) =>
          queries.invalidateQueries({ queryKey: what === "delete" ? ["listSubscriptions"] : ["getSubscription", id] })
        }
      >
        <Link className={buttonClass()} to="/t/$tenant/subscriptions/$id/settings" params={{ tenant, id }}>
          Settings
        </Link>
      </SubscriptionActions>
    </>
  );
}

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { type Answer, call } from "../../api/client.ts";
import { useNews } from "../../api/live.ts";
import { useRequest } from "../../api/request.ts";
import { Button } from "../../parts/button.tsx";
import { CopyButton, Id } from "../../parts/copy.tsx";
import { FunctionLink } from "../../parts/function-name.tsx";
import { Loaded } from "../../parts/loaded.tsx";
import { LongText } from "../../parts/long-text.tsx";
import { Problem } from "../../parts/notice.tsx";
import { Card, Fact, Facts, Page, Stack } from "../../parts/page.tsx";
import { reasonText } from "../../parts/reason.ts";
import { SubscriptionName } from "../../parts/subscription-name.tsx";
import { Text } from "../../parts/text.tsx";
import { Time } from "../../parts/time.tsx";
import { Attempts } from "./attempts.tsx";
import { DeliveryStatus } from "./delivery-status.tsx";

interface AttemptSearch {
  readonly attempt?: string | undefined;
  readonly beside?: string | undefined;
}

/** What waits is looked at again when its next attempt should have been made: not more often than this, and not less often than that. */
const [soonestMs, latestMs] = [2_000, 60_000];

function lookAgainMs(data: Answer<"getDelivery"> | undefined): number | false {
  if (data?.status !== "waiting") return false;
  const dueMs = data.next_attempt_at === null ? 0 : Date.parse(data.next_attempt_at) - Date.now() + 500;
  return Math.min(Math.max(dueMs, soonestMs), latestMs);
}

export function DeliveryScreen() {
  const { tenant, id } = useParams({ from: "/t/$tenant/deliveries/$id" });
  const { attempt, beside } = useSearch({ from: "/t/$tenant/deliveries/$id" });
  const navigate = useNavigate({ from: "/t/$tenant/deliveries/$id" });
  const queries = useQueryClient();
  const delivery = useQuery({
    queryKey: ["getDelivery", id],
    queryFn: ({ signal }) => call("getDelivery", { params: { id } }, { signal }),
    refetchInterval: ({ state }) => lookAgainMs(state.data),
  });
  useNews(["deliveries"], (news) => {
    if (news.some(({ event, data }) => event === "gap" || data["id"] === id)) {
      void queries.invalidateQueries({ queryKey: ["getDelivery", id] });
    }
  });
  const redrive = useRequest({
    mutationFn: () => call("redriveDelivery", { params: { id } }),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["getDelivery", id] }),
  });
  const { data } = delivery;
  return (
    <Page
      title="Delivery"
      lead={<Id id={id} of="delivery" />}
      actions={
        data !== undefined && (
          <>
            <CopyButton text={window.location.href} what="link to this delivery" shown="Copy link" />
            <Button
              look="primary"
              busy={redrive.isPending}
              disabled={data.status === "waiting" || data.status === "paused"}
              onClick={() => redrive.mutate()}
            >
              Send again
            </Button>
          </>
        )
      }
    >
      <Loaded state={delivery}>
        {(known) => (
          <Stack>
            {redrive.isError && <Problem error={redrive.error} />}
            <Summary data={known} tenant={tenant} />
            <Attempts
              id={id}
              attempts={known.attempts}
              at={numbered(attempt)}
              beside={numbered(beside)}
              onChoose={(numbers) =>
                void navigate({
                  search: (before: AttemptSearch) => ({
                    ...before,
                    ...("at" in numbers ? { attempt: String(numbers.at) } : {}),
                    ...("beside" in numbers
                      ? { beside: numbers.beside === undefined ? undefined : String(numbers.beside) }
                      : {}),
                  }),
                  replace: true,
                })
              }
            />
          </Stack>
        )}
      </Loaded>
    </Page>
  );
}

function numbered(text: string | undefined): number | undefined {
  return text === undefined ? undefined : Number(text);
}

function Summary({ data, tenant }: { readonly data: Answer<"getDelivery">; readonly tenant: string }) {
  const { event, bucket } = data;
  return (
    <Card title={sentence(data)}>
      <Facts>
        <Fact name="Status">
          <DeliveryStatus status={data.status} />
        </Fact>
        <Fact name="Event">
          <Text mono>{event.name}</Text>, <Time at={event.time} exact />
        </Fact>
        {event.key !== null && (
          <Fact name="Object">
            <LongText>{event.key}</LongText>{" "}
            {bucket !== null && (
              <Link to="/t/$tenant/buckets/$bucket/explain" params={{ tenant, bucket }} search={{ key: event.key }}>
                Who was notified?
              </Link>
            )}
          </Fact>
        )}
        {bucket !== null && (
          <Fact name="Bucket">
            <Link to="/t/$tenant/buckets/$bucket/settings" params={{ tenant, bucket }}>
              <Text>{bucket}</Text>
            </Link>
          </Fact>
        )}
        <Fact name="To">
          {data.function_id === null ? <Text mono>{data.target}</Text> : <FunctionLink id={data.function_id} />}
        </Fact>
        <Fact name="Subscription">
          <Link to="/t/$tenant/subscriptions/$id" params={{ tenant, id: data.rule }}>
            {/* A function's name stands beside it already, and leads to the function. */}
            {data.function_id === null ? <SubscriptionName id={data.rule} /> : <Text mono>{data.rule}</Text>}
          </Link>
        </Fact>
        <Fact name="Other deliveries of the resource">
          <Link to="/t/$tenant/deliveries" params={{ tenant }} search={{ resource: event.resource }}>
            <Text mono>{event.resource}</Text>
          </Link>
        </Fact>
        <Fact name="Event id">
          <Link to="/t/$tenant/events/$id" params={{ tenant, id: event.id }}>
            <Text mono>{event.id}</Text>
          </Link>
        </Fact>
        {data.next_attempt_at !== null && (
          <Fact name="Next attempt">
            <Time at={data.next_attempt_at} />
          </Fact>
        )}
      </Facts>
    </Card>
  );
}

function sentence({ status, attempt_count: count, reason, attempts }: Answer<"getDelivery">): string {
  const tries = `${count} ${count === 1 ? "attempt" : "attempts"}`;
  switch (status) {
    case "delivered":
      return `Delivered after ${tries}`;
    case "dead":
      return `Dead after ${tries}${reason === null ? "" : `: ${reasonText(reason, attempts.at(-1)?.status)}`}`;
    case "paused":
      return "Waits until its subscription goes on";
    case "waiting":
      return count === 0 ? "Waits for its first attempt" : `Waits for another try, after ${tries}`;
  }
}

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { useState } from "react";
import { type Answer, call } from "../../api/client.ts";
import type { Attempt } from "../../api/operations.ts";
import { Button } from "../../parts/button.tsx";
import { Id } from "../../parts/copy.tsx";
import { Loaded } from "../../parts/loaded.tsx";
import { Problem } from "../../parts/notice.tsx";
import { Card, Fact, Facts, Page, Row, Stack } from "../../parts/page.tsx";
import { Status } from "../../parts/status.tsx";
import { Text, TextBlock } from "../../parts/text.tsx";
import { duration, Time } from "../../parts/time.tsx";
import { AttemptDetails } from "./attempt-detail.tsx";
import { DeliveryStatus } from "./delivery-status.tsx";

/** So often a delivery is looked at again while something may still become of it. */
const refreshMs = 2_000;

export function DeliveryScreen() {
  const { tenant, id } = useParams({ from: "/t/$tenant/deliveries/$id" });
  const queries = useQueryClient();
  const delivery = useQuery({
    queryKey: ["getDelivery", id],
    queryFn: ({ signal }) => call("getDelivery", { params: { id } }, { signal }),
    refetchInterval: ({ state }) => (state.data?.status === "waiting" ? refreshMs : false),
  });
  const redrive = useMutation({
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
          <Button
            look="primary"
            busy={redrive.isPending}
            disabled={data.status === "waiting" || data.status === "paused"}
            onClick={() => redrive.mutate()}
          >
            Send again
          </Button>
        )
      }
    >
      <Loaded state={delivery}>
        {(known) => (
          <Stack>
            {redrive.isError && <Problem error={redrive.error} />}
            <Summary data={known} tenant={tenant} />
            {known.attempts.length === 0 && <p>No attempt is recorded yet.</p>}
            {known.attempts.toReversed().map((attempt) => (
              <AttemptCard key={attempt.number} id={id} attempt={attempt} />
            ))}
          </Stack>
        )}
      </Loaded>
    </Page>
  );
}

function Summary({ data, tenant }: { readonly data: Answer<"getDelivery">; readonly tenant: string }) {
  const { event } = data;
  return (
    <Card title={sentence(data)}>
      <Facts>
        <Fact name="Status">
          <DeliveryStatus status={data.status} />
        </Fact>
        <Fact name="Event">
          {event.name}, <Time at={event.time} exact />
        </Fact>
        {event.key !== null && (
          <Fact name="Object">
            <Text mono max={1_024}>
              {event.key}
            </Text>
          </Fact>
        )}
        {data.bucket !== null && (
          <Fact name="Bucket">
            <Link to="/t/$tenant/buckets/$bucket/settings" params={{ tenant, bucket: data.bucket }}>
              <Text>{data.bucket}</Text>
            </Link>
          </Fact>
        )}
        <Fact name="Subscription">
          <Link to="/t/$tenant/subscriptions/$id" params={{ tenant, id: data.rule }}>
            <Text mono>{data.rule}</Text>
          </Link>
        </Fact>
        <Fact name="Event id">
          <Text mono>{event.id}</Text>
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

function sentence({ status, attempt_count: count, reason }: Answer<"getDelivery">): string {
  const tries = `${count} ${count === 1 ? "attempt" : "attempts"}`;
  switch (status) {
    case "delivered":
      return `Delivered after ${tries}`;
    case "dead":
      return `Dead after ${tries}${reason === null ? "" : `: ${reason}`}`;
    case "paused":
      return "Waits until its subscription goes on";
    case "waiting":
      return count === 0 ? "Waits for its first attempt" : `Waits for another try, after ${tries}`;
  }
}

function AttemptCard({ id, attempt }: { readonly id: string; readonly attempt: Attempt }) {
  const [isOpen, setOpen] = useState(false);
  return (
    <Card title={`Attempt ${attempt.number}`}>
      <Row>
        <Status tone={attempt.reason === null ? "good" : "bad"}>{attempt.reason ?? "acknowledged"}</Status>
        <span>{attempt.status === null ? "no answer" : `answered ${attempt.status}`}</span>
        <span>in {duration(attempt.duration_ms)}</span>
        <Time at={attempt.started_at} exact />
      </Row>
      {attempt.error !== null && (
        <p>
          <Text max={1_000}>{attempt.error}</Text>
        </p>
      )}
      {attempt.snippet !== null && attempt.snippet !== "" && (
        <TextBlock label="The answer's body">{attempt.snippet}</TextBlock>
      )}
      <div>
        <Button aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
          {isOpen ? "Hide what was sent" : "Show what was sent"}
        </Button>
      </div>
      {isOpen && <AttemptDetails id={id} number={attempt.number} />}
    </Card>
  );
}

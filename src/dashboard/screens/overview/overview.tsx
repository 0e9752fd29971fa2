import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { call } from "../../api/client.ts";
import { useList } from "../../api/list.ts";
import { buttonClass } from "../../parts/button.tsx";
import { List } from "../../parts/list.tsx";
import { Card, Page, Stack } from "../../parts/page.tsx";
import { Table } from "../../parts/table.tsx";
import { Time } from "../../parts/time.tsx";
import { EventLink } from "../deliveries/event-link.tsx";
import { SubscriptionStatus, TargetLink } from "../subscriptions/target.tsx";
import { Begin } from "./begin.tsx";

/** So often it is looked at again. */
const refreshMs = 10_000;

/** How it is, in a sentence; then what has to be mended. */
export function Overview() {
  const { tenant } = useParams({ from: "/t/$tenant" });
  const dead = useQuery({
    queryKey: ["deadLetters"],
    queryFn: ({ signal }) => call("createRedrive", { body: { dry_run: true } }, { signal }),
    refetchInterval: refreshMs,
  });
  const paused = useList("listSubscriptions", { query: { status: "paused", limit: 10 }, refreshMs });
  const any = useList("listSubscriptions", { query: { limit: 1 } });
  const isNew = any.data !== undefined && any.data.pages.every(({ subscriptions }) => subscriptions.length === 0);
  const count = dead.data !== undefined && "dead_letters" in dead.data ? dead.data : undefined;
  const pausedCount = paused.data?.pages.flatMap(({ subscriptions }) => subscriptions).length;
  return (
    <Page
      title="Overview"
      lead={
        count !== undefined && pausedCount !== undefined ? (
          <span aria-live="polite">
            {sentence({
              dead: count.dead_letters,
              moreDead: count.more,
              paused: pausedCount,
              morePaused: paused.hasNextPage,
            })}
          </span>
        ) : undefined
      }
      actions={
        <Link className={buttonClass()} to="/t/$tenant/deliveries" params={{ tenant }} search={{ status: "dead" }}>
          Dead letters
        </Link>
      }
    >
      <Stack>
        {isNew && <Begin tenant={tenant} />}
        <Card title="Paused subscriptions">
          <List state={paused} itemsOf={(page) => page.subscriptions} empty={<p>None is paused.</p>}>
            {(items) => (
              <Table
                label="Paused subscriptions"
                items={items}
                keyOf={({ id }) => id}
                columns={[
                  { name: "Status", cell: ({ status }) => <SubscriptionStatus status={status} /> },
                  {
                    name: "Target",
                    wide: true,
                    cell: (subscription) => <TargetLink subscription={subscription} tenant={tenant} />,
                  },
                  { name: "Why", cell: ({ paused: pause }) => pause?.reason ?? "–" },
                  { name: "Since", cell: ({ paused: pause }) => (pause === null ? "–" : <Time at={pause.since} />) },
                ]}
              />
            )}
          </List>
        </Card>
        <Card title="Newest dead letters">
          <NewestDead tenant={tenant} />
        </Card>
      </Stack>
    </Page>
  );
}

function NewestDead({ tenant }: { readonly tenant: string }) {
  const list = useList("listDeliveries", { query: { status: ["dead"], limit: 10 }, refreshMs });
  return (
    <List state={list} itemsOf={(page) => page.deliveries} empty={<p>There is no dead letter.</p>}>
      {(items) => (
        <Table
          label="Newest dead letters"
          items={items}
          keyOf={({ id }) => id}
          columns={[
            { name: "Event", cell: ({ event }) => <Time at={event.time} /> },
            {
              name: "What",
              wide: true,
              cell: (delivery) => <EventLink delivery={delivery} tenant={tenant} />,
            },
            { name: "Why", cell: ({ reason }) => reason ?? "–" },
            { name: "Last answer", cell: ({ last_attempt }) => last_attempt?.status ?? "none" },
          ]}
        />
      )}
    </List>
  );
}

interface Counts {
  readonly dead: number;
  readonly moreDead: boolean;
  readonly paused: number;
  readonly morePaused: boolean;
}

function sentence({ dead, moreDead, paused, morePaused }: Counts): string {
  if (dead === 0 && paused === 0) return "All is well: no dead letter, and no subscription is paused.";
  const letters = `${dead.toLocaleString("en")}${moreDead ? " or more" : ""} dead ${dead === 1 ? "letter" : "letters"}`;
  const subscriptions = `${paused}${morePaused ? " or more" : ""} ${paused === 1 ? "subscription is" : "subscriptions are"} paused`;
  return `${letters}; ${subscriptions}.`;
}

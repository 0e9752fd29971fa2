import { useQuery } from "@tanstack/react-query";
import { Link, useParams, useSearch } from "@tanstack/react-router";
import { type Answer, call } from "../../api/client.ts";
import { useList } from "../../api/list.ts";
import { List } from "../../parts/list.tsx";
import { Loaded } from "../../parts/loaded.tsx";
import { Card, Page, Stack } from "../../parts/page.tsx";
import { reasonText } from "../../parts/reason.ts";
import { Table } from "../../parts/table.tsx";
import { Time } from "../../parts/time.tsx";
import { DeliveryStatus } from "../deliveries/delivery-status.tsx";
import { EventLink } from "../deliveries/event-link.tsx";
import { Figures } from "../figures/figures.tsx";
import { rangeOf, ranges } from "../figures/ranges.ts";
import { figure } from "../subscriptions/health.tsx";
import { Attention } from "./attention.tsx";
import { Begin } from "./begin.tsx";
import styles from "./overview.module.css";

type OverviewData = Answer<"getOverview">;

/** So often it is looked at again. */
const refreshMs = 10_000;

/** How it is, in a sentence; then what was sent, what has to be mended, and what failed last. */
export function Overview() {
  const { tenant } = useParams({ from: "/t/$tenant" });
  const range = rangeOf(useSearch({ from: "/t/$tenant/" }).range);
  const overview = useQuery({
    queryKey: ["getOverview"],
    queryFn: ({ signal }) => call("getOverview", {}, { signal }),
    refetchInterval: refreshMs,
  });
  return (
    <Page
      title="Overview"
      lead={overview.data === undefined ? undefined : <State data={overview.data} />}
      actions={
        <nav className={styles["ranges"]} aria-label="Time that is shown">
          {ranges.map(({ name, label }) => (
            <Link
              key={name}
              to="/t/$tenant"
              params={{ tenant }}
              search={name === ranges[0].name ? {} : { range: name }}
              activeOptions={{ exact: true }}
              aria-current={name === range.name ? "page" : undefined}
              replace
            >
              {label}
            </Link>
          ))}
        </nav>
      }
    >
      <Loaded state={overview}>
        {(data) => (
          <Stack>
            {data.subscriptions.total === 0 && <Begin tenant={tenant} />}
            <Figures tenant={tenant} range={range} />
            {data.subscriptions.total > 0 && (
              <div className={styles["columns"]}>
                <Attention tenant={tenant} troubled={data.needs_attention} />
                <Card title="Newest failures">
                  <NewestFailures tenant={tenant} />
                </Card>
              </div>
            )}
          </Stack>
        )}
      </Loaded>
    </Page>
  );
}

function NewestFailures({ tenant }: { readonly tenant: string }) {
  const list = useList("listDeliveries", {
    query: { status: ["dead", "waiting", "paused"], min_attempts: 1, limit: 10 },
    refreshMs,
  });
  const first = list.data?.pages.slice(0, 1);
  // Only the first page: the whole list is behind the link.
  const state = { ...list, hasNextPage: false, data: first === undefined ? undefined : { pages: first } };
  return (
    <List state={state} itemsOf={(page) => page.deliveries} empty={<p>Nothing has failed.</p>}>
      {(items) => (
        <Table
          label="Newest failures"
          items={items}
          keyOf={({ id }) => id}
          columns={[
            { name: "Time", cell: ({ event }) => <Time at={event.time} /> },
            { name: "What", wide: true, cell: (delivery) => <EventLink delivery={delivery} tenant={tenant} /> },
            {
              name: "Why",
              cell: ({ reason, last_attempt: last }) =>
                last?.status === null || last?.status === undefined ? (
                  reasonText(last?.reason ?? reason ?? "–")
                ) : (
                  <span className={styles["status"]}>HTTP {last.status}</span>
                ),
            },
            { name: "Attempts", isNumber: true, cell: ({ attempt_count: attempts }) => figure(attempts) },
            { name: "Now", cell: ({ status }) => <DeliveryStatus status={status} /> },
          ]}
        />
      )}
    </List>
  );
}

/** The state of all in a sentence, said when it changes. */
function State({ data }: { readonly data: OverviewData }) {
  const { oldest_waiting_at: oldest } = data;
  return (
    <>
      <span aria-live="polite">{sentence(data)}</span>
      {oldest !== null && (
        <>
          {" "}
          · the oldest that waits: <Time at={oldest} />
        </>
      )}
    </>
  );
}

/** What the whole tenant has of them is counted no further. */
const mostCounted = 100_000;

function sentence({ subscriptions, dead, waiting }: OverviewData): string {
  const { total, more, failing, paused, slow } = subscriptions;
  if (total === 0) return "There is no subscription yet.";
  const bad = [
    ...(failing > 0 ? [`${figure(failing)} failing`] : []),
    ...(paused > 0 ? [`${figure(paused)} paused`] : []),
    ...(slow > 0 ? [`${figure(slow)} slow`] : []),
  ];
  const all = `${figure(total)}${more ? " or more" : ""} ${total === 1 ? "subscription" : "subscriptions"}`;
  const open = [
    ...(dead > 0 ? [`${counted(dead)} dead ${dead === 1 ? "letter" : "letters"}`] : []),
    ...(waiting > 0 ? [`${counted(waiting)} waiting`] : []),
  ];
  const fare = bad.length === 0 ? `All is well with ${all}` : `${all}, ${bad.join(", ")}`;
  return [fare, ...(open.length === 0 ? ["no dead letters"] : open)].join(" · ");
}

function counted(value: number): string {
  return `${figure(value)}${value === mostCounted ? " or more" : ""}`;
}

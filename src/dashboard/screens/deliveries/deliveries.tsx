import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useList } from "../../api/list.ts";
import type { Delivery } from "../../api/operations.ts";
import { Button } from "../../parts/button.tsx";
import { SearchField, SelectField } from "../../parts/field.tsx";
import { List } from "../../parts/list.tsx";
import { Empty } from "../../parts/notice.tsx";
import { Card, Page, Stack } from "../../parts/page.tsx";
import { Table } from "../../parts/table.tsx";
import { Text } from "../../parts/text.tsx";
import { Time } from "../../parts/time.tsx";
import styles from "./deliveries.module.css";
import { DeliveryStatus } from "./delivery-status.tsx";
import { EventLink } from "./event-link.tsx";
import { RedriveAll } from "./redrive-all.tsx";

const statuses = [
  { value: "all", label: "All" },
  { value: "waiting", label: "Waiting" },
  { value: "delivered", label: "Delivered" },
  { value: "dead", label: "Dead" },
  { value: "paused", label: "Paused" },
] as const;

/** What became of events, newest first; every filter is in the address. */
export function Deliveries() {
  const { tenant } = useParams({ from: "/t/$tenant" });
  const search = useSearch({ from: "/t/$tenant/deliveries" });
  const navigate = useNavigate({ from: "/t/$tenant/deliveries" });
  const { bucket, rule, since, until } = search;
  const status = statuses.find(({ value }) => value === search.status)?.value ?? "all";
  const narrowed = {
    ...(bucket === undefined ? {} : { bucket }),
    ...(rule === undefined ? {} : { rule }),
    ...(since === undefined ? {} : { since }),
    ...(until === undefined ? {} : { until }),
  };
  const list = useList("listDeliveries", {
    query: { limit: 50, ...narrowed, ...(status === "all" ? {} : { status: [status] }) },
  });
  const set = (name: "status" | "bucket" | "rule", value: string): void =>
    void navigate({
      search: (before) => ({ ...before, [name]: value === "" ? undefined : value }),
      replace: true,
    });
  return (
    <Page
      title="Deliveries"
      lead="One for each event that a subscription wanted, newest event first."
      actions={
        <>
          <Button busy={list.isRefetching} onClick={() => void list.refetch()}>
            Refresh
          </Button>
          <RedriveAll tenant={tenant} narrowed={narrowed} />
        </>
      }
    >
      <Stack>
        <Card>
          <div className={styles["filters"]}>
            <SelectField
              label="Status"
              value={status}
              options={statuses}
              onValue={(value) => set("status", value === "all" ? "" : value)}
            />
            <SearchField label="Bucket" value={bucket ?? ""} onSearch={(value) => set("bucket", value)} />
            <SearchField label="Subscription" mono value={rule ?? ""} onSearch={(value) => set("rule", value)} />
          </div>
        </Card>
        <List
          state={list}
          itemsOf={(page) => page.deliveries}
          empty={
            <Empty title="Nothing fits">
              <p>No delivery that you see is like this. Widen what you look for, or wait for an event.</p>
            </Empty>
          }
        >
          {(items) => <DeliveryTable items={items} tenant={tenant} />}
        </List>
      </Stack>
    </Page>
  );
}

interface DeliveryTableProps {
  readonly items: readonly Delivery[];
  readonly tenant: string;
}

function DeliveryTable({ items, tenant }: DeliveryTableProps) {
  return (
    <Table
      label="Deliveries"
      items={items}
      keyOf={({ id }) => id}
      columns={[
        { name: "Status", cell: ({ status }) => <DeliveryStatus status={status} /> },
        { name: "Event", cell: ({ event }) => <Time at={event.time} /> },
        {
          name: "What",
          wide: true,
          cell: (delivery) => <EventLink delivery={delivery} tenant={tenant} />,
        },
        { name: "Bucket", cell: ({ bucket }) => (bucket === null ? "–" : <Text max={40}>{bucket}</Text>) },
        { name: "Attempts", isNumber: true, cell: ({ attempt_count }) => attempt_count },
        {
          name: "Last answer",
          cell: ({ last_attempt }) =>
            last_attempt === null ? "–" : (last_attempt.status ?? last_attempt.reason ?? "acknowledged"),
        },
      ]}
    />
  );
}

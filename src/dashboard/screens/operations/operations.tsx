import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import type { Decision } from "../../../client/operations.ts";
import { defined } from "../../../domain/defined.ts";
import { useList } from "../../api/list.ts";
import { Button } from "../../parts/button.tsx";
import { SearchField, SelectField } from "../../parts/field.tsx";
import { List } from "../../parts/list.tsx";
import { Empty } from "../../parts/notice.tsx";
import { Card, Page, Stack } from "../../parts/page.tsx";
import { Table } from "../../parts/table.tsx";
import { Text } from "../../parts/text.tsx";
import { duration, Time } from "../../parts/time.tsx";
import styles from "../deliveries/deliveries.module.css";
import { hookSaid } from "./hook-said.ts";
import { OutcomeStatus } from "./outcome-status.tsx";

const outcomes = [
  { value: "all", label: "All" },
  { value: "allowed", label: "Allowed" },
  { value: "denied", label: "Denied" },
  { value: "failed", label: "Failed" },
] as const;

/** Operations that hooks were asked about, newest first; what narrows the list is in the address. */
export function OperationsScreen() {
  const { tenant } = useParams({ from: "/t/$tenant" });
  const search = useSearch({ from: "/t/$tenant/operations" });
  const navigate = useNavigate({ from: "/t/$tenant/operations" });
  const { event, resource, since, until } = search;
  const outcome = outcomes.find(({ value }) => value === search.outcome)?.value ?? "all";
  const fn = /^[1-9]\d{0,8}$/.test(search.function ?? "") ? Number(search.function) : undefined;
  const list = useList("listOperations", {
    query: {
      limit: 50,
      ...defined({ event, resource, since, until, function: fn }),
      ...(outcome === "all" ? {} : { outcome }),
    },
  });
  const set = (name: keyof typeof search, value: string): void =>
    void navigate({ search: (before) => ({ ...before, [name]: value === "" ? undefined : value }), replace: true });
  return (
    <Page
      title="Operations"
      lead="What functions were asked about before it was done, and what they said. Newest first."
      actions={
        <Button busy={list.isRefetching} onClick={() => void list.refetch()}>
          Refresh
        </Button>
      }
    >
      <Stack>
        <Card>
          <div className={styles["filters"]}>
            <SelectField
              label="Outcome"
              value={outcome}
              options={outcomes}
              onValue={(value) => set("outcome", value === "all" ? "" : value)}
            />
            <SearchField label="Event" value={event ?? ""} onSearch={(value) => set("event", value)} />
            <SearchField
              label="Function number"
              value={search.function ?? ""}
              onSearch={(value) => set("function", value)}
            />
            <SearchField label="Resource" mono value={resource ?? ""} onSearch={(value) => set("resource", value)} />
          </div>
        </Card>
        <List
          state={list}
          itemsOf={(page) => page.operations}
          empty={
            <Empty title="No operation like this">
              <p>
                Only operations with hooks are kept here: subscribe a function to a PRE event, such as PRE_USER_CREATE,
                and it is asked before each.
              </p>
            </Empty>
          }
        >
          {(items) => <OperationTable items={items} tenant={tenant} />}
        </List>
      </Stack>
    </Page>
  );
}

function OperationTable({ items, tenant }: { readonly items: readonly Decision[]; readonly tenant: string }) {
  return (
    <Table
      label="Operations"
      items={items}
      keyOf={({ operation_id }) => operation_id}
      columns={[
        { name: "Outcome", cell: ({ outcome }) => <OutcomeStatus outcome={outcome} /> },
        { name: "Time", cell: ({ decided_at }) => <Time at={decided_at} /> },
        {
          name: "Event",
          cell: ({ operation_id: id, event }) => (
            <Link to="/t/$tenant/operations/$id" params={{ tenant, id }}>
              {event}
            </Link>
          ),
        },
        { name: "Why", wide: true, cell: (decision) => <Why decision={decision} /> },
        { name: "By", cell: ({ actor, origin }) => <Text max={40}>{actor ?? origin}</Text> },
        { name: "Took", isNumber: true, cell: ({ duration_ms }) => duration(duration_ms) },
      ]}
    />
  );
}

/** Of one that was allowed how many agreed; of others who did not, and why. */
function Why({ decision: { outcome, hooks } }: { readonly decision: Decision }) {
  const asked = hooks.filter(({ skipped }) => skipped === null);
  const against = asked.find((hook) => hookSaid(hook).tone !== "good");
  if (outcome === "allowed" || against === undefined) {
    return <>{`${asked.length} ${asked.length === 1 ? "hook" : "hooks"} asked`}</>;
  }
  const { word, why } = hookSaid(against);
  return (
    <>
      <Text max={60}>{against.function_name ?? `function ${against.function_id}`}</Text> {word}
      {why !== undefined && (
        <>
          : <Text max={160}>{why}</Text>
        </>
      )}
    </>
  );
}

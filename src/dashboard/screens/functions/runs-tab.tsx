import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import type { AppFunction } from "../../../client/operations.ts";
import { call } from "../../api/client.ts";
import { useList } from "../../api/list.ts";
import { SelectField } from "../../parts/field.tsx";
import { List } from "../../parts/list.tsx";
import { Loaded } from "../../parts/loaded.tsx";
import { Empty } from "../../parts/notice.tsx";
import { Card, Fact, Facts, Stack } from "../../parts/page.tsx";
import { Table } from "../../parts/table.tsx";
import { Text } from "../../parts/text.tsx";
import { duration, Time } from "../../parts/time.tsx";
import styles from "./functions.module.css";
import { Outcome, RunResult } from "./run-result.tsx";

const place = "/t/$tenant/functions/$app/$fn/$tab";
const statuses = [
  { value: "all", label: "All" },
  { value: "succeeded", label: "Succeeded" },
  { value: "failed", label: "Failed" },
  { value: "pending", label: "Running" },
] as const;
const triggers = { pre: "before", post: "after", invoke: "direct call", trial: "trial" } as const;

/** What ran, and how that went; one of them opens above the list. */
export function RunsTab({ fn }: { readonly fn: AppFunction }) {
  const search = useSearch({ from: place });
  const navigate = useNavigate({ from: place });
  const { tenant } = useParams({ from: "/t/$tenant" });
  const status = statuses.find(({ value }) => value === search.status)?.value ?? "all";
  const runs = useList("listFunctionInvocations", {
    params: { app: fn.app_slug, fn: fn.slug },
    query: { limit: 50, ...(status === "all" ? {} : { status }) },
  });
  return (
    <Stack>
      {search.run !== undefined && <OneRun id={search.run} />}
      <div className={styles["fields"]}>
        <SelectField
          label="Outcome"
          value={status}
          options={statuses}
          onValue={(value) =>
            void navigate({
              search: (before) => ({ ...before, status: value === "all" ? undefined : value }),
              replace: true,
            })
          }
        />
      </div>
      <List
        state={runs}
        itemsOf={(page) => page.invocations}
        empty={
          <Empty title={status === "all" ? "It has not run yet" : "No such run"}>
            <p>Attach it to an event, or run it in the tab Test.</p>
          </Empty>
        }
      >
        {(items) => (
          <Table
            label="Runs"
            items={items}
            keyOf={({ id }) => String(id)}
            columns={[
              { name: "Outcome", cell: (run) => <Outcome run={run} /> },
              {
                name: "Event",
                wide: true,
                cell: ({ id, event_type: event }) => (
                  <Link
                    to={place}
                    params={{ tenant, app: fn.app_slug, fn: fn.slug, tab: "runs" }}
                    search={(before) => ({ ...before, run: String(id) })}
                  >
                    <Text max={80}>{event}</Text>
                  </Link>
                ),
              },
              {
                name: "Trigger",
                cell: ({ trigger, attempt }) => `${triggers[trigger]}${attempt > 1 ? `, attempt ${attempt}` : ""}`,
              },
              { name: "Duration", isNumber: true, cell: ({ duration_ms: ms }) => (ms === null ? "–" : duration(ms)) },
              { name: "Version", isNumber: true, cell: ({ version }) => version ?? "draft" },
              { name: "When", cell: ({ created_at: at }) => <Time at={at} /> },
            ]}
          />
        )}
      </List>
    </Stack>
  );
}

function OneRun({ id }: { readonly id: string }) {
  const { tenant } = useParams({ from: "/t/$tenant" });
  const run = useQuery({
    queryKey: ["getInvocation", id],
    queryFn: ({ signal }) => call("getInvocation", { params: { id } }, { signal }),
  });
  return (
    <Card title={`Run ${id}`}>
      <Loaded state={run}>
        {(data) => (
          <Stack>
            <Facts>
              <Fact name="Event">
                <Text max={80}>{data.event_type}</Text>
              </Fact>
              <Fact name="Trigger">{triggers[data.trigger]}</Fact>
              <Fact name="Version">{data.version ?? "a draft, not kept"}</Fact>
              <Fact name="Began">
                <Time at={data.started_at ?? data.created_at} exact />
              </Fact>
              {data.delivery_id !== null && (
                <Fact name="Delivery">
                  <Link to="/t/$tenant/deliveries/$id" params={{ tenant, id: data.delivery_id }}>
                    Its attempts
                  </Link>
                </Fact>
              )}
            </Facts>
            <RunResult run={data} />
          </Stack>
        )}
      </Loaded>
    </Card>
  );
}

import { useQueryClient } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import type { AppFunction } from "../../../client/operations.ts";
import { call } from "../../api/client.ts";
import { useRequest } from "../../api/request.ts";
import { Button } from "../../parts/button.tsx";
import { Confirm } from "../../parts/dialog.tsx";
import { Loaded } from "../../parts/loaded.tsx";
import { Empty, Problem } from "../../parts/notice.tsx";
import { Row, Stack } from "../../parts/page.tsx";
import { Status } from "../../parts/status.tsx";
import { Table } from "../../parts/table.tsx";
import { Text } from "../../parts/text.tsx";
import { EditTrigger, NewTrigger } from "./edit-trigger.tsx";
import styles from "./functions.module.css";
import { type Trigger, useTriggers } from "./use-triggers.ts";

const place = "/t/$tenant/functions/$app/$fn/$tab";

/** The events that it runs for, and how. */
export function TriggersTab({ fn }: { readonly fn: AppFunction }) {
  const { edit, event: suggested = "" } = useSearch({ from: place });
  const navigate = useNavigate({ from: place });
  const queries = useQueryClient();
  const triggers = useTriggers(fn);
  const [leaving, setLeaving] = useState<Trigger>();
  const open = (what: string | undefined): void =>
    void navigate({ search: what === undefined ? {} : { edit: what }, replace: true });
  const detach = useRequest({
    mutationFn: ({ event }: Trigger) =>
      call("unsubscribeFromEvent", { params: { event }, body: { function_id: fn.id } }),
    onSuccess: async () => {
      setLeaving(undefined);
      await queries.invalidateQueries({ queryKey: ["triggers"] });
    },
  });
  return (
    <Loaded state={triggers}>
      {(items) => {
        const edited = items.find(({ subscriber_id: id }) => String(id) === edit);
        const isForm = edit === "new" || edited !== undefined;
        return (
          <Stack>
            {edited !== undefined && <EditTrigger key={edit} trigger={edited} onDone={() => open(undefined)} />}
            {edit === "new" && (
              <NewTrigger
                fn={fn}
                event={suggested}
                taken={items.map(({ event }) => event)}
                onDone={() => open(undefined)}
              />
            )}
            {!isForm && items.length > 0 && (
              <Row>
                <Button look="primary" onClick={() => open("new")}>
                  Attach to an event
                </Button>
              </Row>
            )}
            {items.length === 0 && !isForm && (
              <Empty
                title="Nothing runs it yet"
                action={
                  <Button look="primary" onClick={() => open("new")}>
                    Attach to an event
                  </Button>
                }
              >
                <p>Attached to a PRE event it is asked before an operation; to a POST event it runs after it.</p>
              </Empty>
            )}
            {items.length > 0 && (
              <Table
                label="Triggers"
                items={items}
                keyOf={({ subscriber_id: id }) => String(id)}
                columns={[
                  { name: "Event", wide: true, cell: ({ event }) => <Text max={80}>{event}</Text> },
                  { name: "State", cell: (one) => <State trigger={one} /> },
                  {
                    name: "Filter",
                    cell: ({ filter }) =>
                      filter === null ? (
                        "all"
                      ) : (
                        <Text mono max={80}>
                          {filter}
                        </Text>
                      ),
                  },
                  {
                    name: "Stage",
                    cell: ({ stage, priority }) => (stage === null ? "after" : `${stage}, ${priority ?? 0}`),
                  },
                  {
                    name: "If it fails",
                    cell: ({ failure_policy: policy, max_retries: retries }) =>
                      policy === null ? `${retries ?? 0} retries` : policy === "closed" ? "refuses" : "goes on",
                  },
                  {
                    name: "Actions",
                    cell: (one) => (
                      <div className={styles["actions"]}>
                        <Button aria-label={`Edit ${one.event}`} onClick={() => open(String(one.subscriber_id))}>
                          Edit
                        </Button>
                        <Button aria-label={`Detach from ${one.event}`} onClick={() => setLeaving(one)}>
                          Detach…
                        </Button>
                      </div>
                    ),
                  },
                ]}
              />
            )}
            <Confirm
              title={`Detach ${fn.name} from ${leaving?.event ?? ""}?`}
              action="Detach"
              open={leaving !== undefined}
              busy={detach.isPending}
              onConfirm={() => leaving !== undefined && detach.mutate(leaving)}
              onClose={() => setLeaving(undefined)}
            >
              <p>It is not run for this event any more. What waits to be run is not run either.</p>
              {detach.isError && <Problem error={detach.error} />}
            </Confirm>
          </Stack>
        );
      }}
    </Loaded>
  );
}

function State({ trigger: { enabled, paused } }: { readonly trigger: Trigger }) {
  if (!enabled) return <Status tone="quiet">disabled</Status>;
  return paused === null ? <Status tone="good">on</Status> : <Status tone="quiet">{`paused: ${paused.reason}`}</Status>;
}

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { call } from "../../api/client.ts";
import { useList } from "../../api/list.ts";
import type { Redrive } from "../../api/operations.ts";
import { Button } from "../../parts/button.tsx";
import { List } from "../../parts/list.tsx";
import { Empty, Problem } from "../../parts/notice.tsx";
import { Page, Stack } from "../../parts/page.tsx";
import { Status } from "../../parts/status.tsx";
import { Table } from "../../parts/table.tsx";
import { Text } from "../../parts/text.tsx";
import { Time } from "../../parts/time.tsx";

const refreshMs = 2_000;

/** Jobs that send dead letters again, and how far they are. */
export function Redrives() {
  const queries = useQueryClient();
  const list = useList("listRedrives", { query: { limit: 50 }, refreshMs });
  const cancel = useMutation({
    mutationFn: (id: string) => call("cancelRedrive", { params: { id } }),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["listRedrives"] }),
  });
  return (
    <Page title="Redrives" lead="Jobs that send dead letters again.">
      <Stack>
        {cancel.isError && <Problem error={cancel.error} />}
        <List
          state={list}
          itemsOf={(page) => page.redrives}
          empty={
            <Empty title="Nothing was sent again in bulk">
              <p>Look for dead letters under Deliveries, and redrive all that fit.</p>
            </Empty>
          }
        >
          {(items) => (
            <Table
              label="Redrives"
              items={items}
              keyOf={({ id }) => id}
              columns={[
                {
                  name: "State",
                  cell: ({ state }) => (
                    <Status tone={state === "running" ? "busy" : state === "done" ? "good" : "quiet"}>{state}</Status>
                  ),
                },
                { name: "Sent again", isNumber: true, cell: ({ redriven }) => redriven.toLocaleString("en") },
                { name: "Begun", cell: ({ created_at }) => <Time at={created_at} /> },
                { name: "By", cell: ({ created_by }) => <Text max={40}>{created_by}</Text> },
                { name: "Of", wide: true, cell: ({ filter }) => <Text mono>{described(filter)}</Text> },
                {
                  name: "Cancel",
                  cell: ({ id, state }) => (
                    <Button
                      look="ghost"
                      disabled={state !== "running"}
                      busy={cancel.isPending}
                      onClick={() => cancel.mutate(id)}
                    >
                      Cancel
                    </Button>
                  ),
                },
              ]}
            />
          )}
        </List>
      </Stack>
    </Page>
  );
}

function described({ bucket_uuid, rule, since, until }: Redrive["filter"]): string {
  const parts = Object.entries({ bucket: bucket_uuid, rule, since, until });
  const named = parts.flatMap(([name, value]) => (value === null ? [] : [`${name} ${value}`]));
  return named.length === 0 ? "all dead letters" : named.join(", ");
}

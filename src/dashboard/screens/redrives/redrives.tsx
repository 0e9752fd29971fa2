import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import type { Redrive } from "../../../client/operations.ts";
import { call } from "../../api/client.ts";
import { useList } from "../../api/list.ts";
import { useNews } from "../../api/live.ts";
import { useRequest } from "../../api/request.ts";
import { Button, buttonClass } from "../../parts/button.tsx";
import { List } from "../../parts/list.tsx";
import { Empty, Problem } from "../../parts/notice.tsx";
import { Page, Row, Stack } from "../../parts/page.tsx";
import { Progress } from "../../parts/progress.tsx";
import { Status } from "../../parts/status.tsx";
import { SubscriptionName } from "../../parts/subscription-name.tsx";
import { Table } from "../../parts/table.tsx";
import { Text } from "../../parts/text.tsx";
import { Time } from "../../parts/time.tsx";

/** So often the list is asked for again while one of them runs, and while none does. */
const [runningMs, idleMs] = [2_000, 15_000];

/** Jobs that send dead letters again, and how far they are. */
export function Redrives() {
  const { tenant } = useParams({ from: "/t/$tenant" });
  const queries = useQueryClient();
  const list = useList("listRedrives", {
    query: { limit: 50 },
    refreshMs: (pages) =>
      pages.some(({ redrives }) => redrives.some(({ state }) => state === "running")) ? runningMs : idleMs,
  });
  useNews(["redrives"], () => void queries.invalidateQueries({ queryKey: ["listRedrives"] }));
  const cancel = useRequest({
    mutationFn: (id: string) => call("cancelRedrive", { params: { id } }),
    alongside: true,
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
            <Empty
              title="Nothing was sent again in bulk"
              action={
                <Link
                  className={buttonClass()}
                  to="/t/$tenant/deliveries"
                  params={{ tenant }}
                  search={{ status: "dead" }}
                >
                  Dead letters
                </Link>
              }
            >
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
                { name: "Looked at", cell: (redrive) => <Looked redrive={redrive} /> },
                {
                  name: "Pace",
                  cell: ({ per_second: pace }) => (pace === null ? "at once" : `${pace.toLocaleString("en")} a second`),
                },
                { name: "Begun", cell: ({ created_at }) => <Time at={created_at} /> },
                { name: "By", cell: ({ created_by }) => <Text max={40}>{created_by}</Text> },
                { name: "Of", wide: true, cell: ({ filter }) => <Described filter={filter} /> },
                {
                  name: "Actions",
                  cell: ({ id, state }) =>
                    state === "running" && (
                      <Button
                        look="ghost"
                        busy={cancel.isPending && cancel.variables === id}
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

/** Dead letters to which it has come, of all that there are for it. */
function Looked({ redrive: { state, looked_at: looked, left } }: { readonly redrive: Redrive }) {
  const figures = looked.toLocaleString("en");
  if (state !== "running" || left === null) return figures;
  const all = looked + left;
  return (
    <Progress label="Dead letters" value={looked} max={all}>
      {`${figures} of ${all.toLocaleString("en")}`}
    </Progress>
  );
}

/** Which dead letters: the bucket and the subscription by their names. */
function Described({ filter: { bucket_uuid: uuid, rule, ...others } }: { readonly filter: Redrive["filter"] }) {
  const parts = Object.entries(others).flatMap(([name, value]) =>
    value === null || value === undefined ? [] : [`${name.replaceAll("_", " ")} ${value}`],
  );
  if (uuid === null && rule === null && parts.length === 0) return "all dead letters";
  return (
    <Row>
      {uuid !== null && (
        <span>
          bucket <BucketName uuid={uuid} />
        </span>
      )}
      {rule !== null && (
        <span>
          to <SubscriptionName id={rule} />
        </span>
      )}
      {parts.length > 0 && <Text>{parts.join(", ")}</Text>}
    </Row>
  );
}

/** Its uuid while its name is not known, or any more. */
function BucketName({ uuid }: { readonly uuid: string }) {
  const known = useQuery({
    queryKey: ["listBuckets", "named"],
    queryFn: ({ signal }) => call("listBuckets", {}, { signal }),
    staleTime: 60_000,
  });
  return <Text>{known.data?.buckets.find((bucket) => bucket.uuid === uuid)?.name ?? uuid}</Text>;
}

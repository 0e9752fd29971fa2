import { useQuery } from "@tanstack/react-query";
import { call } from "../../api/client.ts";
import { Loaded } from "../../parts/loaded.tsx";
import { Page, Row } from "../../parts/page.tsx";
import { Status } from "../../parts/status.tsx";
import { Table } from "../../parts/table.tsx";
import { Text } from "../../parts/text.tsx";
import { Time } from "../../parts/time.tsx";
import { figure } from "../subscriptions/health.tsx";

/** So often it is looked at again: as often as a node says that it is there. */
const refreshMs = 2_000;

/** The processes that work on the store, and what each has of the work; for operators. */
export function Nodes() {
  const nodes = useQuery({
    queryKey: ["listNodes"],
    queryFn: ({ signal }) => call("listNodes", {}, { signal }),
    refetchInterval: refreshMs,
  });
  return (
    <Page
      title="Nodes"
      lead="Processes that work on this store. Each holds some of the 64 shards of the log of events."
    >
      <Loaded state={nodes}>
        {(data) => (
          <Table
            label="Nodes"
            items={data.nodes}
            keyOf={({ id }) => id}
            columns={[
              {
                name: "Node",
                cell: ({ id, self }) => (
                  <Row>
                    <Text mono>{id}</Text>
                    {self && <Status tone="good">answers you</Status>}
                  </Row>
                ),
              },
              {
                name: "State",
                cell: ({ leaving }) =>
                  leaving ? <Status tone="warn">leaving</Status> : <Status tone="good">works</Status>,
              },
              { name: "Shards", isNumber: true, cell: ({ shards }) => figure(shards) },
              { name: "Address", wide: true, cell: ({ address }) => <Text mono>{address}</Text> },
              { name: "Version", cell: ({ version }) => <Text mono>{version}</Text> },
              { name: "Started", cell: ({ started_at: started }) => <Time at={started} /> },
              { name: "Seen", cell: ({ seen_at: seen }) => <Time at={seen} /> },
              { name: "Duties", cell: ({ duties }) => <Text max={120}>{duties.join(", ")}</Text> },
            ]}
          />
        )}
      </Loaded>
    </Page>
  );
}

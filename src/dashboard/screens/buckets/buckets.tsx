import { Link, useParams } from "@tanstack/react-router";
import { useList } from "../../api/list.ts";
import { List } from "../../parts/list.tsx";
import { Empty } from "../../parts/notice.tsx";
import { Page } from "../../parts/page.tsx";
import { Table } from "../../parts/table.tsx";
import { Text } from "../../parts/text.tsx";
import { Time } from "../../parts/time.tsx";
import { NewBucket } from "./new-bucket.tsx";

export function Buckets() {
  const { tenant } = useParams({ from: "/t/$tenant" });
  const buckets = useList("listBuckets", { query: { limit: 100 } });
  return (
    <Page title="Buckets" lead="Objects, and who is notified of them." actions={<NewBucket />}>
      <List
        state={buckets}
        itemsOf={(page) => page.buckets}
        empty={
          <Empty title="There is no bucket yet">
            <p>Make one here, or with any S3 client.</p>
          </Empty>
        }
      >
        {(items) => (
          <Table
            label="Buckets"
            items={items}
            keyOf={({ uuid }) => uuid}
            columns={[
              {
                name: "Name",
                wide: true,
                cell: ({ name }) => (
                  <Link to="/t/$tenant/buckets/$bucket/settings" params={{ tenant, bucket: name }}>
                    <Text>{name}</Text>
                  </Link>
                ),
              },
              { name: "Owner", cell: ({ owner }) => <Text max={40}>{owner}</Text> },
              { name: "Created", cell: ({ created_at }) => <Time at={created_at} /> },
            ]}
          />
        )}
      </List>
    </Page>
  );
}

import { useList } from "../../api/list.ts";
import { List } from "../../parts/list.tsx";
import { Empty } from "../../parts/notice.tsx";
import { Card } from "../../parts/page.tsx";
import { Status } from "../../parts/status.tsx";
import { Table } from "../../parts/table.tsx";
import { Text } from "../../parts/text.tsx";
import { Time } from "../../parts/time.tsx";

export function Principals() {
  const list = useList("listPrincipals", { query: { limit: 50 } });
  return (
    <Card title="Principals">
      <List state={list} itemsOf={(page) => page.principals} empty={<Empty title="There is no principal" />}>
        {(items) => (
          <Table
            label="Principals"
            items={items}
            keyOf={({ name }) => name}
            columns={[
              { name: "Name", wide: true, cell: ({ name }) => <Text>{name}</Text> },
              { name: "Role", cell: ({ role }) => role },
              {
                name: "Status",
                cell: ({ status }) => <Status tone={status === "active" ? "good" : "quiet"}>{status}</Status>,
              },
              { name: "Tokens", isNumber: true, cell: ({ tokens }) => tokens },
              { name: "S3 keys", isNumber: true, cell: ({ access_keys }) => access_keys },
              { name: "Created", cell: ({ created_at }) => <Time at={created_at} /> },
            ]}
          />
        )}
      </List>
    </Card>
  );
}

import { Link } from "@tanstack/react-router";
import { useList } from "../../api/list.ts";
import { reaches, useSelf } from "../../api/session.ts";
import { List } from "../../parts/list.tsx";
import { Card } from "../../parts/page.tsx";
import { Table } from "../../parts/table.tsx";
import { Text } from "../../parts/text.tsx";
import { ListedHealth } from "../subscriptions/health.tsx";
import { about, SubscriptionStatus } from "../subscriptions/target.tsx";

interface GoingThereProps {
  /** Of the destination. */
  readonly name: string;
  /** How many go there, those included that the viewer does not see. */
  readonly users: number;
  readonly tenant: string;
}

/** Subscriptions and notifications of buckets that go to a destination, as far as one sees them. */
export function GoingThere({ name, users, tenant }: GoingThereProps) {
  const seesAll = reaches(useSelf(), "admin");
  const list = useList("listSubscriptions", { query: { destination: name, limit: 50, include: "health" } });
  return (
    <Card title="What goes there">
      <p>
        {users === 0
          ? "Nothing does"
          : users === 1
            ? "1 subscription does"
            : `${users.toLocaleString()} subscriptions do`}
        {users > 0 && !seesAll && "; yours are listed"}.
      </p>
      <List state={list} itemsOf={(page) => page.subscriptions} empty={null}>
        {(items) => (
          <Table
            label="Subscriptions that go there"
            items={items}
            keyOf={({ id }) => id}
            columns={[
              { name: "Status", cell: ({ status }) => <SubscriptionStatus status={status} /> },
              {
                name: "Event",
                cell: ({ id, event }) => (
                  <Link to="/t/$tenant/subscriptions/$id" params={{ tenant, id }}>
                    {event === "*" ? "any event" : <Text max={60}>{event}</Text>}
                  </Link>
                ),
              },
              { name: "About", cell: ({ face }) => about[face] },
              {
                name: "Bucket",
                cell: ({ bucket }) =>
                  bucket === null ? (
                    "–"
                  ) : (
                    <Link to="/t/$tenant/buckets/$bucket/settings" params={{ tenant, bucket }} search={{}}>
                      <Text max={40}>{bucket}</Text>
                    </Link>
                  ),
              },
              {
                name: "Filter",
                wide: true,
                cell: ({ filter }) =>
                  filter === null ? (
                    "every event"
                  ) : (
                    <Text mono max={80}>
                      {filter}
                    </Text>
                  ),
              },
              { name: "Health", cell: ({ health }) => health !== undefined && <ListedHealth health={health} /> },
              { name: "Owner", cell: ({ owner }) => <Text max={40}>{owner}</Text> },
            ]}
          />
        )}
      </List>
    </Card>
  );
}

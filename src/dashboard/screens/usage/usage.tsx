import { Link, useParams } from "@tanstack/react-router";
import type { Answer } from "../../api/client.ts";
import { useList } from "../../api/list.ts";
import { List } from "../../parts/list.tsx";
import { Empty } from "../../parts/notice.tsx";
import { Card, Page, Stack } from "../../parts/page.tsx";
import { SubscriptionName } from "../../parts/subscription-name.tsx";
import { Table } from "../../parts/table.tsx";
import { Text } from "../../parts/text.tsx";
import { bytes } from "../../parts/time.tsx";
import { Export } from "./export.tsx";
import styles from "./usage.module.css";

/** What was done day by day, and how much of the quotas is taken. */
export function Usage() {
  const usage = useList("getUsage", { query: { limit: 100 } });
  const first = usage.data?.pages[0];
  return (
    <Page
      title="Usage"
      lead="What is taken of the quotas, and what was accepted and sent, day by day (UTC)."
      actions={first !== undefined && <Export from={first.from} to={first.to} />}
    >
      <Stack>
        {first !== undefined && first.quotas.length > 0 && <Quotas quotas={first.quotas} />}
        <List
          state={usage}
          itemsOf={(page) => page.usage}
          empty={<Empty title="Nothing was accepted or sent in this time" />}
        >
          {(items) => <Days rows={items} />}
        </List>
      </Stack>
    </Page>
  );
}

type Data = Answer<"getUsage">;

function Quotas({ quotas }: Pick<Data, "quotas">) {
  const figure = (resource: string, value: number): string =>
    resource === "bytes" ? bytes(value) : value.toLocaleString("en");
  return (
    <Card title="Quotas">
      <Table
        label="Quotas"
        items={quotas}
        keyOf={({ name }) => name}
        columns={[
          { name: "Of", wide: true, cell: ({ name }) => name.replaceAll("_", " ") },
          { name: "Taken", isNumber: true, cell: ({ name, used }) => (used === null ? "–" : figure(name, used)) },
          {
            name: "At most",
            isNumber: true,
            cell: ({ name, limit }) => (limit === null ? "–" : figure(name, limit)),
          },
        ]}
      />
    </Card>
  );
}

function Days({ rows }: { readonly rows: Data["usage"] }) {
  return (
    <Table
      label="Usage by day"
      items={rows}
      keyOf={({ day, bucket_uuid, rule }) => `${day} ${bucket_uuid} ${rule ?? ""}`}
      columns={[
        { name: "Day", cell: ({ day }) => <span className={styles["day"]}>{day}</span> },
        {
          name: "Bucket or resource",
          wide: true,
          cell: ({ bucket, bucket_uuid }) => <Text>{bucket ?? bucket_uuid}</Text>,
        },
        { name: "Subscription", cell: ({ rule }) => (rule === null ? "–" : <SubscriptionLink id={rule} />) },
        { name: "Accepted", isNumber: true, cell: ({ accepted }) => accepted.toLocaleString("en") },
        { name: "Attempts", isNumber: true, cell: ({ attempts }) => attempts.toLocaleString("en") },
        { name: "Delivered", isNumber: true, cell: ({ delivered }) => delivered.toLocaleString("en") },
        { name: "Dead", isNumber: true, cell: ({ dead }) => dead.toLocaleString("en") },
      ]}
    />
  );
}

function SubscriptionLink({ id }: { readonly id: string }) {
  const { tenant } = useParams({ from: "/t/$tenant" });
  return (
    <Link to="/t/$tenant/subscriptions/$id" params={{ tenant, id }}>
      <SubscriptionName id={id} />
    </Link>
  );
}

import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useList } from "../../api/list.ts";
import { buttonClass } from "../../parts/button.tsx";
import { SelectField } from "../../parts/field.tsx";
import { List } from "../../parts/list.tsx";
import { Empty } from "../../parts/notice.tsx";
import { Card, Page, Stack } from "../../parts/page.tsx";
import { Table } from "../../parts/table.tsx";
import { Text } from "../../parts/text.tsx";
import styles from "../deliveries/deliveries.module.css";
import { ListedHealth } from "./health.tsx";
import { about, EventName, SubscriptionStatus, TargetLink } from "./target.tsx";

const faces = [
  { value: "all", label: "All" },
  { value: "objects", label: "Objects" },
  { value: "notifications", label: "Resources" },
  { value: "lifecycle", label: "Operations" },
] as const;
const statuses = [
  { value: "all", label: "All" },
  { value: "active", label: "Active" },
  { value: "paused", label: "Paused" },
  { value: "inactive", label: "Inactive" },
  { value: "unconfirmed", label: "Unconfirmed" },
  { value: "complete", label: "Complete" },
  { value: "failed", label: "Failed" },
] as const;

/** The subscriptions of all faces that one may see. */
export function Subscriptions() {
  const { tenant } = useParams({ from: "/t/$tenant" });
  const search = useSearch({ from: "/t/$tenant/subscriptions" });
  const navigate = useNavigate({ from: "/t/$tenant/subscriptions" });
  const face = faces.find(({ value }) => value === search.face)?.value ?? "all";
  const status = statuses.find(({ value }) => value === search.status)?.value ?? "all";
  const list = useList("listSubscriptions", {
    query: {
      limit: 50,
      include: "health",
      ...(face === "all" ? {} : { face }),
      ...(status === "all" ? {} : { status }),
    },
  });
  const set = (name: "face" | "status", value: string): void =>
    void navigate({
      search: (before) => ({ ...before, [name]: value === "all" ? undefined : value }),
      replace: true,
    });
  return (
    <Page
      title="Subscriptions"
      lead="Who is notified of what: of objects in buckets, of any resource, of operations."
      actions={
        <Link
          className={buttonClass("primary")}
          to="/t/$tenant/subscriptions/new"
          params={{ tenant }}
          search={face === "all" ? {} : { face }}
        >
          New subscription
        </Link>
      }
    >
      <Stack>
        <Card>
          <div className={styles["filters"]}>
            <SelectField label="About" value={face} options={faces} onValue={(value) => set("face", value)} />
            <SelectField label="Status" value={status} options={statuses} onValue={(value) => set("status", value)} />
          </div>
        </Card>
        <List
          state={list}
          itemsOf={(page) => page.subscriptions}
          empty={
            <Empty title="There is no such subscription">
              <p>
                A subscription sends what happens to a function, a webhook or an e-mail address.{" "}
                <Link to="/t/$tenant/subscriptions/new" params={{ tenant }} search={{}}>
                  Make one
                </Link>
              </p>
            </Empty>
          }
        >
          {(items) => (
            <Table
              label="Subscriptions"
              items={items}
              keyOf={({ id }) => id}
              columns={[
                { name: "Status", cell: ({ status }) => <SubscriptionStatus status={status} /> },
                {
                  name: "Target",
                  wide: true,
                  cell: (listed) => <TargetLink subscription={listed} tenant={tenant} />,
                },
                {
                  name: "Health",
                  cell: ({ health }) => health !== undefined && <ListedHealth health={health} />,
                },
                { name: "Event", cell: ({ event }) => <EventName event={event} /> },
                { name: "About", cell: ({ face }) => about[face] },
                { name: "Bucket", cell: ({ bucket }) => (bucket === null ? "–" : <Text max={40}>{bucket}</Text>) },
                { name: "Owner", cell: ({ owner }) => <Text max={40}>{owner}</Text> },
              ]}
            />
          )}
        </List>
      </Stack>
    </Page>
  );
}

import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { type FormEvent, useEffect, useState } from "react";
import type { LoggedEvent } from "../../../client/operations.ts";
import { defined } from "../../../domain/defined.ts";
import { type Face, faces } from "../../../domain/event.ts";
import { ApiError } from "../../api/client.ts";
import { useList } from "../../api/list.ts";
import { reaches, useSelf } from "../../api/session.ts";
import { Button, buttonClass } from "../../parts/button.tsx";
import { FilterEditor } from "../../parts/editor/filter-editor.tsx";
import { SearchField, SelectField } from "../../parts/field.tsx";
import { List } from "../../parts/list.tsx";
import { Empty } from "../../parts/notice.tsx";
import { Card, Page, Row, Stack } from "../../parts/page.tsx";
import { Table } from "../../parts/table.tsx";
import { Text } from "../../parts/text.tsx";
import { Time } from "../../parts/time.tsx";
import { DeliveryCounts } from "./delivery-counts.tsx";
import styles from "./events.module.css";

const faceOptions = [
  { value: "all", label: "All events" },
  { value: "objects", label: "Objects" },
  { value: "notifications", label: "Resources" },
  { value: "lifecycle", label: "Operations" },
] as const;
const outcomes = [
  { value: "all", label: "Wanted or not" },
  { value: "some", label: "Wanted" },
  { value: "none", label: "No subscription wanted it" },
] as const;
const ranges = [
  { value: "all", label: "All that is kept", ms: undefined },
  { value: "15m", label: "Last 15 minutes", ms: 900_000 },
  { value: "1h", label: "Last hour", ms: 3_600_000 },
  { value: "24h", label: "Last 24 hours", ms: 86_400_000 },
  { value: "7d", label: "Last 7 days", ms: 604_800_000 },
] as const;

/** Pages that are asked for without being told to, while nothing fits. */
const mostByItself = 20;

/** What happened, newest first, whether anybody wanted it or not; every part of the search is in the address. */
export function Events() {
  const { tenant } = useParams({ from: "/t/$tenant" });
  const search = useSearch({ from: "/t/$tenant/events" });
  const navigate = useNavigate({ from: "/t/$tenant/events" });
  const [nowMs, setNowMs] = useState(() => Date.now());
  const { where, bucket, resource, event, since, until } = search;
  const face = faces.find((one) => one === search.face);
  const range = ranges.find(({ value }) => value === search.last) ?? ranges[0];
  const deliveries = outcomes.find(({ value }) => value === search.deliveries)?.value ?? "all";
  const from = since ?? (range.ms === undefined ? undefined : new Date(nowMs - range.ms).toISOString());
  const list = useList("listLoggedEvents", {
    query: {
      limit: 50,
      ...defined({ where, bucket, resource, event, until }),
      ...(from === undefined ? {} : { since: from }),
      ...(face === undefined ? {} : { face }),
      ...(deliveries === "all" ? {} : { deliveries }),
    },
  });
  const set = (changed: Partial<typeof search>): void =>
    void navigate({ search: (before) => withoutEmpty({ ...before, ...changed }), replace: true });
  const pages = list.data?.pages ?? [];
  const found = pages.reduce((sum, page) => sum + page.events.length, 0);
  const goesOn = found === 0 && list.hasNextPage && !list.isFetching && !list.isError && pages.length < mostByItself;
  const { fetchNextPage } = list;
  useEffect(() => {
    if (goesOn) void fetchNextPage();
  }, [goesOn, fetchNextPage]);
  const searchedTo = pages.at(-1)?.searched_to;
  return (
    <Page
      title="Events"
      lead="What happened, newest first, whether anybody wanted it or not."
      actions={
        <>
          <SaveAsNotification tenant={tenant} bucket={bucket} where={where} face={face} />
          <Button
            busy={list.isRefetching}
            onClick={() => {
              setNowMs(Date.now());
              void list.refetch();
            }}
          >
            Refresh
          </Button>
        </>
      }
    >
      <Stack>
        <Card>
          <Search
            key={`${face ?? ""} ${where ?? ""}`}
            face={face}
            bucket={bucket}
            where={where ?? ""}
            error={list.error}
            onSearch={set}
          />
          <div className={styles["filters"]}>
            <SelectField
              label="Time"
              value={range.value}
              options={ranges}
              onValue={(last) => set({ last: last === "all" ? undefined : last, since: undefined, until: undefined })}
            />
            <SelectField
              label="Deliveries"
              value={deliveries}
              options={outcomes}
              onValue={(value) => set({ deliveries: value === "all" ? undefined : value })}
            />
            <SearchField label="Name" value={event ?? ""} onSearch={(value) => set({ event: value })} />
            <SearchField label="Bucket" value={bucket ?? ""} onSearch={(value) => set({ bucket: value })} />
            <SearchField label="Resource" mono value={resource ?? ""} onSearch={(value) => set({ resource: value })} />
          </div>
        </Card>
        <List
          state={list}
          itemsOf={(page) => page.events}
          empty={
            <Empty title="Nothing fits">
              <p>No event that you see is like this, and is kept. Widen what you look for, or make something happen.</p>
            </Empty>
          }
        >
          {(items) => <EventTable items={items} tenant={tenant} />}
        </List>
        {list.hasNextPage && searchedTo !== null && searchedTo !== undefined && (
          <p aria-live="polite">
            Searched back to <Time at={searchedTo} exact />.
          </p>
        )}
      </Stack>
    </Page>
  );
}

function withoutEmpty<T extends object>(search: T): T {
  return Object.fromEntries(Object.entries(search).filter(([, value]) => value !== undefined && value !== "")) as T;
}

interface SearchProps {
  readonly face: Face | undefined;
  readonly bucket: string | undefined;
  readonly where: string;
  readonly error: unknown;
  readonly onSearch: (changed: { readonly where?: string; readonly face?: string }) => void;
}

/** The same language as subscriptions have: what a search finds, a subscription would have been sent. */
function Search({ face, bucket, where, error, onSearch }: SearchProps) {
  const [draft, setDraft] = useState({ face, where });
  // A filter asks other things on each face: without one it is of objects.
  const asked = draft.face ?? "objects";
  // Values that were seen in all buckets are told to admins.
  const isOfAll = reaches(useSelf(), "admin") && bucket === undefined;
  const search = (): void => {
    const text = draft.where.trim();
    onSearch({ where: text, face: text === "" ? (draft.face ?? "") : asked });
  };
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    search();
  };
  const refused = error instanceof ApiError ? error.field("where") : undefined;
  return (
    <form onSubmit={submit}>
      <div className={styles["search"]}>
        <SelectField
          label="Of"
          value={draft.face ?? "all"}
          options={faceOptions}
          onValue={(value) => {
            const next = value === "all" ? undefined : value;
            setDraft({ ...draft, face: next });
            if (draft.where.trim() === "") onSearch({ face: next ?? "" });
          }}
        />
        <FilterEditor
          label="Where"
          face={asked}
          bucket={asked === "objects" ? bucket : undefined}
          {...(asked === "notifications" || (asked === "objects" && isOfAll) ? { resource: "*" } : {})}
          isTried={false}
          rows={1}
          placeholder={asked === "objects" ? "WHERE key LIKE 'images/%' AND size > 65536" : "WHERE status = 'active'"}
          value={draft.where}
          onValue={(text) => setDraft({ ...draft, where: text })}
          onSubmit={search}
          error={refused}
        />
        <Button look="primary" type="submit">
          Search
        </Button>
      </div>
    </form>
  );
}

interface SaveProps {
  readonly tenant: string;
  readonly bucket: string | undefined;
  readonly where: string | undefined;
  readonly face: Face | undefined;
}

/** The search as a notification of the bucket that it is about. */
function SaveAsNotification({ tenant, bucket, where, face }: SaveProps) {
  if (where === undefined || face !== "objects" || bucket === undefined) return undefined;
  return (
    <Link
      className={buttonClass()}
      to="/t/$tenant/buckets/$bucket/settings"
      params={{ tenant, bucket }}
      search={{ edit: "new", filter: where }}
    >
      Save as notification
    </Link>
  );
}

function EventTable({ items, tenant }: { readonly items: readonly LoggedEvent[]; readonly tenant: string }) {
  return (
    <Table
      label="Events"
      items={items}
      keyOf={({ sequence }) => sequence}
      columns={[
        { name: "Time", cell: ({ time }) => <Time at={time} /> },
        {
          name: "Event",
          cell: ({ id, name }) => (
            <Link to="/t/$tenant/events/$id" params={{ tenant, id }}>
              {name}
            </Link>
          ),
        },
        { name: "What", wide: true, cell: (event) => <What event={event} /> },
        { name: "By", cell: ({ actor, origin }) => <Text max={40}>{actor ?? origin}</Text> },
        { name: "Deliveries", cell: ({ deliveries }) => <DeliveryCounts counts={deliveries} /> },
      ]}
    />
  );
}

function What({ event: { bucket, key, resource } }: { readonly event: LoggedEvent }) {
  if (key === null) {
    return (
      <Text mono max={60}>
        {resource}
      </Text>
    );
  }
  return (
    <Row>
      {bucket !== null && <Text max={40}>{bucket}</Text>}
      <Text mono max={80}>
        {key}
      </Text>
    </Row>
  );
}

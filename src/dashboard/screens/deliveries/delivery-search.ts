import type { Delivery, Operations } from "../../../client/operations.ts";
import { failureReasons } from "../../../domain/retry.ts";
import type { FilterField } from "../../parts/filter-bar.tsx";

/** What the list of deliveries is narrowed by, as it stands in the address and as the API is asked. */

const deliveryFilters = [
  "bucket",
  "rule",
  "face",
  "event",
  "resource",
  "key_prefix",
  "http_status",
  "reason",
  "target_host",
  "function",
  "min_attempts",
  "since",
  "until",
] as const;
type DeliveryFilterName = (typeof deliveryFilters)[number];

/** All of it, as texts; `status` may be several, with commas between; `last`: `24h`. */
export type DeliverySearch = {
  readonly [Name in DeliveryFilterName | "status" | "last" | "order"]?: string | undefined;
};

type ListQuery = NonNullable<Operations["listDeliveries"]["query"]>;
export type DeliveryQuery = Omit<ListQuery, "cursor" | "limit">;

export const deliveryStatuses = [
  "waiting",
  "delivered",
  "dead",
  "paused",
] as const satisfies readonly Delivery["status"][];

/** In the order in which they are offered. */
export const filterFields: readonly FilterField<DeliveryFilterName>[] = [
  { name: "bucket", label: "Bucket" },
  { name: "http_status", label: "Answered", hint: "What the last attempt was answered: 404, or any of 5xx" },
  { name: "reason", label: "Reason", hint: "Why the last attempt failed", options: failureReasons },
  { name: "target_host", label: "Host", hint: "Of the webhook, such as hooks.example.com" },
  { name: "event", label: "Event", hint: "Such as OBJECT_CREATED_PUT" },
  { name: "rule", label: "Subscription", hint: "Its id" },
  { name: "function", label: "Function", hint: "Its number" },
  { name: "resource", label: "Resource", hint: "Uuid of what changed" },
  { name: "face", label: "Face", options: ["objects", "notifications", "lifecycle"] },
  { name: "min_attempts", label: "Attempts", hint: "At least so many" },
  { name: "since", label: "Since", hint: "Such as 2026-11-20T10:30:00Z" },
  { name: "until", label: "Until", hint: "Such as 2026-11-20T11:30:00Z" },
];

export const ranges = [
  { value: "", label: "Any time", ms: undefined },
  { value: "15m", label: "Last 15 minutes", ms: 900_000 },
  { value: "1h", label: "Last hour", ms: 3_600_000 },
  { value: "24h", label: "Last 24 hours", ms: 86_400_000 },
  { value: "7d", label: "Last 7 days", ms: 604_800_000 },
] as const;

/** The statuses of an address that there are. */
export function statusesOf({ status = "" }: DeliverySearch): readonly Delivery["status"][] {
  const named = status.split(",");
  return deliveryStatuses.filter((one) => named.includes(one));
}

/** What the API is asked. Numbers that are none, and other things that cannot be, go as they are: the API says what is wrong with them. */
export function queryOf(search: DeliverySearch, nowMs: number): DeliveryQuery {
  const { status: _, last, order, since, ...texts } = search;
  const ms = ranges.find(({ value }) => value !== "" && value === last)?.ms;
  // To the minute: one that looks twice in a minute is shown one list.
  const from = ms === undefined ? since : new Date(Math.floor((nowMs - ms) / 60_000) * 60_000).toISOString();
  const statuses = statusesOf(search);
  return {
    ...texts,
    ...(statuses.length === 0 ? {} : { status: statuses }),
    ...(from === undefined ? {} : { since: from }),
    ...(order === "oldest" ? { order: "oldest" } : {}),
  } as unknown as DeliveryQuery;
}

export type RedriveBody = Omit<NonNullable<Operations["createRedrive"]["body"]>, "dry_run" | "per_second">;

/** The same for a redrive, which takes dead ones whatever the status that is listed. */
export function redriveOf({ status: _status, order: _order, ...rest }: DeliveryQuery): RedriveBody {
  const { function: fn, min_attempts: least, ...texts } = rest as Readonly<Record<string, string | number | undefined>>;
  return {
    ...texts,
    ...(fn === undefined ? {} : { function: Number(fn) }),
    ...(least === undefined ? {} : { min_attempts: Number(least) }),
  };
}

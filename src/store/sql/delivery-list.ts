import { blockedMs } from "../../domain/delivery.ts";
import type { Face } from "../../domain/event.ts";
import type { Uuid } from "../../domain/ids.ts";
import type { FailureReason } from "../../domain/retry.ts";
import type { Deliveries, Delivery, DeliveryOrder, DeliveryPlace, DeliveryQuery, ListedDeliveries } from "../store.ts";
import { readAttempt, storedStatus } from "./deliveries-sql.ts";
import { lastFailed } from "./delivery-bounds.ts";
import { countAlong, type Way, walk, walkTexts } from "./delivery-walk.ts";
import { eventColumns, eventOfRow } from "./events-sql.ts";
import { integer, optional, type Reads, type Row, text } from "./step.ts";
import { targetOfRow, through } from "./subscription-reads.ts";

/** Lists of deliveries in the order of their events: as many walks as the query needs, which together look at a bounded number of rows. */

/** Rows that one page may look at: some 10 ms. */
const window = 3_000;
/** The same where the JSON of each row is looked into: its event's data, its target. */
const jsonWindow = 1_000;
const fewestOfEach = 25;
/** More subscriptions than this, and all deliveries are walked through instead of those of each. */
const walkedSubscriptions = 200;

const columns = `${eventColumns}, s.uuid AS subscription_uuid, s.number, s.face, s.paused_ms, s.enabled, s.deleted_ms,
  s.target, ${through},
  d.status, d.attempts, d.due_ms, d.reason AS dead_reason,
  coalesce(d.started_ms, a.started_ms) AS started_ms, coalesce(d.duration_ms, a.duration_ms) AS duration_ms,
  coalesce(d.http_status, a.http_status) AS http_status, a.reason, a.message, coalesce(d.snippet, a.snippet) AS snippet,
  coalesce(d.made_for, a.made_for) AS made_for, coalesce(d.batch, a.batch) AS batch`;
const one = `SELECT ${columns} FROM delivery d JOIN event e ON e.sequence = d.sequence
  JOIN subscription s ON s.number = d.subscription ${lastFailed}
  WHERE d.sequence = ? AND d.subscription = ? AND d.status <> 3`;
const walks = walkTexts(columns);
const numberOf = "SELECT number FROM subscription WHERE uuid = ? AND tenant = ?";
const numbersIn = `SELECT number FROM subscription WHERE tenant = ? AND scope = ? LIMIT ${walkedSubscriptions + 1}`;
const last = `SELECT sequence, subscription FROM delivery WHERE sequence <= ${Number.MAX_SAFE_INTEGER}
  ORDER BY sequence DESC, subscription DESC LIMIT 1`;
const timeOf = "SELECT time_ms FROM event WHERE sequence = ?";

export function deliveryLists(reads: Reads): Pick<Deliveries, "list" | "count" | "newest" | "get"> {
  return {
    list: async (query, page) => {
      const [way, ...others] = await waysOf(reads, query);
      if (way === undefined) return { deliveries: [] };
      const along = (of: Way, what: "rows" | "places") => {
        const texts = walks[query.order ?? "newest"][of.kind];
        const [rowsSeen, max] = [share(query, 1 + others.length), mostOf(page.max, 1 + others.length)];
        return walk(reads, { texts, way: of, query, after: page.after, window: rowsSeen, max }, what);
      };
      if (others.length === 0) {
        const { rows, next } = await along(way, "rows");
        return { deliveries: rows.map(readDelivery), ...(await searched(reads, next)) };
      }
      // Most of what several find together is beyond the page: only what is in it is read whole.
      const found = await Promise.all([way, ...others].map((of) => along(of, "places")));
      const { places, next } = merge(found, query, page.max);
      const read = await Promise.all(
        places.map(async ({ sequence, subscription }) => reads.one(readDelivery, one, sequence, subscription)),
      );
      return { deliveries: read.filter((delivery) => delivery !== undefined), ...(await searched(reads, next)) };
    },
    count: async (query, after) => {
      const [way = { kind: "all" } as const, ...others] = await waysOf(reads, query);
      const taken: Way = others.length === 0 ? way : { kind: "all" };
      const texts = walks[query.order ?? "newest"][taken.kind];
      const along = { texts, way: taken, query, after, window: share(query, 1), max: window };
      const { count, next } = await countAlong(reads, along);
      return { count, ...(await searched(reads, next)) };
    },
    newest: async () =>
      await reads.one(
        (row) => ({ sequence: integer(row, "sequence"), subscription: integer(row, "subscription") }),
        last,
      ),
    get: async ({ sequence, subscription }) => await reads.one(readDelivery, one, sequence, subscription),
  };
}

/** Which walks find all that is asked for, in as few rows as there are. */
async function waysOf(reads: Reads, { tenant, statuses, subscription, scope }: DeliveryQuery): Promise<readonly Way[]> {
  const along = (rows: readonly Row[]): Way[] =>
    rows.map((row) => ({ kind: "subscription", number: integer(row, "number") }));
  if (subscription !== undefined) return along(await reads.all(numberOf, subscription, tenant));
  if (statuses !== undefined && !statuses.includes("delivered")) {
    const stored = [
      ...(statuses.includes("waiting") || statuses.includes("paused") ? (["waiting"] as const) : []),
      ...(statuses.includes("dead") ? (["dead"] as const) : []),
    ];
    return stored.map((status) => ({ kind: "open", status }));
  }
  const numbers = scope === undefined ? [] : await reads.all(numbersIn, tenant, scope);
  return scope === undefined || numbers.length > walkedSubscriptions ? [{ kind: "all" }] : along(numbers);
}

/** How many rows each of several walks may look at: together no more than one. */
function share({ data, targetHost }: DeliveryQuery, walking: number): number {
  return Math.ceil((data === undefined && targetHost === undefined ? window : jsonWindow) / Math.max(1, walking));
}

/** Rows that each of several walks gives for a page, which may be short where one of them has most of it. */
function mostOf(max: number, walking: number): number {
  return Math.min(max, Math.max(fewestOfEach, Math.ceil((2 * max) / walking)));
}

interface Places {
  readonly places: readonly DeliveryPlace[];
  readonly next?: DeliveryPlace;
}

/** Several walks, each in order, as one. Where one stopped early, nothing beyond that place may be given out yet. */
function merge(
  found: readonly Awaited<ReturnType<typeof walk>>[],
  { order = "newest" }: DeliveryQuery,
  max: number,
): Places {
  const inOrder = ordered(order);
  const stops = found.flatMap((walked) => (walked.next === undefined ? [] : [walked.next]));
  const horizon = stops.sort(inOrder)[0];
  const all = found
    .flatMap((walked) => walked.rows)
    .map((row) => ({ sequence: integer(row, "sequence"), subscription: integer(row, "number") }))
    .filter((place) => horizon === undefined || inOrder(place, horizon) <= 0)
    .sort(inOrder);
  const places = all.slice(0, max);
  return { places, ...optional("next", all.length > max ? places.at(-1) : horizon) };
}

function ordered(order: DeliveryOrder): (a: DeliveryPlace, b: DeliveryPlace) => number {
  const sign = order === "newest" ? -1 : 1;
  return (a, b) => sign * (a.sequence - b.sequence || a.subscription - b.subscription);
}

async function searched(
  reads: Reads,
  next: DeliveryPlace | undefined,
): Promise<Pick<ListedDeliveries, "next" | "searchedMs">> {
  if (next === undefined) return {};
  return { next, searchedMs: (await reads.one((row) => integer(row, "time_ms"), timeOf, next.sequence)) ?? 0 };
}

function readDelivery(row: Row): Delivery {
  const status = storedStatus(integer(row, "status"));
  const off = row["paused_ms"] !== null || integer(row, "enabled") === 0;
  const attempts = integer(row, "attempts");
  return {
    event: eventOfRow(row),
    subscription: text(row, "subscription_uuid") as Uuid,
    number: integer(row, "number"),
    face: text(row, "face") as Face,
    target: targetOfRow(row),
    status: status === "waiting" && off ? "paused" : status,
    attempts,
    ...(row["due_ms"] === blockedMs ? {} : optional("dueMs", row["due_ms"] as number | null)),
    ...optional("reason", row["dead_reason"] as FailureReason | null),
    ...(row["started_ms"] === null ? {} : { last: readAttempt(row, attempts) }),
  };
}

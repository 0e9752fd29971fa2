import type { DeliveryStatus, StoredStatus } from "../../domain/delivery.ts";
import type { DeliveryOrder, DeliveryPlace, DeliveryQuery } from "../store.ts";
import { statusCodes } from "./deliveries-sql.ts";
import { boundValues, lastFailed, within } from "./delivery-bounds.ts";
import { sequencesPerMs } from "./events-sql.ts";
import { integer, type Reads, type Row, type Sql } from "./step.ts";

/**
 * Walks through deliveries in the order of their events. Whatever the query, one walk looks at a bounded number of rows: by subscription and
 * by status it goes through an index of just those, otherwise through all.
 */

/** Where one walk goes. */
export type Way =
  | { readonly kind: "all" }
  /** Those of the tenant that are not delivered, by what is stored of their status. */
  | { readonly kind: "open"; readonly status: Exclude<StoredStatus, "delivered"> }
  | { readonly kind: "subscription"; readonly number: number };

/** Sequences follow the clock, but the clock may have been set: bounds by time are this generous. */
const clockSlackMs = 86_400_000;

const joins = `JOIN event e ON e.sequence = d.sequence JOIN subscription s ON s.number = d.subscription ${lastFailed}`;
const isOff = "(s.enabled = 0 OR s.paused_ms IS NOT NULL)";
/** ?1 tenant; ?7 to ?10: whether waiting, paused, delivered and dead ones are wanted; from ?12 on what narrows them */
const wanted = `d.tenant = ?1
  AND CASE d.status WHEN 0 THEN iif(${isOff}, CAST(?8 AS bigint), CAST(?7 AS bigint)) WHEN 1 THEN CAST(?9 AS bigint) WHEN 2 THEN CAST(?10 AS bigint) ELSE 0 END = 1
  AND ${within(12)}`;

/** ?2 and ?3: the place behind which the walk begins; ?4: the sequence beyond which it does not go. */
const orders = {
  newest: {
    ahead: "(d.sequence, d.subscription) < (?2, ?3) AND d.sequence <= ?2 AND d.sequence >= ?4",
    by: "ORDER BY d.sequence DESC, d.subscription DESC",
  },
  oldest: {
    ahead: "(d.sequence, d.subscription) > (?2, ?3) AND d.sequence >= ?2 AND d.sequence <= ?4",
    by: "ORDER BY d.sequence, d.subscription",
  },
} as const satisfies Record<DeliveryOrder, unknown>;
/** ?5: what the index is asked for */
const ways = {
  all: "delivery d WHERE",
  open: "delivery d INDEXED BY delivery_open WHERE d.tenant = ?1 AND d.status = ?5 AND d.status <> 1 AND",
  subscription: "delivery d INDEXED BY delivery_by_subscription WHERE d.subscription = ?5 AND",
} as const satisfies Record<Way["kind"], string>;

interface WalkTexts {
  /** The rows of the window that fit; ?6 rows of the window, ?11 rows at most. */
  readonly rows: string;
  /** The same, nothing but where they stand. */
  readonly places: string;
  readonly count: string;
  /** The last place of a window that is full. */
  readonly end: string;
}

function textsOf(order: DeliveryOrder, kind: Way["kind"], columns: string): WalkTexts {
  const { ahead, by } = orders[order];
  const window = `(SELECT * FROM ${ways[kind]} ${ahead} ${by} LIMIT ?6) d ${joins} WHERE ${wanted}`;
  return {
    rows: `SELECT ${columns} FROM ${window} ${by} LIMIT ?11`,
    places: `SELECT d.sequence, d.subscription AS number FROM ${window} ${by} LIMIT ?11`,
    count: `SELECT count(*) AS n FROM ${window}`,
    end: `SELECT d.sequence, d.subscription FROM ${ways[kind]} ${ahead} ${by} LIMIT 1 OFFSET ?6 - 1`,
  };
}

/** The reads of all walks, each once. */
export function walkTexts(columns: string): Record<DeliveryOrder, Record<Way["kind"], WalkTexts>> {
  const of = (order: DeliveryOrder): Record<Way["kind"], WalkTexts> => ({
    all: textsOf(order, "all", columns),
    open: textsOf(order, "open", columns),
    subscription: textsOf(order, "subscription", columns),
  });
  return { newest: of("newest"), oldest: of("oldest") };
}

interface Walk {
  readonly texts: WalkTexts;
  readonly way: Way;
  readonly query: DeliveryQuery;
  /** Behind which it begins. */
  readonly after: DeliveryPlace | undefined;
  /** That it looks at. */
  readonly window: number;
  readonly max: number;
}

/** Rows of a window that fit, at most `max`, and the place up to which it looked; none where nothing is left. */
export async function walk(
  reads: Reads,
  made: Walk,
  what: "rows" | "places",
): Promise<{ readonly rows: readonly Row[]; readonly next?: DeliveryPlace }> {
  const { first, all } = paramsOf(made);
  const rows = await reads.all(made.texts[what], ...all);
  const last = rows.at(-1);
  if (rows.length === made.max && last !== undefined) {
    return { rows, next: { sequence: integer(last, "sequence"), subscription: integer(last, "number") } };
  }
  return { rows, ...endOf(await reads.get(made.texts.end, ...first)) };
}

/** How many rows of a window fit, and the place up to which it looked. */
export async function countAlong(
  reads: Reads,
  made: Walk,
): Promise<{ readonly count: number; readonly next?: DeliveryPlace }> {
  const { first, all } = paramsOf(made);
  const count = integer((await reads.get(made.texts.count, ...all)) ?? {}, "n");
  return { count, ...endOf(await reads.get(made.texts.end, ...first)) };
}

function endOf(row: Row | undefined): { readonly next?: DeliveryPlace } {
  if (row === undefined) return {};
  return { next: { sequence: integer(row, "sequence"), subscription: integer(row, "subscription") } };
}

/** The first of them say where to look, and are all that the end of a window needs. */
function paramsOf({ query, way, after, window, max }: Walk): {
  readonly first: readonly Sql[];
  readonly all: readonly Sql[];
} {
  const [from, farthest] = ends(query);
  const place = after ?? from;
  const asked = way.kind === "all" ? null : way.kind === "open" ? statusCodes[way.status] : way.number;
  const first = [query.tenant, place.sequence, place.subscription, farthest, asked, window];
  const isWanted = (status: DeliveryStatus): number => (query.statuses?.includes(status) === false ? 0 : 1);
  const statuses = [isWanted("waiting"), isWanted("paused"), isWanted("delivered"), isWanted("dead")];
  return { first, all: [...first, ...statuses, max, ...boundValues(query)] };
}

/** Where a walk begins without a place, and the sequence beyond which it does not go. */
function ends({ order, sinceMs, untilMs }: DeliveryQuery): readonly [DeliveryPlace, number] {
  const oldest = sinceMs === undefined ? 0 : Math.max(0, sinceMs - clockSlackMs) * sequencesPerMs;
  const until = untilMs === undefined ? Number.MAX_SAFE_INTEGER : (untilMs + clockSlackMs) * sequencesPerMs;
  const newest = Math.min(until, Number.MAX_SAFE_INTEGER);
  return order === "oldest"
    ? [{ sequence: oldest, subscription: -1 }, newest]
    : [{ sequence: newest, subscription: Number.MAX_SAFE_INTEGER }, oldest];
}

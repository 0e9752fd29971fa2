import { blockedMs, type DeliveryStatus } from "../../domain/delivery.ts";
import type { Face } from "../../domain/event.ts";
import type { Uuid } from "../../domain/ids.ts";
import type { FailureReason } from "../../domain/retry.ts";
import type { Deliveries, Delivery, DeliveryPlace, DeliveryQuery, Page } from "../store.ts";
import { sequencesPerMs } from "./commit-runner.ts";
import { readAttempt, statusCodes, storedStatus } from "./deliveries-sql.ts";
import { eventColumns, eventOfRow } from "./events-sql.ts";
import { seenBy, viewing } from "./sight-sql.ts";
import { integer, optional, type Row, type Sql, type Statements, text } from "./step.ts";

/**
 * Lists of deliveries, newest event first. Whatever the query, one page looks at a bounded number of rows: by subscription and
 * by status it walks an index of just those; otherwise it walks a window of the newest rows and says where to go on.
 */

/** Rows that one page may look at. */
const window = 5_000;
/** More subscriptions than this in a scope, and the window is walked instead of each of them. */
const walkedSubscriptions = 200;
/** Sequences follow the clock, but the clock may have been set: bounds by time are this generous. */
const clockSlackMs = 86_400_000;

/** The last attempt stands in the delivery's row if it succeeded, and in a row of its own if it failed. */
const columns = `${eventColumns}, s.uuid AS subscription_uuid, s.number, s.face, s.paused_ms, s.enabled, s.deleted_ms,
  s.function AS function_number,
  d.status, d.attempts, d.due_ms, d.reason AS dead_reason,
  coalesce(d.started_ms, a.started_ms) AS started_ms, coalesce(d.duration_ms, a.duration_ms) AS duration_ms,
  coalesce(d.http_status, a.http_status) AS http_status, a.reason, a.message, coalesce(d.snippet, a.snippet) AS snippet,
  coalesce(d.made_for, a.made_for) AS made_for`;
const joins = `JOIN event e ON e.sequence = d.sequence JOIN subscription s ON s.number = d.subscription
  LEFT JOIN attempt a ON d.started_ms IS NULL
    AND a.sequence = d.sequence AND a.subscription = d.subscription AND a.number = d.attempts`;
const isOff = "(s.enabled = 0 OR s.paused_ms IS NOT NULL)";
/** ?1 tenant, ?2 stored status or NULL, ?3 off (0, 1 or NULL), ?4 since, ?5 until, ?6 scope, ?7 and ?12 who must see it */
const where = `d.tenant = ?1 AND d.status <> 3 AND (?2 IS NULL OR d.status = ?2) AND (?3 IS NULL OR ${isOff} = ?3)
  AND (?4 IS NULL OR e.time_ms >= ?4) AND (?5 IS NULL OR e.time_ms < ?5) AND (?6 IS NULL OR s.scope = ?6)
  AND ${seenBy("?7", "?12")}`;
const before = "(d.sequence, d.subscription) < (?8, ?9) AND d.sequence <= ?8 AND d.sequence >= ?10";
const newest = "ORDER BY d.sequence DESC, d.subscription DESC";

const walkAll = `SELECT ${columns} FROM
  (SELECT * FROM delivery d WHERE ${before} ${newest} LIMIT ${window}) d ${joins}
  WHERE ${where} ${newest} LIMIT ?11`;
const endOfWindow = `SELECT sequence, subscription FROM delivery d
  WHERE (d.sequence, d.subscription) < (?1, ?2) AND d.sequence <= ?1 AND d.sequence >= ?3 ${newest} LIMIT 1 OFFSET ${window - 1}`;
const walkOpen = `SELECT ${columns} FROM
  (SELECT * FROM delivery d INDEXED BY delivery_open WHERE d.tenant = ?1 AND d.status = ?2 AND d.status <> 1 AND ${before}
    ${newest} LIMIT ${window}) d ${joins}
  WHERE ${where} ${newest} LIMIT ?11`;
const endOfOpen = `SELECT sequence, subscription FROM delivery d INDEXED BY delivery_open
  WHERE d.tenant = ?4 AND d.status = ?5 AND d.status <> 1
    AND (d.sequence, d.subscription) < (?1, ?2) AND d.sequence <= ?1 AND d.sequence >= ?3 ${newest} LIMIT 1 OFFSET ${window - 1}`;
const walkSubscription = `SELECT ${columns} FROM
  (SELECT * FROM delivery d INDEXED BY delivery_by_subscription WHERE d.subscription = ?13 AND ${before}
    ${newest} LIMIT ?14) d ${joins}
  WHERE ${where} ${newest} LIMIT ?11`;
const endOfSubscription = `SELECT sequence, subscription FROM delivery d INDEXED BY delivery_by_subscription
  WHERE d.subscription = ?4 AND (d.sequence, d.subscription) < (?1, ?2) AND d.sequence <= ?1 AND d.sequence >= ?3
  ${newest} LIMIT 1 OFFSET ?5`;
const numberOf = "SELECT number FROM subscription WHERE uuid = ? AND tenant = ?";
const numbersIn = `SELECT number FROM subscription WHERE tenant = ? AND scope = ? LIMIT ${walkedSubscriptions + 1}`;
const one = `SELECT ${columns} FROM delivery d ${joins} WHERE d.sequence = ? AND d.subscription = ? AND d.status <> 3`;

interface Found {
  readonly deliveries: Delivery[];
  readonly next?: DeliveryPlace;
}

export function deliveryLists(statements: Statements): Pick<Deliveries, "list" | "get"> {
  return {
    list: async (query, page) => {
      const numbers = subscriptionsOf(statements, query);
      if (numbers === undefined) return walk(statements, query, page);
      // Together they look at no more rows than one walk over all.
      const rows = Math.ceil(window / Math.max(1, numbers.length));
      return merge(
        numbers.map((number) => walk(statements, query, page, { number, rows })),
        page.max,
      );
    },
    get: async ({ sequence, subscription }) => statements.one(readDelivery, one, sequence, subscription),
  };
}

/** The subscriptions whose own indexes answer the query; `undefined` when a walk over all is better. */
function subscriptionsOf(statements: Statements, query: DeliveryQuery): number[] | undefined {
  const openOnly = query.status !== undefined && query.status !== "delivered";
  if (query.subscription !== undefined) {
    return statements.all(numberOf, query.subscription, query.tenant).map((row) => integer(row, "number"));
  }
  if (query.scope === undefined || openOnly) return undefined;
  const numbers = statements.all(numbersIn, query.tenant, query.scope).map((row) => integer(row, "number"));
  return numbers.length > walkedSubscriptions ? undefined : numbers;
}

/** One subscription's deliveries, and how many of them to look at. */
interface Walked {
  readonly number: number;
  readonly rows: number;
}

function walk(statements: Statements, query: DeliveryQuery, page: Page<DeliveryPlace>, of?: Walked): Found {
  const place = page.after ?? startingAt(query);
  const oldest = query.sinceMs === undefined ? 0 : Math.max(0, query.sinceMs - clockSlackMs) * sequencesPerMs;
  const [status, mustBeOff] = stored(query.status);
  const [viewer, developer] = viewing(query.viewer);
  const params: Sql[] = [
    query.tenant,
    status,
    mustBeOff,
    query.sinceMs ?? null,
    query.untilMs ?? null,
    query.scope ?? null,
    viewer,
    place.sequence,
    place.subscription,
    oldest,
    page.max,
    developer,
  ];
  const bounds: Sql[] = [place.sequence, place.subscription, oldest];
  const open = status !== null && status !== statusCodes.delivered;
  const rows =
    of !== undefined
      ? statements.all(walkSubscription, ...params, of.number, of.rows)
      : statements.all(open ? walkOpen : walkAll, ...params);
  const last = rows.at(-1);
  if (rows.length === page.max && last !== undefined) {
    const next = { sequence: integer(last, "sequence"), subscription: integer(last, "number") };
    return { deliveries: rows.map(readDelivery), next };
  }
  const end =
    of !== undefined
      ? statements.get(endOfSubscription, ...bounds, of.number, of.rows - 1)
      : open
        ? statements.get(endOfOpen, ...bounds, query.tenant, status)
        : statements.get(endOfWindow, ...bounds);
  return {
    deliveries: rows.map(readDelivery),
    ...optional(
      "next",
      end === undefined
        ? undefined
        : { sequence: integer(end, "sequence"), subscription: integer(end, "subscription") },
    ),
  };
}

/** Several walks, each newest first, as one. Where a walk stopped early, nothing older than that place may be given out yet. */
function merge(found: readonly Found[], max: number): Found {
  const stops = found.flatMap((walked) => (walked.next === undefined ? [] : [walked.next]));
  const horizon = stops.sort(newestFirst)[0];
  const all = found
    .flatMap((walked) => walked.deliveries)
    .map((delivery) => ({ delivery, sequence: delivery.event.sequence, subscription: delivery.number }))
    .filter((entry) => horizon === undefined || newestFirst(entry, horizon) <= 0)
    .sort(newestFirst);
  const given = all.slice(0, max);
  const last = given.at(-1);
  const next =
    all.length > max && last !== undefined ? { sequence: last.sequence, subscription: last.subscription } : horizon;
  return { deliveries: given.map((entry) => entry.delivery), ...optional("next", next) };
}

function newestFirst(a: DeliveryPlace, b: DeliveryPlace): number {
  return b.sequence - a.sequence || b.subscription - a.subscription;
}

function startingAt(query: DeliveryQuery): DeliveryPlace {
  const newestSequence =
    query.untilMs === undefined ? Number.MAX_SAFE_INTEGER : (query.untilMs + clockSlackMs) * sequencesPerMs;
  return { sequence: Math.min(newestSequence, Number.MAX_SAFE_INTEGER), subscription: Number.MAX_SAFE_INTEGER };
}

/** What is stored of a status: its code, and whether the subscription must be (1), or not be (0), off: disabled or paused. */
function stored(status: DeliveryStatus | undefined): readonly [number | null, number | null] {
  switch (status) {
    case undefined:
      return [null, null];
    case "paused":
      return [statusCodes.waiting, 1];
    case "waiting":
      return [statusCodes.waiting, 0];
    case "delivered":
    case "dead":
      return [statusCodes[status], null];
    default:
      return status satisfies never;
  }
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
    ...optional("function", row["function_number"] as number | null),
    status: status === "waiting" && off ? "paused" : status,
    attempts,
    ...(row["due_ms"] === blockedMs ? {} : optional("dueMs", row["due_ms"] as number | null)),
    ...optional("reason", row["dead_reason"] as FailureReason | null),
    ...(row["started_ms"] === null ? {} : { last: readAttempt(row, attempts) }),
  };
}

import { blockedMs } from "../../domain/delivery.ts";
import { asideColumns, type Waits } from "../sql/waits.ts";

/** Statements that look at some shards only, each through an index that leads with the shard: a node reads no row of another's, however many there are. */

/** Shards as a parameter. */
function listOf(held: readonly number[]): string {
  return `{${held.join()}}`;
}

/** A statement with room for so many shards: a power of two, so that there are few. */
function byRoom(build: (room: number) => string): (held: readonly number[]) => string {
  const built = new Map<number, string>();
  return (held) => {
    const room = 2 ** Math.ceil(Math.log2(Math.max(1, held.length)));
    let sql = built.get(room);
    if (sql === undefined) {
      sql = build(room);
      built.set(room, sql);
    }
    return sql;
  };
}

/**
 * Rows of the shards ?1 in one order. The rows of each come in it from an index, and PostgreSQL merges them: of those that are not wanted it reads one of
 * each shard. All columns are taken as they come: another choice would be a step of its own for each shard.
 */
function merged(room: number, ofShard: string, order: string): string {
  const each = Array.from({ length: room }, (_, at) => {
    const own = ofShard.replace("{shard}", `(CAST(?1 AS bigint[]))[${at + 1}]`);
    return `(${own} ORDER BY ${order})`;
  });
  return `(${each.join("\n    UNION ALL ")})`;
}

const eachShard = "unnest(CAST(?1 AS bigint[])) AS held (shard)";
const byTime = "due_ms, sequence";

/** ?2 subscription, ?3 now. */
const dueOf = `SELECT sequence, due_ms, attempts, tries, reason, patient_ms, line FROM delivery
    WHERE (sequence & 63) = {shard} AND subscription = ?2 AND status = 0 AND due_ms <= ?3`;
const due = byRoom((room) => `SELECT * FROM ${merged(room, dueOf, byTime)} d ORDER BY ${byTime} LIMIT ?4`);
/** ?2 subscription, ?3 due, ?4 sequence. */
const behindOf = `SELECT sequence, attempts, due_ms, wait_ms FROM delivery
    WHERE (sequence & 63) = {shard} AND subscription = ?2 AND status = 0 AND (due_ms, sequence) > (?3, ?4) AND due_ms < ${blockedMs}`;
const behind = byRoom((room) => `SELECT * FROM ${merged(room, behindOf, byTime)} d ORDER BY ${byTime} LIMIT ?5`);
/** ?2 tenant, ?3 after. */
const asideOf = `SELECT sequence, state, since_ms FROM event_aside
    WHERE (sequence & 63) = {shard} AND tenant = ?2 AND state = 'waiting' AND sequence > ?3`;
const aside = byRoom(
  (
    room,
  ) => `SELECT ${asideColumns} FROM (SELECT * FROM ${merged(room, asideOf, "sequence")} one ORDER BY sequence LIMIT ?4) a
  JOIN event e ON e.sequence = a.sequence ORDER BY a.sequence`,
);

const earliestDue = `SELECT first.due_ms FROM ${eachShard} CROSS JOIN LATERAL (
    SELECT due_ms FROM delivery
    WHERE (sequence & 63) = held.shard AND subscription = ?2 AND status = 0 AND due_ms > ?3 AND due_ms < ${blockedMs}
    ORDER BY due_ms LIMIT 1) first
  ORDER BY first.due_ms LIMIT 1`;
/** The first of a shard behind a number, and when it is due first. */
const subscriptionBehind = (number: string, shard: string): string => `SELECT subscription, due_ms FROM delivery
      WHERE (sequence & 63) = ${shard} AND status = 0 AND subscription > ${number} ORDER BY subscription, due_ms LIMIT 1`;
/** Of each shard from one to the next, ?3 at the most. */
const subscriptionsWaiting = `WITH RECURSIVE found (shard, place, subscription, due_ms) AS (
    SELECT held.shard, 1, first.subscription, first.due_ms FROM ${eachShard} CROSS JOIN LATERAL (
      ${subscriptionBehind("?2", "held.shard")}) first
    UNION ALL SELECT found.shard, found.place + 1, next.subscription, next.due_ms FROM found CROSS JOIN LATERAL (
      ${subscriptionBehind("found.subscription", "found.shard")}) next
    WHERE found.place < ?3)
  SELECT subscription, min(due_ms) AS due_ms FROM found GROUP BY subscription ORDER BY subscription LIMIT ?3`;
const asideTenants = `SELECT DISTINCT few.tenant FROM ${eachShard} CROSS JOIN LATERAL (
    SELECT DISTINCT a.tenant FROM event_aside a WHERE (a.sequence & 63) = held.shard AND a.state = 'waiting') few`;

/** @param held the shards of this node, now */
export function heldWaits(held: () => readonly number[]): Waits {
  return {
    due: (subscription, nowMs, max) => {
      const now = held();
      return { sql: due(now), params: [listOf(now), subscription, nowMs, max] };
    },
    nextDue: (subscription, afterMs) => ({ sql: earliestDue, params: [listOf(held()), subscription, afterMs] }),
    behind: (subscription, { after, max }) => {
      const now = held();
      return { sql: behind(now), params: [listOf(now), subscription, after.dueMs, after.sequence, max] };
    },
    subscriptions: (after, max) => ({ sql: subscriptionsWaiting, params: [listOf(held()), after, max] }),
    aside: (tenant, after, max) => {
      const now = held();
      return { sql: aside(now), params: [listOf(now), tenant, after, max] };
    },
    asideTenants: () => ({ sql: asideTenants, params: [listOf(held())] }),
  };
}

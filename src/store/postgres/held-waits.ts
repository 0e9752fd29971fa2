import { blockedMs } from "../../domain/delivery.ts";
import { asideColumns, type Waits } from "../sql/waits.ts";

/** Statements that look at some shards only, each through an index that leads with the shard: a node reads no row of another's, however many there are. */

/** Shards as a parameter. */
function listOf(held: readonly number[]): string {
  return `{${held.join()}}`;
}

const eachShard = "unnest(CAST(?1 AS bigint[])) AS held (shard)";

/**
 * The first rows of the shards ?1 in one order. Of each as many are read as are wanted, for what waits lies in few of them: those that nodes had as their homes.
 * To merge them row by row takes a step for each shard in each partition, which costs more than the rows.
 */
function firstOf(ofShard: string, order: string, most: string): string {
  return `SELECT first.* FROM ${eachShard} CROSS JOIN LATERAL (${ofShard} ORDER BY ${order} LIMIT ${most}) first ORDER BY ${order} LIMIT ${most}`;
}

const byTime = "due_ms, sequence";

/** ?2 subscription, ?3 now. */
const due = firstOf(
  `SELECT sequence, due_ms, attempts, tries, reason, patient_ms, line FROM delivery
    WHERE (sequence & 63) = held.shard AND subscription = ?2 AND status = 0 AND due_ms <= ?3`,
  byTime,
  "?4",
);
/** ?2 subscription, ?3 due, ?4 sequence. */
const behind = firstOf(
  `SELECT sequence, attempts, due_ms, wait_ms FROM delivery
    WHERE (sequence & 63) = held.shard AND subscription = ?2 AND status = 0 AND (due_ms, sequence) > (?3, ?4) AND due_ms < ${blockedMs}`,
  byTime,
  "?5",
);
/** ?2 tenant, ?3 after. */
const asideOf = firstOf(
  `SELECT sequence, state, since_ms FROM event_aside
    WHERE (sequence & 63) = held.shard AND tenant = ?2 AND state = 'waiting' AND sequence > ?3`,
  "sequence",
  "?4",
);
const aside = `SELECT ${asideColumns} FROM (${asideOf}) a JOIN event e ON e.sequence = a.sequence ORDER BY a.sequence`;

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
    due: (subscription, nowMs, max) => ({ sql: due, params: [listOf(held()), subscription, nowMs, max] }),
    nextDue: (subscription, afterMs) => ({ sql: earliestDue, params: [listOf(held()), subscription, afterMs] }),
    behind: (subscription, { after, max }) => ({
      sql: behind,
      params: [listOf(held()), subscription, after.dueMs, after.sequence, max],
    }),
    subscriptions: (after, max) => ({ sql: subscriptionsWaiting, params: [listOf(held()), after, max] }),
    aside: (tenant, after, max) => ({ sql: aside, params: [listOf(held()), tenant, after, max] }),
    asideTenants: () => ({ sql: asideTenants, params: [listOf(held())] }),
  };
}

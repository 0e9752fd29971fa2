import type { Step } from "./step.ts";

/**
 * How many deliveries of each tenant wait and how many are dead, in the table `open_count`. Every statement that writes a delivery's status
 * has one of these beside it, in the same transaction; `open-counts.test.ts` holds them against counting anew.
 *
 * In PostgreSQL a tenant has a row for each node that writes, so that none waits for another's: what is open is the sum of them. Others may change a
 * delivery between a count and the statement that it is beside: what is counted is locked before it is looked at.
 */

const tenantOfNode = "ON CONFLICT (tenant/*postgres , node*/)";
const added = `${tenantOfNode} DO UPDATE SET waiting = open_count.waiting + excluded.waiting,
  dead = open_count.dead + excluded.dead`;
export const addOpen = `INSERT INTO open_count (tenant, waiting, dead) VALUES (?, ?, ?) ${added}`;

/** What is read of deliveries, each of which adds to the counts of its tenant what it says. */
const addOf = (waiting: string, dead: string, those: string): string =>
  `INSERT INTO open_count (tenant, waiting, dead)
  SELECT tenant, sum(${waiting}), sum(${dead}) FROM ${those} GROUP BY tenant ${added}`;

/** Whatever it is: OFFSET keeps the conditions outside, which are to hold once it is locked. */
const one =
  "(SELECT tenant, status FROM delivery WHERE sequence = ?1 AND subscription = ?2 /*postgres OFFSET 0 FOR UPDATE*/) d";
const locked = (those: string): string =>
  `(SELECT tenant, status FROM delivery WHERE ${those} /*postgres FOR UPDATE*/) d`;
const finishedOne = addOf("1", "-iif(status = 2, 1, 0)", `${one} WHERE status IN (1, 2)`);
const deadOne = addOf("1", "-1", `${one} WHERE status = 2`);
const clearOne = addOf("0", "-1", `${one} WHERE status = 2`);
const clearAll = addOf("0", "-1", locked("subscription = ?1 AND status = 2"));
const dropped = addOf(
  "-iif(status = 0, 1, 0)",
  "-iif(status = 2, 1, 0)",
  locked("sequence BETWEEN ?1 AND ?2 AND status IN (0, 2)"),
);
const waitsNow = `INSERT INTO open_count (tenant, waiting, dead)
  SELECT ?3, 1 - iif(d.status = 0, 1, 0), -iif(d.status = 2, 1, 0)
  FROM (SELECT 1 AS one) one LEFT JOIN delivery d ON d.sequence = ?1 AND d.subscription = ?2 WHERE true ${added}`;

/** Of a statement that inserts what waits, from rows of the tenant ?1. */
export function countNew(rows: string): string {
  return `INSERT INTO open_count (tenant, waiting) SELECT ?1, count(*) ${rows}
    ${tenantOfNode} DO UPDATE SET waiting = open_count.waiting + excluded.waiting`;
}

interface Place {
  readonly sequence: number;
  readonly subscription: number;
}

/** Before a finished delivery waits again. `those`: which statuses may, as `waitAgain` has them. */
export function countAgain({ sequence, subscription }: Place, those: "1, 2" | "2"): Step {
  return { sql: those === "2" ? deadOne : finishedOne, params: [sequence, subscription] };
}

/** Before a delivery waits that may be there already. */
export function countWaiting({ sequence, subscription, tenant }: Place & { readonly tenant: string }): Step {
  return { sql: waitsNow, params: [sequence, subscription, tenant] };
}

/** Before dead ones of a subscription are cleared; of one event only, or all. */
export function countCleared(subscription: number, sequence: number | undefined): Step {
  return sequence === undefined
    ? { sql: clearAll, params: [subscription] }
    : { sql: clearOne, params: [sequence, subscription] };
}

/** Before deliveries of the events `first` to `last` are dropped. */
export function countDropped(first: number, last: number): Step {
  return { sql: dropped, params: [first, last] };
}

import { blockedMs } from "../../domain/delivery.ts";
import type { Page } from "../page.ts";
import type { WaitPlace } from "../store.ts";
import { eventColumns } from "./events-sql.ts";
import type { Step } from "./step.ts";

/** How what waits is found: all of it, or what this node has to do of it. */
export interface Waits {
  /** Deliveries of a subscription that are due, the earliest first: `sequence, attempts, tries, reason, patient_ms, line`. */
  due(subscription: number, nowMs: number, max: number): Step;
  /** When the next is due after an instant: `due_ms`. */
  nextDue(subscription: number, afterMs: number): Step;
  /** Those behind a place, the earliest first: `sequence, attempts, due_ms, wait_ms`. */
  behind(subscription: number, page: Required<Page<WaitPlace>>): Step;
  /** Subscriptions that have any, by number, with the earliest instant: `subscription, due_ms`. */
  subscriptions(after: number, max: number): Step;
  /** Events of a tenant that were set aside until they can be dispatched, in their order: {@link asideColumns}. */
  aside(tenant: string, after: number, max: number): Step;
  /** Tenants that have any: `tenant`. */
  asideTenants(): Step;
}

/** Of `e`, an event, and `a`, that it was set aside. */
export const asideColumns = `${eventColumns}, a.state aside_state, a.since_ms aside_since_ms`;
/** ?1 tenant, ?2 state, ?3 after, ?4 max. */
export const asideOfTenant = `SELECT ${asideColumns} FROM event_aside a JOIN event e ON e.sequence = a.sequence
  WHERE a.tenant = ? AND a.state = ? AND a.sequence > ? ORDER BY a.sequence LIMIT ?`;

const dueNow = `SELECT d.sequence, d.attempts, d.tries, d.reason, d.patient_ms, d.line FROM delivery d INDEXED BY delivery_waiting
  WHERE d.subscription = ? AND d.status = 0 AND d.due_ms <= ? ORDER BY d.due_ms, d.sequence LIMIT ?`;
const earliestDue = `SELECT due_ms FROM delivery INDEXED BY delivery_waiting
  WHERE subscription = ? AND status = 0 AND due_ms > ? AND due_ms < ${blockedMs} ORDER BY due_ms LIMIT 1`;
const waitsBehind = `SELECT sequence, attempts, due_ms, wait_ms FROM delivery INDEXED BY delivery_waiting
  WHERE subscription = ? AND status = 0 AND (due_ms, sequence) > (?, ?) AND due_ms >= ? AND due_ms < ${blockedMs}
  ORDER BY due_ms, sequence LIMIT ?`;
/** From one to the next, ?2 at the most: grouping would walk through all that wait, of which there may be millions. */
const subscriptionsWaiting = `WITH RECURSIVE found (place, subscription) AS (
    SELECT 1, (SELECT subscription FROM delivery INDEXED BY delivery_waiting
      WHERE status = 0 AND subscription > ?1 ORDER BY subscription LIMIT 1)
    UNION ALL SELECT found.place + 1, (SELECT d.subscription FROM delivery d INDEXED BY delivery_waiting
      WHERE d.status = 0 AND d.subscription > found.subscription ORDER BY d.subscription LIMIT 1)
    FROM found WHERE found.subscription IS NOT NULL AND found.place < ?2)
  SELECT found.subscription, (SELECT d.due_ms FROM delivery d INDEXED BY delivery_waiting
    WHERE d.status = 0 AND d.subscription = found.subscription ORDER BY d.due_ms LIMIT 1) AS due_ms
  FROM found WHERE found.subscription IS NOT NULL`;
const tenantsAside = "SELECT DISTINCT tenant FROM event_aside WHERE state = 'waiting'";

/** For who has everything to do. */
export const allWaits: Waits = {
  due: (subscription, nowMs, max) => ({ sql: dueNow, params: [subscription, nowMs, max] }),
  nextDue: (subscription, afterMs) => ({ sql: earliestDue, params: [subscription, afterMs] }),
  behind: (subscription, { after, max }) => ({
    sql: waitsBehind,
    params: [subscription, after.dueMs, after.sequence, after.dueMs, max],
  }),
  subscriptions: (after, max) => ({ sql: subscriptionsWaiting, params: [after, max] }),
  aside: (tenant, after, max) => ({ sql: asideOfTenant, params: [tenant, "waiting", after, max] }),
  asideTenants: () => ({ sql: tenantsAside, params: [] }),
};

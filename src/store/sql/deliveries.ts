import type { Attempt, DueDelivery } from "../../domain/delivery.ts";
import type { Uuid } from "../../domain/ids.ts";
import type { WireFacts } from "../../domain/wire-facts.ts";
import type { DeliveryChange, DeliveryCondition } from "../deliveries.ts";
import { readTogetherBytes } from "../page.ts";
import type { Redrive, RedriveFilter } from "../records.ts";
import type { RedriveChange, RedriveCondition, Redrives } from "../redrives.ts";
import type { Deliveries, DeliveryPlace } from "../store.ts";
import { readAttempt, unfiltered } from "./deliveries-sql.ts";
import { deliveryLists as listed } from "./delivery-list.ts";
import { eventCounts } from "./event-counts.ts";
import { dataBytes, eventColumns, eventOfRow } from "./events-sql.ts";
import { newsOfRedrive } from "./news.ts";
import { countCleared, countWaiting } from "./open-counts.ts";
import { deadAhead, readDead } from "./redrive-step.ts";
import { type Check, integer, optional, parsed, type Reads, type Row, type Step, text } from "./step.ts";
import { bringForward, upsertInLine, waitAgain, waitingRow } from "./waiting-sql.ts";
import { allWaits } from "./waits.ts";

type Written = DeliveryChange | RedriveChange;
type Checked = DeliveryCondition | RedriveCondition;

/** A success that stood in the delivery's row becomes an attempt among others before the row is used anew. */
const keepSuccess = `INSERT INTO attempt
  (sequence, subscription, number, started_ms, duration_ms, http_status, snippet, made_for, batch)
  SELECT sequence, subscription, attempts, started_ms, duration_ms, http_status, snippet, made_for, batch FROM delivery
  WHERE sequence = ? AND subscription = ? AND status = 1 AND started_ms IS NOT NULL
  ON CONFLICT (sequence, subscription, number) DO NOTHING`;
/** In PostgreSQL those that were counted, and so locked: no others that died since. */
const clear = `UPDATE delivery SET status = 3 WHERE subscription = ? AND status = 2
  /*postgres AND xmax = CAST(pg_current_xact_id() AS xid)*/`;
const clearOne = "UPDATE delivery SET status = 3 WHERE subscription = ? AND sequence = ? AND status = 2";
const addRedrive = `INSERT INTO redrive
  (uuid, tenant, filter, state, redriven, looked, per_second, at_sequence, at_subscription, to_sequence, created_ms, created_by)
  VALUES (?, ?, ?, ?, ?, ?, ?, 0, 0, coalesce((SELECT max(sequence) FROM event), 0), ?, ?)`;
const cancelRedrive = "UPDATE redrive SET state = 'cancelled' WHERE uuid = ? AND state = 'running'";

export function deliveryChange(change: Written): Step[] {
  switch (change.do) {
    case "delivery.add":
      return [countWaiting(change.delivery), { sql: upsertInLine, params: waitingRow(change.delivery) }];
    case "delivery.redrive":
      return [{ sql: keepSuccess, params: [change.sequence, change.subscription] }, ...waitAgain(change, "1, 2")];
    case "delivery.forward": {
      const { subscription, sequences, nowMs, usualMs, mostMs = Number.MAX_SAFE_INTEGER } = change;
      return [{ sql: bringForward, params: [subscription, JSON.stringify(sequences), nowMs, usualMs, mostMs] }];
    }
    case "delivery.clear": {
      const { subscription, sequence } = change;
      const counted = countCleared(subscription, sequence);
      return sequence === undefined
        ? [counted, { sql: clear, params: [subscription] }]
        : [counted, { sql: clearOne, params: [subscription, sequence] }];
    }
    case "redrive.add": {
      const { uuid, tenant, filter, state, redriven, looked, perSecond, createdMs, createdBy } = change.redrive;
      const how = [state, redriven, looked, perSecond ?? null];
      const params = [uuid, tenant, JSON.stringify(filter), ...how, createdMs, createdBy];
      return [{ sql: addRedrive, params }, newsOfRedrive(uuid)];
    }
    case "redrive.cancel":
      return [{ sql: cancelRedrive, params: [change.uuid] }, newsOfRedrive(change.uuid)];
    default:
      return change satisfies never;
  }
}

const finished = "SELECT 1 FROM delivery WHERE sequence = ? AND subscription = ? AND status IN (1, 2)";
const isAbsent = `SELECT 1 FROM event WHERE sequence = ?1
  AND NOT EXISTS (SELECT 1 FROM delivery WHERE sequence = ?1 AND subscription = ?2)`;
const isRunning = "SELECT 1 FROM redrive WHERE uuid = ? AND state = 'running'";

export function deliveryCheck(condition: Checked): Check {
  if (condition.if === "redrive.running") return { sql: isRunning, params: [condition.uuid], expect: "row" };
  const sql = condition.if === "delivery.absent" ? isAbsent : finished;
  return { sql, params: [condition.sequence, condition.subscription], expect: "row" };
}

/** In the order of the sequences ?1 (JSON). */
const eventsDue = `SELECT ${eventColumns} FROM json_each(?1)
  CROSS JOIN event e WHERE e.sequence = CAST(json_each.value AS bigint)`;
const recordedBetween = `SELECT sequence, subscription FROM delivery
  WHERE (sequence, subscription) > (?, ?) AND sequence <= ? ORDER BY sequence, subscription LIMIT ?`;
/** A success that was captured stands among them, too. */
const keptAttempts = `SELECT number, started_ms, duration_ms, http_status, reason, message, snippet, made_for, batch
  FROM attempt
  WHERE sequence = ? AND subscription = ? ORDER BY number`;
const keptAttempt = "SELECT * FROM attempt WHERE sequence = ? AND subscription = ? AND number = ?";
const success = `SELECT attempts, started_ms, duration_ms, http_status, snippet, made_for, batch FROM delivery
  WHERE sequence = ? AND subscription = ? AND started_ms IS NOT NULL`;
/** Counted in steps of this size, between which others get their turn of the loop. */
const countedTogether = 10_000;
/** Of what a redrive has left no more are counted. */
const mostLeft = 200_000;
const openBehind = "status <> 1 AND sequence >= ?3 AND (sequence, subscription) > (?3, ?4) AND sequence <= ?5";
const countOpen = `SELECT count(*) AS n FROM (SELECT 1 FROM delivery INDEXED BY delivery_open
  WHERE tenant = ?1 AND status = ?2 AND ${openBehind} LIMIT ${countedTogether}) few`;
const lastCounted = `SELECT sequence, subscription FROM delivery INDEXED BY delivery_open
  WHERE tenant = ?1 AND status = ?2 AND ${openBehind} ORDER BY sequence, subscription LIMIT 1 OFFSET ${countedTogether - 1}`;
const openCounts = "SELECT coalesce(sum(waiting), 0) AS waiting, coalesce(sum(dead), 0) AS dead FROM open_count";
/** So many tenants are looked at before others get their turn of the loop: a millisecond. */
const tenantsTogether = 100;
const tenantsWaiting = `SELECT tenant FROM open_count WHERE tenant > ? GROUP BY tenant HAVING sum(waiting) > 0
  ORDER BY tenant LIMIT ${tenantsTogether}`;
const oldestWaiting = `SELECT e.time_ms FROM delivery d INDEXED BY delivery_open JOIN event e ON e.sequence = d.sequence
  WHERE d.tenant = ? AND d.status = 0 AND d.status <> 1 ORDER BY d.sequence LIMIT 1`;
const redriveByUuid = "SELECT * FROM redrive WHERE uuid = ?";
const redrivesOf = "SELECT * FROM redrive WHERE tenant = ? AND uuid < ? ORDER BY uuid DESC LIMIT ?";
const redrivesRunning = "SELECT * FROM redrive WHERE state = 'running' ORDER BY uuid";

/** The reads of `Deliveries` and `Redrives`, and the redrive job's steps, which the writer runs. */
export function deliveries(reads: Reads, advance: Redrives["advanceRedrive"], waits = allWaits): Deliveries & Redrives {
  const all = async ({ sql, params }: Step): Promise<Row[]> => reads.all(sql, ...params);
  return {
    ...listed(reads),
    ...eventCounts(reads),
    attempts: async ({ sequence, subscription }: DeliveryPlace) => {
      const [kept, last] = await Promise.all([
        reads.all(keptAttempts, sequence, subscription),
        reads.one(readSuccess, success, sequence, subscription),
      ]);
      const attempts = kept.map((row) => readAttempt(row, integer(row, "number")));
      return last === undefined || attempts.at(-1)?.number === last.number ? attempts : [...attempts, last];
    },
    attempt: async ({ sequence, subscription }: DeliveryPlace, number) => {
      const kept = await reads.get(keptAttempt, sequence, subscription, number);
      if (kept !== undefined)
        return { ...readAttempt(kept, number), ...optional("wire", parsed(kept, "wire") as WireFacts | undefined) };
      const last = await reads.one(readSuccess, success, sequence, subscription);
      return last?.number === number ? last : undefined;
    },
    due: async (subscription, nowMs, max, except) => {
      const due = (await all(waits.due(subscription, nowMs, max))).filter(
        (row) => except?.has(integer(row, "sequence")) !== true,
      );
      if (due.length === 0) return [];
      const sequences = JSON.stringify(due.map((row) => integer(row, "sequence")));
      const events = new Map<number, Row>();
      for (const event of await reads.upTo(readTogetherBytes, eventsDue, [sequences])) {
        events.set(integer(event, "sequence"), event);
      }
      return due.flatMap((row) => {
        const event = events.get(integer(row, "sequence"));
        return event === undefined ? [] : [readDue(event, row)];
      });
    },
    nextDue: async (subscription, afterMs) => {
      const { sql, params } = waits.nextDue(subscription, afterMs);
      return await reads.one((row) => integer(row, "due_ms"), sql, ...params);
    },
    waits: async (subscription, page) =>
      (await all(waits.behind(subscription, page))).map((row) => ({
        sequence: integer(row, "sequence"),
        attempts: integer(row, "attempts"),
        dueMs: integer(row, "due_ms"),
        ...optional("waitMs", row["wait_ms"] as number | null),
      })),
    waiting: async ({ after = 0, max }) =>
      (await all(waits.subscriptions(after, max))).map((row) => ({
        subscription: integer(row, "subscription"),
        dueMs: integer(row, "due_ms"),
      })),
    recorded: async ({ from, to }, { after = { sequence: from, subscription: -1 }, max }) =>
      (await reads.all(recordedBetween, after.sequence, after.subscription, to, max)).map(readPlace),
    depth: async () => {
      const [row = {}, oldest] = await Promise.all([reads.get(openCounts), oldestOf(reads)]);
      return { waiting: integer(row, "waiting"), dead: integer(row, "dead"), ...optional("oldestWaitingMs", oldest) };
    },
    redrive: async (uuid) => await reads.one(readRedrive, redriveByUuid, uuid),
    redrives: async ({ tenant }, { after = "~", max }) =>
      (await reads.all(redrivesOf, tenant, after, max)).map(readRedrive),
    countDead: async ({ tenant, filter }, { after = { sequence: 0, subscription: 0 }, max }) => {
      const query = { tenant, filter, after, toSequence: Number.MAX_SAFE_INTEGER };
      const { sql, params } = deadAhead(query, max);
      const found = (await reads.all(sql, ...params)).map(readDead);
      const wanted = found.filter((one) => one.wanted).length;
      return { wanted, ...optional("next", found.length < max ? undefined : found.at(-1)?.place) };
    },
    redriveLeft: async (uuid) => {
      const job = await reads.get(redriveByUuid, uuid);
      if (job === undefined || job["state"] !== "running") return undefined;
      const after = { sequence: integer(job, "at_sequence"), subscription: integer(job, "at_subscription") };
      const query = { tenant: text(job, "tenant"), status: 2, after, upTo: integer(job, "to_sequence") };
      const left = await count(reads, query, mostLeft);
      return left > mostLeft ? undefined : left;
    },
    runningRedrives: async () => (await reads.all(redrivesRunning)).map(readRedrive),
    advanceRedrive: advance,
  };
}

/** When the oldest event happened that still waits for a delivery. */
async function oldestOf(reads: Reads): Promise<number | undefined> {
  let oldest: number | undefined;
  for (let after = ""; ; ) {
    const tenants = (await reads.all(tenantsWaiting, after)).map((row) => text(row, "tenant"));
    for (const row of await Promise.all(tenants.map(async (tenant) => reads.get(oldestWaiting, tenant)))) {
      if (row !== undefined) oldest = Math.min(oldest ?? Number.POSITIVE_INFINITY, integer(row, "time_ms"));
    }
    if (tenants.length < tenantsTogether) return oldest;
    after = tenants.at(-1) ?? after;
    await new Promise(setImmediate);
  }
}

interface Counted {
  readonly tenant: string;
  /** As it is stored. */
  readonly status: number;
  readonly after?: DeliveryPlace;
  /** A sequence. */
  readonly upTo?: number;
}

/** Counting ends once there are more than `most`. */
async function count(
  reads: Reads,
  { tenant, status, after = { sequence: -1, subscription: -1 }, upTo = Number.MAX_SAFE_INTEGER }: Counted,
  most = Number.POSITIVE_INFINITY,
): Promise<number> {
  let place = after;
  for (let counted = 0; ; counted += countedTogether) {
    const from = [tenant, status, place.sequence, place.subscription, upTo] as const;
    const last = counted > most ? undefined : await reads.get(lastCounted, ...from);
    if (last === undefined) return counted + integer((await reads.get(countOpen, ...from)) ?? {}, "n");
    place = readPlace(last);
    await new Promise(setImmediate);
  }
}

function readSuccess(row: Row): Attempt {
  return readAttempt(row, integer(row, "attempts"));
}

function readPlace(row: Row): DeliveryPlace {
  return { sequence: integer(row, "sequence"), subscription: integer(row, "subscription") };
}

function readDue(event: Row, row: Row): DueDelivery & { readonly bytes: number } {
  const [attempts, tries] = [integer(row, "attempts"), integer(row, "tries")];
  const due = {
    event: eventOfRow(event),
    bytes: dataBytes(event),
    attempts,
    tries,
    ...optional("patientMs", row["patient_ms"] as number | null),
    ...optional("line", row["line"] as string | null),
  };
  return row["reason"] === unfiltered ? { ...due, unfiltered: true } : due;
}

function readRedrive(row: Row): Redrive {
  return {
    uuid: text(row, "uuid") as Uuid,
    tenant: text(row, "tenant"),
    filter: JSON.parse(text(row, "filter")) as RedriveFilter,
    state: text(row, "state") as Redrive["state"],
    redriven: integer(row, "redriven"),
    looked: integer(row, "looked"),
    ...optional("perSecond", row["per_second"] as number | null),
    createdMs: integer(row, "created_ms"),
    createdBy: text(row, "created_by"),
  };
}

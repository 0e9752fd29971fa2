import type { RedriveFilter } from "../records.ts";
import type { DeliveryPlace } from "../store.ts";
import { boundValues, lastFailed, within } from "./delivery-bounds.ts";
import { newsOfRedrive } from "./news.ts";
import { findAll, findOne, type Script, tell } from "./script.ts";
import { integer, type Row, type Step, text } from "./step.ts";
import { waitAgain } from "./waiting-sql.ts";

/** One step of a redrive job, in one transaction: what was dead becomes waiting, and the job remembers how far it is. */

const readJob = "SELECT * FROM redrive WHERE uuid = ? AND state = 'running'";
const saveJob = `UPDATE redrive SET state = ?, redriven = redriven + ?, looked = looked + ?, at_sequence = ?, at_subscription = ? WHERE uuid = ?`;
/**
 * The next dead ones, and of each whether it is wanted: a job that wants few of a million looks at no more of them in one step than one
 * that wants all. Deleted subscriptions are passed over: there is nothing left to send to.
 */
const nextDead = `SELECT d.sequence, d.subscription, s.deleted_ms IS NULL AND ${within(6)} AS wanted
  FROM delivery d INDEXED BY delivery_open
  LEFT JOIN event e ON e.sequence = d.sequence LEFT JOIN subscription s ON s.number = d.subscription ${lastFailed}
  WHERE d.tenant = ?1 AND d.status = 2 AND d.status <> 1 AND d.sequence >= ?2 AND (d.sequence, d.subscription) > (?2, ?3) AND d.sequence <= ?4
  ORDER BY d.sequence, d.subscription LIMIT ?5`;

interface RedriveStep {
  readonly uuid: string;
  readonly max: number;
  readonly nowMs: number;
}

/** What is dead behind a place, and up to a sequence. */
interface DeadQuery {
  readonly tenant: string;
  readonly filter: RedriveFilter;
  readonly after: DeliveryPlace;
  readonly toSequence: number;
}

/** Asks for the next `max` dead ones, of each of which {@link readDead} says whether the filter wants it. */
export function deadAhead({ tenant, filter, after, toSequence }: DeadQuery, max: number): Step {
  return {
    sql: nextDead,
    params: [tenant, after.sequence, after.subscription, toSequence, max, ...boundValues(filter)],
  };
}

export function readDead(row: Row): { readonly place: DeliveryPlace; readonly wanted: boolean } {
  return {
    place: { sequence: integer(row, "sequence"), subscription: integer(row, "subscription") },
    wanted: row["wanted"] === 1,
  };
}

export function* redriveStep({ uuid, max, nowMs }: RedriveStep): Script<{
  readonly state: "running" | "done";
  readonly subscriptions: number[];
  readonly waitMs?: number;
}> {
  const job = yield* findOne(readJob, uuid);
  if (job === undefined) return { state: "done", subscriptions: [] };
  const after = { sequence: integer(job, "at_sequence"), subscription: integer(job, "at_subscription") };
  const query = {
    tenant: text(job, "tenant"),
    filter: JSON.parse(text(job, "filter")) as RedriveFilter,
    after,
    toSequence: integer(job, "to_sequence"),
  };
  const perSecond = job["per_second"] as number | null;
  const { sql, params } = deadAhead(query, max);
  const looked = (yield* findAll(sql, ...params)).map(readDead);
  const found = upToWanted(looked, perSecond ?? max);
  const wanted = found.filter((one) => one.wanted);
  const subscriptions = new Set<number>();
  for (const { place } of wanted) {
    for (const step of waitAgain({ ...place, dueMs: nowMs }, "2")) yield* tell(step);
    subscriptions.add(place.subscription);
  }
  const state = looked.length < max && found.length === looked.length ? "done" : "running";
  const { sequence, subscription } = found.at(-1)?.place ?? after;
  yield* tell({ sql: saveJob, params: [state, wanted.length, found.length, sequence, subscription, uuid] });
  if (state === "done" || wanted.length > 0) yield* tell(newsOfRedrive(uuid));
  const waitMs = perSecond === null ? 0 : Math.ceil((1_000 * wanted.length) / perSecond);
  return { state, subscriptions: [...subscriptions], ...(waitMs > 0 && { waitMs }) };
}

/** The first of them, up to the last of so many that are wanted. */
function upToWanted<T extends { readonly wanted: boolean }>(found: readonly T[], most: number): readonly T[] {
  let wanted = 0;
  const end = found.findIndex((one) => one.wanted && ++wanted === most);
  return end < 0 ? found : found.slice(0, end + 1);
}

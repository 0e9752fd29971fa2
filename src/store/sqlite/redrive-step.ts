import type { RedriveFilter } from "../records.ts";
import { seenBy, viewing } from "./sight-sql.ts";
import { integer, type Sql, type Statements, text } from "./step.ts";

/** One step of a redrive job, on the writer's connection: what was dead becomes waiting, and the job remembers how far it is. */

const readJob = "SELECT * FROM redrive WHERE uuid = ? AND state = 'running'";
const saveJob = `UPDATE redrive SET state = ?, redriven = redriven + ?, at_sequence = ?, at_subscription = ? WHERE uuid = ?`;
/**
 * The next dead ones, and of each whether it is wanted: a job that wants few of a million looks at no more of them in one step than one
 * that wants all. Deleted subscriptions are passed over: there is nothing left to send to.
 */
const nextDead = `SELECT d.sequence, d.subscription, s.deleted_ms IS NULL
    AND (?5 IS NULL OR s.scope = ?5) AND (?6 IS NULL OR s.uuid = ?6)
    AND (?7 IS NULL OR e.time_ms >= ?7) AND (?8 IS NULL OR e.time_ms < ?8)
    AND ${seenBy("?10", "?11")} AS wanted
  FROM delivery d INDEXED BY delivery_open
  LEFT JOIN event e ON e.sequence = d.sequence LEFT JOIN subscription s ON s.number = d.subscription
  WHERE d.tenant = ?1 AND d.status = 2 AND d.status <> 1 AND d.sequence >= ?2 AND (d.sequence, d.subscription) > (?2, ?3) AND d.sequence <= ?4
  ORDER BY d.sequence, d.subscription LIMIT ?9`;
const wake = `UPDATE delivery SET status = 0, tries = 0, due_ms = ?, reason = NULL
  WHERE sequence = ? AND subscription = ? AND status = 2`;

export interface RedriveStep {
  readonly uuid: string;
  readonly max: number;
  readonly nowMs: number;
}

export function redriveStep(
  statements: Statements,
  { uuid, max, nowMs }: RedriveStep,
): { state: "running" | "done"; subscriptions: number[] } {
  const job = statements.get(readJob, uuid);
  if (job === undefined) return { state: "done", subscriptions: [] };
  const filter = JSON.parse(text(job, "filter")) as RedriveFilter;
  const params: Sql[] = [
    text(job, "tenant"),
    integer(job, "at_sequence"),
    integer(job, "at_subscription"),
    integer(job, "to_sequence"),
    filter.scope ?? null,
    filter.subscription ?? null,
    filter.sinceMs ?? null,
    filter.untilMs ?? null,
    max,
    ...viewing(filter.viewer),
  ];
  const rows = statements.all(nextDead, ...params);
  const subscriptions = new Set<number>();
  const wanted = rows.filter((row) => row["wanted"] === 1);
  for (const row of wanted) {
    statements.run({ sql: wake, params: [nowMs, integer(row, "sequence"), integer(row, "subscription")] });
    subscriptions.add(integer(row, "subscription"));
  }
  const last = rows.at(-1);
  const state = rows.length < max ? "done" : "running";
  const place =
    last === undefined
      ? [integer(job, "at_sequence"), integer(job, "at_subscription")]
      : [integer(last, "sequence"), integer(last, "subscription")];
  statements.run({ sql: saveJob, params: [state, wanted.length, ...place, uuid] });
  return { state, subscriptions: [...subscriptions] };
}

import { endPending, invocationPut } from "../sql/invocations.ts";
import { newsOfSettlement } from "../sql/news.ts";
import type { Sql, Step } from "../sql/step.ts";
import { releaseLine, upsertInLine } from "../sql/waiting-sql.ts";
import type { WireSettlement } from "../sql/wire.ts";
import { postgresQuery, storable } from "./dialect.ts";

/** Outcomes as statements: what goes well is one statement for all of a kind, whatever their number. */

const finished = `sequence, subscription, tenant, status, attempts, tries, due_ms, reason, started_ms, duration_ms, http_status, snippet,
  made_for, batch`;
const waiting = `sequence, subscription, tenant, status, attempts, tries, due_ms, reason, started_ms, duration_ms, http_status, snippet,
  made_for, wait_ms, patient_ms, line`;
const texts = new Set(["tenant", "reason", "snippet", "batch", "line", "message", "wire"]);

/** Rows of arrays in JSON ($1) as rows of those columns. */
function rowsOf(columns: string): string {
  const read = columns
    .split(",")
    .map((name) => name.trim())
    .map((name, index) => (texts.has(name) ? `row ->> ${index} AS ${name}` : `(row ->> ${index})::bigint AS ${name}`));
  return `SELECT ${read.join(", ")} FROM json_array_elements($1::json) row`;
}

/** What rows of deliveries change of how many are open, before they are written. */
function countOpen(columns: string): string {
  return `INSERT INTO open_count AS now (tenant, waiting, dead)
    SELECT tenant, waiting, dead FROM (SELECT next.tenant,
        sum((next.status = 0)::int - coalesce((d.status = 0)::int, 0)) AS waiting,
        sum((next.status = 2)::int - coalesce((d.status = 2)::int, 0)) AS dead
      FROM (${rowsOf(columns)}) next LEFT JOIN delivery d ON d.sequence = next.sequence AND d.subscription = next.subscription
      GROUP BY next.tenant) changed
    WHERE waiting <> 0 OR dead <> 0 ORDER BY tenant
    ON CONFLICT (tenant) DO UPDATE SET waiting = now.waiting + excluded.waiting, dead = now.dead + excluded.dead`;
}

function replacing(columns: string, clear: readonly string[] = []): string {
  const names = columns.split(",").map((name) => name.trim());
  const set = names.filter((name) => !["sequence", "subscription", "tenant"].includes(name));
  return set.map((name) => (clear.includes(name) ? `${name} = NULL` : `${name} = excluded.${name}`)).join(", ");
}

const attemptColumns = `sequence, subscription, number, started_ms, duration_ms, http_status, reason, message, snippet, made_for, wire, batch`;
const statements = {
  countFinished: countOpen(finished),
  putFinished: `INSERT INTO delivery (${finished}) ${rowsOf(finished)}
    ON CONFLICT (sequence, subscription) DO UPDATE SET ${replacing(finished)}`,
  countWaiting: countOpen(waiting),
  putWaiting: `INSERT INTO delivery (${waiting}) ${rowsOf(waiting)} ON CONFLICT (sequence, subscription)
    DO UPDATE SET ${replacing(waiting, ["started_ms", "duration_ms", "http_status", "snippet", "made_for"])}, batch = NULL`,
  putAttempts: `INSERT INTO attempt (${attemptColumns}) ${rowsOf(attemptColumns)}
    ON CONFLICT (sequence, subscription, number) DO UPDATE SET
      ${replacing(attemptColumns).replace("number = excluded.number, ", "")}`,
} as const;
const setOutcome = "UPDATE subscription SET outcome = ?3 WHERE number = ?1 AND taken = ?2";
const writeMark = "INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value";

interface Query {
  readonly name: string;
  readonly text: string;
  readonly values: unknown[];
}

/** In the order in which they must run; all but what is announced. */
export function settlementQueries(settlement: WireSettlement): Query[] {
  const { deliveries, waiting, inLine, released, attempts, invocations, buried, outcomes, watermark } = settlement;
  const steps: Step[] = [
    ...released.map((params) => ({ sql: releaseLine, params })),
    ...invocations.flatMap(invocationPut),
    ...buried.map((params) => ({ sql: endPending, params })),
    ...outcomes.map((params) => ({ sql: setOutcome, params })),
    ...newsOfSettlement(settlement),
    { sql: writeMark, params: ["watermark", watermark] },
  ];
  const [beforeAttempts, after] = [steps.slice(0, released.length), steps.slice(released.length)];
  return [
    ...together(deliveries, "countFinished", "putFinished", 2),
    ...together(waiting, "countWaiting", "putWaiting", 2),
    ...inLine.flatMap((row) => [
      ...together([row], "countWaiting", undefined, 2),
      postgresQuery({ sql: upsertInLine, params: row }),
    ]),
    ...beforeAttempts.map(postgresQuery),
    ...together(attempts, undefined, "putAttempts", 3),
    ...after.map(postgresQuery),
  ];
}

/** One statement cannot write a row twice: what comes twice is written again behind it. */
function together(
  rows: readonly (readonly Sql[])[],
  count: keyof typeof statements | undefined,
  put: keyof typeof statements | undefined,
  keyLength: number,
): Query[] {
  const queries: Query[] = [];
  for (let left = rows; left.length > 0; ) {
    const keys = new Set<string>();
    const again: (readonly Sql[])[] = [];
    const now: (readonly Sql[])[] = [];
    for (const row of left) {
      const key = row.slice(0, keyLength).join(" ");
      if (keys.has(key)) again.push(row);
      else {
        keys.add(key);
        now.push(row);
      }
    }
    const values = [JSON.stringify(now.map((row) => row.map(storable)))];
    for (const name of [count, put]) if (name !== undefined) queries.push({ name, text: statements[name], values });
    left = again;
  }
  return queries;
}

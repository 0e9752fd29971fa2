import { endPending, invocationPut } from "../sql/invocations.ts";
import { newsOfSettlement } from "../sql/news.ts";
import type { Sql, Step } from "../sql/step.ts";
import { releaseLine, upsertInLine } from "../sql/waiting-sql.ts";
import type { WireSettlement } from "../sql/wire.ts";
import { arraysOf, type Column, columnsOf, unnested } from "./columns.ts";
import { postgresQuery } from "./dialect.ts";
import { markStep } from "./shards.ts";
import { requireWatchers } from "./watchers.ts";

/** Outcomes as statements: what goes well is one statement for all of a kind, whatever their number. */

const finished = `sequence, subscription, tenant, status, attempts, tries, due_ms, reason, started_ms, duration_ms, http_status, snippet,
  made_for, batch`;
const waiting = `sequence, subscription, tenant, status, attempts, tries, due_ms, reason, started_ms, duration_ms, http_status, snippet,
  made_for, wait_ms, patient_ms, line`;
const attempt = `sequence, subscription, number, started_ms, duration_ms, http_status, reason, message, snippet, made_for, wire, batch`;
const texts = new Set(["tenant", "reason", "snippet", "batch", "line", "message", "wire"]);

/** Rows of one kind: how they are written, and which of their columns tell them apart. */
interface Kind {
  readonly name: string;
  readonly columns: readonly Column[];
  readonly text: string;
  readonly keyLength: number;
}

function replacing(columns: readonly Column[], keys: readonly string[], clear: readonly string[] = []): string {
  const set = columns.map(({ name }) => name).filter((name) => !keys.includes(name));
  return set.map((name) => (clear.includes(name) ? `${name} = NULL` : `${name} = excluded.${name}`)).join(", ");
}

/** What rows of deliveries change of how many are open: judged by what was there before this statement. */
const counting = `INSERT INTO open_count AS now (tenant, waiting, dead)
    SELECT tenant, waiting, dead FROM (SELECT next.tenant,
        sum((next.status = 0)::int - coalesce((d.status = 0)::int, 0)) AS waiting,
        sum((next.status = 2)::int - coalesce((d.status = 2)::int, 0)) AS dead
      FROM next LEFT JOIN delivery d ON d.sequence = next.sequence AND d.subscription = next.subscription
      GROUP BY next.tenant) changed
    WHERE waiting <> 0 OR dead <> 0
    ON CONFLICT (tenant, node) DO UPDATE SET waiting = now.waiting + excluded.waiting, dead = now.dead + excluded.dead`;

function adding(list: string): string {
  return `INSERT INTO delivery (${list})`;
}

/** Writes the rows of `next`. @param clear what is NULL in one that is there already */
function putting(columns: readonly Column[], list: string, clear: readonly string[] = []): string {
  const set = replacing(columns, ["sequence", "subscription", "tenant"], clear);
  return `${adding(list)} SELECT * FROM next ON CONFLICT (sequence, subscription) DO UPDATE SET ${set}`;
}

/** Deliveries, counted and written by one statement. */
function deliveries(name: string, columns: readonly Column[], put: string): Kind {
  const text = `WITH next AS (SELECT * FROM ${unnested(columns, "given")}), counted AS (${counting}) ${put}`;
  return { name, columns, text, keyLength: 2 };
}

const finishedColumns = columnsOf(finished, texts);
/** How deliveries that are done with are counted and written, which are the rows of `next`; or added, where there are none of them yet. */
export const doneWith = {
  columns: finishedColumns,
  counting,
  put: putting(finishedColumns, finished),
  add: adding(finished),
} as const;
const putFinished = deliveries("putFinished", doneWith.columns, doneWith.put);
const waitingColumns = columnsOf(waiting, texts);
const clearedOfWaiting = ["started_ms", "duration_ms", "http_status", "snippet", "made_for"];
const putWaiting = deliveries(
  "putWaiting",
  waitingColumns,
  `${putting(waitingColumns, waiting, clearedOfWaiting)}, batch = NULL`,
);
const attemptColumns = columnsOf(attempt, texts);
const putAttempts: Kind = {
  name: "putAttempts",
  columns: attemptColumns,
  text: `INSERT INTO attempt (${attempt}) SELECT * FROM ${unnested(attemptColumns, "given")}
    ON CONFLICT (sequence, subscription, number) DO UPDATE SET
      ${replacing(attemptColumns, ["sequence", "subscription", "number"])}`,
  keyLength: 3,
};
/** Of one that joins a line: {@link upsertInLine} writes it. */
const countInLine: Kind = {
  ...putWaiting,
  name: "countInLine",
  text: `WITH next AS (SELECT * FROM ${unnested(putWaiting.columns, "given")}) ${counting}`,
};
const setOutcome = "UPDATE subscription SET outcome = ?3 WHERE number = ?1 AND taken = ?2";

interface Query {
  readonly name: string;
  readonly text: string;
  readonly values: unknown[];
  /** The subscription whose line it moves on: it gives the sequence that is due then, if there is one. */
  readonly releases?: number;
}

/** In the order in which they must run; all but what is announced. */
export function settlementQueries(settlement: WireSettlement): Query[] {
  const { inLine, released, attempts, invocations, buried, outcomes, marks, watchers } = settlement;
  const steps: Step[] = [
    ...invocations.flatMap(invocationPut),
    ...buried.map((params) => ({ sql: endPending, params })),
    ...outcomes.map((params) => ({ sql: setOutcome, params })),
    ...newsOfSettlement(settlement),
  ];
  return [
    ...(watchers === undefined ? [] : [requireWatchers(watchers)]),
    ...together(settlement.deliveries, putFinished),
    ...together(settlement.waiting, putWaiting),
    ...inLine.flatMap((row) => [...together([row], countInLine), postgresQuery({ sql: upsertInLine, params: row })]),
    ...released.map((params) => ({ ...postgresQuery({ sql: releaseLine, params }), releases: params[0] })),
    ...together(attempts, putAttempts),
    ...steps.map(postgresQuery),
    ...(marks.watermarks.length === 0 ? [] : [markStep(marks.watermarks)]),
  ];
}

/** One statement cannot write a row twice: what comes twice is written again behind it. */
function together(rows: readonly (readonly Sql[])[], { name, text, columns, keyLength }: Kind): Query[] {
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
    queries.push({ name, text, values: arraysOf(now, columns) });
    left = again;
  }
  return queries;
}

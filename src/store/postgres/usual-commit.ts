import { newsOfSettlement } from "../sql/news.ts";
import type { Sql, Step } from "../sql/step.ts";
import type { WireEvent, WireSettlement, WireUnit } from "../sql/wire.ts";
import { arraysOf, columnsOf, unnested } from "./columns.ts";
import { isDeliveredAtOnce } from "./places.ts";
import { doneWith } from "./settlement.ts";

/**
 * What most commits come to, events and outcomes of attempts that went well, as one statement that is a transaction by itself: what PostgreSQL and this process
 * do for each statement, whatever it does, is a third of such a commit otherwise. One that fails, as for a row that comes
 * twice, is made again statement by statement, which tells by which unit.
 */

/** Of {@link WireEvent.row}. */
export const appendedColumns = columnsOf(
  "id, tenant, resource, scope, names, actor, origin, time_ms, data, owners, addressee, parents",
  new Set(["id", "tenant", "resource", "scope", "names", "actor", "origin", "data", "owners", "addressee", "parents"]),
);
const newsColumns = columnsOf("tenant, count, items", new Set(["tenant", "items"]));

const scalars = 7;
const eventArrays = appendedColumns.map(({ type }, index) => `$${scalars + 1 + index}::${type}[]`);
const firstOutcome = scalars + appendedColumns.length + 1;
const firstNews = firstOutcome + doneWith.columns.length;

/**
 * Its transaction has a number, by which others see that it is under way, once the mark is written. What draws numbers of events and news, and what reads
 * the number of watchers, takes the mark first.
 */
function usualText(sent: string): string {
  return `WITH mark AS (
    INSERT INTO commit_mark (writer, number) VALUES ($1, $2)
    RETURNING $3::bigint AS now_ms, (SELECT require($7::bigint IS NULL OR w.last_value <= $7, 0) FROM watcher_number w WHERE commit_mark.number > 0)),
  ${sent},
  told AS (INSERT INTO news (last, tenant, count, items)
    SELECT next_news(given.count), given.* FROM mark, ${unnested(newsColumns, "given", firstNews)}),
  tallied AS (INSERT INTO tally (at_ms, counted) SELECT $5::bigint, $6::text WHERE $6 IS NOT NULL)
  SELECT made.* FROM mark, LATERAL append(mark.now_ms, $4, ${eventArrays.join(", ")}) AS made`;
}

const outcomes = unnested(doneWith.columns, "given", firstOutcome);
const usualCommit = {
  name: "usual_commit",
  text: usualText(`next AS (SELECT * FROM ${outcomes}), counted AS (${doneWith.counting}), sent AS (${doneWith.put})`),
} as const;
/** Deliveries that are done with at once change nothing of what is open: where one was there before, this fails. */
const newCommit = {
  name: "usual_commit_of_new",
  text: usualText(`sent AS (${doneWith.add} SELECT * FROM ${outcomes})`),
} as const;

interface UsualCommit {
  /** Writer and number. */
  readonly mark: readonly [string, number];
  readonly nowMs: number;
  /** The shard of the events. */
  readonly home: number;
  readonly events: readonly WireEvent[];
  readonly settlement: WireSettlement | undefined;
  /** Of `tallyOf`. */
  readonly tally: Step | undefined;
}

/** Has events, and nothing else. */
export function isPlain({ checks, steps, locks }: WireUnit): boolean {
  return checks.length === 0 && steps.length === 0 && (locks === undefined || locks.places.length === 0);
}

export function isUsual(units: readonly WireUnit[], settlement: WireSettlement | undefined): boolean {
  return units.every(isPlain) && (settlement === undefined || isUsualSettlement(settlement));
}

function isUsualSettlement({
  deliveries,
  waiting,
  inLine,
  released,
  attempts,
  invocations,
  buried,
  outcomes,
  marks,
}: WireSettlement): boolean {
  const others = [waiting, inLine, released, attempts, invocations, buried, outcomes, marks.watermarks];
  return others.every((rows) => rows.length === 0) && deliveries.every(isDeliveredAtOnce);
}

/** Gives the rows of the events, in their order. */
export function usualQuery({ mark, nowMs, home, events, settlement, tally }: UsualCommit): {
  readonly name: string;
  readonly text: string;
  readonly values: (Sql | Buffer)[];
} {
  const [atMs = null, counted = null] = tally?.params ?? [];
  const news = settlement === undefined ? [] : newsOfSettlement(settlement);
  const values = [
    ...mark,
    nowMs,
    home,
    atMs,
    counted,
    settlement?.watchers ?? null,
    ...arraysOf(
      events.map(({ row }) => row),
      appendedColumns,
    ),
    ...arraysOf(settlement?.deliveries ?? [], doneWith.columns),
    ...arraysOf(
      news.map(({ params }) => params),
      newsColumns,
    ),
  ];
  return { ...(settlement === undefined || settlement.areNew === true ? newCommit : usualCommit), values };
}

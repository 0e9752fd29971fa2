import { sequencesPerMs } from "../sql/events-sql.ts";
import { type Row, type Step, text } from "../sql/step.ts";
import type { WireEvent } from "../sql/wire.ts";

/** Where events are that are committed, after the answer to COMMIT was lost. */

const find = "SELECT id, sequence, revision FROM event WHERE sequence > ? AND id IN (SELECT value FROM json_each(?))";
/** Sequences follow the clock, and are behind it by less: where other nodes have written much since this one last did, little of it is looked through. */
const behindMs = 5_000;

interface Since {
  /** When their transaction began, by the database's clock. */
  readonly begunMs: number;
  /** The last sequence that this process had written before. */
  readonly last: number;
}

/** In their order. */
export async function findPlaced(
  query: (step: Step) => Promise<readonly Row[]>,
  events: readonly WireEvent[],
  { begunMs, last }: Since,
): Promise<readonly Row[]> {
  const ids = JSON.stringify(events.map(idOf));
  const after = (sequence: number): Promise<readonly Row[]> => query({ sql: find, params: [sequence, ids] });
  const since = (begunMs - behindMs) * sequencesPerMs;
  const found = since > last ? await after(since) : [];
  const rows = found.length === events.length ? found : await after(last);
  const byId = new Map(rows.map((row) => [text(row, "id"), row]));
  return events.map((event) => byId.get(idOf(event)) ?? missing(idOf(event)));
}

function idOf({ row }: WireEvent): string {
  return String(row[0]);
}

function missing(id: string): never {
  throw new Error(`event ${id} was committed and is not there`);
}

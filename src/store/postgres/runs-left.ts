import { findAll, findOne, type Script, tell } from "../sql/script.ts";
import { integer } from "../sql/step.ts";

/** Runs of functions lie in one table, and so those of events that went with their partition go behind them. */

const readMark = "SELECT value FROM meta WHERE key = 'runs_at'";
const writeMark =
  "INSERT INTO meta (key, value) VALUES ('runs_at', ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value";
const next = "SELECT sequence FROM invocation WHERE sequence > ? AND sequence < ? ORDER BY sequence LIMIT ?";
const dropLeft = `DELETE FROM invocation WHERE sequence > ?1 AND sequence <= ?2
  AND NOT EXISTS (SELECT 1 FROM event e WHERE e.sequence = invocation.sequence)`;

/** Looks at the next few before a sequence. Gives whether there are more. */
export function* dropRunsLeft(before: number, max: number): Script<boolean> {
  if (before === 0) return false;
  const mark = yield* findOne(readMark);
  const after = mark === undefined ? 0 : integer(mark, "value");
  const found = (yield* findAll(next, after, before, max)).map((row) => integer(row, "sequence"));
  const last = found.at(-1);
  if (last !== undefined) yield* tell({ sql: dropLeft, params: [after, last] });
  const more = found.length === max;
  if (more || after > 0) yield* tell({ sql: writeMark, params: [more && last !== undefined ? last : 0] });
  return more;
}

import { isPostgresUrl } from "../../config/postgres-url.ts";
import { SignalboxError } from "../../errors.ts";
import { type Log, silentLog } from "../../log.ts";
import { storable } from "../../store/postgres/dialect.ts";
import type { Row, Sql } from "../../store/sql/step.ts";
import { type Progress, unseen } from "../progress.ts";
import { keyOf, type MoveSource, type MoveTarget, pageOf, parentsFirst, type Table } from "./place.ts";
import { agreedDatabase, newDatabase, sourceDatabase } from "./postgres-place.ts";
import { agreedFolder, newFolder, sourceFolder } from "./sqlite-place.ts";

interface Moved {
  readonly tables: number;
  readonly rows: number;
  /** What became of the database that was moved. */
  readonly left: string;
}

interface MoveOptions {
  readonly log?: Log;
  readonly progress?: Progress;
}

const isUrl = (place: string): boolean => /^postgres(?:ql)?:\/\//.test(place);

/**
 * Moves a whole store from one place to another, while no server uses either: a data folder or a PostgreSQL database (`postgres://…`). Sequences, ids and what
 * waits for its next attempt stay as they are. Each page of rows is durable with how far it goes, so a move that was cut off goes on
 * where it was; at the end every row is read from both and compared. Only then is the old place put aside, so that
 * no server starts on it any more, and the new one becomes one that a server starts on. Objects' bytes stay where they are.
 *
 * @throws SignalboxError `conflict` where a server uses one of the two or the new one holds something, `not_found` where there is nothing to move.
 */
export async function moveStore(from: string, to: string, options: MoveOptions = {}): Promise<Moved> {
  const { log = silentLog, progress = unseen } = options;
  if (isUrl(from) === isUrl(to)) {
    throw new SignalboxError(
      "invalid_request",
      "a store is moved from a data folder to PostgreSQL, or back: one of the two is postgres://…",
    );
  }
  // What is not one may hold a password all the same, and is not shown.
  if (![from, to].some(isPostgresUrl)) {
    throw new SignalboxError("invalid_request", "the database is not postgres://user:password@host:5432/database");
  }
  const opened = await openSource(from, to, log);
  if (opened === undefined) return { tables: 0, rows: 0, left: "the old place was put aside before" };
  await using source = opened;
  const belongings = await source.belongings();
  await using destination: MoveTarget = isUrl(to) ? await newDatabase({ url: to, log }) : newFolder(to, belongings);
  const tables = await sharedTables(source, destination);
  const begun = await destination.begun();
  let rows = 0;
  for (const table of tables)
    rows += await copy(table, { source, destination, after: begun.get(table.name), progress });
  for (const table of tables) await compare(table, { source, destination, progress });
  // In this order, and each of them durable: a server can start on one of the two at the most, and what is cut off in between is finished by the next.
  await destination.agree(belongings);
  const left = await source.retire();
  progress({ doing: "finishing", done: 0, total: 1 });
  await destination.finish(belongings);
  return { tables: tables.length, rows, left };
}

/** `undefined`: it was put aside by a move that was cut off then, and is finished now. */
async function openSource(from: string, to: string, log: Log): Promise<MoveSource | undefined> {
  try {
    return isUrl(from) ? await sourceDatabase({ url: from, log }) : sourceFolder(from);
  } catch (thrown) {
    if (!(thrown instanceof SignalboxError && thrown.code === "not_found")) throw thrown;
    const agreed = isUrl(to) ? await agreedDatabase({ url: to, log }) : agreedFolder(to);
    if (agreed === undefined) throw thrown;
    await using target = agreed.target;
    await target.finish(agreed.belongings);
    return undefined;
  }
}

/** Every table and column of the one must be in the other: otherwise something would be left behind. */
async function sharedTables(source: MoveSource, destination: MoveTarget): Promise<readonly Table[]> {
  const there = new Map((await destination.tables()).map((table) => [table.name, table]));
  const tables = (await source.tables()).filter(({ name }) => !notMoved.includes(name));
  for (const { name, columns, key } of tables) {
    const other = there.get(name);
    const missing = other === undefined ? columns : columns.filter((column) => !other.columns.includes(column));
    if (missing.length > 0) throw new Error(`the table ${name} has no ${missing.join(", ")} in the other database`);
    if (other !== undefined && other.key.join() !== key.join())
      throw new Error(`the table ${name} has another key there`);
  }
  return parentsFirst(tables);
}

/** What is about the database itself. */
const notMoved = [
  "schema_version",
  "move_progress",
  "setting",
  "commit_mark",
  "node",
  "shard",
  "mail_bucket",
  "partition",
];

interface Between {
  readonly source: MoveSource;
  readonly destination: MoveTarget;
  readonly progress: Progress;
}

async function copy(
  table: Table,
  { source, destination, after, progress }: Between & { readonly after: readonly Sql[] | undefined },
): Promise<number> {
  const total = await source.count(table);
  let done = after === undefined ? 0 : await destination.count(table);
  const already = done;
  let behind = after;
  for (;;) {
    progress({ doing: `moving ${table.name}`, done, total });
    const page = await source.rows(table, behind, pageOf(table));
    const last = page.at(-1);
    if (last === undefined) return done - already;
    await destination.put(table, page);
    done += page.length;
    behind = keyOf(table, last);
  }
}

/** Reads every row of both. */
async function compare(table: Table, { source, destination, progress }: Between): Promise<void> {
  const total = await source.count(table);
  let behind: readonly Sql[] | undefined;
  for (let done = 0; ; ) {
    progress({ doing: `comparing ${table.name}`, done, total });
    const [old, moved] = await Promise.all([
      source.rows(table, behind, pageOf(table)),
      destination.rows(table, behind, pageOf(table)),
    ]);
    const differs = old.findIndex((row, at) => !isSame(table, row, moved[at]));
    if (differs >= 0 || moved.length !== old.length) {
      const row = old[Math.max(0, differs)] ?? moved.at(-1) ?? {};
      const key = JSON.stringify(keyOf(table, row));
      throw new SignalboxError(
        "conflict",
        `the row ${key} of ${table.name} is not the same in both: the move is not finished, and the old place is as it was; empty the new one and move again`,
      );
    }
    const last = old.at(-1);
    if (last === undefined) return;
    done += old.length;
    behind = keyOf(table, last);
  }
}

function isSame({ columns }: Table, row: Row, other: Row | undefined): boolean {
  return columns.every((column) => storable(row[column] ?? null) === storable(other?.[column] ?? null));
}

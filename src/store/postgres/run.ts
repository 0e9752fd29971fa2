import type { Client } from "pg";

/** Runs of servers on the database, each of which wrote bytes under names that end with its mark. */

/** Gives a row where something refers to bytes in the data folder: those in a bucket have names. */
export const refersToFolder = `SELECT 1 AS value WHERE (EXISTS (SELECT 1 FROM piece) OR EXISTS (SELECT 1 FROM part))
  AND NOT EXISTS (SELECT 1 FROM blob_name)`;

/** What the database knows before a run of this process is in it. */
export interface KnownRuns {
  /** The mark of the last one; `undefined`: there was none. */
  readonly last: string | undefined;
  /** The database has this one. */
  readonly has: (mark: string) => Promise<boolean>;
  /** The database has an event of that sequence; what is past its retention is gone. */
  readonly hasEvent: (sequence: number) => Promise<boolean>;
  /** The greatest sequence of an event that is there. */
  readonly newest: number;
  /** Not less than the sequence of any event that ever was. */
  readonly lastSequence: number;
  /** Something refers to bytes of objects that lie in the data folder. */
  readonly refersToFolder: boolean;
}

export async function knownRuns(client: Client): Promise<KnownRuns> {
  const one = async (text: string, ...values: readonly unknown[]): Promise<unknown> => {
    const { rows } = await client.query(text, [...values]);
    return (rows[0] as { readonly value: unknown } | undefined)?.value;
  };
  const last = await one("SELECT mark AS value FROM run ORDER BY started_ms DESC, mark LIMIT 1");
  return {
    last: typeof last === "string" ? last : undefined,
    has: async (mark) => (await one("SELECT 1 AS value FROM run WHERE mark = $1", mark)) !== undefined,
    hasEvent: async (sequence) =>
      (await one("SELECT 1 AS value FROM event WHERE sequence = $1", sequence)) !== undefined,
    newest: Number((await one("SELECT max(sequence) AS value FROM event")) ?? 0),
    lastSequence: Number(await one("SELECT last_event_sequence() AS value")),
    refersToFolder: (await one(refersToFolder)) !== undefined,
  };
}

/** A run that begins. */
interface BegunRun {
  readonly mark: string;
  readonly nowMs: number;
  readonly sinceMs: number;
  /** The marks of other nodes that work on the database: their runs go on. */
  readonly others: readonly string[];
}

/**
 * Says that a run begins, and that those before have ended: with everything that they committed (`complete`), or with less than that in this database. The
 * caller is the one process that starts on it. Gives whether the database lacks what some run of the time since `sinceMs` committed.
 *
 * @param before `lost`: the run that `complete` was judged by
 */
export async function beginRun(
  client: Client,
  { mark, nowMs, sinceMs, others }: BegunRun,
  { lost, complete }: { readonly lost: string | undefined; readonly complete: boolean },
): Promise<boolean> {
  await client.query("BEGIN");
  try {
    await client.query(
      "UPDATE run SET ended_ms = $1, complete = $2 WHERE ended_ms IS NULL AND mark <> ALL ($3::text[])",
      [nowMs, complete, others],
    );
    // One that had ended well may be newer in the folder than it is here.
    if (!complete) {
      await client.query(
        "UPDATE run SET ended_ms = $1, complete = false WHERE mark = $2 AND mark <> ALL ($3::text[])",
        [nowMs, lost, others],
      );
    }
    await client.query(
      `INSERT INTO run (mark, started_ms) VALUES ($1, $2)
        ON CONFLICT (mark) DO UPDATE SET started_ms = excluded.started_ms, ended_ms = NULL, complete = false`,
      [mark, nowMs],
    );
    await client.query("COMMIT");
  } catch (thrown) {
    await client.query("ROLLBACK").catch(() => {});
    throw thrown;
  }
  const { rows } = await client.query("SELECT 1 FROM run WHERE NOT complete AND ended_ms > $1 LIMIT 1", [sinceMs]);
  return rows.length > 0;
}

/** What it committed is all here. */
export async function endRun(client: Client, mark: string, nowMs: number): Promise<void> {
  await client.query("UPDATE run SET ended_ms = $1, complete = true WHERE mark = $2 AND ended_ms IS NULL", [
    nowMs,
    mark,
  ]);
}

import type { Client } from "pg";
import { shardCount } from "../cluster.ts";
import { sequencesPerMs } from "../sql/events-sql.ts";
import { integer, type Row, type Sql } from "../sql/step.ts";
import { endless, type Partition, type PartitionChange, type PartitionedLog } from "./partition-plan.ts";

/** What is asked of the tables that lie in partitions, and how they are changed: all of it in a transaction of the caller's. */

/** So many deliveries may have to stay of one that goes, and so much data of their events: they are copied while all wait. */
const mostKept = 20_000;
const mostKeptBytes = 64 * 2 ** 20;

const sizeOf = (name: string): string => `coalesce(pg_relation_size(to_regclass('${name}_p' || number)), 0)`;
const allPartitions = `SELECT number, begins, ends, rest, ${["event", "delivery", "attempt"].map(sizeOf).join(" + ")} AS bytes
  FROM partition ORDER BY begins`;
const endOfLog = `SELECT last_event_sequence() AS last, (SELECT min(watermark) FROM shard) AS watermark,
  (SELECT sequence FROM event ORDER BY sequence LIMIT 1) AS first`;

export async function partitionedLog(client: Client): Promise<PartitionedLog> {
  const [partitions, [end = {}]] = await Promise.all([rowsOf(client, allPartitions), rowsOf(client, endOfLog)]);
  const { first } = end;
  return {
    partitions: partitions.map((row) => ({
      number: integer(row, "number"),
      begins: integer(row, "begins"),
      ends: integer(row, "ends"),
      isRest: row["rest"] === 1,
      bytes: integer(row, "bytes"),
    })),
    last: integer(end, "last"),
    watermark: integer(end, "watermark"),
    first: typeof first === "number" ? first : undefined,
  };
}

async function rowsOf(client: Client, text: string, values: readonly Sql[] = []): Promise<Row[]> {
  return (await client.query(text, [...values])).rows as Row[];
}

/** Gives the last partition its end, and makes those behind it. */
export async function cut(
  client: Client,
  { partitions }: PartitionedLog,
  { partition, at }: Extract<PartitionChange, { do: "cut" }>,
): Promise<void> {
  const [first = endless] = at;
  await client.query(
    `SELECT detach_partition(${partition.number});
     UPDATE partition SET ends = ${first} WHERE number = ${partition.number};
     SELECT attach_partition(${partition.number})`,
  );
  for (const [index, begins] of at.entries()) {
    const number = numberBehind(partitions) + index;
    await client.query(
      `INSERT INTO partition (number, begins, ends) VALUES (${number}, ${begins}, ${at[index + 1] ?? endless});
       SELECT make_partition(${number});
       SELECT attach_partition(${number})`,
    );
  }
}

/**
 * The sequences of events that are past their time and stay: something of theirs waits, or is dead, to be kept, and still within its time; or they are set aside.
 * `undefined`: they are too many to be copied.
 */
export async function keptOf(
  client: Client,
  { number, begins, ends }: Partition,
  deadBeforeMs: number,
): Promise<readonly number[] | undefined> {
  const found = await rowsOf(
    client,
    `SELECT k.sequence, pg_column_size(e.data) AS bytes FROM (
        SELECT d.sequence FROM delivery_p${number} d JOIN event_p${number} e ON e.sequence = d.sequence
          LEFT JOIN subscription s ON s.number = d.subscription
          WHERE d.status <> 1 AND (d.status = 0 OR (d.status = 2 AND e.time_ms >= $1 AND coalesce(s.keep_dead, 1) = 1))
        UNION ALL SELECT sequence FROM event_aside WHERE sequence >= $2 AND sequence < $3) k
      JOIN event_p${number} e ON e.sequence = k.sequence LIMIT ${mostKept + 1}`,
    [deadBeforeMs, begins, ends],
  );
  const bytes = new Map(found.map((row) => [integer(row, "sequence"), integer(row, "bytes")]));
  const all = [...bytes.values()].reduce((sum, own) => sum + own, 0);
  return found.length > mostKept || all > mostKeptBytes ? undefined : [...bytes.keys()];
}

/** Drops a partition, but for what is kept, which comes to what is left of those before it. No number is drawn any more that would have been in it. */
export async function drop(
  client: Client,
  { partitions }: PartitionedLog,
  {
    partition: { number, ends },
    kept,
    nowMs,
  }: { readonly partition: Partition; readonly kept: readonly number[]; readonly nowMs: number },
): Promise<void> {
  // As append() does it, to the clock: nothing that comes is behind it.
  await client.query(
    `SELECT pg_advisory_xact_lock(51264, 1);
     SELECT setval('event_number', ${Math.max(ends, nowMs * sequencesPerMs) / shardCount}) WHERE last_event_sequence() < ${ends}`,
  );
  const known = partitions.find(({ isRest }) => isRest)?.number;
  const rest = known ?? numberBehind(partitions);
  await client.query(
    known === undefined
      ? `INSERT INTO partition (number, begins, ends, rest) VALUES (${rest}, 0, ${ends}, true); SELECT make_partition(${rest})`
      : `SELECT detach_partition(${rest}); UPDATE partition SET ends = ${ends} WHERE number = ${rest}`,
  );
  for (const name of ["event", "delivery", "attempt"]) {
    await client.query(
      `INSERT INTO ${name}_p${rest} SELECT r.* FROM unnest($1::bigint[]) AS k (sequence) JOIN ${name}_p${number} r ON r.sequence = k.sequence`,
      [kept],
    );
  }
  await client.query(
    `INSERT INTO open_count (tenant, dead)
       SELECT d.tenant, -count(*) FROM delivery_p${number} d
         WHERE d.status <> 1 AND d.status = 2 AND NOT EXISTS (SELECT 1 FROM event_p${rest} e WHERE e.sequence = d.sequence) GROUP BY d.tenant
       ON CONFLICT (tenant, node) DO UPDATE SET dead = open_count.dead + excluded.dead;
     SELECT detach_partition(${number});
     DROP TABLE delivery_p${number}, attempt_p${number}, event_p${number};
     DELETE FROM partition WHERE number = ${number};
     SELECT attach_partition(${rest})`,
  );
}

function numberBehind(partitions: readonly Partition[]): number {
  return Math.max(...partitions.map(({ number }) => number)) + 1;
}

import { shardCount } from "../cluster.ts";
import { sequencesPerMs } from "../sql/events-sql.ts";

/**
 * When the log gets a new partition, and when one goes as a whole. Bounds lie ahead of what is written: the last partition has no end, and nothing in it
 * until another has been put before it. Only the first one ever gets its end while it has something in it.
 */
export interface Partition {
  readonly number: number;
  /** Sequences from here, and before `ends`; {@link endless} where all that comes is in it. */
  readonly begins: number;
  readonly ends: number;
  /** It holds what had to stay of those that are gone. */
  readonly isRest: boolean;
  /** Of the tables themselves. */
  readonly bytes: number;
}

export const endless = Number.MAX_SAFE_INTEGER;

export interface PartitionedLog {
  /** In their order, without a gap. */
  readonly partitions: readonly Partition[];
  /** Not less than the sequence of any event that is there, and less than those to come. */
  readonly last: number;
  /** Every event up to here is done. */
  readonly watermark: number;
  /** The first sequence of an event that is there; `undefined`: there is none. */
  readonly first: number | undefined;
}

export interface PartitionSizes {
  /** One that holds less is not closed. */
  readonly leastBytes: number;
  /** One that holds more is not read through to close it. */
  readonly mostBytes: number;
}

interface Times {
  readonly nowMs: number;
  /** What happened before is past its time. */
  readonly beforeMs: number;
}

export type PartitionChange =
  /** The last partition ends at the first of these; those behind it begin and end at the others, and the last of them has no end. */
  | { readonly do: "cut"; readonly partition: Partition; readonly at: readonly number[] }
  | { readonly do: "drop"; readonly partition: Partition };

/** As each one slows down what does not know in which it looks. */
const mostPartitions = 24;
const leastSpanMs = 3_600_000;
/** Sequences may be behind the clock by less. */
const behindMs = 1_000;
/** What is past its time waits at most for this part of the time it was kept: for the rest of its partition, and then for locks. */
const waitsForRest = 1 / 8;
const waitsForLocks = 1 / 16;

/** What is due, the oldest first; `undefined`: nothing. @param stuck numbers of those that cannot go */
export function dueChange(
  log: PartitionedLog,
  times: Times,
  { stuck, ...sizes }: PartitionSizes & { readonly stuck: ReadonlySet<number> },
): PartitionChange | undefined {
  const drop = dueDrop(log, times);
  return drop === undefined || stuck.has(drop.partition.number) ? dueCut(log, times, sizes) : drop;
}

function dueDrop({ partitions, last, watermark }: PartitionedLog, { beforeMs }: Times): PartitionChange | undefined {
  const partition = partitions.find(({ isRest }) => !isRest);
  if (partition === undefined || Math.min(partition.ends, last) > watermark) return undefined;
  return msOf(partition.ends) + behindMs <= beforeMs ? { do: "drop", partition } : undefined;
}

function dueCut(log: PartitionedLog, times: Times, sizes: PartitionSizes): PartitionChange | undefined {
  const { partitions, last } = log;
  const end = partitions.at(-1);
  if (end === undefined || partitions.length + 1 > mostPartitions) return undefined;
  const position = Math.max(last, times.nowMs * sequencesPerMs);
  if (last >= end.begins) {
    if (end.bytes < sizes.leastBytes || end.bytes > sizes.mostBytes) return undefined;
    const here = rounded(last + 1);
    return {
      do: "cut",
      partition: end,
      at: [here, rounded(Math.max(here, position) + span(end, { ...log, position }, times, sizes))],
    };
  }
  const before = partitions.at(-2);
  if (before === undefined || position < (before.begins + before.ends) / 2) return undefined;
  const next = Math.max(end.begins, position) + span(before, { ...log, position }, times, sizes);
  return { do: "cut", partition: end, at: [rounded(next)] };
}

/** In sequences: as much as holds about as many bytes as one should at the least, as fast as they come now, or a sixteenth of what is kept. */
function span(
  { begins, bytes }: Partition,
  { first = 0, position }: Pick<PartitionedLog, "first"> & { readonly position: number },
  { nowMs, beforeMs }: Times,
  { leastBytes }: PartitionSizes,
): number {
  const keptMs = nowMs - beforeMs;
  const leastMs = Math.max(keptMs / 16, leastSpanMs);
  const ageMs = Math.max(1, msOf(position - Math.max(begins, first)));
  const wantedMs = (leastBytes / Math.max(1, bytes)) * ageMs;
  return Math.min(Math.max(wantedMs, leastMs), Math.max(keptMs, leastMs)) * sequencesPerMs;
}

/**
 * What is from here on is not to be dropped event by event, though it may be past its time: it goes soon with its partition. Of what waited for too long, or cannot
 * go as a whole (`stuck`), each event goes by itself.
 */
export function leftFrom(
  { partitions }: Pick<PartitionedLog, "partitions">,
  { nowMs, beforeMs }: Times,
  stuck: ReadonlySet<number>,
): number {
  const keptMs = Math.max(0, nowMs - beforeMs);
  const waits = partitions.find(({ number, ends, isRest }) => {
    if (isRest || ends === endless || stuck.has(number)) return false;
    const lateMs = beforeMs - msOf(ends);
    return -lateMs < keptMs * waitsForRest && lateMs < keptMs * waitsForLocks;
  });
  return waits?.begins ?? endless;
}

function msOf(sequences: number): number {
  return sequences / sequencesPerMs;
}

/** Each number has its shards in one partition. */
function rounded(sequence: number): number {
  return Math.ceil(sequence / shardCount) * shardCount;
}

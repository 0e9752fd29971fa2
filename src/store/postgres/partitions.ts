import type { Client } from "pg";
import { asError } from "../../errors.ts";
import type { Log } from "../../log.ts";
import type { PruneStep } from "../sql/wire.ts";
import { isGone, stateOf } from "./faults.ts";
import { cut, drop, keptOf, partitionedLog } from "./partition-changes.ts";
import {
  dueChange,
  leftFrom,
  type PartitionChange,
  type PartitionedLog,
  type PartitionSizes,
} from "./partition-plan.ts";

interface PartitionsOptions extends PartitionSizes {
  readonly log: Log;
  /** How often the lock on the log is tried for, each time for a fifth of a second: as long others may have to wait behind it. */
  readonly lockTries: number;
}

/** At the least about a million events of a kilobyte. */
export const ourPartitions: Omit<PartitionsOptions, "log"> = { leastBytes: 2 ** 30, mostBytes: 2 ** 32, lockTries: 4 };

/** How far retention by partition has come. */
interface Kept {
  /** From this sequence on nothing goes by itself. */
  readonly below: number;
  /** Up to here are those whose partitions are gone. */
  readonly restEnds: number;
  /** Another change may be due. */
  readonly changed: boolean;
}

/** Where the lock is not to be had, as while a backup reads all tables, nothing is tried for so long. */
const lockAgainMs = 120_000;
/** After what went wrong otherwise; and where too much has to stay. */
const againMs = 3_600_000;
const notAvailable = "55P03";
const undefinedTable = "42P01";

/**
 * Makes and drops partitions of the log, one change at a time. Which is due is told from the database each time, and once more when nothing else can change
 * it: two who try make it once.
 */
export class Partitions {
  readonly #options: PartitionsOptions;
  #waitsUntilMs = Number.NEGATIVE_INFINITY;
  /** Of which too much has to stay, by number, and since when that is known. */
  readonly #stuck = new Map<number, number>();

  constructor(options: PartitionsOptions) {
    this.#options = options;
  }

  /** @throws what says that the connection is lost; a change that could not be made otherwise is left for later. */
  async keep(client: Client, step: PruneStep): Promise<Kept> {
    const nowMs = performance.now();
    for (const [number, sinceMs] of this.#stuck) if (nowMs - sinceMs >= againMs) this.#stuck.delete(number);
    let log = await partitionedLog(client);
    const due = nowMs < this.#waitsUntilMs ? undefined : this.#due(log, step);
    const changed = due !== undefined && (await this.#change(client, step, due));
    if (changed) log = await partitionedLog(client);
    return {
      below: leftFrom(log, step, new Set(this.#stuck.keys())),
      restEnds: log.partitions.find(({ isRest }) => isRest)?.ends ?? 0,
      changed,
    };
  }

  #due(log: PartitionedLog, step: PruneStep): PartitionChange | undefined {
    return dueChange(log, step, { ...this.#options, stuck: new Set(this.#stuck.keys()) });
  }

  /** Whether it was made. */
  async #change(client: Client, step: PruneStep, { do: what, partition }: PartitionChange): Promise<boolean> {
    const { log, lockTries } = this.#options;
    try {
      // It is told before anyone has to wait.
      if (what === "drop" && (await keptOf(client, partition, step.deadBeforeMs)) === undefined) {
        this.#stuck.set(partition.number, performance.now());
        return false;
      }
      await client.query("BEGIN");
      await client.query("SELECT lock_log($1)", [lockTries]);
      const isMade = await this.#changeLocked(client, step, partition.number);
      await client.query(isMade ? "COMMIT" : "ROLLBACK");
      if (isMade)
        log.info({ partition: partition.number }, `${what === "cut" ? "ended" : "dropped"} a partition of the log`);
      return isMade;
    } catch (thrown) {
      if (isGone(thrown)) throw thrown;
      await client.query("ROLLBACK");
      // Another has dropped it meanwhile.
      if (stateOf(thrown) === undefinedTable) return false;
      this.#waitsUntilMs = performance.now() + (stateOf(thrown) === notAvailable ? lockAgainMs : againMs);
      log.warn(
        { error: asError(thrown).message, partition: partition.number },
        "the partitions of the log could not be changed, as while a backup reads them; trying again later",
      );
      return false;
    }
  }

  async #changeLocked(client: Client, step: PruneStep, number: number): Promise<boolean> {
    const log = await partitionedLog(client);
    const due = this.#due(log, step);
    if (due?.partition.number !== number) return false;
    if (due.do === "cut") {
      await cut(client, log, due);
      return true;
    }
    const kept = await keptOf(client, due.partition, step.deadBeforeMs);
    if (kept === undefined) return false;
    await drop(client, log, { partition: due.partition, kept, nowMs: step.nowMs });
    return true;
  }
}

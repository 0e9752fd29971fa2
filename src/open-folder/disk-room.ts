import { type Clock, sleep } from "../clock.ts";
import { asError, SignalboxError } from "../errors.ts";
import type { Disk, DiskReserve } from "../folder/reserve.ts";
import type { Log } from "../log.ts";
import { relieves } from "../store/relief.ts";
import type { Commit, Unit } from "../store/unit.ts";

/** With less than this on the disk, an upload of any size that matters would fail. */
const roomBytes = 4 * 2 ** 20;
const lookEveryMs = 1_000;
/** A disk that has plenty of room need not wait for the reserve: a process that ends at once makes none. */
const firstFillMs = 5_000;
const plenty = 16;
const logEveryMs = 60_000;

/** Made when a folder is opened, before there are Ports. */
interface DiskRoomDeps {
  readonly reserve: DiskReserve;
  readonly clock: Clock;
  readonly log: Log;
}

const refusal =
  "the disk is full: nothing was changed; free some space, or delete what is not needed, which is still possible, and try again";

/**
 * What becomes of writes when the disk is full. As long as the reserve is there, the disk itself says what it has room for. When a deletion, or
 * retention, finds none, the reserve is given up for it: from then on whatever would grow is refused, and what makes room goes on, until
 * the disk has room for a reserve again.
 */
export class DiskRoom {
  readonly #deps: DiskRoomDeps;
  readonly #startedMs: number;
  #disk: Disk | undefined;
  #spent = false;
  #givenUpBytes = 0;
  #loggedMs: number | undefined;
  /** Lets the database give back what it can, once the reserve is given up. */
  #relieve: () => Promise<void> = () => Promise.resolve();

  constructor(deps: DiskRoomDeps) {
    this.#deps = deps;
    this.#startedMs = deps.clock.now();
  }

  /** Before anything in the folder is written, which the caller has locked: a start needs room too. */
  async begin(): Promise<void> {
    const { reserve } = this.#deps;
    const { freeBytes, reserveBytes } = await reserve.look();
    if (reserve.wanted === 0 || freeBytes >= roomBytes || !reserve.giveUp()) return;
    this.#spent = true;
    this.#givenUpBytes = reserveBytes;
  }

  /** `relieve` is called whenever the reserve was given up. */
  onGivenUp(relieve: () => Promise<void>): void {
    this.#relieve = relieve;
  }

  /** Why no work can be accepted; `undefined` when it can. Looks at the disk. */
  async fullness(): Promise<string | undefined> {
    const { freeBytes } = await this.#look();
    if (!this.#spent && freeBytes >= roomBytes) return undefined;
    return "the disk is full: free some space, and work is accepted again";
  }

  /** As of the last look, a second ago at the most while this runs. */
  async figures(): Promise<Disk & { readonly isFull: boolean }> {
    const disk = this.#disk ?? (await this.#look());
    return { ...disk, isFull: this.#spent || disk.freeBytes < roomBytes };
  }

  /** Whether outcomes of attempts may be recorded: they wait, rather than take the half of the reserve that deletions need. */
  get mayRecord(): boolean {
    return !this.#spent || (this.#disk?.freeBytes ?? 0) >= this.#givenUpBytes / 2;
  }

  /** @throws SignalboxError `storage_full` when the reserve is given up */
  refuseGrowth(): void {
    if (this.#spent) throw diskFull();
  }

  /** Commits `unit` if there is room for it, or if it makes some. */
  guarding(commit: (unit: Unit) => Promise<Commit>): (unit: Unit) => Promise<Commit> {
    const relieving = async (unit: Unit): Promise<Commit> => {
      try {
        return await commit(unit);
      } catch (thrown) {
        if (!isFull(thrown) || !(await this.giveUp())) throw thrown;
        return commit(unit);
      }
    };
    return (unit) => {
      if (relieves(unit)) return relieving(unit);
      return this.#spent ? Promise.reject(diskFull()) : commit(unit);
    };
  }

  /** For what makes room and found none; false when the reserve was given up before. */
  async giveUp(): Promise<boolean> {
    if (this.#spent) return false;
    const { reserveBytes } = await this.#look();
    if (!this.#deps.reserve.giveUp()) return false;
    this.#spent = true;
    this.#givenUpBytes = reserveBytes;
    await this.#relieve().catch(() => {});
    await this.#watch();
    return true;
  }

  /** Looks at the disk once a second, says once a minute that it is full, and keeps the reserve. Runs until `signal` aborts. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        await this.#watch();
      } catch (thrown) {
        this.#deps.log.warn({ error: asError(thrown).message }, "the disk could not be looked at");
      }
      await sleep(this.#deps.clock, lookEveryMs, signal);
    }
  }

  async #watch(): Promise<void> {
    const { reserve, clock } = this.#deps;
    const disk = await this.#look();
    if (disk.freeBytes >= roomBytes && (this.#spent || this.#mayFill(disk))) {
      const reserveBytes = await reserve.fill(disk);
      if (reserveBytes > 0) this.#spent = false;
      await this.#look();
    }
    const { freeBytes, isFull: full } = await this.figures();
    const nowMs = clock.now();
    if (full && (this.#loggedMs === undefined || nowMs - this.#loggedMs >= logEveryMs || nowMs < this.#loggedMs)) {
      this.#loggedMs = nowMs;
      this.#tell(freeBytes);
    } else if (!full && this.#loggedMs !== undefined) {
      this.#loggedMs = undefined;
      this.#deps.log.info({ freeBytes }, "the disk has room again: work is accepted");
    }
  }

  #tell(freeBytes: number): void {
    const fact = this.#spent
      ? "the disk is full, and the reserve is given up: only what deletes or turns off is accepted"
      : "the disk is full, or about to be: writes are refused as it has no room for them";
    this.#deps.log.error({ freeBytes, wantedBytes: roomBytes + this.#deps.reserve.wanted }, `${fact}; free some space`);
  }

  #mayFill({ freeBytes }: Disk): boolean {
    const { reserve, clock } = this.#deps;
    return freeBytes < plenty * reserve.wanted || Math.abs(clock.now() - this.#startedMs) >= firstFillMs;
  }

  async #look(): Promise<Disk> {
    this.#disk = await this.#deps.reserve.look();
    return this.#disk;
  }
}

function diskFull(): SignalboxError {
  return new SignalboxError("storage_full", refusal);
}

function isFull(thrown: unknown): boolean {
  return thrown instanceof SignalboxError && thrown.code === "storage_full";
}

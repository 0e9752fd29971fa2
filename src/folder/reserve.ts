import { rmSync, statSync } from "node:fs";
import { open, rm, stat, statfs } from "node:fs/promises";
import { join } from "node:path";
import type { Clock } from "../clock.ts";

/** A file that takes room on the disk while there is some, to be given up when there is none. */
const file = "reserve";
const pieceBytes = 2 ** 20;
/** A small disk gives this part of itself at the most. */
const partOfDisk = 16;

/** The disk of a data folder. */
export interface Disk {
  /** For this user. */
  readonly freeBytes: number;
  readonly sizeBytes: number;
  /** That are kept in reserve. */
  readonly reserveBytes: number;
}

export class DiskReserve {
  readonly #path: string;
  readonly #folder: string;
  readonly #wanted: number;
  readonly #clock: Pick<Clock, "bytes">;

  /** @param wanted bytes; 0 keeps none */
  constructor(folder: string, wanted: number, clock: Pick<Clock, "bytes">) {
    this.#folder = folder;
    this.#path = join(folder, file);
    this.#wanted = wanted;
    this.#clock = clock;
  }

  get wanted(): number {
    return this.#wanted;
  }

  async look(): Promise<Disk> {
    const { bavail, blocks, bsize } = await statfs(this.#folder);
    const found = await stat(this.#path).catch(() => undefined);
    return { freeBytes: bavail * bsize, sizeBytes: blocks * bsize, reserveBytes: found?.size ?? 0 };
  }

  /** Gives its room back to the disk; false when there was none. */
  giveUp(): boolean {
    const had = (statSync(this.#path, { throwIfNoEntry: false })?.size ?? 0) > 0;
    rmSync(this.#path, { force: true });
    return had;
  }

  /**
   * Makes it as large as it should be, and as the disk has room for: never more than half of what is free. Its bytes are random, since some file
   * systems keep no room for zeros. Resolves with its size.
   */
  async fill(disk: Disk): Promise<number> {
    if (this.#wanted === 0) {
      await rm(this.#path, { force: true });
      return 0;
    }
    const most = Math.min(this.#wanted, disk.sizeBytes / partOfDisk, (disk.freeBytes + disk.reserveBytes) / 2);
    const target = Math.floor(most / pieceBytes) * pieceBytes;
    if (disk.reserveBytes >= target) return disk.reserveBytes;
    await using handle = await open(this.#path, "a", 0o600);
    let size = disk.reserveBytes;
    try {
      for (; size < target; size += pieceBytes) {
        await handle.writeFile(this.#clock.bytes(Math.min(pieceBytes, target - size)));
      }
      await handle.sync();
    } catch (thrown) {
      // Another process was faster: what there is of it is a reserve too.
      if (!(thrown instanceof Error && "code" in thrown && (thrown.code === "ENOSPC" || thrown.code === "EDQUOT")))
        throw thrown;
    }
    return size;
  }
}

import { closeSync, constants, fdatasyncSync, ftruncateSync, mkdirSync, openSync, writeSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileText, giveToOwner } from "./durable-file.ts";
import { blobsFolder } from "./identity.ts";

/** What the blobs know of the database: how many commits it had made, and in which run of the server. */
export interface CommitMark {
  /** The folder's identity. */
  readonly folder: string;
  /** The last 12 digits of the names of the blobs that this run writes. */
  readonly run: string;
  /** Commits over the folder's whole life. */
  readonly commits: number;
}

const form = /^signalbox ([0-9a-f]{32}) ([0-9a-f]{12}) (\d{16})\n$/;
const markBytes = "signalbox ".length + 32 + 1 + 12 + 1 + 16 + 1;
/** A power cut may lose the marks of so long. */
const syncMs = 1_000;

export function markPath(folder: string): string {
  return join(folder, blobsFolder, "commits.mark");
}

/** `undefined`: there is none, or it cannot be read. */
export function readMark(path: string): CommitMark | undefined {
  const [, folder, run, commits] = form.exec(fileText(path) ?? "") ?? [];
  return folder === undefined || run === undefined ? undefined : { folder, run, commits: Number(commits) };
}

/**
 * Keeps the mark. It is written after each commit, in place, which costs some microseconds, and synced once a second: a killed process
 * loses none of it, a power cut a second of it. That the mark is behind the database says nothing; that the database is behind
 * the mark says that it lost commits.
 */
export class MarkWriter {
  readonly #mark: Omit<CommitMark, "commits">;
  readonly #file: number;
  #timer: NodeJS.Timeout | undefined;

  constructor(path: string, mark: Omit<CommitMark, "commits">) {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    this.#mark = mark;
    this.#file = openSync(path, constants.O_WRONLY | constants.O_CREAT, 0o600);
    giveToOwner(this.#file, path);
    // Longer than a mark only when it was damaged.
    ftruncateSync(this.#file, markBytes);
  }

  /** Never throws: the commit is made, whatever becomes of its mark. */
  write(commits: number): void {
    const { folder, run } = this.#mark;
    try {
      writeSync(this.#file, `signalbox ${folder} ${run} ${String(commits).padStart(16, "0")}\n`, 0);
    } catch {
      // It stays behind, which says nothing.
    }
    this.#timer ??= setTimeout(() => this.#sync(), syncMs).unref();
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#sync();
    closeSync(this.#file);
  }

  #sync(): void {
    this.#timer = undefined;
    try {
      fdatasyncSync(this.#file);
    } catch {
      // As above.
    }
  }
}

import { constants } from "node:fs";
import { copyFile, type FileHandle, link, mkdir, open, opendir, readdir, unlink } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { Readable } from "node:stream";
import type { Clock } from "../clock.ts";
import { SignalboxError } from "../errors.ts";
import {
  type BlobId,
  type ByteRange,
  type FolderBlobs,
  parseBlobId,
  type QuarantinedBlob,
  smallRead,
} from "./blobs.ts";
import { FolderSync, syncFolder } from "./folder-sync.ts";
import { dayOf, Quarantine } from "./quarantine.ts";
import { readSmall } from "./read-small.ts";
import { RecentBytes } from "./recent-bytes.ts";
import { writeAll } from "./write-all.ts";

const pageSize = 1000;
const deletesAtOnce = 16;
/** Put aside for a backup and remembered; what is more waits for a sweep. */
const mostRemembered = 100_000;
const subFolder = /^[\da-f]{2}$/;

/**
 * Blobs as files below `folder`, which is made if it is not there; the caller holds the lock on it.
 *
 * An id is 14 random bytes and then 6 that are the same for everything this process writes, all in hex. The first byte names
 * one of 256 sub-folders, each made when it is first needed; the last 6 tell {@link FolderBlobs.older} what this process wrote
 * itself, without a clock that might jump and without a file's times, which a hard link shares with the old file. Files are
 * written under their final name: the name is known to nothing before the bytes are synced, and one that a crash leaves behind is
 * swept like any other.
 */
export async function fileBlobs(folder: string, clock: Clock, options: FileBlobsOptions = {}): Promise<FolderBlobs> {
  const whole = resolve(folder);
  await makeFolder(whole);
  return new FileBlobs(whole, clock, options);
}

interface FileBlobsOptions {
  /** 12 hex digits that the names of all blobs end with which this process writes. Default: random ones. */
  readonly mark?: string;
  /** There is a newer database, which may refer to blobs of earlier runs: they are put aside where they would be deleted. Default false. */
  readonly newerExists?: boolean;
  /** Asked before each new blob; throws where there is no room for one. */
  readonly admit?: () => void;
}

async function makeFolder(folder: string): Promise<void> {
  const first = await mkdir(folder, { recursive: true, mode: 0o700 });
  if (first === undefined) return;
  for (let made = folder; made !== dirname(first); made = dirname(made)) await syncFolder(dirname(made));
}

class FileBlobs implements FolderBlobs {
  readonly #folder: string;
  readonly #clock: Clock;
  readonly #mark: string;
  readonly #keepsEarlier: boolean;
  readonly #quarantine: Quarantine;
  readonly #folders = new FolderSync();
  readonly #recent = new RecentBytes();
  /** Sub-folders whose names are on disk, as far as this process knows. */
  readonly #made = new Set<string>();
  readonly #admit: () => void;
  #holds = 0;
  #remembered: QuarantinedBlob[] = [];
  #closed = false;

  constructor(folder: string, clock: Clock, { mark, newerExists = false, admit = () => {} }: FileBlobsOptions) {
    this.#admit = admit;
    this.#folder = folder;
    this.#clock = clock;
    this.#mark = mark ?? Buffer.from(clock.bytes(6)).toString("hex");
    this.#keepsEarlier = newerExists;
    this.#quarantine = new Quarantine(folder);
  }

  async write(source: AsyncIterable<Uint8Array>): Promise<{ readonly id: BlobId; readonly size: number }> {
    this.#checkOpen();
    this.#admit();
    const id = this.#newId();
    const path = this.#path(id);
    try {
      await this.#makeFolderOf(path);
      const handle = await open(path, "wx", 0o600);
      let size: number;
      try {
        size = await writeAll(handle, source, () => this.#checkOpen());
        await handle.sync();
      } finally {
        await handle.close();
      }
      await this.#folders.sync(dirname(path));
      return { id, size };
    } catch (error) {
      throw await this.#giveUp(path, error);
    }
  }

  async link(id: BlobId): Promise<BlobId | undefined> {
    this.#checkOpen();
    this.#admit();
    const copy = this.#newId();
    const path = this.#path(copy);
    try {
      await this.#makeFolderOf(path);
      await this.#found(id, () => linkOrCopy(this.#path(id), path));
      await this.#folders.sync(dirname(path));
      return copy;
    } catch (error) {
      if (codeOf(error) === "ENOENT") return undefined;
      throw await this.#giveUp(path, error);
    }
  }

  async read(id: BlobId, { start, end }: ByteRange): Promise<Readable | undefined> {
    const handle = await this.#open(id);
    if (handle === undefined) return undefined;
    try {
      const { size } = await handle.stat();
      if (start < 0 || end < start - 1 || end >= size) {
        throw new RangeError(`blob ${id} has ${size} bytes, not ${start} to ${end}`);
      }
      if (end >= start) return handle.createReadStream({ start, end, highWaterMark: smallRead });
    } catch (error) {
      await handle.close();
      throw error;
    }
    await handle.close();
    return Readable.from([]);
  }

  async readSmall(id: BlobId, range: ByteRange): Promise<Buffer | undefined> {
    const { start, end } = range;
    const known = this.#recent.get(id, range);
    if (known !== undefined) return known;
    if (start < 0 || end < start || end - start >= smallRead)
      throw new RangeError(`${start} to ${end} is no small range`);
    const { turn } = this.#recent;
    const bytes = await this.#ifThere(this.#found(id, () => readSmall(this.#path(id), range)));
    if (bytes === undefined) return undefined;
    if (bytes.length <= end - start) throw new RangeError(`blob ${id} ends before ${end}`);
    if (start === 0) this.#recent.keep(id, bytes, turn);
    return bytes;
  }

  async delete(ids: readonly BlobId[]): Promise<void> {
    await this.#forgotten(ids, async (id) => {
      const isKept = this.#keepsEarlier && !id.endsWith(this.#mark);
      if (!isKept && this.#holds === 0) return remove(this.#path(id));
      const nowMs = this.#clock.now();
      await this.#quarantine.take(id, this.#path(id), nowMs);
      if (!isKept && this.#remembered.length < mostRemembered) this.#remembered.push({ id, day: dayOf(nowMs) });
    });
  }

  hold(): () => Promise<void> {
    this.#holds += 1;
    let isOver = false;
    return async () => {
      if (isOver) return;
      isOver = true;
      this.#holds -= 1;
      if (this.#holds > 0) return;
      const remembered = this.#remembered;
      this.#remembered = [];
      await inParts(remembered, (blob) => remove(this.#quarantine.path(blob)));
    };
  }

  async quarantine(ids: readonly BlobId[]): Promise<void> {
    await this.#forgotten(ids, (id) => this.#putAside(id));
  }

  quarantined(signal: AbortSignal): AsyncIterable<QuarantinedBlob[]> {
    return this.#quarantine.all(signal);
  }

  async release(blobs: readonly QuarantinedBlob[], how: "restore" | "delete"): Promise<void> {
    await inParts(blobs, async (blob) => {
      if (how === "delete") await remove(this.#quarantine.path(blob));
      else await this.#quarantine.giveBack(blob.id, this.#path(blob.id));
    });
  }

  /** Takes each away by `work`. */
  async #forgotten(ids: readonly BlobId[], work: (id: BlobId) => Promise<void>): Promise<void> {
    try {
      await inParts(ids, work);
    } finally {
      this.#recent.forget(ids);
    }
  }

  async #putAside(id: BlobId): Promise<void> {
    await this.#quarantine.take(id, this.#path(id), this.#clock.now());
  }

  /** When the file is not there, once more after it was brought back from the quarantine. */
  async #found<T>(id: BlobId, use: () => Promise<T>): Promise<T> {
    try {
      return await use();
    } catch (error) {
      if (codeOf(error) !== "ENOENT" || !(await this.#quarantine.giveBack(id, this.#path(id)))) throw error;
      return use();
    }
  }

  async *older(signal: AbortSignal): AsyncIterable<BlobId[]> {
    // What is made from now on holds only what this process writes itself.
    const subFolders = (await readdir(this.#folder)).filter((name) => subFolder.test(name));
    for (const folder of subFolders) {
      if (signal.aborted) return;
      let page: BlobId[] = [];
      for await (const { name } of await opendir(join(this.#folder, folder))) {
        const id = parseBlobId(name);
        if (id === undefined || name.endsWith(this.#mark)) continue;
        page.push(id);
        if (page.length < pageSize) continue;
        yield page;
        page = [];
        if (signal.aborted) return;
      }
      if (page.length > 0) yield page;
    }
  }

  /** What the disk has room for is looked at apart from this. */
  async ready(): Promise<void> {}

  async close(): Promise<void> {
    this.#closed = true;
    await this.#folders.idle();
  }

  #checkOpen(): void {
    if (this.#closed) throw new SignalboxError("unavailable", "The store of blobs is closing.");
  }

  #newId(): BlobId {
    return `${Buffer.from(this.#clock.bytes(14)).toString("hex")}${this.#mark}` as BlobId;
  }

  /** Ids come from the database, which other hands may have touched: only what has their form becomes part of a path. */
  #path(id: BlobId): string {
    const safe = parseBlobId(id);
    if (safe === undefined) throw new TypeError("not a blob id");
    return join(this.#folder, safe.slice(0, 2), safe);
  }

  /** Also one that is there is synced once: the process that made it may not have come to that. */
  async #makeFolderOf(path: string): Promise<void> {
    const folder = dirname(path);
    if (this.#made.has(folder)) return;
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await this.#folders.sync(this.#folder);
    this.#made.add(folder);
  }

  #open(id: BlobId): Promise<FileHandle | undefined> {
    return this.#ifThere(this.#found(id, () => open(this.#path(id), "r")));
  }

  async #ifThere<T>(use: Promise<T>): Promise<T | undefined> {
    try {
      return await use;
    } catch (error) {
      if (codeOf(error) === "ENOENT") return undefined;
      throw error;
    }
  }

  /** Takes the file away and says what went wrong. When even that fails, the sweeper finds the file after the next start. */
  async #giveUp(path: string, error: unknown): Promise<unknown> {
    await remove(path).catch(() => {});
    const code = codeOf(error);
    if (code !== "ENOSPC" && code !== "EDQUOT" && code !== "EFBIG") return error;
    return new SignalboxError("storage_full", "There is no room on the disk for this object.", { cause: error });
  }
}

async function inParts<T>(all: readonly T[], work: (one: T) => Promise<void>): Promise<void> {
  for (let from = 0; from < all.length; from += deletesAtOnce) {
    await Promise.all(all.slice(from, from + deletesAtOnce).map(work));
  }
}

async function remove(path: string): Promise<void> {
  try {
    await unlink(path);
  } catch (error) {
    if (codeOf(error) !== "ENOENT") throw error;
  }
}

/** What platforms and file systems say that have no hard links, or no more of them for one file. */
const noLinks = new Set(["EPERM", "EMLINK", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EXDEV", "EACCES"]);

async function linkOrCopy(from: string, to: string): Promise<void> {
  try {
    await link(from, to);
  } catch (error) {
    if (!noLinks.has(codeOf(error) ?? "")) throw error;
    await copyFile(from, to, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
    await using handle = await open(to, "r+");
    await handle.sync();
  }
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}

import { mkdir, opendir, readdir, rename, rmdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type BlobId, parseBlobId, type QuarantinedBlob } from "./blobs.ts";
import { syncFolder } from "./folder-sync.ts";

const pageSize = 1000;
const dayForm = /^\d{4}-\d{2}-\d{2}$/;

/** In UTC: `2026-11-20`. */
export function dayOf(nowMs: number): string {
  return new Date(nowMs).toISOString().slice(0, 10);
}

/** Blobs that nothing refers to, kept for a while below `quarantine/<day>/`: a database that is put back may need them. */
export class Quarantine {
  readonly #folder: string;

  /** @param blobs the folder of the blobs */
  constructor(blobs: string) {
    this.#folder = join(blobs, "quarantine");
  }

  path({ id, day }: QuarantinedBlob): string {
    return join(this.#folder, day, id);
  }

  /** Moves the file of a blob here; false when it is not there. */
  async take(id: BlobId, from: string, nowMs: number): Promise<boolean> {
    const to = this.path({ id, day: dayOf(nowMs) });
    await mkdir(dirname(to), { recursive: true, mode: 0o700 });
    return renamed(from, to);
  }

  /** Moves the file of a blob back, if it is here: durably, as it is about to be relied upon. */
  async giveBack(id: BlobId, to: string): Promise<boolean> {
    for (const day of await this.#days()) {
      await mkdir(dirname(to), { recursive: true, mode: 0o700 });
      if (!(await renamed(this.path({ id, day }), to))) continue;
      await syncFolder(dirname(to));
      return true;
    }
    return false;
  }

  async *all(signal: AbortSignal): AsyncIterable<QuarantinedBlob[]> {
    for (const day of await this.#days()) {
      let page: QuarantinedBlob[] = [];
      for await (const { name } of await opendir(join(this.#folder, day))) {
        if (signal.aborted) return;
        const id = parseBlobId(name);
        if (id === undefined) continue;
        page.push({ id, day });
        if (page.length < pageSize) continue;
        yield page;
        page = [];
      }
      if (page.length > 0) yield page;
      // Not those that something is still in.
      await rmdir(join(this.#folder, day)).catch(() => {});
    }
  }

  async #days(): Promise<string[]> {
    const names = await readdir(this.#folder).catch(() => []);
    return names.filter((name) => dayForm.test(name)).sort();
  }
}

async function renamed(from: string, to: string): Promise<boolean> {
  try {
    await rename(from, to);
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return false;
    throw error;
  }
}

import { open } from "node:fs/promises";

/**
 * Makes the names in folders durable. One fsync of a folder serves everyone who asked for it before it began; who asks while
 * it runs waits for the next one, since a name that came after its beginning may not be in it.
 */
export class FolderSync {
  readonly #syncFolder: (folder: string) => Promise<void>;
  readonly #folders = new Map<string, { readonly running: Promise<void>; next?: Promise<void> }>();

  constructor(sync = syncFolder) {
    this.#syncFolder = sync;
  }

  /** Resolves when every name that is in `folder` now is on disk. */
  sync(folder: string): Promise<void> {
    const busy = this.#folders.get(folder);
    if (busy === undefined) return this.#begin(folder);
    busy.next ??= busy.running.then(
      () => this.#begin(folder),
      () => this.#begin(folder),
    );
    return busy.next;
  }

  /** Resolves when nothing is being synced. */
  async idle(): Promise<void> {
    while (this.#folders.size > 0) {
      await Promise.allSettled([...this.#folders.values()].map(({ running, next }) => next ?? running));
    }
  }

  #begin(folder: string): Promise<void> {
    const running = this.#syncFolder(folder).finally(() => {
      if (this.#folders.get(folder) === state && state.next === undefined) this.#folders.delete(folder);
    });
    const state: { readonly running: Promise<void>; next?: Promise<void> } = { running };
    this.#folders.set(folder, state);
    return running;
  }
}

/** What file systems say that cannot sync a folder; their names need no help, or none can be given. */
const cannot = new Set(["EINVAL", "ENOTSUP", "EOPNOTSUPP"]);

export async function syncFolder(folder: string): Promise<void> {
  await using handle = await open(folder, "r");
  try {
    await handle.sync();
  } catch (error) {
    if (!(error instanceof Error && "code" in error && cannot.has(String(error.code)))) throw error;
  }
}

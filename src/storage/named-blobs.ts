import type { Readable } from "node:stream";
import { type BlobId, type Blobs, type ByteRange, parseBlobId } from "../blobs/blobs.ts";
import type { Bodies, BodyKey } from "../blobs/bodies.ts";
import { RecentBytes } from "../blobs/recent-bytes.ts";
import type { Clock } from "../clock.ts";
import { SignalboxError } from "../errors.ts";
import { bodyDigits } from "../store/blob-names.ts";
import type { Store } from "../store/store.ts";
import type { Change, Commit, Unit } from "../store/unit.ts";

interface NamedBlobsDeps {
  readonly bodies: Bodies;
  readonly store: Pick<Store, "commit">;
  readonly clock: Clock;
  /** This node's name. */
  readonly node: string;
  /** 12 hex digits that the keys of all bodies end with which this process writes. */
  readonly run: string;
  /** Asked before each new blob; throws where there is no room for one. */
  readonly admit: () => void;
}

/** The key of the body that a blob is. Ids come from the database, which other hands may have touched. */
function bodyOf(id: BlobId): BodyKey {
  const safe = parseBlobId(id);
  if (safe === undefined) throw new TypeError("not a blob id");
  return safe.slice(0, bodyDigits);
}

/**
 * Blobs whose bytes lie in a place that several nodes share: their names are registered in the store, in a commit before the first byte, and the owner of
 * the duty deletes the bodies that no name needs ({@link BlobNames}). A second name is one more row, no copy. What is deleted can be read for a
 * while still: the grace is what a reader on another node has.
 *
 * An id is a body's key, 8 random bytes and the 6 of the run that wrote it, and then 6 of its own, all in hex: to read asks no database.
 */
export class NamedBlobs implements Blobs {
  readonly #deps: NamedBlobsDeps;
  readonly #recent = new RecentBytes();
  #closed = false;
  #holds = 0;

  constructor(deps: NamedBlobsDeps) {
    this.#deps = deps;
  }

  /** Whether the sweep has to leave everything alone. */
  get isHeld(): boolean {
    return this.#holds > 0;
  }

  async write(source: AsyncIterable<Uint8Array>): Promise<{ readonly id: BlobId; readonly size: number }> {
    this.#checkOpen();
    const { admit, bodies, run, clock } = this.#deps;
    admit();
    const id = this.#named(Buffer.from(clock.bytes(8)).toString("hex") + run);
    await this.#commit({ changes: [this.#added(id)] });
    try {
      return { id, size: await bodies.write(bodyOf(id), this.#whileOpen(source)) };
    } catch (thrown) {
      // Without a reader, and so without a grace. Where it cannot be said, the name goes with its node.
      await this.#commit({ changes: [{ do: "blob.unwanted", names: [id], atMs: 0 }] }).catch(() => {});
      throw thrown;
    }
  }

  async link(id: BlobId): Promise<BlobId | undefined> {
    this.#checkOpen();
    const body = bodyOf(id);
    this.#deps.admit();
    const copy = this.#named(body);
    const { kind } = await this.#commit({
      conditions: [{ if: "blob.live", names: [id] }],
      changes: [this.#added(copy)],
    });
    return kind === "committed" ? copy : undefined;
  }

  async read(id: BlobId, range: ByteRange): Promise<Readable | undefined> {
    return this.#deps.bodies.read(bodyOf(id), range);
  }

  async readSmall(id: BlobId, range: ByteRange): Promise<Buffer | undefined> {
    const known = this.#recent.get(id, range);
    if (known !== undefined) return known;
    const { turn } = this.#recent;
    const bytes = await this.#deps.bodies.readSmall(bodyOf(id), range);
    if (bytes !== undefined && range.start === 0) this.#recent.keep(id, bytes, turn);
    return bytes;
  }

  async delete(ids: readonly BlobId[]): Promise<void> {
    for (const id of ids) bodyOf(id);
    try {
      await this.#commit({ changes: [{ do: "blob.unwanted", names: ids, atMs: this.#deps.clock.now() }] });
    } finally {
      this.#recent.forget(ids);
    }
  }

  hold(): () => Promise<void> {
    this.#holds += 1;
    let isOver = false;
    return async () => {
      if (!isOver) this.#holds -= 1;
      isOver = true;
    };
  }

  ready(): Promise<void> {
    return this.#deps.bodies.ready();
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#deps.bodies.close();
  }

  #checkOpen(): void {
    if (this.#closed) throw new SignalboxError("unavailable", "The store of blobs is closing.");
  }

  async *#whileOpen(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const piece of source) {
      this.#checkOpen();
      yield piece;
    }
    this.#checkOpen();
  }

  #named(body: BodyKey): BlobId {
    return `${body}${Buffer.from(this.#deps.clock.bytes(6)).toString("hex")}` as BlobId;
  }

  #added(name: BlobId): Change {
    const { node, clock } = this.#deps;
    return { do: "blob.add", name, node, atMs: clock.now() };
  }

  #commit(unit: Unit): Promise<Commit> {
    return this.#deps.store.commit(unit);
  }
}

/**
 * The way to commits where names are registered: what a unit refers to is used from that commit on, and the unit is refused when the sweep has taken any of
 * it, because it lay unused for too long or its node was given up.
 */
export function usingNames(commit: Store["commit"]): Store["commit"] {
  return (unit) => {
    const names = (unit.changes ?? []).flatMap(referredBy);
    if (names.length === 0) return commit(unit);
    return commit({
      ...unit,
      conditions: [...(unit.conditions ?? []), { if: "blob.live", names }],
      changes: [...(unit.changes ?? []), { do: "blob.used", names }],
    });
  };
}

function referredBy(change: Change): readonly string[] {
  if (change.do === "object.put") return change.object.pieces.map(({ blob }) => blob);
  return change.do === "part.put" ? [change.part.blob] : [];
}

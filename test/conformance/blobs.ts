import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import type { Readable } from "node:stream";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { type BlobId, type Blobs, parseBlobId, smallRead } from "../../src/blobs/blobs.ts";

/** One place for blobs. Disposing closes and removes it. */
export interface BlobsUnderTest extends AsyncDisposable {
  readonly blobs: Blobs;
  /** Resolves when what was deleted cannot be read any more. */
  swept(): Promise<void>;
  /** How many bodies there are, whatever they belong to, once the next process has swept what this one left. */
  left(): Promise<number>;
}

const missing = "0".repeat(40) as BlobId;

export async function* from(...pieces: (Uint8Array | string)[]): AsyncGenerator<Uint8Array> {
  for (const piece of pieces) yield typeof piece === "string" ? Buffer.from(piece) : piece;
}

async function drain(stream: Readable | undefined): Promise<Buffer> {
  assert.ok(stream !== undefined, "the blob is missing");
  const pieces: Buffer[] = [];
  for await (const piece of stream) pieces.push(piece as Buffer);
  return Buffer.concat(pieces);
}

export async function readAll(blobs: Blobs, id: BlobId, size: number): Promise<string> {
  return (await drain(await blobs.read(id, { start: 0, end: size - 1 }))).toString("latin1");
}

async function linked(blobs: Blobs, id: BlobId): Promise<BlobId> {
  const copy = await blobs.link(id);
  assert.ok(copy !== undefined, "the blob is missing");
  return copy;
}

/** What every {@link Blobs} must do. `open` gives an empty place each time. */
export function describeBlobs(name: string, open: () => Promise<BlobsUnderTest>): void {
  describe(name, () => {
    it("gives back what was written, whole and in any range", async () => {
      await using place = await open();
      const { blobs } = place;
      const pieces = fc.array(fc.uint8Array({ maxLength: 50 }), { maxLength: 8 });
      await fc.assert(
        fc.asyncProperty(pieces, fc.nat(200), fc.nat(200), async (parts, a, b) => {
          const whole = Buffer.concat(parts);
          const { id, size } = await blobs.write(from(...parts));
          assert.equal(size, whole.length);
          assert.equal(await readAll(blobs, id, size), whole.toString("latin1"));
          if (size === 0) return;
          const [start, end] = [Math.min(a % size, b % size), Math.max(a % size, b % size)];
          const part = await drain(await blobs.read(id, { start, end }));
          assert.ok(part.equals(whole.subarray(start, end + 1)));
        }),
        { numRuns: 40 },
      );
    });

    it("gives few bytes in one piece, in any range, the same however often", async () => {
      await using place = await open();
      const { blobs } = place;
      const bytes = fc.uint8Array({ minLength: 1, maxLength: 300 });
      await fc.assert(
        fc.asyncProperty(bytes, fc.nat(300), fc.nat(300), async (whole, a, b) => {
          const { id, size } = await blobs.write(from(whole));
          const [start, end] = [Math.min(a % size, b % size), Math.max(a % size, b % size)];
          for (const range of [
            { start, end },
            { start: 0, end: size - 1 },
            { start, end },
          ]) {
            const piece = await blobs.readSmall(id, range);
            assert.deepEqual(
              piece?.toString("hex"),
              Buffer.from(whole.slice(range.start, range.end + 1)).toString("hex"),
            );
          }
          await assert.rejects(blobs.readSmall(id, { start, end: size }), RangeError);
        }),
        { numRuns: 40 },
      );
      const { id } = await blobs.write(from(randomBytes(smallRead + 1)));
      assert.equal((await blobs.readSmall(id, { start: 1, end: smallRead }))?.length, smallRead);
      await assert.rejects(blobs.readSmall(id, { start: 0, end: smallRead }), RangeError);
    });

    it("gives no few bytes of what is not there any more", async () => {
      await using place = await open();
      const { blobs } = place;
      const range = { start: 0, end: 3 };
      assert.equal(await blobs.readSmall(missing, range), undefined);
      const gone = await blobs.write(from("gone"));
      assert.ok(await blobs.readSmall(gone.id, range));
      await blobs.delete([gone.id]);
      await place.swept();
      assert.equal(await blobs.readSmall(gone.id, range), undefined);
      // What is deleted while it is read may be read, but not once that is over.
      const both = await blobs.write(from("both"));
      await Promise.all([blobs.readSmall(both.id, range), blobs.delete([both.id])]);
      await place.swept();
      assert.equal(await blobs.readSmall(both.id, range), undefined);
    });

    it("gives every blob an id of its own form", async () => {
      await using place = await open();
      const written = await Promise.all(Array.from({ length: 50 }, () => place.blobs.write(from("same"))));
      assert.equal(new Set(written.map(({ id }) => id)).size, 50);
      for (const { id } of written) assert.equal(parseBlobId(id), id);
    });

    it("holds pieces of a batch, of many and of none", async () => {
      await using place = await open();
      const bytes = randomBytes(3_000_000);
      const cut = (size: number) =>
        Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) => bytes.subarray(i * size, (i + 1) * size));
      for (const pieces of [[bytes], cut(262_144), cut(700), [Buffer.alloc(0), bytes, Buffer.alloc(0)]]) {
        const { id, size } = await place.blobs.write(from(...pieces));
        assert.equal(await readAll(place.blobs, id, size), bytes.toString("latin1"));
      }
    });

    it("leaves nothing of a source that throws, and throws its error on", async () => {
      await using place = await open();
      const broken = new Error("the client went away");
      for (const before of [0, 1, 20]) {
        async function* source(): AsyncGenerator<Uint8Array> {
          for (let i = 0; i < before; i += 1) yield randomBytes(100_000);
          throw broken;
        }
        await assert.rejects(place.blobs.write(source()), (error) => error === broken);
      }
      assert.equal(await place.left(), 0);
    });

    it("refuses ranges outside", async () => {
      await using place = await open();
      const { id } = await place.blobs.write(from("12345"));
      for (const [start, end] of [
        [0, 5],
        [5, 5],
        [-1, 2],
        [3, 1],
        [9, 8],
      ] as const) {
        await assert.rejects(place.blobs.read(id, { start, end }), RangeError, `${start}-${end}`);
      }
      assert.equal((await drain(await place.blobs.read(id, { start: 0, end: -1 }))).length, 0);
    });

    it("says what is missing before the first byte", async () => {
      await using place = await open();
      const range = { start: 0, end: 0 };
      assert.equal(await place.blobs.read(missing, range), undefined);
      assert.equal(await place.blobs.link(missing), undefined);
      const { id } = await place.blobs.write(from("x"));
      await place.blobs.delete([id, missing, id]);
      await place.swept();
      assert.equal(await place.blobs.read(id, range), undefined);
      assert.equal(await place.blobs.link(id), undefined);
    });

    it("refuses what is no id", async () => {
      await using place = await open();
      for (const id of ["", "..", `../${"0".repeat(37)}`, "A".repeat(40), `${"0".repeat(40)}\0`]) {
        await assert.rejects(place.blobs.read(id as BlobId, { start: 0, end: 0 }), TypeError);
        await assert.rejects(place.blobs.delete([id as BlobId]), TypeError);
        await assert.rejects(place.blobs.link(id as BlobId), TypeError);
      }
    });

    it("keeps each name of linked bytes by itself", async () => {
      await using place = await open();
      const { id, size } = await place.blobs.write(from("shared"));
      const copy = await linked(place.blobs, id);
      assert.notEqual(copy, id);
      await place.blobs.delete([id]);
      await place.swept();
      assert.equal(await readAll(place.blobs, copy, size), "shared");
      const again = await linked(place.blobs, copy);
      await place.blobs.delete([copy]);
      await place.swept();
      assert.equal(await readAll(place.blobs, again, size), "shared");
    });

    it("lets an open stream outlive its blob", async () => {
      await using place = await open();
      const bytes = randomBytes(2_000_000);
      const { id, size } = await place.blobs.write(from(bytes));
      const stream = await place.blobs.read(id, { start: 0, end: size - 1 });
      await place.blobs.delete([id]);
      await place.swept();
      assert.ok((await drain(stream)).equals(bytes));
    });

    it("takes no more writes once closed", async () => {
      await using place = await open();
      const { id } = await place.blobs.write(from("x"));
      await place.blobs.close();
      await place.blobs.close();
      await assert.rejects(place.blobs.write(from("y")), { code: "unavailable" });
      await assert.rejects(place.blobs.link(id), { code: "unavailable" });
    });

    it("lets go of a write whose bytes are still coming when it closes", async () => {
      await using place = await open();
      async function* source(): AsyncGenerator<Uint8Array> {
        yield Buffer.from("early");
        await place.blobs.close();
        yield Buffer.from("late");
      }
      await assert.rejects(place.blobs.write(source()), { code: "unavailable" });
      assert.equal(await place.left(), 0);
    });
  });
}

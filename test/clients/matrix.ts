/** The same ten operations by every client. After each: the bytes, the ETags, and one webhook per change with its reason. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import type { ObjectReason } from "../../src/domain/event.ts";
import { md5, multipartETag, type Workshop, workshop } from "./harness.ts";

export interface Place {
  readonly bucket: string;
  readonly key: string;
}

/** One client, and what is peculiar to its ways. */
export interface Client {
  makeBucket(bucket: string): Promise<unknown>;
  buckets(): Promise<readonly string[]>;
  removeBucket(bucket: string): Promise<unknown>;
  /** Uploads a file, in parts when that is the client's way with big ones. */
  put(file: string, to: Place): Promise<unknown>;
  /** Uploads what it cannot know the length of. */
  putStream(bytes: Buffer, to: Place): Promise<unknown>;
  /** Downloads to a file. */
  get(from: Place, file: string): Promise<unknown>;
  /** The bytes from `first` to the end. */
  getFrom(from: Place, first: number): Promise<Buffer>;
  copy(from: Place, to: Place): Promise<unknown>;
  move(from: Place, to: Place): Promise<unknown>;
  /** Every key in the bucket. */
  list(bucket: string): Promise<readonly string[]>;
  /** Every object below `prefix`, which are those of `keys`. */
  deleteMany(bucket: string, prefix: string, keys: readonly string[]): Promise<unknown>;
  /**
   * Uploads through a URL that carries the signature: with a client that signs none for uploads, one that the SDK signed, so
   * that what it reads afterwards was uploaded so.
   */
  presignedPut(bytes: Buffer, to: Place): Promise<unknown>;
  /** Of the parts of a big upload. */
  readonly partBytes: number;
  readonly reasons: { readonly stream: ObjectReason; readonly deleteMany: ObjectReason };
}

const mebibyte = 2 ** 20;
/** Keys that need care in paths, queries and XML. */
const awkwardKeys = ["many/a b", "many/a+b", "many/a&b<c>", "many/ü/ñ", "many/100%", "many/~x'(y)*!", 'many/"q"'];

export interface Bench<C extends Client> {
  readonly shop: Workshop;
  readonly client: C;
}

/**
 * Registers the matrix for one client, and with `more` what else it must be able to do. `make` throws when the client is not
 * installed.
 */
export function clientMatrix<C extends Client>(
  name: string,
  make: (shop: Workshop) => C | Promise<C>,
  more: (bench: () => Bench<C>) => void = () => {},
): void {
  describe(name, () => {
    let open: Bench<C> | undefined;
    const bench = (): Bench<C> => {
      assert.ok(open, "the client is there");
      return open;
    };
    before(async () => {
      const shop = await workshop();
      try {
        open = { shop, client: await make(shop) };
      } catch (thrown) {
        await shop[Symbol.asyncDispose]();
        throw thrown;
      }
    });
    after(() => open?.shop[Symbol.asyncDispose]());

    it("bucket: makes, lists, removes", async () => {
      const { shop, client } = bench();
      await client.makeBucket("made");
      assert.deepEqual(
        (await client.buckets()).filter((bucket) => bucket === "made"),
        ["made"],
      );
      await shop.watch("made");
      await client.removeBucket("made");
      assert.ok(!(await client.buckets()).includes("made"));
    });

    it("put: the bytes, their MD5 as ETag, one event", async () => {
      const { shop, client } = bench();
      const bucket = await shop.bucket("put");
      const { path, bytes } = await shop.file("small.bin", 100_000);
      await client.put(path, { bucket, key: "a/small.bin" });
      assert.deepEqual(await shop.stored(bucket, "a/small.bin"), { bytes, eTag: md5(bytes) });
      await client.get({ bucket, key: "a/small.bin" }, "got.bin");
      assert.deepEqual(await readFile(join(shop.home, "got.bin")), bytes);
      assert.deepEqual(await shop.changes(bucket), ["OBJECT_CREATED_PUT a/small.bin PutObject"]);
      const [event] = await shop.heard(bucket);
      assert.deepEqual([event?.bucket, event?.object.size, event?.object.eTag], [bucket, 100_000, md5(bytes)]);
    });

    it("stream put: bytes of unknown length arrive without their framing", async () => {
      const { shop, client } = bench();
      const bucket = await shop.bucket("stream");
      const { bytes } = await shop.file("stream.bin", 70_001);
      await client.putStream(bytes, { bucket, key: "stream.bin" });
      assert.deepEqual((await shop.stored(bucket, "stream.bin"))?.bytes, bytes);
      assert.deepEqual(await shop.changes(bucket), [`OBJECT_CREATED_PUT stream.bin ${client.reasons.stream}`]);
    });

    it("64 MiB multipart: the bytes, the ETag of its parts, one event", async () => {
      const { shop, client } = bench();
      const bucket = await shop.bucket("multipart");
      const { path, bytes } = await shop.file("big.bin", 64 * mebibyte);
      await client.put(path, { bucket, key: "big.bin" });
      const stored = await shop.stored(bucket, "big.bin");
      assert.equal(stored?.eTag, multipartETag(bytes, client.partBytes));
      assert.ok(stored.bytes.equals(bytes));
      await client.get({ bucket, key: "big.bin" }, "big.got");
      assert.ok((await readFile(join(shop.home, "big.got"))).equals(bytes));
      assert.deepEqual(await shop.changes(bucket), ["OBJECT_CREATED_PUT big.bin CompleteMultipartUpload"]);
    });

    it("copy: both are there, one event more", async () => {
      const { shop, client } = bench();
      const bucket = await shop.bucket("copy");
      await shop.put(bucket, "from/ä b.txt", "to be copied");
      await client.copy({ bucket, key: "from/ä b.txt" }, { bucket, key: "to/ä b.txt" });
      const bytes = Buffer.from("to be copied");
      for (const key of ["from/ä b.txt", "to/ä b.txt"]) {
        assert.deepEqual(await shop.stored(bucket, key), { bytes, eTag: md5(bytes) });
      }
      assert.deepEqual(await shop.changes(bucket), [
        "OBJECT_CREATED_PUT from/ä b.txt PutObject",
        "OBJECT_CREATED_PUT to/ä b.txt CopyObject",
      ]);
    });

    it("move: the old one is gone, a copy and a delete are told", async () => {
      const { shop, client } = bench();
      const bucket = await shop.bucket("move");
      await shop.put(bucket, "old.txt", "to be moved");
      await client.move({ bucket, key: "old.txt" }, { bucket, key: "new.txt" });
      assert.equal(await shop.stored(bucket, "old.txt"), undefined);
      assert.equal((await shop.stored(bucket, "new.txt"))?.bytes.toString(), "to be moved");
      assert.deepEqual(await shop.changes(bucket), [
        "OBJECT_CREATED_PUT old.txt PutObject",
        "OBJECT_CREATED_PUT new.txt CopyObject",
        "OBJECT_DELETED old.txt DeleteObject",
      ]);
    });

    it("list of 2,500 keys: page by page, none twice, none left out", async () => {
      const { shop, client } = bench();
      const bucket = await shop.bucket("list");
      const keys = Array.from({ length: 2_500 }, (_, index) => `k/${index.toString().padStart(4, "0")}`);
      const left = keys.values();
      const hand = async (): Promise<void> => {
        for (const key of left) await shop.put(bucket, key, key);
      };
      await Promise.all(Array.from({ length: 16 }, hand));
      assert.deepEqual((await client.list(bucket)).toSorted(), keys);
      assert.deepEqual(
        (await shop.changes(bucket)).toSorted(),
        keys.map((key) => `OBJECT_CREATED_PUT ${key} PutObject`),
      );
    });

    it("range get: the bytes from the middle on", async () => {
      const { shop, client } = bench();
      const bucket = await shop.bucket("range");
      await shop.put(bucket, "digits", "0123456789");
      assert.equal((await client.getFrom({ bucket, key: "digits" }, 7)).toString(), "789");
    });

    it("delete-many: one event per key", async () => {
      const { shop, client } = bench();
      const bucket = await shop.bucket("delete");
      const keys = [...awkwardKeys, ...Array.from({ length: 23 }, (_, index) => `many/${index}`)];
      for (const key of [...keys, "stays"]) await shop.put(bucket, key, key);
      await client.deleteMany(bucket, "many/", keys);
      assert.deepEqual(await client.list(bucket), ["stays"]);
      const deletes = (await shop.changes(bucket)).filter((change) => change.startsWith("OBJECT_DELETED"));
      assert.deepEqual(
        deletes.toSorted(),
        keys.map((key) => `OBJECT_DELETED ${key} ${client.reasons.deleteMany}`).toSorted(),
      );
    });

    it("presigned put: whoever has the URL may upload", async () => {
      const { shop, client } = bench();
      const bucket = await shop.bucket("presigned");
      const { bytes } = await shop.file("presigned.bin", 5_000);
      await client.presignedPut(bytes, { bucket, key: "in/presigned.bin" });
      assert.deepEqual(await shop.stored(bucket, "in/presigned.bin"), { bytes, eTag: md5(bytes) });
      assert.deepEqual(await shop.changes(bucket), ["OBJECT_CREATED_PUT in/presigned.bin PutObject"]);
    });

    more(bench);
  });
}

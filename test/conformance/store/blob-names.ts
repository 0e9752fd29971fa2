import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { BlobChange } from "../../../src/store/blob-names.ts";
import type { Store } from "../../../src/store/store.ts";
import { anObject, anUpload, changed, givenBucket, noonMs } from "./given.ts";
import type { OpenStore, StoreUnderTest } from "./under-test.ts";

/** The name of a blob: that of its body, whose every digit is `body`, and its own. */
export function named(body: string, own = "0"): string {
  return body.repeat(28) + own.repeat(12);
}

export function added(name: string, atMs = noonMs): BlobChange {
  return { do: "blob.add", name, node: "one", atMs };
}

async function inState(at: StoreUnderTest, state: "pending" | "unwanted" | "doomed"): Promise<string[]> {
  const names = await at.store.blobNames.since({ state, beforeMs: noonMs + 1e9 }, { max: 99 });
  return names.map(({ name }) => name);
}

async function isLive(store: Store, ...names: string[]): Promise<boolean> {
  return (await store.commit({ conditions: [{ if: "blob.live", names }] })).kind === "committed";
}

export function blobNamesConformance(open: OpenStore): void {
  describe("names of blobs", () => {
    it("are pending, used, unwanted, doomed and gone", async () => {
      await using at = await open();
      const { store } = at;
      const name = named("a");
      const names = [name];
      await changed(store, added(name));
      assert.deepEqual(await store.blobNames.since({ state: "pending", beforeMs: noonMs + 1 }, { max: 9 }), [
        { name, node: "one", sinceMs: noonMs },
      ]);
      assert.deepEqual(await store.blobNames.since({ state: "pending", beforeMs: noonMs }, { max: 9 }), []);
      assert.ok(await isLive(store, name));
      await changed(store, { do: "blob.used", names });
      assert.deepEqual(await store.blobNames.used({ max: 9 }), names);
      assert.ok(await isLive(store, name));
      await changed(store, { do: "blob.doomed", names, atMs: noonMs });
      assert.deepEqual(await store.blobNames.used({ max: 9 }), names, "what is used is not doomed");
      await changed(store, { do: "blob.unwanted", names, atMs: noonMs + 5 });
      assert.deepEqual(await store.blobNames.since({ state: "unwanted", beforeMs: noonMs + 6 }, { max: 9 }), [
        { name, node: "one", sinceMs: noonMs + 5 },
      ]);
      assert.equal(await isLive(store, name), false);
      await changed(store, { do: "blob.used", names }, { do: "blob.forget", names });
      assert.deepEqual(
        await inState(at, "unwanted"),
        names,
        "what is unwanted is not used again, nor forgotten at once",
      );
      await changed(store, { do: "blob.doomed", names, atMs: noonMs + 9 });
      await changed(store, { do: "blob.used", names }, { do: "blob.unwanted", names, atMs: noonMs + 9 });
      assert.deepEqual(await inState(at, "doomed"), names);
      await changed(store, { do: "blob.forget", names });
      assert.deepEqual(await inState(at, "doomed"), []);
      assert.equal(await isLive(store, name), false);
    });

    it("hold together, however many: one that is not live refuses all", async () => {
      await using at = await open();
      const many = Array.from(
        { length: 2_000 },
        (_, index) => named("b").slice(0, 36) + String(index).padStart(4, "0"),
      );
      await changed(at.store, ...many.map((name) => added(name)));
      assert.ok(await isLive(at.store, ...many));
      assert.equal(await isLive(at.store, ...many, named("c")), false);
      const refused = { if: "blob.live", names: [named("c")] } as const;
      assert.deepEqual(await at.store.commit({ conditions: [refused], changes: [{ do: "blob.used", names: many }] }), {
        kind: "refused",
        condition: refused,
      });
      assert.deepEqual(await at.store.blobNames.used({ max: 9 }), []);
    });

    it("come in pages, the oldest first", async () => {
      await using at = await open();
      const names = ["c", "a", "b"].map((body) => named(body));
      await changed(at.store, ...names.map((name, index) => added(name, noonMs + (index === 1 ? 0 : index))));
      const query = { state: "pending", beforeMs: noonMs + 9 } as const;
      const first = await at.store.blobNames.since(query, { max: 2 });
      assert.deepEqual(
        first.map(({ name }) => name),
        [names[1], names[0]],
      );
      const rest = await at.store.blobNames.since(query, { max: 2, after: { sinceMs: noonMs, name: named("c") } });
      assert.deepEqual(
        rest.map(({ name }) => name),
        [names[2]],
      );
      await changed(at.store, { do: "blob.used", names });
      assert.deepEqual(await at.store.blobNames.used({ max: 2 }), names.toSorted().slice(0, 2));
      assert.deepEqual(await at.store.blobNames.used({ max: 2, after: named("b") }), [named("c")]);
    });

    it("share a body until all of them are doomed", async () => {
      await using at = await open();
      const [first, second, other] = [named("a", "0"), named("a", "f"), named("f", "f")];
      await changed(at.store, added(first), added(second), added(other));
      const doomed = async () =>
        Object.fromEntries(await at.store.blobNames.doomed(["a", "b", "f"].map((body) => body.repeat(28))));
      assert.deepEqual(await doomed(), { ["a".repeat(28)]: false, ["f".repeat(28)]: false });
      await changed(at.store, { do: "blob.doomed", names: [first, other], atMs: noonMs });
      assert.deepEqual(await doomed(), { ["a".repeat(28)]: false, ["f".repeat(28)]: true });
      await changed(at.store, { do: "blob.doomed", names: [second], atMs: noonMs });
      assert.deepEqual(await doomed(), { ["a".repeat(28)]: true, ["f".repeat(28)]: true });
    });

    it("are not doomed while an object or a part refers to them, whatever their state says", async () => {
      await using at = await open();
      const { uuid } = await givenBucket(at.store);
      const [ofObject, ofPart, ofNothing] = [named("a"), named("b"), named("c")];
      const names = [ofObject, ofPart, ofNothing];
      const upload = anUpload(uuid, "k");
      await changed(
        at.store,
        ...names.map((name) => added(name)),
        { do: "object.put", object: anObject(uuid, "k", { pieces: [{ blob: ofObject, size: 3 }] }) },
        { do: "upload.add", upload },
        {
          do: "part.put",
          part: { upload: upload.id, number: 1, blob: ofPart, size: 1, eTag: "e", modifiedMs: noonMs, checksums: {} },
        },
        { do: "blob.doomed", names, atMs: noonMs },
      );
      assert.deepEqual(await inState(at, "doomed"), [ofNothing]);
    });

    it("say where the bytes lie", async () => {
      await using at = await open();
      assert.equal(await at.store.blobNames.place(), "none");
      const { uuid } = await givenBucket(at.store);
      const object = anObject(uuid, "k", { pieces: [{ blob: named("a"), size: 3 }] });
      await changed(at.store, { do: "object.put", object });
      assert.equal(await at.store.blobNames.place(), "folder");
      await changed(at.store, added(named("a")));
      assert.equal(await at.store.blobNames.place(), "folder");
      await changed(at.store, { do: "blob.used", names: [named("a")] });
      assert.equal(await at.store.blobNames.place(), "named");
    });
  });
}

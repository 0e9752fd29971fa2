import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Part } from "../../../src/store/records.ts";
import { anUpload, changed, committed, givenBucket, noonMs } from "./given.ts";
import type { OpenStore } from "./under-test.ts";

export function aPart(upload: string, number: number, over: Partial<Part> = {}): Part {
  const blob = `blob ${number}`;
  return { upload, number, blob, size: number, eTag: `e${number}`, modifiedMs: noonMs, checksums: {}, ...over };
}

export function uploadsConformance(open: OpenStore): void {
  describe("uploads", () => {
    it("are read back exactly", async () => {
      await using at = await open();
      const { uuid } = await givenBucket(at.store);
      const bare = anUpload(uuid, "bare");
      const full = anUpload(uuid, "full", {
        headers: { "content-encoding": "gzip" },
        userMetadata: { a: "b" },
        tags: { t: "" },
        checksumAlgorithm: "CRC32C",
      });
      await changed(at.store, { do: "upload.add", upload: bare }, { do: "upload.add", upload: full });
      assert.deepEqual(await at.store.uploads.upload(bare.id), { ...bare, changes: 0 });
      assert.deepEqual(await at.store.uploads.upload(full.id), { ...full, changes: 0 });
      assert.equal(await at.store.uploads.upload("none"), undefined);
    });

    it("count every part that is put, the same number too", async () => {
      await using at = await open();
      const upload = anUpload((await givenBucket(at.store)).uuid, "k");
      await changed(at.store, { do: "upload.add", upload });
      const replaced = aPart(upload.id, 2, { blob: "new", checksums: { crc32: "x" } });
      for (const part of [aPart(upload.id, 2), aPart(upload.id, 1), replaced]) {
        await changed(at.store, { do: "part.put", part });
      }
      assert.equal((await at.store.uploads.upload(upload.id))?.changes, 3);
      assert.deepEqual(await at.store.uploads.parts(upload.id, { max: 9 }), [aPart(upload.id, 1), replaced]);
      assert.deepEqual(await at.store.uploads.part(upload.id, 2), replaced);
      assert.equal(await at.store.uploads.part(upload.id, 3), undefined);
    });

    it("give their parts by number, in pages", async () => {
      await using at = await open();
      const upload = anUpload((await givenBucket(at.store)).uuid, "k");
      const parts = [10_000, 1, 10, 2].map((number) => ({ do: "part.put", part: aPart(upload.id, number) }) as const);
      await changed(at.store, { do: "upload.add", upload }, ...parts);
      const numbers = async (after: number, max: number): Promise<number[]> =>
        (await at.store.uploads.parts(upload.id, { after, max })).map((part) => part.number);
      assert.deepEqual(await numbers(0, 3), [1, 2, 10]);
      assert.deepEqual(await numbers(10, 3), [10_000]);
    });

    it("may be asked for in conditions: open, unchanged, and which blob a part is", async () => {
      await using at = await open();
      const { id, ...rest } = anUpload((await givenBucket(at.store)).uuid, "k");
      await changed(at.store, { do: "upload.add", upload: { id, ...rest } });
      const isOpen = { if: "upload.open", id } as const;
      const untouched = { if: "upload.changes", id, changes: 0 } as const;
      const noPart = { if: "part.blob", upload: id, number: 1, blob: undefined } as const;
      const thatPart = { if: "part.blob", upload: id, number: 1, blob: "blob 1" } as const;
      await committed(at.store, { conditions: [isOpen, untouched, noPart] });
      assert.deepEqual(await at.store.commit({ conditions: [thatPart] }), { kind: "refused", condition: thatPart });

      await changed(at.store, { do: "part.put", part: aPart(id, 1) });
      await committed(at.store, { conditions: [isOpen, { ...untouched, changes: 1 }, thatPart] });
      assert.deepEqual(await at.store.commit({ conditions: [untouched] }), { kind: "refused", condition: untouched });
      assert.deepEqual(await at.store.commit({ conditions: [noPart] }), { kind: "refused", condition: noPart });

      await changed(at.store, { do: "upload.remove", id });
      assert.deepEqual(await at.store.commit({ conditions: [isOpen] }), { kind: "refused", condition: isOpen });
    });

    it("go with their parts, and take no part afterwards", async () => {
      await using at = await open();
      const { uuid } = await givenBucket(at.store);
      const [gone, kept] = [anUpload(uuid, "k"), anUpload(uuid, "k")];
      await changed(at.store, { do: "upload.add", upload: gone }, { do: "upload.add", upload: kept });
      await changed(
        at.store,
        { do: "part.put", part: aPart(gone.id, 1, { blob: "gone" }) },
        { do: "part.put", part: aPart(kept.id, 1, { blob: "kept" }) },
        { do: "upload.remove", id: gone.id },
        { do: "part.put", part: aPart(gone.id, 2, { blob: "late" }) },
      );
      assert.equal(await at.store.uploads.upload(gone.id), undefined);
      assert.deepEqual(await at.store.uploads.parts(gone.id, { max: 9 }), []);
      assert.deepEqual(await at.store.objects.referred(["gone", "kept", "late"]), new Set(["kept"]));
      assert.deepEqual(await at.store.objects.referred([]), new Set());
    });
  });
}

import assert from "node:assert/strict";
import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { describeBlobs, from, readAll } from "../../test/conformance/blobs.ts";
import { anObject, givenBucket } from "../../test/conformance/store/given.ts";
import { type NamedPlace, namedPlace } from "../../test/support/named-blobs.ts";
import { Bucket, type S3Fixture, withBucket } from "../../test/support/s3.ts";
import type { BlobId } from "../blobs/blobs.ts";
import { sweepNames } from "./sweep-names.ts";

let server: S3Fixture;
before(async () => {
  server = await withBucket();
});
after(() => server[Symbol.asyncDispose]());

const dayMs = 86_400_000;
let places = 0;

/** Each with a prefix of its own in the one bucket. */
function aPlace(prefix = `place-${(places += 1)}`): Promise<NamedPlace> {
  return namedPlace({ url: server.url, bucket: Bucket, prefix, credentials: server.admin.credentials });
}

describeBlobs("blobs in a bucket", async () => {
  const place = await aPlace();
  const run = await place.start();
  return {
    blobs: run.blobs,
    swept: async () => {
      place.clock.advance(dayMs / 12);
      assert.ok(await run.sweep());
    },
    left: async () => {
      const next = await place.start();
      place.clock.advance(dayMs / 12);
      assert.ok(await next.sweep());
      return next.count();
    },
    [Symbol.asyncDispose]: () => place[Symbol.asyncDispose](),
  };
});

describe("blobs in a bucket", () => {
  it("can be read for the grace after they are deleted, and no longer", async () => {
    await using place = await aPlace();
    const { blobs, sweep, count } = await place.start();
    const { id, size } = await blobs.write(from("bytes"));
    await blobs.delete([id]);
    assert.equal(await blobs.link(id), undefined);
    assert.ok(await sweep());
    assert.equal(await readAll(blobs, id, size), "bytes");
    place.clock.advance(3_500_000);
    assert.ok(await sweep());
    assert.equal(await readAll(blobs, id, size), "bytes");
    place.clock.advance(200_000);
    assert.ok(await sweep());
    assert.equal(await blobs.read(id, { start: 0, end: 0 }), undefined);
    assert.equal(await count(), 0);
  });

  it("are swept when their process was killed before they were needed, and not what was committed", async () => {
    await using place = await aPlace();
    const kept: BlobId[] = [];
    const { uuid } = await (async () => {
      const run = await place.start();
      const bucket = await givenBucket(run.store);
      const { id } = await run.blobs.write(from("kept"));
      kept.push(id);
      const object = anObject(bucket.uuid, "k", { pieces: [{ blob: id, size: 4 }] });
      assert.equal((await run.store.commit({ changes: [{ do: "object.put", object }] })).kind, "committed");
      const link = await run.blobs.link(id);
      assert.ok(link);
      await run.blobs.write(from("never referred to"));
      assert.ok(await run.sweep("net"));
      assert.equal(await run.count(), 2, "what this process writes may be on its way to a commit");
      return bucket;
    })();
    const next = await place.start();
    const others = { ...next.swept.cluster, isGone: async () => false };
    assert.ok(await sweepNames({ ...next.swept, cluster: others }, new AbortController().signal, { isNet: true }));
    assert.equal(await next.count(), 2, "what another node that works writes may be on its way, too");
    assert.ok(await next.sweep("net"));
    assert.equal(await next.count(), 1);
    const [id] = kept;
    assert.ok(id);
    assert.equal(await readAll(next.blobs, id, 4), "kept");
    // An object that went without a word of it: the process was killed between the two.
    await next.store.commit({ changes: [{ do: "object.remove", bucket: uuid, key: "k" }] });
    assert.ok(await next.sweep());
    assert.equal(await next.count(), 1);
    assert.ok(await next.sweep("net"));
    place.clock.advance(2 * 3_600_000);
    assert.ok(await next.sweep());
    assert.equal(await next.count(), 0);
  });

  it("refuse the commit of what was given up", async () => {
    await using place = await aPlace();
    const run = await place.start();
    const bucket = await givenBucket(run.store);
    const { id } = await run.blobs.write(from("slow"));
    place.clock.advance(8 * dayMs);
    assert.ok(await run.sweep());
    assert.equal(await run.count(), 0);
    const object = anObject(bucket.uuid, "k", { pieces: [{ blob: id, size: 4 }] });
    assert.deepEqual(await run.store.commit({ changes: [{ do: "object.put", object }] }), {
      kind: "refused",
      condition: { if: "blob.live", names: [id] },
    });
    assert.equal(await run.store.objects.object(bucket.uuid, "k"), undefined);
  });

  it("stay while a backup is made", async () => {
    await using place = await aPlace();
    const { blobs, sweep, count } = await place.start();
    const { id } = await blobs.write(from("x"));
    await blobs.delete([id]);
    place.clock.advance(dayMs);
    const release = blobs.hold();
    assert.equal(await sweep(), false);
    assert.equal(await count(), 1);
    await release();
    assert.ok(await sweep());
    assert.equal(await count(), 0);
  });

  it("of two servers in one bucket do not meet, whatever their prefixes are", async () => {
    await using one = await aPlace("shared");
    await using other = await aPlace("shared/inner");
    await using outer = await aPlace("");
    const [first, second, third] = [await one.start(), await other.start(), await outer.start()];
    const written = await Promise.all([first, second, third].map(({ blobs }) => blobs.write(from("mine"))));
    for (const clock of [one.clock, other.clock, outer.clock]) clock.advance(2 * dayMs);
    for (const { sweep, count } of [first, second, third]) {
      assert.ok(await sweep("net"));
      assert.equal(await count(), 1);
    }
    for (const [index, { blobs }] of [first, second, third].entries()) {
      assert.equal(await readAll(blobs, written[index]?.id as BlobId, 4), "mine");
    }
  });

  it("are refused to a server that is not theirs", async () => {
    await using one = await aPlace("owned");
    await using other = await aPlace("owned");
    await one.start();
    await assert.rejects(other.start(), {
      code: "conflict",
      message: /SIGNALBOX_BLOBS: s3:\/\/alpha\/owned at .* another Signalbox/,
    });
  });

  it("are left alone by a copy of their database that is older", async () => {
    await using place = await aPlace();
    const first = await place.start();
    await first.blobs.write(from("old"));
    await first[Symbol.asyncDispose]();
    const copy = await mkdtemp(join(tmpdir(), "signalbox-copy-"));
    try {
      await cp(place.folder, copy, { recursive: true });
      const second = await place.start();
      const { id } = await second.blobs.write(from("new"));
      const prefix = `place-${places}`;
      await using older = await namedPlace(
        { url: server.url, bucket: Bucket, prefix, credentials: server.admin.credentials },
        copy,
      );
      const restored = await older.start();
      older.clock.advance(9 * dayMs);
      assert.equal(await restored.sweep("net"), false);
      assert.equal(await readAll(second.blobs, id, 3), "new");
      assert.ok(older.logged.some((line) => line.includes("signalbox adopt")));
      assert.ok(await second.sweep("net"), "the newer one goes on");
    } finally {
      await rm(copy, { recursive: true, force: true });
    }
  });
});

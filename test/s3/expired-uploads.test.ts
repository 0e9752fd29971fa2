/** Uploads that were left open. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { CreateMultipartUploadCommand, UploadPartCommand } from "@aws-sdk/client-s3";
import { expireUploads } from "../../src/storage/expire-uploads.ts";
import { fakeClock } from "../support/clock.ts";
import { Bucket, withBucket } from "../support/s3.ts";
import { until } from "../support/until.ts";

describe("multipart uploads", () => {
  it("end by themselves when they were left open for too long, with their parts", async () => {
    const clock = fakeClock(Date.now());
    await using fixture = await withBucket({ clock });
    const { admin, deps } = fixture;
    const { s3 } = admin;
    const open = async (Key: string): Promise<string | undefined> => {
      const { UploadId } = await s3.send(new CreateMultipartUploadCommand({ Bucket, Key }));
      await s3.send(new UploadPartCommand({ Bucket, Key, UploadId, PartNumber: 1, Body: "x" }));
      return UploadId;
    };
    const old = await Promise.all(["a", "b", "c"].map(open));
    clock.advance(10_000);
    const young = await open("young");
    const stopping = new AbortController();
    const keepMs = 60_000;
    const loop = expireUploads(deps, { keepMs }, stopping.signal);
    const state = async (id: string | undefined): Promise<boolean> =>
      (await deps.store.uploads.upload(id ?? "")) !== undefined;
    await until("it rests", () => clock.pending > 0);
    assert.deepEqual(await Promise.all([...old, young].map(state)), [true, true, true, true]);
    clock.advance(keepMs - 9_000);
    await until("they are aborted", async () => !(await Promise.all(old.map(state))).includes(true));
    await until("their parts are gone", async () => (await fixture.blobCount()) === 1);
    assert.equal(await state(young), true);
    stopping.abort();
    await loop;
    const states = await deps.store.quotas.of("default");
    const count = (name: string): number | undefined => states.find((one) => one.name === name)?.used;
    assert.deepEqual([count("bytes"), count("open_uploads")], [1, 1]);
  });
});

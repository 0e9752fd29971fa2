import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  CopyObjectCommand,
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  PutObjectCommand,
} from "@aws-sdk/client-s3";
import { systemClock } from "../../src/clock.ts";
import type { Publish } from "../../src/delivery/publish.ts";
import { SignalboxError } from "../../src/errors.ts";
import type { Unit } from "../../src/store/unit.ts";
import { failure, objectData, s3Fixture } from "../support/s3.ts";

const Bucket = "alpha";
const at = { Bucket, Key: "k" };

/** Lets a test step in right before a unit is committed. */
function stepIn(): { publish: (publish: Publish) => Publish; before: (unit: Unit) => Promise<void> } {
  const step: ReturnType<typeof stepIn> = {
    before: async () => {},
    publish:
      (publish: Publish): Publish =>
      async (unit) => {
        await step.before(unit);
        return publish(unit);
      },
  };
  return step;
}

describe("many writers of one key", () => {
  it("with If-None-Match: exactly one wins", async () => {
    await using fixture = await s3Fixture();
    const { s3 } = fixture.admin;
    await s3.send(new CreateBucketCommand({ Bucket }));
    const put = (Body: string) => failure(s3.send(new PutObjectCommand({ ...at, Body, IfNoneMatch: "*" })));
    const ends = await Promise.all(Array.from({ length: 20 }, (_, index) => put(`writer ${index}`)));
    assert.equal(ends.filter((end) => end === "ok").length, 1);
    assert.ok(ends.every((end) => end === "ok" || end === "412 PreconditionFailed"));
    const [event, ...others] = await fixture.events();
    assert.equal(others.length, 0);
    const { Body, ETag } = await s3.send(new GetObjectCommand(at));
    assert.equal(await Body?.transformToString(), `writer ${ends.indexOf("ok")}`);
    assert.equal(ETag, `"${event === undefined ? "" : objectData(event.data).eTag}"`);
    assert.equal(await fixture.blobCount(), 1);
  });

  it("with If-Match: exactly one of those who saw the same wins", async () => {
    await using fixture = await s3Fixture();
    const { s3 } = fixture.admin;
    await s3.send(new CreateBucketCommand({ Bucket }));
    const { ETag } = await s3.send(new PutObjectCommand({ ...at, Body: "first" }));
    const put = (Body: string) => failure(s3.send(new PutObjectCommand({ ...at, Body, IfMatch: ETag })));
    const ends = await Promise.all(Array.from({ length: 10 }, (_, index) => put(`writer ${index}`)));
    assert.equal(ends.filter((end) => end === "ok").length, 1);
    const missing = s3.send(new PutObjectCommand({ Bucket, Key: "none", Body: "x", IfMatch: ETag }));
    assert.equal(await failure(missing), "404 NoSuchKey");
    assert.equal(
      await failure(s3.send(new PutObjectCommand({ ...at, Body: "x", IfMatch: ETag }))),
      "412 PreconditionFailed",
    );
    assert.equal(await fixture.blobCount(), 1);
  });

  it("without: all are acknowledged, and the last event is what is to be seen", async () => {
    await using fixture = await s3Fixture();
    const { s3 } = fixture.admin;
    await s3.send(new CreateBucketCommand({ Bucket }));
    const bodies = Array.from({ length: 40 }, (_, index) => `writer ${index}`);
    const ends = await Promise.all(bodies.map((Body) => failure(s3.send(new PutObjectCommand({ ...at, Body })))));
    assert.ok(ends.every((end) => end === "ok"));
    const events = await fixture.events();
    assert.equal(events.length, bodies.length);
    assert.equal(new Set(events.map(({ resource }) => resource)).size, 1);
    assert.deepEqual(
      events.map(({ names }) => names.notifications),
      ["UPLOADED", ...bodies.slice(1).map(() => "OVERWRITTEN")],
    );
    const last = events.at(-1);
    assert.ok(last);
    assert.equal((await s3.send(new GetObjectCommand(at))).ETag, `"${objectData(last.data).eTag}"`);
    assert.equal(await fixture.blobCount(), 1);
  });

  it("who put, copy and delete tell a story that adds up", async () => {
    await using fixture = await s3Fixture();
    const { s3 } = fixture.admin;
    await s3.send(new CreateBucketCommand({ Bucket }));
    await s3.send(new PutObjectCommand({ Bucket, Key: "source", Body: "source" }));
    await Promise.all(
      Array.from({ length: 30 }, (_, index) => {
        if (index % 3 === 0) return s3.send(new PutObjectCommand({ ...at, Body: `${index}` }));
        if (index % 3 === 1) return s3.send(new DeleteObjectCommand(at));
        return s3.send(new CopyObjectCommand({ ...at, CopySource: `${Bucket}/source` }));
      }),
    );
    let there: string | undefined;
    for (const { names, resource, data } of await fixture.events()) {
      if (objectData(data).key !== "k") continue;
      if (names.objects === "OBJECT_DELETED") {
        assert.equal(resource, there);
        there = undefined;
      } else {
        assert.equal(names.notifications === "OVERWRITTEN", there !== undefined);
        if (there !== undefined) assert.equal(resource, there);
        there = resource;
      }
    }
    assert.equal(await failure(s3.send(new GetObjectCommand(at))), there === undefined ? "404 NoSuchKey" : "ok");
    assert.equal(await fixture.blobCount(), there === undefined ? 1 : 2);
  });
});

describe("someone else comes between the look and the commit", () => {
  it("an unconditional write looks again and wins", async () => {
    const step = stepIn();
    await using fixture = await s3Fixture(step);
    const { s3 } = fixture.admin;
    await s3.send(new CreateBucketCommand({ Bucket }));
    const { store } = fixture.deps;
    await s3.send(new PutObjectCommand({ ...at, Body: "first" }));
    let times = 0;
    step.before = async (unit) => {
      // Another process, past the turns of this one.
      const put = unit.changes?.find((change) => change.do === "object.put");
      if (put === undefined || times === 3) return;
      times += 1;
      const now = await store.objects.object(put.object.bucket, "k");
      assert.ok(now);
      await store.commit({ changes: [{ do: "object.put", object: { ...now, version: `other ${times}` } }] });
    };
    await s3.send(new PutObjectCommand({ ...at, Body: "second" }));
    assert.equal(times, 3);
    assert.equal((await fixture.events()).length, 2);
    assert.equal(await fixture.blobCount(), 1);
  });

  it("and never stops coming: SlowDown, or a conflict for who set a condition", async () => {
    // Time goes by twenty times as fast.
    const clock = { ...systemClock, steady: () => 20 * systemClock.steady() };
    const step = Object.assign(stepIn(), { clock });
    await using fixture = await s3Fixture(step);
    const { s3 } = fixture.admin;
    await s3.send(new CreateBucketCommand({ Bucket }));
    const { store } = fixture.deps;
    await s3.send(new PutObjectCommand({ ...at, Body: "first" }));
    let times = 0;
    step.before = async (unit) => {
      const put = unit.changes?.find((change) => change.do === "object.put");
      if (put === undefined) return;
      times += 1;
      const now = await store.objects.object(put.object.bucket, "k");
      assert.ok(now);
      await store.commit({ changes: [{ do: "object.put", object: { ...now, version: `other ${times}` } }] });
    };
    assert.equal(await failure(s3.send(new PutObjectCommand({ ...at, Body: "x" }))), "503 SlowDown");
    const { ETag } = await s3.send(new GetObjectCommand(at));
    const conditional = s3.send(new PutObjectCommand({ ...at, Body: "x", IfMatch: ETag }));
    assert.equal(await failure(conditional), "409 ConditionalRequestConflict");
    assert.equal(await fixture.blobCount(), 1);
  });

  it("and removes the bucket: NoSuchBucket, and no bytes are left", async () => {
    const step = stepIn();
    await using fixture = await s3Fixture(step);
    const { s3 } = fixture.admin;
    await s3.send(new CreateBucketCommand({ Bucket }));
    step.before = async (unit) => {
      if (!unit.changes?.some((change) => change.do === "object.put")) return;
      step.before = async () => {};
      await s3.send(new DeleteBucketCommand({ Bucket }));
    };
    assert.equal(await failure(s3.send(new PutObjectCommand({ ...at, Body: "x" }))), "404 NoSuchBucket");
    assert.deepEqual(await fixture.events(), []);
    assert.equal(await fixture.blobCount(), 0);
  });
});

describe("a commit that fails", () => {
  it("for want of space changes nothing and leaves nothing", async () => {
    const step = stepIn();
    await using fixture = await s3Fixture(step);
    const { s3 } = fixture.admin;
    await s3.send(new CreateBucketCommand({ Bucket }));
    step.before = async () => {
      throw new SignalboxError("storage_full", "full");
    };
    assert.equal(await failure(s3.send(new PutObjectCommand({ ...at, Body: "x" }))), "507 InsufficientStorage");
    assert.equal(await fixture.blobCount(), 0);
    step.before = async () => {};
    await s3.send(new PutObjectCommand({ ...at, Body: "x" }));
    assert.equal((await fixture.events()).length, 1);
  });

  it("in an unknown way keeps the bytes, as an object may refer to them, and says nothing of the cause", async () => {
    const step = stepIn();
    await using fixture = await s3Fixture(step);
    const { s3 } = fixture.admin;
    await s3.send(new CreateBucketCommand({ Bucket }));
    step.before = async () => {
      throw new Error("the writer is gone");
    };
    const put = s3.send(new PutObjectCommand({ ...at, Body: "secret body" }));
    await assert.rejects(put, {
      name: "InternalError",
      message: "We encountered an internal error. Please try again.",
    });
    assert.equal(await fixture.blobCount(), 1);
    assert.equal(fixture.logged.length, 1);
    assert.doesNotMatch(fixture.logged[0] ?? "", /secret body/);
  });
});

describe("reading while it changes", () => {
  it("gives one version to its end", async () => {
    await using fixture = await s3Fixture();
    const { s3 } = fixture.admin;
    await s3.send(new CreateBucketCommand({ Bucket }));
    const first = Buffer.alloc(8_000_000, "a");
    await s3.send(new PutObjectCommand({ ...at, Body: first }));
    const { Body } = await s3.send(new GetObjectCommand(at));
    await s3.send(new PutObjectCommand({ ...at, Body: "b" }));
    const bytes = Buffer.from((await Body?.transformToByteArray()) ?? []);
    assert.ok(first.equals(bytes));
    await s3.send(new DeleteObjectCommand(at));
    assert.equal(await fixture.blobCount(), 0);
  });
});

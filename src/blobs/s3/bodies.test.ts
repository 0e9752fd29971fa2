import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { readdir } from "node:fs/promises";
import type { Readable } from "node:stream";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { from } from "../../../test/conformance/blobs.ts";
import { type HostileS3, hostileS3 } from "../../../test/support/hostile-s3.ts";
import { type ImpatientClock, impatientClock } from "../../../test/support/impatient-clock.ts";
import { bucketBodies } from "../../../test/support/named-blobs.ts";
import { Bucket, type S3Fixture, withBucket } from "../../../test/support/s3.ts";
import { until } from "../../../test/support/until.ts";
import { asError } from "../../errors.ts";
import { silentLog } from "../../log.ts";
import type { Bodies, BodyKey } from "../bodies.ts";

const run = promisify(execFile);
const probe = fileURLToPath(new URL("../../../test/support/bodies-probe.ts", import.meta.url));
const mebibyte = 2 ** 20;
const never = new AbortController().signal;

let server: S3Fixture;
before(async () => {
  server = await withBucket();
});
after(() => server[Symbol.asyncDispose]());

interface Given extends AsyncDisposable {
  readonly bodies: Bodies;
  readonly spool: string;
  readonly hostile: HostileS3;
  readonly clock: ImpatientClock;
  readonly logged: readonly string[];
  readonly body: BodyKey;
}

let prefixes = 0;

async function given(): Promise<Given> {
  await using opening = new AsyncDisposableStack();
  const hostile = opening.use(await hostileS3(server.url));
  const clock = impatientClock();
  const logged: string[] = [];
  const log = {
    ...silentLog,
    error: (fields: object, message: string) => void logged.push(`${message} ${JSON.stringify(fields)}`),
  };
  prefixes += 1;
  const { credentials } = server.admin;
  const place = { url: hostile.url, bucket: Bucket, prefix: `bodies-${prefixes}`, credentials };
  const { bodies, spool } = opening.use(await bucketBodies(place, { clock, log }));
  const scope = opening.move();
  const body = randomBytes(14).toString("hex");
  return { bodies, spool, hostile, clock, logged, body, [Symbol.asyncDispose]: () => scope.disposeAsync() };
}

/** In pieces as a client's come. */
async function* pieces(bytes: Buffer): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 60_000) yield bytes.subarray(at, at + 60_000);
}

async function drain(stream: Readable | undefined, into: Buffer[] = []): Promise<Buffer> {
  assert.ok(stream !== undefined, "the body is missing");
  for await (const piece of stream) into.push(piece as Buffer);
  return Buffer.concat(into);
}

async function unfinished(bodies: Bodies): Promise<number> {
  let count = 0;
  for await (const page of bodies.unfinished(never)) count += page.length;
  return count;
}

async function listed(bodies: Bodies): Promise<[string, number][]> {
  const all: [string, number][] = [];
  for await (const page of bodies.all(never))
    all.push(...page.map(({ body, size }) => [body, size] as [string, number]));
  return all;
}

const whole = (bytes: Buffer) => ({ start: 0, end: bytes.length - 1 });

describe("bodies in a bucket", () => {
  it("go in one request up to a part, and in parts beyond, and read the same over their edges", async () => {
    await using at = await given();
    const { bodies, hostile, spool } = at;
    for (const size of [0, 1, 300_000, 8 * mebibyte, 8 * mebibyte + 1, 17 * mebibyte]) {
      const body = randomBytes(14).toString("hex");
      const bytes = randomBytes(size);
      const before = hostile.seen.length;
      assert.equal(await bodies.write(body, pieces(bytes)), size);
      const puts = hostile.seen.slice(before).filter((line) => line.startsWith("PUT")).length;
      assert.equal(puts, Math.max(1, Math.ceil(size / (8 * mebibyte))));
      assert.deepEqual(await listed(bodies), [[body, size]]);
      if (size > 0) assert.ok((await drain(await bodies.read(body, whole(bytes)))).equals(bytes));
      if (size > 8 * mebibyte) {
        const range = { start: 8 * mebibyte - 10, end: Math.min(8 * mebibyte + 9, size - 1) };
        assert.ok((await bodies.readSmall(body, range))?.equals(bytes.subarray(range.start, range.end + 1)));
      }
      await bodies.delete([body]);
      assert.deepEqual(await listed(bodies), []);
    }
    assert.deepEqual(await readdir(spool), [], "no file has a name");
  });

  it("are asked for again where that helps", async () => {
    await using at = await given();
    const { bodies, hostile, body } = at;
    const bytes = randomBytes(9 * mebibyte);
    hostile.hurt(/^POST .*uploads/, { status: 500, code: "InternalError" }, 2);
    hostile.hurt(/^PUT .*partNumber=1/, { status: 503, code: "SlowDown" });
    hostile.hurt(/^PUT .*partNumber=2/, "reset", 2);
    hostile.hurt(/^POST .*uploadId/, { status: 503, code: "ServiceUnavailable" });
    hostile.hurt(/^HEAD/, "reset");
    hostile.hurt(/^GET/, { status: 429, code: "TooManyRequests" });
    hostile.hurt(/^DELETE/, "reset", 3);
    assert.equal(await bodies.write(body, pieces(bytes)), bytes.length);
    assert.ok((await drain(await bodies.read(body, whole(bytes)))).equals(bytes));
    await bodies.delete([body]);
    assert.equal(await bodies.read(body, { start: 0, end: 0 }), undefined);
  });

  it("are there although the answer was lost", async () => {
    await using at = await given();
    const { bodies, hostile } = at;
    for (const size of [10, 9 * mebibyte]) {
      const [body, bytes] = [randomBytes(14).toString("hex"), randomBytes(size)];
      hostile.hurt(size > mebibyte ? /^POST .*uploadId/ : /^PUT/, "answer lost");
      assert.equal(await bodies.write(body, pieces(bytes)), size);
      assert.ok((await drain(await bodies.read(body, whole(bytes)))).equals(bytes));
    }
    assert.equal(await unfinished(bodies), 0);
  });

  it("are not taken for what another wrote under their key", async () => {
    await using at = await given();
    await at.bodies.write(at.body, from("first"));
    await assert.rejects(at.bodies.write(at.body, from("other")), { code: "unavailable" });
    assert.equal((await at.bodies.readSmall(at.body, { start: 0, end: 4 }))?.toString(), "first");
  });

  it("leave nothing of a source that throws, and throw its error on", async () => {
    await using at = await given();
    const broken = new Error("the client went away");
    for (const size of [10, 9 * mebibyte]) {
      await assert.rejects(
        at.bodies.write(
          at.body,
          (async function* () {
            yield* pieces(randomBytes(size));
            throw broken;
          })(),
        ),
        (thrown) => thrown === broken,
      );
    }
    assert.deepEqual(await listed(at.bodies), []);
    assert.equal(await unfinished(at.bodies), 0);
    at.hostile.hurt(/^GET .*uploads/, { status: 501, code: "NotImplemented" });
    assert.equal(await unfinished(at.bodies), 0, "some S3 cannot list them");
    at.hostile.hurt(/^GET .*uploads/, { status: 403, code: "AccessDenied" });
    await assert.rejects(unfinished(at.bodies), { code: "unavailable" });
  });

  it("fail whole when a part cannot be put together, and leave no parts", async () => {
    await using at = await given();
    const { bodies, hostile, body } = at;
    hostile.hurt(/^PUT .*partNumber=1/, { headers: { etag: '"00000000000000000000000000000000"' } });
    await assert.rejects(bodies.write(body, pieces(randomBytes(9 * mebibyte))), { code: "unavailable" });
    assert.deepEqual(await listed(bodies), []);
    assert.equal(await unfinished(bodies), 0);
  });

  it("are read on from where a connection broke, ended early or stood still", async () => {
    await using at = await given();
    const { bodies, hostile, clock, body } = at;
    const bytes = randomBytes(2 * mebibyte);
    await bodies.write(body, pieces(bytes));
    hostile.hurt(/^GET/, { cutAfter: 700_000 });
    hostile.hurt(/^GET/, { status: 503, code: "SlowDown" });
    hostile.hurt(/^GET/, { endAfter: 300_000 });
    hostile.hurt(/^GET/, { cutAfter: 0 }, 2);
    hostile.hurt(/^GET/, { stallAfter: 100_000 });
    void hostile.still.then(() => clock.expire());
    assert.ok((await drain(await bodies.read(body, whole(bytes)))).equals(bytes));
    hostile.hurt(/^GET/, { cutAfter: 1_000 }, 3);
    const range = { start: 1_000_000, end: 1_009_999 };
    assert.ok((await bodies.readSmall(body, range))?.equals(bytes.subarray(range.start, range.end + 1)));
  });

  it("end with an error when they cannot be read on, and never early", async () => {
    await using at = await given();
    const { bodies, hostile, body } = at;
    const bytes = randomBytes(mebibyte);
    await bodies.write(body, pieces(bytes));
    hostile.hurt(/^GET/, { cutAfter: 200_000 });
    hostile.hurt(/^GET/, { endAfter: 0 }, 9);
    const got: Buffer[] = [];
    await assert.rejects(drain(await bodies.read(body, whole(bytes)), got), { code: "unavailable" });
    assert.ok(Buffer.concat(got).length < bytes.length);
    assert.ok(bytes.subarray(0, Buffer.concat(got).length).equals(Buffer.concat(got)));
  });

  it("are never given with other bytes: the last piece of a whole one comes once its hash is right", async () => {
    await using at = await given();
    const { bodies, hostile, body } = at;
    const bytes = randomBytes(mebibyte);
    await bodies.write(body, pieces(bytes));
    hostile.hurt(/^GET/, { corruptAt: 500_000 });
    const got: Buffer[] = [];
    await assert.rejects(drain(await bodies.read(body, whole(bytes)), got), { code: "storage_damaged" });
    assert.ok(Buffer.concat(got).length < bytes.length);
    const few = randomBytes(14).toString("hex");
    await bodies.write(few, from("a few"));
    hostile.hurt(/^GET/, { corruptAt: 2 });
    await assert.rejects(bodies.readSmall(few, { start: 0, end: 4 }), { code: "storage_damaged" });
    hostile.hurt(/^GET/, { endAfter: 0 }, 4);
    await assert.rejects(bodies.readSmall(few, { start: 0, end: 4 }), { code: "unavailable" });
    hostile.hurt(/^GET/, "range ignored");
    await assert.rejects(bodies.readSmall(few, { start: 1, end: 2 }), { code: "unavailable" });
    assert.equal((await bodies.readSmall(few, { start: 0, end: 4 }))?.toString(), "a few");
  });

  it("are given up when nothing answers, which is told and passes", async () => {
    await using at = await given();
    const { bodies, hostile, clock, body } = at;
    hostile.hurt(/^(GET|HEAD)/, "hangs", 99);
    const asked = (): number => hostile.seen.filter((line) => line.includes(body)).length;
    const expiring = (async () => {
      for (const times of [1, 2, 3, 4]) {
        await until(`try ${times}`, () => asked() === times);
        clock.expire();
      }
    })();
    await assert.rejects(bodies.readSmall(body, { start: 0, end: 0 }), (thrown) => {
      assert.match(asError(thrown).message, /^The bytes of objects cannot be reached now \(ETIMEDOUT\)/);
      return true;
    });
    await expiring;
    assert.equal(asked(), 4);
  });

  it("say what to do, to the operator, and nothing of it to callers", async () => {
    await using at = await given();
    const { bodies, hostile, body, logged } = at;
    const { secretAccessKey, accessKeyId } = server.admin.credentials;
    for (const [status, code, expected] of [
      [403, "AccessDenied", "unavailable"],
      [404, "NoSuchBucket", "unavailable"],
      [507, "XMinioStorageFull", "storage_full"],
      [403, "QuotaExceeded", "storage_full"],
      [501, "NotImplemented", "unavailable"],
    ] as const) {
      hostile.hurt(/^PUT/, { status, code });
      await assert.rejects(bodies.write(body, from("x")), (thrown) => {
        const { message, cause, code: got } = thrown as Error & { code: string };
        assert.equal(got, expected);
        assert.doesNotMatch(message, /alpha|http/);
        assert.match(
          asError(cause).message,
          new RegExp(`^s3://alpha/bodies-\\d+ at http\\S+ failed \\(${code}: .*\\): .`),
        );
        return true;
      });
    }
    assert.match(
      logged[0] ?? "",
      /^the bytes of objects cannot be reached .*the key must be allowed to get, put, list and delete/,
    );
    assert.equal(logged.length, 1, "once a minute");
    const said = logged.join("\n");
    assert.ok(!said.includes(secretAccessKey) && !said.includes(accessKeyId));
  });

  it("are ready while they answer", async () => {
    await using at = await given();
    await at.bodies.ready();
    at.hostile.hurt(/./, "reset", 9);
    await assert.rejects(at.bodies.readSmall(at.body, { start: 0, end: 0 }), { code: "unavailable" });
    await assert.rejects(at.bodies.ready(), { message: /^the bytes of objects cannot be reached \(ECONNRESET\)/ });
    at.hostile.hurt(/./, "reset", 0);
    await assert.rejects(at.bodies.ready());
  });

  it("pass through little memory, however large", async () => {
    const { accessKeyId, secretAccessKey } = server.admin.credentials;
    const { stdout } = await run(process.execPath, [probe, server.url, Bucket, accessKeyId, secretAccessKey, "96"]);
    const { size, read, growth } = JSON.parse(stdout) as { size: number; read: number; growth: number };
    assert.deepEqual([size, read], [96 * mebibyte, 96 * mebibyte]);
    assert.ok(growth < 64 * mebibyte, `${growth} bytes more`);
  });
});

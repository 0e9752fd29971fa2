/** A connection while hooks run: what is held back, what is refused, and what becomes of it when either side gives up. */
import assert from "node:assert/strict";
import { connect } from "node:net";
import { describe, it } from "node:test";
import { CopyObjectCommand, DeleteBucketCommand, DeleteObjectCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import type { Publish } from "../../src/delivery/publish.ts";
import { SignalboxError } from "../../src/errors.ts";
import type { HookedOperation } from "../../src/hooks/guard.ts";
import type { Commit, Unit } from "../../src/store/unit.ts";
import { type FakeGuard, subscribe } from "../support/guard.ts";
import { Bucket, objectData, refusal, type S3Fixture, withBucket } from "../support/s3.ts";
import { codeOf, head, raw, send } from "../support/sign.ts";
import { until } from "../support/until.ts";

const path = `/${Bucket}/k`;
const at = { Bucket, Key: "k" };
const expecting = { method: "PUT", path, headers: { "content-length": "5", expect: "100-continue" } };

/** A hook that waits for a word. */
function waiting(guard: FakeGuard, type = "PRE_OBJECT_PUT") {
  const begun = Promise.withResolvers<AbortSignal>();
  const go = Promise.withResolvers<void>();
  subscribe(guard, type, async (_, signal) => {
    begun.resolve(signal);
    await go.promise;
  });
  return { begun: begun.promise, go: () => go.resolve() };
}

describe("100 Continue", () => {
  it("is held until hooks agreed", async () => {
    await using fixture = await withBucket();
    const hook = waiting(fixture.guard);
    const socket = connect(fixture.port, "127.0.0.1");
    let received = "";
    socket.on("data", (chunk) => {
      received += chunk.toString();
    });
    socket.write(head(fixture.port, fixture.admin.credentials, expecting));
    await hook.begun;
    // Time enough for a server that would not wait: another request is served from its first byte to its last.
    await fixture.admin.s3.send(new DeleteObjectCommand({ Bucket, Key: "other" }));
    assert.equal(received, "");
    hook.go();
    await until("the client is let send", () => received.startsWith("HTTP/1.1 100 "));
    socket.write("hello");
    await until("it is answered", () => received.includes("HTTP/1.1 200 "));
    socket.destroy();
    assert.deepEqual(await fixture.told(), ["OBJECT_CREATED_PUT k"]);
  });

  it("is never said when hooks deny or fail", async () => {
    await using fixture = await withBucket();
    const { port, admin, guard } = fixture;
    subscribe(guard, "PRE_OBJECT_PUT", () => {
      if (guard.asked.length === 1) return { decision: "deny", message: "no" };
      throw new Error("oops");
    });
    for (const expected of ["403 AccessDenied undefined", "503 ServiceUnavailable 1"]) {
      const [answer] = await raw(port, [head(port, admin.credentials, expecting)]);
      assert.ok(answer);
      assert.equal(`${answer.status} ${codeOf(answer)} ${answer.headers["retry-after"]}`, expected);
      assert.doesNotMatch(answer.all, /100 Continue/i);
      assert.equal(answer.headers["connection"], "close");
    }
    assert.equal(await fixture.blobCount(), 0);
  });
});

describe("a denial while the client still sends", () => {
  it("is read by it, and the connection goes on when little was left", async () => {
    await using fixture = await withBucket();
    const { port, admin } = fixture;
    subscribe(fixture.guard, "PRE_OBJECT_PUT", () => ({ decision: "deny", message: "no" }));
    const body = Buffer.alloc(200_000, "x");
    const denied = { method: "PUT", path, headers: { "content-length": String(body.length) } };
    const list = head(port, admin.credentials, { method: "GET", path: "/" });
    const answers = await raw(port, [head(port, admin.credentials, denied), body, list], { answers: 2 });
    assert.deepEqual(
      answers.map(({ status }) => status),
      [403, 200],
    );
    const big = await send(port, admin.credentials, { method: "PUT", path, body: Buffer.alloc(20_000_000, "x") });
    assert.deepEqual([big.status, big.headers["connection"]], [403, "close"]);
    assert.equal(await fixture.blobCount(), 0);
  });
});

describe("a client that goes away while hooks run", () => {
  const cases: [string, string, (fixture: S3Fixture) => readonly string[]][] = [
    ["PUT whose body is held back", "PRE_OBJECT_PUT", ({ port, admin }) => [head(port, admin.credentials, expecting)]],
    [
      "PUT whose body was sent",
      "PRE_OBJECT_PUT",
      ({ port, admin }) => [
        head(port, admin.credentials, { method: "PUT", path, headers: { "content-length": "5" } }),
        "hello",
      ],
    ],
    [
      "copy",
      "PRE_OBJECT_PUT",
      ({ port, admin }) => [
        head(port, admin.credentials, { method: "PUT", path, headers: { "x-amz-copy-source": `/${Bucket}/there` } }),
      ],
    ],
    [
      "DELETE",
      "PRE_OBJECT_DELETE",
      ({ port, admin }) => [head(port, admin.credentials, { method: "DELETE", path: `/${Bucket}/there` })],
    ],
  ];

  for (const [what, type, request] of cases) {
    for (const cancels of [true, false]) {
      it(`${what}: hooks ${cancels ? "are cancelled" : "that agree all the same are told"}, and nothing is done`, async () => {
        await using fixture = await withBucket();
        const { guard, admin } = fixture;
        await admin.s3.send(new PutObjectCommand({ Bucket, Key: "there", Body: "x" }));
        const signals = signalsOf(guard, cancels);
        const left = Promise.withResolvers<void>();
        const hook = waiting(guard, type);
        const socket = connect(fixture.port, "127.0.0.1");
        socket.on("error", () => {});
        for (const part of request(fixture)) socket.write(part);
        await hook.begun;
        signals[0]?.addEventListener("abort", () => left.resolve());
        socket.resetAndDestroy();
        await left.promise;
        hook.go();
        if (!cancels) {
          await until("the hook is told", () => guard.aborts.length > 0);
          assert.equal(guard.aborts[0]?.reason, "The caller went away.");
        }
        await until("nothing is left of it", async () => (await fixture.blobCount()) === 1);
        assert.deepEqual(await fixture.told(), ["OBJECT_CREATED_PUT there"]);
        assert.deepEqual(fixture.logged, []);
      });
    }
  }

  it("is not one that has its answer, and goes on with its connection", async () => {
    await using fixture = await withBucket();
    const { port, admin, guard } = fixture;
    subscribe(guard, "PRE_OBJECT_PUT", () => {});
    const put = [head(port, admin.credentials, { method: "PUT", path, headers: { "content-length": "1" } }), "x"];
    const answers = await raw(port, Array.from({ length: 30 }, () => put).flat(), { answers: 30 });
    assert.ok(answers.every(({ status }) => status === 200));
    assert.deepEqual(
      guard.asked.map(({ signal }) => signal?.aborted),
      answers.map(() => false),
    );
  });
});

/** The signals of what is asked from now on. Hooks hear them only if `cancels`: else their agreement crosses the news. */
function signalsOf(guard: FakeGuard, cancels: boolean): readonly AbortSignal[] {
  const before = { ...guard };
  const signals: AbortSignal[] = [];
  const heard = ({ signal, ...operation }: HookedOperation): HookedOperation => {
    if (signal !== undefined) signals.push(signal);
    return cancels && signal !== undefined ? { ...operation, signal } : operation;
  };
  guard.check = (operation) => before.check(heard(operation));
  guard.begin = (operation) => before.begin(heard(operation));
  return signals;
}

interface Breaking {
  readonly input?: object;
  /** Before the commit. */
  readonly publish?: (unit: Unit) => void;
  /** After it. */
  readonly answer?: (committed: Promise<Commit>) => Promise<Commit>;
}

describe("an operation that comes to nothing although hooks agreed", () => {
  /** Puts, with a hook that does `meanwhile`; what the client and the functions hear. */
  async function put(
    meanwhile: (fixture: S3Fixture) => Promise<unknown>,
    { input = {}, publish = () => {}, answer = (committed) => committed }: Breaking = {},
  ): Promise<readonly [client: string, functions: readonly string[], logged: number]> {
    let agreed = false;
    const wrapped = (inner: Publish): Publish => {
      return async (unit) => {
        if (!agreed) return inner(unit);
        publish(unit);
        return answer(inner(unit));
      };
    };
    await using fixture = await withBucket({ publish: wrapped });
    const { guard, admin } = fixture;
    subscribe(guard, "PRE_OBJECT_PUT", async () => {
      if (guard.asked.length > 1) return;
      await meanwhile(fixture);
      agreed = true;
    });
    const client = await refusal(admin.s3.send(new PutObjectCommand({ ...at, Body: "x", ...input })));
    assert.ok((await fixture.told()).length <= 1);
    return [client.split(":")[0] ?? "", guard.aborts.map(({ reason }) => reason), fixture.logged.length];
  }

  const nothing = async (): Promise<void> => {};

  it("is told to the functions that had agreed", async () => {
    const other = new PutObjectCommand({ ...at, Body: "first" });
    assert.deepEqual(await put(({ admin }) => admin.s3.send(other), { input: { IfNoneMatch: "*" } }), [
      "412 PreconditionFailed",
      ["At least one of the preconditions that you specified did not hold."],
      0,
    ]);
    assert.deepEqual(await put(({ admin }) => admin.s3.send(new DeleteBucketCommand({ Bucket }))), [
      "404 NoSuchBucket",
      ["The bucket does not exist."],
      0,
    ]);
    assert.deepEqual(await put(nothing, { input: { ContentMD5: "AAAAAAAAAAAAAAAAAAAAAA==" } }), [
      "400 BadDigest",
      ["The Content-MD5 you specified did not match what we received."],
      0,
    ]);
    const full = (): void => {
      throw new SignalboxError("storage_full", "The disk is full.");
    };
    assert.deepEqual(await put(nothing, { publish: full }), ["507 InsufficientStorage", ["The disk is full."], 0]);
  });

  it("is told when a commit broke off, unless it was made", async () => {
    const broken = (): never => {
      throw new Error("the writer is gone");
    };
    assert.deepEqual(await put(nothing, { publish: broken }), ["500 InternalError", ["It failed."], 1]);
    const answer = async (committed: Promise<Commit>): Promise<Commit> => {
      await committed;
      return broken();
    };
    assert.deepEqual(await put(nothing, { answer }), ["500 InternalError", [], 1]);
  });

  it("is answered as it is, also when it cannot be told", async () => {
    const mute = async ({ guard, admin }: S3Fixture): Promise<void> => {
      guard.aborted = async () => {
        throw new Error("no");
      };
      await admin.s3.send(new DeleteBucketCommand({ Bucket }));
    };
    assert.deepEqual(await put(mute), ["404 NoSuchBucket", [], 1]);
  });

  it("copies what the hooks were told of, whatever becomes of the source", async () => {
    await using fixture = await withBucket();
    const { guard, admin } = fixture;
    const source = { Bucket, Key: "from" };
    await admin.s3.send(new PutObjectCommand({ ...source, Body: "four" }));
    subscribe(guard, "PRE_OBJECT_PUT", async () => {
      if (guard.asked.length === 1) await admin.s3.send(new PutObjectCommand({ ...source, Body: "overwritten" }));
    });
    await admin.s3.send(new CopyObjectCommand({ ...at, CopySource: `${Bucket}/from` }));
    const copy = (await fixture.events()).at(-1);
    assert.deepEqual([guard.asked[0]?.params["size"], copy && objectData(copy.data).size], [4, 4]);
    assert.deepEqual([await fixture.blobCount(), guard.aborts.length], [2, 0]);
  });
});

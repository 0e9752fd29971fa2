import assert from "node:assert/strict";
import { once } from "node:events";
import { describe, it } from "node:test";
import type { Worker } from "node:worker_threads";
import { fakeClock } from "../../../test/support/clock.ts";
import { type Asked, asked, type GivenToSender, type Names, senderFixture } from "../../../test/support/egress.ts";
import { closed, httpListener, tcpListener } from "../../../test/support/listeners.ts";
import { type Clock, systemClock } from "../../clock.ts";
import { parseEgressAllow } from "../../domain/egress.ts";
import { type LogFields, silentLog } from "../../log.ts";
import type { EgressAnswer } from "../egress.ts";
import { senders } from "./senders.ts";

interface Opened {
  readonly count?: number;
  readonly clock?: Clock;
  readonly names?: Names;
  readonly file?: URL;
}

/** Senders, with what they log and count. */
function opened({ count = 1, clock = systemClock, names, file = senderFixture }: Opened = {}) {
  const errors: LogFields[] = [];
  let lost = 0;
  const given: GivenToSender = { names, time: undefined };
  const log = { ...silentLog, error: (fields: LogFields) => void errors.push(fields) };
  const allow = parseEgressAllow(["127.0.0.1"]);
  const out = asked(senders({ count, allow, clock, log, lost: () => void (lost += 1), file, given }), systemClock);
  return { out, errors, lost: () => lost, [Symbol.asyncDispose]: () => out.close() };
}

const post = (out: Asked, port: number, host = "127.0.0.1"): Promise<EgressAnswer> =>
  out.post({ url: new URL(`http://${host}:${port}/`), headers: [], body: "{}", timeoutMs: 60_000 });

const said = (answer: EgressAnswer): string => (answer.kind === "failed" ? answer.reason : String(answer.status));

/** The threads that this process starts from now on. */
function started(): Disposable & { readonly threads: readonly Worker[] } {
  const threads: Worker[] = [];
  const note = (thread: Worker): void => void threads.push(thread);
  process.on("worker", note);
  return { threads, [Symbol.dispose]: () => void process.off("worker", note) };
}

describe("senders", () => {
  it("start when they are needed, one for all that goes to one origin, and end after a minute without work", async () => {
    using seen = started();
    const timers = fakeClock();
    let laterMs = 0;
    const clock: Clock = {
      ...systemClock,
      after: (ms, run) => timers.after(ms, run),
      steady: () => systemClock.steady() + laterMs,
    };
    const pass = (ms: number): void => {
      laterMs += ms;
      timers.advance(ms);
    };
    await using server = await httpListener((_request, response) => void response.end());
    await using at = opened({ count: 8, clock });
    assert.equal(seen.threads.length, 0);
    for (let nth = 0; nth < 5; nth += 1) assert.equal(said(await post(at.out, server.port)), "200");
    assert.deepEqual([seen.threads.length, server.sockets.length], [1, 1]);
    const [first] = seen.threads;
    assert.ok(first !== undefined);
    const ended = once(first, "exit");
    pass(59_000);
    assert.equal(said(await post(at.out, server.port)), "200");
    pass(2_000);
    assert.equal(said(await post(at.out, server.port)), "200");
    assert.equal(seen.threads.length, 1);
    pass(60_000);
    await ended;
    assert.equal(said(await post(at.out, server.port)), "200");
    assert.deepEqual([seen.threads.length, at.errors.length], [2, 0]);
  });

  it("that end by themselves fail what they were sending as connection, and no more; another takes their place", async () => {
    await using silent = await tcpListener(() => {});
    await using server = await httpListener((_request, response) => void response.end());
    const names: Names = { "fatal.example": "fatal", "*": [["127.0.0.1"]] };
    await using at = opened({ count: 2, names });
    // All that goes to one origin goes to one sender, and different origins to both.
    const underWay = Array.from({ length: 16 }, (_, nth) => post(at.out, silent.port, `n${nth}.example`));
    await silent.socket(16);
    const fatal = await post(at.out, 1, "fatal.example");
    assert.equal(fatal.kind === "failed" && fatal.reason, "connection");
    assert.match(
      fatal.kind === "failed" ? fatal.message : "",
      /ended before the answer was complete \(as the test wants\)$/,
    );
    const moment = new Promise<string>((resolve) => setImmediate(() => resolve("under way")));
    const states = await Promise.all(underWay.map((one) => Promise.race([one.then(said), moment])));
    const failed = states.filter((state) => state === "connection").length;
    assert.ok(failed > 0 && failed < 16, `${failed} of 16 failed`);
    assert.equal(states.filter((state) => state === "under way").length, 16 - failed);
    assert.equal(at.lost(), 1);
    assert.deepEqual(
      at.errors.map(({ error, underWay: count }) => [error, count]),
      [["as the test wants", failed + 1]],
    );
    for (let nth = 0; nth < 16; nth += 1) assert.equal(said(await post(at.out, server.port, `n${nth}.example`)), "200");
    await at.out.close();
    assert.equal((await Promise.all(underWay)).filter((one) => said(one) === "internal").length, 16 - failed);
  });

  it("that cannot be started are not started again and again", async () => {
    using seen = started();
    const clock = fakeClock(systemClock.steady());
    const file = new URL("data:text/javascript,throw new Error('no thread')");
    await using at = opened({ clock, file });
    assert.equal(said(await post(at.out, 1)), "connection");
    const next = post(at.out, 1);
    await new Promise(setImmediate);
    await new Promise(setImmediate);
    assert.equal(seen.threads.length, 1);
    clock.advance(1_000);
    assert.equal(said(await next), "connection");
    assert.deepEqual([seen.threads.length, at.lost()], [2, 2]);
    const last = post(at.out, 1);
    await at.out.close();
    assert.equal(said(await last), "internal");
    clock.advance(10_000);
    assert.equal(seen.threads.length, 2);
  });

  it("send what comes at once in one message, of any size, and learn each head once", async () => {
    using seen = started();
    const bodies: string[] = [];
    await using server = await httpListener((request, response) => {
      let length = 0;
      request.on("data", (bytes: Buffer) => (length += bytes.length));
      request.on("end", () => {
        bodies.push(`${String(request.headers["x-own"])} ${length}`);
        response.end("ü".repeat(length % 50));
      });
    });
    await using at = opened();
    const sizes = [0, 1, 70_000, 3_000_000, 17, 200_000];
    const answers = await Promise.all(
      sizes.map((size, nth) =>
        at.out.post({
          url: new URL(`http://127.0.0.1:${server.port}/`),
          headers: { "x-own": `${nth}` },
          body: "ä".repeat(size),
          timeoutMs: 60_000,
        }),
      ),
    );
    const wanted = sizes.map((size, nth) => `${nth} ${2 * size}`);
    assert.deepEqual(bodies.toSorted(), wanted.toSorted());
    assert.deepEqual(
      answers.map((answer) => answer.kind === "answer" && answer.snippet),
      sizes.map((size) => "ü".repeat((2 * size) % 50)),
    );
    assert.equal(seen.threads.length, 1);
  });

  it("close every connection when they are closed, and the threads end", async () => {
    using seen = started();
    await using silent = await tcpListener(() => {});
    await using at = opened({ count: 2 });
    const answer = post(at.out, silent.port);
    const socket = await silent.socket(1);
    const [thread] = seen.threads;
    const ended = once(thread ?? assert.fail("no thread"), "exit");
    await at.out.close();
    assert.equal(said(await answer), "internal");
    await closed(socket);
    await ended;
    assert.equal(said(await post(at.out, silent.port)), "internal");
    assert.deepEqual(at.errors, []);
  });
});

import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { getPriority } from "node:os";
import { describe, it } from "node:test";
import { fakeClock } from "../../test/support/clock.ts";
import { costsAtMost } from "../../test/support/cpu-limits.ts";
import type { AskedOfThread } from "../../test/support/offloaded-tasks.ts";
import { type Clock, systemClock } from "../clock.ts";
import { SignalboxError } from "../errors.ts";
import { type Offload, offload } from "./offload.ts";
import { niceness } from "./serve.ts";

const log = { error() {}, warn() {}, info() {}, debug() {} };

function pool(clock: Clock = systemClock, budget = { burstMs: 60_000, perSecondMs: 1_000 }): Offload {
  return offload({ clock, log, budget, file: new URL("../../test/support/offloaded-tasks.ts", import.meta.url) });
}

async function ask(
  threads: Offload,
  payer: string,
  asked: AskedOfThread,
  options?: { readonly timeoutMs?: number; readonly signal?: AbortSignal },
): Promise<string> {
  const [problem] = await threads.run(
    payer,
    { task: "checkAttributeSchema", input: { schema: asked }, field: "schema" },
    options,
  );
  return problem?.message ?? "";
}

/** Two cells that threads see too: how many wait, and whether they may go on. */
function gate(): {
  readonly hold: SharedArrayBuffer;
  readonly entered: (count: number) => Promise<void>;
  readonly open: () => void;
} {
  const hold = new SharedArrayBuffer(8);
  const cells = new Int32Array(hold);
  return {
    hold,
    entered: async (count) => {
      for (let seen = Atomics.load(cells, 0); seen < count; seen = Atomics.load(cells, 0)) {
        const { async: waits, value } = Atomics.waitAsync(cells, 0, seen);
        if (waits) await value;
      }
    },
    open: () => {
      Atomics.store(cells, 1, 1);
      Atomics.notify(cells, 1);
    },
  };
}

const refusedAs = (code: string, message: RegExp) => (thrown: unknown) => {
  assert.ok(thrown instanceof SignalboxError, String(thrown));
  assert.equal(thrown.code, code);
  assert.match(thrown.message, message);
  return true;
};

describe("work in threads", () => {
  it("answers with what the task gives back or throws, and costs this thread next to nothing", async () => {
    await using threads = pool();
    assert.equal(await ask(threads, "a", { say: "hello" }), "hello");
    // Of the 300 ms that the task takes; a busy machine adds to what its own costs.
    await costsAtMost(150, async () => assert.equal(await ask(threads, "a", { spend: 300 }), "done"));
    await assert.rejects(ask(threads, "a", { refuse: "is odd" }), refusedAs("invalid_request", /^schema: is odd$/));
  });

  it("gives way to this thread where cores are scarce", async () => {
    const priorities = (): readonly number[] => readdirSync("/proc/self/task").map((id) => getPriority(Number(id)));
    const nicer = (): number => priorities().filter((priority) => priority >= niceness).length;
    const before = nicer();
    await using threads = pool();
    await ask(threads, "a", { say: "hello" });
    assert.ok(nicer() > before);
    assert.ok(getPriority() < niceness || before > 0);
  });

  it("runs the real tasks", async () => {
    await using threads = offload({ clock: systemClock, log });
    const work = { task: "checkAttributeSchema", input: { schema: { type: "objekt" } }, field: "schema" } as const;
    const [problem] = await threads.run("a", work);
    assert.equal(problem?.path, "type");
  });

  it("runs one work of a payer at a time: another payer has a thread beside it", async () => {
    await using threads = pool();
    const { hold, entered, open } = gate();
    const order: string[] = [];
    const costly = [1, 2, 3].map((number) => ask(threads, "a", { hold }).then(() => order.push(`a${number}`)));
    await entered(1);
    await ask(threads, "b", { say: "b" }).then(() => order.push("b"));
    open();
    await Promise.all(costly);
    assert.deepEqual(order, ["b", "a1", "a2", "a3"]);
  });

  it("ends a thread whose task takes too long, says of what, and goes on with another", async () => {
    await using threads = pool();
    const { hold } = gate();
    await assert.rejects(
      ask(threads, "a", { hold }, { timeoutMs: 20 }),
      refusedAs("invalid_request", /^schema: took longer than 20 ms to work on: send less, or something simpler$/),
    );
    assert.equal(await ask(threads, "b", { say: "again" }), "again");
  });

  it("ends a thread whose task takes too much memory, and not the process", async () => {
    await using threads = pool();
    await assert.rejects(
      ask(threads, "a", { hoard: true }, { timeoutMs: 60_000 }),
      refusedAs("invalid_request", /^schema: took too much memory/),
    );
    assert.equal(await ask(threads, "b", { say: "again" }), "again");
  });

  it("replaces a thread that ended by itself", async () => {
    await using threads = pool();
    await assert.rejects(ask(threads, "a", { exit: true }), refusedAs("internal", /cut off/));
    assert.equal(await ask(threads, "a", { say: "again" }), "again");
  });

  it("lets a payer that used up its share wait, and no other", async () => {
    const clock = fakeClock();
    await using threads = pool(clock, { burstMs: 100, perSecondMs: 10 });
    await ask(threads, "a", { spend: 200 });
    let waited = true;
    const more = ask(threads, "a", { say: "later" }).then(() => assert.ok(!waited));
    assert.equal(await ask(threads, "b", { say: "at once" }), "at once");
    waited = false;
    clock.advance(60_000);
    await more;
  });

  it("refuses what is too much to wait, and what waited for too long", async () => {
    const clock = fakeClock();
    await using threads = pool(clock);
    const { hold, entered, open } = gate();
    const first = ask(threads, "a", { hold }, { timeoutMs: 60_000 });
    await entered(1);
    const waiting = Array.from({ length: 64 }, () =>
      assert.rejects(ask(threads, "a", { say: "never" }), refusedAs("too_many_requests", /waits to be done already/)),
    );
    await assert.rejects(ask(threads, "a", { say: "65th" }), refusedAs("too_many_requests", /send fewer requests/));
    clock.advance(30_000);
    await Promise.all(waiting);
    open();
    assert.equal(await first, "done");
  });

  it("drops what has not begun when its caller goes away, and all of it when it ends", async () => {
    const threads = pool();
    const { hold, entered } = gate();
    const running = assert.rejects(ask(threads, "a", { hold }), refusedAs("unavailable", /stopping/));
    await entered(1);
    const caller = new AbortController();
    const dropped = assert.rejects(
      ask(threads, "a", { say: "never" }, { signal: caller.signal }),
      refusedAs("unavailable", /went away/),
    );
    caller.abort();
    await dropped;
    const waiting = assert.rejects(ask(threads, "a", { say: "never" }), refusedAs("unavailable", /stopping/));
    await threads[Symbol.asyncDispose]();
    await Promise.all([running, waiting]);
    await assert.rejects(ask(threads, "a", { say: "late" }), refusedAs("unavailable", /stopping/));
  });
});

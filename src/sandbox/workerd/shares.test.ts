/** Who gets which processes when there are fewer than are wanted. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { fakeClock } from "../../../test/support/clock.ts";
import { silentLog } from "../../log.ts";
import type { SandboxLane } from "../sandbox.ts";
import { Fleet } from "./fleet.ts";
import type { GuestProcess, ProcessRole } from "./guest-process.ts";
import { failedCall, isFailed } from "./problems.ts";

/** A process that is ready at once, and has calls as the test says. */
class FakeProcess {
  readonly ready = Promise.resolve(true);
  readonly gone = Promise.resolve();
  readonly isReady = true;
  readonly #ended: (process: FakeProcess) => void;
  role: ProcessRole | undefined;
  users = 0;
  draining = false;
  dead = false;
  busy = false;
  usedMs = 0;
  boundMs = 0;
  oldestCallMs: number | undefined;

  constructor(ended: (process: FakeProcess) => void) {
    this.#ended = ended;
  }

  bind(role: ProcessRole): void {
    this.role = role;
  }

  stillRuns(): boolean {
    return !this.dead;
  }

  end(): void {
    this.dead = true;
    this.#ended(this);
  }

  complaint(): string {
    return "";
  }
}

type Given = { is: "waits" } | { is: "refused"; why: string } | { is: "given"; process: FakeProcess };

function scene(processes: number) {
  const clock = fakeClock();
  const fleet: Fleet = new Fleet({
    clock,
    log: silentLog,
    limits: { processes, idleMs: 60_000 },
    boot: () =>
      new FakeProcess((process) => fleet.ended(process as unknown as GuestProcess)) as unknown as GuestProcess,
  });
  const take = (tenant: string, lane: SandboxLane, { solo = false, beyond = false } = {}): { now: Given } => {
    const given: { now: Given } = { now: { is: "waits" } };
    const request = { role: { tenant, lane, solo }, beyond, signal: new AbortController().signal, waitMs: 1_000 };
    void fleet.take(request).then((got) => {
      given.now = isFailed(got)
        ? { is: "refused", why: got.error.message }
        : { is: "given", process: got as unknown as FakeProcess };
    });
    return given;
  };
  const taken = async (tenant: string, lane: SandboxLane, options = {}): Promise<FakeProcess | undefined> => {
    const given = take(tenant, lane, options);
    await settled();
    return given.now.is === "given" ? given.now.process : undefined;
  };
  const back = async (process: FakeProcess | undefined): Promise<void> => {
    fleet.giveBack(process as unknown as GuestProcess);
    await settled();
  };
  return { clock, fleet, take, taken, back };
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const tenants = (count: number): string[] => Array.from({ length: count }, (_, at) => `t${at}`);

describe("processes that are wanted by more than there are", () => {
  it("are kept for hooks, a quarter of them, however many sleep on POST events", async () => {
    const at = scene(8);
    const sleeping = await Promise.all(tenants(8).map((tenant) => at.taken(tenant, "post")));
    assert.equal(sleeping.filter((process) => process !== undefined).length, 6);
    assert.ok(await at.taken("hooked", "pre"));
    assert.ok(await at.taken("t0", "pre"));
    assert.equal(await at.taken("third", "pre"), undefined);
  });

  it("are waited for no longer than said, and no turn of others is lost by that", async () => {
    const at = scene(4);
    const [first] = await Promise.all(tenants(3).map((tenant) => at.taken(tenant, "post")));
    for (const process of at.fleet) (process as unknown as FakeProcess).oldestCallMs = at.clock.now();
    const late = at.take("late", "post");
    at.clock.advance(500);
    const later = at.take("later", "post");
    at.clock.advance(500);
    await settled();
    assert.deepEqual(late.now, { is: "refused", why: "no process became free within 1000 ms" });
    assert.equal(later.now.is, "waits");
    await at.back(first);
    assert.equal(later.now.is, "given");
    await at.fleet.close();
    assert.equal(at.clock.pending, 0);
  });

  it("go to one tenant two at a time in a lane, those that end when their calls do included", async () => {
    const at = scene(8);
    const large = await at.taken("greedy", "post");
    at.fleet.drain(large as unknown as GuestProcess);
    const next = await at.taken("greedy", "post");
    assert.notEqual(next, large);
    at.fleet.drain(next as unknown as GuestProcess);
    assert.equal(await at.taken("greedy", "post"), undefined);
    assert.equal(await at.taken("greedy", "post", { solo: true, beyond: true }), undefined);
    assert.ok(await at.taken("greedy", "pre"));
    at.clock.advance(1_000);
    await at.back(large);
    assert.ok(await at.taken("greedy", "post"));
  });

  it("are left to tenants that have none, the last quarter of a lane", async () => {
    const at = scene(8);
    const greedy = await Promise.all(
      tenants(3).flatMap((tenant) => [at.taken(tenant, "post"), at.taken(tenant, "post", { solo: true })]),
    );
    assert.equal(greedy.filter((process) => process !== undefined).length, 5);
    assert.ok(await at.taken("modest", "post"));
    assert.equal(await at.taken("modest", "post", { solo: true }), undefined);
  });

  it("are made of idle ones, of which nobody has used one for longest", async () => {
    const at = scene(4);
    const [first, second] = [await at.taken("a", "pre"), await at.taken("b", "pre")];
    await at.taken("c", "pre");
    await at.taken("d", "pre");
    await at.back(second);
    await at.back(first);
    assert.ok(await at.taken("e", "pre"));
    assert.deepEqual([first?.dead, second?.dead], [false, true]);
  });

  it("pass on when somebody waits who has none: from a tenant with short calls, which has had its turn", async () => {
    const at = scene(4);
    const [sleepy, lively] = await Promise.all(tenants(3).map((tenant) => at.taken(tenant, "post")));
    for (const process of at.fleet) (process as unknown as FakeProcess).oldestCallMs = at.clock.now();
    at.clock.advance(1_500);
    if (lively !== undefined) lively.oldestCallMs = at.clock.now();
    const newcomer = at.take("newcomer", "post");
    const second = at.take("newcomer", "post");
    at.clock.advance(100);
    assert.deepEqual([sleepy?.draining, lively?.draining], [false, true]);
    const again = at.take("t1", "post");
    await at.back(lively);
    assert.deepEqual([lively?.dead, newcomer.now.is, second.now.is, again.now.is], [true, "given", "given", "waits"]);
  });

  it("go to hooks first, and then to who has fewest", async () => {
    const at = scene(4);
    const taken = await Promise.all(tenants(4).map((tenant) => at.taken(tenant, "pre")));
    const order = [at.take("t1", "pre", { solo: true }), at.take("post", "post"), at.take("new", "pre")];
    await settled();
    await at.back(taken[0]);
    assert.deepEqual(
      order.map(({ now }) => now.is),
      ["waits", "waits", "given"],
    );
  });

  it("go beyond the limit for calls that others wait for, and a quarter beyond at most", async () => {
    const at = scene(4);
    await Promise.all(tenants(4).map((tenant) => at.taken(tenant, "pre")));
    const nested = await Promise.all(tenants(4).map((tenant) => at.taken(tenant, "post", { beyond: true })));
    assert.equal(nested.filter((process) => process !== undefined).length, 2);
  });

  it("are given to nobody any more once they are closed", async () => {
    const at = scene(4);
    await Promise.all(tenants(4).map((tenant) => at.taken(tenant, "pre")));
    const waits = at.take("late", "pre");
    await at.fleet.close();
    await settled();
    assert.deepEqual(waits.now, {
      is: "refused",
      why: failedCall("cancelled", "the sandbox was closed").error.message,
    });
  });
});

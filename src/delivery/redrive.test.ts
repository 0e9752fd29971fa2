import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { uuid } from "../../test/conformance/store/given.ts";
import { fakeClock } from "../../test/support/clock.ts";
import { engine } from "../../test/support/engine.ts";
import { until } from "../../test/support/until.ts";
import { silentLog } from "../log.ts";
import { singleNode } from "../store/cluster.ts";
import type { Store } from "../store/store.ts";
import { Redriver } from "./redrive.ts";

/** A store whose redrive steps fail as often as given, and then report two subscriptions. */
async function scene(failures: number, waitMs = 0) {
  const at = await engine({ dispatching: false });
  const clock = fakeClock();
  const woken: number[] = [];
  let steps = 0;
  const store: Store = {
    ...at.store,
    redrives: {
      ...at.store.redrives,
      advanceRedrive: async () => {
        steps += 1;
        if (steps <= failures) throw new Error("not now");
        return {
          state: steps > failures + 1 ? "done" : "running",
          subscriptions: [3, 4],
          ...(waitMs > 0 && { waitMs }),
        };
      },
    },
  };
  const redriver = new Redriver({
    store,
    cluster: singleNode("a", () => 0),
    wake: (number) => void woken.push(number),
    clock,
    log: silentLog,
  });
  return { at, clock, woken, redriver, steps: () => steps };
}

describe("a redriver", () => {
  it("wakes who got something to send, step by step until the job is done", async () => {
    const { at, woken, redriver, steps } = await scene(0);
    await using _ = at;
    redriver.run(uuid("job"));
    await until("it is done", () => woken.length === 4);
    assert.deepEqual([steps(), woken], [2, [3, 4, 3, 4]]);
    await redriver.stop();
  });

  it("makes a step that failed again after a second", async () => {
    const { at, clock, woken, redriver, steps } = await scene(1);
    await using _ = at;
    redriver.run(uuid("job"));
    await until("it waits", () => clock.pending === 1);
    clock.advance(999);
    assert.equal(steps(), 1);
    clock.advance(1);
    await until("it is done", () => woken.length === 4);
    await redriver.stop();
  });

  it("waits as its pace says before the next step", async () => {
    const { at, clock, woken, redriver, steps } = await scene(0, 250);
    await using _ = at;
    redriver.run(uuid("job"));
    await until("it waits", () => clock.pending === 1);
    clock.advance(249);
    assert.equal(steps(), 1);
    clock.advance(1);
    await until("it is done", () => woken.length === 4);
    await redriver.stop();
  });

  it("stops at once, also while it waits", async () => {
    const { at, clock, redriver, steps } = await scene(1_000);
    await using _ = at;
    redriver.run(uuid("job"));
    await until("it waits", () => clock.pending === 1);
    await redriver.stop();
    assert.deepEqual([clock.pending, steps()], [0, 1]);
  });
});

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { fakeClock } from "../../../test/support/clock.ts";
import { silentLog } from "../../log.ts";
import { Fleet } from "./fleet.ts";
import type { GuestProcess, ProcessRole } from "./guest-process.ts";
import { failedCall } from "./problems.ts";
import type { ProcessRequest } from "./process-queue.ts";

/** A process that is ready, or ends before, when the test says so. */
class FakeProcess {
  readonly #booting = Promise.withResolvers<boolean>();
  readonly ready = this.#booting.promise;
  readonly gone = Promise.resolve();
  role: ProcessRole | undefined;
  users = 0;
  draining = false;
  dead = false;
  isReady = false;
  busy = false;
  usedMs = 0;
  boundMs = 0;
  oldestCallMs: number | undefined;

  bind(role: ProcessRole): void {
    this.role = role;
  }

  stillRuns(): boolean {
    return !this.dead;
  }

  end(): void {
    this.dead = true;
  }

  complaint(): string {
    return "";
  }

  boots(ready: boolean): void {
    this.isReady = ready;
    this.dead = !ready;
    this.#booting.resolve(ready);
  }
}

function scene() {
  const clock = fakeClock();
  const booted: FakeProcess[] = [];
  const boot = (): GuestProcess => {
    const process = new FakeProcess();
    booted.push(process);
    return process as unknown as GuestProcess;
  };
  const fleet = new Fleet({ clock, log: silentLog, limits: { processes: 32, idleMs: 60_000 }, boot });
  const take = (tenant: string): ReturnType<Fleet["take"]> => {
    const request: ProcessRequest = {
      role: { tenant, lane: "pre", solo: false },
      beyond: false,
      signal: new AbortController().signal,
      waitMs: 1_000,
    };
    return fleet.take(request);
  };
  /** As its own end tells the fleet. */
  const dies = async (process: FakeProcess | undefined): Promise<void> => {
    process?.boots(false);
    fleet.ended(process as unknown as GuestProcess);
    await settled();
  };
  return { clock, fleet, booted, take, dies };
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const unavailable = failedCall("unavailable", "no process could be started: it ended at once");

describe("Fleet", () => {
  it("starts another process at once when one is killed as it starts, and the caller that waits for it notices nothing", async () => {
    const { booted, take, dies } = scene();
    const both = [take("a"), take("a")];
    await dies(booted[0]);
    assert.equal(booted.length, 2);
    booted[1]?.boots(true);
    assert.deepEqual(await Promise.all(both), [booted[1], booted[1]]);
  });

  it("counts processes that were starting when the first of them ended as one failure", async () => {
    const { booted, take, dies } = scene();
    const all = ["a", "b", "c"].map(take);
    await Promise.all(booted.map(dies));
    assert.equal(booted.length, 6);
    for (const process of booted.slice(3)) process.boots(true);
    assert.deepEqual(await Promise.all(all), booted.slice(3));
  });

  it("waits longer and longer when one after the other ends as it starts, and tells so", async () => {
    const { clock, booted, take, dies } = scene();
    const first = take("a");
    await dies(booted[0]);
    await dies(booted[1]);
    assert.deepEqual(await first, unavailable);
    assert.deepEqual(await take("a"), unavailable);
    assert.equal(booted.length, 2);
    for (const waitMs of [250, 500, 1_000]) {
      clock.advance(waitMs - 1);
      assert.deepEqual(await take("a"), unavailable);
      const before: number = booted.length;
      clock.advance(1);
      const again = take("a");
      assert.equal(booted.length, before + 1);
      await dies(booted.at(-1));
      assert.deepEqual(await again, unavailable);
    }
    clock.advance(2_000);
    const last = take("a");
    booted.at(-1)?.boots(true);
    assert.equal(await last, booted.at(-1));
  });

  it("makes spares again when calls come again, to a process that is there already", async () => {
    const { clock, fleet, booted, take, dies } = scene();
    const first = take("a");
    booted[0]?.boots(true);
    const taken = await first;
    await settled();
    clock.advance(10);
    assert.equal(booted.length, 2);
    // It boots, and ends, while nobody comes for as long as spares are kept.
    clock.advance(60_000);
    await dies(booted[1]);
    clock.advance(1_000);
    assert.equal(booted.length, 2);
    assert.equal(fleet.taken({ tenant: "a", lane: "pre", solo: false }), taken);
    clock.advance(10);
    assert.equal(booted.length, 3);
  });
});

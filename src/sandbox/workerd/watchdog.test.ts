import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { fakeClock } from "../../../test/support/clock.ts";
import { Watchdog, type WatchedProcess } from "./watchdog.ts";

const limits = { memoryBytes: 1_000, stallMs: 1_000 };

/** A process that behaves as the test says. */
class Pretended implements WatchedProcess {
  bytes = 100;
  computedMs = 0;
  isBusy = true;
  wantsProof = false;
  readonly pings: (() => void)[] = [];
  readonly proofs: number[] = [];
  readonly notes: string[] = [];
  memoryBytes = (): number => this.bytes;
  cpuMs = (): number => this.computedMs;
  busy = (): boolean => this.isBusy;
  unproven = (): boolean => this.wantsProof;
  proven = (sentMs: number): number => this.proofs.push(sentMs);
  tooLarge = (): void => void (this.notes.includes("large") || this.notes.push("large"));
  hogs = (does: boolean): number => this.notes.push(does ? "hogs" : "lets go");
  kill = (reason: string): number => this.notes.push(reason);
  ping = (): Promise<void> => new Promise((resolve) => this.pings.push(resolve));
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function watched() {
  const clock = fakeClock();
  const process = new Pretended();
  const watchdog = new Watchdog(process, limits, clock);
  watchdog.start();
  return { clock, process, watchdog };
}

describe("Watchdog", () => {
  it("kills what computes and answers nothing for as long as it may", () => {
    const { clock, process } = watched();
    clock.advance(200);
    assert.equal(process.pings.length, 1);
    process.computedMs = 1_000;
    clock.advance(950);
    assert.deepEqual(process.notes, []);
    clock.advance(100);
    assert.deepEqual(process.notes, ["stalled"]);
    assert.equal(clock.pending, 0);
  });

  it("waits five times as long for what computes little, as all do on a busy machine", () => {
    const { clock, process } = watched();
    clock.advance(200);
    process.computedMs = 900;
    clock.advance(4_900);
    assert.deepEqual(process.notes, []);
    clock.advance(200);
    assert.deepEqual(process.notes, ["stalled"]);
  });

  it("lets live what answers, however long it computes in all", async () => {
    const { clock, process } = watched();
    for (let round = 0; round < 20; round += 1) {
      clock.advance(900);
      process.computedMs += 900;
      for (const answer of process.pings.splice(0)) answer();
      await settled();
    }
    assert.deepEqual(process.notes, []);
  });

  it("takes what a call says for an answer, and then asks nothing", () => {
    const { clock, process, watchdog } = watched();
    for (let round = 0; round < 40; round += 1) {
      clock.advance(100);
      process.computedMs += 100;
      watchdog.alive();
    }
    assert.equal(process.pings.length, 0);
    assert.deepEqual(process.notes, []);
  });

  it("does not blame a process for what its own did not receive", () => {
    const { clock, process } = watched();
    clock.advance(200);
    process.computedMs = 5_000;
    // As when this process does something else for long: the timer comes late.
    const after = clock.after.bind(clock);
    Object.assign(clock, { after: (ms: number, run: () => void) => after(ms + 4_000, run) });
    clock.advance(50);
    Object.assign(clock, { after });
    clock.advance(4_100);
    assert.deepEqual(process.notes, []);
    clock.advance(1_000);
    assert.deepEqual(process.notes, ["stalled"]);
  });

  it("says when there is much memory, and kills when there is too much", () => {
    const { clock, process } = watched();
    process.bytes = 700;
    clock.advance(100);
    assert.deepEqual(process.notes, []);
    process.bytes = 701;
    clock.advance(50);
    assert.deepEqual(process.notes, ["large"]);
    process.bytes = 1_001;
    clock.advance(50);
    assert.deepEqual(process.notes, ["large", "memory"]);
    assert.equal(clock.pending, 0);
  });

  it("tells who takes a whole processor, and when that is over", () => {
    const { clock, process, watchdog } = watched();
    const look = (computedMs: number): void => {
      process.computedMs += computedMs;
      clock.advance(50);
      watchdog.alive();
    };
    look(50);
    look(20);
    look(40);
    assert.deepEqual(process.notes, [], "one look may be a moment's work");
    look(50);
    assert.deepEqual(process.notes, ["hogs"]);
    look(10);
    look(30);
    look(10);
    assert.deepEqual(process.notes, ["hogs"]);
    look(0);
    assert.deepEqual(process.notes, ["hogs", "lets go"]);
  });

  it("rests with its process, and asks at once when there is something to prove", async () => {
    const { clock, process, watchdog } = watched();
    process.isBusy = false;
    clock.advance(50);
    assert.equal(clock.pending, 0);
    process.isBusy = true;
    process.wantsProof = true;
    watchdog.start();
    watchdog.start();
    assert.equal(clock.pending, 1);
    clock.advance(50);
    process.pings[0]?.();
    await settled();
    assert.deepEqual(process.proofs, [clock.now()]);
    watchdog.stop();
    assert.equal(clock.pending, 0);
  });
});

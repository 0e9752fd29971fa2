import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type Entry, type Happening, History, readHistory } from "./history.ts";
import { judge } from "./judge.ts";

const expected = { nodes: ["one", "two"], database: "postgres", steady: ["/steady"], withinMs: 8_000 };

/** Each a second after the one before. */
function history(...happenings: readonly Happening[]): Entry[] {
  return happenings.map((happening, index) => ({ atMs: index * 1_000, ...happening }));
}

const asked = (event: string, resource = "job", to: readonly string[] = ["/steady"]): Happening => ({
  what: "asked",
  event,
  resource,
  to,
});
const acknowledged = (event: string): Happening => ({ what: "acknowledged", event });
const hurt = (who: string): Happening => ({ what: "hurt", who, how: "kill" });
const well = (who: string): Happening => ({ what: "well", who });
const armed: Happening = { what: "armed", subscription: "once", resources: ["job", "other"] };
const received = (
  event: string,
  sequence: number,
  more: Partial<Extract<Happening, { what: "received" }>> = {},
): Happening => ({
  what: "received",
  event,
  path: "/steady",
  delivery: `delivery-${sequence}`,
  sequence: String(sequence).padStart(4, "0"),
  thanked: true,
  ...more,
});
const once = { path: "/once", subscription: "once" };

const faultsOf = (...happenings: readonly Happening[]) => judge(history(...happenings), expected).faults;

describe("the judge of a history", () => {
  it("finds nothing wrong where all that was acknowledged has come, in order and in time", () => {
    const { faults, ...figures } = judge(
      history(
        armed,
        asked("a"),
        acknowledged("a"),
        received("a", 1, once),
        received("a", 1, { thanked: false }),
        received("a", 1),
        asked("b"),
        received("b", 2),
        asked("never acknowledged"),
        acknowledged("b"),
        asked("refused"),
        { what: "refused", event: "refused" },
      ),
      expected,
    );
    assert.deepEqual(faults, []);
    assert.deepEqual(figures, {
      acknowledged: 2,
      refused: 1,
      repeats: 1,
      fired: 1,
      waits: [
        { event: "b", path: "/steady", ms: 0, hurts: 0 },
        { event: "a", path: "/steady", ms: 2_000, hurts: 0 },
      ],
    });
  });

  it("finds a lost event: none came, none was taken, or not at all that should hear", () => {
    assert.deepEqual(faultsOf(asked("a"), acknowledged("a")), ["a was acknowledged, and never came to /steady"]);
    assert.deepEqual(faultsOf(asked("a"), acknowledged("a"), received("a", 1, { thanked: false })), [
      "a was acknowledged, and never came to /steady",
    ]);
    assert.deepEqual(faultsOf(asked("a", "job", ["/steady", "/other"]), acknowledged("a"), received("a", 1)), [
      "a was acknowledged, and never came to /other",
    ]);
  });

  it("finds an event that came though it was refused", () => {
    assert.deepEqual(faultsOf(asked("a"), { what: "refused", event: "a" }, received("a", 1)), [
      "a was refused, and came to /steady",
    ]);
  });

  it("finds a one-shot subscription that got two events, and one that got none", () => {
    const two = [asked("a"), acknowledged("a"), received("a", 1), asked("b"), acknowledged("b"), received("b", 2)];
    assert.deepEqual(faultsOf(armed, ...two, received("a", 1, once), received("a", 1, once)), []);
    assert.deepEqual(faultsOf(armed, ...two, received("a", 1, once), received("b", 2, once)), [
      "once is for one event, and got delivery-1, delivery-2",
    ]);
    assert.deepEqual(faultsOf(armed, ...two), ["once never got its event of job, other"]);
    assert.deepEqual(faultsOf(...two, armed), []);
  });

  it("finds an order that is broken, within a resource and not between two", () => {
    const first = [asked("a"), acknowledged("a"), received("a", 7)];
    assert.deepEqual(faultsOf(...first, asked("b"), acknowledged("b"), received("b", 5)), [
      "b has sequence 0005, and a before it 0007",
    ]);
    assert.deepEqual(faultsOf(...first, asked("b", "other"), acknowledged("b"), received("b", 5)), []);
    assert.deepEqual(
      faultsOf(asked("a"), asked("b"), acknowledged("a"), acknowledged("b"), received("a", 7), received("b", 5)),
      [],
    );
  });

  it("finds an event with two sequences, a sequence with two events, and one that nothing asked for", () => {
    assert.deepEqual(faultsOf(asked("a"), { what: "acknowledged", event: "a", sequence: "0002" }, received("a", 1)), [
      "a was acknowledged as 0002, and came as 0001",
    ]);
    assert.deepEqual(faultsOf(asked("a"), received("a", 1), received("a", 2)), ["a has sequences 0001, 0002"]);
    assert.deepEqual(faultsOf(asked("a"), asked("b"), received("a", 1), received("b", 1)), [
      "sequence 0001 has events a, b",
    ]);
    assert.deepEqual(faultsOf(received("a", 1)), ["a came, and no client asked for it"]);
  });

  it("finds one that is late, not counting when no node or no database was well", () => {
    const dull = Array.from({ length: 9 }, (_, index): Happening => asked(`dull ${index}`));
    const late = [asked("a"), acknowledged("a"), ...dull, received("a", 1)];
    assert.deepEqual(faultsOf(...late), ["a came to /steady 10000 ms after it was acknowledged"]);
    const between = (...middle: readonly Happening[]) =>
      judge(history(asked("a"), acknowledged("a"), ...middle, received("a", 1)), expected);
    const dark = between(hurt("postgres"), ...dull, well("postgres"));
    assert.deepEqual([dark.faults, dark.waits[0]?.ms, dark.waits[0]?.hurts], [[], 2_000, 1]);
    assert.deepEqual(between(hurt("one"), hurt("two"), ...dull, well("two"), well("one")).faults, []);
    assert.equal(between(hurt("one"), ...dull, well("one")).faults.length, 1);
  });

  it("reads what a run has written", () => {
    using run = new History();
    run.note(asked("a"));
    run.note(acknowledged("a"));
    assert.deepEqual(readHistory(run.file), run.entries);
    assert.deepEqual(judge(readHistory(run.file), expected).faults, ["a was acknowledged, and never came to /steady"]);
  });
});

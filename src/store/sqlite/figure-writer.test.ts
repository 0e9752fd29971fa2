import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { plannedStatements } from "../../../test/support/planned.ts";
import { Accepted } from "../sql/fold.ts";
import type { WireFigures } from "../sql/wire.ts";
import { FigureWriter } from "./figure-writer.ts";

const minuteMs = 60_000;
const dayMs = 1_440 * minuteMs;
const none: WireFigures = { counts: [], reasons: [] };
/** Two attempts to a subscription that does not matter here: one acknowledged, one refused. */
const two: WireFigures = {
  counts: [[7, 2, 1, 0, 5, 1, 6, 6, 500, 1]],
  reasons: [[7, "status", 1, 0]],
};

function accepted(events: number): Accepted {
  const all = new Accepted();
  for (let event = 0; event < events; event += 1) all.add({ tenant: "acme", counted: "bucket", row: [] });
  return all;
}

function scene() {
  const statements = plannedStatements();
  const read = (sql: string) => statements.all(sql).map((row) => Object.values(row));
  return {
    statements,
    usage: () => read("SELECT day, accepted FROM usage WHERE accepted > 0 ORDER BY day"),
    sent: () => read("SELECT attempts, delivered FROM usage WHERE attempts > 0"),
    minutes: () => read("SELECT at, events FROM stat_total WHERE span = 60 AND events > 0 ORDER BY at"),
    tallies: () => read("SELECT count(*) FROM tally").flat(),
  };
}

describe("tallies", () => {
  it("of a process that was killed are folded by the next one, once", () => {
    const { statements, usage, sent, tallies } = scene();
    const killed = new FigureWriter(statements);
    assert.equal(killed.keep(accepted(3), two, 0), false);
    assert.deepEqual(usage(), []);
    const next = new FigureWriter(statements);
    assert.equal(next.isBehind, true);
    assert.equal(next.keep(accepted(1), none, 0), true, "with its first commit");
    next.fold();
    next.fold();
    assert.deepEqual([usage(), sent(), tallies()], [[["1970-01-01", 4]], [[2, 1]], [0]]);
    assert.equal(new FigureWriter(statements).isBehind, false);
  });

  it("are folded after 64 commits, or 512 counts", () => {
    const { statements, tallies } = scene();
    const writer = new FigureWriter(statements);
    const commits = (figures: WireFigures): number => {
      for (let made = 1; ; made += 1) {
        if (!writer.keep(accepted(1), figures, 0)) continue;
        writer.fold();
        return made;
      }
    };
    assert.equal(commits(none), 64);
    assert.equal(commits({ counts: Array.from({ length: 255 }, () => [7, 1]), reasons: [] }), 2);
    assert.deepEqual(tallies(), [0]);
    writer.keep(accepted(0), none, 0);
    assert.equal(writer.isBehind, false, "a commit that counts nothing keeps none");
  });

  it("count under their own time, also when the clock is set back", () => {
    const { statements, usage, minutes } = scene();
    const writer = new FigureWriter(statements);
    for (const atMs of [0, minuteMs, 0, dayMs, minuteMs]) writer.keep(accepted(1), none, atMs);
    writer.fold();
    assert.deepEqual(usage(), [
      ["1970-01-01", 4],
      ["1970-01-02", 1],
    ]);
    assert.deepEqual(minutes(), [
      [0, 2],
      [1, 2],
      [1440, 1],
    ]);
  });

  it("are folded again after a transaction that folded them was undone", () => {
    const { statements, usage } = scene();
    const writer = new FigureWriter(statements);
    writer.keep(accepted(1), none, 0);
    statements.prepare("BEGIN").run();
    writer.keep(accepted(1), none, 0);
    writer.fold();
    statements.prepare("ROLLBACK").run();
    writer.forget();
    assert.equal(writer.keep(accepted(1), none, 0), true);
    writer.fold();
    assert.deepEqual(usage(), [["1970-01-01", 2]]);
  });

  it("are folded without going through a whole table but theirs", () => {
    const { statements } = scene();
    const writer = new FigureWriter(statements);
    writer.keep(accepted(1), two, 0);
    writer.fold();
    assert.deepEqual(
      statements.scans.filter((scan) => !/FROM tally/.test(scan)),
      [],
    );
  });
});

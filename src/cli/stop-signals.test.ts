import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { StopWishes } from "./stop-signals.ts";

describe("signals that ask to stop", () => {
  it("mean one wish when they come together, and impatience later, but for the end of a terminal", () => {
    let now = 1_000;
    const wishes = new StopWishes(() => now);
    assert.equal(wishes.heard("SIGINT"), "gracefully");
    now += 20;
    assert.equal(wishes.heard("SIGINT"), "gracefully", "the same Ctrl-C, passed on by npm");
    now += 600;
    assert.equal(wishes.heard("SIGHUP"), "gracefully");
    assert.equal(wishes.heard("SIGTERM"), "at once");
  });
});

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { StopRequests } from "./stop-signals.ts";

describe("signals that ask to stop", () => {
  it("mean one request when they come together, and impatience later, but for the end of a terminal", () => {
    let now = 1_000;
    const requests = new StopRequests(() => now);
    assert.equal(requests.received("SIGINT"), "gracefully");
    now += 20;
    assert.equal(requests.received("SIGINT"), "gracefully", "the same Ctrl-C, passed on by npm");
    now += 600;
    assert.equal(requests.received("SIGHUP"), "gracefully");
    assert.equal(requests.received("SIGTERM"), "at once");
  });
});

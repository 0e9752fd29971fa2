import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { stored } from "../../test/support/stored.ts";
import type { Uuid } from "./ids.ts";
import { pastStateAt } from "./past-state.ts";
import type { Subscription } from "./subscription.ts";

const scope = "b-101" as Uuid;

function now(over: Partial<Subscription> = {}): Subscription {
  return {
    uuid: "s-011" as Uuid,
    number: 1,
    tenant: "acme",
    face: "objects",
    scope,
    event: "*",
    filter: stored("size > 1"),
    target: { kind: "email", address: stored("a@b.example") },
    policy: { maxRetries: 3, scheduleMs: [1], jitter: 0 },
    enabled: true,
    owner: "ada",
    createdMs: 100,
    updatedMs: 100,
    fromRevision: 5,
    revision: 5,
    ...over,
  };
}

const event = { revision: 7, sequence: 70, timeMs: 700 };
const version = { scope, event: "*", filter: stored("size > 1") };

describe("how a subscription stood", () => {
  it("is as it is now when nothing of it changed since", () => {
    assert.deepEqual(pastStateAt(event, now(), {}), { standing: "live", version });
    assert.equal(pastStateAt(event, now({ enabled: false }), {}).standing, "disabled");
    assert.equal(pastStateAt(event, now({ unconfirmed: true }), {}).standing, "unconfirmed");
  });

  it("is what is kept of then when it was changed since", () => {
    const changed = now({ fromRevision: 9, revision: 9, filter: stored("key = 'x'") });
    assert.deepEqual(pastStateAt(event, changed, { version, fromRevision: 5 }), { standing: "live", version });
    const off = { ...version, off: "disabled" as const };
    assert.equal(pastStateAt(event, changed, { version: off, fromRevision: 5 }).standing, "disabled");
  });

  it("is not known when that was too long ago, and nothing before it was made", () => {
    const changed = now({ fromRevision: 9, revision: 9 });
    assert.equal(pastStateAt(event, changed, { fromRevision: 8 }).standing, "unknown");
    assert.equal(pastStateAt(event, now({ fromRevision: 9, revision: 9, createdMs: 700 }), {}).standing, "not_made");
  });

  it("is over once it was deleted, its scope was, or an event took it", () => {
    assert.equal(pastStateAt(event, now({ deletedMs: 600, revision: 7 }), {}).standing, "deleted");
    assert.equal(pastStateAt(event, now({ deletedMs: 800, revision: 8 }), {}).standing, "unknown");
    assert.equal(pastStateAt(event, now({ endedMs: 600, revision: 6 }), {}).standing, "ended");
    assert.equal(pastStateAt(event, now({ once: true, taken: 69 }), {}).standing, "taken");
    assert.equal(pastStateAt(event, now({ once: true, taken: 70 }), {}).standing, "live", "by this very event");
    const off = { ...version, off: "taken" as const };
    assert.equal(pastStateAt(event, now({ once: true, taken: 71 }), { version: off }).standing, "live");
  });
});

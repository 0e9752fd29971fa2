import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { aSubscription } from "../../test/conformance/store/given.ts";
import { stored } from "../../test/support/stored.ts";
import type { Uuid } from "../domain/ids.ts";
import type { Subscription } from "../domain/subscription.ts";
import { notificationStatusOf, retryOf, urlOf } from "./facts.ts";

const plain: Subscription = {
  ...aSubscription("0001409758089943-5056a550b8-0001-002" as Uuid),
  number: 1,
  updatedMs: 0,
  fromRevision: 1,
  revision: 1,
};

describe("a subscription", () => {
  const cases: readonly (readonly [string, Partial<Subscription>, string])[] = [
    ["that listens", {}, "ACTIVE"],
    ["that was taken, and nobody knows yet what comes of it", { once: true, taken: 1 }, "ACTIVE"],
    ["whose event was acknowledged", { once: true, taken: 1, outcome: "complete" }, "COMPLETE"],
    ["whose event was given up", { once: true, taken: 1, outcome: "failed" }, "FAILED"],
    ["that is disabled", { enabled: false }, "INACTIVE"],
    ["to which nobody agreed yet", { unconfirmed: true }, "INACTIVE"],
    ["whose scope is gone", { endedMs: 1 }, "INACTIVE"],
    ["that was deleted, whatever came of it", { deletedMs: 1, outcome: "complete" }, "INACTIVE"],
  ];
  for (const [what, over, is] of cases) {
    it(`${what} is ${is}`, () => assert.equal(notificationStatusOf({ ...plain, ...over }), is));
  }

  it("shows where it goes", () => {
    assert.equal(
      urlOf({ target: { kind: "email", address: stored("a+${EVENT}@example.com") } }),
      "a+${EVENT}@example.com",
    );
    assert.equal(urlOf({ target: { kind: "function", function: 7 } }), "function:7");
  });

  it("tells of a policy of another face what comes nearest", () => {
    const shown = (maxRetries: number, scheduleMs: readonly number[]) => {
      const { retryStrategy, retryLimit, retryRate, retryDelay } = retryOf({
        target: { kind: "function", function: 7 },
        policy: { maxRetries, scheduleMs, jitter: 0 },
      });
      return [retryStrategy, retryLimit, retryDelay, retryRate];
    };
    assert.deepEqual(shown(0, [5_000]), ["NONE", 0, 0, 5]);
    assert.deepEqual(shown(3, [0, 5_000]), ["IMMEDIATE", 3, 0, 5]);
    assert.deepEqual(shown(3, [1, 2]), ["DELAYED", 3, 1, 1]);
    assert.deepEqual(shown(9_999, [5_000, 10_800_000]), ["DELAYED", 1440, 5, 10_800]);
  });
});

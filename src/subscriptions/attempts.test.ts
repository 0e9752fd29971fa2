import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { anEvent, aSubscription } from "../../test/conformance/store/given.ts";
import { stored } from "../../test/support/stored.ts";
import type { Uuid } from "../domain/ids.ts";
import { resourceKinds } from "../domain/notifications/resource-kinds.ts";
import type { Subscription } from "../domain/subscription.ts";
import type { Delivery } from "../store/store.ts";
import { attemptFacts } from "./attempts.ts";

const file = "0001409758089943-5056a550b8-0001-002" as Uuid;
const deps = { kinds: resourceKinds(), publicUrl: () => "https://signalbox.example" };
const hidden = {
  bucket: "b",
  key: "secret plans.txt",
  size: 1,
  eTag: "e",
  contentType: "text/plain",
  lastModifiedMs: 0,
};
const event = { ...anEvent(file, { names: { notifications: "MOVED" }, data: hidden }), sequence: 7, revision: 1 };

function subscribed(url: string): Subscription {
  const made = aSubscription(file, { face: "notifications" });
  const target = {
    kind: "webhook",
    url: stored(url),
    ack: "2xx",
    timeoutMs: 1,
    fields: [],
    format: "resource",
    sealed: "",
  } as const;
  return { ...made, target, number: 3, updatedMs: 0, fromRevision: 1, revision: 1 };
}

function delivery(over: Partial<Delivery>): Delivery {
  const { uuid, target } = subscribed("");
  return {
    event,
    subscription: uuid,
    number: 3,
    face: "notifications",
    target,
    status: "waiting",
    attempts: 0,
    ...over,
  };
}

describe("an attempt", () => {
  const url = "https://hooks.example.com/?of=${PATH}";

  it("shows what the macros stood for once it was sent", () => {
    const last = { number: 1, startedMs: 5, durationMs: 2, status: 200 };
    const facts = attemptFacts(deps, subscribed(url), delivery({ status: "delivered", attempts: 1, last }));
    assert.equal(facts.url, "https://hooks.example.com/?of=secret%20plans.txt");
    assert.deepEqual([facts.status, facts.startMs, facts.endMs, facts.code], ["DELIVERED", 5, 7, 200]);
  });

  it("does not before: a subscriber who lost sight of the resource would learn it here", () => {
    const lost = attemptFacts(deps, subscribed(url), delivery({ status: "dead", reason: "not_visible" }));
    assert.deepEqual([lost.url, lost.status, lost.message], [url, "FAILED", "not_visible"]);
    assert.equal(JSON.stringify(lost).includes("secret"), false);
    const waiting = attemptFacts(deps, subscribed(url), delivery({ dueMs: 9 }));
    assert.deepEqual([waiting.url, waiting.status, waiting.nextMs], [url, "WAITING", 9]);
  });
});

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { stored } from "../../../test/support/stored.ts";
import { parseEgressAllow } from "../../domain/egress.ts";
import { anyResource, type Uuid } from "../../domain/ids.ts";
import type { Subscription } from "../../domain/subscription.ts";
import { parseWebhookUrl } from "../../domain/webhook-url.ts";
import { SignalboxError } from "../../errors.ts";
import { readNotificationRequest } from "./read.ts";

const egressAllow = parseEgressAllow([]);
const own = { kind: "none", why: "is required: you have no address of your own:" } as const;
const file = "0001409758089943-5056a550b8-0001-002";
const body = { url: "https://hooks.example.com/", event: "OVERWRITTEN", associatedUuid: file };

const before: Subscription = {
  uuid: "01890000-0000-7000-8000-000000000000-011" as Uuid,
  number: 1,
  tenant: "default",
  face: "notifications",
  scope: file as Uuid,
  event: "DELETED",
  target: {
    kind: "webhook",
    url: stored("https://a.example/"),
    ack: "2xx",
    timeoutMs: 10_000,
    fields: [],
    format: "resource",
    sealed: "",
  },
  policy: { maxRetries: 2, scheduleMs: [1_500, 60_000], jitter: 0 },
  enabled: true,
  owner: "ada",
  createdMs: 0,
  updatedMs: 0,
  fromRevision: 1,
  revision: 1,
};

function problemsOf(said: unknown, more: object = {}): readonly string[] {
  try {
    readNotificationRequest(said, { egressAllow, own, ...more });
    return [];
  } catch (thrown) {
    assert.ok(thrown instanceof SignalboxError, String(thrown));
    assert.equal(thrown.code, "invalid_request");
    assert.ok(thrown.fields.length > 0 && thrown.fields.length <= 20);
    return thrown.fields.map(({ path }) => path);
  }
}

describe("a requested subscription", () => {
  it("has its defaults", () => {
    assert.deepEqual(readNotificationRequest(body, { egressAllow, own }), {
      target: { kind: "webhook", ...parseWebhookUrl(body.url, { egressAllow }) },
      event: "OVERWRITTEN",
      scope: file,
      named: true,
      persistent: false,
      retry: { retryStrategy: "IMMEDIATE", retryLimit: 5, retryRate: 5, retryDelay: 0, saveOnFailure: false },
      batch: null,
    });
    assert.equal(readNotificationRequest({ ...body, associatedUuid: "*" }, { egressAllow, own }).scope, anyResource);
  });

  it("keeps a target whose url is sent back as it was shown", () => {
    const same = { kind: "same" };
    assert.deepEqual(
      readNotificationRequest({ ...body, url: "https://a.example/" }, { egressAllow, own, before }).target,
      same,
    );
    const running: Subscription = { ...before, target: { kind: "function", function: 7 } };
    assert.deepEqual(
      readNotificationRequest({ ...body, url: "function:7" }, { egressAllow, own, before: running }).target,
      same,
    );
    assert.deepEqual(problemsOf({ ...body, url: "function:8" }, { before: running }), ["url"]);
  });

  it("sends mail to the own address where no url is given", () => {
    const ada = { egressAllow, own: { kind: "known", address: stored("ada@example.com") } } as const;
    const address = { kind: "email", address: "ada@example.com" };
    for (const url of ["", " ", null, undefined])
      assert.deepEqual(readNotificationRequest({ ...body, url }, ada).target, address);
    assert.deepEqual(readNotificationRequest({ ...body, url: "" }, { ...ada, before }).target, address);
    assert.deepEqual(readNotificationRequest({ url: "" }, { ...ada, before, merging: true }).target, address);
    assert.deepEqual(readNotificationRequest({}, { ...ada, before, merging: true }).target, { kind: "same" });
  });

  it("leaves what is left out as it was, when it is merged", () => {
    const merged = { egressAllow, own, before, merging: true };
    // What comes nearest to what another face asked for.
    const retry = { retryStrategy: "DELAYED", retryLimit: 2, retryRate: 60, retryDelay: 2, saveOnFailure: false };
    const of = { event: "DELETED", scope: file, named: false, persistent: true };
    const kept = { target: { kind: "same" }, ...of, retry, batch: "same" };
    assert.deepEqual(readNotificationRequest({}, merged), kept);
    assert.deepEqual(readNotificationRequest(undefined, merged), kept);
    assert.deepEqual(readNotificationRequest({ policy: { RetryStrategyType: "exponential" } }, merged).retry, {
      ...retry,
      retryStrategy: "EXPONENTIAL",
    });
    assert.deepEqual(problemsOf({}, { before }), ["url", "event", "associatedUuid"]);
  });

  it("is refused with a sentence about a field, whatever is said", () => {
    const names = fc.constantFrom(
      "url",
      "event",
      "associatedUuid",
      "persistent",
      "policy",
      "batch",
      "URL",
      "status",
      "__proto__",
    );
    const values = fc.oneof(fc.jsonValue(), fc.constantFrom(body.url, "*", file, "", null, "a@b.example"));
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.oneof(names, fc.string()), values)), fc.boolean(), (entries, merging) => {
        problemsOf(Object.fromEntries(entries), { before, merging });
      }),
    );
    fc.assert(fc.property(fc.jsonValue(), (said) => void problemsOf(said)));
  });
});

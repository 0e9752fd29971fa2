import assert from "node:assert/strict";
import type { IncomingHttpHeaders, OutgoingHttpHeaders } from "node:http";
import { describe, it } from "node:test";
import { anEvent, uuid as anId, aSubscription } from "../../test/conformance/store/given.ts";
import { fakeClock } from "../../test/support/clock.ts";
import { type Asked, ways } from "../../test/support/egress.ts";
import { bodyOf, httpListener } from "../../test/support/listeners.ts";
import { stored } from "../../test/support/stored.ts";
import { type Clock, systemClock } from "../clock.ts";
import { parseEgressAllow } from "../domain/egress.ts";
import { resourceKinds } from "../domain/notifications/resource-kinds.ts";
import { newSigningSecret } from "../domain/signature.ts";
import { sendsToWebhook, type WebhookSubscription } from "../domain/subscription.ts";
import { type Egress, egress as egressOf } from "./egress.ts";
import type { AttemptResult } from "./target.ts";
import { webhookTargets } from "./webhook.ts";

const scope = anId("bucket");
const event = { ...anEvent(scope), sequence: 255, revision: 1 };
const signing = [{ secret: newSigningSecret(new Uint8Array(32).fill(3)) }];
const agreed = { "webhook-allowed-origin": "signalbox.example" };

interface Got {
  readonly method: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

interface Setting {
  readonly egress: Egress;
  readonly clock?: Clock;
  readonly over?: Partial<WebhookSubscription>;
  readonly answer?: () => readonly [status: number, headers: OutgoingHttpHeaders];
}

/** A receiver that answers OPTIONS so, and a target that asks it. */
async function opened({ egress, clock = systemClock, over = {}, answer = () => [200, agreed] }: Setting) {
  const got: Got[] = [];
  const server = await httpListener((request, response) => {
    const { method = "", headers } = request;
    void bodyOf(request).then((body) => {
      got.push({ method, headers, body });
      const [status, own] = method === "OPTIONS" ? answer() : [200, {}];
      response.writeHead(status, own).end();
    });
  });
  const made = { ...aSubscription(scope), number: 1, updatedMs: 0, fromRevision: 1, revision: 1, ...over };
  assert.ok(sendsToWebhook(made));
  const url = stored(`http://127.0.0.1:${server.port}/hook?a=1`);
  const target = webhookTargets({
    egress,
    clock,
    open: () => ({ signing, auth: { type: "bearer", token: "hush" }, headers: { "x-own": "hush" } }),
    eventSource: "signalbox",
    kinds: resourceKinds(),
    publicUrl: () => "http://Signalbox.example:8080/base",
  })({ ...made, target: { ...made.target, url, handshake: true } });
  const attempt = (): Promise<AttemptResult> => target.attempt({ uuid: anId("delivery"), event, attempt: 1 });
  return { got, target, attempt, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

for (const way of ways) {
  describe(`the handshake, ${way.name},`, () => {
    const open = (): Asked => way.open({});

    it("comes before the first post, once for all that wait, without what is secret", async () => {
      await using egress = open();
      await using scene = await opened({ egress });
      const results = await Promise.all([scene.attempt(), scene.attempt(), scene.attempt()]);
      assert.ok(results.every(({ outcome }) => outcome.kind === "delivered"));
      assert.deepEqual(
        scene.got.map(({ method }) => method),
        ["OPTIONS", "POST", "POST", "POST"],
      );
      const [asked] = scene.got;
      assert.equal(asked?.headers["webhook-request-origin"], "signalbox.example");
      assert.equal(asked?.headers["webhook-request-rate"], undefined);
      assert.doesNotMatch(JSON.stringify(asked), /hush|webhook-signature|webhook-id/);
      assert.equal(asked?.body, "");
      assert.equal(scene.target.perSecond, Number.POSITIVE_INFINITY);
    });

    it("lets none through faster than was agreed to, and says how fast its owner would be", async () => {
      await using egress = open();
      const answer = () => [204, { "webhook-allowed-origin": "*", "webhook-allowed-rate": "120" }] as const;
      await using scene = await opened({ egress, answer, over: { pace: { maxPerSecond: 5 } } });
      const results = await Promise.all([scene.attempt(), scene.attempt(), scene.attempt()]);
      assert.deepEqual(
        results.map(({ outcome }) => outcome),
        [
          { kind: "delivered" },
          { kind: "later", reason: "rate_limited", waitMs: 500 },
          { kind: "later", reason: "rate_limited", waitMs: 1_000 },
        ],
      );
      assert.deepEqual(
        scene.got.map(({ method }) => method),
        ["OPTIONS", "POST"],
      );
      assert.equal(scene.got[0]?.headers["webhook-request-rate"], "300");
      assert.equal(scene.target.perSecond, 2);
    });
  });
}

const inThread = ways[0];
assert.ok(inThread !== undefined);

describe("the handshake", () => {
  it("fails the attempt, with nothing posted, when the receiver has not agreed", async () => {
    const table: readonly (readonly [status: number, headers: OutgoingHttpHeaders, said: RegExp])[] = [
      [405, {}, /OPTIONS was answered 405/],
      [302, { location: "/", ...agreed }, /OPTIONS was answered 302/],
      [200, {}, /has no WebHook-Allowed-Origin/],
      [200, { "webhook-allowed-origin": "other.example" }, /is neither \* nor signalbox\.example/],
      [200, { ...agreed, "webhook-allowed-rate": "0" }, /Rate is neither \* nor a number from 1/],
      [200, { ...agreed, "webhook-allowed-rate": "1e9" }, /Rate is neither/],
      [200, { ...agreed, "webhook-allowed-rate": "99999999999999999999" }, /Rate is neither/],
    ];
    for (const [status, headers, said] of table) {
      await using egress = inThread.open({});
      await using scene = await opened({ egress, answer: () => [status, headers] });
      const result = await scene.attempt();
      assert.deepEqual([result.outcome, result.status], [{ kind: "failed", reason: "status" }, status]);
      assert.match(result.message ?? "", said);
      assert.deepEqual(
        scene.got.map(({ method }) => method),
        ["OPTIONS"],
      );
    }
  });

  it("is tried again with the next attempt, as late as a busy receiver asks", async () => {
    await using egress = inThread.open({});
    let answers: readonly [number, OutgoingHttpHeaders] = [429, { "retry-after": "7" }];
    await using scene = await opened({ egress, answer: () => answers });
    const { outcome } = await scene.attempt();
    assert.deepEqual(outcome, { kind: "failed", reason: "status", busy: true, retryAfterMs: 7_000 });
    answers = [200, agreed];
    assert.equal((await scene.attempt()).outcome.kind, "delivered");
  });

  it("is asked for again after an hour", async () => {
    const clock = fakeClock();
    await using egress = egressOf({ allow: parseEgressAllow(["127.0.0.1"]), clock });
    await using scene = await opened({ egress, clock });
    await scene.attempt();
    clock.advance(3_599_999);
    await scene.attempt();
    clock.advance(1);
    await scene.attempt();
    assert.deepEqual(
      scene.got.map(({ method }) => method),
      ["OPTIONS", "POST", "POST", "OPTIONS", "POST"],
    );
  });
});

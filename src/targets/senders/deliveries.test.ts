/** Signed deliveries by senders, as the engine makes them. */
import assert from "node:assert/strict";
import type { IncomingHttpHeaders } from "node:http";
import { describe, it } from "node:test";
import { anEvent, uuid as anId, aSubscription } from "../../../test/conformance/store/given.ts";
import { bodyOf, httpListener, type Listener } from "../../../test/support/listeners.ts";
import { stored } from "../../../test/support/stored.ts";
import { systemClock } from "../../clock.ts";
import { parseEgressAllow } from "../../domain/egress.ts";
import type { Event } from "../../domain/event.ts";
import { resourceKinds } from "../../domain/notifications/resource-kinds.ts";
import { newSigningSecret, type SignedHeaders, verify } from "../../domain/signature.ts";
import { sendsToWebhook, type TargetSecrets } from "../../domain/subscription.ts";
import { silentLog } from "../../log.ts";
import type { Egress } from "../egress.ts";
import type { AttemptResult, PreparedTarget } from "../target.ts";
import { webhookTargets } from "../webhook.ts";
import { senders } from "./senders.ts";

const [secret, older] = [3, 4].map((byte) => newSigningSecret(new Uint8Array(32).fill(byte)));
assert.ok(secret !== undefined && older !== undefined);
const scope = anId("bucket");

/** So many under way at once. */
const atOnce = 64;

function targetAt(port: number, out: Egress, secrets: Partial<TargetSecrets> = {}): PreparedTarget {
  const subscription = { ...aSubscription(scope), number: 1, updatedMs: 0, fromRevision: 1, revision: 1 };
  assert.ok(sendsToWebhook(subscription));
  const target = {
    ...subscription.target,
    url: stored(`http://127.0.0.1:${port}/hook?ä=1`),
    format: "object" as const,
  };
  return webhookTargets({
    egress: out,
    clock: systemClock,
    open: () => ({ signing: [{ secret: secret ?? "" }], ...secrets }),
    eventSource: "signalbox",
    kinds: resourceKinds(),
    publicUrl: () => "http://signalbox.example",
  })({ ...subscription, face: "objects", target });
}

function eventOf(nth: number): Event {
  const data = {
    bucket: "b",
    key: `${["plain", "grün", "日本", "a\u2028b", "💡"][nth % 5]} ${nth}`,
    size: nth,
    eTag: "e",
    contentType: "a/b",
    reason: "PutObject",
  };
  const event = anEvent(scope);
  const names = { objects: "OBJECT_CREATED_PUT" };
  return {
    ...event,
    names,
    sequence: nth,
    revision: 1,
    data: { ...event.data, ...data, lastModifiedMs: 0, userMetadata: {}, tags: {} },
  };
}

describe("deliveries by senders", () => {
  it("arrive ten thousand times, each once, with true signatures", async () => {
    const count = 10_000;
    const heard = new Map<string, string>();
    const wrong: string[] = [];
    const hear = (headers: IncomingHttpHeaders, body: string): void => {
      const id = String(headers["webhook-id"]);
      const nowMs = systemClock.now();
      for (const one of [secret, older]) {
        const verdict = verify([one], headers as SignedHeaders, body, { nowMs });
        if (verdict.kind !== "ok") wrong.push(`${id}: ${verdict.why}`);
      }
      if (heard.has(id)) wrong.push(`${id} came twice`);
      const { events } = JSON.parse(body) as {
        readonly events: readonly { readonly object: { readonly key: string } }[];
      };
      heard.set(id, events[0]?.object.key ?? "");
    };
    const listen = (): Promise<Listener> =>
      httpListener((request, response) => {
        void bodyOf(request).then((body) => {
          hear(request.headers, body);
          response.end("thanks");
        });
      });
    // Enough for both senders to have some.
    await using receivers = new AsyncDisposableStack();
    const places = await Promise.all(Array.from({ length: 6 }, async () => receivers.use(await listen())));
    await using out = senders({ count: 2, allow: parseEgressAllow(["127.0.0.1"]), clock: systemClock, log: silentLog });
    const signing = [{ secret }, { secret: older }];
    const targets = places.map(({ port }) => targetAt(port, out, { signing, headers: { "x-own": "é" } }));

    const results: AttemptResult[] = [];
    const { promise, resolve } = Promise.withResolvers<void>();
    let begun = 0;
    const next = (): void => {
      if (begun === count) return;
      const nth = begun;
      begun += 1;
      const attempted = (result: AttemptResult): void => {
        results.push(result);
        if (results.length === count) resolve();
        next();
      };
      const delivery = { uuid: `dlv-${nth}`, event: eventOf(nth), attempt: 1, attempted };
      targets[nth % targets.length]?.begin?.(delivery);
    };
    for (let one = 0; one < atOnce; one += 1) next();
    await promise;

    assert.deepEqual(wrong, []);
    assert.equal(heard.size, count);
    for (let nth = 0; nth < count; nth += 1) assert.equal(heard.get(`dlv-${nth}`), eventOf(nth).data["key"]);
    const unlike = results.filter(
      ({ outcome, status, snippet }) => outcome.kind !== "delivered" || status !== 200 || snippet !== "thanks",
    );
    assert.deepEqual(unlike, []);
    const connections = places.reduce((sum, { sockets }) => sum + sockets.length, 0);
    assert.ok(connections <= 2 * atOnce, `${connections} connections for ${atOnce} at once`);
  });

  it("say what they saw on the wire where they failed, by the clock of the main thread", async () => {
    await using server = await httpListener((_request, response) =>
      response.writeHead(500, { "x-why": "ü" }).end("no"),
    );
    await using out = senders({ count: 1, allow: parseEgressAllow(["127.0.0.1"]), clock: systemClock, log: silentLog });
    const target = targetAt(server.port, out);
    const { outcome, status, wire, durationMs } = await target.attempt({ uuid: "dlv", event: eventOf(1), attempt: 1 });
    assert.deepEqual([outcome, status], [{ kind: "failed", reason: "status" }, 500]);
    assert.equal(wire?.address, "127.0.0.1");
    assert.equal(wire.headers?.find(([name]) => name === "x-why")?.[1], "ü");
    const { firstByteMs = -1 } = wire;
    assert.ok(firstByteMs >= 0 && firstByteMs <= durationMs + 1, `first byte after ${firstByteMs} of ${durationMs} ms`);
  });
});

/** Formats and compression by every way out: what arrives is what was signed, and what is shown of it. */
import assert from "node:assert/strict";
import type { IncomingHttpHeaders } from "node:http";
import { describe, it } from "node:test";
import { gunzipSync } from "node:zlib";
import { anEvent, uuid as anId, aSubscription } from "../../test/conformance/store/given.ts";
import { ways } from "../../test/support/egress.ts";
import { httpListener } from "../../test/support/listeners.ts";
import { stored } from "../../test/support/stored.ts";
import { systemClock } from "../clock.ts";
import { resourceKinds } from "../domain/notifications/resource-kinds.ts";
import { newSigningSecret, type SignedHeaders, verify } from "../domain/signature.ts";
import { sendsToWebhook, type WebhookTarget } from "../domain/subscription.ts";
import type { Egress } from "./egress.ts";
import { webhookTargets } from "./webhook.ts";

const scope = anId("bucket");
const secret = newSigningSecret(new Uint8Array(32).fill(3));
const data = { bucket: "b", key: "ü 日本 💡".repeat(30), size: 1, eTag: "e", reason: "PutObject", lastModifiedMs: 0 };
const names = { objects: "OBJECT_CREATED_PUT" };
const event = { ...anEvent(scope), names, data, sequence: 255, revision: 1 };

const made = { ...aSubscription(scope), number: 1, updatedMs: 0, fromRevision: 1, revision: 1 };
const delivery = { uuid: anId("delivery"), event, attempt: 1 };

interface Arrived {
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** What a receiver gets of one delivery, and what is shown of it. */
async function sent(egress: Egress, over: Partial<WebhookTarget>) {
  const arrived: Arrived[] = [];
  await using server = await httpListener((request, response) => {
    const parts: Buffer[] = [];
    request.on("data", (part: Buffer) => void parts.push(part));
    request.on("end", () => {
      arrived.push({ headers: request.headers, body: Buffer.concat(parts) });
      response.end();
    });
  });
  assert.ok(sendsToWebhook(made));
  const url = stored(`http://127.0.0.1:${server.port}/`);
  const target = webhookTargets({
    egress,
    clock: systemClock,
    open: () => ({ signing: [{ secret }] }),
    eventSource: "signalbox",
    kinds: resourceKinds(),
    publicUrl: () => "http://signalbox.example",
  })({ ...made, face: "objects", target: { ...made.target, url, format: "object", ...over } });
  const { outcome, startedMs } = await target.attempt(delivery);
  assert.equal(outcome.kind, "delivered");
  const shown = await target.sent(delivery, { startedMs, revision: 1, unchanged: true });
  assert.ok(shown?.kind === "request");
  const [got] = arrived;
  assert.ok(got !== undefined && arrived.length === 1);
  return { got, shown: shown.request };
}

for (const way of ways) {
  describe(`a webhook's body, ${way.name},`, () => {
    for (const sentAs of [undefined, "s3", "cloudevents", "cloudevents-binary"] as const) {
      it(`is signed as it is sent, compressed or not: ${sentAs ?? "signalbox"}`, async () => {
        await using egress = way.open({});
        const named = sentAs === undefined ? {} : { sentAs };
        const plain = await sent(egress, named);
        const packed = await sent(egress, { ...named, compression: "gzip" });
        for (const { got, shown } of [plain, packed]) {
          const { headers, body } = got;
          const signed = headers as unknown as SignedHeaders;
          assert.deepEqual(verify([secret], signed, body, { nowMs: Date.now() }), { kind: "ok" });
          assert.equal(headers["content-length"], String(body.length));
          const own = Object.fromEntries(shown.headers);
          assert.deepEqual({ ...headers }, own, "what is shown is what arrived, signature included");
        }
        assert.equal(plain.got.headers["content-encoding"], undefined);
        assert.equal(packed.got.headers["content-encoding"], "gzip");
        assert.ok(packed.got.body.length < plain.got.body.length);
        for (const body of [gunzipSync(packed.got.body).toString(), plain.shown.body, packed.shown.body]) {
          assert.equal(body, plain.got.body.toString());
        }
      });
    }
  });
}

import assert from "node:assert/strict";
import type { IncomingHttpHeaders } from "node:http";
import { describe, it } from "node:test";
import { anEvent, uuid as anId, aSubscription } from "../../test/conformance/store/given.ts";
import { fakeClock } from "../../test/support/clock.ts";
import { httpListener } from "../../test/support/listeners.ts";
import { stored } from "../../test/support/stored.ts";
import { parseEgressAllow } from "../domain/egress.ts";
import { resourceKinds } from "../domain/notifications/resource-kinds.ts";
import { newSigningSecret } from "../domain/signature.ts";
import { sendsToWebhook, type TargetSecrets } from "../domain/subscription.ts";
import { egress } from "./egress.ts";
import { webhookTargets } from "./webhook.ts";

const secret = newSigningSecret(new Uint8Array(32).fill(3));

/** What is kept of the answer of a receiver that says what `say` makes of the headers that it got. */
async function echo(
  secrets: Partial<TargetSecrets>,
  say: (headers: IncomingHttpHeaders) => string,
): Promise<string | undefined> {
  await using server = await httpListener((request, response) => {
    response.statusCode = 500;
    response.end(say(request.headers));
  });
  const clock = fakeClock();
  await using out = egress({ allow: parseEgressAllow(["127.0.0.1"]), clock });
  const scope = anId("bucket");
  const numbers = { number: 1, updatedMs: 0, fromRevision: 1, revision: 1 };
  const subscription = { ...aSubscription(scope), ...numbers };
  assert.ok(sendsToWebhook(subscription));
  const target = { ...subscription.target, url: stored(`http://127.0.0.1:${server.port}/hook`) };
  const prepared = webhookTargets({
    egress: out,
    clock,
    open: () => ({ signing: [{ secret }], ...secrets }),
    eventSource: "tigris",
    kinds: resourceKinds(),
    publicUrl: () => "http://signalbox.example",
  })({ ...subscription, target });
  const event = { ...anEvent(scope), sequence: 255, revision: 1 };
  const { snippet } = await prepared.attempt({ uuid: anId("delivery"), event, attempt: 1 });
  return snippet;
}

describe("what a receiver says of the secrets that it got", () => {
  it("is kept without them, however it writes them", async () => {
    const auth = { type: "basic", username: "Aladdin", password: "open sesame" } as const;
    assert.equal(await echo({ auth }, (headers) => headers.authorization ?? ""), "Basic [redacted]");
    const all = await echo({ auth }, () => "open sesame, open%20sesame, open+sesame, b3BlbiBzZXNhbWU=, Aladdin");
    assert.equal(all, "[redacted], [redacted], [redacted], [redacted]=, Aladdin");
    const bearer = { auth: { type: "bearer", token: "s3cr3t/+" }, headers: { "X-Key": "verborgen" } } as const;
    const said = await echo(bearer, (headers) => JSON.stringify([headers.authorization, headers["x-key"]]));
    assert.equal(said, '["Bearer [redacted]","[redacted]"]');
    assert.equal(await echo(bearer, () => "a=s3cr3t%2F%2B&b=s3cr3t%2f%2b"), "a=[redacted]&b=[redacted]");
    const splunk = { auth: { type: "header", value: "Splunk 0123-abcd-geheim" } } as const;
    assert.equal(await echo(splunk, (headers) => headers.authorization ?? ""), "Splunk [redacted]");
    assert.equal(
      await echo(splunk, () => "0123-abcd-geheim is no token of Splunk"),
      "[redacted] is no token of Splunk",
    );
    const keyed = { auth: { type: "header", value: 'Custom key="verborgen", id=abcdefgh' } } as const;
    assert.equal(await echo(keyed, () => "verborgen, abcdefgh"), "[redacted], [redacted]");
    const empty = { auth: { type: "basic", username: "", password: "" } } as const;
    assert.equal(await echo(empty, () => "Og is nothing"), "Og is nothing");
    assert.equal(await echo({}, () => `the key is ${secret}`), "the key is [redacted]");
  });

  it("is kept without the half of them at which it was cut", async () => {
    const token = "0123456789abcdef".repeat(8);
    const snippet = await echo({ auth: { type: "bearer", token } }, () => " ".repeat(2_000) + token);
    assert.equal(snippet?.trim(), "[redacted]");
  });
});

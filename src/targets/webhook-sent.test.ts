/** What is shown of an attempt, against what a real receiver got of it and answered. */
import assert from "node:assert/strict";
import type { IncomingHttpHeaders, OutgoingHttpHeaders } from "node:http";
import { describe, it } from "node:test";
import { anEvent, uuid as anId, aSubscription } from "../../test/conformance/store/given.ts";
import { fakeClock } from "../../test/support/clock.ts";
import { bodyOf, httpListener, tcpListener } from "../../test/support/listeners.ts";
import { stored } from "../../test/support/stored.ts";
import { parseEgressAllow } from "../domain/egress.ts";
import { resourceKinds } from "../domain/notifications/resource-kinds.ts";
import { newSigningSecret } from "../domain/signature.ts";
import { sendsToWebhook, type TargetSecrets, type WebhookSubscription } from "../domain/subscription.ts";
import { type Egress, egress } from "./egress.ts";
import type { PastAttempt, PreparedTarget, SentRequest } from "./target.ts";
import { webhookTargets } from "./webhook.ts";

const secret = newSigningSecret(new Uint8Array(32).fill(3));
const older = newSigningSecret(new Uint8Array(32).fill(4));
const clock = fakeClock();
const scope = anId("bucket");
const event = { ...anEvent(scope), sequence: 255, revision: 1 };
const delivery = { uuid: anId("delivery"), event, attempt: 1 };

interface Setting {
  readonly egress?: Egress;
  readonly secrets?: Partial<TargetSecrets>;
  readonly over?: Partial<WebhookSubscription>;
  readonly host?: string;
}

function targetAt(port: number, { egress: out, secrets = {}, over = {}, host = "127.0.0.1" }: Setting): PreparedTarget {
  const subscription = { ...aSubscription(scope), number: 1, updatedMs: 0, fromRevision: 1, revision: 1, ...over };
  assert.ok(sendsToWebhook(subscription));
  const target = { ...subscription.target, url: stored(`http://${host}:${port}/hook?a=1`) };
  return webhookTargets({
    egress: out ?? egress({ allow: parseEgressAllow([]), clock }),
    clock,
    open: () => ({ signing: [{ secret }], ...secrets }),
    eventSource: "tigris",
    kinds: resourceKinds(),
    publicUrl: () => "http://signalbox.example",
  })({ ...subscription, target });
}

interface Heard {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

interface Answering {
  readonly status?: number;
  readonly headers?: (heard: Heard) => OutgoingHttpHeaders;
}

/** One attempt, what its receiver heard of it, and what is shown of both. */
async function tried(setting: Setting, { status = 500, headers = () => ({}) }: Answering = {}, times = 1) {
  const heard: Heard[] = [];
  await using server = await httpListener((request, response) => {
    void bodyOf(request).then((body) => {
      const one = { method: request.method ?? "", url: request.url ?? "", headers: request.headers, body };
      heard.push(one);
      response.writeHead(status, headers(one)).end();
    });
  });
  await using out = egress({ allow: parseEgressAllow([setting.host ?? "127.0.0.1"]), clock, lookup: toLoopback });
  const target = targetAt(server.port, { ...setting, egress: out });
  let result = await target.attempt(delivery);
  for (let nth = 1; nth < times; nth += 1) result = await target.attempt(delivery);
  const sent = await target.sent(delivery, { startedMs: result.startedMs, revision: 1, unchanged: true });
  assert.ok(sent?.kind === "request" && heard[0] !== undefined);
  return { heard: heard[0], result, request: sent.request, port: server.port };
}

const toLoopback: NonNullable<Parameters<typeof egress>[0]["lookup"]> = (_name, _options, tell) => {
  clock.advance(7);
  tell(null, [{ address: "127.0.0.1", family: 4 }]);
};

function signatureOf({ headers }: SentRequest): string | null | undefined {
  return headers.find(([name]) => name === "webhook-signature")?.[1];
}

describe("what an attempt sent", () => {
  it("is shown as its receiver got it: method, url, every header, body", async () => {
    const { heard, request, port } = await tried({});
    assert.deepEqual(Object.fromEntries(request.headers), heard.headers);
    assert.equal(request.headers.length, Object.keys(heard.headers).length, "none twice");
    assert.deepEqual([request.method, request.url], [heard.method, `http://127.0.0.1:${port}${heard.url}`]);
    assert.equal(request.body, heard.body);
  });

  for (const format of ["lifecycle", "resource"] as const) {
    it(`is shown so in the format of ${format} events, too`, async () => {
      const { target } = aSubscription(scope);
      assert.equal(target.kind, "webhook");
      const over = { target: { ...target, format } } as Partial<WebhookSubscription>;
      const { heard, request } = await tried({ over });
      assert.deepEqual(Object.fromEntries(request.headers), heard.headers);
      assert.equal(request.body, heard.body);
    });
  }

  it("is shown with its secrets masked, whatever the kind of authentication", async () => {
    const headers = { "x-key": "verborgen", "user-agent": "Geheim/1" };
    const kinds = [
      [{ type: "basic", username: "Aladdin", password: "open sesame" }, "Basic [redacted]"],
      [{ type: "bearer", token: "s3cr3t" }, "Bearer [redacted]"],
      [{ type: "header", value: "ApiKey 0123abcd" }, "[redacted]"],
    ] as const;
    for (const [auth, shown] of kinds) {
      const { heard, request } = await tried({ secrets: { auth, headers } });
      const { authorization: _, ...open } = heard.headers;
      const masked = { authorization: shown, "x-key": "[redacted]", "user-agent": "[redacted]" };
      assert.deepEqual(Object.fromEntries(request.headers), { ...open, ...masked });
      const text = JSON.stringify(request);
      for (const hidden of ["verborgen", "Geheim", "sesame", "QWxhZGRpbj", "s3cr3t", "0123abcd", secret.slice(6)]) {
        assert.equal(text.includes(hidden), false, hidden);
      }
    }
  });

  it("is not known of secrets that cannot be opened", async () => {
    const target = targetAt(1, { secrets: { signing: [{ secret: "whsec_no" }] } });
    assert.equal(await target.sent(delivery, { startedMs: 0, unchanged: true }), undefined);
  });
});

describe("the signature of an attempt", () => {
  const past: PastAttempt = { startedMs: clock.now() - 1_000, revision: 5, unchanged: true };
  const shown = async (signing: TargetSecrets["signing"], over: Partial<PastAttempt> = {}) => {
    const sent = await targetAt(1, { secrets: { signing } }).sent(delivery, { ...past, ...over });
    return sent?.kind === "request" ? signatureOf(sent.request) : undefined;
  };

  it("is shown while every secret that made it is used", async () => {
    const one = await shown([{ secret }]);
    assert.match(one ?? "", /^v1,[^ ]+$/);
    const endsMs = clock.now() + 10;
    const both = await shown([{ secret }, { secret: older, untilMs: endsMs }]);
    assert.match(both ?? "", /^v1,\S+ v1,\S+$/);
    assert.equal(await shown([{ secret }, { secret: older, untilMs: clock.now() }]), null);
    // It had ended before the attempt.
    assert.equal(await shown([{ secret }, { secret: older, untilMs: past.startedMs }]), one);
  });

  it("is made by the secrets that the subscription had at the attempt", async () => {
    const rotated = [
      { secret, after: 5, aloneFromMs: clock.now() + 10 },
      { secret: older, untilMs: clock.now() + 10 },
    ];
    assert.equal(await shown(rotated), await shown([{ secret: older }]));
    assert.match((await shown(rotated, { revision: 6 })) ?? "", /^v1,\S+ v1,\S+$/);
    assert.equal(await shown([{ secret, after: 5, aloneFromMs: 1 }]), null, "that is kept no longer");
    assert.equal(await shown([{ secret, after: 4, aloneFromMs: clock.now() }]), null, "another signed beside it");
  });

  it("is not shown of what has changed since, and of an attempt of an older version", async () => {
    assert.equal(await shown([{ secret }], { unchanged: false }), null);
    const sent = await targetAt(1, {}).sent(delivery, { startedMs: past.startedMs, unchanged: true });
    assert.equal(sent?.kind === "request" ? signatureOf(sent.request) : undefined, null);
  });
});

describe("what came back", () => {
  const spoken = { connection: "close", "content-length": "0", date: "now" };

  it("is kept of failures: the answer's headers, the address, the times", async () => {
    const headers = () => ({ ...spoken, "x-why": "no", "set-cookie": ["a=1", "b=2"] });
    const { result } = await tried({}, { headers });
    const kept = Object.entries(spoken).map(([name, value]) => [name, value]);
    assert.deepEqual(result.wire, {
      headers: [...kept, ["x-why", "no"], ["set-cookie", "a=1"], ["set-cookie", "b=2"]],
      address: "127.0.0.1",
      connectMs: 0,
      firstByteMs: 0,
    });
  });

  it("is kept of what was acknowledged where that is captured, and of tests", async () => {
    assert.equal((await tried({}, { status: 200 })).result.wire, undefined);
    const captured = await tried({ over: { capture: "all" } }, { status: 200, headers: () => spoken });
    assert.deepEqual(captured.result.outcome, { kind: "delivered" });
    assert.deepEqual(captured.result.wire?.headers, Object.entries(spoken));
    await using server = await httpListener((_, response) => void response.end("ok"));
    await using out = egress({ allow: parseEgressAllow(["127.0.0.1"]), clock });
    const test = await targetAt(server.port, { egress: out }).attempt({ ...delivery, test: true });
    assert.equal(test.wire?.address, "127.0.0.1");
  });

  it("is kept without the secrets that the receiver echoes, in names and in values", async () => {
    const secrets = { auth: { type: "bearer", token: "s3cr3t-token" }, headers: { "x-key": "verborgen" } } as const;
    const headers = ({ headers }: Heard) => ({
      "x-echo": `you said ${headers.authorization}`,
      "x-s3cr3t-token": JSON.stringify(headers["x-key"]),
    });
    const { result } = await tried({ secrets }, { headers });
    const kept = new Map(result.wire?.headers);
    assert.equal(kept.get("x-echo"), "you said Bearer [redacted]");
    assert.equal(kept.get("x-[redacted]"), '"[redacted]"');
  });

  it("is kept up to 4 KiB of headers, cut within a value, not within a secret", async () => {
    const token = "0123456789abcdef".repeat(8);
    const secrets = { auth: { type: "bearer", token } } as const;
    const said = { ...spoken, "x-long": "y".repeat(4_030) + token, "x-more": "z".repeat(20) };
    const { result } = await tried({ secrets }, { headers: () => said });
    const { headers = [], headersCut } = result.wire ?? {};
    assert.equal(headersCut, true);
    assert.equal(headers.reduce((bytes, [name, value]) => bytes + name.length + value.length, 0) <= 4_096, true);
    assert.deepEqual(
      headers.slice(-2).map(([, value]) => value.replace(/^y+/, "")),
      ["[redacted]", "z".repeat(7)],
    );
    const long = await tried(
      {},
      { headers: () => ({ ...spoken, "x-long": "ü".repeat(2_000), "x-last": "x".repeat(5_000) }) },
    );
    const bytes = (long.result.wire?.headers ?? []).map(([name, value]) => Buffer.byteLength(name + value));
    assert.equal(long.result.wire?.headersCut, true);
    assert.ok(bytes.reduce((all, one) => all + one, 0) <= 4_096);
  });

  it("tells of a name how long it was looked up, and not what an inner one resolves to", async () => {
    const { result } = await tried({ host: "named.example" });
    const { address, dnsMs, reused } = result.wire ?? {};
    assert.deepEqual({ address, dnsMs, reused }, { address: undefined, dnsMs: 7, reused: undefined });
  });

  it("tells that a connection was used again, for which nothing was looked up", async () => {
    const { result } = await tried({ host: "named.example" }, {}, 2);
    const { headers: _, ...rest } = result.wire ?? {};
    assert.deepEqual(rest, { reused: true, firstByteMs: 0 });
  });

  it("is as far as it went of what was not answered", async () => {
    await using silent = await tcpListener((socket) => socket.once("data", () => socket.destroy()));
    await using out = egress({ allow: parseEgressAllow(["127.0.0.1"]), clock });
    const { outcome, wire } = await targetAt(silent.port, { egress: out }).attempt(delivery);
    assert.deepEqual([outcome.kind, wire], ["failed", { address: "127.0.0.1", connectMs: 0 }]);
    const refused = await targetAt(silent.port, {}).attempt(delivery);
    assert.equal(refused.wire, undefined, "nothing was begun");
  });
});

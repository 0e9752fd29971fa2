import assert from "node:assert/strict";
import type { IncomingHttpHeaders } from "node:http";
import { describe, it } from "node:test";
import { fakeClock } from "../../test/support/clock.ts";
import { bodyOf, closed, httpListener, tcpListener } from "../../test/support/listeners.ts";
import { stored } from "../../test/support/stored.ts";
import type { Clock } from "../clock.ts";
import { parseEgressAllow } from "../domain/egress.ts";
import type { Event } from "../domain/event.ts";
import type { Uuid } from "../domain/ids.ts";
import { resourceKinds } from "../domain/notifications/resource-kinds.ts";
import { defaultRetryPolicy, type Outcome } from "../domain/retry.ts";
import { newSigningSecret, verify } from "../domain/signature.ts";
import type { TargetSecrets, WebhookSubscription, WebhookTarget } from "../domain/subscription.ts";
import { type Egress, type EgressAnswer, egress } from "./egress.ts";
import { formatObjectEvent } from "./formats/object.ts";
import type { AttemptResult } from "./target.ts";
import { webhookTargets } from "./webhook.ts";

const uuid = "00000000000000ff-01890a5d-ac96-774b-bcce-b302099a8057-042";
const secret = newSigningSecret(new Uint8Array(32).fill(3));
const event: Event = {
  id: "01890a5d-ac96-774b-bcce-b302099a8057",
  tenant: "acme",
  resource: "01890a5d-ac96-774b-bcce-b302099a8057-002" as Uuid,
  names: { objects: "OBJECT_CREATED_PUT" },
  origin: "s3",
  timeMs: Date.UTC(2023, 4, 15, 10, 30),
  data: {
    bucket: "my-bucket",
    key: "path/to/myfile.txt",
    size: 1024,
    eTag: "d41d8cd98f00b204e9800998ecf8427e",
    contentType: "text/plain",
    lastModifiedMs: Date.UTC(2023, 4, 15, 10, 30),
    reason: "PutObject",
    userMetadata: {},
    tags: {},
  },
  sequence: 255,
  revision: 1,
};

function subscription(target: Partial<WebhookTarget>): WebhookSubscription {
  return {
    uuid: "01890a5d-ac96-774b-bcce-b302099a8057-011" as Uuid,
    number: 1,
    tenant: "acme",
    face: "objects",
    scope: "01890a5d-ac96-774b-bcce-b302099a8057-101" as Uuid,
    event: "*",
    target: {
      kind: "webhook",
      url: stored("http://hooks.example/"),
      ack: "200",
      timeoutMs: 10_000,
      fields: [],
      format: "object",
      sealed: "",
      ...target,
    },
    policy: defaultRetryPolicy,
    enabled: true,
    owner: "ada",
    createdMs: 0,
    updatedMs: 0,
    fromRevision: 1,
    revision: 1,
  };
}

interface Setting {
  readonly target?: Partial<WebhookTarget>;
  readonly secrets?: Partial<TargetSecrets>;
  readonly clock?: Clock;
  readonly egress: Egress;
}

const here = { kinds: resourceKinds(), publicUrl: () => "http://signalbox.example" };

function prepared({ target = {}, secrets = {}, clock = fakeClock(), egress }: Setting) {
  const open = (): TargetSecrets => ({ signing: [{ secret }], ...secrets });
  return webhookTargets({ egress, clock, open, eventSource: "tigris", ...here })(subscription(target));
}

/** What a target makes of an answer, without a network. */
function made(answer: EgressAnswer, target: Partial<WebhookTarget> = {}): Promise<AttemptResult> {
  const egress = { send: (_letter, posting) => queueMicrotask(() => posting.answered(answer)) } as Egress;
  return prepared({ egress, target }).attempt({ uuid, event, attempt: 1 });
}

/** Sends one event to a real server, and tells what that saw. */
async function received(setting: Omit<Setting, "egress"> & { readonly test?: boolean }) {
  const clock = setting.clock ?? fakeClock();
  let headers: IncomingHttpHeaders = {};
  let body = "";
  await using server = await httpListener((request, response) => {
    headers = request.headers;
    void bodyOf(request).then((text) => {
      body = text;
      response.end("ok");
    });
  });
  await using out = egress({ allow: parseEgressAllow(["127.0.0.1"]), clock });
  const url = `http://127.0.0.1:${server.port}/hook`;
  const target = prepared({ ...setting, clock, egress: out, target: { ...setting.target, url: stored(url) } });
  const result = await target.attempt({ uuid, event, attempt: 1, test: setting.test ?? false });
  return { result, headers, body };
}

describe("Webhook", () => {
  it("makes an HTTP POST request with the event payload, and 200 acknowledges", async () => {
    const clock = fakeClock();
    const { result, body, headers } = await received({ clock });
    assert.deepEqual(result, {
      outcome: { kind: "delivered" },
      startedMs: clock.now(),
      durationMs: 0,
      status: 200,
      snippet: "ok",
    });
    assert.equal(body, formatObjectEvent(event, { eventSource: "tigris", fields: [] }));
    assert.equal(headers["content-type"], "application/json");
    assert.match(headers["user-agent"] ?? "", /^Signalbox\/\d+\.\d+\.\d+/);
    assert.equal(headers["webhook-id"], uuid);
    assert.equal(headers["x-signalbox-sequence"], "00000000000000ff");
    assert.equal(headers.authorization, undefined);
  });

  it("tries again whatever is not 200, as documented", async () => {
    const reasons = {
      status: [201, 202, 204, 400, 401, 404, 429, 500, 503, 599],
      redirect: [301, 307, 308],
      gone: [410],
    };
    for (const [reason, statuses] of Object.entries(reasons)) {
      for (const status of statuses) {
        const { outcome, message = "" } = await made({ kind: "answer", status, snippet: "" });
        const busy = status === 429 ? { busy: true } : {};
        assert.deepEqual(outcome, { kind: "failed", reason, ...busy }, String(status));
        assert.ok(message.startsWith(`answered ${status}`), message);
      }
    }
  });

  it("aborts a request that takes longer than 10 seconds, and it is tried again", async () => {
    const clock = fakeClock();
    await using server = await tcpListener(() => {});
    await using out = egress({ allow: parseEgressAllow(["127.0.0.1"]), clock });
    const target = prepared({ egress: out, clock, target: { url: stored(`http://127.0.0.1:${server.port}/`) } });
    const startedMs = clock.now();
    const attempt = target.attempt({ uuid, event, attempt: 1 });
    const socket = await server.socket(1);
    await new Promise((resolve) => socket.once("data", resolve));
    clock.advance(10_000);
    assert.deepEqual(await attempt, {
      outcome: { kind: "failed", reason: "timeout" },
      startedMs,
      durationMs: 10_000,
      message: "no answer within 10000 ms",
      wire: { address: "127.0.0.1", connectMs: 0 },
    });
    await closed(socket);
  });
});

describe("Webhook Authentication", () => {
  it("Basic: base64 encoded username:password", async () => {
    const auth = { type: "basic", username: "Aladdin", password: "open sesame" } as const;
    const { headers } = await received({ secrets: { auth } });
    assert.equal(headers.authorization, "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
    const umlauts = await received({ secrets: { auth: { ...auth, password: "geheim:ü" } } });
    assert.equal(umlauts.headers.authorization, `Basic ${Buffer.from("Aladdin:geheim:ü").toString("base64")}`);
  });

  it("Basic with empty parts, and any other scheme as it was given", async () => {
    const nobody = await received({ secrets: { auth: { type: "basic", username: "", password: "" } } });
    assert.equal(nobody.headers.authorization, "Basic Og==");
    const other = await received({ secrets: { auth: { type: "header", value: 'ApiKey a=b, c="d"' } } });
    assert.equal(other.headers.authorization, 'ApiKey a=b, c="d"');
  });

  it("Bearer: the token", async () => {
    const { headers } = await received({ secrets: { auth: { type: "bearer", token: "s3cr3t" } } });
    assert.equal(headers.authorization, "Bearer s3cr3t");
  });
});

describe("the signature", () => {
  const old = newSigningSecret(new Uint8Array(32).fill(9));

  it("is that of the exact bytes", async () => {
    const clock = fakeClock(Date.UTC(2026, 1, 3, 4, 5, 6, 789));
    const { headers, body } = await received({ clock });
    const nowMs = clock.now();
    const signed = {
      "webhook-id": headers["webhook-id"],
      "webhook-timestamp": headers["webhook-timestamp"],
      "webhook-signature": headers["webhook-signature"],
    };
    assert.equal(signed["webhook-timestamp"], String(Date.UTC(2026, 1, 3, 4, 5, 6) / 1000));
    assert.deepEqual(verify([secret], signed, body, { nowMs }), { kind: "ok" });
    assert.equal(verify([old], signed, body, { nowMs }).kind, "refused");
  });

  it("is also made with a replaced secret, until its time is over", async () => {
    const clock = fakeClock();
    const untilMs = clock.now() + 1_000;
    const secrets = { signing: [{ secret }, { secret: old, untilMs }] };
    const signatures = async (): Promise<number> => {
      const { headers } = await received({ clock, secrets });
      return String(headers["webhook-signature"]).split(" ").length;
    };
    assert.equal(await signatures(), 2);
    clock.advance(999);
    assert.equal(await signatures(), 2);
    clock.advance(1);
    assert.equal(await signatures(), 1);
  });
});

describe("custom headers", () => {
  it("are sent, but never instead of ours", async () => {
    const headers = {
      "X-Api-Key": "k",
      "User-Agent": "mine/1",
      Authorization: "Bearer stolen",
      "content-type": "text/plain",
      "Webhook-Id": "x",
      "x-signalbox-sequence": "x",
      Host: "evil.example",
    };
    const seen = (await received({ secrets: { headers } })).headers;
    assert.equal(seen["x-api-key"], "k");
    assert.equal(seen["user-agent"], "mine/1");
    assert.equal(seen.authorization, undefined);
    assert.equal(seen["content-type"], "application/json");
    assert.equal(seen["webhook-id"], uuid);
    assert.equal(seen["x-signalbox-sequence"], "00000000000000ff");
    assert.match(seen.host ?? "", /^127\.0\.0\.1:/);
  });
});

describe("outcomes", () => {
  const outcome = async (status: number, target: Partial<WebhookTarget>, retryAfterMs?: number): Promise<Outcome> => {
    const answer = {
      kind: "answer",
      status,
      snippet: "",
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    } as const;
    return (await made(answer, target)).outcome;
  };

  it("any 2xx acknowledges when that was chosen, and 410 then means stop", async () => {
    for (const status of [200, 201, 204, 299]) {
      assert.deepEqual(await outcome(status, { ack: "2xx" }), { kind: "delivered" });
    }
    assert.deepEqual(await outcome(410, { ack: "2xx" }), { kind: "stop", reason: "gone" });
    assert.deepEqual(await outcome(300, { ack: "2xx" }), { kind: "failed", reason: "redirect" });
    assert.deepEqual(await outcome(500, { ack: "2xx" }), { kind: "failed", reason: "status" });
  });

  it("carry Retry-After of any answer that does not acknowledge", async () => {
    for (const status of [202, 302, 404, 410, 429, 503]) {
      const made = await outcome(status, {}, 7_000);
      assert.equal(made.kind === "failed" && made.retryAfterMs, 7_000, String(status));
    }
    assert.deepEqual(await outcome(200, {}, 7_000), { kind: "delivered" });
  });

  it("tell who is busy: 429, and 503 that says when to come again", async () => {
    const isBusy = async (status: number, retryAfterMs?: number): Promise<boolean> => {
      const made = await outcome(status, {}, retryAfterMs);
      return made.kind === "failed" && made.busy === true;
    };
    assert.deepEqual(
      [await isBusy(429), await isBusy(429, 1), await isBusy(503, 1), await isBusy(503), await isBusy(500, 1)],
      [true, true, true, false, false],
    );
  });

  it("tell what went wrong on the way", async () => {
    const { outcome, message, status } = await made({ kind: "failed", reason: "dns", message: "no address found" });
    assert.deepEqual([outcome, message, status], [{ kind: "failed", reason: "dns" }, "no address found", undefined]);
  });
});

describe("a target", () => {
  it("marks a test event", async () => {
    const { body } = await received({ test: true });
    assert.equal((JSON.parse(body) as { events: [{ test: boolean }] }).events[0].test, true);
  });

  it("sends the additive fields that were asked for", async () => {
    const { body } = await received({ target: { fields: ["eventId", "lastModified"] } });
    const [payload] = (JSON.parse(body) as { events: [{ eventId: string; object: { lastModified: string } }] }).events;
    assert.deepEqual([payload.eventId, payload.object.lastModified], [event.id, "2023-05-15T10:30:00.000Z"]);
  });

  it("whose secrets or URL are no good fails each attempt instead of being thrown", async () => {
    const egress = { post: () => assert.fail("nothing to send") } as unknown as Egress;
    const clock = fakeClock();
    const closedVault = webhookTargets({
      egress,
      clock,
      eventSource: "tigris",
      ...here,
      open: () => assert.fail("wrong key"),
    });
    const results = await Promise.all([
      closedVault(subscription({ url: stored("http://a.example/") })).attempt({ uuid, event, attempt: 1 }),
      prepared({ egress, target: { url: stored("not a url") } }).attempt({ uuid, event, attempt: 1 }),
    ]);
    for (const { outcome, message = "" } of results) {
      assert.deepEqual(outcome, { kind: "failed", reason: "internal" });
      assert.match(message, /target cannot be used/);
    }
  });
});

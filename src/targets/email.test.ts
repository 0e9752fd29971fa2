import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { fakeClock } from "../../test/support/clock.ts";
import { type SmtpConduct, type SmtpReceiver, smtpReceiver } from "../../test/support/smtp.ts";
import { stored } from "../../test/support/stored.ts";
import { until } from "../../test/support/until.ts";
import { systemClock } from "../clock.ts";
import type { Event } from "../domain/event.ts";
import type { Uuid } from "../domain/ids.ts";
import { defaultRetryPolicy } from "../domain/retry.ts";
import type { EmailSubscription } from "../domain/subscription.ts";
import { silentLog } from "../log.ts";
import { addressLimit } from "../mail/address-limit.ts";
import { mailLinks } from "../mail/links.ts";
import type { Mailer } from "../mail/mailer.ts";
import { smtpMailer } from "../mail/smtp.ts";
import { emailTargets } from "./email.ts";
import type { SendingMeans } from "./sending-means.ts";

const uuid = "00000000000000ff-01890a5d-ac96-774b-bcce-b302099a8057-042";
const clock = fakeClock();
const links = mailLinks({ keys: [new Uint8Array(32).fill(1)], publicUrl: () => "https://box.example", clock });

function eventOf(key: string, given: Partial<Event> = {}): Event {
  return {
    id: "01890a5d-ac96-774b-bcce-b302099a8057",
    tenant: "acme",
    resource: "01890a5d-ac96-774b-bcce-b302099a8057-002" as Uuid,
    names: { notifications: "OVERWRITTEN" },
    origin: "s3",
    timeMs: Date.UTC(2026, 0, 1),
    data: { key },
    sequence: 255,
    revision: 1,
    ...given,
  };
}

const event = eventOf("a/b.txt");

function subscription(address = "ada@example.com"): EmailSubscription {
  return {
    uuid: "01890a5d-ac96-774b-bcce-b302099a8057-011" as Uuid,
    number: 1,
    tenant: "acme",
    face: "notifications",
    scope: event.resource,
    event: "OVERWRITTEN",
    target: { kind: "email", address: stored(address) },
    policy: defaultRetryPolicy,
    enabled: true,
    owner: "ada",
    createdMs: 0,
    updatedMs: 0,
    fromRevision: 0,
    revision: 0,
  };
}

interface Way extends AsyncDisposable {
  readonly server: SmtpReceiver;
  readonly prepare: ReturnType<typeof emailTargets>;
}

async function way(conduct: SmtpConduct = {}, means: Partial<SendingMeans> = {}): Promise<Way> {
  const server = await smtpReceiver(conduct);
  const mailer: Mailer = smtpMailer({ url: server.url, from: "Box <noreply@example.org>", clock: systemClock });
  const prepare = emailTargets({
    mailer,
    templates: {},
    limit: addressLimit({ clock }),
    questions: { ask: async () => ({ kind: "ask" }), sent: async () => {}, unsent: async () => {} },
    links,
    view: ({ resource, names, data }) => ({
      kind: "file",
      uuid: resource,
      event: names.notifications ?? "",
      actor: "bob",
      owner: "ada",
      time: "2026-01-01T00:00:00.000Z",
      resource: { path: data["key"] ?? null, systemId: "pictures" },
    }),
    addressOf: ({ target }) => target.address,
    platform: "Acme",
    clock,
    log: silentLog,
    ...means,
  });
  return {
    server,
    prepare,
    [Symbol.asyncDispose]: async () => {
      await mailer[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}

describe("emailTargets", () => {
  it("sends an event as a mail that names delivery and subscription, and can be ended with one click", async () => {
    await using mails = await way();
    const result = await mails.prepare(subscription()).attempt({ uuid, event, attempt: 1 });
    assert.deepEqual(result, {
      outcome: { kind: "delivered" },
      status: 250,
      snippet: "250 taken",
      startedMs: clock.now(),
      durationMs: 0,
    });
    const [mail] = mails.server.received;
    assert.ok(mail !== undefined);
    const { headers, messageId, subject, text, html } = mail.parsed;
    assert.equal(messageId, `<${uuid}@example.org>`);
    assert.equal(subject, "Acme: OVERWRITTEN a/b.txt");
    assert.match(text ?? "", /^The file "a\/b\.txt" in "pictures" was overwritten by bob\./);
    assert.match(String(html), /<p>The file &quot;a\/b\.txt&quot; in/);
    assert.equal(headers.get("x-agave-delivery"), uuid);
    assert.equal(headers.get("x-agave-notification"), subscription().uuid);
    assert.equal(headers.get("auto-submitted"), "auto-generated");
    assert.equal(headers.get("precedence"), "bulk");
    assert.match(mail.raw, /^List-Unsubscribe-Post: List-Unsubscribe=One-Click\r$/m);
    const [, token = ""] =
      /^List-Unsubscribe: <https:\/\/box\.example\/notifications\/v2\/mail\/([^/]+)\/>\r$/m.exec(mail.raw) ?? [];
    assert.deepEqual(links.open(token), {
      purpose: "unsubscribe",
      subscription: subscription().uuid,
      address: "ada@example.com",
    });
    assert.ok(text?.includes(`/${token}/`));
  });

  it("shows what it sent without the links that only the owner of the address may have", async () => {
    await using mails = await way();
    const request = eventOf("", { resource: subscription().uuid, names: { notifications: "CONFIRMATION_REQUESTED" } });
    const unconfirmed = { ...subscription(), unconfirmed: true } as const;
    for (const [of, happened] of [
      [subscription(), event],
      [unconfirmed, request],
    ] as const) {
      const target = mails.prepare(of);
      await target.attempt({ uuid, event: happened, attempt: 1 });
      const sent = await target.sent({ uuid, event: happened, attempt: 1 }, { startedMs: 0, unchanged: true });
      assert.ok(sent?.kind === "mail");
      const parsed = mails.server.received.at(-1)?.parsed;
      assert.deepEqual([sent.mail.to, sent.mail.subject], ["ada@example.com", parsed?.subject]);
      const link = /https:\/\/\S+\//g;
      const words = (text = "") => text.replaceAll(link, "…").replaceAll(/\s+/g, " ").trim();
      assert.equal(words(sent.mail.text), words(parsed?.text));
      const links = sent.mail.text.match(link) ?? [];
      assert.deepEqual(new Set(links.map((one) => new URL(one).host)), new Set(["redacted.invalid"]));
    }
  });

  it("defers on 4xx and comes with the same Message-ID, and gives up at once on 5xx", async () => {
    let code = 450;
    await using mails = await way({ recipient: () => code });
    const target = mails.prepare(subscription());
    const deferred = await target.attempt({ uuid, event, attempt: 1 });
    assert.deepEqual(deferred.outcome, { kind: "failed", reason: "mail_deferred" });
    assert.equal(deferred.status, 450);
    code = 250;
    assert.equal((await target.attempt({ uuid, event, attempt: 2 })).outcome.kind, "delivered");
    assert.equal((await target.attempt({ uuid, event, attempt: 3 })).outcome.kind, "delivered");
    assert.deepEqual(
      mails.server.received.map(({ parsed }) => parsed.messageId),
      [`<${uuid}@example.org>`, `<${uuid}@example.org>`],
    );
    code = 550;
    const refused = await target.attempt({ uuid, event, attempt: 4 });
    assert.deepEqual(refused.outcome, { kind: "refused", reason: "mail_refused" });
    assert.equal(refused.status, 550);
    assert.match(refused.message ?? "", /550/);
  });

  it("defers when the connection breaks off after DATA, or nobody is there", async () => {
    await using mails = await way({ data: () => "break" });
    const target = mails.prepare(subscription());
    const broken = await target.attempt({ uuid, event, attempt: 1 });
    assert.deepEqual(broken.outcome, { kind: "failed", reason: "mail_deferred" });
    await mails.server[Symbol.asyncDispose]();
    const down = await target.attempt({ uuid, event, attempt: 2 });
    assert.deepEqual(down.outcome, { kind: "failed", reason: "mail_deferred" });
    assert.match(down.message ?? "", /^no connection to the mail server/);
  });

  it("lets what is over an address's limit wait, counting nothing, and other addresses pass", async () => {
    const limit = addressLimit({ clock, burst: 1, perHour: 60 });
    await using mails = await way({}, { limit });
    const send = (address: string) => mails.prepare(subscription(address)).attempt({ uuid, event, attempt: 1 });
    assert.equal((await send("ada@example.com")).outcome.kind, "delivered");
    const { outcome } = await send("ada+2@example.com");
    assert.deepEqual(outcome, { kind: "later", reason: "rate_limited", waitMs: 60_000 });
    assert.equal((await send("bob@example.com")).outcome.kind, "delivered");
    clock.advance(60_000);
    assert.equal((await send("ada+2@example.com")).outcome.kind, "delivered");
    assert.equal(mails.server.received.length, 3);
  });

  it("takes nothing from the limit for what was not taken", async () => {
    let code = 450;
    await using mails = await way({ recipient: () => code }, { limit: addressLimit({ clock, burst: 1 }) });
    const target = mails.prepare(subscription());
    for (let attempt = 1; attempt <= 3; attempt += 1) {
      assert.equal((await target.attempt({ uuid, event, attempt })).outcome.kind, "failed");
    }
    code = 250;
    assert.equal((await target.attempt({ uuid, event, attempt: 4 })).outcome.kind, "delivered");
  });

  it("does not count a try that was not made because too many mails wait", async () => {
    const mailer: Mailer = {
      send: () => Promise.resolve({ kind: "later", message: "busy", waitMs: 5 }),
      [Symbol.asyncDispose]: () => Promise.resolve(),
    };
    await using mails = await way({}, { mailer });
    const { outcome } = await mails.prepare(subscription()).attempt({ uuid, event, attempt: 1 });
    assert.deepEqual(outcome, { kind: "later", reason: "mail_deferred", waitMs: 5 });
  });

  it("asks for a confirmation with its own mail, from which one unsubscribes by never being asked again", async () => {
    await using mails = await way();
    const unconfirmed = { ...subscription(), unconfirmed: true } as const;
    const request = eventOf("", { resource: subscription().uuid, names: { notifications: "CONFIRMATION_REQUESTED" } });
    await mails.prepare(unconfirmed).attempt({ uuid, event: request, attempt: 1 });
    const [mail] = mails.server.received;
    assert.equal(mail?.parsed.subject, "Acme: confirm notifications to this address");
    const tokens = [...(mail?.parsed.text ?? "").matchAll(/\/mail\/([A-Za-z0-9_-]+)\//g)].map(
      ([, token = ""]) => token,
    );
    const of = { subscription: subscription().uuid, address: "ada@example.com" };
    const opened = tokens.map((token) => links.open(token));
    assert.deepEqual(opened, [
      { purpose: "confirm", ...of },
      { purpose: "never", ...of },
    ]);
    assert.ok(mail?.raw.includes(`List-Unsubscribe: <${links.never(of.subscription, of.address)}>`));
    // Once its owner has agreed, no question is sent.
    const moot = await mails.prepare(subscription()).attempt({ uuid, event: request, attempt: 2 });
    assert.deepEqual([moot.outcome.kind, mails.server.received.length], ["delivered", 1]);
    // Of another resource, it is an event like any other.
    const other = eventOf("", { names: { notifications: "CONFIRMATION_REQUESTED" } });
    await mails.prepare(subscription()).attempt({ uuid, event: other, attempt: 1 });
    assert.match(mails.server.received[1]?.raw ?? "", /List-Unsubscribe/);
  });

  it("sends to the address with its macros expanded, and signs it as it is subscribed", async () => {
    await using mails = await way({}, { addressOf: () => "ada+OVERWRITTEN@example.com" });
    await mails.prepare(subscription("ada+${EVENT}@example.com")).attempt({ uuid, event, attempt: 1 });
    const [mail] = mails.server.received;
    assert.equal(mail?.to, "ada+OVERWRITTEN@example.com");
    const [, token = ""] = /\/mail\/([A-Za-z0-9_-]+)\//.exec(mail?.raw ?? "") ?? [];
    assert.equal(links.open(token)?.address, "ada+${EVENT}@example.com");
  });

  it("lets no key add a header or a recipient, or be expanded", async () => {
    await using mails = await way();
    const key = "a\r\nBcc: eve@example.com\r\n\r\n${UUID}<img src=x>\r\n.\r\nMAIL FROM:<eve@example.com>";
    const result = await mails.prepare(subscription()).attempt({ uuid, event: eventOf(key), attempt: 1 });
    assert.equal(result.outcome.kind, "delivered");
    const [mail, ...more] = mails.server.received;
    assert.equal(more.length, 0);
    assert.equal(mail?.to, "ada@example.com");
    assert.equal(mail.parsed.bcc, undefined);
    assert.equal(mail.parsed.headers.has("bcc"), false);
    assert.ok(mail.parsed.text?.includes('"a Bcc: eve@example.com ${UUID}<img src=x> . MAIL FROM:<eve@example.com>"'));
    assert.equal(String(mail.parsed.html).includes("<img"), false);
  });

  it("refuses an address that is none, and more than one", async () => {
    for (const address of [
      "",
      "a@x.com, b@x.com",
      "a@x.com\r\nRCPT TO:<b@x.com>",
      "a@x.com\r\nBcc: b@x.com",
      "x".repeat(9_999),
    ]) {
      await using mails = await way({}, { addressOf: () => address });
      const { outcome, message = "" } = await mails.prepare(subscription()).attempt({ uuid, event, attempt: 1 });
      assert.deepEqual(outcome, { kind: "refused", reason: "mail_refused" });
      assert.doesNotMatch(message, /[\r\n]/);
      assert.ok(message.length <= 500);
      assert.equal(mails.server.connections.ever, 0);
    }
  });

  it("sends huge events as mails of bounded size", async () => {
    await using mails = await way();
    const result = await mails
      .prepare(subscription())
      .attempt({ uuid, event: eventOf("k".repeat(5_000_000)), attempt: 1 });
    assert.equal(result.outcome.kind, "delivered");
    assert.ok((mails.server.received[0]?.raw.length ?? 0) < 20_000);
  });

  it("ends as internal, not as a broken promise, when the event cannot be shown", async () => {
    const addressOf = (): string => {
      throw new Error("no such macro");
    };
    await using mails = await way({}, { addressOf });
    const { outcome, message } = await mails.prepare(subscription()).attempt({ uuid, event, attempt: 1 });
    assert.deepEqual(outcome, { kind: "failed", reason: "internal" });
    assert.equal(message, "no such macro");
  });

  it("is cancelled when the engine stops, and its share is given back", async () => {
    const { promise, resolve } = Promise.withResolvers<number>();
    await using mails = await way({ data: () => promise }, { limit: addressLimit({ clock, burst: 1 }) });
    const stop = new AbortController();
    const target = mails.prepare(subscription());
    const sending = target.attempt({ uuid, event, attempt: 1 }, stop.signal);
    await until("the mail is there", () => mails.server.received.length === 1);
    stop.abort();
    assert.deepEqual((await sending).outcome, { kind: "failed", reason: "internal" });
    await until("the connection is closed", () => mails.server.connections.now === 0);
    resolve(250);
    assert.equal((await target.attempt({ uuid, event, attempt: 1 })).outcome.kind, "delivered");
  });
});

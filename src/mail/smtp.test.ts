import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { selfSigned } from "../../test/support/certificate.ts";
import { fakeClock } from "../../test/support/clock.ts";
import { tcpListener } from "../../test/support/listeners.ts";
import { smtpReceiver } from "../../test/support/smtp.ts";
import { until } from "../../test/support/until.ts";
import { systemClock } from "../clock.ts";
import { SignalboxError } from "../errors.ts";
import type { Mail, Mailer, MailOutcome } from "./mailer.ts";
import { type SmtpOptions, smtpMailer } from "./smtp.ts";

const from = "Signalbox <noreply@example.org>";

function mail(to = "ada@example.com", id = "00000000000000ff-0189-042"): Mail {
  return { to, subject: "s", text: "t", html: "<p>t</p>", id, headers: {} };
}

function mailer(url: string, options: Partial<SmtpOptions> = {}): Mailer {
  return smtpMailer({ url, from, clock: systemClock, ...options });
}

function messageOf(outcome: MailOutcome): string {
  return outcome.kind === "accepted" ? outcome.answer : outcome.message;
}

/** Something that a server may wait for. */
function gate(): { readonly open: () => void; readonly opened: Promise<number> } {
  const { promise, resolve } = Promise.withResolvers<number>();
  return { open: () => resolve(250), opened: promise };
}

describe("smtpMailer", () => {
  it("sends over connections that stay open, and tells what the server answered", async () => {
    await using server = await smtpReceiver();
    await using mails = mailer(server.url);
    const first = await mails.send(mail());
    assert.deepEqual(first, { kind: "accepted", answer: "250 taken" });
    await mails.send(mail("bob@example.com"));
    assert.deepEqual(
      server.received.map(({ from, to }) => ({ from, to })),
      [
        { from: "noreply@example.org", to: "ada@example.com" },
        { from: "noreply@example.org", to: "bob@example.com" },
      ],
    );
    assert.equal(server.connections.ever, 1);
  });

  it("asks to come again when nobody is there, and gets through once somebody is", async () => {
    const gone = await smtpReceiver();
    await gone[Symbol.asyncDispose]();
    await using mails = mailer(gone.url);
    const outcome = await mails.send(mail());
    assert.equal(outcome.kind, "later");
    assert.match(messageOf(outcome), /^no connection to the mail server: /);
    await using server = await smtpReceiver({}, { port: gone.port });
    assert.equal((await mails.send(mail())).kind, "accepted");
    assert.equal(server.received.length, 1);
  });

  it("asks to come again when the name does not resolve", async () => {
    await using mails = mailer("smtp://mail.invalid:25");
    const outcome = await mails.send(mail());
    assert.equal(outcome.kind, "later");
    assert.match(messageOf(outcome), /cannot be resolved/);
  });

  it("does not repeat the password of the mail server when that does", async () => {
    await using server = await tcpListener((socket) => {
      socket.write("220 here\r\n");
      socket.on("data", (chunk) => {
        const line = chunk.toString("latin1");
        if (line.startsWith("EHLO")) socket.write("250-here\r\n250 AUTH PLAIN\r\n");
        else socket.write(`535 not with ge/heim or ${line.trim().split(" ").at(-1)}\r\n`);
      });
    });
    await using mails = mailer(`smtp://ann:ge%2Fheim@127.0.0.1:${server.port}`);
    const message = messageOf(await mails.send(mail()));
    assert.match(message, /535 not with \[redacted\] or \[redacted\]/);
  });

  it("gives up on a silent server, and lets go of it", async () => {
    const { opened, open } = gate();
    await using server = await smtpReceiver({ data: () => opened.then(() => 250) });
    await using mails = mailer(server.url, { timeouts: { socketMs: 50 } });
    const outcome = await mails.send(mail());
    assert.equal(outcome.kind, "later");
    assert.match(messageOf(outcome), /^the mail server is too slow: /);
    await until("the connection is closed", () => server.connections.now === 0);
    open();
  });

  it("gives up on one that does not greet", async () => {
    const { opened, open } = gate();
    await using server = await smtpReceiver({ greeting: () => opened });
    await using mails = mailer(server.url, { timeouts: { greetingMs: 50 } });
    const outcome = await mails.send(mail());
    assert.equal(outcome.kind, "later");
    assert.match(messageOf(outcome), /^the mail server is too slow: /);
    open();
  });

  it("gives one mail so much time in all, and closes its connection", async () => {
    const clock = fakeClock();
    const { opened, open } = gate();
    await using server = await smtpReceiver({ data: () => opened.then(() => 250) });
    await using mails = mailer(server.url, { clock });
    const sending = mails.send(mail());
    await until("the mail is there", () => server.received.length === 1);
    clock.advance(120_000);
    const outcome = await sending;
    assert.equal(outcome.kind, "later");
    assert.match(messageOf(outcome), /not done within 120000 ms/);
    await until("the connection is closed", () => server.connections.now === 0);
    open();
  });

  it("comes again with the same Message-ID when it is greylisted", async () => {
    let tries = 0;
    await using server = await smtpReceiver({ recipient: () => (++tries === 1 ? 450 : 250) });
    await using mails = mailer(server.url);
    const first = await mails.send(mail());
    assert.equal(first.kind, "later");
    assert.equal(first.status, 450);
    assert.equal((await mails.send(mail())).kind, "accepted");
    assert.equal(server.received[0]?.parsed.messageId, "<00000000000000ff-0189-042@example.org>");
  });

  it("refuses for good the one recipient that the server refuses; others are not touched", async () => {
    await using server = await smtpReceiver({ recipient: (to) => (to.startsWith("nobody") ? 550 : 250) });
    await using mails = mailer(server.url, { connections: 1 });
    const [refused, ...others] = await Promise.all(
      ["nobody@example.com", "ada@example.com", "bob@example.com"].map((to) => mails.send(mail(to))),
    );
    assert.ok(refused?.kind === "refused");
    assert.equal(refused.status, 550);
    assert.deepEqual(
      others.map(({ kind }) => kind),
      ["accepted", "accepted"],
    );
    assert.equal(server.connections.ever, 1);
  });

  it("may send twice what broke off after DATA, under one Message-ID", async () => {
    let tries = 0;
    await using server = await smtpReceiver({ data: () => (++tries === 1 ? "break" : 250) });
    await using mails = mailer(server.url);
    const first = await mails.send(mail());
    assert.equal(first.kind, "later");
    assert.equal(server.received.length, 1);
    assert.equal((await mails.send(mail())).kind, "accepted");
    const ids = server.received.map(({ parsed }) => parsed.messageId);
    assert.equal(ids.length, 2);
    assert.equal(ids[0], ids[1]);
  });

  it("tells 4xx from 5xx after DATA", async () => {
    let code = 451;
    await using server = await smtpReceiver({ data: () => code });
    await using mails = mailer(server.url);
    assert.equal((await mails.send(mail())).kind, "later");
    code = 554;
    assert.equal((await mails.send(mail())).kind, "refused");
    code = 250;
    assert.equal((await mails.send(mail())).kind, "accepted");
  });

  it("loses no mail for what is the operator's to mend", async () => {
    await using server = await smtpReceiver({ greeting: () => 554 });
    await using mails = mailer(server.url);
    assert.equal((await mails.send(mail())).kind, "later");
    server.conduct.greeting = () => 220;
    server.conduct.sender = () => 553;
    const outcome = await mails.send(mail());
    assert.equal(outcome.kind, "later");
    assert.match(messageOf(outcome), /SIGNALBOX_MAIL_FROM/);
    server.conduct.sender = () => 250;
    assert.equal((await mails.send(mail())).kind, "accepted");
  });

  it("logs in, and does not repeat a password that is refused", async () => {
    await using server = await smtpReceiver({ login: (user, password) => user === "box" && password === "s3cret" });
    const url = (password: string): string => server.url.replace("//", `//box:${password}@`);
    await using right = mailer(url("s3cret"));
    assert.equal((await right.send(mail())).kind, "accepted");
    await using wrong = mailer(url("hunter2"));
    const outcome = await wrong.send(mail());
    assert.ok(outcome.kind === "later");
    assert.equal(outcome.status, 535);
    assert.equal(outcome.message.includes("hunter2"), false);
  });

  it("believes no certificate of an unknown issuer, unless it is configured to", async () => {
    await using server = await smtpReceiver({}, selfSigned("localhost"));
    await using careful = mailer(server.url);
    const outcome = await careful.send(mail());
    assert.equal(outcome.kind, "later");
    assert.match(messageOf(outcome), /certificate/);
    assert.equal(server.received.length, 0);
    await using trusting = mailer(`${server.url}?tls.rejectUnauthorized=false`);
    assert.equal((await trusting.send(mail())).kind, "accepted");
  });

  it("sends on when the server has hung up on a connection that was kept", async () => {
    await using server = await smtpReceiver();
    await using mails = mailer(server.url);
    await mails.send(mail());
    server.hangUp();
    assert.equal((await mails.send(mail())).kind, "accepted");
    assert.equal(server.received.length, 2);
  });

  it("holds few of many mails for a slow server, and turns the rest away at once without counting a try", async () => {
    const { opened, open } = gate();
    await using server = await smtpReceiver({ data: () => opened.then(() => 250) });
    await using mails = mailer(server.url, { connections: 3, waiting: 20 });
    const outcomes: MailOutcome[] = [];
    const all = Array.from({ length: 10_000 }, async (_, index) => {
      outcomes.push(await mails.send(mail(`a${index}@example.com`, `id-${index}`)));
    });
    await until("all but 23 know", () => outcomes.length === 9_977);
    for (const outcome of outcomes) {
      assert.ok(outcome.kind === "later");
      assert.ok(outcome.waitMs !== undefined && outcome.waitMs >= 15_000 && outcome.waitMs <= 30_000);
    }
    await until("three are being sent", () => server.received.length === 3);
    assert.equal(server.connections.now, 3);
    open();
    await Promise.all(all);
    assert.equal(outcomes.filter(({ kind }) => kind === "accepted").length, 23);
    assert.equal(server.received.length, 23);
    assert.equal(server.connections.ever, 3);
  });

  it("lets no mail wait for a connection without end", async () => {
    const clock = fakeClock();
    const { opened, open } = gate();
    await using server = await smtpReceiver({ data: () => opened.then(() => 250) });
    await using mails = mailer(server.url, { clock, connections: 1 });
    const sent = mails.send(mail());
    const waits = mails.send(mail());
    await until("the mail is there", () => server.received.length === 1);
    clock.advance(30_000);
    const outcome = await waits;
    assert.ok(outcome.kind === "later");
    assert.equal(outcome.waitMs, 22_500);
    open();
    assert.equal((await sent).kind, "accepted");
  });

  it("breaks off what its caller cancels, closes that connection, and goes on with the rest", async () => {
    const { opened, open } = gate();
    await using server = await smtpReceiver({
      data: ({ to }) => (to === "slow@example.com" ? opened.then(() => 250) : 250),
    });
    await using mails = mailer(server.url, { connections: 1 });
    const [stop, waiting] = [new AbortController(), new AbortController()];
    const cancelled = mails.send(mail("slow@example.com"), stop.signal);
    const inLine = mails.send(mail("line@example.com"), waiting.signal);
    const other = mails.send(mail("ada@example.com"));
    await until("the mail is there", () => server.received.length === 1);
    waiting.abort();
    assert.equal((await inLine).kind, "later");
    stop.abort();
    const outcome = await cancelled;
    assert.ok(outcome.kind === "later");
    assert.equal(outcome.message, "cancelled while it was being sent");
    assert.equal((await other).kind, "accepted");
    assert.equal(server.connections.now, 1);
    assert.equal((await mails.send(mail(), AbortSignal.abort())).kind, "later");
    assert.equal(server.received.length, 2);
    open();
  });

  it("breaks off everything when it is disposed, and leaves no connection behind", async () => {
    const { opened, open } = gate();
    await using server = await smtpReceiver({ data: () => opened.then(() => 250) });
    const mails = mailer(server.url, { connections: 2 });
    const all = Array.from({ length: 5 }, () => mails.send(mail()));
    await until("two are being sent", () => server.received.length === 2);
    await mails[Symbol.asyncDispose]();
    for (const outcome of await Promise.all(all)) assert.equal(outcome.kind, "later");
    await until("no connection is open", () => server.connections.now === 0);
    await mails[Symbol.asyncDispose]();
    assert.equal((await mails.send(mail())).kind, "later");
    open();
  });

  it("names the setting that cannot be used, and not what it holds", () => {
    for (const url of [
      "",
      "mail.example.com",
      "http://x",
      "smtp://",
      "smtp:///x",
      `smtp://${"x".repeat(3_000)}`,
      "smtps://u:hunter2@",
    ]) {
      assert.throws(
        () => mailer(url),
        ({ message }: SignalboxError) => message.startsWith("SIGNALBOX_SMTP_URL: ") && !message.includes("hunter2"),
        url,
      );
    }
    assert.throws(() => mailer("smtp://127.0.0.1:25", { from: "nobody" }), SignalboxError);
  });
});

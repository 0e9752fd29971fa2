/** Mail on its way through the engine to a real SMTP server, with a clock that moves when told to. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { systemClock } from "../../src/clock.ts";
import { viewOf } from "../../src/domain/notifications/view.ts";
import { mailRetryPolicy } from "../../src/domain/requested-retries.ts";
import { sendsMail } from "../../src/domain/subscription.ts";
import { silentLog } from "../../src/log.ts";
import { addressLimit } from "../../src/mail/address-limit.ts";
import { mailLinks } from "../../src/mail/links.ts";
import { mailQuestions } from "../../src/mail/questions.ts";
import { smtpMailer } from "../../src/mail/smtp.ts";
import { emailTargets } from "../../src/targets/email.ts";
import { uuid } from "../conformance/store/given.ts";
import { type Engine, engine } from "../support/engine.ts";
import { type SmtpReceiver, smtpReceiver } from "../support/smtp.ts";
import { stored } from "../support/stored.ts";
import { until } from "../support/until.ts";

const file = uuid("file");
const publicUrl = (): string => "http://signalbox.example";

/** The engine, whose attempts are mails to that server. */
async function mailing(smtp: Pick<SmtpReceiver, "url">, perHour = 60): Promise<Engine & AsyncDisposable> {
  const at = await engine();
  // Connections take real time; what waits in the store waits for the clock that is moved.
  const mailer = smtpMailer({ url: smtp.url, from: "signalbox@host.example", clock: systemClock });
  const prepare = emailTargets({
    mailer,
    templates: {},
    limit: addressLimit({ clock: at.clock, burst: 2, perHour }),
    questions: mailQuestions({ store: at.store, clock: at.clock, perDay: 1_000 }),
    links: mailLinks({ keys: [new Uint8Array(32)], publicUrl, clock: at.clock }),
    view: (event, subscription) => viewOf(event, subscription, { publicUrl: publicUrl() }),
    addressOf: ({ target }) => target.address,
    platform: "signalbox",
    clock: at.clock,
    log: silentLog,
  });
  at.answer = async ({ subscription, event, id, signal }) => {
    assert.ok(sendsMail(subscription));
    return (await prepare(subscription).attempt({ uuid: id, event, attempt: 1 }, signal)).outcome;
  };
  const dispose = at[Symbol.asyncDispose].bind(at);
  return Object.assign(at, {
    [Symbol.asyncDispose]: async () => {
      await mailer[Symbol.asyncDispose]();
      await dispose();
    },
  });
}

const to = (at: Engine, address: string) =>
  at.subscribe({
    face: "notifications",
    scope: file,
    target: { kind: "email", address: stored(address) },
    policy: mailRetryPolicy,
  });

async function overwrite(at: Engine): Promise<number> {
  const event = {
    id: "overwritten",
    tenant: "acme",
    resource: file,
    names: { notifications: "OVERWRITTEN" } as const,
    owners: ["ada"],
    origin: "test",
    timeMs: at.clock.now(),
    data: { kind: "file", resource: { path: "a.txt", systemId: "bucket" } },
  };
  const commit = await at.publish({ events: [event] });
  assert.ok(commit.kind === "committed");
  return commit.sequences[0] ?? 0;
}

/** The first retry of mail comes after 30 s, give or take a fifth. */
const firstRetryMs = 36_000;

describe("mail", () => {
  it("waits while its server is down, and none is lost", async () => {
    const down = await smtpReceiver();
    const { port } = down;
    await down[Symbol.asyncDispose]();
    await using at = await mailing({ url: `smtp://127.0.0.1:${port}` });
    const one = await to(at, "ada@example.com");
    const sequence = await overwrite(at);
    await at.becomes("waiting", sequence, one);
    assert.equal((await at.attempts(sequence, one))[0]?.reason, "mail_deferred");
    await using smtp = await smtpReceiver({}, { port });
    at.clock.advance(firstRetryMs);
    await at.becomes("delivered", sequence, one);
    assert.equal(smtp.received.length, 1);
  });

  it("that is put off at first (greylisting) arrives later; who is refused for good does not keep others waiting", async () => {
    const met = new Set<string>();
    await using smtp = await smtpReceiver({
      recipient: (address) => {
        if (address.startsWith("nobody")) return 550;
        if (met.has(address)) return 250;
        met.add(address);
        return address.startsWith("grey") ? 450 : 250;
      },
    });
    await using at = await mailing(smtp);
    const [ada, grey, nobody] = [
      await to(at, "ada@example.com"),
      await to(at, "grey@example.com"),
      await to(at, "nobody@example.com"),
    ];
    const sequence = await overwrite(at);
    await at.becomes("delivered", sequence, ada);
    const { reason, attempts } = await at.becomes("dead", sequence, nobody);
    assert.deepEqual([reason, attempts], ["mail_refused", 1]);
    await at.becomes("waiting", sequence, grey);
    at.clock.advance(firstRetryMs);
    await at.becomes("delivered", sequence, grey);
    assert.deepEqual(smtp.received.map((mail) => mail.to).toSorted(), ["ada@example.com", "grey@example.com"]);
  });

  it("whose server breaks off after the data is sent again, as the same mail", async () => {
    let broken = 0;
    await using smtp = await smtpReceiver({
      data: () => {
        broken += 1;
        return broken === 1 ? "break" : 250;
      },
    });
    await using at = await mailing(smtp);
    const one = await to(at, "ada@example.com");
    const sequence = await overwrite(at);
    await at.becomes("waiting", sequence, one);
    at.clock.advance(firstRetryMs);
    await at.becomes("delivered", sequence, one);
    const ids = smtp.received.map(({ parsed }) => parsed.messageId);
    assert.equal(ids.length, 2, "SMTP cannot tell whether it was taken");
    assert.equal(new Set(ids).size, 1, "but whoever gets both can");
  });

  it("beyond what an address may get waits for its turn, and is not dropped or counted", async () => {
    await using smtp = await smtpReceiver();
    await using at = await mailing(smtp, 60);
    const one = await to(at, "ada@example.com");
    const sequences: number[] = [];
    for (let turn = 0; turn < 4; turn += 1) sequences.push(await overwrite(at));
    const shown = async (): Promise<string> => {
      const found = await Promise.all(sequences.map((sequence) => at.delivery(sequence, one)));
      return found
        .map((delivery) => `${delivery?.status} ${delivery?.attempts}`)
        .sort()
        .join(", ");
    };
    const become = (wanted: string) => until(wanted, async () => (await shown()) === wanted);
    await become("delivered 1, delivered 1, waiting 0, waiting 0");
    at.clock.advance(59_000);
    await at.calm();
    assert.equal(await shown(), "delivered 1, delivered 1, waiting 0, waiting 0");
    at.clock.advance(1_000);
    await become("delivered 1, delivered 1, delivered 1, waiting 0");
    at.clock.advance(60_000);
    await become("delivered 1, delivered 1, delivered 1, delivered 1");
    assert.equal(smtp.received.length, 4);
  });
});

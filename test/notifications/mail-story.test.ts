/** Resource notifications as people live them: a host's resources, mails through a real SMTP server, links in those mails. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type RunningServer, runServer } from "../support/in-process.ts";
import { type ReceivedMail, type SmtpReceiver, smtpReceiver } from "../support/smtp.ts";
import { until } from "../support/until.ts";

const picsumipsum = "0001409758089943-5056a550b8-0001-002";

interface Answer<T> {
  readonly http: number;
  readonly status: string;
  readonly message: string | null;
  readonly result: T;
}

interface Shown {
  readonly id: string;
  readonly status: string;
  readonly confirmed?: boolean;
  readonly persistent: boolean;
}

interface Person {
  readonly token: string;
  ask<T>(method: string, path: string, body?: unknown): Promise<Answer<T>>;
}

/** Somebody with a token and, unless it is empty, an address that an admin knows. */
async function person(server: RunningServer, username: string, email = `${username}@example.com`): Promise<Person> {
  await server.api("POST", "/api/cloud/users/", { username, email });
  const made = await server.api<{ token: string }>("POST", "/api/cloud/tokens/", {
    principal: username,
    role: "member",
  });
  return {
    token: made.token,
    ask: async (method, path, body) => {
      const response = await fetch(`${server.url}/notifications/v2${path}`, {
        method,
        headers: { authorization: `Bearer ${made.token}`, "content-type": "application/json" },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      return { http: response.status, ...((await response.json()) as Omit<Answer<never>, "http">) };
    },
  };
}

const to = (smtp: SmtpReceiver, address: string): ReceivedMail[] => smtp.received.filter((mail) => mail.to === address);

/** The first link in a mail that `holds` something. */
function linkIn(mail: ReceivedMail, holds: string): string {
  const found = [...(mail.parsed.text ?? "").matchAll(/https?:\/\/\S+/g)].map(([link]) => link);
  return found.find((link) => link.includes(holds)) ?? assert.fail(`no ${holds} among ${found.join(" ")}`);
}

describe("tapis-notifications: her file, by e-mail", () => {
  it("is told to her each time that it is overwritten, until she wants no more", async () => {
    await using smtp = await smtpReceiver();
    await using server = await runServer({
      SIGNALBOX_SMTP_URL: smtp.url,
      SIGNALBOX_MAIL_FROM: "Files <files@host.example>",
      SIGNALBOX_MAIL_CONFIRM: "trust",
    });
    const her = await person(server, "nryan");
    const resources = server.signalbox.resources("default");
    const data = {
      name: "picsumipsum.txt",
      path: "/home/nryan/picsumipsum.txt",
      systemId: "data.iplantcollaborative.org",
    };
    await resources.register({ kind: "file", id: picsumipsum, owner: "nryan", data });
    const wanted = { associatedUuid: picsumipsum, event: "OVERWRITTEN", persistent: true, url: "" };
    const made = await her.ask<Shown>("POST", "/", wanted);
    assert.deepEqual([made.http, made.result.status, made.result.persistent], [201, "ACTIVE", true]);

    await resources.raise(picsumipsum, "OVERWRITTEN", { user: "rion" });
    await resources.raise(picsumipsum, "DELETED");
    await resources.raise(picsumipsum, "OVERWRITTEN");
    await until("two mails", () => smtp.received.length >= 2);
    const [mail = assert.fail(), second = assert.fail()] = smtp.received;
    assert.equal(mail.to, "nryan@example.com");
    assert.equal(mail.from, "files@host.example");
    assert.match(mail.parsed.subject ?? "", /OVERWRITTEN/);
    assert.match(mail.parsed.text ?? "", /picsumipsum\.txt/);
    assert.match(mail.parsed.text ?? "", /rion/);
    assert.ok(mail.parsed.html, "and as HTML");
    assert.notEqual(mail.parsed.messageId, second.parsed.messageId);
    assert.equal(mail.parsed.headers.get("x-agave-notification"), made.result.id);
    assert.match(mail.raw, /^List-Unsubscribe-Post: List-Unsubscribe=One-Click\r$/m);

    const unsubscribe = linkIn(mail, "/notifications/v2/mail/");
    const looked = await fetch(unsubscribe);
    assert.equal(looked.status, 200);
    assert.equal(
      (await her.ask<Shown>("GET", `/${made.result.id}`)).result.status,
      "ACTIVE",
      "looking changes nothing",
    );
    const posted = await fetch(unsubscribe, {
      method: "POST",
      body: new URLSearchParams({ "List-Unsubscribe": "One-Click" }),
    });
    assert.equal(posted.status, 200);
    assert.equal((await her.ask<Shown>("GET", `/${made.result.id}`)).http, 404);
    await resources.raise(picsumipsum, "OVERWRITTEN");
    const other = await her.ask<Shown>("POST", "/", { ...wanted, event: "*" });
    await resources.raise(picsumipsum, "DELETED");
    await until("a third mail", () => smtp.received.length >= 3);
    assert.equal(smtp.received[2]?.parsed.headers.get("x-agave-notification"), other.result.id);
  });

  it("goes to somebody else's address only once they agreed, and until then nothing is told to them", async () => {
    await using smtp = await smtpReceiver();
    await using server = await runServer({ SIGNALBOX_SMTP_URL: smtp.url });
    const her = await person(server, "nryan");
    const resources = server.signalbox.resources("default");
    await resources.register({ kind: "file", id: picsumipsum, owner: "nryan" });
    const wanted = {
      associatedUuid: picsumipsum,
      event: "OVERWRITTEN",
      persistent: true,
      url: "friend@elsewhere.example",
    };
    const { http, result } = await her.ask<Shown>("POST", "/", wanted);
    assert.deepEqual([http, result.status, result.confirmed], [201, "INACTIVE", false]);
    await resources.raise(picsumipsum, "OVERWRITTEN");
    await until("the question", () => smtp.received.length >= 1);
    const [asked = assert.fail()] = to(smtp, "friend@elsewhere.example");
    assert.match(asked.parsed.text ?? "", /nryan/);
    const confirm = linkIn(asked, "/notifications/v2/mail/");
    assert.equal((await fetch(confirm)).status, 200);
    assert.equal((await her.ask<Shown>("GET", `/${result.id}`)).result.confirmed, false);
    assert.equal((await fetch(confirm, { method: "POST" })).status, 200);
    const now = (await her.ask<Shown>("GET", `/${result.id}`)).result;
    assert.deepEqual([now.status, now.confirmed], ["ACTIVE", true]);
    await resources.raise(picsumipsum, "OVERWRITTEN");
    await until("the news", () => smtp.received.length >= 2);
    assert.match(smtp.received[1]?.parsed.subject ?? "", /OVERWRITTEN/);
    assert.equal(smtp.received.length, 2, "what happened before they agreed is not told");
    const forged = confirm.replace(/.(?=\/$)/, (last) => (last === "A" ? "B" : "A"));
    assert.equal((await fetch(forged, { method: "POST" })).status, 404);
  });

  it("is sent at once to who is trusted, where confirming is off", async () => {
    await using smtp = await smtpReceiver();
    await using server = await runServer({ SIGNALBOX_SMTP_URL: smtp.url, SIGNALBOX_MAIL_CONFIRM: "off" });
    const her = await person(server, "nryan", "");
    const resources = server.signalbox.resources("default");
    await resources.register({ kind: "file", id: picsumipsum, owner: "nryan" });
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a macro.
    const wanted = { associatedUuid: picsumipsum, event: "RENAME", url: "anybody+${EVENT}@elsewhere.example" };
    assert.equal((await her.ask<Shown>("POST", "/", wanted)).result.status, "ACTIVE");
    await resources.raise(picsumipsum, "RENAME");
    await until("the mail", () => to(smtp, "anybody+RENAME@elsewhere.example").length === 1);
  });
});

describe("a host's job", () => {
  it("is told to its owner and the friend it was shared with; for a stranger there is no such job", async () => {
    await using smtp = await smtpReceiver();
    const kinds = [{ name: "job", open: true }] as const;
    const mails = {
      job: ({ view }: { view: { event: string; resource: Readonly<Record<string, unknown>> } }) => ({
        subject: `${String(view.resource["name"])}: ${view.event}\r\nBcc: everybody@example.com`,
        text: `It is ${String(view.resource["status"])} now.`,
      }),
    };
    await using server = await runServer(
      { SIGNALBOX_SMTP_URL: smtp.url, SIGNALBOX_MAIL_CONFIRM: "trust" },
      { kinds, mails },
    );
    const [owner, friend, stranger] = await Promise.all(
      ["owner", "friend", "stranger"].map((name) => person(server, name)),
    );
    const jobs = server.signalbox.resources("default");
    const data = { name: "demo-pyplot", status: "PENDING" };
    const job = await jobs.register({ kind: "job", owner: "owner", data });
    await jobs.share(job.uuid, "friend", "read");
    const subscribe = (someone: Person | undefined, url: string) =>
      someone?.ask<Shown>("POST", "/", { associatedUuid: job.uuid, event: "*", persistent: true, url }) ??
      assert.fail("they are there");
    assert.equal((await subscribe(owner, "owner@example.com")).http, 201);
    assert.equal((await subscribe(friend, "friend@example.com")).http, 201);
    const refused = await subscribe(stranger, "stranger@example.com");
    const unknown = await stranger?.ask("POST", "/", {
      associatedUuid: "0001409758089943-5056a550b8-0001-007",
      event: "*",
      url: "stranger@example.com",
    });
    assert.equal(refused.http, 404);
    assert.deepEqual([refused.http, refused.message], [unknown?.http, unknown?.message], "as if there were none");

    for (const status of ["RUNNING", "FINISHED"]) await jobs.raise(job.uuid, status, { data: { status } });
    await until("four mails", () => smtp.received.length >= 4);
    for (const address of ["owner@example.com", "friend@example.com"]) {
      const subjects = to(smtp, address).map(({ parsed }) => parsed.subject ?? "");
      assert.equal(subjects.length, 2);
      for (const status of ["RUNNING", "FINISHED"])
        assert.ok(subjects.some((one) => one.startsWith(`demo-pyplot: ${status}`)));
    }
    assert.ok(
      smtp.received.every(({ raw }) => !/^bcc:/im.test(raw)),
      "no header comes out of a template",
    );
    await jobs.unshare(job.uuid, "friend");
    await jobs.raise(job.uuid, "JOB_RUNTIME_CALLBACK_EVENT");
    await until("two more", () => to(smtp, "owner@example.com").length >= 4);
    assert.equal(to(smtp, "friend@example.com").length, 2, "who does not see it any more hears no more");
  });
});

/** What goes to people who asked for nothing, through a real SMTP server, and what those hear who asked for it. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type RunningServer, runServer } from "../support/in-process.ts";
import { type ReceivedMail, type SmtpReceiver, smtpReceiver } from "../support/smtp.ts";
import { until } from "../support/until.ts";

interface Shown {
  readonly id: string;
  readonly status: string;
  readonly confirmation: { readonly state: string; readonly message: string; readonly next_at: string | null } | null;
}

interface Answer {
  readonly status: number;
  readonly message: string;
  readonly data: Shown;
}

interface Person {
  ask(method: string, path: string, body?: unknown): Promise<Answer>;
  /** A subscription to a resource of theirs. */
  wants(address: string): Promise<Answer>;
  shown(id: string): Promise<Shown>;
}

const subscriptions = "/api/cloud/subscriptions/";

async function person(server: RunningServer, name: string, tenant = "default"): Promise<Person> {
  const headers = { "content-type": "application/json" };
  const asked = await fetch(`${server.url}/api/cloud/tokens/`, {
    method: "POST",
    headers: { ...headers, authorization: `Bearer ${server.token}`, "x-signalbox-tenant": tenant },
    body: JSON.stringify({ principal: name, role: "member" }),
  });
  const { data } = (await asked.json()) as { readonly data: { readonly token: string } };
  const { uuid } = await server.signalbox.resources(tenant).register({ kind: "file", owner: name });
  const ask: Person["ask"] = async (method, path, body) => {
    const response = await fetch(`${server.url}${path}`, {
      method,
      headers: { ...headers, authorization: `Bearer ${data.token}` },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: response.status, ...((await response.json()) as Omit<Answer, "status">) };
  };
  return {
    ask,
    wants: (address) => ask("POST", subscriptions, { event: "*", resource: uuid, target: { type: "email", address } }),
    shown: async (id) => (await ask("GET", `${subscriptions}${id}/`)).data,
  };
}

function linksIn({ parsed }: ReceivedMail): readonly string[] {
  return [...(parsed.text ?? "").matchAll(/https?:\/\/\S+/g)].map(([link]) => link);
}

/** Waits for a question and gives its links: for agreeing, and for never being asked again. */
async function question(
  smtp: SmtpReceiver,
  count = 1,
): Promise<{ confirm: string; never: string; mail: ReceivedMail }> {
  await until("the question", () => smtp.received.length >= count);
  const mail = smtp.received[count - 1] ?? assert.fail();
  const [confirm = assert.fail(), never = assert.fail()] = linksIn(mail);
  return { confirm, never, mail };
}

describe("an address of somebody who asked for nothing", () => {
  it("is asked once, whoever wants it to be asked and however they write it, and each of them is told", async () => {
    await using smtp = await smtpReceiver();
    await using server = await runServer({ SIGNALBOX_SMTP_URL: smtp.url });
    await server.api("POST", "/api/cloud/tenants/", { id: "acme" });
    const [ann, ben] = [await person(server, "ann"), await person(server, "ben", "acme")];
    const first = await ann.wants("stranger@example.com");
    await question(smtp);
    await until("it is told", async () => (await ann.shown(first.data.id)).confirmation?.state === "asked");
    const more = [
      await ann.wants("stranger+2@example.com"),
      await ann.wants("s.tranger@example.com"),
      await ben.wants("Stranger@Example.com"),
    ];
    for (const { status, data } of more) assert.deepEqual([status, data.status], [201, "unconfirmed"]);
    const waiting = (await ben.shown(more[2]?.data.id ?? "")).confirmation;
    assert.equal(waiting?.state, "waiting");
    assert.match(waiting?.message ?? "", /was asked at .* already; the next question goes when that is answered/);
    assert.ok(waiting?.next_at !== null);
    // Another address is asked at once: so the others were looked at before.
    await ann.wants("another@example.com");
    await question(smtp, 2);
    assert.deepEqual(
      smtp.received.map(({ to }) => to),
      ["stranger@example.com", "another@example.com"],
    );
  });

  it("ends all questions by one click, which can be taken back", async () => {
    await using smtp = await smtpReceiver();
    await using server = await runServer({ SIGNALBOX_SMTP_URL: smtp.url });
    const ann = await person(server, "ann");
    const made = await ann.wants("stranger@example.com");
    const { never, mail } = await question(smtp);
    assert.match(mail.raw, /^List-Unsubscribe-Post: List-Unsubscribe=One-Click\r$/m);
    assert.ok(mail.raw.includes(`List-Unsubscribe: <${never}>`));
    const looked = await fetch(never);
    assert.match(await looked.text(), /Never ask me again/);
    assert.equal((await ann.shown(made.data.id)).confirmation?.state, "asked", "looking changes nothing");
    const clicked = await fetch(never, {
      method: "POST",
      body: new URLSearchParams({ "List-Unsubscribe": "One-Click" }),
    });
    assert.equal(clicked.status, 200);
    const back = /action="([^"]+)"/.exec(await clicked.text())?.[1] ?? assert.fail();
    assert.equal((await fetch(never, { method: "POST" })).status, 200, "again is the same");
    const { confirmation } = await ann.shown(made.data.id);
    assert.deepEqual(
      [confirmation?.state, /does not want to be asked/.test(confirmation?.message ?? "")],
      ["refused", true],
    );
    for (const address of ["stranger@example.com", "S.tranger+x@example.com"]) {
      const refused = await ann.wants(address);
      assert.equal(refused.status, 409);
      assert.match(refused.message, /does not want to be asked/);
    }
    const other = await ann.wants("another@example.com");
    const moved = await ann.ask("PATCH", `${subscriptions}${other.data.id}/`, {
      target: { type: "email", address: "stranger@example.com" },
    });
    assert.equal(moved.status, 409);
    assert.equal((await fetch(new URL(back, server.url), { method: "POST" })).status, 200);
    assert.equal((await ann.wants("stranger@example.com")).status, 201);
  });

  it("is asked too when an admin gave it to a user, unless the operator trusts admins with that", async () => {
    await using smtp = await smtpReceiver();
    for (const [setting, status] of [
      ["on", "unconfirmed"],
      ["trust", "active"],
      ["off", "active"],
    ] as const) {
      await using server = await runServer({ SIGNALBOX_SMTP_URL: smtp.url, SIGNALBOX_MAIL_CONFIRM: setting });
      const user = await server.api<{ email_verified: boolean }>("POST", "/api/cloud/users/", {
        username: "ann",
        email: "stranger@example.com",
      });
      assert.equal(user.email_verified, setting === "trust");
      const ann = await person(server, "ann");
      assert.equal((await ann.wants("stranger@example.com")).data.status, status, setting);
    }
  });

  it("that is one's own is asked about once for all that one wants sent there", async () => {
    await using smtp = await smtpReceiver();
    await using server = await runServer({ SIGNALBOX_SMTP_URL: smtp.url });
    await server.api("POST", "/api/cloud/users/", { username: "ann", email: "ann@example.com" });
    const ann = await person(server, "ann");
    const made = [
      await ann.wants("ann@example.com"),
      await ann.wants("ann+files@example.com"),
      await ann.wants("stranger@example.com"),
    ];
    const statuses = () => Promise.all(made.map(async ({ data }) => (await ann.shown(data.id)).status));
    assert.deepEqual(await statuses(), ["unconfirmed", "unconfirmed", "unconfirmed"]);
    await until("two questions", () => smtp.received.length === 2);
    const hers = smtp.received.find(({ to }) => to === "ann@example.com") ?? assert.fail();
    const [confirm = assert.fail()] = linksIn(hers);
    assert.equal((await fetch(confirm, { method: "POST" })).status, 200);
    assert.deepEqual(await statuses(), ["active", "active", "unconfirmed"]);
    assert.equal((await ann.wants("ann@example.com")).data.status, "active");
  });
});

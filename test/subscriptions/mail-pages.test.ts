/** The links in mails, opened as people and mail programs do, and the mails that were kept. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { testApi } from "../support/api.ts";
import { until } from "../support/until.ts";
import { type AtWork, asked, atWork, type Shown } from "./at-work.ts";

const linkForm = /http:\/\/127\.0\.0\.1:\d+\/notifications\/v2\/mail\/[\w-]+\//;

function linkIn(text: string): string {
  return linkForm.exec(text)?.[0] ?? assert.fail(`no link in: ${text}`);
}

interface Page {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

async function page(method: string, url: string, init: RequestInit = {}): Promise<Page> {
  const response = await fetch(url, { ...init, method, redirect: "error" });
  return { status: response.status, headers: response.headers, text: await response.text() };
}

interface Asking extends AsyncDisposable {
  readonly at: AtWork;
  readonly made: Shown;
  readonly confirm: string;
}

/** A subscription to an address whose owner was asked. */
async function asking(address = "ada@example.com"): Promise<Asking> {
  const at = await atWork({ SIGNALBOX_MAIL_CONFIRM: "on" });
  const target = { type: "email", address };
  const made = await at.subscribe({ event: "CONTENT_CHANGED", resource: at.bucket, target });
  assert.equal(made.status, "unconfirmed");
  const [mail] = await at.mails(1);
  return { at, made, confirm: linkIn(mail?.text ?? ""), [Symbol.asyncDispose]: () => at[Symbol.asyncDispose]() };
}

function oneClickForm(): FormData {
  const form = new FormData();
  form.set("List-Unsubscribe", "One-Click");
  return form;
}

describe("the link for agreeing", () => {
  it("changes nothing until its button is pressed, and then lets mails through", async () => {
    await using asked = await asking();
    const { at, made, confirm } = asked;
    await at.put("before");
    for (const method of ["GET", "HEAD"]) assert.equal((await page(method, confirm)).status, 200);
    const { text, headers } = await page("GET", confirm);
    assert.match(text, /<form method="post"><button type="submit">Agree</);
    assert.match(text, new RegExp(`CONTENT_CHANGED events of ${at.bucket}, to ada@example.com`));
    assert.equal(headers.get("cache-control"), "no-store");
    assert.equal(headers.get("x-content-type-options"), "nosniff");
    assert.equal(headers.get("referrer-policy"), "no-referrer");
    assert.match(
      headers.get("content-security-policy") ?? "",
      /^default-src 'none'; style-src 'unsafe-inline'; form-action 'self'/,
    );
    assert.equal((await at.shown(made.id)).status, "unconfirmed");

    const form = { headers: { "content-type": "application/x-www-form-urlencoded" }, body: "" };
    for (const _ of [1, 2]) {
      const done = await page("POST", confirm, form);
      assert.equal(done.status, 200);
      assert.match(done.text, /You agreed/);
    }
    assert.doesNotMatch((await page("GET", confirm)).text, /<form/);
    assert.equal((await at.shown(made.id)).status, "active");
    await at.put("after");
    const [, mail] = await at.mails(2);
    assert.match(mail?.text ?? "", /after/);
  });

  it("is answered without a final slash too, and by no other method", async () => {
    await using asked = await asking();
    const { confirm } = asked;
    assert.equal((await page("GET", confirm.slice(0, -1))).status, 200);
    for (const method of ["PUT", "PATCH", "DELETE", "OPTIONS"]) {
      const { status, headers } = await page(method, confirm);
      assert.deepEqual([status, headers.get("allow")], [405, "GET, HEAD, POST"], method);
    }
  });

  it("of a subscription that is gone, or goes elsewhere by now, is of no use", async () => {
    await using asked = await asking();
    const { at, made, confirm } = asked;
    const path = `/api/cloud/subscriptions/${made.id}/`;
    await at.server.api("PATCH", path, { target: { address: "bob@example.com" } });
    assert.equal((await page("POST", confirm)).status, 404);
    assert.equal((await at.shown(made.id)).status, "unconfirmed");
    const [, mail] = await at.mails(2);
    const other = linkIn(mail?.text ?? "");
    await at.server.api("DELETE", path);
    for (const method of ["GET", "POST"]) assert.equal((await page(method, other)).status, 404);
  });

  it("holds what others wrote as text", async () => {
    await using asked = await asking("ada+a'b&c@example.com");
    const { text } = await page("GET", asked.confirm);
    assert.match(text, /ada\+a&#39;b&amp;c@example\.com/);
    assert.doesNotMatch(text, /a'b&c/);
  });
});

describe("the link for unsubscribing", () => {
  it("works by its button, and once more", async () => {
    await using at = await atWork();
    const target = { type: "email", address: "ada@example.com" };
    const { id } = await at.subscribe({ event: "*", bucket: "pictures", target });
    await at.put("a");
    const [mail] = await at.mails(1);
    const link = linkIn(mail?.text ?? "");
    assert.match((await page("GET", link)).text, /<button type="submit">Unsubscribe</);
    assert.equal((await at.shown(id)).status, "active");
    for (const _ of [1, 2]) assert.match((await page("POST", link)).text, /You are unsubscribed/);
    assert.match((await page("GET", link)).text, /You are unsubscribed/);
    const gone = await asked(at.server, "GET", `/api/cloud/subscriptions/${id}/`);
    assert.equal(gone.status, 404);
  });

  it("works of a mail program's own accord, whatever it sends (RFC 8058)", async () => {
    const bodies: readonly RequestInit[] = [
      { headers: { "content-type": "application/x-www-form-urlencoded" }, body: "List-Unsubscribe=One-Click" },
      { body: oneClickForm() },
      { headers: { "content-type": "text/plain" }, body: "List-Unsubscribe=One-Click" },
      {},
    ];
    await using at = await atWork();
    for (const [index, init] of bodies.entries()) {
      const target = { type: "email", address: `ada${index}@example.com` };
      const { id } = await at.subscribe({ event: "*", bucket: "pictures", target });
      await at.put(`${index}`);
      const mail = (await at.mails(index + 1)).at(-1);
      const { raw } = await at.server.api<{ raw: string }>("GET", `/api/cloud/mails/${mail?.name ?? ""}/`);
      assert.match(raw, /^List-Unsubscribe-Post: List-Unsubscribe=One-Click\r$/m);
      const oneClick = linkIn(raw.replaceAll(/\r\n[ \t]+/g, "").split("List-Unsubscribe:")[1] ?? "");
      assert.equal((await page("POST", oneClick, init)).status, 200);
      assert.equal((await asked(at.server, "GET", `/api/cloud/subscriptions/${id}/`)).status, 404);
    }
  });

  it("refuses a body without end", async () => {
    await using asked = await asking();
    const { status, text } = await page("POST", asked.confirm, { body: "x".repeat(100_000) });
    assert.equal(status, 413);
    assert.match(text, /<h1>Not possible/);
  });
});

it("a link that nobody signed, or that was changed, is of no use, and says so plainly", async () => {
  await using asked = await asking();
  const { at, made, confirm } = asked;
  const base = `${at.server.url}/notifications/v2/mail/`;
  const token = confirm.slice(base.length, -1);
  const payload = Buffer.from(token, "base64url").subarray(32);
  const forged = Buffer.concat([Buffer.alloc(32), payload]).toString("base64url");
  const flipped = `${token.slice(0, 9)}${token[9] === "A" ? "B" : "A"}${token.slice(10)}`;
  for (const wrong of [forged, flipped, `${token}A`, token.slice(0, -4), "x", "%00", "a".repeat(1_000)]) {
    for (const method of ["GET", "POST"]) {
      const { status, text } = await page(method, `${base}${wrong}/`);
      assert.equal(status, 404, wrong);
      assert.match(text, /This link does not work/);
    }
  }
  assert.equal((await at.shown(made.id)).status, "unconfirmed");
});

describe("GET /api/cloud/mails/", () => {
  it("lists kept mails to admins of the tenant that they are of, in pages", async () => {
    await using at = await atWork();
    const { url } = at.server;
    const api: typeof at.server.api = (...request) => at.server.api(...request);
    await at.subscribe({ event: "*", bucket: "pictures", target: { type: "email", address: "ada@example.com" } });
    for (const key of ["a", "b", "c"]) await at.put(key);
    const names = (await at.mails(3)).map(({ name }) => name);
    interface Listed {
      readonly mails: readonly { readonly name: string; readonly to: string; readonly subject: string }[];
      readonly next_cursor?: string;
    }
    const first = await api<Listed>("GET", "/api/cloud/mails/?limit=2");
    const rest = await api<Listed>("GET", `/api/cloud/mails/?limit=2&cursor=${first.next_cursor ?? ""}`);
    assert.deepEqual(
      [...first.mails, ...rest.mails].map(({ name }) => name),
      names.toReversed(),
    );
    assert.equal(first.mails[0]?.to, "ada@example.com");

    await api("POST", "/api/cloud/tenants/", { id: "other" });
    const theirs = await fetch(`${url}/api/cloud/tokens/`, {
      method: "POST",
      headers: {
        authorization: `Bearer ${at.server.token}`,
        "content-type": "application/json",
        "x-signalbox-tenant": "other",
      },
      body: JSON.stringify({ principal: "eve", role: "admin" }),
    });
    const { data } = (await theirs.json()) as { data: { token: string } };
    const eve = { url, token: data.token };
    assert.deepEqual((await asked<Listed>(eve, "GET", "/api/cloud/mails/")).data.mails, []);
    assert.equal((await asked(eve, "GET", `/api/cloud/mails/${names[0] ?? ""}/`)).status, 404);
    const developer = await api<{ token: string }>("POST", "/api/cloud/tokens/", {
      principal: "dev",
      role: "developer",
    });
    assert.equal((await asked({ url, token: developer.token }, "GET", "/api/cloud/mails/")).status, 403);
    for (const name of ["x", "..%2f..%2fetc%2fpasswd", `${names[0] ?? ""}.new`, "%00"]) {
      assert.equal((await asked(at.server, "GET", `/api/cloud/mails/${name}/`)).status, 404, name);
    }
  });

  it("says that there are none where mails go to a server", async () => {
    await using api = await testApi();
    const { message, data } = await api.ask("GET", "/api/cloud/mails/");
    assert.deepEqual([message, data], ["Mails go to the mail server; none are kept here", { mails: [] }]);
    assert.equal((await api.ask("GET", "/api/cloud/mails/x/")).status, 404);
  });
});

it("a member whose own address is not known to be theirs is asked once, and then no more", async () => {
  await using at = await atWork({ SIGNALBOX_MAIL_CONFIRM: "trust" });
  const { url } = at.server;
  const api: typeof at.server.api = (...request) => at.server.api(...request);
  await at.user("ann");
  const { token } = await api<{ token: string }>("POST", "/api/cloud/tokens/", { principal: "ann", role: "member" });
  const users = await api<{ users: readonly { uuid: string }[] }>("GET", "/api/cloud/users/?username=ann");
  const body = (address: string) => ({
    event: "*",
    resource: users.users[0]?.uuid,
    target: { type: "email", address },
  });
  const post = (address: string) => asked<Shown>({ url, token }, "POST", "/api/cloud/subscriptions/", body(address));
  // An admin gave it, and the operator trusts admins with that, so it is hers.
  assert.equal((await post("ann@example.com")).data.status, "active");
  assert.equal((await post("somebody@example.com")).data.status, "unconfirmed");
  const [mail] = await at.mails(1);
  assert.equal(mail?.to, "somebody@example.com");
  await page("POST", linkIn(mail?.text ?? ""));
  await until("it is confirmed", async () => {
    const { data } = await asked<{ subscriptions: readonly Shown[] }>(
      { url, token },
      "GET",
      "/api/cloud/subscriptions/",
    );
    return data.subscriptions.every(({ status }) => status === "active");
  });
});

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type TestApi, testApi } from "../support/api.ts";
import { askWith, browserOf, codeOf, refusedLogin, sessionPath } from "../support/browser.ts";
import { until } from "../support/until.ts";

const sessions = "/api/cloud/sessions/";
const links = "/api/cloud/login-links/";
const tokens = "/api/cloud/tokens/";
const minuteMs = 60_000;

function idsOf({ data }: { readonly data: Readonly<Record<string, unknown>> }): readonly string[] {
  return (data["sessions"] as { readonly id: string }[]).map(({ id }) => id);
}

async function linkFor(api: TestApi, token: string, principal?: string): Promise<string> {
  const body = principal === undefined ? {} : { principal };
  const { status, data, text } = await api.ask("POST", links, body, { token });
  assert.equal(status, 201, text);
  return codeOf(data["url"]);
}

describe("a login", () => {
  it("by a token tells who one is, and sets a cookie that no script reads and no other site brings", async () => {
    await using api = await testApi();
    const { self, setCookie, session, ask } = await browserOf(api, { token: api.operator });
    assert.match(
      setCookie,
      /^signalbox_session_[0-9a-f]{8}=[A-Za-z0-9_-]{43}; Max-Age=43200; Path=\/; HttpOnly; SameSite=Strict$/,
    );
    assert.match(session, /-103$/);
    const { version, ...rest } = self;
    assert.equal(typeof version, "string");
    assert.deepEqual(rest, {
      principal: "admin",
      role: "operator",
      tenant: "default",
      user: null,
      kind: "session",
      session: { id: session, expires_at: "2026-01-01T12:00:00.000Z", idle_until: "2026-01-01T02:00:00.000Z" },
      tenants: { choose: true },
      public_url: "http://signalbox.example",
      mail: "smtp",
      limits: {
        max_body_bytes: 1_048_576,
        max_rules_per_bucket: 100,
        max_hooks_per_event: 20,
        max_functions_per_event: 1_000,
        max_subscriptions_per_user: 10_000,
      },
    });
    assert.deepEqual((await ask("GET", sessionPath)).data, self);
    const byToken = await api.ask("GET", sessionPath);
    assert.deepEqual([byToken.data["kind"], byToken.data["session"]], ["token", null]);
  });

  it("sets a cookie of this host alone, over https only, where the public URL is of https", async () => {
    await using api = await testApi({ publicUrl: "https://events.example.com/signalbox" });
    const { setCookie, cookie, ask } = await browserOf(api, { token: api.operator });
    assert.match(
      setCookie,
      /^__Host-signalbox_session_[0-9a-f]{8}=\S{43}; Max-Age=43200; Path=\/; HttpOnly; SameSite=Strict; Secure$/,
    );
    assert.equal((await ask("GET", sessionPath)).status, 200);
    const plain = askWith(api, cookie.replace("__Host-", ""));
    assert.equal((await plain("GET", sessionPath)).status, 401, "which any host of the domain could have set");
  });

  it("keeps nothing by which one could log in: not in the store, not in the log, not in a list", async () => {
    await using api = await testApi();
    const { cookie, session } = await browserOf(api, { token: api.operator });
    const secret = cookie.slice(cookie.indexOf("=") + 1);
    const known = await api.deps.store.sessions.session(session as never);
    assert.match(known?.session.hash ?? "", /^[0-9a-f]{64}$/);
    assert.ok(!JSON.stringify(known).includes(secret));
    assert.ok(!(await api.ask("GET", sessions)).text.includes(secret));
  });

  it("is refused in one sentence and after the same time, whatever is wrong", async () => {
    await using api = await testApi();
    const revoked = await api.ask("POST", tokens, { principal: "ann", role: "member" });
    await api.ask("DELETE", `${tokens}${String(revoked.data["id"])}/`);
    const expired = await api.ask("POST", tokens, { principal: "ann", expires_in_s: 1 });
    const used = await linkFor(api, api.operator);
    await browserOf(api, { code: used });
    const late = await linkFor(api, api.operator);
    api.clock.advance(10 * minuteMs);
    const bad = [
      { token: String(revoked.data["token"]) },
      { token: String(expired.data["token"]) },
      { token: "x" },
      { token: used },
      { code: used },
      { code: late },
      { code: api.operator },
    ];
    const answers = [];
    for (const body of bad) answers.push(await refusedLogin(api, body));
    const [first] = answers;
    for (const [index, answer] of answers.entries()) {
      assert.deepEqual([answer.status, answer.code, answer.afterMs], [401, "unauthenticated", 250], String(index));
      assert.equal(answer.message, first?.message);
      assert.equal(answer.headers["set-cookie"], undefined);
    }
  });

  it("needs a token or a code, and not both", async () => {
    await using api = await testApi();
    for (const body of [{}, { token: "x", code: "x" }, { token: 1 }, { password: "x" }, { code: "" }]) {
      const { status, code } = await refusedLogin(api, body);
      assert.deepEqual([status, code], [400, "invalid_request"], JSON.stringify(body));
    }
  });

  it("may be refused ten times a minute to an address, and those that succeed do not count", async () => {
    await using api = await testApi();
    for (let count = 0; count < 12; count += 1) await browserOf(api, { token: api.operator });
    const codes: unknown[] = [];
    for (let count = 0; count < 11; count += 1) codes.push((await refusedLogin(api, { token: "wrong" })).code);
    assert.deepEqual(codes, [...Array(10).fill("unauthenticated"), "too_many_requests"]);
    const good = await refusedLogin(api, { token: api.operator });
    assert.deepEqual([good.status, good.headers["retry-after"]], [429, "1"], "nor is a good one told from them");
    assert.match(good.message, /try again in \d+ s$/);
    api.clock.advance(minuteMs);
    await browserOf(api, { token: api.operator });
  });
});

describe("a link to log in", () => {
  it("works once, within ten minutes, and of many that use it at once for one", async () => {
    await using api = await testApi();
    const late = await linkFor(api, api.operator);
    api.clock.advance(10 * minuteMs - 1);
    const { ask } = await browserOf(api, { code: late });
    await ask("DELETE", sessionPath);
    const code = await linkFor(api, api.operator);
    const outcomes: number[] = [];
    const tries = Array.from({ length: 5 }, async () => {
      const { status } = await api.ask("POST", sessionPath, { code }, { token: "" });
      outcomes.push(status);
    });
    await until("all are answered", () => {
      api.clock.advance(250);
      return outcomes.length === tries.length;
    });
    await Promise.all(tries);
    assert.deepEqual(
      outcomes.toSorted((a, b) => a - b),
      [200, 401, 401, 401, 401],
    );
    assert.equal(idsOf(await api.ask("GET", sessions)).length, 1);
  });

  it("is made for oneself, and by admins for whom they may handle", async () => {
    await using api = await testApi();
    const boss = await api.tokenOf("admin", "boss");
    const mia = await api.tokenOf("member", "mia");
    const dora = await api.tokenOf("developer", "dora");
    assert.equal((await browserOf(api, { code: await linkFor(api, mia) })).self["principal"], "mia");
    assert.equal((await browserOf(api, { code: await linkFor(api, mia, "mia") })).self["principal"], "mia");
    assert.equal((await browserOf(api, { code: await linkFor(api, boss, "mia") })).self["principal"], "mia");
    const refusals = [
      [mia, "dora"],
      [dora, "mia"],
      [boss, "admin"],
      [boss, "nobody"],
    ] as const;
    for (const [token, principal] of refusals) {
      const { status, code } = await api.ask("POST", links, { principal }, { token });
      assert.deepEqual([status, code], [404, "not_found"], principal);
    }
    await api.ask("DELETE", "/api/cloud/principals/mia/");
    assert.equal((await api.ask("POST", links, { principal: "mia" }, { token: boss })).status, 404);
  });

  it("ends with the token that it was made with, and what came of it, whomever it is for", async () => {
    await using api = await testApi();
    const made = await api.ask("POST", tokens, { principal: "boss", role: "admin" });
    await api.tokenOf("member", "mia");
    const token = String(made.data["token"]);
    const used = await browserOf(api, { code: await linkFor(api, token, "mia") });
    const fromSession = await browserOf(api, { token });
    const further = await fromSession.ask("POST", links, {});
    const open = [await linkFor(api, token, "mia"), codeOf(further.data["url"])];
    await api.ask("DELETE", `${tokens}${String(made.data["id"])}/`);
    assert.equal((await used.ask("GET", sessionPath)).status, 401);
    for (const code of open) assert.equal((await refusedLogin(api, { code })).status, 401);
  });

  it("gives nobody more than who made it may handle", async () => {
    await using api = await testApi();
    const boss = await api.tokenOf("admin", "boss");
    await api.tokenOf("member", "mia");
    const asMia = await browserOf(api, { code: await linkFor(api, boss, "mia") });
    const open = await linkFor(api, boss, "mia");
    await api.ask("PATCH", "/api/cloud/principals/mia/", { role: "operator" });
    assert.equal((await asMia.ask("GET", sessionPath)).status, 401, "she was made an operator meanwhile");
    assert.equal((await refusedLogin(api, { code: open })).status, 401);
  });

  it("of a principal there are twenty that are open, and the oldest go", async () => {
    await using api = await testApi();
    const first = await linkFor(api, api.operator);
    for (let count = 0; count < 19; count += 1) {
      api.clock.advance(1);
      await linkFor(api, api.operator);
    }
    api.clock.advance(1);
    const last = await linkFor(api, api.operator);
    assert.equal((await refusedLogin(api, { code: first })).status, 401);
    await browserOf(api, { code: last });
  });

  it("is not for functions, which have no token", async () => {
    await using api = await testApi();
    const caller = { tenant: "default", name: "function:1", role: "admin", author: "admin", chain: [] } as const;
    const ask = (method: string, path: string, body?: unknown) =>
      api.deps.platform.call(
        caller as never,
        {
          method,
          path,
          headers: { "content-type": "application/json" },
          ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        },
        new AbortController().signal,
      );
    assert.equal((await ask("POST", links, {})).status, 403);
    const self = await ask("GET", sessionPath);
    assert.match(self.body, /"kind":"function"/);
  });
});

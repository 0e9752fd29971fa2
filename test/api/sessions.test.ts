import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { testApi } from "../support/api.ts";
import { askWith, browserOf, codeOf, sessionPath } from "../support/browser.ts";

const sessions = "/api/cloud/sessions/";
const links = "/api/cloud/login-links/";
const tokens = "/api/cloud/tokens/";
const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

function idsOf({ data }: { readonly data: Readonly<Record<string, unknown>> }): readonly string[] {
  return (data["sessions"] as { readonly id: string }[]).map(({ id }) => id);
}

describe("a session", () => {
  it("ends when it is logged out of, and a cookie that was stolen with it", async () => {
    await using api = await testApi();
    const { ask, cookie } = await browserOf(api, { token: api.operator });
    const thief = askWith(api, cookie);
    assert.equal((await thief("GET", sessionPath)).status, 200);
    const out = await ask("DELETE", sessionPath);
    assert.equal(out.status, 200);
    assert.match(
      String(out.headers["set-cookie"]),
      /^signalbox_session_[0-9a-f]{8}=; Max-Age=0; Path=\/; HttpOnly; SameSite=Strict$/,
    );
    for (const by of [ask, thief]) {
      const { status, code } = await by("GET", sessionPath);
      assert.deepEqual([status, code], [401, "unauthenticated"]);
    }
    assert.equal((await api.ask("DELETE", sessionPath)).status, 200, "a token ends nothing by that");
    assert.equal((await api.ask("GET", sessionPath)).status, 200);
  });

  it("ends at its time, and before that when it is not used", async () => {
    await using api = await testApi();
    const used = await browserOf(api, { token: api.operator });
    const idle = await browserOf(api, { token: api.operator });
    api.clock.advance(2 * hourMs - 1);
    assert.equal((await used.ask("GET", sessionPath)).status, 200);
    api.clock.advance(1);
    assert.equal((await idle.ask("GET", sessionPath)).status, 401);
    for (let hours = 3; hours < 12; hours += 1) {
      api.clock.advance(hourMs);
      assert.equal((await used.ask("GET", sessionPath)).status, 200, `after ${hours} h`);
    }
    api.clock.advance(hourMs);
    assert.equal((await used.ask("GET", sessionPath)).status, 401);
    assert.deepEqual(idsOf(await api.ask("GET", sessions)), []);
  });

  it("is written down as seen once a minute, and reads otherwise cost no commit", async () => {
    await using api = await testApi();
    const { ask, session } = await browserOf(api, { token: api.operator });
    const seen = async () => {
      const listed = (await api.ask("GET", sessions)).data["sessions"] as { id: string; seen_at: string }[];
      return listed.find(({ id }) => id === session)?.seen_at;
    };
    const { store } = api.deps;
    let commits = 0;
    const commit = store.commit.bind(store);
    store.commit = (unit) => {
      commits += 1;
      return commit(unit);
    };
    api.clock.advance(minuteMs - 1);
    await ask("GET", sessionPath);
    assert.deepEqual([commits, await seen()], [0, "2026-01-01T00:00:00.000Z"]);
    api.clock.advance(1);
    await Promise.all(Array.from({ length: 20 }, () => ask("GET", sessionPath)));
    assert.deepEqual([commits, await seen()], [1, "2026-01-01T00:01:00.000Z"]);
    store.commit = () => Promise.reject(new Error("the disk is full"));
    api.clock.advance(minuteMs);
    assert.equal((await ask("GET", sessionPath)).status, 200, "what cannot be written keeps nobody from reading");
    store.commit = commit;
  });

  it("ends with its token: revoked, expired", async () => {
    await using api = await testApi();
    const made = await api.ask("POST", tokens, { principal: "ann", role: "member", expires_in_s: 600 });
    const ann = await browserOf(api, { token: String(made.data["token"]) });
    assert.equal((ann.self["session"] as { expires_at: string }).expires_at, "2026-01-01T00:10:00.000Z");
    assert.match(ann.setCookie, /; Max-Age=600;/);
    api.clock.advance(600_000);
    assert.equal((await ann.ask("GET", sessionPath)).status, 401);
    const other = await api.ask("POST", tokens, { principal: "ann" });
    const again = await browserOf(api, { token: String(other.data["token"]) });
    await api.ask("DELETE", `${tokens}${String(other.data["id"])}/`);
    assert.equal((await again.ask("GET", sessionPath)).status, 401);
  });

  it("ends with its principal, also when that is restored, and follows its role", async () => {
    await using api = await testApi();
    const token = await api.tokenOf("developer", "ann");
    const { ask } = await browserOf(api, { token });
    await api.ask("PATCH", "/api/cloud/principals/ann/", { role: "member" });
    assert.equal((await ask("GET", sessionPath)).data["role"], "member");
    assert.equal((await ask("GET", "/api/cloud/tokens/")).status, 403);
    await api.ask("PATCH", "/api/cloud/principals/ann/", { role: "admin" });
    assert.equal((await ask("GET", "/api/cloud/tokens/")).status, 200);
    await api.ask("DELETE", "/api/cloud/principals/ann/");
    assert.equal((await ask("GET", sessionPath)).status, 401);
    await api.ask("POST", "/api/cloud/principals/ann/restore/");
    assert.equal((await ask("GET", sessionPath)).status, 401);
  });

  it("is nobody's when its cookie is forged, empty, too long, or there are two that differ", async () => {
    await using api = await testApi();
    const { cookie } = await browserOf(api, { token: api.operator });
    const [name = "", value = ""] = cookie.split("=", 2);
    const forged = [
      `${name}=${"A".repeat(43)}`,
      `${name}=`,
      `${name}=${"x".repeat(8_000)}`,
      `${name}=${value}; ${name}=${"B".repeat(43)}`,
      `${name}="${value}"`,
      `${name.toUpperCase()}=${value}`,
      `${name}=${api.operator}`,
      `signalbox_session_00000000=${value}`,
    ];
    for (const header of forged) {
      const { status, code } = await askWith(api, header)("GET", sessionPath);
      assert.deepEqual([status, code], [401, "unauthenticated"], header.slice(0, 99));
    }
    const among = askWith(api, `a=b; ${cookie}; c="${name}=x"; ${cookie}`);
    assert.equal((await among("GET", sessionPath)).status, 200);
  });

  it("does not count beside Authorization", async () => {
    await using api = await testApi();
    const { cookie } = await browserOf(api, { token: api.operator });
    const member = await api.tokenOf("member", "mia");
    const headers = { cookie };
    const asked = await api.ask("GET", sessionPath, undefined, { token: member, headers });
    assert.deepEqual([asked.data["principal"], asked.data["kind"]], ["mia", "token"]);
    assert.equal((await api.ask("GET", sessionPath, undefined, { token: "wrong", headers })).status, 401);
    const posted = await api.ask("POST", links, {}, { token: member, headers });
    assert.equal(posted.status, 201, "and then other sites' pages have nothing to say, because they know no token");
  });

  it("stays in its tenant, but for operators, who act in others", async () => {
    await using api = await testApi();
    await api.ask("POST", "/api/cloud/tenants/", { id: "acme" });
    const { ask } = await browserOf(api, { token: await api.tokenOf("admin", "boss") });
    const elsewhere = { "x-signalbox-tenant": "acme", "sec-fetch-site": "same-origin" };
    assert.equal((await ask("GET", sessionPath, undefined, elsewhere)).status, 404);
    const theirs = await browserOf(api, { token: await api.tokenOf("admin", "boss", "acme") });
    assert.deepEqual([theirs.self["tenant"], idsOf(await theirs.ask("GET", sessions))], ["acme", [theirs.session]]);
    const operator = await browserOf(api, { token: api.operator });
    const acting = await operator.ask("GET", sessionPath, undefined, elsewhere);
    assert.deepEqual(
      [acting.data["tenant"], acting.data["principal"], acting.data["role"]],
      ["acme", "operator:admin", "operator"],
    );
    assert.deepEqual(idsOf(await operator.ask("GET", sessions, undefined, elsewhere)), [theirs.session]);
    const link = await operator.ask("POST", links, {}, elsewhere);
    const again = await browserOf(api, { code: codeOf(link.data["url"]) });
    assert.deepEqual([again.self["tenant"], again.self["principal"]], ["default", "admin"], "it is its own login");
    const ended = await operator.ask("DELETE", `${sessions}${theirs.session}/`, undefined, elsewhere);
    assert.equal(ended.status, 200);
    assert.equal((await theirs.ask("GET", sessionPath)).status, 401);
  });
});

describe("sessions", () => {
  it("are listed and ended by their own, and by admins of whom they may handle", async () => {
    await using api = await testApi();
    const tokensOf = {
      boss: await api.tokenOf("admin", "boss"),
      dora: await api.tokenOf("developer", "dora"),
      mia: await api.tokenOf("member", "mia"),
    };
    const later = (token: string) => {
      api.clock.advance(1_000);
      return browserOf(api, { token });
    };
    const operator = await later(api.operator);
    const boss = await later(tokensOf.boss);
    const dora = await later(tokensOf.dora);
    const mia = await later(tokensOf.mia);
    assert.deepEqual(idsOf(await mia.ask("GET", sessions)), [mia.session]);
    assert.deepEqual(idsOf(await dora.ask("GET", sessions)), [dora.session]);
    assert.deepEqual(idsOf(await boss.ask("GET", sessions)), [mia.session, dora.session, boss.session]);
    assert.deepEqual(await api.all(sessions, "sessions", 1).then((all) => all.map(({ id }) => id)), [
      mia.session,
      dora.session,
      boss.session,
      operator.session,
    ]);
    const [shown] = (await mia.ask("GET", sessions)).data["sessions"] as Readonly<Record<string, unknown>>[];
    assert.deepEqual(shown, {
      id: mia.session,
      principal: "mia",
      role: "member",
      current: true,
      issuer: null,
      created_at: "2026-01-01T00:00:04.000Z",
      seen_at: "2026-01-01T00:00:04.000Z",
      expires_at: "2026-01-01T12:00:04.000Z",
      idle_until: "2026-01-01T02:00:04.000Z",
    });
    const end = async (by: typeof mia, id: string) => (await by.ask("DELETE", `${sessions}${id}/`)).status;
    assert.deepEqual([await end(mia, dora.session), await end(dora, mia.session)], [404, 404]);
    assert.deepEqual([await end(boss, operator.session), await end(boss, "nothing")], [404, 404]);
    assert.deepEqual([await end(boss, mia.session), await end(boss, mia.session)], [200, 404]);
    assert.equal((await mia.ask("GET", sessionPath)).status, 401);
    assert.deepEqual([await end(dora, dora.session), await end(operator, boss.session)], [200, 200]);
  });

  it("are a hundred of a principal, and the oldest go", async () => {
    await using api = await testApi();
    const token = await api.tokenOf("member", "mia");
    const first = await browserOf(api, { token });
    for (let count = 0; count < 99; count += 1) {
      api.clock.advance(1);
      await browserOf(api, { token });
    }
    assert.equal((await first.ask("GET", sessionPath)).status, 200);
    api.clock.advance(1);
    const last = await browserOf(api, { token });
    assert.equal((await first.ask("GET", sessionPath)).status, 401);
    assert.equal((await last.ask("GET", sessionPath)).status, 200);
  });
});

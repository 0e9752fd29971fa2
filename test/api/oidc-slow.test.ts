import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { newUuid } from "../../src/domain/ids.ts";
import { setSessionCookie } from "../../src/faces/http/session-cookie.ts";
import { tokenHash } from "../../src/platform/access/token-secrets.ts";
import { type Answer, type TestApi, testApi } from "../support/api.ts";
import { askWith, sessionPath } from "../support/browser.ts";
import { issuer, issuerName } from "../support/issuer.ts";
import { type LyingProvider, lyingProvider, trusting } from "../support/lying-provider.ts";
import { until } from "../support/until.ts";

const begin = "/dashboard/login/acme";
const longestMs = 5_000;

async function scene() {
  await using made = new AsyncDisposableStack();
  const provider = made.use(await lyingProvider());
  const api = made.use(await testApi({ jwtIssuers: [issuer(trusting(provider))], egressAllow: [] }));
  const owned = made.move();
  return { provider, api, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

function enter(api: TestApi, path = begin, cookie?: string): Promise<Answer> {
  return api.ask("GET", path, undefined, { token: "", ...(cookie === undefined ? {} : { headers: { cookie } }) });
}

/** What comes of a request whose issuer says nothing, once it has had its time. */
async function afterAll(
  api: TestApi,
  provider: LyingProvider,
  path: string,
  asking: () => Promise<Answer>,
): Promise<Answer> {
  provider.lies.set(path, () => {});
  const before = provider.asked.length;
  const answered = asking();
  await until(`${path} is asked`, () => provider.asked.slice(before).includes(path));
  api.clock.advance(longestMs);
  const answer = await answered;
  provider.lies.clear();
  return answer;
}

describe("a log in at an issuer that is slow, or away", () => {
  it("waits five seconds and no longer, and asks again after a minute", async () => {
    await using at = await scene();
    const { api, provider } = at;
    const refused = await afterAll(api, provider, "/.well-known/openid-configuration", () => enter(api));
    assert.equal(refused.status, 503);
    assert.match(refused.text, /<h1>Acme cannot log you in now<\/h1>/);
    const asked = provider.asked.length;
    for (let times = 0; times < 3; times += 1) assert.equal((await enter(api)).status, 503);
    assert.equal(provider.asked.length, asked, "at most once a minute");
    api.clock.advance(60_000);
    assert.equal((await enter(api)).status, 303);
  });

  it("goes on with what is known, which is had anew when it is old", async () => {
    await using at = await scene();
    const { api, provider } = at;
    assert.equal((await enter(api)).status, 303);
    provider.metadata = { authorization_endpoint: `${provider.issuer}/elsewhere` };
    api.clock.advance(11 * 60_000);
    await enter(api);
    await until("the new one counts", async () => String((await enter(api)).headers.location).includes("/elsewhere?"));
    provider.lies.set("/.well-known/openid-configuration", (_request, response) => void response.destroy());
    api.clock.advance(23 * 3_600_000);
    assert.equal((await enter(api)).status, 303);
    api.clock.advance(3_600_000);
    assert.equal((await enter(api)).status, 503, "after a day it does not count any more");
  });

  it("trusts no issuer that calls itself another, or names no place to log in", async () => {
    for (const metadata of [{ issuer: "https://login.acme.example" }, { authorization_endpoint: undefined }]) {
      await using at = await scene();
      at.provider.metadata = metadata;
      const refused = await enter(at.api);
      assert.equal(refused.status, 503, JSON.stringify(metadata));
    }
  });

  it("gives up a code that is not exchanged in time, and as many at once as are too many", async () => {
    await using at = await scene();
    const { api, provider } = at;
    const begun = await Promise.all(Array.from({ length: 33 }, () => enter(api)));
    provider.lies.set("/token", () => {});
    const answered = begun.map(({ headers }) => {
      const [cookie = ""] = String(headers["set-cookie"]).split(";", 1);
      const state = new URL(String(headers.location)).searchParams.get("state");
      return enter(api, `${begin}/callback?code=c&state=${state}`, cookie);
    });
    await until(
      "all that may be are under way",
      () => provider.asked.filter((path) => path === "/token").length === 32,
    );
    const refused = await Promise.race(answered);
    assert.match(refused.text, /Too many are logging in at this moment/);
    api.clock.advance(longestMs);
    const statuses = (await Promise.all(answered)).map(({ status }) => status);
    assert.deepEqual(new Set(statuses), new Set([503]));
  });

  it("has ten minutes", async () => {
    await using at = await scene();
    const { api } = at;
    const { headers } = await enter(api);
    const [cookie = ""] = String(headers["set-cookie"]).split(";", 1);
    const state = new URL(String(headers.location)).searchParams.get("state");
    api.clock.advance(600_000);
    const late = await enter(api, `${begin}/callback?code=c&state=${state}`, cookie);
    assert.match(late.text, /more than 10 minutes ago/);
  });
});

describe("a session of a log in at an issuer", () => {
  const login = { id: "acme", client_id: "signalbox" };
  for (const [what, over, status] of [
    ["counts while browsers log in there", { login }, 200],
    ["ends when they do not any more", {}, 401],
    ["ends when it is another issuer", { issuer: "https://other.example", login }, 401],
  ] as const) {
    it(what, async () => {
      await using api = await testApi({ jwtIssuers: [issuer({ jwks_url: `${issuerName}/jwks`, ...over })] });
      const { store } = api.deps;
      const uuid = newUuid("loginSession", { nowMs: api.clock.now(), bytes: api.clock.bytes(10) });
      const of = { tenant: "default", principal: "ada" };
      const times = { createdMs: api.clock.now(), seenMs: api.clock.now(), expiresMs: api.clock.now() + 60_000 };
      await store.commit({
        changes: [
          { do: "principal.put", principal: { tenant: "default", name: "ada", role: "member", createdMs: 1 } },
          { do: "issuerLink.put", link: { ...of, issuer: issuerName, subject: "7" } },
          {
            do: "session.add",
            session: { uuid, hash: tokenHash("secret"), ...of, issuer: issuerName, ...times },
          },
        ],
      });
      const [cookie = ""] = setSessionCookie(api.deps, "secret", 60).split(";", 1);
      const answer = await askWith(api, cookie)("GET", sessionPath);
      assert.equal(answer.status, status, answer.text);
    });
  }
});

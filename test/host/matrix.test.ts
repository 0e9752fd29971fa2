/** Every route of each listener, on each listener, with each kind of credential. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Route } from "../../src/faces/http/route.ts";
import { type Answer, type TestApi, testApi } from "../support/api.ts";
import { browserOf } from "../support/browser.ts";
import type { OpenApi } from "../support/openapi-document.ts";

interface Credential {
  readonly name: string;
  readonly headers: Readonly<Record<string, string>>;
}

interface Asked {
  readonly method: string;
  readonly path: string;
}

const bearer = (token: string): Credential["headers"] => ({ authorization: `Bearer ${token}` });

/** Those of the API's callers, good ones and bad. */
async function publicOnes(api: TestApi): Promise<Credential[]> {
  const { cookie } = await browserOf(api, { token: api.operator });
  const roles = await Promise.all(
    (["admin", "developer", "member"] as const).map(async (role) => ({
      name: role,
      headers: bearer(await api.tokenOf(role)),
    })),
  );
  return [
    { name: "none", headers: {} },
    { name: "operator", headers: bearer(api.operator) },
    ...roles,
    { name: "a session", headers: { cookie, origin: "http://signalbox.example", "sec-fetch-site": "same-origin" } },
    {
      name: "an S3 key",
      headers: { authorization: "AWS4-HMAC-SHA256 Credential=AKTESTS/20260101/us-east-1/s3/aws4_request" },
    },
    { name: "no token at all", headers: bearer("sbx_nothing") },
  ];
}

async function made(api: TestApi, body: object): Promise<{ readonly id: string; readonly token: string }> {
  const { data } = await api.ask("POST", "/api/cloud/tokens/", { role: "host", ...body });
  return { id: String(data["id"]), token: String(data["token"]) };
}

/** Those of hosts, and whether they are good. */
async function hostOnes(api: TestApi): Promise<readonly (Credential & { readonly isGood: boolean })[]> {
  const ofOne = await made(api, { principal: "one" });
  const ofAll = await made(api, { principal: "all", all_tenants: true });
  const revoked = await made(api, { principal: "one" });
  const ended = await made(api, { principal: "gone" });
  const expired = await made(api, { principal: "one", expires_in_s: 1 });
  await api.ask("DELETE", `/api/cloud/tokens/${revoked.id}/`);
  await api.ask("DELETE", "/api/cloud/principals/gone/");
  api.clock.advance(1_001);
  return [
    { name: "a host of one tenant", headers: bearer(ofOne.token), isGood: true },
    { name: "a host of all tenants", headers: bearer(ofAll.token), isGood: true },
    { name: "revoked", headers: bearer(revoked.token), isGood: false },
    { name: "of a principal that was ended", headers: bearer(ended.token), isGood: false },
    { name: "expired", headers: bearer(expired.token), isGood: false },
  ];
}

type Ask = (asked: Asked, credential: Credential) => Promise<Pick<Answer, "status" | "text">>;

const askOf =
  (app: TestApi["app"]): Ask =>
  async ({ method, path }, { headers }) => {
    const payload = method === "GET" || method === "DELETE" ? {} : { payload: "{}" };
    const type = method === "GET" || method === "DELETE" ? {} : { "content-type": "application/json" };
    const answer = await app.inject({
      method: method as "GET",
      url: path,
      headers: { ...type, ...headers },
      ...payload,
    });
    return { status: answer.statusCode, text: answer.payload };
  };

const filled = ({ method, path }: Pick<Route, "method" | "path">): Asked => ({
  method,
  path: path.replaceAll(/:[A-Za-z_]+/g, "a-name"),
});

/** Of every face, by the document: what answers without a token, and what ends no login. */
async function documented(api: TestApi, document: string, ask: Ask): Promise<Asked[]> {
  const { text } = await ask({ method: "GET", path: document }, { name: "none", headers: {} });
  const { paths } = JSON.parse(text) as OpenApi;
  assert.ok(api.routes.length > 0);
  return Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations)
      .filter(([, operation]) => "security" in operation)
      .map(([method]) =>
        filled({ method: method.toUpperCase() as "GET", path: path.replaceAll(/\{([^}]+)\}/g, ":$1") }),
      ),
  );
}

describe("route × credential × listener", () => {
  it("no host reaches a route of the API, and no caller of the API one of the hosts", async () => {
    await using api = await testApi();
    const [publicly, hostly] = [askOf(api.app), askOf(api.hosts)];
    const routes = await documented(api, "/openapi.json", publicly);
    const ofHosts = await documented(api, "/host/openapi.json", hostly);
    assert.ok(routes.length > 100 && ofHosts.length > 0);
    assert.deepEqual(ofHosts.length, api.hostRoutes.length);
    const hosts = await hostOnes(api);
    const callers = await publicOnes(api);
    for (const route of routes) {
      const where = `${route.method} ${route.path}`;
      for (const host of hosts) {
        const { status, text } = await publicly(route, host);
        assert.equal(status, 401, `${where} as ${host.name}: ${text}`);
      }
      for (const caller of [...hosts, ...callers]) {
        const { status } = await hostly(route, caller);
        assert.equal(status, 404, `${where} on the host listener as ${caller.name}`);
      }
    }
    for (const route of ofHosts) {
      const where = `${route.method} ${route.path}`;
      for (const caller of [...hosts, ...callers]) {
        const { status } = await publicly(route, caller);
        assert.equal(status, 404, `${where} on the public port as ${caller.name}`);
      }
      for (const caller of callers) {
        const { status, text } = await hostly(route, caller);
        assert.equal(status, 401, `${where} as ${caller.name}: ${text}`);
      }
      for (const { isGood, ...host } of hosts) {
        const { status, text } = await hostly(route, host);
        if (isGood) assert.ok(status !== 401 && status < 500, `${where} as ${host.name}: ${status} ${text}`);
        else assert.equal(status, 401, `${where} as ${host.name}: ${text}`);
      }
    }
  });

  it("no function reaches the host interface with the ticket of its call", async () => {
    await using api = await testApi();
    const seen: number[] = [];
    // Calls go to the host interface, as if one had found the way.
    api.deps.platform.serve({
      inject: async ({ headers }: { readonly headers: Readonly<Record<string, string>> }) => {
        const [route] = api.hostRoutes.map(filled);
        assert.ok(route);
        const asked = await askOf(api.hosts)(route, { name: "a function", headers });
        seen.push(asked.status);
        return { statusCode: asked.status, payload: asked.text, headers: {} };
      },
    } as unknown as typeof api.app);
    const caller = { tenant: "default", name: "function:x", role: "admin" } as const;
    const request = { method: "GET", path: "/host/v1/events/", headers: {}, body: undefined };
    const { body } = await api.deps.platform.call(caller, request as never, new AbortController().signal);
    assert.deepEqual(seen, [401]);
    assert.match(body, /functions call the API, and do not reach the host interface/);
  });
});

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type TestApi, testApi } from "../support/api.ts";
import { browserOf, sessionPath } from "../support/browser.ts";
import { shared } from "../support/shared.ts";

const tenants = "/api/cloud/tenants/";
/** Where injected requests go. */
const host = "signalbox.lan:8080";

type Headers = Readonly<Record<string, string>>;

/** What a browser says of who made the request, and whether that may do more than read. */
const table: readonly (readonly [string, Headers, boolean])[] = [
  ["a page of this server", { "sec-fetch-site": "same-origin" }, true],
  ["a page of this server, which names it too", { "sec-fetch-site": "same-origin", origin: `http://${host}` }, true],
  ["a page of another site", { "sec-fetch-site": "cross-site" }, false],
  [
    "a page of another site that claims this origin",
    { "sec-fetch-site": "cross-site", origin: `http://${host}` },
    false,
  ],
  [
    "a page of another port of this host",
    { "sec-fetch-site": "same-site", origin: "http://signalbox.lan:3000" },
    false,
  ],
  ["nobody: an address was typed", { "sec-fetch-site": "none" }, false],
  ["a browser that says nonsense", { "sec-fetch-site": "Same-Origin, same-origin" }, false],
  ["this server on plain http, where browsers leave Sec-Fetch-Site out", { origin: `http://${host}` }, true],
  ["the same behind a proxy that speaks https", { origin: `https://${host}` }, true],
  ["the public URL, behind a proxy that changes Host", { origin: "http://signalbox.example" }, true],
  ["another origin on plain http", { origin: "http://evil.example" }, false],
  ["another port", { origin: "http://signalbox.lan:3000" }, false],
  ["a host that begins alike", { origin: `http://${host}.evil.example` }, false],
  ["a name before the host", { origin: `http://${host}@evil.example` }, false],
  ["a sandboxed frame", { origin: "null" }, false],
  ["nothing that tells", {}, false],
];

describe("with a cookie", () => {
  const server = shared(testApi);
  const operatorOf = (api: TestApi) => browserOf(api, { token: api.operator });

  for (const [who, headers, may] of table) {
    it(`${who} may ${may ? "" : "only "}read${may ? " and write" : ""}`, async () => {
      const api = server();
      const { ask } = await operatorOf(api);
      const said = { host, ...headers };
      assert.equal((await ask("GET", sessionPath, undefined, said)).status, 200);
      assert.equal((await ask("HEAD", sessionPath, undefined, said)).status, 200);
      const id = `t-${api.clock.bytes(1)[0]}-${table.findIndex(([name]) => name === who)}`;
      const asked = await ask("POST", tenants, { id }, said);
      assert.equal(asked.status, may ? 201 : 403, asked.text);
      assert.equal(asked.code, may ? undefined : "cross_site");
      assert.equal((await api.ask("GET", `${tenants}${id}/`)).status, may ? 200 : 404);
      const face = "/notifications/v2/";
      const { status } = await ask("POST", face, {}, said);
      assert.equal(status, may ? 400 : 403, "the same at the face of resource notifications");
      if (may) return;
      assert.match(asked.message, /SIGNALBOX_PUBLIC_URL/);
      for (const method of ["PUT", "PATCH", "DELETE"]) {
        assert.equal(
          (await ask(method, "/api/cloud/alerts/", {}, said)).status,
          method === "PATCH" ? 405 : 403,
          method,
        );
      }
      assert.equal((await ask("DELETE", sessionPath, undefined, said)).status, 403, "nor log anybody out");
    });
  }

  it("says the same of a bad one, before it is looked at", async () => {
    const api = server();
    const { cookie } = await browserOf(api, { token: api.operator });
    const bad = `${cookie.split("=", 1)[0]}=x`;
    const { status, code } = await api.ask(
      "POST",
      tenants,
      { id: "x" },
      { token: "", headers: { cookie: bad, "sec-fetch-site": "cross-site" } },
    );
    assert.deepEqual([status, code], [403, "cross_site"]);
  });
});

describe("a login", () => {
  const server = shared(testApi);
  for (const [who, headers, may] of table) {
    // A program that says nothing brings nobody's cookie, and gets one of its own.
    const isProgram = Object.keys(headers).length === 0;
    it(`is ${may || isProgram ? "" : "not "}for ${who}`, async () => {
      const api = server();
      const asking = { token: "", headers: { host, ...headers } };
      const answer = await api.ask("POST", sessionPath, { token: api.operator }, asking);
      assert.equal(answer.status, may || isProgram ? 200 : 403, answer.text);
      assert.equal(answer.headers["set-cookie"] === undefined, !(may || isProgram));
    });
  }

  it("is JSON, as no form of another site can send it", async () => {
    const api = server();
    for (const type of ["text/plain", "application/x-www-form-urlencoded"]) {
      const { status } = await api.ask("POST", sessionPath, JSON.stringify({ token: api.operator }), {
        token: "",
        headers: { "content-type": type },
      });
      assert.equal(status, 415, type);
    }
  });
});

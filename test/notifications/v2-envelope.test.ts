import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { type Face, face as path, runFace, type Somebody } from "./v2-server.ts";

describe("the envelope of the notifications face", () => {
  let face: Face;
  let ada: Somebody;
  let id: string;
  const url = "https://hooks.example.com/";
  before(async () => {
    face = await runFace({ SIGNALBOX_MAX_BODY_BYTES: "4096" });
    ada = await face.someone("ada");
    const associatedUuid = await face.file(ada, "pictures");
    ({ id } = await ada.subscribe({ url, event: "*", associatedUuid, persistent: true }));
    for (const event of ["DELETED", "RENAME", "MOVED"]) await ada.subscribe({ url, event, associatedUuid });
  });
  after(() => face[Symbol.asyncDispose]());

  it("is the documented one", async () => {
    const { status, text, headers } = await ada.ask("GET", `/${id}`);
    const { version, result, ...rest } = JSON.parse(text) as Record<string, unknown>;
    assert.equal(status, 200);
    assert.match(String(headers.get("content-type")), /^application\/json/);
    assert.deepEqual(rest, { status: "success", message: null });
    assert.match(String(version), /^\d+\.\d+\.\d+-/);
    assert.equal((result as { id: string }).id, id);
  });

  it("can be left off", async () => {
    for (const flag of ["naked=true", "naked=1", "naked", "naked=TRUE"]) {
      assert.equal((JSON.parse((await ada.ask("GET", `/${id}?${flag}`)).text) as { id: string }).id, id);
    }
    assert.match((await ada.ask("GET", "/?naked=true")).text, /^\[\{/);
    assert.match((await ada.ask("GET", `/${id}?naked=false`)).text, /^\{"status"/);
    // Whoever is refused is told in the envelope all the same.
    assert.match((await ada.ask("GET", `/${id}x?naked=true`)).text, /^\{"status":"error"/);
  });

  it("has line breaks for people", async () => {
    for (const asked of [`/${id}`, `/${id}x`, "/?limit=0", "/no/such/route"]) {
      const mark = asked.includes("?") ? "&" : "?";
      const pretty = (await ada.ask("GET", `${asked}${mark}pretty=true`)).text;
      assert.match(pretty, /^\{\n {2}"status": "(success|error)"/);
      assert.deepEqual(JSON.parse(pretty), JSON.parse((await ada.ask("GET", asked)).text));
    }
  });

  it("holds only what was asked for", async () => {
    const picked = await ada.ask("GET", `/${id}?filter=id,policy.retryLimit,_links.self.href,nothing`);
    assert.deepEqual(picked.result, {
      id,
      policy: { retryLimit: 5 },
      _links: { self: { href: `${face.server.url}${path}/${id}` } },
    });
    const { list } = await ada.ask("GET", "/?filter=event&limit=2");
    assert.deepEqual(list, [{ event: "MOVED" }, { event: "RENAME" }]);
  });

  it("lists a part", async () => {
    const events = async (query: string) => (await ada.ask("GET", `/?${query}`)).list.map(({ event }) => event);
    assert.deepEqual(await events(""), ["MOVED", "RENAME", "DELETED", "*"]);
    assert.deepEqual(await events("limit=2&offset=1"), ["RENAME", "DELETED"]);
    assert.deepEqual(await events("offset=4"), []);
    assert.deepEqual(await events("limit=250&offset=3"), ["*"]);
  });

  for (const [query, field] of [
    ["limit=0", "limit"],
    ["limit=251", "limit"],
    ["limit=-1", "limit"],
    ["limit=ten", "limit"],
    ["limit=1&limit=2", "limit"],
    ["limit=", "limit"],
    ["offset=-1", "offset"],
    ["offset=1000001", "offset"],
    ["naked=perhaps", "naked"],
    ["pretty=perhaps", "pretty"],
    [`filter=${"a,".repeat(51)}`, "filter"],
  ] as const) {
    it(`is told what is wrong: ?${query.slice(0, 20)}`, async () => {
      const { status, fields } = await ada.ask("GET", `/?${query}`);
      assert.deepEqual([status, fields.map(({ path }) => path)], [400, [field]]);
    });
  }

  it("is told of what is no parameter", async () => {
    const { status, fields } = await ada.ask("GET", `/${id}?nakde=true`);
    assert.deepEqual([status, fields[0]?.path], [400, "nakde"]);
    assert.match(fields[0]?.message ?? "", /Did you mean "naked"/);
  });

  it("answers alike with and without a final slash", async () => {
    for (const bare of ["", `/${id}`, `/${id}/attempts`, "/events"]) {
      const [one, two] = [await ada.ask("GET", bare), await ada.ask("GET", `${bare}/`)];
      assert.deepEqual([one.status, one.text], [200, two.text]);
    }
  });

  it("is that of every failure", async () => {
    const failing = [
      { ask: () => ada.ask("GET", "/", undefined, { authorization: "Bearer nonsense" }), is: [401, "unauthenticated"] },
      { ask: () => ada.ask("GET", "/", undefined, { "x-signalbox-tenant": "other" }), is: [404, "not_found"] },
      { ask: () => ada.ask("GET", "/a/b/c/d"), is: [404, "not_found"] },
      { ask: () => ada.ask("POST", "/a/b/c/d", {}), is: [404, "not_found"] },
      { ask: () => ada.ask("GET", `/${"a".repeat(600)}`), is: [404, "not_found"] },
      { ask: () => ada.ask("GET", "/%zz"), is: [400, "invalid_request"] },
      { ask: () => ada.ask("PUT", "/", {}), is: [405, "method_not_allowed"] },
      { ask: () => ada.ask("POST", "/", "{"), is: [400, "invalid_request"] },
      { ask: () => ada.ask("POST", "/", "[]"), is: [400, "invalid_request"] },
      { ask: () => ada.ask("POST", "/", "null"), is: [400, "invalid_request"] },
      { ask: () => ada.ask("POST", "/", { url: "a".repeat(5000) }), is: [413, "too_large"] },
      { ask: () => ada.ask("POST", "/", "<a/>", { "content-type": "text/xml" }), is: [415, "unsupported_media_type"] },
    ];
    for (const { ask, is } of failing) {
      const { status, code, text } = await ask();
      assert.deepEqual([status, code], is, text);
      assert.equal((JSON.parse(text) as { status: string }).status, "error");
    }
  });

  it("is documented, for every route", async () => {
    const document = (await (await fetch(`${face.server.url}/openapi.json`)).json()) as {
      readonly paths: Readonly<Record<string, object>>;
    };
    const documented = Object.entries(document.paths).flatMap(([at, methods]) =>
      at.startsWith(path) && !at.includes("/mail/") ? [`${at} ${Object.keys(methods).join(" ")}`] : [],
    );
    assert.deepEqual(documented.toSorted(), [
      `${path}/ get post`,
      `${path}/events/ get`,
      `${path}/{uuid}/ get post put patch delete`,
      `${path}/{uuid}/attempts/ get post delete`,
      `${path}/{uuid}/attempts/{attempt}/ get delete`,
    ]);
  });

  it("says which methods there are", async () => {
    const at = async (asked: string) => (await ada.ask("OPTIONS", asked)).headers.get("allow");
    assert.equal(await at("/"), "GET, HEAD, POST");
    assert.equal(await at(`/${id}/`), "GET, HEAD, POST, PUT, PATCH, DELETE");
    assert.equal(await at(`/${id}/attempts`), "GET, HEAD, POST, DELETE");
    const challenged = await ada.ask("GET", "/", undefined, { authorization: "Basic YTpi" });
    assert.match(challenged.headers.get("www-authenticate") ?? "", /^Bearer /);
  });
});

import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, connect } from "node:net";
import { describe, it } from "node:test";
import { testApi } from "../support/api.ts";
import { shared } from "../support/shared.ts";

describe("every answer", () => {
  it("is the same with and without a final slash, and never a redirect", async () => {
    await using api = await testApi();
    await api.bucket("b");
    for (const path of ["/api/cloud/buckets", "/api/cloud/buckets/b/notifications", "/healthz", "/nothing/here"]) {
      const [plain, slashed] = [await api.ask("GET", path), await api.ask("GET", `${path}/`)];
      assert.deepEqual([plain.status, plain.text], [slashed.status, slashed.text], path);
      const query = await api.ask("GET", `${path}/?limit=1`);
      assert.ok(query.status !== 301 && query.status !== 308, path);
    }
  });

  it("has a request id, is not cached, and is JSON in the envelope", async () => {
    await using api = await testApi();
    for (const path of ["/api/cloud/buckets/", "/api/cloud/tenants/nobody/", "/nothing", "/%zz"]) {
      const { headers, text } = await api.ask("GET", path);
      assert.match(String(headers["content-type"]), /^application\/json/);
      const body = JSON.parse(text) as Record<string, unknown>;
      assert.equal(typeof body["success"], "boolean");
      assert.equal(typeof body["message"], "string");
      if (path !== "/%zz") assert.match(String(headers["x-request-id"]), /^[0-9a-f]{24}$/);
    }
  });

  it("to HEAD is that to GET without its body", async () => {
    await using api = await testApi();
    const [head, get] = [await api.ask("HEAD", "/api/cloud/tenants/"), await api.ask("GET", "/api/cloud/tenants/")];
    assert.deepEqual([head.status, head.text], [200, ""]);
    assert.equal(head.headers["content-length"], get.headers["content-length"]);
  });
});

describe("what cannot be answered", () => {
  const server = shared(async () => {
    const api = await testApi();
    await api.bucket("b");
    return api;
  });
  const rules = "/api/cloud/buckets/b/notifications/";
  const table: readonly {
    readonly what: string;
    readonly method?: string;
    readonly path?: string;
    readonly body?: unknown;
    readonly type?: string;
    readonly status: number;
    readonly code: string;
    readonly message: RegExp;
  }[] = [
    {
      what: "an unknown route",
      method: "GET",
      path: "/api/cloud/bucket/",
      status: 404,
      code: "not_found",
      message: /openapi\.json/,
    },
    { what: "a wrong method", method: "PUT", status: 405, code: "method_not_allowed", message: /use GET, HEAD, POST/ },
    {
      what: "a wrong method on a public route",
      method: "POST",
      path: "/healthz",
      status: 405,
      code: "method_not_allowed",
      message: /use GET, HEAD/,
    },
    { what: "no body", status: 400, code: "invalid_request", message: /^body: must be a JSON object$/ },
    { what: "an empty body", body: "", status: 400, code: "invalid_request", message: /^body: must be a JSON object$/ },
    {
      what: "malformed JSON",
      body: '{"url":"secret',
      status: 400,
      code: "invalid_request",
      message: /^the body is not JSON: see line 1/,
    },
    {
      what: "JSON that poisons prototypes",
      body: '{"__proto__":{"url":1}}',
      status: 400,
      code: "invalid_request",
      message: /__proto__/,
    },
    ...["9007199254740993", "-12345678901234567890", "1e999"].map((number) => ({
      what: `a number that would be another one: ${number}`,
      body: `{"deep":["1234567890123456789","\\\\","\\"1e999",true,9007199254740992,1.7976931348623157e308,0.12345678901234567,{"at":${number}}]}`,
      status: 400,
      code: "invalid_request",
      message: new RegExp(`^the body has the number ${number}, which cannot be kept exactly: send it as a string$`),
    })),
    {
      what: "JSON of another kind",
      body: "[1]",
      status: 400,
      code: "invalid_request",
      message: /must be a JSON object/,
    },
    {
      what: "a form",
      body: "url=x",
      type: "application/x-www-form-urlencoded",
      status: 415,
      code: "unsupported_media_type",
      message: /application\/json/,
    },
    {
      what: "plain text",
      body: "{}",
      type: "text/plain",
      status: 415,
      code: "unsupported_media_type",
      message: /application\/json/,
    },
    {
      what: "10 MB of filter",
      body: { url: "https://a.example", filter: "k".repeat(10_000_000) },
      status: 413,
      code: "too_large",
      message: /1048576 bytes/,
    },
    {
      what: "a path that is not encoded well",
      method: "GET",
      path: "/api/cloud/buckets/%E0%A4%A/notifications/",
      status: 400,
      code: "invalid_request",
      message: /two hex digits/,
    },
    {
      what: "an unknown query parameter",
      method: "GET",
      path: `${rules}?limt=1`,
      status: 400,
      code: "invalid_request",
      message: /limt: is not a known property. Did you mean "limit"\?/,
    },
    {
      what: "a limit that is no number",
      method: "GET",
      path: `${rules}?limit=1.5`,
      status: 400,
      code: "invalid_request",
      message: /limit: must be a whole number/,
    },
    {
      what: "a limit that is too large",
      method: "GET",
      path: `${rules}?limit=101`,
      status: 400,
      code: "invalid_request",
      message: /limit: must be at most 100/,
    },
    {
      what: "a parameter twice",
      method: "GET",
      path: `${rules}?limit=1&limit=2`,
      status: 400,
      code: "invalid_request",
      message: /limit: must be a whole number/,
    },
    {
      what: "a cursor that nobody gave",
      method: "GET",
      path: `${rules}?cursor=AAAA`,
      status: 400,
      code: "invalid_request",
      message: /cursor: is not one that this list gave/,
    },
    {
      what: "a very long name",
      method: "GET",
      path: `/api/cloud/buckets/${"b".repeat(5000)}/notifications/`,
      status: 404,
      code: "not_found",
      message: /./,
    },
    {
      what: "a name with a NUL",
      method: "GET",
      path: "/api/cloud/buckets/a%00b/notifications/",
      status: 404,
      code: "not_found",
      message: /does not exist/,
    },
    {
      what: "a body where none is taken",
      path: `${rules}x-011/resume/`,
      body: "[1,2]",
      status: 400,
      code: "invalid_request",
      message: /body/,
    },
  ];

  for (const { what, method = "POST", path = rules, body, type, status, code, message } of table) {
    it(`is told: ${what}`, async () => {
      const api = server();
      const headers = type === undefined ? {} : { "content-type": type };
      const answer = await api.ask(method, path, body, { headers });
      assert.equal(answer.status, status, answer.text);
      assert.equal(answer.code, code);
      assert.match(answer.message, message);
      assert.doesNotMatch(answer.text, /secret|\.ts:|node_modules/, "neither the body nor a stack trace");
    });
  }

  it("is told when it is not even HTTP", async () => {
    await using api = await testApi();
    await api.app.listen({ port: 0, host: "127.0.0.1" });
    const socket = connect((api.app.server.address() as AddressInfo).port, "127.0.0.1");
    let text = "";
    socket.setEncoding("utf8").on("data", (chunk: string) => {
      text += chunk;
    });
    socket.write("HELLO\r\n\r\n");
    await once(socket, "close");
    assert.match(text, /^HTTP\/1\.1 400 /);
    assert.match(text, /"code":"invalid_request"/);
  });

  it("tells nothing of failures inside but a request id", async () => {
    await using api = await testApi();
    const failing = api.deps.store.identities as { tenants: unknown };
    failing.tenants = () => Promise.reject(new Error("SELECT secret FROM secrets"));
    const { status, code, message, headers } = await api.ask("GET", "/api/cloud/tenants/");
    assert.deepEqual([status, code], [500, "internal"]);
    assert.equal(message, `something failed here; the operator finds it as ${String(headers["x-request-id"])}`);
  });
});

describe("routes without a token", () => {
  it("/readyz says whether work can be accepted, and why not; /healthz says the same and that it is alive", async () => {
    await using api = await testApi();
    const ask = (path: string) => api.ask("GET", path, undefined, { token: "" });
    assert.equal((await ask("/readyz")).status, 200);
    assert.deepEqual((await ask("/healthz")).data, { status: "ok" });
    api.unhealthy = "the disk is full";
    const { status, code, message } = await ask("/readyz");
    assert.deepEqual([status, code, message], [503, "unavailable", "the disk is full"]);
    const alive = await ask("/healthz");
    assert.deepEqual([alive.status, alive.data, alive.message], [200, { status: "unready" }, "the disk is full"]);
  });

  it("/metrics is in Prometheus' text format", async () => {
    await using api = await testApi();
    const { headers, text } = await api.ask("GET", "/metrics", undefined, { token: "" });
    assert.match(String(headers["content-type"]), /^text\/plain; version=0\.0\.4/);
    assert.equal(text, "signalbox_up 1\n");
  });
});

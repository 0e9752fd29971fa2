import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { testApi } from "../support/api.ts";
import { allowing, apiWithFunction, functionsPath, makeApp, makeFunction } from "../support/functions.ts";
import { shared } from "../support/shared.ts";

/** Bodies that are refused alike when a function is made and when it is changed. */
const bad: readonly (readonly [string, Readonly<Record<string, unknown>>, string, RegExp])[] = [
  ["an empty name", { name: "" }, "name", /must not be empty/],
  ["a name with a line break", { name: "a\nb" }, "name", /control characters/],
  ["a name that is too long", { name: "a".repeat(129) }, "name", /at most 128/],
  ["code that is no text", { code: ["x"] }, "code", /must be a string/],
  ["empty code", { code: "" }, "code", /must not be empty/],
  ["too much code", { code: `//${"x".repeat(2 ** 20 - 1)}` }, "code", /at most 1048576/],
  ["too much code in bytes", { code: `//${"ä".repeat(2 ** 19)}` }, "code", /1048578 bytes long; at most 1048576/],
  ["an unknown language", { language: "python", code: allowing }, "language", /must be one of "javascript"/],
  ["no time", { timeout_ms: 0 }, "timeout_ms", /at least 1/],
  ["too much time", { timeout_ms: 300_001 }, "timeout_ms", /at most 300000/],
  ["half a millisecond", { timeout_ms: 0.5 }, "timeout_ms", /whole number/],
  ["enabled as a text", { enabled: "yes" }, "enabled", /true or false/],
  ["writes as a number", { writes: 1 }, "writes", /true or false/],
  ["a setting in lower case", { env: { region: "eu" } }, "env.region", /must have a name of A-Z/],
  ["a setting that begins with a digit", { env: { "1A": "x" } }, "env.1A", /does not begin with a digit/],
  ["a setting called constructor", { env: { constructor: "x" } }, "env.constructor", /must have a name/],
  ["a setting with a line break in its name", { env: { "A\nB": 5 } }, "env.A\nB", /must have a name/],
  ["a setting whose name is too long", { env: { ["A".repeat(65)]: "x" } }, `env.${"A".repeat(65)}`, /at most 64/],
  ["a setting that is a number", { env: { A: 1 } }, "env.A", /must be a string/],
  ["a setting that is too long", { env: { A: "x".repeat(16_385) } }, "env.A", /at most 16384 bytes/],
  ["a setting that is too long in bytes", { env: { A: "ä".repeat(8_193) } }, "env.A", /at most 16384 bytes/],
  ["too many settings", { env: entries(65, "1") }, "env", /at most 64 names/],
  ["settings that are too long together", { env: entries(5, "x".repeat(16_000)) }, "env", /80000 bytes together/],
  ["settings as a list", { env: ["A"] }, "env", /must be a JSON object/],
  ["a secret in lower case", { secrets: { token: "t" } }, "secrets.token", /must have a name of A-Z/],
  ["too many secrets", { secrets: entries(65, "1") }, "secrets", /at most 64 names/],
  ["a secret that is a number", { secrets: { A: 1 } }, "secrets.A", /must be a string/],
  ["a host as a text", { egress: "api.example.com" }, "egress", /must be an array/],
  ["a host with a scheme", { egress: ["https://api.example.com"] }, "egress[0]", /without a scheme/],
  ["a host with a path", { egress: ["api.example.com/v1"] }, "egress[0]", /a host alone/],
  ["a host with a user", { egress: ["u@api.example.com"] }, "egress[0]", /a host alone/],
  ["a host with a query", { egress: ["api.example.com?x"] }, "egress[0]", /a host alone/],
  ["a host with a blank", { egress: ["api example.com"] }, "egress[0]", /a host alone/],
  ["an empty host", { egress: ["a.example", ""] }, "egress[1]", /must not be empty/],
  ["every host", { egress: ["*"] }, "egress[0]", /must name hosts/],
  ["every host of a port", { egress: ["*:443"] }, "egress[0]", /must name hosts/],
  ["a star in the middle", { egress: ["api.*.com"] }, "egress[0]", /is not a host/],
  ["a star before an address", { egress: ["*.192.0.2.1"] }, "egress[0]", /before an address|is not a host/],
  ["a port that is none", { egress: ["api.example.com:99999"] }, "egress[0]", /from 1 to 65535/],
  ["a port of letters", { egress: ["api.example.com:https"] }, "egress[0]", /is not a host/],
  ["port 0", { egress: ["api.example.com:0"] }, "egress[0]", /from 1 to 65535/],
  ["two ports", { egress: ["api.example.com:1:2"] }, "egress[0]", /is not a host/],
  ["a host of dots", { egress: ["..."] }, "egress[0]", /is not a host/],
  ["a host of one dot", { egress: ["*."] }, "egress[0]", /is not a host/],
  ["loopback", { egress: ["127.0.0.1:8080"] }, "egress[0]", /loopback.*SIGNALBOX_EGRESS_ALLOW/],
  ["loopback in other writing", { egress: ["0x7f.1"] }, "egress[0]", /127\.0\.0\.1 \(loopback\)/],
  ["IPv6 loopback", { egress: ["[::1]:8080"] }, "egress[0]", /::1 \(loopback\)/],
  ["cloud metadata", { egress: ["169.254.169.254"] }, "egress[0]", /cloud metadata/],
  ["too many hosts", { egress: Array.from({ length: 65 }, (_, n) => `h${n}.example`) }, "egress", /at most 64/],
  ["a version of one's own", { version: 3 }, "version", /not a known property/],
  ["a mistyped property", { timeoutms: 1 }, "timeoutms", /Did you mean "timeout_ms"\?/],
];

function entries(count: number, value: string): Readonly<Record<string, string>> {
  return Object.fromEntries(Array.from({ length: count }, (_, n) => [`N${n}`, value]));
}

describe("a function", () => {
  const withApp = shared(async () => {
    const api = await testApi();
    await makeApp(api);
    return api;
  });
  const withFunction = shared(apiWithFunction);

  for (const [what, body, path, message] of bad) {
    it(`is refused with ${what}`, async () => {
      const { api, path: existing } = withFunction();
      const { data } = await api.ask("GET", existing);
      for (const [method, at, said] of [
        ["POST", functionsPath, { name: "New", code: allowing, ...body }],
        ["PATCH", existing, body],
      ] as const) {
        const answer = await api.ask(method, at, said);
        assert.deepEqual([answer.status, answer.fields[0]?.path], [400, path], `${method}: ${answer.text}`);
        assert.match(answer.fields[0]?.message ?? "", message);
        assert.ok(answer.text.length < 5_000, `the answer has ${answer.text.length} characters`);
      }
      assert.deepEqual((await api.ask("GET", existing)).data, data, "nothing was changed");
      const listed = await api.ask("GET", functionsPath);
      assert.equal((listed.data["functions"] as unknown[]).length, 1, "nothing was made");
    });
  }

  const notMade: readonly (readonly [string, unknown, string])[] = [
    ["no code", { name: "New" }, "code"],
    ["no name", { code: allowing }, "name"],
    ["a slug that is a number", { name: "New", code: allowing, slug: "123" }, "slug"],
    ["a name that is a number, and no slug", { name: "123", code: allowing }, "slug"],
    ["a name without a letter of a-z, and no slug", { name: "名前", code: allowing }, "slug"],
    ["a slug with dots", { name: "New", code: allowing, slug: "../x" }, "slug"],
    ["settings that are null", { name: "New", code: allowing, env: null }, "env"],
    ["a setting that is null", { name: "New", code: allowing, env: { A: null } }, "env.A"],
    ["no body", undefined, "body"],
    ["a list", [], "body"],
  ];
  for (const [what, body, path] of notMade) {
    it(`is not made with ${what}`, async () => {
      const api = withApp();
      const { status, fields, text } = await api.ask("POST", functionsPath, body);
      assert.deepEqual([status, fields[0]?.path], [400, path], text);
    });
  }

  it("is told everything that is wrong at once", async () => {
    await using api = await testApi();
    await makeApp(api);
    const env = { a: "1", B: "ok", c: "2" };
    const body = { name: "New", code: allowing, env, secrets: { B: "x" }, egress: ["*", "https://x"] };
    const { fields } = await api.ask("POST", functionsPath, body);
    assert.deepEqual(
      fields.map(({ path }) => path),
      ["env.a", "env.c", "secrets.B", "egress[0]", "egress[1]"],
    );
  });

  it("is refused when its JSON poisons prototypes", async () => {
    await using api = await testApi();
    await makeApp(api);
    const body = `{"name":"x","code":${JSON.stringify(allowing)},"env":{"__proto__":{"A":"1"}}}`;
    const { status, message } = await api.ask("POST", functionsPath, body);
    assert.deepEqual(
      [status, message],
      [400, "the body is not JSON: the names __proto__ and constructor are not allowed in it"],
    );
  });

  it("may have addresses that the operator allows, each in one form", async () => {
    await using api = await testApi({ egressAllow: ["127.0.0.0/8", "::1"] });
    await makeApp(api);
    const egress = [
      "127.0.0.1:8080",
      "0x7f.1:8080",
      "[::0001]:9000",
      "localhost:3000",
      "192.0.43.8",
      "LOCALHOST:03000",
    ];
    const { data } = await makeFunction(api, { egress });
    assert.deepEqual(data["egress"], ["127.0.0.1:8080", "[::1]:9000", "localhost:3000", "192.0.43.8"]);
  });

  it("needs an app that is there", async () => {
    await using api = await testApi();
    const { status, message } = await api.ask("POST", functionsPath, { name: "New", code: allowing });
    assert.deepEqual([status, message], [404, "app 'user-management' does not exist"]);
  });

  it("does not change its language without code", async () => {
    await using api = await testApi();
    await makeApp(api);
    const { path } = await makeFunction(api);
    const { status, fields } = await api.ask("PATCH", path, { language: "typescript" });
    assert.deepEqual([status, fields[0]?.path], [400, "language"]);
  });
});

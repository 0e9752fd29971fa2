import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { testApi } from "../support/api.ts";
import { shared } from "../support/shared.ts";

const rules = "/api/cloud/buckets/photos/notifications/";
const url = "https://receiver.example/hook";

describe("a rule", () => {
  const server = shared(async () => {
    const api = await testApi();
    await api.bucket("photos");
    return api;
  });
  const bad: readonly (readonly [string, Readonly<Record<string, unknown>>, string, RegExp])[] = [
    ["no url", { url: undefined }, "url", /is required/],
    ["an empty url", { url: "" }, "url", /must not be empty/],
    ["a relative url", { url: "/hook" }, "url", /absolute URL/],
    ["another scheme", { url: "ftp://a.example/" }, "url", /must begin with http:/],
    ["a script", { url: "javascript:alert(1)" }, "url", /must begin with http:/],
    ["user info", { url: "https://user:pass@a.example/" }, "url", /give them as auth/],
    ["a user only", { url: "https://user@a.example/" }, "url", /give them as auth/],
    ["a fragment", { url: "https://a.example/#x" }, "url", /fragment/],
    ["an empty fragment", { url: "https://a.example/#" }, "url", /fragment/],
    ["a url that is too long", { url: `https://a.example/${"a".repeat(2048)}` }, "url", /at most 2048 characters/],
    ["a url that is too long once encoded", { url: `https://a.example/${"ä".repeat(1000)}` }, "url", /once encoded/],
    ["loopback", { url: "http://127.0.0.1/" }, "url", /loopback.*SIGNALBOX_EGRESS_ALLOW/],
    ["loopback in other writing", { url: "http://0x7f.1/" }, "url", /127\.0\.0\.1 \(loopback\)/],
    ["loopback as a number", { url: "http://2130706433/" }, "url", /loopback/],
    ["IPv6 loopback", { url: "http://[::1]/" }, "url", /::1 \(loopback\)/],
    ["a mapped address", { url: "http://[::ffff:10.0.0.1]/" }, "url", /SIGNALBOX_EGRESS_ALLOW/],
    ["cloud metadata", { url: "http://169.254.169.254/latest" }, "url", /SIGNALBOX_EGRESS_ALLOW/],
    ["a filter that is no text", { filter: 1 }, "filter", /must be a string/],
    ["an unknown auth", { auth: { type: "digest" } }, "auth", /"basic" or "bearer" or "header"/],
    ["basic without a password", { auth: { type: "basic", username: "u" } }, "auth.password", /is required/],
    [
      "a colon in the user's name",
      { auth: { type: "basic", username: "a:b", password: "p" } },
      "auth.username",
      /colon/,
    ],
    ["a token with a line break", { auth: { type: "bearer", token: "a\r\nx: y" } }, "auth.token", /printable/],
    [
      "control characters in a password",
      { auth: { type: "basic", username: "a", password: "p\r" } },
      "auth.password",
      /control/,
    ],
    ["an empty header", { auth: { type: "header", value: "" } }, "auth.value", /./],
    ["a header with a line break", { auth: { type: "header", value: "ApiKey a\r\nx: y" } }, "auth.value", /printable/],
    ["a header that ends with a blank", { auth: { type: "header", value: "ApiKey " } }, "auth.value", /blank/],
    ["a header beyond ASCII", { auth: { type: "header", value: "ApiKey ä" } }, "auth.value", /ASCII/],
    ["a header with its name", { auth: { type: "header", value: "Authorization: ApiKey a" } }, "auth.value", /behind/],
    ["a header of its own", { headers: { Authorization: "ApiKey a" } }, "headers.Authorization", /as auth says/],
    ["an open macro", { url: "https://a.example/?u=${unclosed" }, "url", /has a \$\{ without its \}/],
    ["a macro in small letters", { url: "https://a.example/${event}" }, "url", /write \$\{EVENT\}/],
    ["an unknown macro", { url: "https://a.example/?u=${JOB_ID}" }, "url", /JOB_ID.* is not a macro/],
    ["a macro for a host", { url: "https://${OWNER}.example/" }, "url", /macros in the host/],
    ["a macro in a fragment", { url: "https://a.example/#${EVENT}" }, "url", /fragment/],
    ["a user beside macros", { url: "https://u:p@a.example/${EVENT}" }, "url", /give them as auth/],
    ["loopback beside macros", { url: "http://127.0.0.1/${EVENT}" }, "url", /loopback/],
    ["both kinds of auth", { auth: { type: "bearer", token: "t", username: "u" } }, "auth.username", /not a known/],
    ["an unknown ack", { ack: "201" }, "ack", /must be one of "200", "2xx"/],
    ["an unknown format", { format: "xml" }, "format", /must be one of "signalbox", "s3"/],
    ["fields of another format", { format: "s3", fields: ["sequence"] }, "fields", /leave them out/],
    ["an unknown compression", { compression: "br" }, "compression", /must be one of "gzip"/],
    [
      "a handshake about many urls",
      { url: "https://a.example/${EVENT}", handshake: true },
      "handshake",
      /without macros/,
    ],
    ["a handshake that is no boolean", { handshake: "yes" }, "handshake", /must be a boolean|true or false/],
    ["ack as a number", { ack: 200 }, "ack", /must be one of/],
    ["negative retries", { max_retries: -1 }, "max_retries", /at least 0/],
    ["too many retries", { max_retries: 101 }, "max_retries", /at most 100/],
    ["half a retry", { max_retries: 1.5 }, "max_retries", /whole number/],
    ["no time", { timeout_ms: 0 }, "timeout_ms", /at least 1/],
    ["too much time", { timeout_ms: 60_001 }, "timeout_ms", /at most 60000/],
    ["an empty schedule", { backoff: { schedule_ms: [] } }, "backoff.schedule_ms", /at least 1 entry/],
    ["a step before now", { backoff: { schedule_ms: [-1] } }, "backoff.schedule_ms[0]", /at least 0/],
    [
      "a step that is too long",
      { backoff: { schedule_ms: [86_400_001] } },
      "backoff.schedule_ms[0]",
      /at most 86400000/,
    ],
    [
      "too many steps",
      { backoff: { schedule_ms: Array.from({ length: 101 }, () => 1) } },
      "backoff.schedule_ms",
      /at most 100 entries/,
    ],
    ["too much jitter", { backoff: { jitter: 1.1 } }, "backoff.jitter", /at most 1/],
    ["a mistyped step", { backoff: { schedule: [1] } }, "backoff.schedule", /is not a known property/],
    ["an unknown field", { fields: ["eventID"] }, "fields[0]", /Did you mean "eventId"\?/],
    ["fields as a text", { fields: "eventId" }, "fields", /must be an array/],
    ["a header of ours", { headers: { "Webhook-Id": "x" } }, "headers.Webhook-Id", /set by Signalbox/],
    [
      "a header of the other face",
      { headers: { "x-agave-delivery": "x" } },
      "headers.x-agave-delivery",
      /set by Signalbox/,
    ],
    ["the header of auth", { headers: { authorization: "x" } }, "headers.authorization", /set by Signalbox/],
    ["a content header", { headers: { "content-length": "1" } }, "headers.content-length", /set by Signalbox/],
    ["a header name with a blank", { headers: { "x y": "1" } }, "headers.x y", /header name/],
    ["a header value with a line break", { headers: { x: "1\r\ny: 2" } }, "headers.x", /printable ASCII/],
    ["a header that is a number", { headers: { x: 1 } }, "headers.x", /must be a string/],
    ["a header twice", { headers: { "X-A": "1", "x-a": "2" } }, "headers.x-a", /given twice/],
    [
      "too many headers",
      { headers: Object.fromEntries(Array.from({ length: 33 }, (_, i) => [`x-${i}`, "1"])) },
      "headers",
      /at most 32/,
    ],
    ["enabled as a text", { enabled: "yes" }, "enabled", /must be true or false/],
    ["a mistyped property", { urls: "x" }, "urls", /Did you mean "url"\?/],
  ];
  for (const [what, body, path, message] of bad) {
    it(`is refused with ${what}`, async () => {
      const api = server();
      const { status, code, fields } = await api.ask("POST", rules, { url, ...body });
      assert.deepEqual([status, code], [400, "invalid_request"]);
      const field = fields.find((candidate) => candidate.path === path);
      assert.match(field?.message ?? `nothing about ${path} in ${JSON.stringify(fields)}`, message);
      assert.deepEqual((await api.ask("GET", rules)).data["rules"], [], "nothing half done");
    });
  }

  const filters: readonly (readonly [string, RegExp])[] = [
    ["key REGXP 'a'", /^line 1, column 5: .*REGXP/],
    ['WHERE key = "a"\n  AND siz > 5', /^line 2, column 7: /],
    ['key REGEXP "("', /^line 1, column 13: .*missing closing/],
    ['key = "a" ORDER BY nope', /^line 1, column 20: /],
    [`${"(".repeat(500)}key = "a"${")".repeat(500)}`, /nested at most/],
    [`key = "${"a".repeat(100_000)}"`, /^line 1/],
    ["\0", /^line 1, column 1/],
  ];
  for (const [filter, message] of filters) {
    it(`is refused with the filter ${JSON.stringify(filter.slice(0, 40))}, saying where and why`, async () => {
      const api = server();
      const id = String((await api.ask("POST", rules, { url })).data["id"]);
      for (const [method, path] of [
        ["POST", rules],
        ["POST", `${rules}check/`],
        ["PATCH", `${rules}${id}/`],
      ] as const) {
        const body = path.endsWith("check/") || method === "PATCH" ? { filter } : { url, filter };
        const { status, code, fields, data } = await api.ask(method, path, body);
        assert.deepEqual([status, code, fields[0]?.path], [400, "invalid_filter", "filter"]);
        const { line, column, message: sentence } = data as Readonly<Record<string, string>>;
        assert.ok(fields[0]?.message.startsWith(`line ${line}, column ${column}: ${sentence}`));
        assert.match(fields[0]?.message ?? "", message);
        assert.ok((fields[0]?.message ?? "").length < 1000);
      }
      await api.ask("DELETE", `${rules}${id}/`);
    });
  }
});

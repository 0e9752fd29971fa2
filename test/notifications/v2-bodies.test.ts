import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { type Face, runFace, type Somebody } from "./v2-server.ts";

describe("bodies of the notifications face", () => {
  let face: Face;
  let ada: Somebody;
  let associatedUuid: string;
  const url = "https://hooks.example.com/";
  before(async () => {
    face = await runFace({ SIGNALBOX_MAX_BODY_BYTES: "65536" });
    ada = await face.someone("ada");
    associatedUuid = await face.file(ada, "pictures");
  });
  after(() => face[Symbol.asyncDispose]());

  const fields = () => ({
    url,
    event: "OVERWRITTEN",
    associatedUuid,
    persistent: "1",
    "policy.retryStrategyType": "delayed",
    "policy.retryLimit": "7",
    "policy.retryRate": "60",
    "policy.retryDelay": "30",
    "policy.saveOnFailure": "true",
  });
  const policy = { retryStrategy: "DELAYED", retryLimit: 7, retryRate: 60, retryDelay: 30, saveOnFailure: true };

  it("may be a form", async () => {
    const made = await ada.subscribe(new URLSearchParams(fields()));
    assert.deepEqual([made["event"], made["persistent"], made["policy"]], ["OVERWRITTEN", true, policy]);
    const replaced = await ada.ask("POST", `/${made.id}`, new URLSearchParams({ url, event: "*", associatedUuid }));
    assert.deepEqual([replaced.status, replaced.result["persistent"]], [200, false]);
    const fired = await face.operator.ask("POST", `/${made.id}/attempts`, new URLSearchParams({ event: "*" }));
    assert.deepEqual([fired.status, fired.fields[0]?.path], [400, "event"]);
  });

  for (const [what, persistent, is] of [
    ["true", "true", true],
    ["in capitals", "TRUE", true],
    ["1", "1", true],
    ["false", "false", false],
    ["0", "0", false],
  ] as const) {
    it(`takes a boolean in a form: ${what}`, async () => {
      const made = await ada.subscribe(new URLSearchParams({ ...fields(), persistent }));
      assert.equal(made["persistent"], is);
    });
  }

  it("may be a form in parts", async () => {
    const form = new FormData();
    for (const [name, value] of Object.entries(fields())) form.set(name, value);
    assert.deepEqual((await ada.subscribe(form))["policy"], policy);
  });

  it("may be JSON in a file", async () => {
    const form = new FormData();
    const json = JSON.stringify({ url, event: "*", associatedUuid, persistent: true, policy });
    form.set("fileToUpload", new Blob([json], { type: "application/json" }), "subscription.json");
    assert.deepEqual((await ada.subscribe(form))["policy"], policy);
    const text = new FormData();
    text.set("fileToUpload", json);
    assert.deepEqual((await ada.subscribe(text))["persistent"], true);
  });

  const inParts = (...parts: readonly (readonly [string, string | Blob])[]): FormData => {
    const form = new FormData();
    for (const [name, value] of parts) {
      if (typeof value === "string") form.append(name, value);
      else form.append(name, value, "a.json");
    }
    return form;
  };
  const refused: readonly (readonly [string, string, () => unknown, Readonly<Record<string, string>>?])[] = [
    ["a field of a form twice", "url", () => new URLSearchParams(`url=${url}&url=${url}`)],
    ["a field twice in another case", "URL", () => new URLSearchParams({ ...fields(), URL: url })],
    ["a policy twice", "policy", () => new URLSearchParams({ ...fields(), policy: "NONE" })],
    ["a field of no name", "", () => new URLSearchParams({ ...fields(), "": "x" })],
    ["__proto__ in a form", "__proto__", () => new URLSearchParams({ ...fields(), ["__proto__"]: "x" })],
    ["__proto__ in a policy", "policy.__proto__", () => new URLSearchParams({ ...fields(), "policy.__proto__": "x" })],
    ["a misspelt field", "policy.retryLimits", () => new URLSearchParams({ ...fields(), "policy.retryLimits": "1" })],
    ["a number that is none", "policy.retryLimit", () => new URLSearchParams({ ...fields(), "policy.retryLimit": "" })],
    ["a list in a form", "url[]", () => new URLSearchParams({ ...fields(), "url[]": url })],
    [
      "two files",
      "fileToUpload",
      () => inParts(["fileToUpload", new Blob(["{}"])], ["fileToUpload", new Blob(["{}"])]),
    ],
    ["a field beside the file", "url", () => inParts(["fileToUpload", new Blob(["{}"])], ["url", url])],
    ["another file", "url", () => inParts(["url", new Blob([url])])],
    ["an empty file", "url", () => inParts(["fileToUpload", new Blob([])])],
    ["no body", "url", () => undefined],
    ["an empty body", "url", () => "", { "content-type": "application/json" }],
    ["a list", "body", () => "[]"],
    ["a text", "body", () => '"url"'],
  ];
  for (const [what, path, body, headers] of refused) {
    it(`is told what is wrong: ${what}`, async () => {
      const { status, code, fields, text } = await ada.ask("POST", "/", body(), headers);
      assert.deepEqual([status, code], [400, "invalid_request"], text);
      assert.ok(
        fields.some((one) => one.path === path),
        text,
      );
    });
  }

  const broken: readonly (readonly [string, number, unknown, Readonly<Record<string, string>>?])[] = [
    ["JSON that poisons prototypes", 400, '{"__proto__":{"url":"x"}}'],
    ["JSON that poisons constructors", 400, '{"constructor":{"prototype":{"url":"x"}}}'],
    ["JSON that ends too early", 400, '{"url":'],
    ["JSON of 20,000 levels", 400, `{"url":${"[".repeat(20_000)}${"]".repeat(20_000)}}`],
    ["a policy of 20,000 levels", 400, `{"policy":${'{"a":'.repeat(10_000)}1${"}".repeat(10_000)}}`],
    ["10,000 properties", 400, `{${Array.from({ length: 5000 }, (_, at) => `"p${at}":1`).join()}}`],
    [
      "10,000 fields",
      400,
      Array.from({ length: 5000 }, (_, at) => `p${at}=1`).join("&"),
      { "content-type": "application/x-www-form-urlencoded" },
    ],
    ["more than may be", 413, `{"url":"${"a".repeat(70_000)}"}`],
    [
      "a form of more than may be",
      413,
      `url=${"a".repeat(70_000)}`,
      { "content-type": "application/x-www-form-urlencoded" },
    ],
    ["parts without a boundary", 400, "url=x", { "content-type": "multipart/form-data" }],
    ["parts with another boundary", 400, "--a\r\n\r\n--a--", { "content-type": "multipart/form-data; boundary=b" }],
    [
      "parts that end too early",
      400,
      '--a\r\ncontent-disposition: form-data; name="url"\r\n\r\nx',
      { "content-type": "multipart/form-data; boundary=a" },
    ],
    ["plain text", 415, "url", { "content-type": "text/plain" }],
  ];
  for (const [what, is, body, headers] of broken) {
    it(`is refused: ${what}`, async () => {
      const { status, text } = await ada.ask("POST", "/", body, headers);
      assert.equal(status, is, text);
      assert.ok(text.length < 10_000, `${text.length} bytes`);
    });
  }

  it("leaves prototypes alone", () => {
    assert.equal(Object.hasOwn(Object.prototype, "url"), false);
  });
});

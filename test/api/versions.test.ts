import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { describe, it } from "node:test";
import { type TestApi, testApi } from "../support/api.ts";
import { allowing, functionsPath, makeApp, makeFunction } from "../support/functions.ts";
import { shared } from "../support/shared.ts";

const saying = (text: string): string => `export default () => ${JSON.stringify(text)};`;

async function withApp(): Promise<TestApi> {
  const api = await testApi();
  await makeApp(api);
  return api;
}

describe("versions of a function", () => {
  it("are made by code, never change, and count from the next event on", async () => {
    await using api = await withApp();
    const { path } = await makeFunction(api, { code: saying("one") });
    const ran = async () => (await api.ask("POST", `${path}invoke/`, {})).data["result"];
    assert.equal(await ran(), "one");
    api.clock.advance(1000);
    const token = await api.tokenOf("developer", "dev");
    const changed = await api.ask("PATCH", path, { code: saying("two"), language: "typescript" }, { token });
    assert.deepEqual([changed.data["version"], changed.data["language"]], [2, "typescript"]);
    assert.equal(await ran(), "two");
    const listed = await api.all(`${path}versions/`, "versions", 1);
    const hashes = ["two", "one"].map((text) => createHash("sha256").update(saying(text)).digest("hex"));
    assert.deepEqual(listed, [
      {
        version: 2,
        hash: hashes[0],
        language: "typescript",
        active: true,
        ran: true,
        created_at: "2026-01-01T00:00:01.000Z",
        created_by: "dev",
      },
      {
        version: 1,
        hash: hashes[1],
        language: "javascript",
        active: false,
        ran: true,
        created_at: "2026-01-01T00:00:00.000Z",
        created_by: "admin",
      },
    ]);
    const one = await api.ask("GET", `${path}versions/1/`);
    assert.deepEqual(one.data, { ...listed[1], code: saying("one") });
  });

  it("are activated, and rolled back to the one before", async () => {
    await using api = await withApp();
    const { path } = await makeFunction(api, { code: saying("1") });
    for (const text of ["2", "3"]) await api.ask("PATCH", path, { code: saying(text) });
    const ran = async () => (await api.ask("POST", `${path}invoke/`, {})).data["result"];
    const back = await api.ask("POST", `${path}rollback/`);
    assert.deepEqual([back.status, back.message, back.data["version"]], [200, "Function rolled back successfully", 2]);
    assert.equal(await ran(), "2");
    assert.equal((await api.ask("POST", `${path}rollback/`)).data["version"], 1);
    const none = await api.ask("POST", `${path}rollback/`);
    assert.deepEqual(
      [none.status, none.code, none.message],
      [409, "conflict", "version 1 is the first of function 'validate-user-data' that ran: there is none before it"],
    );
    const activated = await api.ask("POST", `${path}versions/3/activate/`);
    assert.deepEqual([activated.data["version"], activated.message], [3, "Version activated successfully"]);
    assert.equal(await ran(), "3");
    for (const number of ["0", "4", "-1", "1.5", "latest", "__proto__", "99999999999999999999"]) {
      assert.equal((await api.ask("POST", `${path}versions/${number}/activate/`)).status, 404, number);
      assert.equal((await api.ask("GET", `${path}versions/${number}/`)).status, 404, number);
    }
  });

  it("are not doubled: code that was there before runs again under its number, in its language", async () => {
    await using api = await withApp();
    const { path } = await makeFunction(api, { code: saying("1") });
    await api.ask("PATCH", path, { code: saying("2") });
    assert.equal((await api.ask("PATCH", path, { code: saying("1") })).data["version"], 1);
    assert.equal((await api.ask("PATCH", path, { code: saying("1") })).data["version"], 1);
    const typed = await api.ask("PATCH", path, { code: saying("1"), language: "typescript" });
    assert.deepEqual([typed.data["version"], typed.data["language"]], [3, "typescript"]);
    const still = await api.ask("PATCH", path, { code: saying("4") });
    assert.deepEqual([still.data["version"], still.data["language"]], [4, "typescript"], "both stay");
    assert.equal((await api.all(`${path}versions/`, "versions", 100)).length, 4);
  });

  it("are each kept when many are uploaded at once", async () => {
    await using api = await withApp();
    const { path } = await makeFunction(api, { code: saying("0") });
    const texts = ["1", "2", "3", "4"];
    await Promise.all(texts.map((text) => api.ask("PATCH", path, { code: saying(text) })));
    const kept = await Promise.all([2, 3, 4, 5].map((n) => api.ask("GET", `${path}versions/${n}/`)));
    assert.deepEqual(
      kept.map(({ data }) => String(data["code"])).toSorted((a, b) => (a < b ? -1 : 1)),
      texts.map(saying),
    );
  });
});

describe("a version that is kept", () => {
  it("does not run until it is activated, and is passed over by going back", async () => {
    await using api = await withApp();
    const { path, data } = await makeFunction(api, { code: saying("one"), secrets: { KEY: "x" } });
    const token = await api.tokenOf("developer", "dev");
    const kept = await api.ask("POST", `${path}versions/`, { code: saying("two"), language: "typescript" }, { token });
    assert.deepEqual([kept.status, kept.message], [201, "Version kept successfully"]);
    const { version, active, ran, language, created_by: by } = kept.data;
    assert.deepEqual([version, active, ran, language, by], [2, false, false, "typescript", "dev"]);
    assert.deepEqual((await api.ask("GET", path)).data, data, "nothing of the function changed");
    const again = await api.ask("POST", `${path}versions/`, { code: saying("two"), language: "typescript" });
    assert.deepEqual(again.data, kept.data);
    assert.equal((await api.ask("GET", `${path}versions/2/`)).data["code"], saying("two"));
    await api.ask("PATCH", path, { code: saying("three") });
    assert.equal((await api.ask("POST", `${path}rollback/`)).data["version"], 1);
    const below = await api.ask("POST", `${path}versions/2/activate/`, undefined, { token });
    assert.deepEqual([below.status, below.code], [403, "forbidden"]);
    const activated = await api.ask("POST", `${path}versions/2/activate/`);
    assert.deepEqual([activated.data["version"], activated.data["author"]], [2, "dev"]);
    assert.equal((await api.ask("GET", `${path}versions/2/`)).data["ran"], true);
  });

  it("is refused as an upload is, and made once for a key", async () => {
    await using api = await withApp();
    const { path } = await makeFunction(api, { code: saying("one") });
    const bad = await api.ask("POST", `${path}versions/`, { code: "export default (" });
    assert.deepEqual([bad.status, bad.fields[0]?.path], [400, "code"]);
    assert.match(bad.fields[0]?.message ?? "", /^validate-user-data\.js:1:17: /);
    assert.equal((await api.ask("POST", `${functionsPath}none/versions/`, { code: saying("x") })).status, 404);
    assert.equal((await api.all(`${path}versions/`, "versions", 9)).length, 1);
  });
});

describe("code", () => {
  const server = shared(withApp);
  const refused: readonly (readonly [string, "javascript" | "typescript", string, RegExp])[] = [
    [
      "JavaScript that does not parse",
      "javascript",
      "export default () => {\n  const a = ;\n}",
      /^fn\.js:2:13: Unexpected ";"$/,
    ],
    ["a place after other letters than a-z", "javascript", "const ä = 'öß€'; 1x", /^fn\.js:1:19: /],
    ["TypeScript that does not parse", "typescript", "export default (a: string => {}", /^fn\.ts:1:27: /],
    [
      "types in JavaScript",
      "javascript",
      "export default (a: string) => a",
      /^fn\.js:1:18: Expected "\)" but found ":"$/,
    ],
    [
      "two of a name",
      "typescript",
      "const a = 1;\nconst a = 2;",
      /^fn\.ts:2:7: The symbol "a" has already been declared$/,
    ],
    ["JSX", "javascript", "export default () => <b/>", /^fn\.js:1:22: /],
    ["an import", "javascript", '\nimport fs from "node:fs";', /^fn\.js:2:16: imports are not possible.*"node:fs"/],
    ["an import of a file", "typescript", "import '/etc/passwd'", /^fn\.ts:1:8: imports are not possible.*passwd/],
    ["an import of a URL", "javascript", "import 'https://esm.sh/x'", /^fn\.js:1:8: imports are not possible/],
    ["what others export", "javascript", "export * from './x.js'", /^fn\.js:1:15: imports are not possible/],
    ["an import later", "javascript", "export default () => import('x')", /^fn\.js:1:29: imports are not possible/],
    ["require", "javascript", "export default () => require('x')", /^fn\.js:1:30: imports are not possible/],
    [
      "no default export",
      "javascript",
      "export const main = () => 1;",
      /^fn\.js: it has no function as its default export$/,
    ],
    ["a default export that is no function", "javascript", "export default 7;", /^fn\.js: it has no function/],
    ["nothing but a comment", "typescript", "// later", /^fn\.ts: it has no function/],
    ["brackets without end", "javascript", "[".repeat(100_000), /^fn\.js/],
    ["nots without end", "javascript", `export default ${"!".repeat(200_000)}1`, /nested too deeply/],
    ["arrows without end", "typescript", `export default ${"a=>".repeat(80_000)}1`, /nested too deeply/],
    [
      "what grows without end",
      "typescript",
      `enum A { x = "${"y".repeat(99_000)}" } export default [${"A.x,".repeat(9_000)}]`,
      /grows too much/,
    ],
  ];
  for (const [what, language, code, message] of refused) {
    it(`is refused with ${what}, saying where`, async () => {
      const api = server();
      const { status, code: error, fields } = await api.ask("POST", functionsPath, { name: "fn", code, language });
      assert.deepEqual([status, error, fields[0]?.path], [400, "invalid_request", "code"]);
      assert.match(fields[0]?.message ?? "", message);
      assert.ok(JSON.stringify(fields).length < 3_000);
    });
  }

  it("may name require, as libraries do to find out where they are", async () => {
    await using api = await withApp();
    const code = 'export default () => (typeof require === "function" ? require : null)';
    const { status, text } = await api.ask("POST", functionsPath, { name: "fn", code });
    assert.equal(status, 201, text);
  });

  it("that fails while it is loaded is refused, at the place in what was uploaded", async () => {
    await using api = await withApp();
    const typed =
      "interface Named {\n  name: string;\n}\n\nconst one = (of: Named): string => missing(of);\none({ name: 'x' });\nexport default () => 1;\n";
    const { fields } = await api.ask("POST", functionsPath, { name: "fn", code: typed, language: "typescript" });
    assert.match(fields[0]?.message ?? "", /^fn\.ts:5:\d+: ReferenceError: missing is not defined$/);
    const plain = await api.ask("POST", functionsPath, {
      name: "fn",
      code: "\n\n  throw new Error('no');\nexport default () => 1;",
    });
    assert.match(plain.fields[0]?.message ?? "", /^fn\.js:3:\d+: Error: no$/);
    api.sandbox.loadProblem = { message: "something else" };
    const unplaced = await api.ask("POST", functionsPath, { name: "fn", code: allowing });
    assert.equal(unplaced.fields[0]?.message, "fn.js: something else");
  });

  it("is told everything that is wrong with it, up to a measure", async () => {
    await using api = await withApp();
    const code = Array.from({ length: 9 }, (_, n) => `const a${n} = 1; const a${n} = 2;`).join("\n");
    const { fields } = await api.ask("POST", functionsPath, { name: "fn", code });
    assert.deepEqual(
      fields.map(({ message }) => message.slice(0, 11)),
      ["fn.js:1:21:", "fn.js:2:21:", "fn.js:3:21:", "fn.js:4:21:", "fn.js:5:21:"],
    );
  });

  it("in TypeScript may import types, and everything else that TypeScript has", async () => {
    await using api = await withApp();
    const code = [
      'import type { Event } from "signalbox";',
      'import { User } from "./types.ts";',
      "enum Plan { free = 'free', pro = 'pro' }",
      "class Box<T> { constructor(private readonly held: T) {} get(): T { return this.held; } }",
      "export default async (event: Event & { params: User }): Promise<unknown> => new Box(Plan.pro satisfies string).get();",
    ].join("\n");
    const { path } = await makeFunction(api, { code, language: "typescript" });
    assert.equal((await api.ask("POST", `${path}invoke/`, {})).data["result"], "pro");
    assert.equal((await api.ask("GET", `${path}versions/1/`)).data["code"], code, "shown as it was uploaded");
  });

  it("in JavaScript is kept as it is", async () => {
    await using api = await withApp();
    const code = "// keep me\r\nexport default () => 'import x from y, require(z)' /* and me */ // '\0'";
    const { path } = await makeFunction(api, { code });
    assert.equal((await api.ask("GET", `${path}versions/1/`)).data["code"], code);
    const ran = await api.ask("POST", `${path}invoke/`, {});
    assert.equal(ran.data["result"], "import x from y, require(z)");
  });

  it("that harms the compiler harms nobody else's", async () => {
    await using api = await withApp();
    await api.ask("POST", "/api/cloud/tenants/", { id: "acme" });
    await makeApp(api, { name: "User Management" }, { tenant: "acme" });
    const bomb = { name: "bomb", code: `export default ${"!".repeat(200_000)}1` };
    const bombs = [1, 2, 3].map(() => api.ask("POST", functionsPath, bomb));
    const { data } = await makeFunction(
      api,
      { code: "export default (n: number) => n", language: "typescript" },
      { tenant: "acme" },
    );
    assert.equal(data["version"], 1);
    assert.deepEqual(
      (await Promise.all(bombs)).map(({ status }) => status),
      [400, 400, 400],
    );
  });
});

/** `signalbox function deploy`: a file of one's own, with what it imports from npm, to a function that runs. */
import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, it } from "node:test";
import { bundle } from "../../src/cli/bundle.ts";
import { testApi } from "../support/api.ts";
import { asking, json } from "./asking.ts";

interface Folder extends AsyncDisposable {
  readonly at: (path: string) => string;
}

async function folder(files: Readonly<Record<string, string>>): Promise<Folder> {
  const path = await mkdtemp(join(tmpdir(), "signalbox-deploy-"));
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(path, name)), { recursive: true });
    await writeFile(join(path, name), text);
  }
  return {
    at: (name) => join(path, name),
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }),
  };
}

const whole = { minify: false };

describe("a file as a function's code", () => {
  it("stays as it is when it imports nothing but types", async () => {
    const source =
      'import type { Hook } from "signalbox/functions";\nexport default (() => undefined) satisfies Hook;\n';
    await using files = await folder({ "welcome.ts": source });
    assert.deepEqual(await bundle(files.at("welcome.ts"), whole), { code: source, language: "typescript" });
  });

  it("is bundled with what it imports from its folder and from packages", async () => {
    await using files = await folder({
      "welcome.ts": 'import { greet } from "./greet.ts";\nexport default () => greet("Ann");\n',
      "greet.ts": 'import { upper } from "shout";\nexport const greet = (name: string) => upper(`hello ${name}`);\n',
      "node_modules/shout/package.json":
        '{"name":"shout","main":"main.cjs","exports":{"worker":"./worker.mjs","default":"./main.cjs"}}',
      "node_modules/shout/worker.mjs": "export const upper = (text) => text.toUpperCase();",
      "node_modules/shout/main.cjs": "throw new Error('for Node');",
    });
    const { code, language } = await bundle(files.at("welcome.ts"), whole);
    assert.equal(language, "javascript");
    assert.doesNotMatch(code, /\bimport\b/);
    const { default: run } = (await import(`data:text/javascript,${encodeURIComponent(code)}`)) as {
      default: () => string;
    };
    assert.equal(run(), "HELLO ANN");
  });

  it("takes of a package what it has for browsers rather than for Node", async () => {
    await using files = await folder({
      "ids.ts": 'import { id } from "exported";\nimport { get } from "mapped";\nexport default () => get(id);\n',
      "node_modules/exported/package.json":
        '{"name":"exported","exports":{".":{"browser":"./browser.js","default":"./index.js"}}}',
      "node_modules/exported/browser.js": 'export const id = "web";',
      "node_modules/exported/index.js": 'import { randomBytes } from "node:crypto";\nexport const id = randomBytes;',
      "node_modules/mapped/package.json":
        '{"name":"mapped","module":"./index.js","browser":{"./adapter.js":"./fetch.js"}}',
      "node_modules/mapped/index.js": 'export { get } from "./adapter.js";',
      "node_modules/mapped/adapter.js": 'import http from "http";\nexport const get = http.get;',
      "node_modules/mapped/fetch.js": "export const get = (what) => `got ${what}`;",
    });
    const { code } = await bundle(files.at("ids.ts"), whole);
    const { default: run } = (await import(`data:text/javascript,${encodeURIComponent(code)}`)) as {
      default: () => string;
    };
    assert.equal(run(), "got web");
  });

  it("is refused with the place of what cannot be bundled", async () => {
    await using files = await folder({
      "node.ts": '\nimport { readFileSync } from "node:fs";\nexport default () => readFileSync;\n',
      "zip.ts": 'import { gzip } from "zlib";\nexport default () => gzip;\n',
      "gone.ts": 'import { x } from "nowhere";\nexport default () => x;\n',
      "broken.js": "export default () => {{;\n",
      "welcome.py": "",
    });
    for (const [file, message] of [
      [
        "node.ts",
        /node\.ts:2:30: Could not resolve "node:fs": functions have the web platform's API, and none of Node's modules/,
      ],
      ["zip.ts", /zip\.ts:1:22: Could not resolve "zlib": functions have the web platform's API/],
      ["gone.ts", /gone\.ts:1:19: Could not resolve "nowhere"$/],
      ["broken.js", /broken\.js:\d+:\d+: /],
      ["welcome.py", /welcome\.py: must end with \.ts, \.mts, \.js, \.mjs/],
      ["missing.ts", /missing\.ts/],
    ] as const) {
      await assert.rejects(bundle(files.at(file), whole), { message }, file);
    }
  });
});

describe("signalbox function deploy", () => {
  it("deploys a function, and then a new version of it, with what it is given", async () => {
    await using api = await testApi();
    const signalbox = await asking(api);
    const folder = await mkdtemp(join(tmpdir(), "signalbox-deploy-"));
    try {
      const file = join(folder, "Welcome Mail.ts");
      // As long as a bundle with a validator and helpers is.
      await writeFile(file, `const table: string = "${"x".repeat(460_000)}";\nexport default () => table.length;\n`);
      assert.equal((await signalbox("app", "create", "shop")).code, 0);
      assert.match((await signalbox("function", "deploy", "nowhere", file)).err, /nowhere/);
      const made = await json(signalbox("function", "deploy", "shop", file, "--egress", "api.example.com", "--json"));
      assert.deepEqual([made["slug"], made["version"], made["language"]], ["welcome-mail", 1, "typescript"]);
      const changed = signalbox("function", "deploy", "shop", file, "--minify", "--secret", "KEY=a=b", "--json");
      const { version, language, secrets, egress } = await json(changed);
      assert.deepEqual([version, language, secrets, egress], [2, "javascript", ["KEY"], ["api.example.com"]]);
      assert.match((await signalbox("function", "versions", "shop", "welcome-mail")).out, /\n2 +true[^\n]*\n1 +false/);
      assert.match((await signalbox("function", "deploy", "shop", `${file}.py`)).err, /must end with/);
      await writeFile(file, "export default () => {{;");
      assert.match((await signalbox("function", "deploy", "shop", file)).err, /Welcome Mail\.ts:1:2\d: /);
      assert.match((await signalbox("function", "show", "shop", "welcome-mail")).out, /version: +2/);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

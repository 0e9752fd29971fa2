/** Functions that look for a way out: modules, code from texts, what stands around them. */
import assert from "node:assert/strict";
import { builtinModules } from "node:module";
import { after, before, describe, it } from "node:test";
import { until } from "../support/until.ts";
import { type Attacked, assertHookFailed, assertWell, attacked, type Tenant } from "./tenants.ts";
import { assertTries, outcomesOf } from "./tries.ts";

const event = "PRE_USER_CREATE";

describe("a function that looks for a way out", () => {
  let server: Attacked;
  let hostile: Tenant;
  let neighbour: Tenant;
  before(async () => {
    server = await attacked();
    hostile = await server.neighbour("hostile");
    neighbour = await server.neighbour("neighbour");
  });
  after(() => server[Symbol.asyncDispose]());

  async function assertUnharmed(): Promise<void> {
    await assertWell(neighbour);
    await assertWell(hostile);
    await server.assertUnharmed();
  }

  it("is refused when it is uploaded with imports, or does harm while it is loaded", async () => {
    const refused: readonly (readonly [code: string, message: RegExp, language?: string])[] = [
      ['import fs from "node:fs";', /imports are not possible/],
      ['import { env } from "cloudflare:workers";', /imports are not possible/],
      ['import { connect } from "cloudflare:sockets";', /imports are not possible/],
      ['import { current } from "first.js";', /imports are not possible/],
      ['import passwd from "/etc/passwd" with { type: "text" };', /imports are not possible|code: /],
      ['export * from "file:///etc/passwd";', /imports are not possible/],
      ['const fs = await import("node:" + "fs");', /imports are not possible/],
      ['const fs = require("fs");', /imports are not possible/],
      ['import fs = require("fs"); fs;', /imports are not possible/, "typescript"],
      ['/// <reference path="/etc/passwd" />\nimport "/etc/passwd";', /imports are not possible/, "typescript"],
      ['const load = (name: string) => import(name); await load("node:fs");', /import|No such module/, "typescript"],
      ['eval("1");', /EvalError/],
      ['await fetch("http://127.0.0.1/");', /while it is loaded/],
      ["for (;;);", /never ends/],
      ["const all = []; for (;;) all.push(new Uint8Array(1e7).fill(1));", /while its module was loaded/],
      ['"x".repeat(2 ** 28).split("");', /while its module was loaded/],
    ];
    for (const [code, message, language = "javascript"] of refused) {
      const upload = { name: "Refused", code: `${code}\nexport default () => true;`, language };
      let answer = await hostile.ask("POST", "/api/apps/the-app/functions/", upload);
      // On a machine that gives its process no time, it is neither accepted nor judged, and may be sent again.
      await until("it is judged", async () => {
        if (answer.code !== "unavailable") return true;
        answer = await hostile.ask("POST", "/api/apps/the-app/functions/", upload);
        return false;
      });
      assert.deepEqual([answer.status, answer.code], [400, "invalid_request"], `${code}: ${answer.text}`);
      assert.match(answer.message, message, code);
      assert.doesNotMatch(answer.text, /root:|\/work|workerd|shim/, "nothing of the server is told");
    }
    await assertUnharmed();
  });

  it("can load none of the runtime's modules that reach beyond it", async () => {
    const bare = builtinModules.map((name) => name.replace(/^node:/, ""));
    const names = [
      ...new Set(bare.flatMap((name) => [name, `node:${name}`])),
      ...["sqlite", "test", "sea"].map((name) => `node:${name}`),
      ...["workers", "sockets", "node", "durable-objects", "workflows", "email"].map((name) => `cloudflare:${name}`),
      ...["unsafe", "unsafe-eval", "rtti", "debug-port"].map((name) => `workerd:${name}`),
      ...["env", "filesystem", "http", "sockets", "workers"].map((name) => `cloudflare-internal:${name}`),
      ...["process", "public_process", "internal_fs", "internal_net", "module"].map((name) => `node-internal:${name}`),
      "dispatcher.js",
      "config.capnp",
      "/etc/passwd",
      "file:///etc/passwd",
      "../../etc/passwd",
      "/proc/self/environ",
      "data:text/javascript,export default 1",
      "https://example.com/x.js",
      "blob:x",
    ];
    const outcomes = await outcomesOf(
      hostile,
      names.map((name) => `load("", ${JSON.stringify(name)}).then(Object.keys)`),
    );
    assert.equal(outcomes.length, names.length);
    const loaded = names.filter(
      (_, index) => !/^threw Error: (?:No such module|a function can import nothing)/.test(outcomes[index] ?? ""),
    );
    // Of these, below.
    assert.deepEqual(loaded, ["node:async_hooks", "node:process"]);
    await assertUnharmed();
  });

  it("finds nothing in the two that the runtime always has", async () => {
    const get = (name: string): string => `(await load("node:", "process")).getBuiltinModule("${name}")`;
    await assertTries(hostile, [
      ['(await load("node:", "process")).env', /^\{\}$/],
      [
        'Object.keys((await load("node:", "process")).default)',
        /^\["nextTick","env","exit","getBuiltinModule","platform","features"\]$/,
      ],
      ...["fs", "node:fs", "net", "node:child_process", "vm", "node:module", "node:worker_threads", "inspector"].map(
        (name) => [`typeof ${get(name)}`, /^"undefined"$/] as const,
      ),
      ['new (await load("node:", "async_hooks")).AsyncLocalStorage().getStore() ?? "nothing"', /^"nothing"$/],
      [
        'String((await load("node:", "async_hooks")).createHook({}).constructor.constructor("return 1"))',
        /^threw EvalError/,
      ],
    ]);
    const exits = await hostile.hook(
      event,
      'const load = (...parts) => import(parts.join(""));\nexport default async () => (await load("node:", "process")).exit(0);',
      { name: "Exits" },
    );
    assertHookFailed(await hostile.createUser());
    assert.equal((await hostile.invocations(exits))[0]?.error?.reason, "threw");
    await hostile.unsubscribe(event, exits);
    await assertUnharmed();
  });

  it("cannot make code of texts, nor of bytes", async () => {
    const denied = /^threw (?:EvalError|CompileError|TypeError|ReferenceError)/;
    const tries = [
      'eval("1")',
      '(0, eval)("1")',
      'new Function("return 1")()',
      '(() => {}).constructor("return process")()',
      '(async () => {}).constructor("return 1")()',
      '(function* () {}).constructor("return 1")()',
      '(async function* () {}).constructor("return 1")()',
      '[].constructor.constructor("return this")()',
      'Reflect.construct(Function, ["return 1"])()',
      'log.constructor("return 1")()',
      'api.constructor("return 1")()',
      'env.constructor.constructor("return 1")()',
      'event.constructor.constructor("return 1")()',
      'event.params.username.constructor.constructor("return 1")()',
      'fetch.constructor("return 1")()',
      'Response.constructor("return 1")()',
      '(await load("first", ".js")).parse.constructor("return 1")()',
      'setTimeout("globalThis.x = 1", 0)',
      "new WebAssembly.Module(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]))",
      "await WebAssembly.compile(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]))",
      'new Worker("data:,1")',
      'importScripts("data:,1")',
      'new ShadowRealm().evaluate("1")',
    ];
    await assertTries(
      hostile,
      tries.map((expression) => [expression, denied] as const),
    );
    await assertUnharmed();
  });

  it("sees nothing of what stands around it", async () => {
    await assertTries(hostile, [
      ...[
        "process",
        "require",
        "module",
        "exports",
        "__dirname",
        "Deno",
        "Bun",
        "gc",
        "d8",
        "Buffer",
        "setImmediate",
        "abortIsolate",
      ].map((name) => [`typeof ${name}`, /^"undefined"$/] as const),
      [
        "Object.getOwnPropertyNames(globalThis).filter((name) => /token|secret|env|host|loader|dispatcher/i.test(name))",
        /^\[\]$/,
      ],
      ["Object.getOwnPropertyNames(env)", /^\[\]$/],
      ["env.x = 1", /^threw TypeError/],
      // What called it would be in the frames of the stack, if frames told functions and values.
      [
        "(() => { Error.prepareStackTrace = (_, frames) => frames.map((frame) => [typeof frame.getThis(), typeof frame.getFunction()]); const { stack } = new Error(); delete Error.prepareStackTrace; return [...new Set(stack.flat())]; })()",
        /^\["undefined"\]$/,
      ],
      ["(function f() { return f.caller; })()", /^threw TypeError/],
      ["arguments.callee.caller", /^threw (?:TypeError|ReferenceError|SyntaxError)/],
      ['await caches.open("x").then((cache) => cache.put("http://x/", new Response("y")))', /^threw/],
      ['await caches.default.match("http://x/")', /^threw/],
      ['(await fetch("file:///etc/passwd")).status', /^threw/],
      ['(await fetch("http://host/")).status', /^threw/],
      ['(await fetch("http://api/")).status', /^threw/],
      ['(await fetch("unix:host")).status', /^threw/],
      ["Intl.DateTimeFormat().resolvedOptions().timeZone", /^"UTC"$/],
    ]);
    await assertUnharmed();
  });
});

/** Functions that try to get out, to stay, to take too much, or to harm their neighbours. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, describe, it } from "node:test";
import { body, call, code, reasonOf, value, valueOf } from "../../../test/conformance/sandbox/kit.ts";
import { systemClock } from "../../clock.ts";
import { parseEgressAllow } from "../../domain/egress.ts";
import { silentLog } from "../../log.ts";
import type { Code, Sandbox, SandboxFailure } from "../sandbox.ts";
import { workerdBinary } from "./binary.ts";
import { workerdSandbox } from "./sandbox.ts";

type Ending = SandboxFailure | "ok";

const greedy = {
  loops: [
    ["in one turn", body("for (;;);"), ["stalled"]],
    ["of microtasks", body("for (;;) await null;"), ["stalled"]],
    ["after an await", body("await new Promise((go) => setTimeout(go, 5)); for (;;);"), ["stalled"]],
    ["of a regular expression", body('return /^(a+)+$/.test(`${"a".repeat(60)}!`);'), ["stalled"]],
    ["at the top of the module", code("for (;;);\nexport default () => 1;"), ["stalled"]],
    ["while its answer is made", body("return { toJSON() { for (;;); } };"), ["stalled"]],
    [
      "while its error is described",
      body("throw { get message() { for (;;); }, toJSON() { for (;;); } };"),
      ["stalled"],
    ],
    ["while it is logged", body("log({ toJSON() { for (;;); } });"), ["stalled"]],
    ["of recursion", body("const again = () => again() + 1; return again();"), ["threw"]],
    [
      "of its own end",
      body(
        'const again = async () => { const { default: shim } = await import("shim.js"); return shim.fetch(new Request("http://x/", { method: "POST", body: "1" }), { limits: {}, vars: {} }); }; return (await again()).status;',
      ),
      ["threw", "stalled", "crashed", "memory"],
    ],
  ],
  memory: [
    [
      "of objects",
      body("const all = []; for (;;) all.push(new Array(1_000).fill({}));"),
      ["memory", "stalled", "crashed"],
    ],
    ["of buffers", body("const all = []; for (;;) all.push(new Uint8Array(1e6).fill(1));"), ["memory", "stalled"]],
    [
      "of buffers, slowly",
      body(
        "const all = []; for (;;) { all.push(new Uint8Array(1e6).fill(1)); await new Promise((go) => setTimeout(go, 0)); }",
      ),
      ["memory"],
    ],
    [
      "of one text",
      body('let text = "x"; for (;;) { text += text; text.charCodeAt(text.length - 1); }'),
      ["threw", "memory", "stalled"],
    ],
    ["of one array", body('return "a".repeat(2 ** 28).split("").length;'), ["crashed", "memory"]],
    ["of timers", body("for (;;) setTimeout(() => {}, 1e6);"), ["threw"]],
    ["of requests", body('for (;;) fetch("http://x.example/").catch(() => {});'), ["memory", "stalled", "crashed"]],
    [
      "of streams",
      body(
        "for (;;) new Response(new ReadableStream({ pull(c) { c.enqueue(new Uint8Array(1e6)); } }, { highWaterMark: 1e9 })).text();",
      ),
      ["memory", "stalled", "crashed"],
    ],
  ],
  floods: [
    ["of output", body('return "x".repeat(1e7);'), ["bad_output"]],
    ["of small output", body("return new Array(5e6).fill(1);"), ["bad_output"]],
    ["of a message", body('throw new Error("x".repeat(1e7));'), ["threw"]],
    ["of log lines", body("for (let i = 0; i < 1e6; i += 1) log(i); return 1;"), ["ok"]],
    [
      "of long log lines",
      body('const text = "x".repeat(1e7); for (let i = 0; i < 10; i += 1) console.log(text); return 1;'),
      ["ok"],
    ],
    [
      "of log lines over time",
      body("for (let i = 0; i < 100; i += 1) { for (let j = 0; j < 1e3; j += 1) log(j); await null; } return 1;"),
      ["ok"],
    ],
  ],
  stays: [
    ["without end", body("await new Promise(() => {});"), ["threw"]],
    ["with a timer", body("setInterval(() => {}, 1); await new Promise(() => {});"), ["timeout"]],
    ["with a thenable", body("return { then() {} };"), ["threw"]],
    ["by leaving its process", body('(await import("node:process")).exit(1);'), ["threw"]],
  ],
} satisfies Record<string, readonly (readonly [what: string, code: Code, endings: readonly Ending[]])[]>;

describe("functions that take all they can get", () => {
  let sandbox: Sandbox;
  let neighbour = 0;
  const kind = body("return event;");
  const pidOf = (tenant: string): number => sandbox.processes().find((process) => process.tenant === tenant)?.pid ?? 0;

  before(async () => {
    const limits = { stallMs: 300, memoryBytes: 256 * 2 ** 20 };
    sandbox = await workerdSandbox({ limits, egressAllow: parseEgressAllow([]), clock: systemClock, log: silentLog });
    assert.equal(await value(sandbox, kind, { tenant: "kind", event: 1 }), 1);
    neighbour = pidOf("kind");
  });
  after(() => sandbox[Symbol.asyncDispose]());

  for (const [group, attacks] of Object.entries(greedy)) {
    for (const [what, attack, endings] of attacks) {
      it(`${group} ${what}`, async () => {
        const result = await sandbox.run(call(attack, { tenant: "evil", timeoutMs: group === "stays" ? 300 : 10_000 }));
        const ending = reasonOf(result);
        assert.ok(
          (endings as readonly string[]).includes(ending),
          `${ending} ${JSON.stringify(result.outcome).slice(0, 500)}`,
        );
        const logged = result.logs.reduce((sum, { message }) => sum + Buffer.byteLength(message), 0);
        assert.ok(logged <= 65_536 && result.logs.length <= 1_000);
        assert.equal(await value(sandbox, kind, { tenant: "kind", event: 2 }), 2);
        assert.equal(await value(sandbox, body("return 3;"), { tenant: "evil" }), 3);
      });
    }
  }

  it("never touched the process of their neighbour", () => {
    assert.equal(pidOf("kind"), neighbour);
    assert.notEqual(neighbour, 0);
  });
});

describe("functions that look around", () => {
  let sandbox: Sandbox;
  before(async () => {
    sandbox = await workerdSandbox({ egressAllow: parseEgressAllow([]), clock: systemClock, log: silentLog });
  });
  after(() => sandbox[Symbol.asyncDispose]());

  const tries = (expressions: readonly string[], more: Partial<Code> = {}): Code =>
    body(
      `const results = {};
      const tries = { ${expressions.map((text) => `${JSON.stringify(text)}: async () => (${text})`).join(", ")} };
      for (const [text, attempt] of Object.entries(tries)) {
        try { const got = await attempt(); if (got !== undefined) results[text] = String(got); } catch {}
      }
      return results;`,
      more,
    );

  it("find no program, no process, no file, no module and no way to make code of text", async () => {
    const nothing = tries([
      'typeof process === "undefined" ? undefined : process',
      'typeof require === "undefined" ? undefined : require',
      'typeof module === "undefined" ? undefined : module',
      'typeof Buffer === "undefined" ? undefined : Buffer',
      'typeof Worker === "undefined" ? undefined : Worker',
      'typeof Deno === "undefined" ? undefined : Deno',
      'eval("1")',
      '(0, eval)("1")',
      'new Function("return 1")()',
      '(() => {}).constructor("return 1")()',
      '(async () => {}).constructor("return 1")()',
      '(function* () {}).constructor("return 1")().next().value',
      'Reflect.construct(Function, ["return 1"])()',
      'setTimeout("1")',
      'log.constructor("return 1")()',
      'api.constructor("return process")()',
      'env.constructor.constructor("return 1")()',
      "new WebAssembly.Module(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]))",
      "Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10)",
      'fetch("file:///etc/passwd")',
      'fetch("unix:///tmp/x")',
      'new WebSocket("ws://127.0.0.1/")',
      'caches.default.match("http://x/")',
      'caches.default.put("http://x/", new Response("x"))',
      'import("./secrets.js")',
      'import("data:text/javascript,export default 1")',
      'import("file:///etc/passwd")',
      'import("https://example.com/x.js")',
      'import("fs")',
      '(await import("node:process")).env.PATH',
      '(await import("node:process")).getBuiltinModule("node:fs")',
    ]);
    assert.deepEqual(await value(sandbox, nothing), {});
    assert.equal(reasonOf(await sandbox.run(call(code('const f = eval("() => 1");\nexport default f;')))), "threw");
  });

  it("can import none of what the runtime has built in", async () => {
    const binary = readFileSync(workerdBinary());
    const names = new Set<string>(["node:fs", "node:net", "node:child_process", "node:worker_threads", "node:vm"]);
    for (const prefix of ["cloudflare:", "cloudflare-internal:", "workerd:", "workerd-internal:", "node-internal:"]) {
      for (let at = binary.indexOf(prefix); at >= 0; at = binary.indexOf(prefix, at + 1)) {
        const name = /^[a-z-]+:[a-z0-9_/-]+/.exec(binary.toString("latin1", at, at + 60))?.[0];
        if (name !== undefined) names.add(name);
      }
    }
    assert.ok(names.has("cloudflare:workers") && names.has("cloudflare:sockets") && names.size > 10, `${names.size}`);
    const imports = body(
      "const got = []; for (const name of event) { try { await import(name); got.push(name); } catch {} } return got;",
    );
    assert.deepEqual(await value(sandbox, imports, { event: [...names] }), []);
  });

  it("see nothing of the server, of each other, or of what runs them", async () => {
    process.env["SANDBOX_TEST_SECRET"] = "from the server";
    const rich = body("globalThis.mine = env.SECRET; return 1;", { env: { SECRET: "of the other" } });
    await value(sandbox, rich);
    const looking = tries(
      [
        "globalThis.mine",
        "globalThis.SECRET",
        "env.SECRET",
        "env.API",
        "env.limits",
        "Object.keys(env).join()",
        'import("cloudflare:workers").then(({ env }) => env.API)',
        'import("cloudflare:workers").then(({ exports }) => exports)',
        'import("cloudflare:workers").then(({ waitUntil }) => waitUntil)',
        'import("cloudflare:workers").then(({ abortIsolate }) => abortIsolate())',
        'import("first.js").then(({ current }) => current)',
        'import("first.js").then(({ entry }) => Object.keys(entry).join() || undefined)',
        'import("shim.txt")',
        'import("dispatcher.js")',
      ],
      { env: { own: "x" } },
    );
    const seen = await value(sandbox, looking);
    delete process.env["SANDBOX_TEST_SECRET"];
    assert.deepEqual(seen, { "Object.keys(env).join()": "own" });
  });

  it("do not get hold of what calls them by way of the stack", async () => {
    const climbing = body(`
      Error.prepareStackTrace = (_, sites) => sites;
      const sites = new Error("x").stack;
      return sites.map((site) => [typeof site.getThis(), typeof site.getFunction()]).flat().filter((type) => type !== "undefined");`);
    assert.deepEqual(await value(sandbox, climbing), []);
    const lying = body(
      'Error.prepareStackTrace = () => ({ toString() { throw new Error("again"); } }); throw new Error("x");',
    );
    assert.equal(reasonOf(await sandbox.run(call(lying))), "threw");
  });

  it("cannot answer for others, or with what is none", async () => {
    const honest = body('return new Promise((go) => setTimeout(() => go("honest"), 50));');
    const forging = body(`
      const { enqueue } = ReadableStreamDefaultController.prototype;
      const utf8 = new TextEncoder();
      ReadableStreamDefaultController.prototype.enqueue = function () { enqueue.call(this, utf8.encode(event)); };
      log("begin");
      await new Promise((go) => setTimeout(go, 20));
      return "ignored";`);
    const answers = [
      'r"forged"\n',
      "r{\n",
      'x"Uncaught Error: forged"\n',
      "\u0000".repeat(100_000),
      `r${"[".repeat(100_000)}\n`,
      "l[0]\n",
      "\n",
    ];
    for (const answer of answers) {
      const [forged, other] = await Promise.all([
        sandbox.run(call(forging, { event: answer })),
        sandbox.run(call(honest)),
      ]);
      assert.equal(valueOf(other), "honest");
      assert.ok(["ok", "threw", "bad_output"].includes(reasonOf(forged)), answer.slice(0, 20));
    }
  });
});

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { Json } from "../../../src/domain/event.ts";
import type { ApiRequest, Sandbox } from "../../../src/sandbox/sandbox.ts";
import type { OpenSandbox } from "../sandbox.ts";
import { body, call, code, errorOf, reason, reasonOf, told, value } from "./kit.ts";

const json: readonly Json[] = [
  null,
  true,
  -1.5,
  "",
  "grüße \u2028 \u0000 \ud83d\ude00",
  [],
  [1, [2, { a: null }]],
  { "": 0, __proto__x: [], "a b": "\n" },
];

/** What a function is given, and what it gives back. */
export function describeCalls(open: OpenSandbox): void {
  describe("a call", () => {
    let sandbox: Sandbox;
    before(async () => {
      sandbox = await open({ limits: { outputBytes: 10_000, logBytes: 2_000, logLines: 20 } });
    });
    after(() => sandbox[Symbol.asyncDispose]());

    it("is given the event, and gives back what it returns, both as JSON", async () => {
      const same = body("return event;");
      for (const event of json) assert.deepEqual(await value(sandbox, same, { event }), event);
      assert.equal(await value(sandbox, code("export default () => 7;")), 7);
      assert.equal(await value(sandbox, body("")), null);
      assert.deepEqual(await value(sandbox, body("return { a: undefined, b: [undefined], c: NaN, d: new Date(0) };")), {
        b: [null],
        c: null,
        d: "1970-01-01T00:00:00.000Z",
      });
      assert.deepEqual(
        await value(sandbox, body('return JSON.parse("{\\"__proto__\\":{\\"a\\":1}}");')),
        JSON.parse('{"__proto__":{"a":1}}'),
      );
    });

    it("refuses what is not JSON, too long or too deep", async () => {
      for (const text of [
        "return 1n;",
        "const a = {}; a.a = a; return a;",
        "return () => 1;",
        'return Symbol("x");',
        'return { toJSON() { throw new Error("no"); } };',
        'return "x".repeat(10_000);',
        'return "ü".repeat(5_000);',
        "let deep = 1; for (let i = 0; i < 1_000; i += 1) deep = [deep]; return deep;",
      ]) {
        const result = await sandbox.run(call(body(text)));
        assert.equal(reasonOf(result), "bad_output", text);
        assert.notEqual(errorOf(result).message, "");
      }
      assert.equal(await reason(sandbox, body('return "x".repeat(9_998);')), "ok");
    });

    it("tells what was thrown, with places in the function and nothing else", async () => {
      const thrower = code(
        'function deep() {\n  throw new RangeError("too far");\n}\nexport default async () => {\n  await 1;\n  deep();\n};',
      );
      const result = await sandbox.run(call(thrower));
      assert.equal(reasonOf(result), "threw");
      const { name, message, stack = "" } = errorOf(result);
      assert.deepEqual([name, message], ["RangeError", "too far"]);
      const places = stack
        .split("\n")
        .slice(1)
        .map((line) => /\(?(function\.js:\d+:\d+)\)?$/.exec(line)?.[1]);
      assert.deepEqual(places, ["function.js:2:9", "function.js:6:3"], stack);
    });

    it("tells whatever else was thrown", async () => {
      const messages: readonly (readonly [text: string, message: RegExp])[] = [
        ['throw "just text";', /^just text$/],
        ["throw null;", /^null$/],
        ["throw undefined;", /^undefined$/],
        ['throw { code: "E1" };', /E1/],
        [
          'throw Object.create(Error.prototype, { message: { get() { throw new Error("inner"); } } });',
          /cannot be told/,
        ],
        ['throw new Proxy(new Error("x"), { get() { throw 1; } });', /cannot be told/],
        ["await Promise.reject(new TypeError('later'));", /^later$/],
      ];
      for (const [text, message] of messages) {
        const result = await sandbox.run(call(body(text)));
        assert.equal(reasonOf(result), "threw", text);
        assert.match(errorOf(result).message, message);
      }
      const long = errorOf(await sandbox.run(call(body('throw new Error("x".repeat(1_000_000));'))));
      assert.ok(long.message.length < 20_000 && (long.stack ?? "").length < 20_000);
    });

    it("ends when it waits for what never happens", async () => {
      assert.equal(await reason(sandbox, body("await new Promise(() => {});")), "threw");
      const result = await sandbox.run(
        call(body('log("on the way"); await new Promise((go) => setTimeout(go, 20)); await new Promise(() => {});')),
      );
      assert.equal(reasonOf(result), "threw");
      assert.equal(result.logs[0]?.message, "on the way");
    });

    it("outlives what the function does not wait for: a rejection, a timer that throws", async () => {
      const careless = body(`
        Promise.reject(new Error("nobody"));
        setTimeout(() => { throw new Error("timer"); }, 1);
        await new Promise((go) => setTimeout(go, 10));
        return "done";`);
      assert.equal(await value(sandbox, careless), "done");
    });

    it("of code that does not load tells why, each time", async () => {
      const bad: readonly (readonly [js: string, name: string, message: RegExp])[] = [
        ["export default async () => {\n  let a = ;\n};", "SyntaxError", /Unexpected token/],
        ['const x = 1;\nthrow new TypeError("top " + x);', "TypeError", /^top 1$/],
        ["export const x = 1;", "Error", /default export/],
        ["export default { handler() {} };", "Error", /default export/],
        ["", "Error", /default export/],
      ];
      for (const [js, name, message] of bad) {
        const broken = code(js);
        for (let times = 0; times < 2; times += 1) {
          const result = await sandbox.run(call(broken));
          assert.equal(reasonOf(result), "threw", js);
          assert.equal(errorOf(result).name, name);
          assert.match(errorOf(result).message, message);
        }
      }
      const places = errorOf(await sandbox.run(call(code(bad[0]?.[0] ?? "")))).stack;
      assert.match(places ?? "", /function\.js:2:11/);
    });

    it("sees its settings, and cannot change them for the next call", async () => {
      const settings = body("const seen = { ...env }; try { env.B = 2; env.A = 3; } catch {} return seen;", {
        env: { A: "1", __proto__x: "ü" },
      });
      for (let times = 0; times < 2; times += 1) {
        assert.deepEqual(await value(sandbox, settings), { A: "1", __proto__x: "ü" });
      }
    });

    it("knows the time while its module is loaded, and afterwards as it goes", async () => {
      const beforeMs = Date.now();
      const loaded = code(`
        const now = Date.now; const Kept = Date;
        const at = [Date.now(), new Date().getTime(), Date.parse(Date()), new Date(5).getTime()];
        export default async () => {
          await new Promise((go) => setTimeout(go, 5));
          return [...at, now(), new Kept().getTime(), Date.now(), new Date(7).getTime(), new Kept() instanceof Date];
        };`);
      const all = (await value(sandbox, loaded)) as number[];
      const [atMs = 0, made = 0, said = 0, five, ...later] = all;
      const afterMs = Date.now();
      assert.ok(atMs >= beforeMs - 1 && atMs <= afterMs, String(all));
      assert.deepEqual([made, said, five], [atMs, Math.floor(atMs / 1_000) * 1_000, 5]);
      for (const ms of later.slice(0, 3)) assert.ok(ms > atMs && ms <= afterMs + 1, String(all));
      assert.deepEqual(later.slice(3), [7, true]);
    });

    it("reaches the platform by api, like a fetch", async () => {
      const asked: ApiRequest[] = [];
      const asking = body(`
        const answer = await api("/users?name=%20x", { method: "PATCH", body: JSON.stringify({ a: 1 }), headers: { "X-One": "1", "content-type": "application/json" } });
        return [answer.status, answer.ok, answer.headers.get("x-two"), await answer.json(), answer instanceof Response];`);
      const api = async (request: ApiRequest) => {
        asked.push(request);
        return { status: 404, headers: { "X-Two": "2" }, body: '{"b":2}' };
      };
      assert.deepEqual(await value(sandbox, asking, { api }), [404, false, "2", { b: 2 }, true]);
      assert.deepEqual(asked, [
        {
          method: "PATCH",
          path: "/users?name=%20x",
          headers: { "content-type": "application/json", "x-one": "1" },
          body: '{"a":1}',
        },
      ]);
      const bare = body('const answer = await api("/a b/ü#c"); return [answer.status, await answer.text()];');
      const empty = async (request: ApiRequest) => ({ status: 204, headers: {}, body: request.path });
      assert.deepEqual(await value(sandbox, bare, { api: empty }), [204, ""]);
    });

    it("is told why when api cannot do it", async () => {
      const tell = body("try { return (await api(...event)).status; } catch (error) { return String(error.message); }");
      const api = async () => ({ status: 200, headers: {}, body: "" });
      assert.match(await told(sandbox, tell, { event: ["/"] }), /without an api/);
      for (const path of ["", "x", "//evil.example/", "/\\evil.example", "http://evil.example/", 7, null]) {
        assert.match(await told(sandbox, tell, { event: [path], api }), /slash/, String(path));
      }
      const large = ["/", { method: "POST", body: "x".repeat(2_000_000) }];
      assert.match(await told(sandbox, tell, { event: large, api }), /longer than/);
      assert.match(
        await told(sandbox, tell, { event: ["/"], api: () => Promise.reject(new Error("out of order")) }),
        /out of order/,
      );
      assert.equal(
        await value(sandbox, tell, { event: ["/"], api: async () => ({ status: 7, headers: {}, body: "" }) }),
        500,
      );
    });

    it("asks only so much of api at once", async () => {
      const eager = body(
        'const all = await Promise.allSettled(Array.from({ length: 1_000 }, () => api("/"))); return all.length;',
      );
      let most = 0;
      let now = 0;
      const api = async () => {
        now += 1;
        most = Math.max(most, now);
        await new Promise((go) => setImmediate(go));
        now -= 1;
        return { status: 200, headers: {}, body: "" };
      };
      await value(sandbox, eager, { api });
      assert.ok(most <= 100, `${most}`);
    });

    it("keeps no authority past its end", async () => {
      const stash = body(
        'if (globalThis.kept === undefined) { globalThis.kept = api; return (await api("/")).status; } try { return (await kept("/")).status; } catch (error) { return error.message; }',
      );
      const first = await value(sandbox, stash, { api: async () => ({ status: 201, headers: {}, body: "" }) });
      assert.equal(first, 201);
      const second = await told(sandbox, stash, { api: async () => ({ status: 202, headers: {}, body: "" }) });
      assert.match(second, /over/);
    });

    it("tells how long it took, and what of that was waiting", async () => {
      const slow = body("await new Promise((go) => setTimeout(go, 30));");
      const cold = await sandbox.run(call(slow));
      assert.ok(cold.times.coldMs > 0 && cold.times.totalMs >= cold.times.coldMs + 29);
      const warm = await sandbox.run(call(slow));
      assert.equal(warm.times.coldMs, 0);
      assert.ok(warm.times.totalMs >= 29);
      assert.ok(warm.times.queueMs < 10);
    });
  });
}

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parseEgressAllow } from "../../../src/domain/egress.ts";
import { httpListener } from "../../support/listeners.ts";
import type { OpenSandbox } from "../sandbox.ts";
import { body, call, code, errorOf, gate, reason, reasonOf, value } from "./kit.ts";

const waiting = body('await api("/"); return "done";');
const quick = body("return 1;");

/** How calls end that do not end by themselves. */
export function describeEnds(open: OpenSandbox): void {
  describe("the end of a call", () => {
    it("comes in time, is final, and keeps the logs", async () => {
      const hits: string[] = [];
      await using server = await httpListener((request, response) => {
        hits.push(request.url ?? "");
        response.end();
      });
      await using sandbox = await open({ allow: parseEgressAllow(["127.0.0.1"]) });
      const host = `127.0.0.1:${server.port}`;
      const patient = body(
        `const hit = (name) => fetch("http://${host}/" + name);
        log("begun");
        setTimeout(() => hit("timer"), event);
        await new Promise((go) => setTimeout(go, event));
        await hit("late");`,
        { egress: [host] },
      );
      assert.equal(await reason(sandbox, quick), "ok");
      const result = await sandbox.run(call(patient, { event: 600, timeoutMs: 200 }));
      assert.equal(reasonOf(result), "timeout");
      assert.ok(result.times.totalMs >= 199 && result.times.totalMs < 600, `${result.times.totalMs}`);
      assert.equal(result.logs[0]?.message, "begun");
      const gone = new AbortController();
      const cancelled = sandbox.run(call(patient, { event: 600 }), gone.signal);
      gone.abort();
      assert.equal(reasonOf(await cancelled), "cancelled");
      // Begun later, it hits later than either of the others would have.
      assert.equal(reasonOf(await sandbox.run(call(patient, { event: 700 }))), "ok");
      assert.deepEqual(hits.sort(), ["/late", "/timer"]);
    });

    it("also ends what the function left behind", async () => {
      const hits: string[] = [];
      await using server = await httpListener((request, response) => {
        hits.push(request.url ?? "");
        response.end();
      });
      await using sandbox = await open({ allow: parseEgressAllow(["127.0.0.1"]) });
      const host = `127.0.0.1:${server.port}`;
      const leaving = body(
        `const hit = (name) => fetch("http://${host}/" + name);
        setTimeout(() => hit("timer"), 100);
        const once = new Promise((told) => void (async () => {
          for (;;) { await new Promise((go) => setTimeout(go, 100)); await hit("loop"); told(); }
        })());
        if (event) await once;
        return 1;`,
        { egress: [host] },
      );
      assert.equal(await value(sandbox, leaving), 1);
      assert.equal(await value(sandbox, leaving, { event: true }), 1);
      // What was sent before the end may arrive after it.
      assert.equal(await value(sandbox, quick), 1);
      const after = hits.length;
      assert.equal(await value(sandbox, body("await new Promise((go) => setTimeout(go, 300));")), null);
      assert.equal(hits.length, after);
      assert.ok(after >= 1);
    });

    it("is killed when it does not let go of the processor, wherever it loops", async () => {
      await using sandbox = await open({ limits: { stallMs: 300 } });
      const loops = [
        body("for (;;);"),
        body("await new Promise((go) => setTimeout(go, 5)); for (;;);"),
        body("for (;;) await null;"),
        code("for (;;);\nexport default () => 1;"),
      ];
      for (const loop of loops) {
        const result = await sandbox.run(call(loop));
        assert.equal(reasonOf(result), "stalled", loop.js);
        assert.equal(await value(sandbox, quick), 1);
      }
    });

    it("is in time even if it does not let go of the processor, and later calls work", async () => {
      await using sandbox = await open({ limits: { stallMs: 500 } });
      assert.equal(await value(sandbox, quick), 1);
      const result = await sandbox.run(call(body("for (;;);"), { timeoutMs: 150 }));
      assert.equal(reasonOf(result), "timeout");
      assert.ok(result.times.totalMs < 450, `${result.times.totalMs}`);
      assert.equal(await value(sandbox, quick, { tenant: "other" }), 1);
      // The first that comes may still meet the process that is about to be killed.
      await reason(sandbox, body("return 2;"));
      assert.equal(await value(sandbox, body("return 3;")), 3);
    });

    it("is killed when it takes too much memory", async () => {
      await using sandbox = await open({ limits: { memoryBytes: 256 * 2 ** 20, stallMs: 5_000 } });
      const hungry = body(
        "const all = []; for (;;) { all.push(new Uint8Array(1e6).fill(1)); if (all.length % 20 === 0) await new Promise((go) => setTimeout(go, 1)); }",
      );
      assert.equal(await reason(sandbox, hungry), "memory");
      assert.equal(await value(sandbox, quick), 1);
    });

    it("is cancelled by whoever called, at any time", async () => {
      await using sandbox = await open();
      const before = new AbortController();
      before.abort();
      assert.equal(reasonOf(await sandbox.run(call(quick), before.signal)), "cancelled");
      const gone = new AbortController();
      const first = sandbox.run(call(quick), gone.signal);
      gone.abort();
      assert.equal(reasonOf(await first), "cancelled");
      const held = gate();
      const during = new AbortController();
      const second = sandbox.run(call(waiting, { api: held.api }), during.signal);
      await held.reached();
      during.abort();
      assert.equal(reasonOf(await second), "cancelled");
      assert.equal(await value(sandbox, quick), 1);
    });

    it("is busy when there is no slot for a hook, and never for the rest", async () => {
      await using sandbox = await open({ limits: { concurrency: 2, queue: 1, queueMs: 200 } });
      const held = gate();
      const pre = { lane: "pre", api: held.api } as const;
      const under = [sandbox.run(call(waiting, pre)), sandbox.run(call(waiting, pre))];
      await held.reached(2);
      const queued = sandbox.run(call(quick, pre));
      assert.equal(await reason(sandbox, quick, pre), "busy");
      assert.equal(
        await value(sandbox, waiting, {
          ...pre,
          nested: true,
          api: async () => ({ status: 200, headers: {}, body: "" }),
        }),
        "done",
      );
      assert.equal(await value(sandbox, quick, { lane: "post" }), 1);
      assert.equal(await value(sandbox, quick, { lane: "pre", tenant: "other" }), 1);
      const busy = await queued;
      assert.equal(reasonOf(busy), "busy");
      assert.ok(busy.times.queueMs >= 199 && busy.times.queueMs <= busy.times.totalMs);
      held.open();
      for (const result of await Promise.all(under)) assert.equal(reasonOf(result), "ok");
    });

    it("lets wait, in order, whoever is not a hook", async () => {
      await using sandbox = await open({ limits: { concurrency: 1, queue: 1, queueMs: 1 } });
      const held = gate();
      const first = sandbox.run(call(waiting, { lane: "post", api: held.api }));
      await held.reached();
      const order: number[] = [];
      const rest = [1, 2, 3, 4].map((nth) => value(sandbox, quick, { lane: "post" }).then(() => order.push(nth)));
      assert.equal(await reason(sandbox, quick, { lane: "post", timeoutMs: 50 }), "busy");
      held.open();
      await Promise.all([first, ...rest]);
      assert.deepEqual(order, [1, 2, 3, 4]);
    });

    it("comes to all when the sandbox is closed", async () => {
      const sandbox = await open();
      const held = gate();
      const under = sandbox.run(call(waiting, { api: held.api }));
      await held.reached();
      const pids = sandbox.processes().map(({ pid }) => pid);
      assert.ok(pids.length > 0);
      await sandbox[Symbol.asyncDispose]();
      assert.equal(reasonOf(await under), "cancelled");
      assert.deepEqual(sandbox.processes(), []);
      for (const pid of pids) assert.throws(() => process.kill(pid, 0), { code: "ESRCH" });
      assert.equal(await reason(sandbox, quick), "cancelled");
      await assert.rejects(sandbox.check("acme", quick), { code: "unavailable" });
      sandbox.warm("acme", "pre");
      await sandbox[Symbol.asyncDispose]();
    });
  });

  describe("check", () => {
    it("loads code without calling it, and finds what is wrong with it", async () => {
      await using sandbox = await open();
      const check = (js: string) => sandbox.check("acme", code(js));
      assert.equal(await check('export default () => { throw new Error("not called"); };'), undefined);
      assert.deepEqual(await check("export default () => 1;\nlet a = 1;\nlet a = 2;"), {
        message: "SyntaxError: Identifier 'a' has already been declared",
        line: 3,
        column: 5,
      });
      const thrown = await check('\n\nthrow new Error("at the top");');
      assert.match(thrown?.message ?? "", /at the top/);
      assert.equal(thrown?.line, 3);
      assert.match((await check("export const a = 1;"))?.message ?? "", /default export/);
      assert.match((await check('import "./other.js"; export default () => 1;'))?.message ?? "", /import/);
      assert.match((await check('import fs from "node:fs"; export default () => 1;'))?.message ?? "", /import/);
      assert.notEqual(await check("await new Promise(() => {}); export default () => 1;"), undefined);
    });

    it("ends what does not end while it is loaded", async () => {
      await using sandbox = await open({ limits: { stallMs: 300, memoryBytes: 256 * 2 ** 20 } });
      assert.match((await sandbox.check("acme", code("for (;;);")))?.message ?? "", /never ends/);
      const hungry = code("const all = []; for (;;) all.push(new Array(1e6).fill(1));");
      assert.match((await sandbox.check("acme", hungry))?.message ?? "", /while its module was loaded/);
      assert.equal(await sandbox.check("acme", quick), undefined);
    });

    it("disturbs no call of the tenant, and leaves no suspicion", async () => {
      await using sandbox = await open({ limits: { stallMs: 300 } });
      const held = gate();
      const under = sandbox.run(call(waiting, { api: held.api }));
      await held.reached();
      const looping = code("for (;;);\nexport default () => 1;");
      assert.notEqual(await sandbox.check("acme", looping), undefined);
      held.open();
      assert.equal(reasonOf(await under), "ok");
      assert.equal(errorOf(await sandbox.run(call(looping))).message.includes("kept"), true);
    });
  });
}

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { lanes, type Sandbox, type SandboxProcess } from "../../../src/sandbox/sandbox.ts";
import { until } from "../../support/until.ts";
import type { OpenSandbox } from "../sandbox.ts";
import { body, call, gate, reasonOf, value } from "./kit.ts";

const quick = body("return 1;");
const waiting = body('await api("/"); return "done";');
const looping = body('await api("/"); for (;;);');

const used = (sandbox: Sandbox): SandboxProcess[] => sandbox.processes().filter(({ tenant }) => tenant !== undefined);

/** Who shares what with whom. */
export function describeApart(open: OpenSandbox): void {
  describe("functions", () => {
    it("of tenants and lanes have processes of their own", async () => {
      await using sandbox = await open();
      for (const tenant of ["a", "b"])
        for (const lane of lanes) assert.equal(await value(sandbox, quick, { tenant, lane }), 1);
      const told = used(sandbox).map(({ tenant, lane }) => `${tenant} ${lane}`);
      assert.deepEqual(told.sort(), ["a post", "a pre", "b post", "b pre"]);
      assert.equal(new Set(used(sandbox).map(({ pid }) => pid)).size, 4);
      assert.ok(sandbox.processes().every(({ pid, memoryBytes }) => pid > 0 && memoryBytes > 2 ** 20));
    });

    it("find their process running after a hint", async () => {
      await using sandbox = await open();
      assert.deepEqual(sandbox.processes(), []);
      sandbox.warm("acme", "pre");
      sandbox.warm("acme", "pre");
      await until("a process of that lane", () => used(sandbox).some(({ lane }) => lane === "pre"));
      assert.equal(await value(sandbox, quick, { lane: "pre" }), 1);
      assert.equal(used(sandbox).length, 1);
    });

    it("share nothing with other functions of the same tenant, whatever they change", async () => {
      await using sandbox = await open();
      const spoiling = body(
        `Object.prototype.spoiled = "yes";
        Array.prototype.map = () => "spoiled";
        JSON.stringify = () => '"spoiled"';
        JSON.parse = () => "spoiled";
        globalThis.Response = class { constructor() { throw new Error("spoiled"); } };
        globalThis.Request = globalThis.Headers = globalThis.fetch = undefined;
        Promise.prototype.then = function () { throw new Error("spoiled"); };
        console.log = () => { throw new Error("spoiled"); };
        globalThis.secret = env.SECRET;
        return 1;`,
        { env: { SECRET: "s3cret" } },
      );
      const spoiled = await sandbox.run(call(spoiling, { timeoutMs: 2_000 }));
      assert.notEqual(reasonOf(spoiled), "crashed");
      const looking = body(`
        console.log("fine");
        return [{}.spoiled ?? null, [1].map((x) => x + 1), typeof secret, Object.keys(env), new Response("x").status, JSON.parse("[2]")];`);
      const result = await sandbox.run(call(looking));
      assert.deepEqual(result.outcome, { kind: "ok", value: [null, [2], "undefined", [], 200, [2]] });
      assert.equal(result.logs[0]?.message, "fine");
      assert.equal({}.hasOwnProperty("spoiled") || "spoiled" in {}, false);
    });

    it("keep their global scope between calls of the same code, and only of that", async () => {
      await using sandbox = await open();
      const js = "let n = 0;\nexport default () => (n += 1);";
      const one = { id: "one", js, env: {}, egress: [] };
      const other = { ...one, id: "other" };
      assert.deepEqual([await value(sandbox, one), await value(sandbox, one), await value(sandbox, other)], [1, 2, 1]);
      assert.equal(await value(sandbox, one, { lane: "post" }), 1);
      assert.equal(await value(sandbox, one, { tenant: "other" }), 1);
    });

    it("are alone when that is asked for: what ends them ends nothing else, and they wait for each other", async () => {
      // Those that are alone stand behind all else that the machine does: it must not take the patient one for another that stalls, nor
      // for one that waited in vain.
      await using sandbox = await open({ limits: { stallMs: 2_000, processes: 4, postQueueMs: 60_000 } });
      const [held, started] = [gate(), gate()];
      const shared = sandbox.run(call(waiting, { lane: "post", api: held.api }));
      await held.reached();
      const bad = sandbox.run(call(looping, { lane: "post", alone: true, api: started.api }));
      await started.reached();
      const next = sandbox.run(call(quick, { lane: "post", alone: true }));
      started.open();
      assert.equal(reasonOf(await bad), "stalled");
      assert.deepEqual((await next).outcome, { kind: "ok", value: 1 });
      held.open();
      assert.deepEqual((await shared).outcome, { kind: "ok", value: "done" });
    });

    it("cost others nothing when they are killed", async () => {
      await using sandbox = await open({ limits: { stallMs: 300 } });
      for (const tenant of ["acme", "other"]) for (const lane of lanes) await value(sandbox, quick, { tenant, lane });
      const held = gate();
      const others = [
        sandbox.run(call(waiting, { lane: "post", api: held.api })),
        sandbox.run(call(waiting, { tenant: "other", api: held.api })),
      ];
      await held.reached(2);
      const culprit = sandbox.run(call(body("for (;;);")));
      assert.equal(await value(sandbox, quick, { lane: "post" }), 1);
      assert.equal(await value(sandbox, quick, { tenant: "other" }), 1);
      assert.equal(reasonOf(await culprit), "stalled");
      held.open();
      for (const result of await Promise.all(others)) assert.equal(reasonOf(result), "ok");
    });
  });

  describe("suspects", () => {
    it("are all that were under way, and run alone until they have ended well there", async () => {
      await using sandbox = await open({ limits: { stallMs: 300 } });
      const held = gate();
      const opened = gate();
      opened.open();
      const bystanders = [1, 2].map(() => sandbox.run(call(waiting, { api: held.api })));
      await held.reached(2);
      const culprit = sandbox.run(call(looping, { api: opened.api }));
      // Nobody can say which of the two codes it was.
      for (const result of await Promise.all([...bystanders, culprit])) assert.equal(reasonOf(result), "crashed");
      held.open();
      // One that was not there is none.
      assert.equal(await value(sandbox, quick), 1);
      const first = gate();
      const alone = sandbox.run(call(waiting, { api: first.api }));
      await first.reached();
      const second = gate();
      const next = sandbox.run(call(waiting, { api: second.api }));
      const beside = sandbox.run(call(quick));
      assert.equal(reasonOf(await beside), "ok");
      const solo = used(sandbox).filter((process) => process.solo);
      assert.deepEqual(
        solo.map(({ tenant, lane, running }) => [tenant, lane, running]),
        [["acme", "pre", 1]],
      );
      first.open();
      assert.equal(reasonOf(await alone), "ok");
      await second.reached();
      second.open();
      assert.equal(reasonOf(await next), "ok");
      // Cleared: with the others again. The other one is still alone, and now it is known what it does.
      const third = gate();
      const together = sandbox.run(call(waiting, { api: third.api }));
      await third.reached();
      assert.equal(used(sandbox).find((process) => process.running > 0)?.solo, false);
      assert.equal(reasonOf(await sandbox.run(call(looping, { api: opened.api }))), "stalled");
      third.open();
      assert.equal(reasonOf(await together), "ok");
    });

    it("keep no slot from the others while they wait for their turn", async () => {
      await using sandbox = await open({ limits: { stallMs: 300, concurrency: 2 } });
      const loops = body("for (;;);");
      assert.equal(reasonOf(await sandbox.run(call(loops))), "stalled");
      const turns = Array.from({ length: 4 }, () => sandbox.run(call(loops, { timeoutMs: 2_000 })));
      for (let nth = 0; nth < 10; nth += 1) assert.equal(await value(sandbox, quick), 1);
      const endings = (await Promise.all(turns)).map(reasonOf);
      assert.ok(
        endings.every((ending) => ending === "stalled" || ending === "busy"),
        endings.join(),
      );
      assert.ok(endings.includes("stalled"));
    });

    it("do not wait for one that waits for them", async () => {
      await using sandbox = await open({ limits: { stallMs: 300, processes: 1 } });
      const outer = body('return (await api("/")).status;');
      const held = gate();
      const first = sandbox.run(call(outer, { api: held.api }));
      await held.reached();
      const loops = sandbox.run(call(body("for (;;);")));
      assert.deepEqual([reasonOf(await first), reasonOf(await loops)], ["crashed", "crashed"]);
      const api = async () => ({
        status: (await value(sandbox, outer, {
          nested: true,
          api: async () => ({ status: 201, headers: {}, body: "" }),
        })) as number,
        headers: {},
        body: "",
      });
      assert.equal(await value(sandbox, outer, { api }), 201);
    });
  });
}

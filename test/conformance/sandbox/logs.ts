import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { Sandbox } from "../../../src/sandbox/sandbox.ts";
import type { OpenSandbox } from "../sandbox.ts";
import { body, call, gate, valueOf } from "./kit.ts";

/** What comes of what a function logs. */
export function describeLogs(open: OpenSandbox): void {
  describe("a call that logs", () => {
    let sandbox: Sandbox;
    before(async () => {
      sandbox = await open({ limits: { logBytes: 2_000, logLines: 20 } });
    });
    after(() => sandbox[Symbol.asyncDispose]());

    it("logs by log and by console, in order, with levels", async () => {
      const { logs, logsCut } = await sandbox.run(
        call(
          body(`
            log("plain", { a: 1 }); log.debug("d"); log.warn("w", [1], "x"); log.error(new Error("e"));
            console.log("c", 1, null, undefined); console.debug("cd"); console.info("ci"); console.warn("cw"); console.error("ce");
            const round = {}; round.round = round; log("round", round); log(10n); log({ get a() { throw 1; } });`),
        ),
      );
      const lines = logs.map(({ level, message }) => `${level} ${message.split("\n")[0]}`);
      assert.deepEqual(lines.slice(0, 9), [
        'info plain {"a":1}',
        "debug d",
        "warn w [1] x",
        "error Error: e",
        "info c 1 null undefined",
        "debug cd",
        "info ci",
        "warn cw",
        "error ce",
      ]);
      assert.equal(lines.length, 12);
      assert.equal(logsCut, false);
      assert.ok(logs.every(({ atMs }) => atMs >= 0 && atMs < 30_000));
    });

    it("writes what console is told as Node does", async () => {
      const { logs } = await sandbox.run(
        call(
          body(`
            console.log("%s is %d", "ada", 36, { a: [1, { b: new Map([["c", 2n]]) }] }); console.assert(false, "no %s", "x");
            console.assert(true, "never"); console.count(); console.count(); console.group("in"); console.groupEnd();
            const round = {}; round.round = round; console.error(round, new Date(0), "it's"); console.dir({ a: { b: {} } }, { depth: 0 });`),
        ),
      );
      assert.deepEqual(
        logs.map(({ level, message }) => `${level} ${message}`),
        [
          "info ada is 36 { a: [ 1, { b: [Map] } ] }",
          "error Assertion failed: no x",
          "info default: 1",
          "info default: 2",
          "info in",
          "error <ref *1> { round: [Circular *1] } 1970-01-01T00:00:00.000Z it's",
          "info { a: [Object] }",
        ],
      );
    });

    it("gets its own lines, though others of the same function log at the same time", async () => {
      const turns = gate();
      const logging = body(
        'console.log(`begin ${event}`); await api("/"); console.log(`end ${event}`); log(`log ${event}`);',
      );
      const calls = ["a", "b", "c"].map((event) => sandbox.run(call(logging, { event, api: turns.api })));
      await turns.reached(3);
      turns.open();
      for (const [index, { logs }] of (await Promise.all(calls)).entries()) {
        const event = "abc"[index];
        assert.deepEqual(
          logs.map(({ message }) => message),
          [`begin ${event}`, `end ${event}`, `log ${event}`],
        );
      }
    });

    it("loses what it logs past the limits, and says so", async () => {
      const many = await sandbox.run(call(body("for (let i = 0; i < 1_000; i += 1) log(i); return 1;")));
      assert.equal(valueOf(many), 1);
      assert.deepEqual(
        many.logs.map(({ message }) => message),
        Array.from({ length: 20 }, (_, index) => String(index)),
      );
      assert.equal(many.logsCut, true);
      const long = await sandbox.run(
        call(body('log("x".repeat(1_990)); log("ü".repeat(100_000)); log("more"); return 1;')),
      );
      assert.equal(valueOf(long), 1);
      assert.deepEqual(
        long.logs.map(({ message }) => message),
        ["x".repeat(1_990), "üüüüü"],
      );
      assert.equal(long.logsCut, true);
    });
  });
}

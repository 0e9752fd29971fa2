/** What a process may say instead of an answer: read from a real one that says it, over the sockets and through all that a call passes. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { call, code } from "../../../test/conformance/sandbox/kit.ts";
import { systemClock } from "../../clock.ts";
import { silentLog } from "../../log.ts";
import { Slices } from "../../pace/slices.ts";
import { defaultSandboxLimits, type SandboxResult } from "../sandbox.ts";
import { ByteBudget } from "./byte-budget.ts";
import { Fleet } from "./fleet.ts";
import { GuestProcess } from "./guest-process.ts";
import { hostLimits } from "./host-limits.ts";
import type { Launched } from "./launch.ts";
import { LogBudget } from "./log-budget.ts";
import { SandboxRun } from "./run.ts";
import { SlotsByKey } from "./slots.ts";
import { SuspectCode } from "./suspects.ts";

/** Texts are bytes, as `latin1`. */
export interface Lie {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly bytes?: string;
  /** What it says on and on after that, by default as fast as it is taken. */
  readonly again?: { readonly bytes: string; readonly everyMs?: number };
  /** Not even HTTP. */
  readonly raw?: true;
  /** The connection breaks after the bytes. */
  readonly breaks?: true;
}

/** As what it is taken: one of these reasons, or this value. */
type Taken = { readonly reasons: readonly string[] } | { readonly value: unknown };

const failed = (...reasons: readonly string[]): Taken => ({ reasons });
/** It said nothing: as if the function would never be done. */
const unsaid = failed("threw");
const line = 'l[0,1,"x"]\n';

const lies: readonly (readonly [what: string, lie: Lie, taken: Taken])[] = [
  ["nonsense", { bytes: "zzz\n" }, failed("bad_output")],
  ["nothing", {}, unsaid],
  ["an error of the runtime", { status: 500, bytes: "no" }, unsaid],
  ["a redirect", { status: 302, headers: { location: "http://127.0.0.1/" }, bytes: "rtrue\n" }, unsaid],
  ["half a line", { bytes: 'r{"decision":' }, unsaid],
  ["half an answer, and breaks off", { bytes: 'l[0,1,"kept"]\nr{"decision":', breaks: true }, unsaid],
  ["less than its length", { headers: { "content-length": "100" }, bytes: 'r{"decision":', breaks: true }, unsaid],
  ["no JSON", { bytes: 'r{"decision":}\n' }, failed("bad_output")],
  ["bytes that are no text", { bytes: "r\xff\xfe\n" }, failed("bad_output")],
  ["what is no HTTP", { bytes: "rtrue\n", raw: true }, unsaid],
  [
    "headers without an end",
    { bytes: `HTTP/1.1 200 OK\r\n${`a: ${"b".repeat(4_000)}\r\n`.repeat(100)}`, raw: true },
    unsaid,
  ],
  [
    "chunks of no length",
    { bytes: "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n-1\r\nrtrue\n", raw: true },
    unsaid,
  ],
  ["that it was not loaded", { bytes: 'x"Uncaught Error: a lie\\n    at shim.js:1:1"\n' }, failed("threw")],
  [
    "that it hung",
    { bytes: 'x"The Workers runtime canceled this request because it detected that your code had hung"\n' },
    failed("threw"),
  ],
  ["that what it returned is none", { bytes: 'b"a lie"\n' }, failed("bad_output")],
  ["lines without an end", { again: { bytes: line.repeat(1_000) } }, failed("bad_output")],
  ["line ends without an end", { again: { bytes: "c\n".repeat(10_000) } }, failed("bad_output")],
  ["one line without an end", { again: { bytes: "x".repeat(10_000) }, bytes: "r" }, failed("bad_output")],
  ["single bytes without an end", { again: { bytes: "x" }, bytes: "r" }, failed("bad_output", "timeout")],
  ["next to nothing, slowly", { again: { bytes: line, everyMs: 20 } }, failed("timeout")],
  [
    "log lines that are none",
    { bytes: 'l{}\nl[1e999,1,"x"]\nl[0,99,"x"]\nl[0,1,[]]\nl[-1,1,"kept"]\nrtrue\n' },
    { value: true },
  ],
  ["two answers", { bytes: 'rtrue\nr{"decision":"deny","message":"second"}\n' }, { value: true }],
  [
    "more after its answer, without an end",
    { bytes: "rtrue\n", again: { bytes: line.repeat(1_000) } },
    { value: true },
  ],
  ["a value longer than it may be", { bytes: `r"${"x".repeat(300_000)}"\n` }, failed("bad_output")],
  ["a value deeper than it may be", { bytes: `r${"[".repeat(10_000)}${"]".repeat(10_000)}\n` }, failed("bad_output")],
  ["more lines than it may", { bytes: `${`l[0,1,"${"x".repeat(100)}"]\n`.repeat(2_000)}rtrue\n` }, { value: true }],
  ["an error that is none", { bytes: "t[]\n" }, failed("threw")],
  [
    "an error that is far too long",
    { bytes: `t${JSON.stringify({ message: "x".repeat(500_000) })}\n` },
    failed("threw"),
  ],
  [
    "fields of an error that are far too many",
    { bytes: `t{"message":"m","fields":[${"1,".repeat(100_000)}1]}\n` },
    failed("threw"),
  ],
  [
    "fields of an error that are far too deep",
    { bytes: `t{"message":"m","fields":${"[".repeat(200_000)}${"]".repeat(200_000)}}\n` },
    failed("threw"),
  ],
];

const limits = { ...defaultSandboxLimits, logBurstBytes: 2 ** 24 };

/** A process that says what it is called with. */
function liar(): Launched {
  const folder = mkdtempSync(join(tmpdir(), "sbx-liar-"));
  const program = new URL("../../../test/support/lying-workerd.ts", import.meta.url).pathname;
  const child = spawn(process.execPath, [program, folder], { stdio: ["pipe", "pipe", "inherit"] });
  const dead = once(child, "exit").then(() => {});
  return {
    folder,
    user: undefined,
    ready: Promise.race([once(child.stdout, "data").then(() => child.pid), dead.then(() => undefined)]),
    dead,
    gone: dead.then(() => rmSync(folder, { recursive: true, force: true })),
    complaint: () => "",
    kill: () => void child.kill("SIGKILL"),
  };
}

function scene() {
  const suspects = new SuspectCode();
  const fleet = new Fleet({
    clock: systemClock,
    log: silentLog,
    limits,
    boot: () =>
      new GuestProcess(liar(), {
        clock: systemClock,
        limits,
        hostBytes: new ByteBudget(hostLimits.allBytes),
        ended: (process, _why, codes) => {
          if (process.role !== undefined) suspects.add(process.role.tenant, codes);
          fleet.ended(process);
        },
        quiet: () => {},
        tooLarge: () => {},
      }),
  });
  const slots = new SlotsByKey(systemClock);
  const deps = {
    clock: systemClock,
    limits,
    slots,
    fleet,
    suspects,
    logBudget: new LogBudget(limits, systemClock),
    slices: new Slices(),
  };
  const said = code("");
  return {
    hear: (lie: Lie | null, timeoutMs = 30_000): Promise<SandboxResult> =>
      new SandboxRun(call(said, { event: lie as never, timeoutMs }), deps).result(),
    pids: (): readonly number[] => [...fleet].flatMap(({ pid, role }) => (role === undefined ? [] : [pid])),
    [Symbol.asyncDispose]: () => fleet.close(),
  };
}

describe("what a process says instead of an answer", () => {
  let at: ReturnType<typeof scene>;
  let pids: readonly number[] = [];
  before(async () => {
    at = scene();
    assert.deepEqual((await at.hear(null)).outcome, { kind: "ok", value: 0 });
    pids = at.pids();
    assert.equal(pids.length, 1);
  });
  after(() => at[Symbol.asyncDispose]());

  for (const [what, lie, taken] of lies) {
    it(`is ${what}: read within limits`, async () => {
      const slow = lie.again !== undefined && lie.again.bytes.length < 100;
      const { outcome, logs, logsCut } = await at.hear(lie, slow ? 1_000 : 30_000);
      if ("value" in taken) assert.deepEqual(outcome, { kind: "ok", value: taken.value });
      else {
        assert.equal(outcome.kind, "failed", JSON.stringify(outcome).slice(0, 500));
        const { reason, error } = outcome.kind === "failed" ? outcome : { reason: "", error: undefined };
        assert.ok(taken.reasons.includes(reason), JSON.stringify(outcome).slice(0, 500));
        // Only what is said to be thrown is the function's own word, whatever else is said.
        assert.equal(error?.own, lie.bytes?.startsWith("t") === true ? true : undefined);
        const text = JSON.stringify(error);
        assert.ok(text.length < 70_000, `${text.length} characters are passed on`);
        assert.doesNotMatch(text, /shim/);
      }
      const logged = logs.reduce((sum, { message }) => sum + message.length, 0);
      assert.ok(logged <= limits.logBytes && logs.length <= limits.logLines, `${logged} characters of logs`);
      assert.ok(logs.every(({ atMs, message }) => Number.isFinite(atMs) && atMs >= 0 && message !== ""));
      assert.ok(logsCut || logs.length < limits.logLines);
      // The next call is answered in the same process: what one says is nothing against the others.
      assert.deepEqual((await at.hear(null)).outcome, { kind: "ok", value: 0 });
      assert.deepEqual(at.pids(), pids);
    });
  }
});

describe("a process that ended as it answered that it takes calls", () => {
  it("takes none, although its end was not reported yet", async () => {
    const launched = liar();
    const ended = spawn(process.execPath, ["--version"], { stdio: "ignore" });
    await once(ended, "exit");
    const guest = new GuestProcess(
      { ...launched, ready: launched.ready.then(() => ended.pid) },
      {
        clock: systemClock,
        limits,
        hostBytes: new ByteBudget(hostLimits.allBytes),
        ended: () => {},
        quiet: () => {},
        tooLarge: () => {},
      },
    );
    assert.equal(await guest.ready, false);
    await guest.gone;
  });
});

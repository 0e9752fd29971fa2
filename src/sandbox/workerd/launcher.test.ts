/** The process that starts all others: whatever becomes of it, none of them is left, and the next can be started. */
import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { body, call, gate, reasonOf, value } from "../../../test/conformance/sandbox/kit.ts";
import { until } from "../../../test/support/until.ts";
import { systemClock } from "../../clock.ts";
import { parseEgressAllow } from "../../domain/egress.ts";
import { silentLog } from "../../log.ts";
import { workerdBinary } from "./binary.ts";
import { configText } from "./config.ts";
import type { Launched } from "./launch.ts";
import { Launcher } from "./launcher.ts";
import type { LaunchOptions } from "./launcher-process.ts";
import { guestUser, type Privileges } from "./privileges.ts";
import { workerdSandbox } from "./sandbox.ts";

const trial = mkdtempSync(join(tmpdir(), "sbx-test-"));
const { user } = guestUser(workerdBinary(), trial);
rmSync(trial, { recursive: true });
const config = configText({ opened: parseEgressAllow([]), authorities: [], memoryBytes: 128 * 2 ** 20 });

/** Nothing ends a workerd with its shell, unless the launcher or this process does. */
const untied: Privileges = { tie: [], ...(user === undefined ? {} : { user }) };
const options: LaunchOptions = { binary: workerdBinary(), config, privileges: untied };

interface Scene extends AsyncDisposable {
  readonly launcher: Launcher;
}

function open(some: Partial<LaunchOptions> = {}): Scene {
  const launcher = new Launcher({ ...options, ...some });
  return { launcher, [Symbol.asyncDispose]: () => launcher.close() };
}

const children = (of: number): number[] =>
  readFileSync(`/proc/${of}/task/${of}/children`, "latin1")
    .split(" ")
    .filter((pid) => pid !== "")
    .map(Number);

const command = (pid: number): string => {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "latin1");
  } catch {
    return "";
  }
};

const launchers = (): number[] => children(process.pid).filter((pid) => /launcher-process\.[jt]s/.test(command(pid)));

function only(pids: readonly number[]): number {
  assert.equal(pids.length, 1);
  return pids[0] ?? 0;
}

function lives(pid: number): boolean {
  try {
    // One that has ended and was not collected is there, with nothing in it.
    return readFileSync(`/proc/${pid}/cmdline`).length > 0;
  } catch {
    return false;
  }
}

async function started({ launcher }: Scene): Promise<{ readonly launched: Launched; readonly pid: number }> {
  const launched = launcher.launch();
  const pid = await launched.ready;
  assert.ok(pid !== undefined, launched.complaint());
  return { launched, pid };
}

async function assertGone({ dead, gone, folder }: Launched): Promise<void> {
  await dead;
  await gone;
  assert.equal(existsSync(folder), false);
}

describe("the launcher", () => {
  it("is started with the first process, for all of them, and ended when they are gone", async () => {
    const scene = open();
    assert.deepEqual(launchers(), []);
    const [one, other] = [await started(scene), await started(scene)];
    const pid = only(launchers());
    assert.equal(children(pid).length, 2);
    one.launched.kill();
    await assertGone(one.launched);
    assert.ok(lives(other.pid));
    assert.deepEqual(launchers(), [pid]);
    await scene.launcher.close();
    await assertGone(other.launched);
    assert.deepEqual([one.pid, other.pid, pid].filter(lives), []);
    assert.deepEqual(children(process.pid), []);
    await scene.launcher.close();
  });

  it("is out of reach of a terminal, and has nothing of the environment", async () => {
    await using scene = open();
    await started(scene);
    const pid = only(launchers());
    const [, , , session] = readFileSync(`/proc/${pid}/stat`, "latin1").split(") ").at(-1)?.split(" ") ?? [];
    assert.equal(Number(session), pid);
    assert.match(readFileSync(`/proc/${pid}/environ`, "latin1"), /^(NODE_CHANNEL_[A-Z_]+=\w+\0)*$/);
  });

  for (const as of user === undefined ? [undefined] : [undefined, user]) {
    it(`tells what the system says of a program that cannot be run as ${as ?? "the same user"}`, async () => {
      await using scene = open();
      const privileges = { tie: [], ...(as === undefined ? {} : { user: as }) };
      const poor = new Launcher({ ...options, binary: "/nowhere/workerd", privileges });
      const launched = poor.launch();
      assert.equal(await launched.ready, undefined);
      assert.match(launched.complaint(), /not found|no such file/i);
      await assertGone(launched);
      assert.ok((await started(scene)).pid > 0);
      await poor.close();
    });
  }

  it("that cannot be started is reported in the same way, and is tried again with the next process", async () => {
    await using scene = open();
    const { execPath } = process;
    process.execPath = "/nowhere/node";
    const launched = scene.launcher.launch();
    process.execPath = execPath;
    assert.equal(await launched.ready, undefined);
    assert.match(launched.complaint(), /the launcher could not be started: .*ENOENT/);
    await assertGone(launched);
    assert.ok((await started(scene)).pid > 0);
  });

  it("that is killed takes all of its processes with it, whatever they do, and the next has another", async () => {
    await using scene = open();
    const { launched, pid } = await started(scene);
    const booting = scene.launcher.launch();
    const killed = only(launchers());
    process.kill(killed, "SIGKILL");
    // That was not noticed yet.
    const late = scene.launcher.launch();
    assert.equal(await booting.ready, undefined);
    assert.equal(await late.ready, undefined);
    assert.match(late.complaint(), /the launcher ended \(SIGKILL\)/);
    for (const each of [launched, booting, late]) await assertGone(each);
    assert.equal(lives(pid), false);
    const next = await started(scene);
    assert.ok(lives(next.pid));
    assert.notEqual(only(launchers()), killed);
  });

  it("that is killed together with a shell leaves no workerd", async () => {
    await using scene = open();
    const { launched, pid } = await started(scene);
    const killed = only(launchers());
    // So that the shell cannot do anything first, nor be seen to end.
    process.kill(killed, "SIGSTOP");
    for (const victim of [...children(killed), killed]) process.kill(victim, "SIGKILL");
    await assertGone(launched);
    await until("workerd ended", () => !lives(pid));
  });
});

describe("functions", () => {
  it("go on when the launcher is killed under load: what runs ends as crashed, and what comes after works", async () => {
    const sandbox = await workerdSandbox({ egressAllow: parseEgressAllow([]), clock: systemClock, log: silentLog });
    const blocked = gate();
    const waits = body('await api("/"); return "done";');
    const under = sandbox.run(call(waits, { tenant: "holding", api: blocked.api }));
    await blocked.reached();
    const counts = { ok: 0, crashed: 0 };
    const enough = new AbortController();
    const callers = ["a", "b", "c", "d"].map(async (tenant) => {
      while (!enough.signal.aborted) {
        const reason = reasonOf(await sandbox.run(call(body("return 1;"), { tenant })));
        assert.ok(reason === "ok" || reason === "crashed", reason);
        counts[reason] += 1;
      }
    });
    await until("all of them call", () => counts.ok >= 40);
    const killed = only(launchers());
    const folders = children(killed).map((shell) => command(shell).split("\0")[4] ?? "");
    process.kill(killed, "SIGKILL");
    assert.equal(reasonOf(await under), "crashed");
    await until("there is another launcher", () => launchers().some((pid) => pid !== killed));
    const before = { ...counts };
    await until("they call again", () => counts.ok >= before.ok + 400);
    enough.abort();
    await Promise.all(callers);
    for (const tenant of ["a", "b", "c", "d", "holding"])
      assert.equal(await value(sandbox, body("return 2;"), { tenant }), 2);
    await until("none of the folders is left", () => !folders.some((folder) => existsSync(folder)));
    await sandbox[Symbol.asyncDispose]();
    assert.deepEqual(children(process.pid), []);
    assert.ok(folders.length > 0 && folders.every((folder) => folder.includes("sbx-")), folders.join());
  });

  it("leave no process of this one when the sandbox is closed while they run", async () => {
    const sandbox = await workerdSandbox({ egressAllow: parseEgressAllow([]), clock: systemClock, log: silentLog });
    const blocked = gate();
    const under = sandbox.run(call(body('await api("/"); return 1;'), { api: blocked.api }));
    await blocked.reached();
    const pids = launchers().flatMap((pid) => [pid, ...children(pid).flatMap((shell) => [shell, ...children(shell)])]);
    assert.ok(pids.length >= 3);
    await sandbox[Symbol.asyncDispose]();
    assert.equal(reasonOf(await under), "cancelled");
    assert.deepEqual(pids.filter(lives), []);
    assert.deepEqual(children(process.pid), []);
  });
});

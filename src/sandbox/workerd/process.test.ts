/** The processes themselves: that they come and go when they should, and that none is ever left. */
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { getPriority, tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { describe, it } from "node:test";
import { body, call, gate, reason, reasonOf, value } from "../../../test/conformance/sandbox/kit.ts";
import { until } from "../../../test/support/until.ts";
import { systemClock } from "../../clock.ts";
import { parseEgressAllow } from "../../domain/egress.ts";
import { silentLog } from "../../log.ts";
import type { Sandbox, SandboxLimits, SandboxProcess } from "../sandbox.ts";
import { hasEnded } from "./proc.ts";
import { workerdSandbox } from "./sandbox.ts";

const open = (limits: Partial<SandboxLimits> = {}): Promise<Sandbox> =>
  workerdSandbox({ limits, egressAllow: parseEgressAllow([]), clock: systemClock, log: silentLog });

const quick = body("return 1;");
const waiting = body('await api("/"); return "done";');

const of = (sandbox: Sandbox, tenant: string): SandboxProcess | undefined =>
  sandbox.processes().find((process) => process.tenant === tenant);

function lives(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** The children of a process, and theirs. */
function descendants(pid: number): number[] {
  const parents = readdirSync("/proc").flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    try {
      const [, parent] = readFileSync(`/proc/${name}/stat`, "latin1").split(") ").at(-1)?.split(" ") ?? [];
      return [{ pid: Number(name), parent: Number(parent) }];
    } catch {
      return [];
    }
  });
  const below = (of: number): number[] =>
    parents.filter(({ parent }) => parent === of).flatMap((child) => [child.pid, ...below(child.pid)]);
  return below(pid);
}

interface Server extends AsyncDisposable {
  readonly child: ChildProcess;
  readonly pid: number;
  /** Where its processes keep their sockets. */
  readonly folder: string;
}

/** A server of its own with a call under way in two lanes, and spares. */
async function server(then: string): Promise<Server> {
  const folder = mkdtempSync(join(tmpdir(), "sbx-test-"));
  chmodSync(folder, 0o777);
  const script = `
    import { workerdSandbox } from ${JSON.stringify(new URL("./sandbox.ts", import.meta.url).href)};
    import { systemClock } from ${JSON.stringify(new URL("../../clock.ts", import.meta.url).href)};
    import { silentLog } from ${JSON.stringify(new URL("../../log.ts", import.meta.url).href)};
    import { parseEgressAllow } from ${JSON.stringify(new URL("../../domain/egress.ts", import.meta.url).href)};
    const sandbox = await workerdSandbox({ egressAllow: parseEgressAllow([]), clock: systemClock, log: silentLog });
    const code = { id: "c", js: "export default (e, { api }) => api('/').then(() => new Promise((go) => setTimeout(go, 600_000)))", env: {}, egress: [] };
    let begun = 0;
    const api = async () => { begun += 1; return { status: 200, headers: {}, body: "" }; };
    for (const lane of ["pre", "post"]) void sandbox.run({ tenant: "t", lane, code, event: null, timeoutMs: 600_000, api });
    const look = setInterval(async () => {
      if (begun < 2 || sandbox.processes().length < 4) return;
      clearInterval(look);
      console.log("begun");
      ${then}
    }, 10);`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", script], {
    env: { PATH: process.env["PATH"], TMPDIR: folder },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  for await (const line of createInterface({ input: child.stdout })) if (line === "begun") break;
  return {
    child,
    pid: child.pid ?? 0,
    folder,
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await ended;
      await until("nothing is left of it", () => readdirSync(folder).length === 0);
      rmSync(folder, { recursive: true });
    },
  };
}

describe("processes", () => {
  it("do not outlive a server that is killed, and leave nothing", async () => {
    await using killed = await server("");
    const pids = descendants(killed.pid);
    // The launcher, and each workerd with the shell that watches over it.
    assert.equal(pids.length, 9);
    assert.equal(readdirSync(killed.folder).length, 4);
    killed.child.kill("SIGKILL");
    await until("all of them ended", () => !pids.some(lives));
    await until("all of their folders are gone", () => readdirSync(killed.folder).length === 0);
  });

  it("are gone when the sandbox is closed, and the server can end", async () => {
    await using closed = await server("await sandbox[Symbol.asyncDispose](); console.log(process.pid);");
    const pids = descendants(closed.pid);
    const code = await new Promise((resolve) => closed.child.once("exit", resolve));
    assert.equal(code, 0);
    assert.deepEqual(pids.filter(lives), []);
    assert.deepEqual(readdirSync(closed.folder), []);
  });

  it("belong to nobody, and get neither an environment nor much patience", async () => {
    await using sandbox = await open();
    await value(sandbox, quick, { tenant: "a", lane: "pre" });
    await value(sandbox, quick, { tenant: "b", lane: "post" });
    const pid = of(sandbox, "a")?.pid ?? 0;
    const status = readFileSync(`/proc/${pid}/status`, "latin1");
    const own = process.getuid?.() ?? 0;
    const user = own === 0 ? 65_534 : own;
    assert.match(status, new RegExp(`^Uid:\t${user}\t${user}\t${user}\t${user}$`, "m"));
    assert.equal(readFileSync(`/proc/${pid}/environ`, "latin1"), "");
    assert.match(readFileSync(`/proc/${pid}/limits`, "latin1"), /^Max core file size\s+0\s/m);
    assert.equal(readFileSync(`/proc/${pid}/oom_score_adj`, "latin1").trim(), "900");
    assert.equal(getPriority(pid), getPriority());
    assert.equal(getPriority(of(sandbox, "b")?.pid ?? 0), 10);
  });

  it("that are killed from outside end their calls as crashed, and the next call works", async () => {
    await using sandbox = await open();
    const blocked = gate();
    const calls = Array.from({ length: 20 }, () => sandbox.run(call(waiting, { api: blocked.api })));
    await blocked.reached(20);
    process.kill(of(sandbox, "acme")?.pid ?? 0, "SIGKILL");
    for (const result of await Promise.all(calls)) assert.equal(reasonOf(result), "crashed");
    assert.equal(await value(sandbox, waiting, { api: async () => ({ status: 200, headers: {}, body: "" }) }), "done");
    assert.equal(await value(sandbox, quick), 1);
  });

  it("end together with the shell that watches over them", async () => {
    await using sandbox = await open();
    assert.equal(await value(sandbox, quick), 1);
    const pid = of(sandbox, "acme")?.pid ?? 0;
    const [, parent] = readFileSync(`/proc/${pid}/stat`, "latin1").split(") ").at(-1)?.split(" ") ?? [];
    process.kill(Number(parent), "SIGKILL");
    await until("it ended, and that was noticed", () => !lives(pid) && of(sandbox, "acme") === undefined);
    assert.equal(await value(sandbox, quick), 1);
  });

  it("that wait for a tenant and were killed a moment ago are not given to one", async () => {
    await using sandbox = await open();
    await value(sandbox, quick);
    const spares = (): number[] =>
      sandbox.processes().flatMap(({ tenant, pid }) => (tenant === undefined && !hasEnded(pid) ? [pid] : []));
    await until("two spares", async () => {
      await value(sandbox, quick);
      return spares().length === 2;
    });
    for (const pid of spares()) process.kill(pid, "SIGKILL");
    // Without a turn of the loop, in which the sandbox would notice it.
    while (spares().length > 0);
    assert.equal(await value(sandbox, quick, { tenant: "other" }), 1);
  });

  it("are kept ready for the next, and end when nobody uses them for long", async () => {
    await using sandbox = await open({ idleMs: 700 });
    await value(sandbox, quick);
    await until("two spares", async () => {
      // However long they take to boot, somebody is there for whom they are.
      await value(sandbox, quick);
      return sandbox.processes().filter(({ tenant }) => tenant === undefined).length === 2;
    });
    const spare = sandbox.processes().find(({ tenant }) => tenant === undefined)?.pid;
    const { times } = await sandbox.run(call(quick, { tenant: "other" }));
    assert.equal(of(sandbox, "other")?.pid, spare);
    assert.ok(times.coldMs < 5_000);
    await until("none", () => sandbox.processes().length === 0);
    assert.equal(await value(sandbox, quick), 1);
  });

  it("are not ended while they are used", async () => {
    await using sandbox = await open({ idleMs: 40 });
    const slow = body("await new Promise((go) => setTimeout(go, 300)); return 1;");
    assert.equal(await value(sandbox, slow), 1);
    const blocked = gate();
    const under = sandbox.run(call(waiting, { api: blocked.api }));
    await blocked.reached();
    const pid = of(sandbox, "acme")?.pid;
    assert.equal(await value(sandbox, slow, { tenant: "other" }), 1);
    assert.equal(of(sandbox, "acme")?.pid, pid);
    blocked.open();
    assert.equal(reasonOf(await under), "ok");
  });

  it("make room for others: the one that nobody has used for longest, or the first that ends", async () => {
    await using sandbox = await open({ processes: 2 });
    for (const tenant of ["a", "b", "a", "c"]) assert.equal(await value(sandbox, quick, { tenant }), 1);
    assert.deepEqual(
      sandbox
        .processes()
        .map(({ tenant }) => tenant ?? "")
        .sort((a, b) => a.localeCompare(b)),
      ["a", "c"],
    );
    const blocked = gate();
    const under = ["a", "c"].map((tenant) => sandbox.run(call(waiting, { tenant, api: blocked.api })));
    await blocked.reached(2);
    assert.equal(await reason(sandbox, quick, { tenant: "d", timeoutMs: 50 }), "unavailable");
    assert.equal(await value(sandbox, quick, { tenant: "d", nested: true }), 1);
    const waits = ["e", "f"].map((tenant) => value(sandbox, quick, { tenant }));
    assert.equal(await value(sandbox, quick, { tenant: "a" }), 1);
    blocked.open();
    assert.deepEqual(await Promise.all(waits), [1, 1]);
    for (const result of await Promise.all(under)) assert.equal(reasonOf(result), "ok");
  });

  it("are there for a hook while as many tenants as there are processes sleep in theirs", async () => {
    await using sandbox = await open({ processes: 8, postQueueMs: 200 });
    const blocked = gate();
    const sleeping = Array.from({ length: 8 }, (_, at) =>
      sandbox.run(call(waiting, { tenant: `sleeper-${at}`, lane: "post", api: blocked.api })),
    );
    await blocked.reached(6);
    for (const tenant of ["x", "y", "x"]) assert.equal(await value(sandbox, quick, { tenant, lane: "pre" }), 1);
    assert.equal(await reason(sandbox, quick, { tenant: "x", lane: "post" }), "unavailable");
    blocked.open();
    const endings = (await Promise.all(sleeping)).map(reasonOf).sort((a, b) => a.localeCompare(b));
    assert.deepEqual(endings, [...Array(6).fill("ok"), "unavailable", "unavailable"]);
    assert.equal(await value(sandbox, quick, { tenant: "x", lane: "post" }), 1);
  });

  it("that have become large are replaced, once their calls are done", async () => {
    await using sandbox = await open({ memoryBytes: 300 * 2 ** 20 });
    const blocked = gate();
    const hoard = body('globalThis.kept = new Uint8Array(170e6).fill(1); await api("/"); return kept.length;');
    const under = sandbox.run(call(hoard, { api: blocked.api }));
    await blocked.reached();
    const pid = of(sandbox, "acme")?.pid ?? 0;
    await until("another one takes its calls", async () => {
      assert.equal(await value(sandbox, quick), 1);
      return sandbox.processes().some((process) => process.tenant === "acme" && process.pid !== pid);
    });
    assert.ok(lives(pid));
    blocked.open();
    assert.equal(reasonOf(await under), "ok");
    await until("the large one ended", () => !lives(pid));
    assert.equal(await value(sandbox, quick), 1);
  });
});

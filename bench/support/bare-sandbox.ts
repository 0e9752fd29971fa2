import { setTimeout as pause } from "node:timers/promises";
import { systemClock } from "../../src/clock.ts";
import { parseEgressAllow } from "../../src/domain/egress.ts";
import { silentLog } from "../../src/log.ts";
import type { Code, SandboxLane } from "../../src/sandbox/sandbox.ts";
import { workerdSandbox } from "../../src/sandbox/workerd/sandbox.ts";

/** The sandbox by itself: no store, no guard, no HTTP server. */
export interface BareSandbox extends AsyncDisposable {
  /** Code that has run before, in a process that runs. */
  readonly warm: () => Promise<void>;
  /** Code that never ran, in a tenant whose process runs. */
  readonly neverSeen: () => Promise<void>;
  /** Code that never ran, in a tenant without a process: from a spare. */
  readonly newTenant: () => Promise<void>;
  /** A spare is there: tenants do not come all at once. */
  readonly rested: () => Promise<void>;
}

const js = 'export default async ({ params }) => params.username !== "" || { decision: "deny", message: "who?" };';
const event = { event_type: "PRE_USER_CREATE", params: { username: "jo", email: "jo@example.com" } };

export async function bareSandbox(): Promise<BareSandbox> {
  const sandbox = await workerdSandbox({
    limits: { processes: 64 },
    egressAllow: parseEgressAllow([]),
    clock: systemClock,
    log: silentLog,
  });
  let codes = 0;
  const fresh = (): Code => {
    codes += 1;
    return { id: `bench.${codes}`, js: `${js}\n// ${codes}`, env: {}, egress: [] };
  };
  const run = async (tenant: string, code: Code): Promise<void> => {
    const lane: SandboxLane = "pre";
    const { outcome } = await sandbox.run({ tenant, lane, code, event, timeoutMs: 10_000 });
    if (outcome.kind !== "ok") throw new Error(`the sandbox: ${outcome.reason} ${outcome.error.message}`);
  };
  const known = fresh();
  const spares = (): number => sandbox.processes().filter(({ tenant }) => tenant === undefined).length;
  let tenants = 0;
  return {
    warm: () => run("warm", known),
    neverSeen: () => run("warm", fresh()),
    newTenant: async () => {
      tenants += 1;
      await run(`tenant-${tenants}`, fresh());
    },
    rested: async () => {
      while (spares() === 0) await pause(10);
      await pause(200);
    },
    [Symbol.asyncDispose]: () => sandbox[Symbol.asyncDispose](),
  };
}

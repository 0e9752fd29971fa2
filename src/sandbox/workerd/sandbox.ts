import { getCACertificates } from "node:tls";
import type { Clock } from "../../clock.ts";
import type { EgressAllow } from "../../domain/egress.ts";
import { SignalboxError } from "../../errors.ts";
import type { Log } from "../../log.ts";
import { Slices } from "../../pace/slices.ts";
import {
  type Code,
  defaultSandboxLimits,
  type LoadProblem,
  type Sandbox,
  type SandboxCall,
  type SandboxLane,
  type SandboxLimits,
  type SandboxProcess,
  type SandboxResult,
} from "../sandbox.ts";
import { workerdBinary } from "./binary.ts";
import { ByteBudget } from "./byte-budget.ts";
import { CodeCheck } from "./check.ts";
import { configText } from "./config.ts";
import { Fleet } from "./fleet.ts";
import { GuestProcess } from "./guest-process.ts";
import { hostLimits } from "./host-limits.ts";
import { Launcher } from "./launcher.ts";
import { LogBudget } from "./log-budget.ts";
import { type FailedCall, failedCall, isFailed } from "./problems.ts";
import { SandboxRun, type SandboxRunDeps } from "./run.ts";
import { SlotsByKey } from "./slots.ts";
import { SuspectCode } from "./suspects.ts";

interface WorkerdSandboxOptions {
  readonly limits?: Partial<SandboxLimits>;
  /** What functions may reach although it is not public. */
  readonly egressAllow: EgressAllow;
  readonly clock: Clock;
  readonly log: Log;
  /** PEM of certificate authorities that functions trust beside the usual ones. */
  readonly ca?: string;
}

/** For so long a hint stands in line where there is no room for its process. */
const hintMs = 1_000;

/** Functions in processes of workerd. Nothing is started until the first of them is wanted. */
export async function workerdSandbox(options: WorkerdSandboxOptions): Promise<Sandbox> {
  return new WorkerdSandbox(options);
}

class WorkerdSandbox implements Sandbox {
  readonly #options: WorkerdSandboxOptions;
  readonly #limits: SandboxLimits;
  readonly #deps: SandboxRunDeps;
  readonly #runs = new Set<SandboxRun | CodeCheck>();
  /** Made when first needed: reading the root certificates takes a while, and many installations have no function. */
  #launching: (() => GuestProcess) | undefined;
  #launcher: Launcher | undefined;
  #closing: Promise<void> | undefined;

  constructor(options: WorkerdSandboxOptions) {
    const { clock, log } = options;
    this.#options = options;
    this.#limits = { ...defaultSandboxLimits, ...options.limits };
    const fleet = new Fleet({ clock, log, limits: this.#limits, boot: () => this.#boot() });
    this.#deps = {
      clock,
      limits: this.#limits,
      slots: new SlotsByKey(clock),
      fleet,
      suspects: new SuspectCode(),
      logBudget: new LogBudget(this.#limits, clock),
      // As many as there may be calls: what has run is not refused for want of room.
      slices: new Slices({ maxWaiting: 8 * this.#limits.concurrency }),
    };
  }

  async run(call: SandboxCall, signal?: AbortSignal): Promise<SandboxResult> {
    const run = new SandboxRun(call, this.#deps);
    const cancel = (): void => run.stop.abort(failedCall("cancelled", "the caller gave up"));
    if (this.#closing !== undefined || signal?.aborted === true) cancel();
    signal?.addEventListener("abort", cancel, { once: true });
    this.#runs.add(run);
    const result = await run.result();
    this.#runs.delete(run);
    signal?.removeEventListener("abort", cancel);
    return result;
  }

  async check(tenant: string, code: Code): Promise<LoadProblem | undefined> {
    if (this.#closing !== undefined) throw new SignalboxError("unavailable", "the sandbox is closed");
    const check = new CodeCheck(tenant, code, this.#deps);
    this.#runs.add(check);
    try {
      return await check.result();
    } finally {
      this.#runs.delete(check);
    }
  }

  warm(tenant: string, lane: SandboxLane): void {
    if (this.#closing !== undefined) return;
    const { clock, fleet } = this.#deps;
    const stop = new AbortController();
    const cancel = clock.after(hintMs, () => stop.abort(failedCall("unavailable", "no process became free")));
    void fleet
      .take({ role: { tenant, lane, solo: false }, beyond: false, signal: stop.signal, waitMs: hintMs })
      .then((process) => {
        cancel();
        if (!isFailed(process)) fleet.giveBack(process);
      });
  }

  processes(): readonly SandboxProcess[] {
    return [...this.#deps.fleet].filter(({ pid }) => pid !== 0).map((process) => process.figures());
  }

  #boot(): GuestProcess {
    this.#launching ??= this.#prepared();
    return this.#launching();
  }

  #prepared(): () => GuestProcess {
    const { clock, log, ca, egressAllow } = this.#options;
    const { fleet, suspects } = this.#deps;
    const binary = workerdBinary();
    const authorities = [...new Set([...getCACertificates("default"), ...(ca === undefined ? [] : [ca])])];
    const config = configText({ opened: egressAllow, authorities, memoryBytes: this.#limits.memoryBytes });
    const deps = {
      clock,
      limits: this.#limits,
      hostBytes: new ByteBudget(hostLimits.allBytes),
      ended: (process: GuestProcess, { reason, error }: FailedCall, codes: ReadonlySet<string>) => {
        if (process.role !== undefined && codes.size > 0) {
          suspects.add(process.role.tenant, codes);
          log.warn({ ...process.role, reason, codes: codes.size }, `a process of functions ended: ${error.message}`);
        }
        fleet.ended(process);
      },
      quiet: () => fleet.serveSoon(),
      tooLarge: (process: GuestProcess) => fleet.drain(process),
    };
    const launcher = new Launcher({ binary, config }, ({ why }) => {
      if (why !== undefined) log.warn({ why }, "functions run as root: they could not be run as another user");
    });
    this.#launcher = launcher;
    return () => new GuestProcess(launcher.launch(), deps);
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    for (const { stop } of this.#runs) stop.abort(failedCall("cancelled", "the sandbox was closed"));
    await this.#deps.fleet.close();
    await this.#launcher?.close();
  }
}

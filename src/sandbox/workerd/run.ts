import type { Clock } from "../../clock.ts";
import type { Slices } from "../../pace/slices.ts";
import type { Code, SandboxCall, SandboxLimits, SandboxResult } from "../sandbox.ts";
import type { GuestAnswer } from "./answer.ts";
import type { Fleet } from "./fleet.ts";
import { type GuestCall, type GuestProcess, type ProcessRole, roleKey } from "./guest-process.ts";
import type { LogBudget } from "./log-budget.ts";
import { type FailedCall, failedCall, isFailed } from "./problems.ts";
import type { SlotLimits, SlotsByKey } from "./slots.ts";
import type { SuspectCode } from "./suspects.ts";

/** Parts of this adapter, which stands below the Ports: no context has them. */
export interface SandboxRunDeps {
  readonly clock: Clock;
  readonly limits: SandboxLimits;
  readonly slots: SlotsByKey;
  readonly fleet: Fleet;
  readonly suspects: SuspectCode;
  readonly logBudget: LogBudget;
  /** Long values are read in it. */
  readonly slices: Slices;
}

/** So many times as many as may run at once may be in a lane of a tenant with those for which others of them wait. */
const beyondFactor = 4;
/** Of all processes, those that calls of one tenant that want to be alone have at once: half of what it may have in a lane (shares.ts). */
const aloneShare = 1 / 16;

/**
 * One call, from its beginning to its end. Whatever it waits for, `stop` ends it, with the failure that it then has as the
 * reason of the abort.
 *
 *   slot ──▶ process ──▶ code loaded ──▶ called ──▶ answered
 */
export class SandboxRun {
  readonly stop = new AbortController();
  readonly #call: SandboxCall;
  readonly #deps: SandboxRunDeps;
  readonly #startedMs = performance.now();
  readonly #entry: GuestCall;
  /** What it means that time is up, by what it waits for. */
  #late: () => FailedCall;
  #queueMs = 0;
  #coldMs = 0;
  #answer: GuestAnswer | undefined;
  /** Its process has reported how it ended. */
  #over = false;

  constructor(call: SandboxCall, deps: SandboxRunDeps) {
    this.#call = call;
    this.#deps = deps;
    this.#entry = { codeId: call.code.id, stop: this.stop };
    this.#late = () => failedCall("busy", `no slot became free within ${call.timeoutMs} ms`);
  }

  async result(): Promise<SandboxResult> {
    const cancel = this.#deps.clock.after(this.#call.timeoutMs, () => this.stop.abort(this.#late()));
    let outcome: SandboxResult["outcome"];
    try {
      outcome = this.stop.signal.aborted ? this.#stopped() : await this.#withSlot();
    } catch (error) {
      outcome = failedCall("crashed", error instanceof Error ? error.message : String(error));
    }
    cancel();
    const { logs = [], logsCut = false } = this.#answer ?? {};
    const times = { queueMs: this.#queueMs, coldMs: this.#coldMs, totalMs: performance.now() - this.#startedMs };
    return { outcome, logs, logsCut, times };
  }

  /** A suspect waits for its turn to be alone instead of for a slot, so that it keeps none from the others. */
  async #withSlot(): Promise<SandboxResult["outcome"]> {
    const { tenant, lane, alone = false } = this.#call;
    const { concurrency, queue, postQueue, processes } = this.#deps.limits;
    const mostAlone = Math.max(1, Math.floor(processes * aloneShare));
    for (;;) {
      const solo = this.#isSolo();
      const role = { tenant, lane, solo };
      const limits = {
        concurrency: alone ? mostAlone : solo ? 1 : concurrency,
        most: beyondFactor * concurrency,
        queue: lane === "pre" ? queue : postQueue,
      };
      const outcome = await this.#holding(`${roleKey(role)}${alone ? " alone" : ""}`, limits, async () =>
        // While it waited, others may have cleared it, or drawn it in.
        this.#isSolo() === solo ? this.#inProcess(role) : "again",
      );
      if (outcome !== "again") return outcome;
    }
  }

  #isSolo(): boolean {
    const { tenant, code, alone = false } = this.#call;
    return alone || this.#deps.suspects.has(tenant, code.id);
  }

  async #holding(
    key: string,
    limits: SlotLimits,
    act: () => Promise<SandboxResult["outcome"] | "again">,
  ): Promise<SandboxResult["outcome"] | "again"> {
    const slots = this.#deps.slots.get(key, limits);
    const sinceMs = performance.now();
    const request = { signal: this.stop.signal, beyond: this.#call.nested === true, waitMs: this.#waitMs };
    const slot = await slots.take(request);
    this.#queueMs += performance.now() - sinceMs;
    try {
      if (slot === "taken") return await act();
    } finally {
      if (slot === "taken") slots.release();
      this.#deps.slots.forgetUnused(key);
    }
    if (slot === "stopped") return this.#stopped();
    return failedCall(
      "busy",
      slot === "full" ? "too many calls wait already" : `no slot became free within ${request.waitMs} ms`,
    );
  }

  /** What is left of the time for which it may wait until others make room. */
  get #waitMs(): number {
    const { queueMs, postQueueMs } = this.#deps.limits;
    return Math.max(0, (this.#call.lane === "pre" ? queueMs : postQueueMs) - this.#queueMs);
  }

  async #inProcess(role: ProcessRole): Promise<SandboxResult["outcome"]> {
    const { fleet } = this.#deps;
    const process = fleet.taken(role) ?? (await this.#process(role));
    if (isFailed(process)) return process;
    this.#late = () => failedCall("timeout", `it was not done within ${this.#call.timeoutMs} ms`);
    process.enter(this.#entry);
    try {
      return await this.#called(process, role);
    } finally {
      process.leave(this.#entry, this.#over);
      fleet.giveBack(process);
    }
  }

  async #process(role: ProcessRole): Promise<GuestProcess | FailedCall> {
    const sinceMs = performance.now();
    this.#late = () => failedCall("unavailable", `no process within ${this.#call.timeoutMs} ms: all are in use`);
    const beyond = this.#call.nested === true;
    const process = await this.#deps.fleet.take({ role, beyond, signal: this.stop.signal, waitMs: this.#waitMs });
    this.#coldMs = performance.now() - sinceMs;
    return process;
  }

  async #called(process: GuestProcess, role: ProcessRole): Promise<SandboxResult["outcome"]> {
    const { code } = this.#call;
    const problem = process.guest.isLoaded(code.id) ? undefined : await this.#load(process, code);
    const outcome = problem ?? (await this.#answered(process));
    const well = outcome.kind === "ok" || outcome.reason === "threw";
    if (role.solo && well && this.#over) this.#deps.suspects.clear(role.tenant, code.id);
    return outcome;
  }

  async #answered(process: GuestProcess): Promise<SandboxResult["outcome"]> {
    if (this.stop.signal.aborted) return this.#stopped();
    const { tenant } = this.#call;
    const { logBudget } = this.#deps;
    this.#answer = await process.guest.call(this.#call, {
      logBytes: logBudget.left(tenant),
      signal: this.stop.signal,
    });
    logBudget.spend(tenant, this.#answer.loggedBytes);
    this.#over = this.#answer.over;
    if (this.#answer.isUnread) await this.#deps.slices.run(tenant, this.#answer.reading());
    return this.#answer.outcome ?? this.#stopped();
  }

  async #load(process: GuestProcess, code: Code): Promise<FailedCall | undefined> {
    const sinceMs = performance.now();
    const loaded = await unless(this.stop.signal, process.guest.load(code));
    this.#coldMs += performance.now() - sinceMs;
    if (loaded === "loaded") return undefined;
    if (loaded === undefined || loaded === "lost") return this.#stopped();
    this.#over = true;
    const { name, message, line, column } = loaded;
    const stack = line === undefined ? {} : { stack: `${name}: ${message}\n    at function.js:${line}:${column}` };
    return { kind: "failed", reason: "threw", error: { name, message, ...stack } };
  }

  /** Also of what broke off before the reason was known. */
  #stopped(): FailedCall {
    const reason: unknown = this.stop.signal.reason;
    return reason === undefined ? failedCall("crashed", "its process ended") : (reason as FailedCall);
  }
}

/** `undefined` once `signal` aborts. */
export function unless<T>(signal: AbortSignal, promise: Promise<T>): Promise<T | undefined> {
  if (signal.aborted) return Promise.resolve(undefined);
  return new Promise((resolve, reject) => {
    const stop = (): void => resolve(undefined);
    signal.addEventListener("abort", stop, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", stop));
  });
}

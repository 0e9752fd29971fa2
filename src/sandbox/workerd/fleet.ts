import type { Clock } from "../../clock.ts";
import type { Log } from "../../log.ts";
import type { SandboxLimits } from "../sandbox.ts";
import { type GuestProcess, type ProcessRole, roleKey } from "./guest-process.ts";
import { type FailedCall, failedCall, isFailed } from "./problems.ts";
import { ProcessQueue, type ProcessRequest } from "./process-queue.ts";
import { passesOn, type ShareRefusal, shareRefusal } from "./shares.ts";

/** Kept booted, for the next call. */
const spares = 2;
/** After a process was taken, a spare for it is booted so much later: the call that took it goes first. */
const refillMs = 10;
/**
 * After boots failed, the next is tried so much later, twice as late each time. But at once after the first, and those that were
 * under way with it: they may have been killed from outside, and the callers that wait for them did no wrong.
 */
const backoffMs = { first: 250, most: 10_000 } as const;

interface FleetDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly limits: Pick<SandboxLimits, "processes" | "idleMs">;
  /** Starts a process; throws when that cannot even be tried. A part of this adapter: no context has it. */
  boot(): GuestProcess;
}

/** How often processes that can give way are looked for, while calls wait. */
const lookMs = 100;

/** All processes, and who has which. */
export class Fleet {
  readonly #deps: FleetDeps;
  /** The one given back last comes last. */
  readonly #all = new Set<GuestProcess>();
  /** Those that get the calls of a tenant and lane. */
  readonly #shared = new Map<string, GuestProcess>();
  readonly #waiting: ProcessQueue;
  #activeMs = Number.NEGATIVE_INFINITY;
  #boots = 0;
  /** In a row. */
  #failures = 0;
  /** How many boots had been begun by the last of them. */
  #bootsAtFailure = 0;
  #retryMs = 0;
  #complaint = "";
  #cancelSweep: (() => void) | undefined;
  #cancelFill: (() => void) | undefined;
  #cancelLook: (() => void) | undefined;
  #closed = false;

  constructor(deps: FleetDeps) {
    this.#deps = deps;
    this.#waiting = new ProcessQueue(deps.clock);
  }

  [Symbol.iterator](): Iterator<GuestProcess> {
    return this.#all[Symbol.iterator]();
  }

  /** As {@link take}, if the process of that role runs already. */
  taken(role: ProcessRole): GuestProcess | undefined {
    const process = this.#shared.get(roleKey(role));
    if (process?.isReady !== true) return undefined;
    this.#isActive();
    process.users += 1;
    return process;
  }

  /** Spares that were unused for long are wanted again, also where the call that comes has its process already. */
  #isActive(): void {
    const now = this.#deps.clock.steady();
    if (now - this.#activeMs >= this.#deps.limits.idleMs) this.#fillSoon();
    this.#activeMs = now;
  }

  /** A process that takes calls, to be given back by {@link giveBack}; what `signal` aborted with, once it does. */
  async take(request: ProcessRequest): Promise<GuestProcess | FailedCall> {
    for (;;) {
      if (request.signal.aborted) return request.signal.reason as FailedCall;
      const process = await this.#obtain(request);
      if (isFailed(process)) return process;
      if (!process.isReady && !(await this.#whenReady(process, request.signal))) {
        this.giveBack(process);
        if (request.signal.aborted) return request.signal.reason as FailedCall;
        if (this.#deps.clock.steady() >= this.#retryMs) continue;
        return failedCall("unavailable", `no process could be started: ${this.#complaint}`);
      }
      if (!process.dead) return process;
      this.giveBack(process);
    }
  }

  giveBack(process: GuestProcess): void {
    process.users -= 1;
    process.usedMs = this.#deps.clock.steady();
    if (this.#all.delete(process)) this.#all.add(process);
    if (process.users > 0) return;
    if (process.draining) process.end();
    else this.serveSoon();
  }

  /** It gets no new calls; when the present ones are done it is ended. */
  drain(process: GuestProcess): void {
    if (process.draining || process.role === undefined) return;
    process.draining = true;
    if (this.#shared.get(roleKey(process.role)) === process) this.#shared.delete(roleKey(process.role));
    if (process.users === 0) process.end();
  }

  /** To be called for every process that ended. */
  ended(process: GuestProcess): void {
    this.#all.delete(process);
    if (process.role !== undefined && this.#shared.get(roleKey(process.role)) === process) {
      this.#shared.delete(roleKey(process.role));
    }
    this.serveSoon();
    this.#fillSoon();
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const cancel of [this.#cancelSweep, this.#cancelFill, this.#cancelLook]) cancel?.();
    const gone = [...this.#all].map(({ gone }) => gone);
    for (const process of this.#all) process.end();
    this.#waiting.close(failedCall("cancelled", "the sandbox was closed"));
    await Promise.all(gone);
  }

  #whenReady(process: GuestProcess, signal: AbortSignal): Promise<boolean> {
    return new Promise((resolve) => {
      const stop = (): void => resolve(false);
      signal.addEventListener("abort", stop, { once: true });
      void process.ready.then((ready) => {
        signal.removeEventListener("abort", stop);
        resolve(ready);
      });
    });
  }

  #obtain(request: ProcessRequest): Promise<GuestProcess | FailedCall> {
    this.#isActive();
    this.#sweepSoon();
    const process = this.#waiting.size === 0 || request.beyond ? this.#find(request) : this.#bound(request.role);
    if (process !== undefined) return Promise.resolve(process);
    const given = this.#waiting.join(request);
    this.serveSoon();
    this.#lookSoon();
    return given;
  }

  /** Something may have become free. Not at once: the code that frees it may be about to use it. */
  serveSoon(): void {
    if (this.#waiting.size > 0) queueMicrotask(() => this.#serve());
  }

  #serve(): void {
    if (this.#closed) return;
    for (const turn of this.#waiting.turns((role) => this.#processesOf(role))) {
      for (const { request, give } of turn) {
        const process = this.#find(request);
        // What is not to be had for one is not for the others of its role.
        if (process === undefined) break;
        give(process);
      }
    }
  }

  #processesOf({ tenant, lane }: ProcessRole): number {
    return [...this.#all].filter(({ role }) => role?.tenant === tenant && role.lane === lane).length;
  }

  #lookSoon(): void {
    this.#cancelLook ??= this.#deps.clock.after(lookMs, () => {
      this.#cancelLook = undefined;
      if (this.#closed || this.#waiting.size === 0) return;
      this.#giveWay();
      this.#serve();
      this.#lookSoon();
    });
  }

  /** For each role that waits and whose tenant has no process there, one that has had its turn is on its way out. */
  #giveWay(): void {
    const now = this.#deps.clock.steady();
    const newcomers = this.#waiting
      .turns((role) => this.#processesOf(role))
      .filter(([first]) => {
        return first !== undefined && this.#processesOf(first.request.role) === 0;
      });
    let missing = newcomers.length - [...this.#all].filter(({ draining }) => draining).length;
    const hooksWait = newcomers.some(([first]) => first?.request.role.lane === "pre");
    for (const process of this.#all) {
      if (missing <= 0) return;
      if (!passesOn(process, now) || (process.role?.lane === "pre" && !hooksWait)) continue;
      this.drain(process);
      missing -= 1;
    }
  }

  #find({ role, beyond }: ProcessRequest): GuestProcess | FailedCall | undefined {
    return this.#bound(role) ?? this.#claim(role, beyond);
  }

  #bound(role: ProcessRole): GuestProcess | undefined {
    const process = role.solo ? this.#idleSolo(role) : this.#shared.get(roleKey(role));
    if (process !== undefined) process.users += 1;
    return process;
  }

  #idleSolo(role: ProcessRole): GuestProcess | undefined {
    const key = roleKey(role);
    for (const process of this.#all) {
      if (process.users > 0 || process.busy || process.draining || process.role === undefined) continue;
      if (roleKey(process.role) === key) return process;
    }
    return undefined;
  }

  /** A spare, or a new process if there is room, or can be made. */
  #claim(role: ProcessRole, beyond: boolean): GuestProcess | FailedCall | undefined {
    for (;;) {
      const why = shareRefusal(this.#deps.limits.processes, this.#all, { role, beyond });
      if (why === undefined) break;
      if (!this.#makeRoom(why, role)) return undefined;
    }
    // What ends one spare often ends all, and then a call must not be the one to find out.
    const spare = [...this.#all].filter((process) => process.role === undefined && process.stillRuns());
    let process = spare.find(({ isReady }) => isReady) ?? spare[0];
    if (process === undefined) {
      process = this.#boot();
      if (process === undefined) return failedCall("unavailable", `no process could be started: ${this.#complaint}`);
    }
    process.users += 1;
    process.bind(role);
    if (!role.solo) this.#shared.set(roleKey(role), process);
    this.#fillSoon();
    return process;
  }

  /** Ends the one idle for longest, of those whose end makes room. */
  #makeRoom(why: ShareRefusal, { tenant, lane }: ProcessRole): boolean {
    for (const process of this.#all) {
      const { role } = process;
      if (role === undefined || process.users > 0 || process.busy || process.dead) continue;
      if (why !== "all" && role.lane !== lane) continue;
      if (why === "own" && role.tenant !== tenant) continue;
      process.end();
      return true;
    }
    return false;
  }

  #boot(): GuestProcess | undefined {
    if (this.#closed || this.#deps.clock.steady() < this.#retryMs) return undefined;
    this.#boots += 1;
    const boot = this.#boots;
    try {
      const process = this.#deps.boot();
      this.#all.add(process);
      void process.ready.then((ready) => (ready ? this.#booted() : this.#failed(boot, process.complaint())));
      return process;
    } catch (error) {
      this.#failed(boot, error instanceof Error ? error.message : String(error));
      return undefined;
    }
  }

  #booted(): void {
    this.#failures = 0;
    this.serveSoon();
    this.#fillSoon();
  }

  #failed(boot: number, complaint: string): void {
    if (this.#closed || boot <= this.#bootsAtFailure) return;
    this.#bootsAtFailure = this.#boots;
    this.#complaint = complaint === "" ? "it ended at once" : complaint;
    const waitMs = this.#failures === 0 ? 0 : Math.min(backoffMs.most, backoffMs.first * 2 ** (this.#failures - 1));
    this.#failures += 1;
    this.#retryMs = this.#deps.clock.steady() + waitMs;
    this.#deps.log.warn({ complaint: this.#complaint, retryMs: waitMs }, "no process for functions could be started");
    this.serveSoon();
  }

  #fillSoon(): void {
    if (this.#closed || this.#cancelFill !== undefined) return;
    const waitMs = Math.max(refillMs, this.#retryMs - this.#deps.clock.steady());
    this.#cancelFill = this.#deps.clock.after(waitMs, () => {
      this.#cancelFill = undefined;
      this.#fill();
    });
  }

  #fill(): void {
    const { clock, limits } = this.#deps;
    const all = [...this.#all];
    if (clock.steady() - this.#activeMs >= limits.idleMs) return;
    // One after the other: several that boot at once would slow down each other, and the calls.
    if (all.length >= limits.processes || all.some(({ isReady }) => !isReady)) return;
    if (all.filter(({ role }) => role === undefined).length >= spares) return;
    if (this.#boot() === undefined) this.#fillSoon();
  }

  #sweepSoon(): void {
    this.#cancelSweep ??= this.#deps.clock.after(this.#deps.limits.idleMs / 4, () => {
      this.#cancelSweep = undefined;
      this.#sweep();
    });
  }

  /** Ends what was idle for long: this is also the only way in which loaded code is unloaded. */
  #sweep(): void {
    const untilMs = this.#deps.clock.steady() - this.#deps.limits.idleMs;
    for (const process of this.#all) {
      const sinceMs = process.role === undefined ? Math.max(process.usedMs, this.#activeMs) : process.usedMs;
      if (process.users === 0 && !process.busy && sinceMs <= untilMs) process.end();
    }
    if (this.#all.size > 0) this.#sweepSoon();
  }
}

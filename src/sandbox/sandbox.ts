import type { Json } from "../domain/event.ts";
import type { LogLine, SandboxFailure, ThrownError } from "../domain/invocation.ts";

export { functionLogLevels, type LogLine, type SandboxFailure, type ThrownError } from "../domain/invocation.ts";

/**
 * Runs other people's code.
 *
 * Guarantees, which `test/conformance/sandbox.ts` checks of every adapter:
 * - Code runs outside this process, sees neither files nor environment nor other code's memory, and reaches the network only as
 *   its {@link Code.egress} says.
 * - {@link Sandbox.run} never rejects and always ends: within `timeoutMs` and a moment, whatever the code does. What ran too long
 *   or took too much is really stopped, not only given up.
 * - Tenants never share a process, and nor do the two {@link SandboxLane}s: what one does costs the others nothing but CPU time.
 * - When a process is killed, the calls that were under way in it are suspects: the next time, each of those codes runs in a process
 *   alone, until it has ended well there.
 * - No process outlives this one, even after kill -9.
 */
export interface Sandbox extends AsyncDisposable {
  /** Makes one call. When `signal` aborts, the call is cancelled and ends as `cancelled`. */
  run(call: SandboxCall, signal?: AbortSignal): Promise<SandboxResult>;
  /**
   * Loads code as {@link run} would, without calling it. `undefined`: it loads and has a function as its default export.
   *
   * @throws SignalboxError `unavailable` when there is no process, or the machine is too busy, to find out.
   */
  check(tenant: string, code: Code): Promise<LoadProblem | undefined>;
  /** A hint that this tenant will call in this lane: a process is bound to it, so that the first call finds it running. */
  warm(tenant: string, lane: SandboxLane): void;
  /** For metrics and tests. */
  processes(): readonly SandboxProcess[];
}

/** Hooks, which an operation waits for, and everything else. */
export const lanes = ["pre", "post"] as const;
export type SandboxLane = (typeof lanes)[number];

/** One version of one function with its settings. */
export interface Code {
  /** Names exactly this: another text, setting or secret has another id, and other ids never share a global scope. */
  readonly id: string;
  /** An ES module without imports: `export default async (event, { env, log, api }) => …`. */
  readonly js: string;
  /** Settings and secrets, as the function sees them in `env`. */
  readonly env: Readonly<Record<string, string>>;
  /** Hosts that it may fetch from: `api.example.com`, `*.example.com`, with `:port` where it is not the scheme's own. */
  readonly egress: readonly string[];
}

export interface SandboxCall {
  readonly tenant: string;
  readonly lane: SandboxLane;
  readonly code: Code;
  /** The function's first argument. */
  readonly event: Json;
  /** From the start of `run` to its end, waiting for a slot included. At least 1. */
  readonly timeoutMs: number;
  /** Made by code that itself is being waited for: gets its slot beyond the limit, or the two would wait for each other. */
  readonly nested?: boolean;
  /** In a process where nothing else runs meanwhile: whatever ends that process ends this call alone. Few at once of each tenant. */
  readonly alone?: boolean;
  /** What the function's `api` reaches. Absent: `api` throws. Must not reject. `signal` aborts when the call has ended. */
  readonly api?: (request: ApiRequest, signal: AbortSignal) => Promise<ApiAnswer>;
}

/** What a function asked of this platform by `api(path, init)`. */
export interface ApiRequest {
  readonly method: string;
  /** Path and query, beginning with a slash. */
  readonly path: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface ApiAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface SandboxResult {
  readonly outcome:
    | { readonly kind: "ok"; readonly value: Json }
    | { readonly kind: "failed"; readonly reason: SandboxFailure; readonly error: ThrownError };
  /** What had been logged up to its end, also of a call that was cut off (as far as it arrived). */
  readonly logs: readonly LogLine[];
  /** Some lines were too many, or too long. */
  readonly logsCut: boolean;
  readonly times: SandboxTimes;
}

/** Whole and fractional milliseconds, each part of the whole. */
interface SandboxTimes {
  /** Waiting for a slot. */
  readonly queueMs: number;
  /** Getting a process, and loading the code when it was not loaded. 0 when warm. */
  readonly coldMs: number;
  readonly totalMs: number;
}

/** Why code does not load, with the place in {@link Code.js} where it is known (both from 1). */
export interface LoadProblem {
  readonly message: string;
  readonly line?: number;
  readonly column?: number;
}

export interface SandboxProcess {
  readonly pid: number;
  /** Absent: a spare. */
  readonly tenant?: string;
  readonly lane?: SandboxLane;
  /** Holds one suspect at a time. */
  readonly solo: boolean;
  readonly running: number;
  readonly memoryBytes: number;
}

/** Sizes and times that bound what code may do. */
export interface SandboxLimits {
  /** Of a process, resident; past it the process is killed. Default 512 MiB. */
  readonly memoryBytes: number;
  /** How long code may keep its process from doing anything else. Default 1,000. */
  readonly stallMs: number;
  /** Calls at once in one lane of one tenant. Default 64. */
  readonly concurrency: number;
  /** Calls that wait for a slot in the lane `pre` of one tenant; more are `busy`. Default 256. */
  readonly queue: number;
  /**
   * How long a call of the lane `pre` waits until others make room: for a slot before it is `busy`, and what is left of it for a process
   * before that is `unavailable`. Default 1,000.
   */
  readonly queueMs: number;
  /** The same of the lane `post`. Default 256. */
  readonly postQueue: number;
  /** Default 5,000. */
  readonly postQueueMs: number;
  /**
   * Processes at once, spares included; idle ones make room for others. A quarter is for the lane `pre` alone, and a quarter of each lane
   * for tenants that have none there; one tenant has an eighth in each lane at most, but two where that is less. Default 32.
   */
  readonly processes: number;
  /** A process that was idle for so long is ended. Default 60,000. */
  readonly idleMs: number;
  /** Of a result, as JSON. Default 256 KiB. */
  readonly outputBytes: number;
  /** Of all that one call logs. Default 64 KiB. */
  readonly logBytes: number;
  /** Lines that one call logs. Default 1,000. */
  readonly logLines: number;
  /** Of what all calls of a tenant log together; past it, of each call only the first KiB is kept. Default 1 MiB at once, 64 KiB/s. */
  readonly logBurstBytes: number;
  readonly logBytesPerSecond: number;
}

export const defaultSandboxLimits: SandboxLimits = {
  memoryBytes: 512 * 2 ** 20,
  stallMs: 1_000,
  concurrency: 64,
  queue: 256,
  queueMs: 1_000,
  postQueue: 256,
  postQueueMs: 5_000,
  processes: 32,
  idleMs: 60_000,
  outputBytes: 256 * 2 ** 10,
  logBytes: 64 * 2 ** 10,
  logLines: 1_000,
  logBurstBytes: 2 ** 20,
  logBytesPerSecond: 64 * 2 ** 10,
};

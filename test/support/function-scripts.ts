/** Functions that are scripts of the test, run as the sandbox would run them, on a clock that moves when told to. */
import type { Json } from "../../src/domain/event.ts";
import type { Invocation, SandboxFailure } from "../../src/domain/invocation.ts";
import type { FunctionEvent, Params } from "../../src/domain/lifecycle.ts";
import type { FunctionRun, Ran } from "../../src/invocation/runner.ts";
import type { SandboxResult } from "../../src/sandbox/sandbox.ts";
import type { FakeClock } from "./clock.ts";

/** What a function does: returns a value, throws, or is stopped by the runner. */
export type Script = (event: FunctionEvent, run: FunctionRun) => Json | Promise<Json>;

/** How a run ends that the sandbox cuts off. */
export class Stopped extends Error {
  readonly reason: SandboxFailure;

  constructor(reason: SandboxFailure) {
    super(`it was stopped: ${reason}`);
    this.reason = reason;
  }
}

/** Never returns: ends when its time is over, or it is cancelled. */
export const hangs: Script = () => new Promise<Json>(() => {});

export function stops(reason: SandboxFailure): Script {
  return () => {
    throw new Stopped(reason);
  };
}

/** Its process ends: nobody's decision. */
export const crashes: Script = stops("crashed");

/** An error of its own. */
export function throws(message: string): Script {
  return () => {
    throw new TypeError(message);
  };
}

export const agrees: Script = () => null;

export const allow = (patch: Params): Json => ({ decision: "allow", patch });
export const deny = (message: string, more: Readonly<Record<string, Json>> = {}): Json => ({
  decision: "deny",
  message,
  ...more,
});

interface Playing {
  readonly run: FunctionRun;
  readonly script: Script;
  readonly signal: AbortSignal | undefined;
}

/** As the sandbox does it: ends by its time, or when it is cancelled, whatever the script does. */
export async function played(clock: FakeClock, { run, script, signal }: Playing): Promise<Ran> {
  const createdMs = clock.now();
  const ended = Promise.withResolvers<SandboxResult["outcome"]>();
  const stop = (reason: SandboxFailure): void => ended.resolve(failure(new Stopped(reason)));
  const cancel = clock.after(run.timeoutMs, () => stop("timeout"));
  const cancelled = (): void => stop("cancelled");
  signal?.addEventListener("abort", cancelled, { once: true });
  const value = (async () => script(run.event, run))();
  value.then(
    (value) => ended.resolve({ kind: "ok", value }),
    (thrown: unknown) => ended.resolve(failure(thrown)),
  );
  const outcome = await ended.promise;
  cancel();
  signal?.removeEventListener("abort", cancelled);
  const { runnable, number, trigger, event } = run;
  const ok = outcome.kind === "ok";
  const times = { createdMs, startedMs: createdMs, durationMs: clock.now() - createdMs, queueMs: 0, coldMs: 0 };
  const invocation: Invocation = {
    number,
    tenant: runnable.fn.tenant,
    function: runnable.fn.number,
    version: runnable.version.number,
    trigger,
    eventType: event.event_type,
    eventId: event.id,
    operation: event.operation_id,
    ...(run.subscription === undefined ? {} : { subscription: run.subscription.number }),
    attempt: 1,
    status: ok ? "succeeded" : "failed",
    ...(ok ? { result: outcome.value } : { reason: outcome.reason, error: outcome.error }),
    logs: [{ atMs: 0, level: "info", message: "ran" }],
    logsCut: false,
    ...times,
  };
  return { outcome, invocation };
}

function failure(thrown: unknown): SandboxResult["outcome"] {
  const { name, message, stack = "" } = thrown instanceof Error ? thrown : new Error(String(thrown));
  return {
    kind: "failed",
    reason: thrown instanceof Stopped ? thrown.reason : "threw",
    error: { name, message, stack, ...(thrown instanceof Stopped ? {} : { own: true }) },
  };
}

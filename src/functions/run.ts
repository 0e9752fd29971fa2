import type { Clock } from "../clock.ts";
import type { Principal } from "../domain/access.ts";
import { extendChain, tooDeep } from "../domain/chain.ts";
import type { Invocation } from "../domain/invocation.ts";
import { maxChainDepth } from "../domain/lifecycle.ts";
import type { ApiAnswer, ApiRequest, Sandbox, SandboxResult } from "../sandbox/sandbox.ts";
import { Numbers } from "../store/numbers.ts";
import { FunctionLoader, type LoaderDeps } from "./loader.ts";
import { type CallPlatform, type FunctionRun, type FunctionRunner, keptResult, type Ran } from "./runner.ts";
import { inSource } from "./stack.ts";

/** No hook shall wait for numbers. */
const invocationBlocks = { least: 1_024, most: 1_024 };

export interface RunnerDeps extends LoaderDeps {
  readonly sandbox: Sandbox;
  readonly callPlatform: CallPlatform;
  readonly clock: Clock;
}

export function functionRunner(deps: RunnerDeps): FunctionRunner {
  const loader = new FunctionLoader(deps);
  const numbers = new Numbers((count) => deps.store.functions.reserveInvocations(count), invocationBlocks);
  return {
    load: (number) => loader.load(number),
    nextNumber: () => numbers.next(),
    run: (run, signal) => runFunction(deps, run, signal),
  };
}

async function runFunction(deps: RunnerDeps, run: FunctionRun, signal?: AbortSignal): Promise<Ran> {
  const { sandbox, callPlatform, clock } = deps;
  const { runnable, lane, event, nested = false } = run;
  const startedMs = clock.now();
  const caller = callerOf(run);
  const mayWrite = (lane === "post" || runnable.fn.writes) && event.dry_run !== true;
  const result = await sandbox.run(
    {
      tenant: runnable.fn.tenant,
      lane,
      code: runnable.code,
      event: { ...event },
      timeoutMs: Math.max(1, Math.min(run.timeoutMs, runnable.fn.timeoutMs)),
      nested,
      api: async (request, ended) => {
        if (reads(request)) return callPlatform(caller, request, ended);
        if (!mayWrite) return mayOnlyRead;
        return tooDeep(caller.chain) ? endless : callPlatform(caller, request, ended);
      },
    },
    signal,
  );
  return { outcome: result.outcome, invocation: record(run, startedMs, result) };
}

/** As whom a function calls this platform: with what whoever changed it last may do, and with what led to the call. */
function callerOf({ runnable: { fn }, subscription, event, chain }: FunctionRun): Principal {
  const operation = event.operation_id;
  return {
    tenant: fn.tenant,
    name: subscription === undefined ? `function:${fn.uuid}` : `hook:${subscription.uuid}`,
    role: fn.role,
    chain:
      subscription === undefined
        ? { root: operation, path: [], ...chain }
        : extendChain(chain, { operation, subscription: subscription.uuid }),
  };
}

function reads({ method }: ApiRequest): boolean {
  return method === "GET" || method === "HEAD";
}

const mayOnlyRead: ApiAnswer = {
  status: 403,
  headers: { "content-type": "application/json; charset=utf-8" },
  body: JSON.stringify({
    success: false,
    message: "a hook may only read while an operation waits for it, unless its function is made with writes: true",
    code: "forbidden",
  }),
};

/** Whatever it would change could make it run again, by events of every face. */
const endless: ApiAnswer = {
  status: 409,
  headers: { "content-type": "application/json; charset=utf-8" },
  body: JSON.stringify({
    success: false,
    message: `functions may call each other ${maxChainDepth} deep, no deeper: more led to this call`,
    code: "hook_recursion",
  }),
};

function record(run: FunctionRun, startedMs: number, { outcome, logs, logsCut, times }: SandboxResult): Invocation {
  const { runnable, number, trigger, event, subscription, sequence } = run;
  return {
    number,
    tenant: runnable.fn.tenant,
    function: runnable.fn.number,
    version: runnable.version.number,
    trigger,
    eventType: event.event_type,
    eventId: event.id,
    operation: event.operation_id,
    ...(subscription === undefined ? {} : { subscription: subscription.number }),
    ...(sequence === undefined ? {} : { sequence }),
    attempt: event.attempt,
    status: outcome.kind === "ok" ? "succeeded" : "failed",
    ...ended(run, outcome),
    logs,
    logsCut,
    createdMs: startedMs,
    startedMs,
    durationMs: rounded(times.totalMs),
    queueMs: rounded(times.queueMs),
    coldMs: rounded(times.coldMs),
  };
}

function ended(run: FunctionRun, outcome: SandboxResult["outcome"]): Pick<Invocation, "result" | "reason" | "error"> {
  if (outcome.kind === "failed") return { reason: outcome.reason, error: inSource(outcome.error, run.runnable) };
  return JSON.stringify(outcome.value).length > keptResult ? {} : { result: outcome.value };
}

/** Microseconds are as fine as anybody measures. */
function rounded(ms: number): number {
  return Math.round(ms * 1_000) / 1_000;
}

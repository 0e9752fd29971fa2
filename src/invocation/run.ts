import { lowerRole, type Principal, type Role } from "../domain/access.ts";
import { extendChain, tooDeep } from "../domain/chain.ts";
import { defined } from "../domain/defined.ts";
import type { Invocation, ThrownError } from "../domain/invocation.ts";
import { maxChainDepth } from "../domain/lifecycle.ts";
import type { Ports } from "../ports.ts";
import type { ApiAnswer, ApiRequest, SandboxResult } from "../sandbox/sandbox.ts";
import { type Redactor, redactedJson } from "../secrets/redact.ts";
import { Numbers } from "../store/numbers.ts";
import { FunctionLoader } from "./loader.ts";
import { rightsNow } from "./rights.ts";
import { type CallPlatform, type FunctionRun, type FunctionRunner, type Json, keptResult, type Ran } from "./runner.ts";
import { RunningInvocations, runFacts } from "./running-invocations.ts";
import { StackTraces } from "./stack-traces.ts";

/** No hook shall wait for numbers. */
const invocationBlocks = { least: 1_024, most: 1_024 };

type RunnerPorts = Pick<Ports, "store" | "vault" | "sandbox" | "clock" | "slices">;

interface RunnerContext extends RunnerPorts {
  readonly callPlatform: CallPlatform;
  readonly stacks: StackTraces;
  readonly underWay: RunningInvocations;
}

export function functionRunner(ports: RunnerPorts & Pick<RunnerContext, "callPlatform">): FunctionRunner {
  const loader = new FunctionLoader(ports);
  const stacks = new StackTraces(ports.slices);
  const underWay = new RunningInvocations();
  const numbers = new Numbers((count) => ports.store.invocations.reserveInvocations(count), invocationBlocks);
  return {
    load: (number) => loader.load(number),
    nextNumber: () => numbers.next(),
    run: (run, signal) => runFunction({ ...ports, stacks, underWay }, run, signal),
    underWay: () => underWay.all(),
  };
}

async function runFunction(context: RunnerContext, run: FunctionRun, signal?: AbortSignal): Promise<Ran> {
  const startedMs = context.clock.now();
  const ended = context.underWay.begin(run, startedMs);
  try {
    return await runInSandbox(context, run, startedMs, signal);
  } finally {
    ended();
  }
}

async function runInSandbox(
  context: RunnerContext,
  run: FunctionRun,
  startedMs: number,
  signal?: AbortSignal,
): Promise<Ran> {
  const { sandbox, callPlatform } = context;
  const { runnable, lane, event, nested = false, alone = false } = run;
  const named = nameOf(run);
  const mayWrite = (lane === "post" || runnable.fn.writes) && event.dry_run !== true;
  const result = await sandbox.run(
    {
      tenant: runnable.fn.tenant,
      lane,
      code: runnable.code,
      event: { ...event },
      timeoutMs: Math.max(1, Math.min(run.timeoutMs, runnable.fn.timeoutMs)),
      nested,
      alone,
      api: async (request, ended) => {
        const role = await rightsOf(context, run);
        if (role === undefined) return withoutRights(runnable.fn.author);
        const caller = { ...named, role };
        if (reads(request)) return callPlatform(caller, request, ended);
        if (!mayWrite) return event.dry_run === true ? dryRun : mayOnlyRead;
        return tooDeep(caller.chain) ? endless : callPlatform(caller, request, ended);
      },
    },
    signal,
  );
  const { outcome } = result;
  const placed: SandboxResult["outcome"] =
    outcome.kind === "failed" ? { ...outcome, error: await context.stacks.inSource(outcome.error, runnable) } : outcome;
  const redacted = withoutSecrets({ ...result, outcome: placed }, runnable.redactor);
  return { outcome: redacted.outcome, invocation: record(run, startedMs, redacted) };
}

/** What is logged and thrown is read by who may not know the secrets; what is returned is the function's answer, and stays. */
function withoutSecrets({ outcome, logs, ...rest }: SandboxResult, redactor: Redactor): SandboxResult {
  const of = (text: string): string => redactor.of(text);
  return {
    ...rest,
    outcome: outcome.kind === "failed" ? { ...outcome, error: errorWithout(outcome.error, of) } : outcome,
    logs: logs.map((line) => ({ ...line, message: of(line.message) })),
  };
}

function errorWithout({ name, message, stack, fields, said, own }: ThrownError, of: Redactor["of"]): ThrownError {
  return {
    name: of(name),
    message: of(message),
    ...(stack === undefined ? {} : { stack: of(stack) }),
    ...(fields === undefined ? {} : { fields: redactedJson<Json>({ of }, fields) }),
    ...(said === undefined ? {} : { said: redactedJson<Json>({ of }, said) }),
    ...defined({ own }),
  };
}

/** What a function may do at this moment: what its author may, and when a caller asked for the run, no more than they. */
async function rightsOf(
  { store }: Pick<Ports, "store">,
  { runnable: { fn }, invoker }: FunctionRun,
): Promise<Role | undefined> {
  const own = await rightsNow(store, fn);
  const lent = invoker === undefined ? own : await rightsNow(store, { ...invoker, tenant: fn.tenant });
  return own === undefined || lent === undefined ? undefined : lowerRole(own, lent);
}

/** As whom a function calls this platform, with what led to the call. */
function nameOf({ runnable: { fn }, subscription, event, chain }: FunctionRun): Omit<Principal, "role"> {
  const operation = event.operation_id;
  return {
    tenant: fn.tenant,
    name: subscription === undefined ? `function:${fn.uuid}` : `hook:${subscription.uuid}`,
    author: fn.author,
    chain:
      subscription === undefined
        ? { root: operation, path: [], ...chain }
        : extendChain(chain, { operation, subscription: subscription.uuid }),
  };
}

function reads({ method }: ApiRequest): boolean {
  return method === "GET" || method === "HEAD";
}

const mayOnlyRead = refusal(403, {
  message: "a hook may only read while an operation waits for it, unless its function is made with writes: true",
  code: "forbidden",
});

const dryRun = refusal(403, {
  message: "this is a dry run, in which a function may only read",
  code: "forbidden",
});

/** Whatever it would change could make it run again, by events of every face. */
const endless = refusal(409, {
  message: `functions may call each other ${maxChainDepth} deep, no deeper: more led to this call`,
  code: "hook_recursion",
});

function withoutRights(author: string): ApiAnswer {
  const message = `this function acted with the rights of '${author}', which were ended, or of who ran it: upload its code anew`;
  return refusal(403, { message, code: "forbidden" });
}

function refusal(status: number, error: { readonly message: string; readonly code: string }): ApiAnswer {
  return {
    status,
    headers: { "content-type": "application/json; charset=utf-8" },
    body: JSON.stringify({ success: false, ...error }),
  };
}

function record(run: FunctionRun, startedMs: number, { outcome, logs, logsCut, times }: SandboxResult): Invocation {
  return {
    ...runFacts(run),
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
  if (outcome.kind === "failed") {
    const { name, message, stack } = outcome.error;
    return { reason: outcome.reason, error: { name, message, ...defined({ stack }) } };
  }
  if (JSON.stringify(outcome.value).length > keptResult) return {};
  return { result: redactedJson<Json>(run.runnable.redactor, outcome.value) };
}

/** Nothing finer than microseconds is measured. */
function rounded(ms: number): number {
  return Math.round(ms * 1_000) / 1_000;
}

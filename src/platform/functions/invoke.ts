import type { Context } from "../../context.ts";
import { authorOf, type Principal } from "../../domain/access.ts";
import { extendChain, recursion, tooDeep } from "../../domain/chain.ts";
import { hookEvent } from "../../domain/function-event.ts";
import type { SandboxFailure } from "../../domain/invocation.ts";
import { maxChainDepth, type Params, type User } from "../../domain/lifecycle.ts";
import { withoutSensitive } from "../../domain/prepared-event-type.ts";
import { notFound, SignalboxError } from "../../errors.ts";
import type { Ran, Runnable } from "../../invocation/runner.ts";
import { originOf, userOf } from "../asking.ts";
import { freshId } from "../deps.ts";
import { type FunctionPlace, findFunction } from "./functions.ts";
import type { ShownInvocation } from "./runs.ts";

/** Running a function now. */

type InvokeContext = Pick<Context, "catalog" | "clock" | "functions" | "publish" | "store">;

export interface InvokeInput {
  readonly eventType: string;
  readonly params: Params;
  /** `null`: no user. Absent: the caller. */
  readonly user?: User | null | undefined;
  /** Bounds the run, beside the function's own limit. */
  readonly timeoutMs?: number;
}

const notBegun: ReadonlySet<SandboxFailure> = new Set<SandboxFailure>(["busy", "unavailable"]);

/**
 * Runs a function now, on a made-up event: it is handed over as it is, of a known type without what is sensitive, and
 * it reaches no subscription. The run is recorded, however it ends. When `signal` aborts it is stopped.
 *
 * @throws SignalboxError `unavailable` when there was no room for it within some seconds: then it was not run, and is not recorded; `not_found`; `hook_recursion` when a function asks for what has led to itself.
 */
export async function invoke(
  deps: InvokeContext,
  caller: Principal,
  place: FunctionPlace,
  { input, signal }: AskedRun,
): Promise<ShownInvocation> {
  const { number } = await findFunction(deps.store, caller, place);
  const runnable = await deps.functions.load(number);
  if (runnable === undefined) throw notFound(`function '${place.fn}' of app '${place.app}'`);
  const ran = await runNow(deps, caller, { runnable, trigger: "invoke", input, signal });
  await deps.publish({ changes: [{ do: "invocation.put", invocation: ran.invocation }] });
  return shownRun(runnable, ran);
}

export interface AskedRun {
  readonly input: InvokeInput;
  readonly signal: AbortSignal;
}

interface DirectRun extends AskedRun {
  readonly runnable: Runnable;
  readonly trigger: "invoke" | "trial";
  /** See {@link FunctionEvent.dry_run}. */
  readonly dryRun?: boolean;
}

/** @throws SignalboxError as {@link invoke} does. */
export async function runNow(
  { clock, functions, catalog }: Pick<InvokeContext, "clock" | "functions" | "catalog">,
  caller: Principal,
  { runnable, trigger, input, dryRun = false, signal }: DirectRun,
): Promise<Ran> {
  const { fn } = runnable;
  if (recursion(caller.chain, fn.uuid)) {
    throw new SignalboxError("hook_recursion", `function '${fn.slug}' has led to this call itself`);
  }
  if (tooDeep(caller.chain)) {
    throw new SignalboxError("hook_recursion", `functions may call each other ${maxChainDepth} deep, no deeper`);
  }
  const timeoutMs = Math.min(input.timeoutMs ?? fn.timeoutMs, fn.timeoutMs);
  const operation = freshId(clock);
  const definition = catalog.get(input.eventType);
  const ran = await functions.run(
    {
      runnable,
      number: await functions.nextNumber(),
      lane: "post",
      trigger,
      event: hookEvent(
        {
          id: operation,
          type: input.eventType,
          tenant: fn.tenant,
          params: definition === undefined ? input.params : withoutSensitive(definition, input.params),
          ...(input.user === null ? {} : { user: input.user ?? userOf(caller) }),
          app: { slug: fn.appSlug },
          origin: originOf(caller),
          timeMs: clock.now(),
          operation,
        },
        { deadlineMs: timeoutMs, dryRun },
      ),
      timeoutMs,
      // No subscription runs it, so it stands for itself.
      chain: extendChain(caller.chain, { operation, subscription: fn.uuid }),
      invoker: { author: authorOf(caller), role: caller.role },
      // The caller that waits for it may have the slot that it would wait for.
      nested: caller.chain !== undefined,
      alone: trigger === "trial",
    },
    signal,
  );
  const { outcome } = ran;
  // It was never begun, so there is nothing to keep: a flood of calls to a function shall not fill the store as well.
  if (outcome.kind === "failed" && notBegun.has(outcome.reason)) {
    throw new SignalboxError("unavailable", `function '${fn.slug}' was not run: ${outcome.error.message}; try again`);
  }
  return ran;
}

/** Who runs it gets what it returned; what is kept for others is without its secrets. */
export function shownRun({ fn }: Pick<Runnable, "fn">, { outcome, invocation }: Ran): ShownInvocation {
  const returned = outcome.kind === "ok" && invocation.result !== undefined ? { result: outcome.value } : {};
  return { invocation: { ...invocation, ...returned }, fn };
}

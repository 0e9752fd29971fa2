import type { Context } from "../../context.ts";
import { authorOf, type Principal } from "../../domain/access.ts";
import { extendChain, recursion, tooDeep } from "../../domain/chain.ts";
import { withoutSensitive } from "../../domain/event-types.ts";
import { hookEvent } from "../../domain/function-event.ts";
import type { SandboxFailure } from "../../domain/invocation.ts";
import { maxChainDepth, type Params, type User } from "../../domain/lifecycle.ts";
import { notFound, SignalboxError } from "../../errors.ts";
import { originOf, userOf } from "../asking.ts";
import { freshId } from "../deps.ts";
import { type FunctionPlace, findFunction } from "./functions.ts";
import type { ShownInvocation } from "./runs.ts";

/** Running a function now. */

export type InvokeContext = Pick<Context, "catalog" | "clock" | "functions" | "publish" | "store">;

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
  { input, signal }: { readonly input: InvokeInput; readonly signal: AbortSignal },
): Promise<ShownInvocation> {
  const { store, publish, clock, functions, catalog } = deps;
  const { number, uuid } = await findFunction(store, caller, place);
  if (recursion(caller.chain, uuid)) {
    throw new SignalboxError("hook_recursion", `function '${place.fn}' has led to this call itself`);
  }
  if (tooDeep(caller.chain)) {
    throw new SignalboxError("hook_recursion", `functions may call each other ${maxChainDepth} deep, no deeper`);
  }
  const runnable = await functions.load(number);
  if (runnable === undefined) throw notFound(`function '${place.fn}' of app '${place.app}'`);
  const { fn } = runnable;
  const timeoutMs = Math.min(input.timeoutMs ?? fn.timeoutMs, fn.timeoutMs);
  const operation = freshId(clock);
  const definition = catalog.get(input.eventType);
  const { outcome, invocation } = await functions.run(
    {
      runnable,
      number: await functions.nextNumber(),
      lane: "post",
      trigger: "invoke",
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
        { deadlineMs: timeoutMs },
      ),
      timeoutMs,
      // No subscription runs it, so it stands for itself.
      chain: extendChain(caller.chain, { operation, subscription: uuid }),
      invoker: { author: authorOf(caller), role: caller.role },
      // The caller that waits for it may have the slot that it would wait for.
      nested: caller.chain !== undefined,
    },
    signal,
  );
  // It was never begun, so there is nothing to keep: a flood of calls to a function shall not fill the store as well.
  if (outcome.kind === "failed" && notBegun.has(outcome.reason)) {
    throw new SignalboxError("unavailable", `function '${place.fn}' was not run: ${outcome.error.message}; try again`);
  }
  await publish({ changes: [{ do: "invocation.put", invocation }] });
  // Who runs it gets what it returned; what is kept for others is without its secrets.
  const returned = outcome.kind === "ok" && invocation.result !== undefined ? { result: outcome.value } : {};
  return { invocation: { ...invocation, ...returned }, fn };
}

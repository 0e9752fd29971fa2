import { asError, SignalboxError } from "../errors.ts";
import type { Allowed, HookedOperation } from "../hooks/guard.ts";
import type { ResourceDeps } from "../platform/deps.ts";
import { OutcomeUnknown, ResourceFailure } from "../platform/failure.ts";
import { type Plan, type SettleOptions, settle } from "./settle.ts";
import type { Slots } from "./slots.ts";

/** Operations that wait for their hooks. While hooks run nobody's turn is taken and nothing is locked. */

/**
 * Asks the hooks, then acts. When nothing comes of it although they agreed, the functions whose hooks ran are told.
 *
 * @throws SignalboxError `hook_denied`, `hook_error`, `hook_failed`, `hook_recursion`; whatever `act` throws.
 */
export async function whenAllowed<T>(
  deps: ResourceDeps,
  operation: HookedOperation,
  act: (allowed: Allowed) => Promise<T>,
): Promise<T> {
  const allowed = await deps.guard.check(operation);
  return orAborted(deps, { operation, allowed }, () => act(allowed));
}

/** What a look at the store comes to. */
export type Proposed<T> =
  /** There is nothing to do, or it is done already: nobody is asked. */
  | { readonly kind: "nothing"; readonly result: T }
  | {
      readonly kind: "operation";
      readonly operation: HookedOperation;
      /** What the hooks are asked about. When it is another at the next look, they are asked anew. */
      readonly about: string;
      readonly plan: (allowed: Allowed) => Plan<T>;
    };

export interface HeldOptions extends SettleOptions {
  /** Shared by operations of one request, each of which has hooks of its own. */
  readonly chains?: Slots;
}

/** How often hooks are asked anew because what they had agreed to was changed meanwhile. */
export const maxChains = 5;

/**
 * As {@link settle}, of an operation that has to be read before its hooks can be asked. Where nobody wants to be asked it is
 * settled in the turn in which it was read. Otherwise it is read again once all agreed.
 *
 * @throws as {@link settle} and {@link whenAllowed}; ResourceFailure `conflict` or `busy` when others kept changing it while
 * hooks ran.
 */
export async function settleHeld<T>(
  deps: ResourceDeps,
  options: HeldOptions,
  propose: () => Promise<Proposed<T>>,
): Promise<T> {
  for (let chains = 0; chains < maxChains; chains += 1) {
    const asked = await ask(deps, options, propose);
    if (asked.kind === "settled") return asked.result;
    try {
      return await orAborted(deps, asked, () => settleAgreed(deps, options, asked, propose));
    } catch (error) {
      if (!(error instanceof Overtaken)) throw error;
    }
  }
  throw new ResourceFailure(options.conditional === true ? "conflict" : "busy");
}

/** What the hooks agreed to is not what would be done any more. */
export class Overtaken extends SignalboxError {
  constructor() {
    super("conflict", "It was changed by others while its hooks ran.");
  }
}

interface Agreement {
  readonly operation: HookedOperation;
  readonly allowed: Allowed;
}

type Asked<T> =
  | { readonly kind: "settled"; readonly result: T }
  | ({ readonly kind: "agreed"; readonly about: string } & Agreement);

type Turn<T> =
  | { readonly kind: "settled"; readonly result: T }
  | {
      readonly kind: "waits";
      readonly about: string;
      readonly operation: HookedOperation;
      readonly allowed: Promise<Allowed>;
    };

/** Settles at once what no hook wants to see; otherwise hooks are begun in the turn, and met outside of it. */
async function ask<T>(
  deps: ResourceDeps,
  options: HeldOptions,
  propose: () => Promise<Proposed<T>>,
): Promise<Asked<T>> {
  using chain = await options.chains?.take();
  const turn = await settle(deps, options, async (): Promise<Plan<Turn<T>>> => {
    const proposed = await propose();
    if (proposed.kind === "nothing") return { result: { kind: "settled", result: proposed.result } };
    const { operation, about } = proposed;
    const begun = await deps.guard.begin(operation);
    // Met below; it may have been refused before that.
    begun.result.catch(() => {});
    if (begun.tasks.length > 0) return { result: { kind: "waits", about, operation, allowed: begun.result } };
    chain?.[Symbol.dispose]();
    return settled(proposed.plan(await begun.result));
  });
  if (turn.kind === "settled") return turn;
  const { about, operation } = turn;
  return { kind: "agreed", about, operation, allowed: await turn.allowed };
}

function settled<T>(plan: Plan<T>): Plan<Turn<T>> {
  return { ...plan, result: { kind: "settled", result: plan.result } };
}

function settleAgreed<T>(
  deps: ResourceDeps,
  options: SettleOptions,
  { about, allowed }: { readonly about: string; readonly allowed: Allowed },
  propose: () => Promise<Proposed<T>>,
): Promise<T> {
  return settle(deps, options, async () => {
    const proposed = await propose();
    if (proposed.kind === "nothing" || proposed.about !== about) throw new Overtaken();
    return proposed.plan(allowed);
  });
}

/** Does what the hooks agreed to. */
async function orAborted<T>(deps: ResourceDeps, { operation, allowed }: Agreement, act: () => Promise<T>): Promise<T> {
  if (allowed.ran.length === 0) return act();
  try {
    operation.signal?.throwIfAborted();
    return await act();
  } catch (error) {
    await tellAborted(deps, { operation, allowed }, error);
    throw error;
  }
}

async function tellAborted(deps: ResourceDeps, { operation, allowed }: Agreement, thrown: unknown): Promise<void> {
  try {
    if (thrown instanceof OutcomeUnknown && (await happened(deps, operation, allowed))) return;
    await deps.guard.aborted(operation, allowed, reasonOf(operation, thrown));
  } catch (error) {
    // Whoever asked is to hear why it came to nothing, not this.
    deps.log.error({ operation: allowed.operation, error: asError(error).message }, "an abort could not be told");
  }
}

/** Whether a commit that broke off was made all the same: then its event is on its way. */
async function happened(deps: ResourceDeps, { tenant }: HookedOperation, { operation }: Allowed): Promise<boolean> {
  return (await deps.store.operations.decision(tenant, operation)) !== undefined;
}

/** For the functions. Of what nobody expected they hear no more than the caller. */
function reasonOf({ signal }: HookedOperation, thrown: unknown): string {
  if (signal?.aborted === true) return "Whoever asked for it went away.";
  const { message, status } = asError(thrown) as Error & { readonly status?: unknown };
  // Every face's expected errors have the status of their answer.
  return typeof status === "number" && status !== 500 ? message : "It failed.";
}

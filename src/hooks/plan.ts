import type { Clock } from "../clock.ts";
import type { EventTypeDefinition } from "../domain/catalog.ts";
import { recursion, tooDeep } from "../domain/chain.ts";
import { anyResource, type Uuid, uuidV7 } from "../domain/ids.ts";
import { type Chain, maxChainDepth, type Params, type User } from "../domain/lifecycle.ts";
import type { FunctionSubscription, HookOptions, HookStage } from "../domain/subscription.ts";
import { invalidField, SignalboxError } from "../errors.ts";
import type { FunctionRun, Runnable } from "../invocation/runner.ts";
import type { HookContext } from "./hook-context.ts";

/** Who is asked about an operation: found and settled before any of them runs. */

/** What is about to be done, and waits for its hooks. */
export interface HookedOperation {
  readonly tenant: string;
  /** Of the phase `pre`: `PRE_USER_CREATE`. */
  readonly type: string;
  /** As proposed. The guard takes out what is sensitive and checks the rest against the type's schema. */
  readonly params: Params;
  /** As functions see who asks. */
  readonly user?: User;
  /** Name of the principal who asks. */
  readonly actor?: string;
  readonly origin: string;
  readonly app?: { readonly uuid: Uuid; readonly slug: string };
  /** What it is about, when that is there already. Absent: given to `Allowed.changesFor`. */
  readonly resource?: Uuid;
  /** Absent: a new one is made. */
  readonly operation?: string;
  /** What led to it, when a function asked for it. */
  readonly chain?: Chain;
  /** Who asked for a simulation: its functions may do no more than they. Absent: an operation asks, whose hooks act for the platform. */
  readonly invoker?: FunctionRun["invoker"];
  /** For both waves together. Default 300,000 (SIGNALBOX_HOOK_CHAIN_MS). */
  readonly chainMs?: number;
  /** Aborts when the caller waits no more: the hooks are cancelled. */
  readonly signal?: AbortSignal;
}

type PlanContext = Pick<HookContext, "audience" | "functions" | "catalog" | "clock" | "chainMs">;

/** A hook that is to be asked: this version of its function, whatever is changed meanwhile. */
export interface PlannedHook {
  readonly subscription: FunctionSubscription;
  readonly options: HookOptions;
  readonly runnable: Runnable;
  /** The number of its invocation, should it be run. */
  readonly invocation: number;
}

/** A hook that is not asked. */
export interface SkippedHook {
  readonly subscription: FunctionSubscription;
  readonly options: HookOptions;
  /** `undefined`: the function was deleted. */
  readonly runnable: Runnable | undefined;
  readonly why: string;
}

/** Everything that is known before the first hook runs. */
export interface ChainPlan {
  readonly proposed: HookedOperation;
  /** Operation id. */
  readonly operation: string;
  /** Of the PRE event: one for all hooks. */
  readonly eventId: string;
  readonly definition: EventTypeDefinition;
  /** As proposed, without what is sensitive. */
  readonly params: Params;
  readonly startMs: number;
  /** The same on the scale that goes on evenly: what time is left is a difference from it. */
  readonly beganMs: number;
  readonly chainMs: number;
  /** In the order of merging: by ascending (priority, number), whatever their stage. */
  readonly hooks: readonly PlannedHook[];
  readonly skipped: readonly SkippedHook[];
}

/** A subscription to the operation's event type, before anything is known of its function. */
interface Listener {
  readonly subscription: FunctionSubscription;
  readonly options: HookOptions;
  /** Why it is not to be asked. */
  readonly why?: string;
}

interface ProposedChain extends Omit<ChainPlan, "eventId" | "hooks" | "skipped"> {
  /** In the order of merging. */
  readonly listeners: readonly Listener[];
}

/** Of a subscription that says nothing else. */
const usual: HookOptions = { stage: "prepare", priority: 0, failurePolicy: "closed" };

/**
 * Whom to ask. Without hooks when there are none; those that the operation does not concern (another app, the filter) are left out.
 *
 * @throws SignalboxError `invalid_request` when the type is none to ask hooks about, or the params do not fit it; `hook_recursion`.
 */
export async function planChain(context: PlanContext, proposed: HookedOperation): Promise<ChainPlan> {
  const chain = await proposedChain(context, proposed);
  const refusal = await recursive(context, chain);
  if (refusal !== undefined) throw refusal;
  return withFunctions(context, { ...chain, listeners: chain.listeners.filter(({ why }) => why === undefined) });
}

/**
 * The same with all who listen, and why they are not asked.
 *
 * @throws SignalboxError `invalid_request` as {@link planChain} does; a recursion is returned.
 */
export async function explainChain(
  context: PlanContext,
  proposed: HookedOperation,
): Promise<{ readonly plan: ChainPlan; readonly refusal: SignalboxError | undefined }> {
  const chain = await proposedChain(context, proposed);
  const refusal = await recursive(context, chain);
  if (refusal === undefined) return { plan: await withFunctions(context, chain), refusal };
  const listeners = chain.listeners.map((listener) => ({ ...listener, why: "recursion" }));
  return { plan: await withFunctions(context, { ...chain, listeners }), refusal };
}

async function proposedChain(
  { audience, catalog, clock, chainMs }: PlanContext,
  proposed: HookedOperation,
): Promise<ProposedChain> {
  const [startMs, beganMs] = [clock.now(), clock.steady()];
  const params = catalog.prepare(proposed.type, proposed.params);
  const definition = catalog.get(proposed.type);
  if (definition?.phase !== "pre") throw invalidField("type", `${proposed.type} does not come before an operation`);
  const listeners = (await audience.hooks(proposed.tenant, proposed.type, params)).map(
    ({ subscription, wanted, unreadable }): Listener => {
      const options = subscription.target.hook ?? usual;
      if (!inReach(proposed, subscription)) return { subscription, options, why: "other app" };
      if (unreadable === true) return { subscription, options, why: unreadableFilter(proposed, subscription, options) };
      return wanted ? { subscription, options } : { subscription, options, why: "filter does not match" };
    },
  );
  return {
    proposed,
    operation: proposed.operation ?? newId(clock),
    definition,
    params,
    startMs,
    beganMs,
    chainMs: proposed.chainMs ?? chainMs,
    listeners: listeners.sort(byMerging),
  };
}

/** One that may stop the operation stops it, as when it does not answer. */
function unreadableFilter(
  { type }: HookedOperation,
  { uuid }: FunctionSubscription,
  { failurePolicy }: HookOptions,
): string {
  const why = "its filter cannot be read any more";
  if (failurePolicy === "open") return why;
  throw new SignalboxError("hook_failed", `${type}: subscription ${uuid} must agree, but ${why}: change the filter`);
}

/** Settles the versions of the functions, and who is not asked because of them. */
async function withFunctions(
  { functions, clock }: PlanContext,
  { listeners, ...known }: ProposedChain,
): Promise<ChainPlan> {
  const loaded = await Promise.all(
    listeners.map(async (listener) => ({
      ...listener,
      runnable: await functions.load(listener.subscription.target.function),
    })),
  );
  const hooks: PlannedHook[] = [];
  const skipped: SkippedHook[] = [];
  for (const { subscription, options, why, runnable } of loaded) {
    if (why !== undefined) skipped.push({ subscription, options, runnable, why });
    else if (runnable === undefined) skipped.push({ subscription, options, runnable, why: "function deleted" });
    else if (subscription.paused !== undefined || !runnable.fn.enabled) {
      skipped.push({ subscription, options, runnable, why: "function disabled" });
    } else hooks.push({ subscription, options, runnable, invocation: await functions.nextNumber() });
  }
  return { ...known, eventId: newId(clock), hooks, skipped };
}

function newId(clock: Clock): string {
  return uuidV7({ nowMs: clock.now(), bytes: clock.bytes(10) });
}

/** An operation with an app reaches that app's functions, one without those of the whole tenant. */
function inReach({ app }: HookedOperation, { scope }: FunctionSubscription): boolean {
  return app === undefined || app.uuid === scope || scope === anyResource;
}

/** Patches are merged, and denials listed, in this order. */
function byMerging(one: Listener, other: Listener): number {
  return one.options.priority - other.options.priority || one.subscription.number - other.subscription.number;
}

/** Hooks of one wave. */
export function ofStage(plan: Pick<ChainPlan, "hooks">, stage: HookStage): readonly PlannedHook[] {
  return plan.hooks.filter(({ options }) => options.stage === stage);
}

/** `USER_CREATE` of `PRE_USER_CREATE`. */
export function operationName(type: string): string | undefined {
  return type.startsWith("PRE_") ? type.slice("PRE_".length) : undefined;
}

/** Whether a function that led to the operation would be run for it, before it or after it. */
async function recursive(
  { audience }: PlanContext,
  { proposed, params, listeners }: ProposedChain,
): Promise<SignalboxError | undefined> {
  const { chain, tenant, type } = proposed;
  if (chain === undefined) return undefined;
  if (tooDeep(chain)) {
    return new SignalboxError("hook_recursion", `${type}: more than ${maxChainDepth} functions led to this operation`);
  }
  const name = operationName(type);
  const after = name === undefined ? [] : await audience.hooks(tenant, `POST_${name}`, params);
  const listening = [
    ...listeners.filter(({ why }) => why === undefined),
    ...after.filter(({ subscription, wanted }) => wanted && inReach(proposed, subscription)),
  ];
  const again = listening.find(({ subscription }) => recursion(chain, subscription.uuid));
  if (again === undefined) return undefined;
  const { event, target } = again.subscription;
  return new SignalboxError(
    "hook_recursion",
    `${type}: a function that led to this operation is subscribed to ${event}, and would be run for what it has caused itself`,
    { data: { function_id: target.function } },
  );
}

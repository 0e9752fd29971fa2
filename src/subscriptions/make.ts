import type { Principal } from "../domain/access.ts";
import type { Phase } from "../domain/catalog.ts";
import { anyResource, type Uuid } from "../domain/ids.ts";
import type { Subscription } from "../domain/subscription.ts";
import { invalidField, notFound, SignalboxError } from "../errors.ts";
import { turnOfFunction } from "../platform/functions/deps.ts";
import type { KnownFunction } from "../store/records.ts";
import type { Store } from "../store/store.ts";
import type { Condition } from "../store/unit.ts";
import { addSubscription, type Wanted } from "./add.ts";
import type { SubscriptionDeps } from "./deps.ts";
import { mostSubscribers, tooManySubscribers } from "./limits.ts";
import { checkedFilter, pacedBy, type RetryInput, retriesOf } from "./options.ts";
import { ownAddress } from "./own-address.ts";
import type { PaceInput } from "./pace-input.ts";
import { needRole, type Place, type PlaceInput, wantedPlace } from "./place.ts";
import { waiting } from "./subscribers/subscribe.ts";
import { newTarget, type TargetInput } from "./target-input.ts";

/** Subscriptions of every face to every kind of target, made by one way. */

export interface MakeDeps extends SubscriptionDeps {
  readonly maxRulesPerBucket: number;
}

export interface SubscriptionInput extends PlaceInput, RetryInput, PaceInput {
  readonly filter?: string | null;
  readonly target: TargetInput;
  /** False: for the first event that it meets only. Default true. */
  readonly persistent?: boolean;
  /** Default true. */
  readonly enabled?: boolean;
}

export interface Made {
  readonly subscription: Subscription;
  /** Of a webhook, to be shown once. */
  readonly signingSecret?: string;
  /** What is doubtful about what was asked for. */
  readonly warnings?: readonly string[];
}

/**
 * @throws SignalboxError `invalid_request` and `invalid_filter` naming the field and the remedy; `not_found` for what the caller may
 * not see; `forbidden` for what the caller's role may not have; `conflict` past a limit, and for a function that is subscribed already.
 */
export async function makeSubscription(deps: MakeDeps, caller: Principal, input: SubscriptionInput): Promise<Made> {
  if (input.target.kind === "function") needRole(caller, "developer", "running a function");
  const place = await wantedPlace(deps, caller, input);
  const { persistent = true, enabled = true } = input;
  if (!persistent && isBefore(place)) {
    throw invalidField("persistent", `must be true for ${place.event}: its hooks decide about every operation`);
  }
  const filter = checkedFilter(place, input.filter);
  const { target, signingSecret } = newTarget(deps, place, await addressed(deps, caller, input.target));
  const wanted: Wanted = {
    face: place.face,
    scope: place.scope,
    event: place.event,
    ...(filter === undefined ? {} : { filter }),
    target,
    ...retriesOf(place, target.kind, input, undefined),
    pace: pacedBy(place, input, undefined),
    once: !persistent,
    enabled,
  };
  const subscription =
    target.kind === "function"
      ? await addForFunction(deps, caller, wanted, target.function)
      : await addWithinBucket(deps, caller, wanted);
  const warnings = place.face === "notifications" && place.warning !== undefined ? [place.warning] : [];
  return { subscription, warnings, ...(signingSecret === undefined ? {} : { signingSecret }) };
}

/** Mail without an address goes to the caller's own. */
export async function addressed(deps: MakeDeps, caller: Principal, target: TargetInput): Promise<TargetInput> {
  if (target.kind !== "email" || (target.address ?? "").trim() !== "") return target;
  const own = await ownAddress(deps, caller);
  if (own.kind === "known") return { kind: "email", address: own.address };
  throw invalidField("target.address", `${own.why} an e-mail address`);
}

function isBefore(place: Place): boolean {
  return place.face === "lifecycle" && place.definition?.phase === "pre";
}

/** In the function's turn, so that disabling it meanwhile pauses this one too. */
function addForFunction(deps: MakeDeps, caller: Principal, wanted: Wanted, number: number): Promise<Subscription> {
  const { store, mutex, clock } = deps;
  const { tenant } = caller;
  const { event, face } = wanted;
  return mutex.take(turnOfFunction(number), async () => {
    const fn = await liveFunction(store, tenant, number);
    const conditions: Condition[] = [{ if: "function.revision", number, revision: fn.revision }];
    if (face === "lifecycle") {
      const fewer = mostSubscribers(phaseOf(deps, event), deps);
      conditions.push({ if: "subscriber.absent", function: number, event });
      conditions.push({ if: "subscribers.fewer", tenant, event, fewer });
    }
    const also = (uuid: Uuid) => waiting(fn, uuid, clock.now());
    return addWithinBucket(deps, caller, { ...wanted, conditions, also });
  });
}

/** `*` hears what comes after operations. */
function phaseOf({ catalog }: MakeDeps, event: string): Phase {
  return catalog.get(event)?.phase ?? "post";
}

async function liveFunction(store: Store, tenant: string, number: number): Promise<KnownFunction> {
  const fn = await store.functions.byNumber(number);
  if (fn?.tenant === tenant && fn.deletedMs === undefined) return fn;
  throw invalidField("target.function_id", `there is no function ${number}; see /api/apps/{app}/functions/`);
}

function addWithinBucket(deps: MakeDeps, caller: Principal, wanted: Wanted): Promise<Subscription> {
  const { maxRulesPerBucket } = deps;
  const { face, scope, event } = wanted;
  const limit: Pick<Wanted, "limit"> =
    face === "objects" && scope !== anyResource
      ? { limit: { if: "subscriptions.fewer", tenant: caller.tenant, of: { scope, face }, fewer: maxRulesPerBucket } }
      : {};
  return addSubscription(deps, caller, { ...wanted, ...limit }, (condition) => refusal(condition, event, deps));
}

function refusal(condition: Condition, event: string, deps: MakeDeps): SignalboxError {
  switch (condition.if) {
    case "subscriber.absent":
      return new SignalboxError(
        "conflict",
        `function ${condition.function} is subscribed to ${event} already; change or delete that subscription`,
      );
    case "subscriptions.fewer":
      return new SignalboxError(
        "conflict",
        `the bucket has ${condition.fewer} rules and may have no more (SIGNALBOX_MAX_RULES_PER_BUCKET); delete one`,
      );
    case "subscribers.fewer":
      return tooManySubscribers(event, phaseOf(deps, event), deps);
    case "function.revision":
      return new SignalboxError("unavailable", "the function was changed at that moment; try again");
    default:
      return notFound("a resource with that uuid");
  }
}

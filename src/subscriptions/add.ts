import type { Principal } from "../domain/access.ts";
import type { Face, NewEvent } from "../domain/event.ts";
import type { FilterText } from "../domain/filter/index.ts";
import { alertsPlace, anyResource, type Uuid } from "../domain/ids.ts";
import { subscriptionEvents } from "../domain/notifications/names.ts";
import type { Pace } from "../domain/pace.ts";
import type { RetryPolicy } from "../domain/retry.ts";
import type { RetryWish } from "../domain/retry-wish.ts";
import type { Subscription, Target } from "../domain/subscription.ts";
import { notFound, SignalboxError } from "../errors.ts";
import { freshUuid } from "../platform/deps.ts";
import { type Announced, subscriptionEvent } from "../platform/subscription-event.ts";
import type { Change, Condition, NewSubscription } from "../store/unit.ts";
import { checkMayAsk } from "./asked.ts";
import type { SubscriptionDeps } from "./deps.ts";
import { needsConsent } from "./targets.ts";

/** A subscription that somebody asked for: everything about it has been checked, and its resource is one that they see. */
export interface Wanted {
  readonly face: Face;
  readonly scope: Uuid;
  /** Name of the face, or `*`. */
  readonly event: string;
  readonly filter?: FilterText;
  readonly target: Target;
  readonly policy: RetryPolicy;
  readonly once: boolean;
  readonly retry?: RetryWish;
  readonly pace?: Pace;
  readonly enabled: boolean;
  /** How many its place may have: judged before all else. */
  readonly limit?: Condition;
  /** What must hold beside that. */
  readonly conditions?: readonly Condition[];
  /** What else belongs into the commit, once its uuid is known. */
  readonly also?: (uuid: Uuid) => readonly Change[];
}

/**
 * Makes it, announces that (`CREATED`), and asks the owner of a foreign address to agree, all in one commit.
 *
 * @throws SignalboxError `conflict` when the caller has as many as one may have; `not_found` when the resource went away; whatever
 * `refused` throws for one of `conditions`.
 */
export async function addSubscription(
  deps: SubscriptionDeps,
  caller: Principal,
  wanted: Wanted,
  refused: (condition: Condition) => SignalboxError = () => notFound("a resource with that uuid"),
): Promise<Subscription> {
  const { store, publish, clock, maxSubscriptionsPerUser } = deps;
  const { tenant, name: owner } = caller;
  const {
    face,
    scope,
    event,
    filter,
    target,
    policy,
    once,
    retry,
    pace,
    enabled,
    limit,
    conditions = [],
    also,
  } = wanted;
  const unconfirmed = target.kind === "email" && (await needsConsent(deps, caller, target));
  if (unconfirmed) await checkMayAsk(store, target.address);
  const subscription: NewSubscription = {
    uuid: freshUuid(clock, "subscription"),
    tenant,
    face,
    scope,
    event,
    ...(filter === undefined ? {} : { filter }),
    target,
    policy,
    enabled,
    ...(once ? { once } : {}),
    ...(unconfirmed ? { unconfirmed } : {}),
    ...(retry === undefined ? {} : { retry, keepDead: retry.saveOnFailure }),
    // Who watches a resource is told of its end.
    endsWithScope: face !== "notifications",
    ...(pace === undefined ? {} : { pace }),
    owner,
    createdMs: clock.now(),
  };
  const { uuid } = subscription;
  const live: Condition[] =
    scope === anyResource || scope === alertsPlace ? [] : [{ if: "resource.live", uuid: scope }];
  const ownLimit = { if: "subscriptions.fewer", tenant, of: { owner }, fewer: maxSubscriptionsPerUser } as const;
  const commit = await publish({
    conditions: [...(limit === undefined ? [] : [limit]), ownLimit, ...conditions, ...live],
    changes: [{ do: "subscription.add", subscription }, ...(also?.(uuid) ?? [])],
    events: announcements(deps, caller, subscription),
  });
  if (commit.kind === "refused") {
    if (commit.condition !== ownLimit) throw refused(commit.condition);
    const most = `'${owner}' has ${maxSubscriptionsPerUser} subscriptions and may have no more`;
    throw new SignalboxError("conflict", `${most} (SIGNALBOX_MAX_SUBSCRIPTIONS_PER_USER); delete one`);
  }
  return made(deps, uuid);
}

async function made({ store }: SubscriptionDeps, uuid: Uuid): Promise<Subscription> {
  const subscription = await store.subscriptions.get(uuid);
  if (subscription === undefined) throw new RangeError(`subscription ${uuid} was committed and is not there`);
  return subscription;
}

function announcements(deps: SubscriptionDeps, caller: Principal, subscription: NewSubscription): NewEvent[] {
  const created = subscriptionEvent(deps, caller, subscription, subscriptionEvents.created);
  return subscription.unconfirmed === true ? [created, askConsent(deps, caller, subscription)] : [created];
}

/** Sends the owner of its address the question whether they want this. */
export function askConsent(
  deps: Pick<SubscriptionDeps, "clock">,
  caller: Principal,
  subscription: Announced,
): NewEvent {
  const event = subscriptionEvent(deps, caller, subscription, subscriptionEvents.confirmation);
  return { ...event, addressee: subscription.uuid };
}

import { isDeepStrictEqual } from "node:util";
import type { Principal } from "../../domain/access.ts";
import { anyResource } from "../../domain/ids.ts";
import { baseAddress } from "../../domain/mail-address.ts";
import { subscriptionEvents } from "../../domain/notifications/names.ts";
import type { Subscription, Target } from "../../domain/subscription.ts";
import { notFound, SignalboxError } from "../../errors.ts";
import { subscriptionEvent } from "../../platform/subscription-event.ts";
import type { Condition, SubscriptionPatch } from "../../store/unit.ts";
import { askConsent } from "../add.ts";
import { ownAddress } from "../own-address.ts";
import { needsConsent } from "../targets.ts";
import { checkWish } from "./check.ts";
import { type Made, policyFor, targetFor } from "./create.ts";
import type { NotificationDeps } from "./deps.ts";
import { retryOf } from "./facts.ts";
import { findNotification, requires } from "./find.ts";
import { readWish, type Wish } from "./wish.ts";

export interface Changing {
  /** Uuid of the subscription, as it was given. */
  readonly id: string;
  readonly body: unknown;
  /** Whether what is left out stays as it is, and does not get its default. */
  readonly merging: boolean;
}

/** Times that a change is made anew because somebody else changed the same subscription in between. */
const mostTries = 10;

/**
 * Puts what `body` says in the place of what the subscription was, and tells who watches it (`UPDATED`). Its owner and its signing
 * secret stay. The owner of another address has to agree anew.
 *
 * @throws SignalboxError `not_found`; `precondition_failed` when it has fired or is disabled; what `readWish` and `checkWish` throw.
 */
export async function changeNotification(deps: NotificationDeps, caller: Principal, asked: Changing): Promise<Made> {
  for (let tries = 0; tries < mostTries; tries++) {
    const before = await findNotification(deps.store, caller, asked.id);
    checkMayChange(before);
    const own = await ownAddress(deps, caller);
    const wish = readWish(asked.body, { egressAllow: deps.egressAllow, own, before, merging: asked.merging });
    const { event, warnings } = await checkWish(deps, caller, wish, before);
    const made = await commitChange(deps, caller, { before, wish: { ...wish, event } });
    if (made !== undefined) return { ...made, warnings };
  }
  throw new SignalboxError("unavailable", "others keep changing this subscription; try again");
}

function checkMayChange({ enabled, once, taken, endedMs }: Subscription): void {
  const fired = once === true && taken !== undefined;
  requires(!fired, "this subscription has fired, and was for one event only: make a new one");
  requires(enabled && endedMs === undefined, "this subscription is disabled: make a new one");
}

interface Step {
  readonly before: Subscription;
  readonly wish: Wish;
}

/** `undefined`: somebody else changed it meanwhile. */
async function commitChange(
  deps: NotificationDeps,
  caller: Principal,
  { before, wish }: Step,
): Promise<Made | undefined> {
  const { uuid, number, revision } = before;
  const { target, signingSecret } = nextTarget(deps, before, wish);
  const { event, scope, persistent, retry } = wish;
  const asks = await mustAsk(deps, caller, { before: before.target, target });
  const unconfirmed =
    asks || (target.kind === "email" && sameMailbox(before.target, target) && before.unconfirmed === true);
  // What another face made may be tried again in ways that no policy of this one says.
  const stays = wish.target.kind === "same" && isDeepStrictEqual(retry, retryOf(before));
  const policy = stays ? {} : { policy: policyFor(target, retry), retry, keepDead: retry.saveOnFailure };
  const patch: SubscriptionPatch = { event, scope, target, once: !persistent, unconfirmed, ...policy };
  const after = { ...before, event, scope, target };
  const conditions: Condition[] = [
    { if: "subscription.revision", uuid, revision },
    ...(wish.named && scope !== anyResource ? [{ if: "resource.live", uuid: scope } as const] : []),
  ];
  const commit = await deps.publish({
    conditions,
    changes: [{ do: "subscription.change", uuid, patch, atMs: deps.clock.now() }],
    events: [
      subscriptionEvent(deps, caller, after, subscriptionEvents.updated),
      ...(asks ? [askConsent(deps, caller, after)] : []),
    ],
  });
  if (commit.kind === "refused") {
    if (commit.condition.if === "resource.live") throw notFound("a resource with that uuid");
    return undefined;
  }
  deps.wake(number);
  const subscription = await findNotification(deps.store, caller, uuid);
  return { subscription, ...(signingSecret === undefined ? {} : { signingSecret }) };
}

function nextTarget(
  deps: NotificationDeps,
  { target }: Subscription,
  wish: Wish,
): { readonly target: Target; readonly signingSecret?: string } {
  return wish.target.kind === "same" ? { target } : targetFor(deps, wish.target, target);
}

/** Who has agreed, or was asked already, is not asked again. */
async function mustAsk(
  deps: NotificationDeps,
  caller: Principal,
  { before, target }: { readonly before: Target; readonly target: Target },
): Promise<boolean> {
  if (target.kind !== "email" || sameMailbox(before, target)) return false;
  return needsConsent(deps, caller, target);
}

function sameMailbox(before: Target, after: Target): boolean {
  if (before.kind !== "email" || after.kind !== "email") return false;
  return baseAddress(before.address) === baseAddress(after.address);
}

import type { Principal } from "../domain/access.ts";
import type { NewEvent } from "../domain/event.ts";
import { baseAddress } from "../domain/mail-address.ts";
import { subscriptionEvents } from "../domain/notifications/names.ts";
import { newSigningSecret } from "../domain/signature.ts";
import { type Subscription, sendsToWebhook, type TargetSecrets } from "../domain/subscription.ts";
import { invalidField, SignalboxError } from "../errors.ts";
import { byCaller } from "../platform/asking.ts";
import { subscriptionEvent } from "../platform/subscription-event.ts";
import type { SubscriptionPatch } from "../store/unit.ts";
import { askConsent } from "./add.ts";
import { checkMayAsk } from "./asked.ts";
import type { SubscriptionDeps } from "./deps.ts";
import { findSubscription } from "./find.ts";
import { checkedFilter, pacedBy, type Retries, type RetryInput, retriesOf } from "./options.ts";
import { type PaceInput, paceField } from "./pace-input.ts";
import { checkStillMay, type PlaceInput, placeOf } from "./place.ts";
import { removeSubscription } from "./remove.ts";
import { resumed, resumedByEnabling } from "./resumed.ts";
import { overlapMs, withNewSecret } from "./signing.ts";
import { changedTarget, type TargetChange } from "./target-input.ts";
import { needsConsent } from "./targets.ts";

/** What becomes of subscriptions after they were made. Each change counts from the next event on. */

/** What is absent stays; `null` takes away. */
export interface SubscriptionChange
  extends RetryInput,
    PaceInput,
    Partial<Pick<PlaceInput, "face" | "event" | "resource">> {
  readonly filter?: string | null;
  readonly target?: TargetChange;
  readonly persistent?: boolean;
  readonly enabled?: boolean;
}

/** Times that a change is made anew because somebody else changed the same subscription in between. */
const mostTries = 10;

/** Reads, decides and commits, again while others come in between: none of their changes is lost. */
async function change(
  deps: SubscriptionDeps,
  caller: Principal,
  id: string,
  decide: (found: Subscription) => Promise<SubscriptionPatch>,
): Promise<Subscription> {
  for (let tries = 0; tries < mostTries; tries += 1) {
    const found = await findSubscription(deps.store, caller, id);
    const patch = await decide(found);
    if (Object.keys(patch).length === 0) return found;
    const { uuid, revision, number } = found;
    const commit = await deps.publish({
      conditions: [{ if: "subscription.revision", uuid, revision }],
      changes: [{ do: "subscription.change", uuid, patch, atMs: deps.clock.now() }],
      events: announcements(deps, caller, found, patch),
    });
    if (commit.kind === "refused") continue;
    deps.wake(number);
    return findSubscription(deps.store, caller, id);
  }
  throw new SignalboxError("unavailable", "others keep changing this subscription; try again");
}

function announcements(
  deps: SubscriptionDeps,
  caller: Principal,
  found: Subscription,
  { enabled = found.enabled, target = found.target, unconfirmed }: SubscriptionPatch,
): NewEvent[] {
  const now = { ...found, enabled, target };
  const updated = subscriptionEvent(deps, caller, now, subscriptionEvents.updated);
  return unconfirmed === true ? [updated, askConsent(deps, caller, now)] : [updated];
}

/**
 * Merges what was said into the subscription. Another address has to be agreed to anew.
 *
 * @throws SignalboxError `not_found`; `invalid_request` and `invalid_filter` naming the field and the remedy; `forbidden` for an owner
 * who may not have it any more; `conflict` for `persistent` of one that had its event.
 */
export function changeSubscription(
  deps: SubscriptionDeps,
  caller: Principal,
  id: string,
  input: SubscriptionChange,
): Promise<Subscription> {
  return change(deps, caller, id, async (found) => {
    refuseMove(found, input);
    await checkStillMay(deps, caller, found);
    const place = await placeOf(deps, found);
    const { enabled, filter, persistent } = input;
    const target = input.target === undefined ? undefined : changedTarget(deps, place, found.target, input.target);
    const retried = input.maxRetries !== undefined || input.backoff !== undefined || input.policy !== undefined;
    return {
      ...(enabled === undefined ? {} : { enabled }),
      ...resumedByEnabling(enabled, found.paused),
      ...(filter === undefined ? {} : { filter: checkedFilter(place, filter) ?? null }),
      ...(persistent === undefined ? {} : onceOf(found, persistent)),
      ...(paceField(input) === undefined ? {} : { pace: pacedBy(place, input, found.pace) }),
      ...(retried ? keeping(retriesOf(place, found.target.kind, input, found)) : {}),
      ...(target === undefined ? {} : { target, ...(await consentOf(deps, caller, found, target)) }),
    };
  });
}

/** With what its retries say of dead letters. */
function keeping(retries: Retries): Pick<SubscriptionPatch, "policy" | "retry" | "keepDead"> {
  return { ...retries, ...(retries.retry === undefined ? {} : { keepDead: retries.retry.saveOnFailure }) };
}

/** Who was told of one thing must not hear of another under the same id. */
function refuseMove({ face, event, scope }: Subscription, input: SubscriptionChange): void {
  const is = { face, event, resource: scope as string };
  for (const name of ["face", "event", "resource"] as const) {
    if (input[name] === undefined || input[name] === is[name]) continue;
    throw invalidField(name, `stays ${JSON.stringify(is[name])}: make another subscription`);
  }
}

function onceOf({ taken, target, ...found }: Subscription, persistent: boolean): SubscriptionPatch {
  if (persistent === (found.once === undefined)) return {};
  if (taken !== undefined) {
    throw new SignalboxError("conflict", "persistent: this one-shot subscription had its event; make another");
  }
  if (target.kind === "function" && target.hook !== undefined) {
    throw invalidField("persistent", `must be true for ${found.event}: its hooks decide about every operation`);
  }
  return { once: !persistent };
}

async function consentOf(
  deps: SubscriptionDeps,
  caller: Principal,
  { target: before }: Subscription,
  target: Subscription["target"],
): Promise<Pick<SubscriptionPatch, "unconfirmed">> {
  if (target.kind !== "email" || before.kind !== "email") return {};
  // One mailbox, whatever its tags, is somebody who was asked already.
  if (baseAddress(target.address) === baseAddress(before.address)) return {};
  const unconfirmed = await needsConsent(deps, caller, target);
  if (unconfirmed) await checkMayAsk(deps.store, target.address);
  return { unconfirmed };
}

/** @throws SignalboxError `not_found`; `conflict` when it is not paused, or waits for its function to be enabled. */
export function resumeSubscription(deps: SubscriptionDeps, caller: Principal, id: string): Promise<Subscription> {
  return change(deps, caller, id, async (found) => {
    await checkStillMay(deps, caller, found);
    const { paused, enabled } = found;
    if (paused === undefined) {
      const remedy = enabled ? "" : "; it is disabled: set enabled to true";
      throw new SignalboxError("conflict", `subscription '${id}' is not paused${remedy}`);
    }
    if (paused.reason === "disabled") {
      throw new SignalboxError(
        "conflict",
        `subscription '${id}' waits for its function, which is disabled: enable that`,
      );
    }
    return resumed(caller, paused);
  });
}

export interface Rotated {
  readonly subscription: Subscription;
  /** To be shown once. */
  readonly signingSecret: string;
  /** Until when the one before signs too. */
  readonly untilMs: number;
}

/** @throws SignalboxError `not_found`; `conflict` for what is no webhook. */
export async function rotateSigningSecret(deps: SubscriptionDeps, caller: Principal, id: string): Promise<Rotated> {
  const { clock, vault } = deps;
  const secret = newSigningSecret(clock.bytes(32));
  const nowMs = clock.now();
  const subscription = await change(deps, caller, id, async (found) => {
    await checkStillMay(deps, caller, found);
    if (!sendsToWebhook(found)) {
      throw new SignalboxError("conflict", `subscription '${id}' has no signing secret: it is no webhook`);
    }
    const secrets = JSON.parse(vault.open(found.target.sealed)) as TargetSecrets;
    const signing = withNewSecret(secrets.signing, { secret, nowMs });
    return { target: { ...found.target, sealed: vault.seal(JSON.stringify({ ...secrets, signing })) } };
  });
  return { subscription, signingSecret: secret, untilMs: nowMs + overlapMs };
}

/** Ends it: it matches nothing any more, and what still waited becomes a dead letter. */
export async function deleteSubscription(deps: SubscriptionDeps, caller: Principal, id: string): Promise<void> {
  const found = await findSubscription(deps.store, caller, id);
  await removeSubscription(deps, found, byCaller(caller));
}

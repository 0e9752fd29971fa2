import type { SubscriptionContext } from "../context.ts";
import type { Principal } from "../domain/access.ts";
import { defined } from "../domain/defined.ts";
import { anyResource } from "../domain/ids.ts";
import { baseAddress } from "../domain/mail-address.ts";
import { subscriptionEvents } from "../domain/notifications/names.ts";
import { newSigningSecret } from "../domain/signature.ts";
import { addresseeOf, type Subscription, sendsToWebhook, type Target, targetFactsOf } from "../domain/subscription.ts";
import { invalidField, SignalboxError } from "../errors.ts";
import { noted } from "../platform/edits.ts";
import { subscriptionEvent } from "../platform/subscription-event.ts";
import { commitOptimistically } from "../store/optimistic.ts";
import type { Condition, SubscriptionPatch } from "../store/unit.ts";
import { askConsent, checkMayAsk, needsConsent } from "./asked.ts";
import { destinationConditions, destinationGone, refusedOfDestination } from "./destination-use.ts";
import { urlOf } from "./facts.ts";
import { type FoundBy, findSubscription, type Reference } from "./find.ts";
import {
  captureOf,
  checkedFilter,
  pacedBy,
  paceField,
  type Retries,
  retriesOf,
  saysRetries,
  withRetriesOf,
} from "./options.ts";
import { checkStillMay, movedPlace, type Place, placeOfSubscription, requesterOf, typeStill } from "./place.ts";
import type { Granted, RequestedChange } from "./request.ts";
import { filterStill, resumedByEnabling } from "./resumption.ts";
import { overlapMs, withNewSecret } from "./signing.ts";
import { type Surface, surfaceRules } from "./surfaces.ts";
import type { NewTarget, TargetPlace } from "./target-kinds/target-kind.ts";
import { changedTarget, checkStays, completeTargetChange, newTarget } from "./target-kinds/target-kinds.ts";
import { openSecrets } from "./target-kinds/webhook.ts";

/** What becomes of subscriptions after they were made. Each change counts from the next event on. */

/** What is to be committed of one, and returned with it. */
interface Step extends Omit<Granted, "subscription"> {
  readonly patch: SubscriptionPatch;
  readonly conditions?: readonly Condition[];
}

async function change<S extends Surface>(
  deps: SubscriptionContext,
  caller: Principal,
  reference: Reference<S>,
  decide: (found: FoundBy[S]) => Promise<Step>,
): Promise<Granted<FoundBy[S]>> {
  const { savesNothing, noun, placeGone } = surfaceRules[reference.surface];
  return commitOptimistically({ publish: deps.publish, what: noun }, async () => {
    const found = await findSubscription(deps.store, caller, reference);
    const { patch, conditions = [], ...granted } = await decide(found);
    if (!savesNothing && Object.keys(patch).length === 0)
      return { committed: () => ({ ...granted, subscription: found }) };
    const { uuid, revision, number } = found;
    const { enabled = found.enabled, target = found.target, event = found.event, scope = found.scope } = patch;
    const now = { ...found, enabled, target, event, scope };
    return {
      unit: {
        conditions: [{ if: "subscription.revision", uuid, revision }, ...conditions],
        changes: [{ do: "subscription.change", uuid, patch, atMs: deps.clock.now() }, noted(deps, caller, uuid)],
        events: [
          subscriptionEvent(deps, caller, now, subscriptionEvents.updated),
          ...(patch.unconfirmed === true ? [askConsent(deps, caller, now)] : []),
        ],
      },
      committed: async () => {
        deps.wake(number);
        return { ...granted, subscription: await findSubscription(deps.store, caller, reference) };
      },
      refused: (condition) => {
        if (condition.if === "resource.live") throw placeGone("");
        refusedOfDestination(target, condition);
      },
    };
  });
}

/**
 * Merges what was said into the subscription. Another address has to be agreed to anew.
 *
 * @param read what is asked for, of the subscription as it is.
 * @throws SignalboxError `not_found`; `invalid_request` and `invalid_filter` naming the field and the remedy; `forbidden` for an owner
 * who may not have it any more; `conflict` for `persistent` of one that had its event; what `read` throws.
 */
export function changeSubscription<S extends Surface>(
  deps: SubscriptionContext,
  caller: Principal,
  reference: Reference<S>,
  read: (found: FoundBy[S]) => RequestedChange | Promise<RequestedChange>,
): Promise<Granted<FoundBy[S]>> {
  const rules = surfaceRules[reference.surface];
  return change(deps, caller, reference, async (found) => {
    rules.checkChangeable?.(found);
    checkNotManaged(found, reference);
    const request = await completed(deps, caller, found, await read(found));
    if (!rules.moves) refuseMove(found, request);
    if (rules.asksRole) await checkStillMay(deps, caller, found);
    const requester = requesterOf(caller, rules);
    const place = rules.moves
      ? await movedPlace(deps, requester, found, request)
      : await placeOfSubscription(deps, found);
    const { enabled, filter, persistent } = request;
    const wanted = filter === undefined ? {} : { filter: checkedFilter(place, filter) ?? null };
    const goesOn = resumedByEnabling(deps, place, found, request);
    const next = requester.problems.read<Partial<NewTarget>>({}, () =>
      nextTarget(deps, { place, rules, before: found.target }, { found, request }),
    );
    requester.problems.tell();
    const { target, signingSecret } = next;
    const isCaptured = request.capture !== undefined || target !== undefined;
    const capture = isCaptured ? captureOf(request, target ?? found.target) : undefined;
    const isRetried = saysRetries(request);
    const going = withRetriesOf(target ?? found.target, request);
    const isOther = going !== found.target;
    return {
      patch: {
        ...(rules.moves ? { event: place.event, scope: place.scope } : {}),
        ...defined({ enabled, capture }),
        ...goesOn.patch,
        ...wanted,
        ...(persistent === undefined ? {} : onceOf(found, persistent)),
        ...(paceField(request) === undefined ? {} : { pace: pacedBy(place, request, found.pace) }),
        ...(isRetried ? keeping(retriesOf(place, (target ?? found.target).kind, request, found)) : {}),
        ...(isOther ? { target: going, ...(await consentOf(deps, caller, found, going)) } : {}),
        ...(isOther && found.paused?.reason === "destination" ? { paused: null } : {}),
      },
      conditions: [
        ...(rules.moves && request.resource !== undefined ? stillThere(place) : []),
        ...(isOther ? destinationConditions(going, found.target) : []),
        ...(filter === undefined ? goesOn.conditions : typeStill(deps, place)),
      ],
      ...defined({ signingSecret }),
      ...(place.face === "notifications" && place.warning !== undefined ? { warnings: [place.warning] } : {}),
    };
  });
}

/** @throws SignalboxError `conflict` for what another way of setting up says, which would not be true any more. */
function checkNotManaged({ managed }: Subscription, { surface, id }: Reference): void {
  if (managed === undefined) return;
  const is = `${surfaceRules[surface].noun} '${id}' is what the bucket's S3 notification configuration says`;
  const remedy = "change it there (PutBucketNotificationConfiguration), or delete it here and make one of your own";
  throw new SignalboxError("conflict", `${is} (Id '${managed.id}'): ${remedy}`);
}

/** What a change of the target names was looked up. */
async function completed(
  deps: SubscriptionContext,
  caller: Principal,
  found: Subscription,
  { target, ...request }: RequestedChange,
): Promise<RequestedChange> {
  if (target === undefined) return request;
  return { ...request, target: await completeTargetChange(deps, caller, found.target, target) };
}

/** With what its retries say of dead letters. */
function keeping(retries: Retries): Pick<SubscriptionPatch, "policy" | "retry" | "keepDead"> {
  return { ...retries, ...(retries.retry === undefined ? {} : { keepDead: retries.retry.saveOnFailure }) };
}

function stillThere({ scope }: Place): Condition[] {
  return scope === anyResource ? [] : [{ if: "resource.live", uuid: scope }];
}

/** A receiver that knows one thing by this id must not get another under it. */
function refuseMove({ face, event, scope }: Subscription, request: RequestedChange): void {
  const is = { face, event, resource: scope as string };
  for (const name of ["face", "event", "resource"] as const) {
    if (request[name] === undefined || request[name] === is[name]) continue;
    throw invalidField(name, `stays ${JSON.stringify(is[name])}: make another subscription`);
  }
}

/** Without a target: it stays as it is. */
function nextTarget(
  deps: SubscriptionContext,
  at: TargetPlace,
  { found, request }: { readonly found: Subscription; readonly request: RequestedChange },
): Partial<NewTarget> {
  const { target, replacement, resource } = request;
  if (replacement !== undefined) return newTarget(deps, at, replacement);
  if (target !== undefined) return { target: changedTarget(deps, at, found.target, target) };
  if (resource !== undefined) checkStays(deps, at, urlOf(found));
  return {};
}

function onceOf({ taken, target, ...found }: Subscription, persistent: boolean): SubscriptionPatch {
  if (persistent === (found.once === undefined)) return {};
  if (taken !== undefined) {
    throw new SignalboxError("conflict", "persistent: this one-shot subscription had its event; make another");
  }
  if (targetFactsOf(target).isHook(target)) {
    throw invalidField("persistent", `must be true for ${found.event}: its hooks decide about every operation`);
  }
  return { once: !persistent };
}

async function consentOf(
  deps: SubscriptionContext,
  caller: Principal,
  { target: before }: Subscription,
  target: Target,
): Promise<Pick<SubscriptionPatch, "unconfirmed">> {
  const [was, is] = [addresseeOf(before), addresseeOf(target)];
  if (is === undefined) return was === undefined ? {} : { unconfirmed: false };
  // One mailbox, whatever its tags, was asked already.
  if (was !== undefined && baseAddress(is) === baseAddress(was)) return {};
  const unconfirmed = await needsConsent(deps, caller, is);
  if (unconfirmed) await checkMayAsk(deps.store, is);
  return { unconfirmed };
}

/**
 * @throws SignalboxError `not_found`; `invalid_filter` when it is paused for its filter, which still cannot be read; `conflict` when it is not
 * paused, or waits for its function to be enabled.
 */
export async function resumeSubscription<S extends Surface>(
  deps: SubscriptionContext,
  caller: Principal,
  reference: Reference<S>,
): Promise<FoundBy[S]> {
  const { asksRole, noun } = surfaceRules[reference.surface];
  const { subscription } = await change(deps, caller, reference, async (found) => {
    if (asksRole) await checkStillMay(deps, caller, found);
    const { paused, enabled, target } = found;
    if (paused === undefined) {
      const remedy = enabled ? "" : "; it is disabled: set enabled to true";
      throw new SignalboxError("conflict", `${noun} '${reference.id}' is not paused${remedy}`);
    }
    if (paused.reason === "disabled") {
      const remedy = "waits for its function, which is disabled: enable that";
      throw new SignalboxError("conflict", `${noun} '${reference.id}' ${remedy}`);
    }
    if (target.kind === "destination" && target.gone === true) throw destinationGone(target.name);
    const stillRead =
      paused.reason === "filter" ? filterStill(deps, await placeOfSubscription(deps, found), found) : [];
    // One whose owner was ended, or may not have it any more, belongs to who resumes it from now on, and sees what they may see.
    const isOrphan = paused.reason === "owner_ended" || paused.reason === "owner_role";
    return {
      patch: { paused: null, ...(isOrphan ? { owner: caller.name } : {}) },
      conditions: [...destinationConditions(target, target), ...stillRead],
    };
  });
  return subscription;
}

interface Rotated<S extends Subscription> {
  readonly subscription: S;
  /** To be shown once. */
  readonly signingSecret: string;
  /** Until when the one before signs too. */
  readonly untilMs: number;
}

/** @throws SignalboxError `not_found`; `conflict` for what is no webhook. */
export async function rotateSigningSecret<S extends Surface>(
  deps: SubscriptionContext,
  caller: Principal,
  reference: Reference<S>,
): Promise<Rotated<FoundBy[S]>> {
  const { clock, vault } = deps;
  const { asksRole, noun } = surfaceRules[reference.surface];
  const secret = newSigningSecret(clock.bytes(32));
  const nowMs = clock.now();
  const { subscription } = await change(deps, caller, reference, async (found: Subscription) => {
    if (asksRole) await checkStillMay(deps, caller, found);
    if (found.target.kind === "destination") {
      const remedy = `destination '${found.target.name}' has it: rotate that`;
      throw new SignalboxError("conflict", `${noun} '${reference.id}' has no signing secret of its own: ${remedy}`);
    }
    if (!sendsToWebhook(found)) {
      throw new SignalboxError("conflict", `${noun} '${reference.id}' has no signing secret: it is no webhook`);
    }
    const secrets = openSecrets(deps, found.target);
    const signing = withNewSecret(secrets.signing, { secret, nowMs, after: found.revision });
    return { patch: { sealed: vault.seal(JSON.stringify({ ...secrets, signing })) } };
  });
  return { subscription, signingSecret: secret, untilMs: nowMs + overlapMs };
}

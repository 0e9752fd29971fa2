import type { SubscriptionContext } from "../context.ts";
import type { Principal } from "../domain/access.ts";
import type { Phase } from "../domain/catalog.ts";
import { defined } from "../domain/defined.ts";
import type { NewEvent } from "../domain/event.ts";
import { faceRulesOf } from "../domain/face-rules.ts";
import { alertsPlace, anyResource, type Uuid } from "../domain/ids.ts";
import { subscriptionEvents } from "../domain/notifications/names.ts";
import { addresseeOf, functionNumberOf, type Subscription, targetFactsOf } from "../domain/subscription.ts";
import { invalidField, SignalboxError } from "../errors.ts";
import { byCaller } from "../platform/asking.ts";
import { freshUuid } from "../platform/deps.ts";
import { noted } from "../platform/edits.ts";
import { turnOfFunction } from "../platform/functions/deps.ts";
import { subscriptionEvent } from "../platform/subscription-event.ts";
import { commitOptimistically } from "../store/optimistic.ts";
import type { KnownFunction } from "../store/records.ts";
import type { Change, Condition, NewSubscription } from "../store/unit.ts";
import { askConsent, checkMayAsk, needsConsent } from "./asked.ts";
import { destinationConditions, refusedOfDestination } from "./destination-use.ts";
import { captureOf, checkedFilter, pacedBy, retriesOf, withRetriesOf } from "./options.ts";
import { needRole, type Place, type Requester, requesterOf, typeStill, wantedPlace } from "./place.ts";
import { removal } from "./remove.ts";
import type { Granted, RequestedSubscription } from "./request.ts";
import { type Surface, surfaceRules } from "./surfaces.ts";
import type { NewTarget } from "./target-kinds/target-kind.ts";
import { completeTarget, newTarget } from "./target-kinds/target-kinds.ts";

/**
 * Subscribes, whatever the face and the kind of target.
 *
 * @throws SignalboxError `invalid_request` and `invalid_filter` naming the field and the remedy; `not_found` for what the caller may
 * not see; `forbidden` for what the caller's role may not have; `conflict` past a limit, and for a function that is subscribed already.
 */
export async function createSubscription(
  deps: SubscriptionContext,
  caller: Principal,
  request: RequestedSubscription,
): Promise<Granted> {
  const { ofDevelopers } = targetFactsOf(request.target);
  if (ofDevelopers !== undefined) needRole(caller, "developer", ofDevelopers);
  const requester = requesterOf(caller, surfaceRules[request.surface]);
  return createAt(deps, requester, await wantedPlace(deps, requester, request), request);
}

/** At a place that was found already. @throws SignalboxError as {@link createSubscription}. */
export async function createAt(
  deps: SubscriptionContext,
  { caller, problems }: Requester,
  place: Place,
  request: Omit<RequestedSubscription, "event"> & Pick<Wanted, "replaced">,
): Promise<Granted> {
  const { surface, persistent = true, enabled = true } = request;
  const rules = surfaceRules[surface];
  if (!persistent && isBefore(place)) {
    throw invalidField("persistent", `must be true for ${place.event}: its hooks decide about every operation`);
  }
  const filter = checkedFilter(place, request.filter);
  const given = await completeTarget(deps, caller, request.target);
  const made = problems.read<NewTarget | undefined>(undefined, () => newTarget(deps, { place, rules }, given));
  problems.tell();
  if (made === undefined) throw new RangeError("a target was refused without a problem");
  const { signingSecret } = made;
  const target = withRetriesOf(made.target, request);
  const isAll = captureOf(request, target) === "all";
  const subscription = await addSubscription(deps, caller, {
    surface,
    place,
    named: request.bucket ?? "",
    filter,
    target,
    ...retriesOf(place, target.kind, request, undefined),
    pace: pacedBy(place, request, undefined),
    ...(isAll ? { capture: "all" } : {}),
    once: !persistent,
    enabled,
    ...defined({ replaced: request.replaced }),
  });
  const warnings = place.face === "notifications" && place.warning !== undefined ? [place.warning] : [];
  return { subscription, warnings, ...defined({ signingSecret }) };
}

function isBefore(place: Place): boolean {
  return place.face === "lifecycle" && place.definition?.phase === "pre";
}

/** Everything about it has been checked, and its resource is one that the caller sees. */
type Wanted = Pick<NewSubscription, "target" | "policy" | "retry" | "enabled"> & {
  readonly surface: Surface;
  readonly place: Place;
  /** How the caller calls the place. */
  readonly named?: string;
  readonly filter?: NewSubscription["filter"] | undefined;
  readonly pace?: NewSubscription["pace"];
  readonly capture?: "all";
  readonly once: boolean;
  /** Reads all that there are at its place: they end in the commit that makes it, which is an edit of `thing`. */
  readonly replaced?: { readonly thing: string; readonly all: () => Promise<readonly Subscription[]> };
};

/**
 * Makes it, announces that (`CREATED`), and asks the owner of a foreign address to agree, all in one commit.
 *
 * @throws SignalboxError `conflict` past a limit; `not_found` when the resource went away.
 */
async function addSubscription(deps: SubscriptionContext, caller: Principal, wanted: Wanted) {
  const { store, clock, mutex } = deps;
  const { target } = wanted;
  const [addressee, runs] = [addresseeOf(target), functionNumberOf(target)];
  const unconfirmed = addressee !== undefined && (await needsConsent(deps, caller, addressee));
  if (unconfirmed) await checkMayAsk(store, addressee);
  const uuid = freshUuid(clock, "subscription");
  const what = runs === undefined ? "subscription" : "function";
  const add = () =>
    commitOptimistically({ publish: deps.publish, what }, async () => {
      const fn = runs === undefined ? undefined : await liveFunction(deps, caller, wanted, runs);
      const subscription = newSubscription(deps, caller, { ...wanted, uuid, unconfirmed, fn });
      const replaced = await wanted.replaced?.all();
      const ends = (replaced ?? []).map((one) => removal(deps, one, byCaller(caller)));
      return {
        unit: {
          conditions: [...conditionsOf(deps, wanted, subscription, fn), ...noneBeside(subscription, replaced)],
          changes: [
            { do: "subscription.add", subscription },
            ...waiting(fn, uuid, clock.now()),
            ...ends.flatMap(({ changes }) => changes),
            ...(wanted.replaced === undefined ? [] : [noted(deps, caller, wanted.replaced.thing)]),
          ],
          events: [...announcements(deps, caller, subscription), ...ends.flatMap(({ events }) => events)],
        },
        committed: async () => {
          for (const { number } of replaced ?? []) deps.wake(number);
          const added = await store.subscriptions.get(uuid);
          if (added === undefined) throw new RangeError(`subscription ${uuid} was committed and is not there`);
          return added;
        },
        refused: (condition: Condition) => refuse(deps, wanted, condition, caller),
      };
    });
  // In the function's turn, which saves tries.
  return runs === undefined ? add() : mutex.take(turnOfFunction(runs), add);
}

/** Those that it replaces are all that are there, and as they were read. */
function noneBeside(
  { tenant, scope, face }: NewSubscription,
  replaced: readonly Subscription[] | undefined,
): readonly Condition[] {
  if (replaced === undefined) return [];
  const last = replaced.at(-1)?.number ?? 0;
  return [
    { if: "subscriptions.noneSince", of: { tenant, scope, face }, last },
    ...replaced.map(({ uuid, revision }) => ({ if: "subscription.revision", uuid, revision }) as const),
  ];
}

interface Adding extends Omit<Wanted, "named"> {
  readonly uuid: Uuid;
  readonly unconfirmed: boolean;
  readonly fn: KnownFunction | undefined;
}

function newSubscription(
  { clock }: SubscriptionContext,
  { tenant, name: owner }: Principal,
  { surface, place, uuid, filter, target, policy, enabled, once, unconfirmed, retry, pace, capture, fn }: Adding,
): NewSubscription {
  // Who subscribes a function to an event type means the events of its app.
  const scope = surface === "subscribers" && fn !== undefined ? fn.appUuid : place.scope;
  return {
    uuid,
    tenant,
    face: place.face,
    scope,
    event: place.event,
    ...defined({ filter }),
    target,
    policy,
    enabled,
    ...(once ? { once } : {}),
    ...(unconfirmed ? { unconfirmed } : {}),
    ...(retry === undefined ? {} : { retry, keepDead: retry.saveOnFailure }),
    ...faceRulesOf({ face: place.face, scope, target }),
    ...defined({ pace, capture }),
    owner,
    createdMs: clock.now(),
  };
}

function conditionsOf(
  deps: SubscriptionContext,
  { surface, place }: Wanted,
  { tenant, owner, face, scope, event, target, oncePerFunction }: NewSubscription,
  fn: KnownFunction | undefined,
): Condition[] {
  const { maxRulesPerBucket, maxSubscriptionsPerUser } = deps.config;
  const ofScope = { if: "subscriptions.fewer", tenant, of: { scope, face }, fewer: maxRulesPerBucket } as const;
  const ofOwner = { if: "subscriptions.fewer", tenant, of: { owner }, fewer: maxSubscriptionsPerUser } as const;
  const conditions: Condition[] = [...destinationConditions(target), ...typeStill(deps, place)];
  if (face === "objects" && scope !== anyResource) conditions.push(ofScope);
  if (surfaceRules[surface].boundedByOwner) conditions.push(ofOwner);
  if (fn !== undefined) {
    const { number, revision } = fn;
    conditions.push({ if: "function.revision", number, revision });
    if (oncePerFunction === true) {
      conditions.push({ if: "subscriber.absent", function: number, event });
      conditions.push({ if: "subscribers.fewer", tenant, event, fewer: mostSubscribers(deps, phaseOf(place)) });
    }
  }
  if (scope !== anyResource && scope !== alertsPlace) conditions.push({ if: "resource.live", uuid: scope });
  return conditions;
}

/** `*` is for what comes after operations. */
function phaseOf(place: Place): Phase {
  return place.face === "lifecycle" ? (place.definition?.phase ?? "post") : "post";
}

/**
 * How many functions of one tenant may be subscribed to one event type. Apart, because hooks cost the caller of the operation their
 * time, while functions on a POST event cost nobody more than their own deliveries.
 */
function mostSubscribers({ config }: SubscriptionContext, phase: Phase): number {
  return phase === "pre" ? config.maxHooksPerEvent : config.maxFunctionsPerEvent;
}

/** Of a function that was changed meanwhile, and of what is to be replaced, another look helps. */
function refuse(
  deps: SubscriptionContext,
  { surface, place, target, named = "" }: Wanted,
  condition: Condition,
  { name }: Principal,
): void {
  refusedOfDestination(target, condition);
  const rules = surfaceRules[surface];
  const tooMany = (what: string, setting: string, remedy: string) =>
    new SignalboxError("conflict", `${what} and may have no more (SIGNALBOX_MAX_${setting}); ${remedy} one`);
  switch (condition.if) {
    case "function.revision":
    case "subscription.revision":
    case "subscriptions.noneSince":
      return;
    case "declaration.is":
      throw new SignalboxError("conflict", `${place.event} was declared anew at this moment: try again`);
    case "subscriptions.fewer": {
      const { of, fewer } = condition;
      throw "owner" in of
        ? tooMany(`'${name}' has ${fewer} subscriptions`, "SUBSCRIPTIONS_PER_USER", "delete")
        : tooMany(`${rules.tooManyRules(named)} has ${fewer} rules`, "RULES_PER_BUCKET", "delete");
    }
    case "subscribers.fewer": {
      const phase = phaseOf(place);
      const setting = phase === "pre" ? "HOOKS_PER_EVENT" : "FUNCTIONS_PER_EVENT";
      throw tooMany(`event '${place.event}' has ${mostSubscribers(deps, phase)} subscribers`, setting, "unsubscribe");
    }
    case "subscriber.absent":
      throw rules.subscribedAlready(condition.function, condition.event);
    default:
      throw rules.placeGone(named);
  }
}

async function liveFunction(
  { store }: SubscriptionContext,
  { tenant }: Principal,
  { surface }: Wanted,
  number: number,
): Promise<KnownFunction> {
  const fn = await store.functions.byNumber(number);
  if (fn?.tenant === tenant && fn.deletedMs === undefined) return fn;
  throw surfaceRules[surface].noFunction(number);
}

/** While its function is disabled, a subscription waits with the others. */
function waiting(fn: KnownFunction | undefined, uuid: Uuid, atMs: number): Change[] {
  const paused = { reason: "disabled", sinceMs: atMs } as const;
  return fn?.enabled === false ? [{ do: "subscription.change", uuid, patch: { paused }, atMs }] : [];
}

function announcements(deps: SubscriptionContext, caller: Principal, subscription: NewSubscription): NewEvent[] {
  const created = subscriptionEvent(deps, caller, subscription, subscriptionEvents.created);
  return subscription.unconfirmed === true ? [created, askConsent(deps, caller, subscription)] : [created];
}

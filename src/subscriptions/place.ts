import type { Context } from "../context.ts";
import { managesTenant, mayManage, type Principal } from "../domain/access.ts";
import type { EventTypeDefinition } from "../domain/catalog.ts";
import { defined } from "../domain/defined.ts";
import { didYouMean } from "../domain/did-you-mean.ts";
import { type Face, objectEventNames } from "../domain/event.ts";
import { needOf } from "../domain/face-rules.ts";
import { anyResource, parseUuid, type Uuid } from "../domain/ids.ts";
import { listedNames } from "../domain/listed-names.ts";
import { subscribableNameForm } from "../domain/notifications/known-kinds.ts";
import type { ResourceKind, ResourceKinds } from "../domain/notifications/resource-kinds.ts";
import { eventNameOn, eventNameOnAny, type RequestedEventName } from "../domain/notifications/subscribable-events.ts";
import { type Subscription, targetFactsOf } from "../domain/subscription.ts";
import { isAdmin } from "../domain/visibility.ts";
import { invalidField, notFound, SignalboxError } from "../errors.ts";
import { findApp } from "../platform/apps/apps.ts";
import { resourceAt, seenResource } from "../platform/registry.ts";
import type { Condition } from "../store/unit.ts";
import { managedBucket } from "./find.ts";
import { Problems } from "./problems.ts";
import { type SurfaceRules, surfaceRules } from "./surfaces.ts";

/** What a subscription is about: its face, its event, and the resource, or what resources lie in; and who may ask for that. */

export interface PlaceInput {
  /** By default the one that the event's name belongs to. */
  readonly face?: Face;
  /** A name of the face, or `*`. */
  readonly event: string;
  /** A uuid as it was given, or `*`. */
  readonly resource?: string;
  /** Name of a bucket, in place of its uuid. */
  readonly bucket?: string;
  /** Slug of an app, in place of its uuid. */
  readonly app?: string;
}

export type Place = { readonly event: string; readonly scope: Uuid } & (
  | { readonly face: "objects" }
  /** Without a definition: all that come after an operation. */
  | { readonly face: "lifecycle"; readonly definition?: EventTypeDefinition }
  /** Without a kind: resources of any. */
  | { readonly face: "notifications"; readonly kind?: ResourceKind; readonly warning?: string }
);

type PlaceContext = Pick<Context, "store" | "catalog" | "kinds">;

/** While this holds, what was checked against the event type of a place is right. Empty for one that cannot change. */
export function typeStill({ catalog }: Pick<PlaceContext, "catalog">, place: Place): readonly Condition[] {
  const definition = place.face === "lifecycle" ? place.definition : undefined;
  if (definition === undefined) return [];
  const { name } = definition;
  const revision = catalog.get(name) === definition ? catalog.revisionOf(name) : staleRevision;
  return revision === undefined ? [] : [{ if: "declaration.is", sort: "event_type", name, revision }];
}

/** Of a type that was declared anew since the place was found. */
const staleRevision = -1;

/** Who asks, by which way. */
export interface Requester {
  readonly caller: Principal;
  readonly rules: Pick<SurfaceRules, "refusesFunctions" | "everything">;
  /** For what is wrong with the event of a resource. */
  readonly problems: Problems;
}

export function requesterOf(caller: Principal, rules = surfaceRules.subscriptions): Requester {
  return { caller, rules, problems: new Problems(rules.tellsAll) };
}

/** @throws SignalboxError `forbidden`. What the role is needed for tells nothing about what there is. */
export function needRole(caller: Principal, least: "admin" | "developer", what: string): void {
  if (least === "admin" ? isAdmin(caller) : managesTenant(caller)) return;
  throw new SignalboxError("forbidden", `${what} needs the role ${least}; yours is ${caller.role}`);
}

/**
 * Where the caller wants to listen, and may.
 *
 * @throws SignalboxError `invalid_request` naming the field and the remedy; `not_found` for what the caller may not see, in the same
 * words as for what does not exist; `forbidden` for what the caller's role may not have at all.
 */
export function wantedPlace(deps: PlaceContext, requester: Requester, input: PlaceInput): Promise<Place> {
  const { caller } = requester;
  const face = faceOf(deps, input);
  switch (face) {
    case "objects":
      return ofObjects(deps, caller, input);
    case "lifecycle":
      return ofOperations(deps, caller, input);
    case "notifications":
      return ofResource(deps, requester, input);
    default:
      return face satisfies never;
  }
}

/** That the owner may still have what they once asked for. What a resource tells is judged with each event. */
export async function checkStillMay(
  { store }: Pick<PlaceContext, "store">,
  caller: Principal,
  { face, scope, target }: Subscription,
): Promise<void> {
  const { ofDevelopers } = targetFactsOf(target);
  if (ofDevelopers !== undefined) needRole(caller, "developer", ofDevelopers);
  const need = needOf({ face, scope });
  switch (need) {
    case "developer":
      return needRole(caller, "developer", "hearing of operations");
    case "admin":
      return needRole(caller, "admin", "hearing of the objects of all buckets");
    case "manager": {
      const bucket = await store.objects.bucketByUuid(scope);
      if (bucket !== undefined && mayManage(caller, bucket)) return;
      throw new SignalboxError("forbidden", "you do not manage its bucket any more; you may only delete it");
    }
    case undefined:
      return;
    default:
      return need satisfies never;
  }
}

/** Where a subscription that is there listens. */
export async function placeOfSubscription(
  { store, catalog, kinds }: PlaceContext,
  { tenant, face, event, scope }: Subscription,
): Promise<Place> {
  switch (face) {
    case "objects":
      return { face, event, scope };
    case "lifecycle": {
      const definition = catalog.get(event);
      return { face, event, scope, ...defined({ definition }) };
    }
    case "notifications": {
      const found = scope === anyResource ? undefined : await resourceAt(store, tenant, scope);
      const kind = found === undefined ? kinds.of(scope) : kinds.byName(found.kind);
      return { face, event, scope, ...defined({ kind }) };
    }
    default:
      return face satisfies never;
  }
}

function isObjectEvent(event: string): boolean {
  return (objectEventNames as readonly string[]).includes(event);
}

function faceOf({ catalog, kinds }: PlaceContext, { face, event, bucket, app }: PlaceInput): Face {
  if (face !== undefined) return face;
  if (isObjectEvent(event)) return "objects";
  if (catalog.get(event) !== undefined) {
    if (!kinds.all.some(({ events }) => events.includes(event))) return "lifecycle";
    throw invalidField("face", `is required: lifecycle and notifications both have an event ${event}`);
  }
  if (event !== "*") return "notifications";
  if (bucket !== undefined) return "objects";
  return app === undefined ? "notifications" : "lifecycle";
}

async function ofObjects(
  { store }: PlaceContext,
  caller: Principal,
  { event, resource, bucket, app }: PlaceInput,
): Promise<Place> {
  if (app !== undefined) throw invalidField("app", "is for the lifecycle face; name a bucket");
  if (event !== "*" && !isObjectEvent(event)) {
    const meant = didYouMean(event, objectEventNames);
    throw invalidField("event", `must be one of ${objectEventNames.join(", ")} or * on the objects face.${meant}`);
  }
  if (bucket !== undefined) {
    if (resource !== undefined) throw invalidField("resource", "goes without bucket: say one of them");
    return { face: "objects", event, scope: (await managedBucket(store, caller, bucket)).uuid };
  }
  if (resource === undefined) {
    throw invalidField(
      "bucket",
      "is required: a bucket's name, or as resource its uuid, or * for all buckets (admins)",
    );
  }
  const uuid = uuidOf(resource);
  if (uuid === anyResource) {
    needRole(caller, "admin", "hearing of the objects of all buckets");
    return { face: "objects", event, scope: uuid };
  }
  const found = await store.objects.bucketByUuid(uuid);
  if (found === undefined || !mayManage(caller, found)) throw notFound(`a bucket '${resource}' that you manage`);
  return { face: "objects", event, scope: uuid };
}

async function ofOperations(
  { store, catalog }: PlaceContext,
  caller: Principal,
  { event, resource, bucket, app }: PlaceInput,
): Promise<Place> {
  needRole(caller, "developer", "hearing of operations");
  if (bucket !== undefined) throw invalidField("bucket", "is for the objects face; name an app, or nothing for all");
  const definition = catalog.get(event);
  if (definition === undefined && event !== "*") {
    const meant = didYouMean(event, catalog.names);
    throw invalidField(
      "event",
      `is no event type.${meant} There are ${listedNames(catalog.names, "GET /api/cloud/events/")}`,
    );
  }
  const found = { face: "lifecycle", event, ...defined({ definition }) } as const;
  if (app !== undefined) {
    if (resource !== undefined) throw invalidField("resource", "goes without app: say one of them");
    return { ...found, scope: (await findApp(store, caller, app)).uuid };
  }
  const uuid = uuidOf(resource ?? anyResource);
  if (uuid !== anyResource && (await store.apps.appByUuid(uuid))?.tenant !== caller.tenant) {
    throw notFound("an app with that uuid");
  }
  return { ...found, scope: uuid };
}

async function ofResource(
  { store, kinds }: PlaceContext,
  { caller, rules, problems }: Requester,
  { event, resource, bucket, app }: PlaceInput,
  before?: Subscription,
): Promise<Place> {
  if (bucket !== undefined) throw invalidField("bucket", "is for the objects face; give the bucket's uuid as resource");
  if (app !== undefined) throw invalidField("app", "is for the lifecycle face; give the app's uuid as resource");
  if (resource === undefined) {
    throw invalidField("resource", "is required: the uuid of what it is about, or * for everything (admins)");
  }
  if (caller.chain !== undefined && rules.refusesFunctions) {
    throw new SignalboxError("forbidden", "functions cannot watch resources: none can be shared with a function");
  }
  const scope = uuidOf(resource);
  if (scope === anyResource && !isAdmin(caller)) throw rules.everything(caller.role);
  const kind = scope === anyResource ? undefined : kinds.byName((await seenResource(store, caller, scope)).kind);
  // What was granted once stays, whatever there is now.
  if (before?.event === event && before.scope === scope) return resourcePlace({ event }, scope, kind);
  return resourcePlace(
    problems.read({ event }, () => eventNameAt(kinds, { event, scope, kind })),
    scope,
    kind,
  );
}

function resourcePlace({ event, warning }: RequestedEventName, scope: Uuid, kind: ResourceKind | undefined): Place {
  const known = defined({ kind, warning });
  return { face: "notifications", event, scope, ...known };
}

interface WantedEvent {
  readonly event: string;
  readonly scope: Uuid;
  readonly kind: ResourceKind | undefined;
}

/** The event as it is called there, whatever the case of its letters was. */
function eventNameAt(kinds: ResourceKinds, { event, scope, kind }: WantedEvent): RequestedEventName {
  if (event === "*") return { event };
  if (scope === anyResource) return eventNameOnAny(kinds, event);
  if (kind !== undefined) return { event: eventNameOn(kinds, kind, event) };
  checkNameForm(event);
  return { event };
}

/**
 * Where a subscription to a resource listens once it is changed. Of a resource that stays as it is, its owner need not see anything any
 * more to change where to and how long.
 *
 * @throws SignalboxError as {@link wantedPlace}.
 */
export async function movedPlace(
  deps: PlaceContext,
  requester: Requester,
  found: Subscription,
  { event = found.event, resource }: Partial<PlaceInput>,
): Promise<Place> {
  if (resource !== undefined) return ofResource(deps, requester, { event, resource }, found);
  const place = await placeOfSubscription(deps, found);
  if (event === found.event || place.face !== "notifications") return place;
  const { kinds } = deps;
  const { scope, kind } = place;
  return resourcePlace(
    requester.problems.read({ event }, () => eventNameAt(kinds, { event, scope, kind })),
    scope,
    kind,
  );
}

function checkNameForm(event: string): void {
  if (subscribableNameForm.test(event)) return;
  throw invalidField("event", "must be * or 1 to 65 of A–Z, a–z, 0–9 and _, beginning with a letter");
}

function uuidOf(resource: string): Uuid {
  const uuid = resource === anyResource ? anyResource : parseUuid(resource);
  if (uuid !== undefined) return uuid;
  throw invalidField("resource", "must be a resource's uuid, such as 0001409758089943-5056a550b8-0001-002, or *");
}

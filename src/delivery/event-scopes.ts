import type { Event, Face } from "../domain/event.ts";
import {
  type FieldCatalog,
  type Filter,
  type FilterIndex,
  objectFields,
  paramFields,
  parseFilter,
  type ReadField,
  readObjectField,
  readParamField,
  storedFilterLimits,
} from "../domain/filter/index.ts";
import { anyResource } from "../domain/ids.ts";
import { lifecycleOf } from "../domain/lifecycle.ts";
import { isPrivate, namesAtParents, ownNames } from "../domain/notifications/names.ts";
import { parentsOf } from "../domain/notifications/parents.ts";
import { kindNameOf } from "../domain/notifications/resource-data.ts";
import { resourceOf } from "../domain/notifications/view.ts";
import { functionNumberOf, type Subscription } from "../domain/subscription.ts";

/** Where subscriptions listen, and in which scopes and under which names events are announced, on each face. */

/** What the filters of a face may ask, and how an event answers. */
export const filterable: Readonly<
  Record<Face, { readonly fields: FieldCatalog; readonly read: (event: Event) => ReadField }>
> = {
  objects: { fields: objectFields, read: readObjectField },
  lifecycle: { fields: paramFields, read: (event) => readParamField(lifecycleOf(event).params) },
  notifications: { fields: paramFields, read: (event) => lazily(() => readParamField(resourceOf(event))) },
};

/** The filter of a subscription as it was stored, or what wants everything; `undefined` when it cannot be read any more. */
export function storedFilter({ face, filter }: Pick<Subscription, "face" | "filter">): Filter | undefined {
  const parsed = parseFilter(filter ?? "", filterable[face].fields, storedFilterLimits);
  return parsed.kind === "ok" ? parsed.filter : undefined;
}

/** What an event tells of its resource is put together only when a filter reads it. */
function lazily(make: () => ReadField): ReadField {
  let read: ReadField | undefined;
  return (name) => {
    read ??= make();
    return read(name);
  };
}

/** Functions are found by name alone, and then by the event's app: there are few of them for each event type. */
const everywhere = "*";

/** Where the index of its face keeps a subscription. */
export function indexScopeOf({ face, scope }: Pick<Subscription, "face" | "scope">): string {
  return face === "lifecycle" ? everywhere : scope;
}

/** An event with an app reaches that app's functions, one without those of the whole tenant. */
export function reaches(event: Event, { scope, target }: Pick<Subscription, "scope" | "target">): boolean {
  const { app, only } = lifecycleOf(event);
  if (app !== undefined && app.uuid !== scope && scope !== anyResource) return false;
  const runs = functionNumberOf(target);
  return only === undefined || (runs !== undefined && only.includes(runs));
}

interface EventScopes {
  readonly scopes: readonly string[];
  /** The event's name there. */
  readonly name: string;
}

/** Its own first, then those of what its resource lies in, where it has other names. */
export function eventScopes(event: Event, face: Face): readonly EventScopes[] {
  const { resource, scope, names } = event;
  const name = names[face];
  if (name === undefined) return [];
  switch (face) {
    case "lifecycle":
      return [{ scopes: [everywhere], name }];
    case "objects":
      return [{ scopes: scope === undefined ? [resource, anyResource] : [resource, scope, anyResource], name }];
    case "notifications": {
      if (isPrivate(event)) return [{ scopes: [resource], name }];
      return placesOfResource(event, name);
    }
    default:
      return face satisfies never;
  }
}

function placesOfResource(event: Event, name: string): readonly EventScopes[] {
  const kind = kindNameOf(event);
  const own = ownNames(kind, name).map((one) => ({ scopes: [event.resource, anyResource], name: one }));
  const parents = parentsOf(event);
  if (parents.length === 0) return own;
  const scopes = [...parents.map(({ uuid }) => uuid), anyResource];
  return [...own, ...namesAtParents(kind, name).map((one) => ({ scopes, name: one }))];
}

/**
 * Whether an event is about the subscription itself, which listens to everything. It does not get it: its first event would be that it
 * was made, and one for a single event would be used up by that.
 */
export function isAboutItself(event: Event, { uuid, scope }: Pick<Subscription, "uuid" | "scope">): boolean {
  return event.resource === uuid && scope === anyResource;
}

/** Whether a subscription that stood so, and was on, gets the event if its filter agrees. */
export function matchesScope(
  event: Event,
  version: Pick<Subscription, "face" | "scope" | "event">,
  now: Pick<Subscription, "uuid" | "scope" | "target">,
): boolean {
  if (isAboutItself(event, { uuid: now.uuid, scope: version.scope })) return false;
  return isAnnounced(event, version) && (version.face !== "lifecycle" || reaches(event, now));
}

/** Whether an event has the wanted name there; on the lifecycle face in any scope, as that is judged by the app and the function. */
export function isAnnounced(
  event: Event,
  { face, scope, event: wanted }: Pick<Subscription, "face" | "scope" | "event">,
): boolean {
  return eventScopes(event, face).some(
    ({ scopes, name }) => (face === "lifecycle" || scopes.includes(scope)) && (wanted === "*" || wanted === name),
  );
}

/** Who listens in an event's scopes, each in one of these maps only: who listens to everything is there under both names. */
export function subscriptionsInScope<F>(
  index: FilterIndex<number, F>,
  face: Face,
  event: Event,
): readonly ReadonlyMap<number, F | undefined>[] {
  const [own, ...others] = eventScopes(event, face);
  if (own === undefined) return [];
  let found = index.listeners({ scopes: own.scopes, event: own.name });
  for (const { scopes, name } of others) {
    const more = index.listeners({ scopes, event: name });
    if (more.length === 0) continue;
    const known = found;
    found = [...known, ...more.filter((listeners) => !known.includes(listeners))];
  }
  return found;
}

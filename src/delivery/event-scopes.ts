import type { Event, Face } from "../domain/event.ts";
import {
  type FieldCatalog,
  type Filter,
  type FilterPlace,
  faceFields,
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
import type { ListeningState } from "../store/store.ts";

/** Where subscriptions listen, and in which scopes and under which names events are announced, on each face. */

/** What the filters of a face may ask, and how an event answers. */
export const filterable: Readonly<
  Record<Face, { readonly fields: FieldCatalog; readonly read: (event: Event) => ReadField }>
> = {
  objects: { fields: faceFields.objects, read: readObjectField },
  lifecycle: { fields: faceFields.lifecycle, read: (event) => readParamField(lifecycleOf(event).params) },
  notifications: {
    fields: faceFields.notifications,
    read: (event) => lazily(() => readParamField(resourceOf(event))),
  },
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
export function reaches(event: Event, { scope, runs }: Pick<ListeningState, "scope" | "runs">): boolean {
  const { app, only } = lifecycleOf(event);
  if (app !== undefined && app.uuid !== scope && scope !== anyResource) return false;
  return only === undefined || (runs !== undefined && only.includes(runs));
}

/** Its own first, then those of what its resource lies in, where it has other names. */
export function eventScopes(event: Event, face: Face): readonly FilterPlace[] {
  const { resource, scope, names } = event;
  const name = names[face];
  if (name === undefined) return [];
  switch (face) {
    case "lifecycle":
      return [{ scopes: [everywhere], event: name }];
    case "objects":
      return [{ scopes: scope === undefined ? [resource, anyResource] : [resource, scope, anyResource], event: name }];
    case "notifications": {
      if (isPrivate(event)) return [{ scopes: [resource], event: name }];
      return placesOfResource(event, name);
    }
    default:
      return face satisfies never;
  }
}

function placesOfResource(event: Event, name: string): readonly FilterPlace[] {
  const kind = kindNameOf(event);
  const own = ownNames(kind, name).map((one) => ({ scopes: [event.resource, anyResource], event: one }));
  const parents = parentsOf(event);
  if (parents.length === 0) return own;
  const scopes = [...parents.map(({ uuid }) => uuid), anyResource];
  return [...own, ...namesAtParents(kind, name).map((one) => ({ scopes, event: one }))];
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
  return isAnnounced(event, version) && (version.face !== "lifecycle" || reaches(event, listening(now)));
}

function listening({ scope, target }: Pick<Subscription, "scope" | "target">): Pick<ListeningState, "scope" | "runs"> {
  const runs = functionNumberOf(target);
  return runs === undefined ? { scope } : { scope, runs };
}

/** Whether an event has the wanted name there; on the lifecycle face in any scope, as that is judged by the app and the function. */
export function isAnnounced(
  event: Event,
  { face, scope, event: wanted }: Pick<Subscription, "face" | "scope" | "event">,
): boolean {
  return eventScopes(event, face).some(
    ({ scopes, event: name }) =>
      (face === "lifecycle" || scopes.includes(scope)) && (wanted === "*" || wanted === name),
  );
}

import type { Event, Face } from "../domain/event.ts";
import {
  type Asked,
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
import { isPrivate, nameInScope } from "../domain/notifications/names.ts";
import { resourceOf } from "../domain/notifications/view.ts";
import type { Subscription } from "../domain/subscription.ts";

/** Where subscriptions listen, and where and under which names events are heard, on each face. */

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

/** What an event tells of its resource is put together only when somebody asks. */
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
export function placeOf({ face, scope }: Pick<Subscription, "face" | "scope">): string {
  return face === "lifecycle" ? everywhere : scope;
}

/** An event with an app reaches that app's functions, one without those of the whole tenant. */
export function reaches(event: Event, { scope, target }: Pick<Subscription, "scope" | "target">): boolean {
  const { app, only } = lifecycleOf(event);
  if (app !== undefined && app.uuid !== scope && scope !== anyResource) return false;
  return only === undefined || (target.kind === "function" && only.includes(target.function));
}

export interface Place {
  readonly scopes: readonly string[];
  /** Under which the event is heard there. */
  readonly name: string;
}

/** At most two: its own, and that of what its resource lies in where it has another name there. */
export function placesOf(event: Event, face: Face): readonly Place[] {
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
      const outer = scope === undefined ? undefined : nameInScope(name);
      const own = { scopes: [resource, anyResource], name };
      return scope === undefined || outer === undefined ? [own] : [own, { scopes: [scope, anyResource], name: outer }];
    }
    default:
      return face satisfies never;
  }
}

/** Who listens where an event is heard, each in one of these maps only: who listens to everything is there under both names. */
export function listenersOf<F extends Asked>(
  index: FilterIndex<number, F>,
  face: Face,
  event: Event,
): readonly ReadonlyMap<number, F | undefined>[] {
  const [own, outer] = placesOf(event, face);
  if (own === undefined) return [];
  const found = index.listeners({ scopes: own.scopes, event: own.name });
  if (outer === undefined) return found;
  const more = index.listeners({ scopes: outer.scopes, event: outer.name });
  return more.length === 0 ? found : [...found, ...more.filter((listeners) => !found.includes(listeners))];
}

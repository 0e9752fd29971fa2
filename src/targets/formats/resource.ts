import type { Event } from "../../domain/event.ts";
import type { JsonObject } from "../../domain/merge-patch.ts";
import type { EventView } from "../../domain/notifications/view.ts";
import { factsOf } from "../../domain/notifications/view.ts";
import type { Subscription } from "../../domain/subscription.ts";

interface ResourceFormat {
  readonly view: EventView;
  readonly subscription: Pick<Subscription, "uuid">;
  /** Key under which the resource stands; `undefined`: its fields stand at the top, as the documented ones of jobs do. */
  readonly key: string | undefined;
  /** Adds `"test": true`. */
  readonly test: boolean;
  /** In a batch each says which delivery it is. */
  readonly inBatch?: string | undefined;
}

/**
 * The payload of resource notifications: the resource under the name of its kind, with what happened to it beside it. Where the
 * resource's own fields stand at the top, those of the event win.
 */
export function formatResourceEvent(event: Event, { view, subscription, key, test, inBatch }: ResourceFormat): string {
  const { resource, permission } = view;
  const body: JsonObject = {
    ...(key === undefined ? resource : { [key]: resource }),
    ...(permission === undefined ? {} : { permission: { ...permission } }),
    ...factsOf(event, view, subscription),
    ...(inBatch === undefined ? {} : { delivery: inBatch }),
    ...(test ? { test: true } : {}),
  };
  return JSON.stringify(body);
}

import type { Clock } from "../clock.ts";
import { defined } from "../domain/defined.ts";
import type { EventName, NewEvent, Parent } from "../domain/event.ts";
import type { Uuid } from "../domain/ids.ts";
import type { JsonObject } from "../domain/merge-patch.ts";
import { type Happened, resourceData, type ShownPermission } from "../domain/notifications/resource-data.ts";
import type { HostedEvent, OwnEvent, OwnKind } from "../domain/raised-events.ts";
import type { By } from "./asking.ts";
import { freshId } from "./deps.ts";

/** Of which kind the resource is, and what happened: what Signalbox raises on such, or a name that a caller gave. */
type WhatHappened =
  | { readonly [K in OwnKind]: { readonly kind: K; readonly name: OwnEvent<K> } }[OwnKind]
  | { readonly kind: string; readonly name: HostedEvent | EventName };

/** What is announced of a resource to who watches it. */
type RaisedEvent = RaisedFacts & WhatHappened;

interface RaisedFacts extends By {
  readonly tenant: string;
  readonly uuid: Uuid;
  /** Principals who see it without a grant, its own owner first. */
  readonly owners: readonly string[];
  /** What the resource lies in. */
  readonly scope?: Uuid;
  /** What else it lies in. */
  readonly parents?: readonly Parent[];
  /** As it is after that; of one that is gone, as it was. */
  readonly resource: JsonObject;
  readonly permission?: ShownPermission;
  /** What happened to something that lay in it. */
  readonly of?: Happened;
  /** The only subscription that gets it. */
  readonly addressee?: Uuid;
}

/** An event of the notifications face, to be committed with the change that it tells of. */
export function raised(clock: Clock, raise: RaisedEvent): NewEvent {
  const { tenant, uuid, kind, owners, scope, parents, name, resource, permission, actor, origin, chain, addressee } =
    raise;
  return {
    id: freshId(clock),
    tenant,
    resource: uuid,
    ...defined({ scope, parents }),
    names: { notifications: name },
    owners,
    ...defined({ actor }),
    origin,
    timeMs: clock.now(),
    ...defined({ addressee }),
    data: resourceData({
      kind,
      resource,
      ...defined({ permission, of: raise.of, chain }),
    }),
  };
}

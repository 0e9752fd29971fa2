import type { Event } from "../domain/event.ts";
import { kinds } from "../domain/ids.ts";
import type { Subscription } from "../domain/subscription.ts";
import type { Store } from "../store/store.ts";

/** What developers reach all of; of everything else they see what is theirs, or was shared with them. */
const developersSee: ReadonlySet<string> = new Set([
  kinds.profile,
  kinds.file,
  kinds.app,
  kinds.bucket,
  kinds.function,
]);

/** Whether developers see all resources of the kind of this uuid. */
export function openToDevelopers(uuid: string): boolean {
  return developersSee.has(uuid.slice(-3));
}

/**
 * Who of those that want an event may hear it, as of now: the owners of its resource, those with a grant on it or on what it lies in, and
 * those who see everything. Asked of subscriptions of the notifications face only: the other faces are for who manages the bucket or
 * app. One query for each event.
 */
export class Sight {
  readonly #store: Pick<Store, "identities">;

  constructor(store: Pick<Store, "identities">) {
    this.#store = store;
  }

  async among(event: Event, wanted: readonly Subscription[]): Promise<readonly Subscription[]> {
    if (!wanted.some((subscription) => judged(event, subscription))) return wanted;
    const { tenant, resource, scope, owners = [] } = event;
    const seers = await this.#store.identities.seers({
      tenant,
      resources: scope === undefined ? [resource] : [resource, scope],
      developers: openToDevelopers(resource),
    });
    return wanted.filter(
      (subscription) =>
        !judged(event, subscription) || owners.includes(subscription.owner) || seers.has(subscription.owner),
    );
  }
}

/** What was sent to a subscription because its owner asked for it is about that subscription. */
function judged({ addressee }: Event, { face }: Subscription): boolean {
  return face === "notifications" && addressee === undefined;
}

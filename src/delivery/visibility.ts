import { everyone } from "../domain/access.ts";
import type { Event } from "../domain/event.ts";
import type { Uuid } from "../domain/ids.ts";
import { parentsOf } from "../domain/notifications/parents.ts";
import type { Subscription } from "../domain/subscription.ts";
import { openToDevelopers } from "../domain/visibility.ts";
import type { Store } from "../store/store.ts";

/** Who would get an event, and why: what is judged of a subscription. */
type Watching = Pick<Subscription, "owner" | "scope" | "face">;

/**
 * Who of those that want an event may get it, as of now: the owners of its resource, those with a grant on it or on its scope, and those
 * who see everything. Who watches what the resource lies in must see both: a subscription to a system shows no one the jobs of others. Asked
 * of subscriptions of the notifications face only: the other faces are for who manages the bucket or app. The store is asked once for an
 * event and those of its parents that have subscribers.
 */
export class Visibility {
  readonly #store: Pick<Store, "identities" | "grants">;

  constructor(store: Pick<Store, "identities" | "grants">) {
    this.#store = store;
  }

  async among(event: Event, wanted: readonly Subscription[]): Promise<readonly Subscription[]> {
    return this.#among(event, wanted);
  }

  /** Whether a subscription of this owner there would get the event, if it was made. */
  async isSeen(event: Event, watching: Watching): Promise<boolean> {
    return (await this.#among(event, [watching])).length > 0;
  }

  async #among<S extends Watching>(event: Event, wanted: readonly S[]): Promise<readonly S[]> {
    if (!wanted.some((subscription) => judged(event, subscription))) return wanted;
    const { tenant, resource, scope, owners = [] } = event;
    const isAt = (one: S, uuid: Uuid): boolean => one.scope === uuid && judged(event, one);
    const watched = parentsOf(event).filter(
      ({ uuid }) => uuid !== resource && wanted.some((subscription) => isAt(subscription, uuid)),
    );
    const [seers = noSeers, ...seersThere] = await this.#store.grants.seersOf([
      {
        tenant,
        resources: scope === undefined ? [resource] : [resource, scope],
        developers: openToDevelopers(resource),
      },
      ...watched.map(({ uuid }) => ({ tenant, resources: [uuid], developers: openToDevelopers(uuid) })),
    ]);
    const sees = await this.#sees({ tenant, owners, seers }, wanted);
    let seeing = wanted.filter((subscription) => !judged(event, subscription) || sees(subscription.owner));
    for (const [index, { uuid, owner }] of watched.entries()) {
      const there = seeing.filter((subscription) => isAt(subscription, uuid));
      if (there.length === 0) continue;
      const seesParent = await this.#sees({ tenant, owners: [owner], seers: seersThere[index] ?? noSeers }, there);
      seeing = seeing.filter((subscription) => !isAt(subscription, uuid) || seesParent(subscription.owner));
    }
    return seeing;
  }

  /** Tells of owners of `wanted` whether they see a resource of these owners and seers. */
  async #sees(
    of: { readonly tenant: string; readonly owners: readonly string[]; readonly seers: ReadonlySet<string> },
    wanted: readonly Watching[],
  ): Promise<(name: string) => boolean> {
    const { tenant, owners, seers } = of;
    const sees = (name: string): boolean => owners.includes(name) || seers.has(name);
    if (!seers.has(everyone)) return sees;
    const others = new Set(wanted.map(({ owner }) => owner).filter((name) => !sees(name)));
    const living = await this.#living(tenant, [...others]);
    return (name) => sees(name) || living.has(name);
  }

  /** A page at a time: as many may listen as there are. */
  async #living(tenant: string, names: readonly string[]): Promise<ReadonlySet<string>> {
    const living = new Set<string>();
    for (let from = 0; from < names.length; from += askedTogether) {
      if (from > 0) await new Promise(setImmediate);
      const page = await this.#store.identities.living(tenant, names.slice(from, from + askedTogether));
      for (const name of page) living.add(name);
    }
    return living;
  }
}

const noSeers: ReadonlySet<string> = new Set();

/** About a millisecond. */
const askedTogether = 500;

/** What was sent to a subscription because its owner asked for it is about that subscription. */
function judged({ addressee }: Event, { face }: Pick<Watching, "face">): boolean {
  return face === "notifications" && addressee === undefined;
}

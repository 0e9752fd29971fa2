import { Visibility } from "../delivery/visibility.ts";
import { managesTenant, type Principal } from "../domain/access.ts";
import type { Event } from "../domain/event.ts";
import { isAdmin } from "../domain/visibility.ts";
import { seenSubscription } from "../platform/visibility.ts";
import type { Store } from "../store/store.ts";

type Sighting = Pick<Store, "grants" | "identities" | "objects" | "subscriptions">;

/** Resources that are remembered: a list asks for the same few again and again. */
const mostKnown = 1_000;

/**
 * Which events one caller sees: those that a subscription of its own could get. Admins see all of their tenant; developers what happens to
 * objects and by operations, for which they may subscribe everywhere; everybody what happens to resources that they see. What was sent to
 * one subscription alone is for who knows of that. As of now: made for one list or one reader, and asked again by the next.
 */
export class EventSight {
  readonly #store: Sighting;
  readonly #caller: Principal;
  readonly #visibility: Visibility;
  readonly #known = new Map<string, boolean>();

  constructor(store: Sighting, caller: Principal) {
    this.#store = store;
    this.#caller = caller;
    this.#visibility = new Visibility(store);
  }

  /** What {@link sees} tells without asking the store; `undefined` where it has to be asked, which is a turn of the loop. */
  seesAtOnce({ tenant, names, addressee, ...about }: Event): boolean | undefined {
    if (tenant !== this.#caller.tenant) return false;
    if (isAdmin(this.#caller)) return true;
    if (addressee !== undefined) return this.#known.get(addressee);
    if (managesTenant(this.#caller) && (names.lifecycle !== undefined || names.objects !== undefined)) return true;
    // Operations alone are heard of by developers only.
    if (names.notifications === undefined && names.objects === undefined) return false;
    return this.#known.get(keyOf(about));
  }

  async sees(event: Event): Promise<boolean> {
    const known = this.seesAtOnce(event);
    if (known !== undefined) return known;
    const { addressee, resource } = event;
    const caller = this.#caller;
    const watching = { owner: caller.name, scope: resource, face: "notifications" } as const;
    const sees =
      addressee === undefined
        ? await this.#visibility.isSeen(event, watching)
        : (await seenSubscription(this.#store, caller, addressee)) !== undefined;
    if (this.#known.size >= mostKnown) this.#known.clear();
    this.#known.set(addressee ?? keyOf(event), sees);
    return sees;
  }
}

function keyOf({ resource, scope, owners = [] }: Pick<Event, "resource" | "scope" | "owners">): string {
  return [resource, scope ?? "", ...owners].join("\n");
}

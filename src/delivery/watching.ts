import type { Clock } from "../clock.ts";
import type { DeliveryRecord } from "../domain/delivery.ts";
import type { Observers } from "../store/feed.ts";
import type { Store } from "../store/store.ts";
import type { Unit } from "../store/unit.ts";
import { observedBy } from "../store/watchers.ts";
import { Alerts } from "./alerts.ts";
import { ObservedSubscriptions } from "./observed-subscriptions.ts";
import { outcomeEvent } from "./outcome-event.ts";

interface WatchingDeps {
  readonly store: Pick<Store, "subscriptions" | "watchers">;
  readonly clock: Clock;
}

/** Who watches what comes of deliveries, as this process knows it: all there is to know up to a revision, where several nodes write. */
export class Watching implements Observers {
  readonly observed: ObservedSubscriptions;
  readonly alerts: Alerts;
  readonly #deps: WatchingDeps;
  #revision: number | undefined;
  #turn: Promise<unknown> = Promise.resolve();

  private constructor(deps: WatchingDeps, known: Pick<Watching, "observed" | "alerts" | "revision">) {
    this.#deps = deps;
    this.observed = known.observed;
    this.alerts = known.alerts;
    this.#revision = known.revision;
  }

  static async load(deps: WatchingDeps): Promise<Watching> {
    const { store, clock } = deps;
    const revision = await store.watchers?.settled();
    const observed = await ObservedSubscriptions.load(store);
    return new Watching(deps, { observed, alerts: await Alerts.load(store, clock), revision });
  }

  get revision(): number | undefined {
    return this.#revision;
  }

  /** Takes note of what was committed: whether others have to. */
  note(unit: Unit): boolean {
    this.observed.note(unit);
    return this.alerts.note(unit) || observedBy(unit).length > 0;
  }

  renew(): Promise<boolean> {
    const next = this.#turn.then(() => this.#renew());
    this.#turn = next.catch(() => {});
    return next;
  }

  async #renew(): Promise<boolean> {
    const { store } = this.#deps;
    if (store.watchers === undefined || (await store.watchers.revision()) === this.#revision) return false;
    const revision = await store.watchers.settled();
    await this.observed.renew();
    await this.alerts.renew(store);
    this.#revision = revision;
    return true;
  }

  announced(record: DeliveryRecord): DeliveryRecord {
    const { unannounced: about, ...rest } = record;
    if (about === undefined || !this.observed.has(about.subscription.uuid)) return record;
    const outcome = outcomeEvent(this.#deps.clock, { ...about, record });
    return outcome === undefined ? rest : { ...rest, announced: [outcome, ...(record.announced ?? [])] };
  }
}

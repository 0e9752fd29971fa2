import type { EventRates } from "../pace/event-rates.ts";
import type { Ports } from "../ports.ts";
import type { Commit, Unit } from "../store/unit.ts";

/**
 * Makes a change and its events durable in one commit, then lets dispatch know. Resolving with `committed` is what
 * "accepted" means: only then may a caller get its answer. A `refused` condition changed nothing and announced nothing.
 */
export type Publish = (unit: Unit) => Promise<Commit>;

/** Who has to hear of commits, which the engine knows once: `publish` is the part of the Context that comes of it. */
interface PublishDeps extends Pick<Ports, "store"> {
  /** A hint that there are new events; losing it costs latency, never an event. */
  readonly wake: () => void;
  /** Called with what was committed, before the caller is answered. */
  readonly noticed?: readonly ((unit: Unit) => unknown)[];
  /** Called with how many events were accepted, for the counters. */
  readonly accepted: (events: number) => void;
}

export function publisher({ store, wake, noticed = [], accepted }: PublishDeps): Publish {
  return async (unit) => {
    const commit = await store.commit(unit);
    if (commit.kind === "committed") for (const note of noticed) note(unit);
    if (commit.kind === "committed" && commit.sequences.length > 0) {
      accepted(commit.sequences.length);
      wake();
    }
    return commit;
  };
}

/** Counts what was committed against the rates of tenants, and takes over what an operator has set: whether there was any of that. */
export function noteRates(rates: EventRates, { changes = [], events = [] }: Unit): boolean {
  for (const { tenant } of events) rates.took(tenant, 1);
  let isSet = false;
  for (const change of changes) {
    if (change.do !== "quota.put" || change.quota !== "events_per_second") continue;
    rates.setLimit(change.tenant, change.limit);
    isSet = true;
  }
  return isSet;
}

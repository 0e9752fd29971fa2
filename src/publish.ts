import type { Store } from "./store/store.ts";
import type { Commit, Unit } from "./store/unit.ts";

/**
 * Makes a change and its events durable in one commit, then lets dispatch know. Resolving with `committed` is what
 * "accepted" means: only then may a caller be told. A `refused` condition changed nothing and announced nothing.
 */
export type Publish = (unit: Unit) => Promise<Commit>;

export interface PublishDeps {
  readonly store: Store;
  /** A hint that there are new events; losing it costs latency, never an event. */
  readonly wake: () => void;
  /** Told of what was committed, before whoever asked for it. */
  readonly noticed?: (unit: Unit) => void;
  /** Told how many events were accepted, for the counters. */
  readonly accepted: (events: number) => void;
}

export function publisher({ store, wake, noticed, accepted }: PublishDeps): Publish {
  return async (unit) => {
    const commit = await store.commit(unit);
    if (commit.kind === "committed") noticed?.(unit);
    if (commit.kind === "committed" && commit.sequences.length > 0) {
      accepted(commit.sequences.length);
      wake();
    }
    return commit;
  };
}

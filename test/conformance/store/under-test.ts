import type { LocalFeed } from "../../../src/store/feed.ts";
import type { Store } from "../../../src/store/store.ts";

/** A store with nothing in it, made for one test. */
export interface StoreUnderTest extends AsyncDisposable {
  /** These two change with {@link reopen}. */
  readonly store: Store;
  readonly feed: LocalFeed;
  /** The store's own clock: still until it is moved, and it can be moved back. */
  readonly clock: { now(): number; advance(ms: number): void };
  /** It gives space back to the disk itself; otherwise its database does, when it sees fit. */
  readonly givesSpaceBack: boolean;
  /** Closes store and feed and opens them anew on the same data, as a restart of the process does. */
  reopen(): Promise<void>;
}

export type OpenStore = () => Promise<StoreUnderTest>;

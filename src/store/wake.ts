/**
 * News of what others may want to look at: nothing more than a hint. A listener finds the same by looking at the store from time
 * to time, so one that is lost costs time, and never an event.
 */
export type Hint =
  /** There are new events. */
  | { readonly about: "events" }
  /** The subscription of this number has something to send, may send again, or never will. */
  | { readonly about: "subscription"; readonly number: number }
  /** An event of the tenant that had been set aside waits to be dispatched. */
  | { readonly about: "aside"; readonly tenant: string }
  /** Event types or kinds were declared anew. */
  | { readonly about: "declarations" }
  /** A node was refused for want of the public URL. */
  | { readonly about: "refused" }
  /** A node came, or went, or gave something away. */
  | { readonly about: "nodes" }
  /** This node has taken over parts of the log: what waits in them is its to send. */
  | { readonly about: "shards" }
  /** From time to time, to this node: what others told may have been lost. */
  | { readonly about: "lost" }
  /** Another subscription is watched, or alerts go elsewhere. */
  | { readonly about: "watchers" }
  /** A tenant may make another number of events in a second. */
  | { readonly about: "quotas" };

export interface Wake {
  /** Tells all who listen, on every node. Never fails. */
  tell(hint: Hint): void;
  /** Until it is disposed. A listener must not throw. */
  listen(listener: (hint: Hint) => void): Disposable;
}

/** For one process. */
export function wakeInProcess(): Wake {
  const listeners = new Set<(hint: Hint) => void>();
  return {
    tell: (hint) => {
      for (const listener of listeners) listener(hint);
    },
    listen: (listener) => {
      // Its own, so that the same function may listen twice.
      const own = (hint: Hint): void => listener(hint);
      listeners.add(own);
      return { [Symbol.dispose]: () => void listeners.delete(own) };
    },
  };
}

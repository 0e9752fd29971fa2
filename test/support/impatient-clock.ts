import { type Clock, systemClock } from "../../src/clock.ts";

/** The real time, in which short waits pass at once and longer ones when they are told to. */
export interface ImpatientClock extends Clock {
  /** All that is waited for passes. */
  expire(): void;
}

const shortMs = 4_000;

export function impatientClock(): ImpatientClock {
  const long = new Set<() => void>();
  return {
    ...systemClock,
    after: (ms, ready) => {
      if (ms < shortMs) return systemClock.after(0, ready);
      long.add(ready);
      return () => void long.delete(ready);
    },
    expire: () => {
      for (const ready of long) ready();
      long.clear();
    },
  };
}

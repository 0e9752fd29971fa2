import { integer, type Reads } from "../sql/step.ts";
import type { Watchers } from "../watchers.ts";
import type { FollowHorizon } from "./horizon.ts";

/** Drawn by whatever adds, changes or removes one, before it is committed. */
const revision = "SELECT last_value AS revision FROM watcher_number";

/** Refuses a settlement that was made for another revision. */
export function requireWatchers(known: number): {
  readonly name: string;
  readonly text: string;
  readonly values: unknown[];
} {
  return {
    name: "require_watchers",
    text: "SELECT require((SELECT last_value FROM watcher_number) <= $1, 0)",
    values: [known],
  };
}

export function countedWatchers(reads: Pick<Reads, "get">, horizon: Pick<FollowHorizon, "past">): Watchers {
  const read = async (): Promise<number> => integer((await reads.get(revision)) ?? {}, "revision");
  return {
    revision: read,
    settled: async () => {
      const drawn = await read();
      await horizon.past();
      return drawn;
    },
  };
}

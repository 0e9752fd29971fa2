import type { Clock } from "../../clock.ts";
import { ask, type Committer } from "../sql/committer.ts";
import { anySealed } from "../sql/sealed.ts";
import type { Reads } from "../sql/step.ts";
import type { Upkeep } from "../store.ts";

const size = "SELECT pg_database_size(current_database()) AS bytes";

export function postgresUpkeep(reads: Reads, committer: Committer, clock: Clock): Upkeep {
  return {
    prune: async (step) => {
      const { dropped, more } = await ask(
        committer,
        { kind: "prune", step: { ...step, nowMs: clock.now() } },
        "pruned",
      );
      return { dropped, more };
    },
    completeRuns: async () => new Set(),
    holdsSealed: async () => (await reads.get(anySealed)) !== undefined,
    // PostgreSQL gives space back by itself, and says by itself when there is none.
    release: async () => false,
    relieve: async () => {},
    usedBytes: async () => Number((await reads.get(size))?.["bytes"] ?? 0),
    ready: async () => {
      if (!committer.isWell) await ask(committer, { kind: "ready" }, "ok");
    },
  };
}

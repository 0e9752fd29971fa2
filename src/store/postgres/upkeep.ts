import type { Clock } from "../../clock.ts";
import type { Committer } from "../sql/committer.ts";
import { ask } from "../sql/jobs.ts";
import { anySealed } from "../sql/sealed.ts";
import { type Reads, text } from "../sql/step.ts";
import type { Upkeep } from "../store.ts";

/** The run of a node that is over, and whose end none has written yet, has ended with all that it committed: starts judge those of a backup. */
const completeOf = `SELECT mark FROM run
  WHERE mark IN (SELECT value FROM json_each(?1))
    AND ((complete AND ended_ms IS NOT NULL) OR mark = ?2 OR (ended_ms IS NULL AND NOT EXISTS (SELECT 1 FROM node WHERE node.id = run.mark)))`;
const size = "SELECT pg_database_size(current_database()) AS bytes";

/** That the database answers is asked again after this, also where the last commit went well: there may have been none since. */
const knownMs = 1_000;

interface Own {
  readonly clock: Clock;
  /** The mark of this process's run. */
  readonly node: string;
  /** Writes up to where everything is done. */
  readonly passIdle: () => Promise<void>;
}

export function postgresUpkeep(reads: Reads, committer: Committer, own: Own): Upkeep {
  let askedMs = Number.NEGATIVE_INFINITY;
  return {
    prune: async (step) => {
      // What goes is below what is written, and that is not written with each settlement.
      await own.passIdle();
      const { dropped, more } = await ask(
        committer,
        { kind: "prune", step: { ...step, nowMs: own.clock.now() } },
        "pruned",
      );
      return { dropped, more };
    },
    completeRuns: async (runs) =>
      new Set((await reads.all(completeOf, JSON.stringify(runs), own.node)).map((row) => text(row, "mark"))),
    holdsSealed: async () => (await reads.get(anySealed)) !== undefined,
    // PostgreSQL gives space back by itself, and says by itself when there is none.
    release: async () => false,
    relieve: async () => {},
    usedBytes: async () => Number((await reads.get(size))?.["bytes"] ?? 0),
    ready: async () => {
      if (committer.isWell && performance.now() - askedMs < knownMs) return;
      await ask(committer, { kind: "ready" }, "ok");
      askedMs = performance.now();
    },
  };
}

import type { Clock } from "../../clock.ts";
import type { Committer } from "../sql/committer.ts";
import { ask } from "../sql/jobs.ts";
import { anySealed } from "../sql/sealed.ts";
import { text } from "../sql/step.ts";
import type { Upkeep } from "../store.ts";
import type { Statements } from "./statements.ts";

const completeOf =
  "SELECT mark FROM run WHERE mark IN (SELECT value FROM json_each(?)) AND (complete = 1 OR ended_ms IS NULL)";

export function upkeep(statements: Statements, committer: Committer, clock: Clock): Upkeep {
  const pragma = (name: string): number => Number(Object.values(statements.get(`PRAGMA ${name}`) ?? {})[0] ?? 0);
  return {
    prune: async (step) => {
      const { dropped, more } = await ask(
        committer,
        { kind: "prune", step: { ...step, nowMs: clock.now() } },
        "pruned",
      );
      return { dropped, more };
    },
    completeRuns: async (runs) =>
      new Set(statements.all(completeOf, JSON.stringify(runs)).map((row) => text(row, "mark"))),
    holdsSealed: async () => statements.get(anySealed) !== undefined,
    release: async (bytes) => (await ask(committer, { kind: "release", bytes }, "released")).any,
    relieve: async () => void (await ask(committer, { kind: "relieve" }, "ok")),
    usedBytes: async () => (pragma("page_count") - pragma("freelist_count")) * pragma("page_size"),
    ready: async () => {
      // What is known costs nothing; only after a failure, and before the first commit, one is made to find out.
      if (committer.isWell) return;
      await ask(committer, { kind: "ready" }, "ok");
    },
  };
}

import type { Upkeep } from "../store.ts";
import { type Committer, storeError } from "./committer.ts";
import type { Reply, Request } from "./messages.ts";
import type { Statements } from "./step.ts";

export function upkeep(statements: Statements, committer: Committer): Upkeep {
  const pragma = (name: string): number => Number(Object.values(statements.get(`PRAGMA ${name}`) ?? {})[0] ?? 0);
  return {
    prune: async (step) => {
      const { dropped, more } = await ask(committer, { kind: "prune", step }, "pruned");
      return { dropped, more };
    },
    release: async (bytes) => (await ask(committer, { kind: "release", bytes }, "released")).any,
    usedBytes: async () => (pragma("page_count") - pragma("freelist_count")) * pragma("page_size"),
    ready: async () => {
      await ask(committer, { kind: "ready" }, "ok");
    },
  };
}

async function ask<K extends Reply["kind"]>(
  committer: Committer,
  request: Request,
  kind: K,
): Promise<Extract<Reply, { kind: K }>> {
  const reply = await committer.job(request);
  if (reply.kind !== kind) throw storeError(reply);
  return reply as Extract<Reply, { kind: K }>;
}

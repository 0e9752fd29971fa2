import type { Blobs } from "../../blobs/blobs.ts";
import type { Clock } from "../../clock.ts";
import { asError } from "../../errors.ts";
import { recent } from "../../pace/recent.ts";
import type { Cluster } from "../../store/cluster.ts";
import type { Upkeep } from "../../store/store.ts";

/** Who asks for it has no token: however often that is, the disk is looked at once in this time. */
const maxAgeMs = 1_000;
const noPart = "this node has no part of the work yet, or has lost it to others";

/**
 * Why no work can be accepted now, for `/healthz` and `/readyz`; `undefined` when it can: there is room for bytes, they can be reached, commits are made, and
 * this node has its part of the work. An answer is at most a second old.
 */
export function health(
  {
    room,
    upkeep,
    blobs,
    cluster,
  }: {
    readonly room: { fullness(): Promise<string | undefined> };
    readonly upkeep: Pick<Upkeep, "ready">;
    readonly blobs: Pick<Blobs, "ready">;
    readonly cluster: Pick<Cluster, "isReady">;
  },
  clock: Clock,
): () => Promise<string | undefined> {
  return recent(
    () => clock.steady(),
    maxAgeMs,
    async () => {
      try {
        const full = await room.fullness();
        if (full !== undefined) return full;
        await upkeep.ready();
        await blobs.ready();
        return cluster.isReady ? undefined : noPart;
      } catch (thrown) {
        return asError(thrown).message;
      }
    },
  );
}

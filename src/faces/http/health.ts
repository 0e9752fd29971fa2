import type { Blobs } from "../../blobs/blobs.ts";
import type { Clock } from "../../clock.ts";
import { asError } from "../../errors.ts";
import { recent } from "../../pace/recent.ts";
import type { Upkeep } from "../../store/store.ts";

/** Who asks for it has no token: however often that is, the disk is looked at once in this time. */
const maxAgeMs = 1_000;

/**
 * Why no work can be accepted now, for `/healthz` and `/readyz`; `undefined` when it can: there is room for bytes, they can be reached, and commits are made. An answer is
 * at most a second old.
 */
export function health(
  {
    room,
    upkeep,
    blobs,
  }: {
    readonly room: { fullness(): Promise<string | undefined> };
    readonly upkeep: Pick<Upkeep, "ready">;
    readonly blobs: Pick<Blobs, "ready">;
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
        return undefined;
      } catch (thrown) {
        return asError(thrown).message;
      }
    },
  );
}

import { statfs } from "node:fs/promises";
import type { Clock } from "./clock.ts";
import { asError } from "./errors.ts";
import { recent } from "./pace/recent.ts";
import type { Upkeep } from "./store/store.ts";

/** With less than this on the disk, an upload of any size that matters would fail. */
const roomBytes = 4 * 2 ** 20;
/** Who asks for it has no token: however often that is, the disk is looked at once in this time. */
const maxAgeMs = 1_000;

/**
 * Why no work can be accepted now, for `/healthz`; `undefined` when it can: there is room for bytes, and commits are made. An answer is
 * at most a second old.
 */
export function health(folder: string, upkeep: Upkeep, clock: Clock): () => Promise<string | undefined> {
  return recent(
    () => clock.now(),
    maxAgeMs,
    async () => {
      try {
        const { bavail, bsize } = await statfs(folder);
        if (bavail * bsize < roomBytes) return "the disk is full: free some space, and work is accepted again";
        await upkeep.ready();
        return undefined;
      } catch (thrown) {
        return asError(thrown).message;
      }
    },
  );
}

import { statfs } from "node:fs/promises";
import { asError } from "./errors.ts";
import type { Upkeep } from "./store/store.ts";

/** With less than this on the disk, an upload of any size that matters would fail. */
const roomBytes = 4 * 2 ** 20;

/** Why no work can be accepted now, for `/healthz`; `undefined` when it can: there is room for bytes, and commits are made. */
export async function health(folder: string, upkeep: Upkeep): Promise<string | undefined> {
  try {
    const { bavail, bsize } = await statfs(folder);
    if (bavail * bsize < roomBytes) return "the disk is full: free some space, and work is accepted again";
    await upkeep.ready();
    return undefined;
  } catch (thrown) {
    return asError(thrown).message;
  }
}

import type { Clock } from "../clock.ts";
import type { Blobs } from "./blobs.ts";

/** Blobs as files below `folder`, which is made if it is not there. */
export async function fileBlobs(_folder: string, _clock: Clock): Promise<Blobs> {
  throw new Error("not yet");
}

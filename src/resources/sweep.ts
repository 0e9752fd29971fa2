import { asError } from "../errors.ts";
import type { ResourceDeps } from "./deps.ts";

/**
 * Deletes the blobs of earlier runs that nothing refers to: what a crash left between writing bytes and committing them, or
 * between a commit and the deletion of what it made useless. Run it once after start, in the background.
 *
 * An old blob that is referred to can lose its references while this runs, but one without any cannot gain one: copies are
 * links with names of their own, and parts become pieces within one commit. So asking once for each page is enough.
 */
export async function sweepBlobs(
  { store, blobs, leases, log }: Pick<ResourceDeps, "store" | "blobs" | "leases" | "log">,
  signal: AbortSignal,
): Promise<void> {
  let swept = 0;
  try {
    for await (const page of blobs.older(signal)) {
      const referred = await store.objects.referred(page);
      const useless = page.filter((id) => !referred.has(id));
      await leases.discard(useless);
      swept += useless.length;
      if (signal.aborted) break;
    }
  } catch (error) {
    // Whatever is left now is found after the next start.
    log.warn({ swept, error: asError(error).message }, "sweeping blobs broke off");
    return;
  }
  if (swept > 0) log.info({ swept }, "swept blobs that nothing refers to");
}

import { sleep } from "../clock.ts";
import { asError } from "../errors.ts";
import type { ResourceDeps } from "../platform/deps.ts";
import type { Upload } from "../store/records.ts";
import { endUpload } from "./uploads.ts";

const atOnce = 100;

/**
 * Aborts multipart uploads that were left open for longer than `keepMs`, and so frees their parts: at the start and every ten minutes
 * (more often where they are kept for less than three hours), until `signal` aborts. Never rejects.
 */
export async function expireUploads(
  deps: ResourceDeps,
  { keepMs }: { readonly keepMs: number },
  signal: AbortSignal,
): Promise<void> {
  const everyMs = Math.min(600_000, Math.max(1_000, keepMs / 20));
  while (!signal.aborted) {
    const expired = await expireOnce(deps, deps.clock.now() - keepMs, signal).catch((thrown: unknown) => {
      deps.log.warn({ error: asError(thrown).message }, "ending old uploads broke off");
      return 0;
    });
    if (expired > 0) deps.log.info({ expired }, "aborted multipart uploads that were left open");
    await sleep(deps.clock, everyMs, signal);
  }
}

/** Those that were made before `beforeMs`, the oldest first. Resolves with how many. */
async function expireOnce(deps: ResourceDeps, beforeMs: number, signal: AbortSignal): Promise<number> {
  let expired = 0;
  let place: Pick<Upload, "createdMs" | "id"> | undefined;
  while (!signal.aborted) {
    const page = await deps.store.uploads.uploadsBefore(beforeMs, {
      max: atOnce,
      ...(place === undefined ? {} : { after: place }),
    });
    for (const upload of page) {
      if (signal.aborted) return expired;
      if (await ended(deps, upload)) expired += 1;
    }
    place = page.at(-1);
    if (page.length < atOnce) break;
  }
  return expired;
}

/** One that is being used at this moment is left to the next look. */
async function ended(deps: ResourceDeps, { id }: Upload): Promise<boolean> {
  try {
    await endUpload(deps, id);
    return true;
  } catch (thrown) {
    deps.log.debug({ upload: id, error: asError(thrown).message }, "an old upload could not be aborted");
    return false;
  }
}

import { sleep } from "../clock.ts";
import type { StorageContext } from "../context.ts";
import { defined } from "../domain/defined.ts";
import { asError } from "../errors.ts";
import { failureOf } from "../hooks/operate.ts";
import type { Upload } from "../store/records.ts";
import { endUpload } from "./uploads.ts";

const atOnce = 100;

/**
 * Aborts multipart uploads that were left open for longer than `keepMs`, and so frees their parts: at the start and every ten minutes
 * (more often where they are kept for less than three hours), until `signal` aborts. Never rejects.
 */
export async function expireUploads(
  context: StorageContext,
  { keepMs }: { readonly keepMs: number },
  signal: AbortSignal,
): Promise<void> {
  const everyMs = Math.min(600_000, Math.max(1_000, keepMs / 20));
  while (!signal.aborted) {
    const expired = await expireOnce(context, context.clock.now() - keepMs, signal).catch((thrown: unknown) => {
      context.log.warn({ error: asError(thrown).message }, "ending old uploads broke off");
      return 0;
    });
    if (expired > 0) context.log.info({ expired }, "aborted multipart uploads that were left open");
    await sleep(context.clock, everyMs, signal);
  }
}

/** Those that were made before `beforeMs`, the oldest first. Resolves with how many. */
async function expireOnce(context: StorageContext, beforeMs: number, signal: AbortSignal): Promise<number> {
  let expired = 0;
  let place: Pick<Upload, "createdMs" | "id"> | undefined;
  while (!signal.aborted) {
    const page = await context.store.uploads.uploadsBefore(beforeMs, {
      max: atOnce,
      ...defined({ after: place }),
    });
    for (const upload of page) {
      if (signal.aborted) return expired;
      if (await ended(context, upload)) expired += 1;
    }
    place = page.at(-1);
    if (page.length < atOnce) break;
  }
  return expired;
}

/** One that is being used at this moment is left to the next look. */
async function ended(context: StorageContext, { id }: Upload): Promise<boolean> {
  const ending = await endUpload(context, id);
  if (ending.kind === "done") return true;
  context.log.debug({ upload: id, error: asError(failureOf(ending)).message }, "an old upload could not be aborted");
  return false;
}

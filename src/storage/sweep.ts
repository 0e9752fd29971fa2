import { type BlobId, type FolderBlobs, type QuarantinedBlob, runOf } from "../blobs/blobs.ts";
import type { Context } from "../context.ts";
import { asError } from "../errors.ts";

/** What was put aside is deleted for good after so many days. */
const keptDays = 7;

/**
 * Puts aside the blobs of earlier runs that nothing refers to: what a crash left between writing bytes and committing them, or
 * between a commit and the deletion of what it made useless. Brings back what was put aside and is referred to after all, and deletes what
 * lies there for a week. Run it once after start, in the background.
 *
 * What a run of the server wrote whose commits this database does not have, wholly or in part, is left alone: the database may be an
 * older copy, and the newer one may come back.
 *
 * An old blob that is referred to can lose its references while this runs, but one without any cannot gain one: copies are
 * links with names of their own, and parts become pieces within one commit. So asking once for each page is enough.
 */
export async function sweepBlobs(
  context: Pick<Context, "store" | "clock" | "log"> & { readonly blobs: FolderBlobs },
  signal: AbortSignal,
): Promise<void> {
  const counts = { aside: 0, restored: 0, deleted: 0, unknown: 0 };
  try {
    for await (const page of context.blobs.quarantined(signal)) {
      const { referred, known } = await judge(
        context,
        page.map(({ id }) => id),
      );
      const needed = page.filter(({ id }) => referred.has(id));
      const over = page.filter(
        (blob) => !referred.has(blob.id) && known.has(runOf(blob.id)) && isOver(blob, context.clock.now()),
      );
      await context.blobs.release(needed, "restore");
      await context.blobs.release(over, "delete");
      counts.restored += needed.length;
      counts.deleted += over.length;
      if (signal.aborted) break;
    }
    for await (const page of context.blobs.older(signal)) {
      const { referred, known } = await judge(context, page);
      const useless = page.filter((id) => !referred.has(id));
      const aside = useless.filter((id) => known.has(runOf(id)));
      await context.blobs.quarantine(aside);
      counts.aside += aside.length;
      counts.unknown += useless.length - aside.length;
      if (signal.aborted) break;
    }
  } catch (error) {
    // What is left now is found after the next start.
    context.log.warn({ ...counts, error: asError(error).message }, "sweeping blobs broke off");
    return;
  }
  const { unknown, ...done } = counts;
  if (Object.values(done).some((count) => count > 0)) context.log.info(done, "swept blobs that nothing refers to");
  if (unknown > 0) {
    context.log.warn(
      { blobs: unknown },
      "blobs that nothing refers to were written by a run that this database does not know, or not to its end: they are left alone, as a newer " +
        "database may need them; if there is none, signalbox adopt lets them be swept",
    );
  }
}

interface Judgement {
  readonly referred: ReadonlySet<string>;
  /** Runs. */
  readonly known: ReadonlySet<string>;
}

async function judge({ store }: Pick<Context, "store">, ids: readonly BlobId[]): Promise<Judgement> {
  const referred = await store.objects.referred(ids);
  const known = await store.upkeep.completeRuns([...new Set(ids.map(runOf))]);
  return { referred, known };
}

function isOver({ day }: QuarantinedBlob, nowMs: number): boolean {
  // Put aside at the end of that day, at the latest.
  return nowMs > Date.parse(`${day}T00:00:00Z`) + (keptDays + 1) * 86_400_000;
}

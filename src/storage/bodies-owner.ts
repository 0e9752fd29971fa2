import type { Bodies } from "../blobs/bodies.ts";
import type { Clock } from "../clock.ts";
import { SignalboxError } from "../errors.ts";
import type { Log } from "../log.ts";
import type { Cluster } from "../store/cluster.ts";
import type { Store } from "../store/store.ts";

/** Bodies in a place, and the store that has their names. */
export interface SweptNames {
  readonly bodies: Bodies;
  readonly store: Pick<Store, "blobNames" | "objects" | "upkeep" | "commit">;
  readonly cluster: Cluster;
  readonly clock: Clock;
  readonly log: Log;
  /** The identity of the database. */
  readonly folder: string;
  /** How long what nothing refers to can be read still. */
  readonly graceMs: number;
  /** Whether a backup wants nothing to go. */
  readonly isHeld: () => boolean;
}

/**
 * Says whose the bodies in a place are, unless a database newer than this one said so: then nothing there is deleted until `signalbox adopt`, as the newer one
 * may come back.
 *
 * @throws SignalboxError `conflict` when they are another's, or are elsewhere.
 */
export async function claimBodies(swept: SweptNames, run: string): Promise<void> {
  const { bodies, folder, log } = swept;
  const owner = await bodies.owner();
  if (owner !== undefined && owner.folder !== folder) {
    throw new SignalboxError(
      "conflict",
      `SIGNALBOX_BLOBS: ${bodies.place} has the bytes of another Signalbox: give each its own bucket, or its own prefix`,
    );
  }
  if (owner === undefined && (await swept.store.blobNames.place()) === "named") {
    throw new SignalboxError(
      "conflict",
      `SIGNALBOX_BLOBS: ${bodies.place} has no signalbox.json, although the bytes of this database's objects lie in a bucket: set it to where they are, as it was before, and where they were copied, copy signalbox.json too`,
    );
  }
  if (owner === undefined || (await isKnown(swept, owner.run))) return bodies.own({ folder, run });
  log.error(
    { place: bodies.place, run: owner.run },
    "the bytes of objects were used by a server whose commits this database does not have: nothing of them is deleted. If this database is an older copy, put the newer " +
      "one back; if it is the one to go on with, say so with signalbox adopt",
  );
}

/** Whether nothing but what this database knows has used the bodies since. */
export async function areOurs(swept: SweptNames): Promise<boolean> {
  const owner = await swept.bodies.owner();
  return owner !== undefined && owner.folder === swept.folder && (await isKnown(swept, owner.run));
}

/** Whether this database has all that a run committed, or will have. */
async function isKnown({ store, cluster }: SweptNames, run: string): Promise<boolean> {
  if ((await store.upkeep.completeRuns([run])).has(run)) return true;
  return !(await cluster.isGone(run));
}

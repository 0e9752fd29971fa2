import { join } from "node:path";
import type { Blobs } from "./blobs/blobs.ts";
import { fileBlobs } from "./blobs/files.ts";
import type { Clock } from "./clock.ts";
import { parseBlobsPlace } from "./config/blobs-place.ts";
import type { Config } from "./config/config.ts";
import { SignalboxError } from "./errors.ts";
import { blobsFolder } from "./folder/identity.ts";
import type { Log } from "./log.ts";
import type { OpenedFolder } from "./open-folder/open-folder.ts";
import { claimBodies } from "./storage/bodies-owner.ts";
import { NamedBlobs, usingNames } from "./storage/named-blobs.ts";
import { sweepBlobs } from "./storage/sweep.ts";
import { sweepOften } from "./storage/sweep-often.ts";
import type { Store } from "./store/store.ts";

interface OpenedBytes {
  readonly blobs: Blobs;
  readonly sweepBytes: (signal: AbortSignal) => Promise<void>;
  /** The store that was given, by which what refers to bytes is to be committed. */
  readonly store: Store;
}

interface BytesDeps {
  readonly opened: Pick<OpenedFolder, "store" | "cluster" | "room" | "run">;
  readonly clock: Clock;
  readonly log: Log;
}

const hourMs = 3_600_000;

/**
 * Opens where the bytes of objects lie.
 *
 * @throws SignalboxError that names `SIGNALBOX_BLOBS` and the remedy: they lie elsewhere, or the place cannot be used.
 */
export async function openBytes(config: Config, deps: BytesDeps): Promise<OpenedBytes> {
  const place = await deps.opened.store.blobNames.place();
  if (config.blobs !== undefined) return openNamed(config, config.blobs, { ...deps, place });
  if (place === "named") throw elsewhere(config.data);
  const { opened, clock, log } = deps;
  const { store, room, run } = opened;
  const admit = (): void => room.refuseGrowth();
  const blobs = await fileBlobs(join(config.data, blobsFolder), clock, { ...run, admit });
  return { blobs, store, sweepBytes: (signal) => sweepBlobs({ store, blobs, clock, log }, signal) };
}

/** The bytes of a folder lie in a bucket, and nothing says in which. */
function elsewhere(folder: string): SignalboxError {
  return new SignalboxError(
    "conflict",
    `the bytes of the objects in ${folder} lie in a bucket: set SIGNALBOX_BLOBS to it, as it was before`,
  );
}

async function openNamed(
  config: Config,
  text: string,
  { opened, clock, log, place: liesNow }: BytesDeps & { readonly place: string },
): Promise<OpenedBytes> {
  if (liesNow === "folder") {
    throw new SignalboxError(
      "conflict",
      `SIGNALBOX_BLOBS: the bytes of the objects in ${config.data} lie in the folder itself: start without it, or with an empty folder and copy the objects to it by S3`,
    );
  }
  const place = parseBlobsPlace(text);
  if ("problem" in place)
    throw new SignalboxError("invalid_request", `SIGNALBOX_BLOBS: the value given ${place.problem}`);
  const { blobsAccessKeyId: accessKeyId, blobsSecretAccessKey: secretAccessKey } = config;
  const key = accessKeyId === undefined || secretAccessKey === undefined ? undefined : { accessKeyId, secretAccessKey };
  // Which loads a large client.
  const { openS3Bodies } = await import("./blobs/s3/open.ts");
  const folder = join(config.data, "spool");
  const bodies = await openS3Bodies({ place, key, clock, log, folder, maxBytes: config.maxObjectBytes });
  const { store, cluster, room, run } = opened;
  const admit = (): void => room.refuseGrowth();
  const blobs = new NamedBlobs({ bodies, store, clock, node: cluster.node, run: run.mark, admit });
  const graceMs = config.blobsGraceHours * hourMs;
  const isHeld = (): boolean => blobs.isHeld;
  const swept = { bodies, store, cluster, clock, log, folder: run.folder, graceMs, isHeld };
  try {
    await claimBodies(swept, run.mark);
  } catch (thrown) {
    await blobs.close();
    throw thrown;
  }
  return {
    blobs,
    store: { ...store, commit: usingNames((unit) => store.commit(unit)) },
    sweepBytes: (signal) => sweepOften(swept, signal),
  };
}

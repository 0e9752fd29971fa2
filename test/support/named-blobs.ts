/** Blobs in a bucket of an S3 endpoint of our own, with their names in a store of their own. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Bodies } from "../../src/blobs/bodies.ts";
import { openS3Bodies } from "../../src/blobs/s3/open.ts";
import { type Clock, systemClock } from "../../src/clock.ts";
import { parseBlobsPlace } from "../../src/config/blobs-place.ts";
import { type Log, silentLog } from "../../src/log.ts";
import { claimBodies, type SweptNames } from "../../src/storage/bodies-owner.ts";
import { NamedBlobs, usingNames } from "../../src/storage/named-blobs.ts";
import { sweepNames } from "../../src/storage/sweep-names.ts";
import { openSqliteStore, type SqliteStore } from "../../src/store/sqlite/store.ts";
import type { Store } from "../../src/store/store.ts";
import { migrated } from "./migrated.ts";
import type { Credentials } from "./s3.ts";

const hourMs = 3_600_000;

/** The real time, which can be moved on. */
export interface MovableClock extends Clock {
  advance(ms: number): void;
}

export function movableClock(): MovableClock {
  let aheadMs = 0;
  return {
    ...systemClock,
    now: () => systemClock.now() + aheadMs,
    advance: (ms) => {
      aheadMs += ms;
    },
  };
}

interface BucketPlace {
  /** Of the S3 endpoint. */
  readonly url: string;
  readonly bucket: string;
  readonly prefix?: string;
  readonly credentials: Credentials;
}

interface BodiesOptions {
  readonly clock?: Clock;
  readonly log?: Log;
  readonly maxBytes?: number;
}

/** The bodies in a bucket, and where parts are spooled; gone with its scope. */
export async function bucketBodies(
  { url, bucket, prefix = "", credentials }: BucketPlace,
  { clock = systemClock, log = silentLog, maxBytes = 1 }: BodiesOptions = {},
): Promise<{ readonly bodies: Bodies; readonly spool: string } & AsyncDisposable> {
  const place = parseBlobsPlace(`s3://${bucket}/${prefix}?endpoint=${url}`);
  if ("problem" in place) throw new Error(place.problem);
  const spool = await mkdtemp(join(tmpdir(), "signalbox-spool-"));
  const bodies = await openS3Bodies({ place, key: credentials, clock, log, folder: spool, maxBytes });
  return {
    bodies,
    spool,
    [Symbol.asyncDispose]: async () => {
      await bodies.close();
      await rm(spool, { recursive: true, force: true });
    },
  };
}

/** One run of a server. */
interface NamedRun extends AsyncDisposable {
  readonly blobs: NamedBlobs;
  readonly bodies: Bodies;
  /** By which objects are to be committed. */
  readonly store: Store;
  readonly opened: SqliteStore;
  readonly swept: SweptNames;
  /** Sweeps once; with `net` through all there is. */
  readonly sweep: (net?: "net") => Promise<boolean>;
  /** How many bodies there are. */
  readonly count: () => Promise<number>;
}

export interface NamedPlace extends AsyncDisposable {
  readonly folder: string;
  readonly clock: MovableClock;
  readonly logged: readonly string[];
  /** Ends the run before, if there is one. */
  start(): Promise<NamedRun>;
}

/** A data folder whose bytes lie in a bucket. */
export async function namedPlace(bucket: BucketPlace, given?: string): Promise<NamedPlace> {
  const folder = given ?? (await mkdtemp(join(tmpdir(), "signalbox-named-")));
  const clock = movableClock();
  const logged: string[] = [];
  const note = (_fields: object, message: string): void => void logged.push(message);
  const log: Log = { ...silentLog, warn: note, error: note };
  let running: NamedRun | undefined;
  const start = async (): Promise<NamedRun> => {
    await running?.[Symbol.asyncDispose]();
    await using opening = new AsyncDisposableStack();
    const opened = opening.use(await openSqliteStore({ folder: migrated(folder), clock, log: silentLog }));
    const { bodies } = opening.use(await bucketBodies(bucket, { clock, log }));
    const { store, cluster, run } = opened;
    const blobs = new NamedBlobs({ bodies, store, clock, node: cluster.node, run: run.mark, admit: () => {} });
    opening.defer(() => blobs.close());
    const isHeld = (): boolean => blobs.isHeld;
    const swept = { bodies, store, cluster, clock, log, folder: run.folder, graceMs: hourMs, isHeld };
    await claimBodies(swept, run.mark);
    const never = new AbortController().signal;
    const scope = opening.move();
    running = {
      blobs,
      bodies,
      store: { ...store, commit: usingNames((unit) => store.commit(unit)) },
      opened,
      swept,
      sweep: (net) => sweepNames(swept, never, { isNet: net === "net" }),
      count: async () => {
        let count = 0;
        for await (const page of bodies.all(never)) count += page.length;
        return count;
      },
      [Symbol.asyncDispose]: () => scope.disposeAsync(),
    };
    return running;
  };
  return {
    folder,
    clock,
    logged,
    start,
    [Symbol.asyncDispose]: async () => {
      await running?.[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

import { createHash } from "node:crypto";
import type { DatabaseSync } from "node:sqlite";
import { parseBlobId } from "../blobs/blobs.ts";
import type { Bodies, ListedBody } from "../blobs/bodies.ts";
import { systemClock } from "../clock.ts";
import { parseBlobsPlace } from "../config/blobs-place.ts";
import { secretOf } from "../config/secret-file.ts";
import { SignalboxError } from "../errors.ts";
import { silentLog } from "../log.ts";
import { bodyDigits } from "../store/blob-names.ts";
import type { Finding } from "./finding.ts";

/** How a command reaches the bucket that the bytes of a folder's objects lie in. */
export type OpenBucket = () => Promise<Bodies>;

const remedyInBucket =
  "bring this object of the bucket back from a version that the bucket keeps, or write the object anew";

/** By the settings that the server has. Nothing is written by opening it. */
export function bucketOf(env: Readonly<Record<string, string | undefined>>): OpenBucket | undefined {
  const text = env["SIGNALBOX_BLOBS"] || undefined;
  if (text === undefined) return undefined;
  const place = parseBlobsPlace(text);
  if ("problem" in place)
    throw new SignalboxError("invalid_request", `SIGNALBOX_BLOBS: the value given ${place.problem}`);
  const accessKeyId = env["SIGNALBOX_BLOBS_ACCESS_KEY_ID"] || undefined;
  const secretAccessKey = secretOf(env, "SIGNALBOX_BLOBS_SECRET_ACCESS_KEY");
  const key = accessKeyId === undefined || secretAccessKey === undefined ? undefined : { accessKeyId, secretAccessKey };
  return async () => {
    const { reachS3Bodies } = await import("../blobs/s3/open.ts");
    return reachS3Bodies({ place, key, clock: systemClock, log: silentLog });
  };
}

/** Whether the bytes that a database refers to lie in a bucket. */
export function liesInBucket(db: DatabaseSync): boolean {
  const isKnown = db.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'blob_name'").get() !== undefined;
  return isKnown && db.prepare("SELECT 1 FROM blob_name WHERE state = 'used' LIMIT 1").get() !== undefined;
}

/** The bucket, of a folder whose bytes lie in one. Throws `conflict` where it is not said which. */
export async function openedBucket(folder: string, open: OpenBucket | undefined): Promise<Bodies> {
  if (open !== undefined) return open();
  throw new SignalboxError(
    "conflict",
    `the bytes of the objects in ${folder} lie in a bucket: set SIGNALBOX_BLOBS, and its key, as the server has them`,
  );
}

/** Where bytes are found, and what is wrong with them. */
export interface FoundBytes {
  /** Where a blob lies, or should. */
  shown(blob: string): string;
  readonly remedy: string;
  /** Its MD5, or what is wrong, as it stands behind its name; `undefined`: it is missing. */
  digest(blob: string, size: number): Promise<Buffer | string | undefined>;
}

export function bytesInBucket(bodies: Bodies): FoundBytes {
  return {
    shown: (blob) => `body ${blob.slice(0, bodyDigits)} of ${bodies.place}`,
    remedy: remedyInBucket,
    digest: async (blob, size) => {
      if (parseBlobId(blob) === undefined) return "has a name that is none";
      try {
        const stream = await bodies.read(blob.slice(0, bodyDigits), { start: 0, end: size - 1 });
        if (stream === undefined) return undefined;
        const hash = createHash("md5");
        for await (const piece of stream as AsyncIterable<Buffer>) hash.update(piece);
        return hash.digest();
      } catch (thrown) {
        if (thrown instanceof RangeError) return `has fewer than ${size} bytes`;
        if (thrown instanceof SignalboxError && thrown.code === "storage_damaged")
          return `cannot be read (${thrown.message})`;
        throw thrown;
      }
    },
  };
}

const needed = `SELECT substr(blob, 1, ${bodyDigits}) AS body, max(size) AS size
  FROM (SELECT blob, size FROM piece UNION ALL SELECT blob, size FROM part) GROUP BY 1 ORDER BY 1`;
const objectOf = `SELECT o.key, o.bucket FROM piece p JOIN object o ON o.bucket = p.bucket AND o.key = p.key
  WHERE p.blob > ?1 AND p.blob < ?1 || 'g' LIMIT 1`;

/**
 * What a database refers to and a bucket does not have, as it lists it: without reading a byte. Both come in the order of their keys, so that neither is
 * held in memory.
 */
export async function* checkListed(db: DatabaseSync, bodies: Bodies): AsyncGenerator<Finding> {
  const listed = oneByOne(bodies);
  const named = db.prepare(objectOf);
  let there = (await listed.next()).value;
  for (const row of db.prepare(needed).iterate()) {
    const [body, size] = [String(row["body"]), Number(row["size"])];
    while (there !== undefined && there.body < body) there = (await listed.next()).value;
    if (there?.body === body && there.size === size) continue;
    const object = named.get(body);
    const of =
      object === undefined
        ? "of a part"
        : `of object ${JSON.stringify(object["key"])} of bucket ${String(object["bucket"])}`;
    const how = there?.body === body ? `has ${there.size} bytes instead of ${size}` : "is missing";
    yield { level: "damage", what: `body ${body} of ${bodies.place} ${of} ${how}`, remedy: remedyInBucket };
  }
}

async function* oneByOne(bodies: Bodies): AsyncGenerator<ListedBody, undefined> {
  for await (const page of bodies.all(new AbortController().signal)) yield* page;
  return undefined;
}

/** How many bodies a database refers to. */
export function countBodies(db: DatabaseSync): number {
  return Number(db.prepare(`SELECT COUNT(*) AS n FROM (${needed})`).get()?.["n"] ?? 0);
}

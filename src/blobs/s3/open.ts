import { mkdir, readdir, unlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import type { Clock } from "../../clock.ts";
import { defined } from "../../domain/defined.ts";
import { asError, SignalboxError } from "../../errors.ts";
import type { Log } from "../../log.ts";
import type { Bodies } from "../bodies.ts";
import { S3Bodies } from "./bodies.ts";
import { S3Calls } from "./calls.ts";
import { s3FailureOf } from "./failures.ts";
import { type S3Key, type S3Place, shownPlace } from "./place.ts";

const mebibyte = 2 ** 20;
/** Above this an object goes in parts. */
const partBytes = 8 * mebibyte;
/** S3's own bound. */
const mostParts = 10_000;
const connectMs = 5_000;
/** As many as clients may have: one that reads slowly keeps its connection, and must not keep others from theirs. */
const mostSockets = 10_000;

interface ReachS3Options {
  readonly place: S3Place;
  /** `undefined`: as the AWS environment says. */
  readonly key: S3Key | undefined;
  readonly clock: Clock;
  readonly log: Log;
}

interface OpenS3Options extends ReachS3Options {
  /** Where parts are spooled; made when it is not there. */
  readonly folder: string;
  /** Of the largest body. */
  readonly maxBytes: number;
}

/**
 * Opens a place for bodies and finds out that it is one: it writes, reads a range, lists and deletes.
 *
 * @throws SignalboxError `unavailable` or `conflict`, which names the setting and the remedy.
 */
export async function openS3Bodies(options: OpenS3Options): Promise<Bodies> {
  const { place, clock, folder, maxBytes } = options;
  await emptyFolder(folder);
  const calls = callsTo(options);
  try {
    const isConditional = await probed(calls, place, Buffer.from(clock.bytes(16)).toString("hex"));
    const least = Math.ceil(maxBytes / mostParts / mebibyte) * mebibyte;
    return new S3Bodies({ calls, place, clock, folder, partBytes: Math.max(partBytes, least), isConditional });
  } catch (thrown) {
    calls.client.destroy();
    throw new SignalboxError("unavailable", `SIGNALBOX_BLOBS: ${asError(asError(thrown).cause ?? thrown).message}`, {
      cause: thrown,
    });
  }
}

/** To read what is there: it is not tried, and a key that may read is enough. */
export function reachS3Bodies(options: ReachS3Options): Bodies {
  const { place, clock } = options;
  return new S3Bodies({ calls: callsTo(options), place, clock, folder: tmpdir(), partBytes, isConditional: false });
}

function callsTo({ place, key, clock, log }: ReachS3Options): S3Calls {
  const client = new S3Client({
    // Without both the AWS environment says.
    ...defined({ region: place.region ?? (place.endpoint === undefined ? undefined : "us-east-1") }),
    forcePathStyle: place.pathStyle,
    ...defined({ endpoint: place.endpoint, credentials: key }),
    // What goes wrong is told here, and not on the console.
    logger: { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} },
    // Tried again here, where it is known what may be.
    maxAttempts: 1,
    // Not every S3 knows the checksums that newer clients send unasked; the hash that is signed says the same.
    requestChecksumCalculation: "WHEN_REQUIRED",
    responseChecksumValidation: "WHEN_REQUIRED",
    // Some never answer it: each part would wait for seconds, and a refused one is only a part.
    expectContinueHeader: false,
    requestHandler: {
      connectionTimeout: connectMs,
      httpAgent: { maxSockets: mostSockets, keepAlive: true },
      httpsAgent: { maxSockets: mostSockets, keepAlive: true },
      socketAcquisitionWarningTimeout: 0,
    },
  });
  return new S3Calls({ client, place, clock, log });
}

/** Of what an earlier process left between the making of a file and the loss of its name. */
async function emptyFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  for (const name of await readdir(folder)) await unlink(join(folder, name));
}

/** Writes, reads, lists and deletes; tells whether it is refused to overwrite. */
async function probed(calls: S3Calls, { bucket, prefix, ...place }: S3Place, name: string): Promise<boolean> {
  const at = { Bucket: bucket, Key: `${prefix}probe/${name}` };
  const Body = Buffer.from(name);
  const fail = (what: string): SignalboxError => {
    const cause = new Error(`${shownPlace({ bucket, prefix, ...place })} ${what}: it is no S3 that can be used here`);
    return new SignalboxError("unavailable", cause.message, { cause });
  };
  await calls.ask((abortSignal) => calls.client.send(new PutObjectCommand({ ...at, Body }), { abortSignal }));
  const part = await calls.ask(async (abortSignal) => {
    const { Body: body } = await calls.client.send(new GetObjectCommand({ ...at, Range: "bytes=4-7" }), {
      abortSignal,
    });
    return body?.transformToString();
  });
  if (part !== name.slice(4, 8)) throw fail("does not give back the range of an object that was asked for");
  const listed = await calls.ask((abortSignal) =>
    calls.client.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: at.Key }), { abortSignal }),
  );
  if (listed.Contents?.[0]?.Key !== at.Key) throw fail("does not list an object that was written");
  const refuses = await calls
    .raw((abortSignal) => calls.client.send(new PutObjectCommand({ ...at, Body, IfNoneMatch: "*" }), { abortSignal }))
    .then(
      () => false,
      (thrown: unknown) => s3FailureOf(thrown).kind === "exists",
    );
  await calls.ask((abortSignal) => calls.client.send(new DeleteObjectCommand(at), { abortSignal }));
  return refuses;
}

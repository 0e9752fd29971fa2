/** Clients that write, overwrite and delete until they are told that it is over. */
import { createHash } from "node:crypto";
import {
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  NoSuchKey,
  PutObjectCommand,
  type S3Client,
  UploadPartCommand,
} from "@aws-sdk/client-s3";
import { type Asked, type Book, bytesOf, partBytes } from "./book.ts";
import type { Dice } from "./dice.ts";

export const Bucket = "alpha";

export interface Round {
  /** Of whom the next request is asked. */
  readonly s3: () => S3Client;
  readonly book: Book;
  readonly dice: Dice;
  /** Told after each acknowledgement. */
  readonly acknowledged: () => void;
  /** What each client does between two changes. */
  readonly rest?: () => Promise<unknown>;
  /** Whatever fails now fails rightly. */
  readonly over: () => boolean;
  /** Told of what fails before; resolves where the client is to go on. */
  readonly failed: (thrown: unknown) => Promise<void>;
}

/** Keys of which each has one writer, so that it must be exactly as that one left it. */
const ownKeys: readonly (readonly [string, ...string[]])[] = [
  ["images/one", "documents/one", "images/uno"],
  ["images/two", "documents/two", "images/dos"],
  ["images/three", "documents/three", "documents/tres"],
];
/** Keys that several write at once. */
const sharedKeys: readonly [string, ...string[]] = ["images/shared", "documents/shared"];
const largeKeys: readonly [string, ...string[]] = ["images/large", "documents/large"];

/** Resolves when it is over and every client has noticed. Rejects when one failed before. */
export async function writeUntilOver(round: Round): Promise<void> {
  const clients = [
    ...ownKeys.map((keys) => repeatedly(round, () => change(round, keys))),
    repeatedly(round, () => change(round, sharedKeys)),
    repeatedly(round, () => change(round, sharedKeys)),
    repeatedly(round, () => upload(round)),
    repeatedly(round, () => read(round, round.dice.oneOf(sharedKeys))),
  ];
  await Promise.all(clients);
}

async function repeatedly({ over, rest, failed }: Round, once: () => Promise<void>): Promise<void> {
  while (!over()) {
    try {
      await once();
      await rest?.();
    } catch (thrown) {
      if (!over()) await failed(thrown);
    }
  }
}

async function change(round: Round, keys: readonly [string, ...string[]]): Promise<void> {
  const { book, dice } = round;
  const s3 = round.s3();
  const key = dice.oneOf(keys);
  const what = dice.oneOf([
    "put",
    "put",
    "put",
    "put",
    "put",
    "put",
    "put",
    "delete",
    "delete",
    "delete many",
  ] as const);
  if (what === "put") {
    const entry = book.ask("put", key, dice.between(1, dice.oneOf([100, 10_000, 200_000])));
    await s3.send(new PutObjectCommand({ Bucket, Key: key, Body: bytesOf(entry) }));
    acknowledge(round, entry);
  } else if (what === "delete") {
    const entry = book.ask("delete", key, 0);
    await s3.send(new DeleteObjectCommand({ Bucket, Key: key }));
    acknowledge(round, entry);
  } else {
    const entries = keys.map((each) => book.ask("delete", each, 0));
    const { Errors = [] } = await s3.send(
      new DeleteObjectsCommand({ Bucket, Delete: { Objects: keys.map((each) => ({ Key: each })) } }),
    );
    if (Errors.length > 0) throw new Error(`not all were deleted: ${JSON.stringify(Errors)}`);
    acknowledge(round, ...entries);
  }
}

/** In two parts, the second of which is small. Each request may be asked of another. */
async function upload(round: Round): Promise<void> {
  const { s3, book, dice } = round;
  const Key = dice.oneOf(largeKeys);
  const entry = book.ask("multipart", Key, partBytes + dice.between(1, 100_000));
  const bytes = bytesOf(entry);
  const { UploadId } = await s3().send(new CreateMultipartUploadCommand({ Bucket, Key }));
  const parts = [bytes.subarray(0, partBytes), bytes.subarray(partBytes)];
  const sent = await Promise.all(
    parts.map((Body, index) =>
      s3().send(new UploadPartCommand({ Bucket, Key, UploadId, PartNumber: index + 1, Body })),
    ),
  );
  const Parts = sent.map(({ ETag }, index) => ({ ETag, PartNumber: index + 1 }));
  await s3().send(new CompleteMultipartUploadCommand({ Bucket, Key, UploadId, MultipartUpload: { Parts } }));
  acknowledge(round, entry);
}

function acknowledge({ book, acknowledged }: Round, ...entries: readonly Asked[]): void {
  book.acknowledge(...entries);
  acknowledged();
}

/** What is read while others write is one version or another, never a mixture. */
async function read({ s3 }: Round, Key: string): Promise<void> {
  try {
    const { Body, ETag } = await s3().send(new GetObjectCommand({ Bucket, Key }));
    const bytes = await Body?.transformToByteArray();
    const sum = createHash("md5")
      .update(bytes ?? "")
      .digest("hex");
    if (ETag !== `"${sum}"`) throw new Error(`${Key} was read torn: ${ETag} is not the MD5 of its bytes`);
  } catch (thrown) {
    if (!(thrown instanceof NoSuchKey)) throw thrown;
  }
}

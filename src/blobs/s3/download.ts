import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import { GetObjectCommand } from "@aws-sdk/client-s3";
import { type Clock, sleep } from "../../clock.ts";
import { SignalboxError } from "../../errors.ts";
import type { ByteRange } from "../blobs.ts";
import type { S3Calls } from "./calls.ts";
import { OddAnswer, s3FailureOf } from "./failures.ts";
import { hashName } from "./upload.ts";

/** How often in a row a body may break off without a byte more. */
const barrenTries = 4;
/** For so long a body may stand still. */
const stallMs = 30_000;

interface DownloadOptions {
  readonly calls: S3Calls;
  readonly of: { readonly Bucket: string; readonly Key: string };
  readonly clock: Clock;
}

/** An answer whose head was judged. */
interface Opened {
  readonly body: Readable;
  /** Of the whole object. */
  readonly total: number;
  readonly eTag: string | undefined;
  /** Of the whole object, where it is known. */
  readonly sha256: string | undefined;
}

/**
 * A range of an object as a stream, which goes on behind a connection that broke. `undefined`: there is no such object.
 *
 * @throws RangeError when the range reaches past the end.
 */
export async function streamBody(options: DownloadOptions, range: ByteRange): Promise<Readable | undefined> {
  const opened = await open(options, range);
  if (opened === undefined) return undefined;
  const coming = { from: opened as Opened | undefined };
  const stream = Readable.from(watched(options, range, { opened, coming }), { objectMode: false });
  // A generator that was never started does not run its `finally`, and one that waits for bytes runs it when they come.
  stream.once("close", () => coming.from?.body.destroy());
  return stream;
}

/** The same in one piece. */
export async function wholeBody(options: DownloadOptions, range: ByteRange): Promise<Buffer | undefined> {
  const stream = await streamBody(options, range);
  if (stream === undefined) return undefined;
  const pieces: Buffer[] = [];
  for await (const piece of stream as AsyncIterable<Buffer>) pieces.push(piece);
  return Buffer.concat(pieces);
}

async function open(
  { calls, of }: DownloadOptions,
  { start, end }: ByteRange,
  eTag?: string,
): Promise<Opened | undefined> {
  try {
    const answer = await calls.raw((abortSignal) =>
      calls.client.send(
        new GetObjectCommand({
          ...of,
          Range: `bytes=${start}-${end}`,
          ...(eTag === undefined ? {} : { IfMatch: eTag }),
        }),
        { abortSignal },
      ),
    );
    const body = answer.Body;
    if (!(body instanceof Readable)) throw new OddAnswer("an answer without a body");
    // A stream that is given up here tells no other reader of its end.
    body.on("error", () => {});
    const [, first, last, total] = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(answer.ContentRange ?? "") ?? [];
    const whole = Number(total);
    if (
      Number(first) === start &&
      Number(last) === end &&
      (answer.ContentLength ?? end - start + 1) === end - start + 1
    ) {
      return { body, total: whole, eTag: answer.ETag, sha256: answer.Metadata?.[hashName] };
    }
    body.destroy();
    if (Number(first) === start && Number(last) === whole - 1 && whole <= end) throw pastEnd(of.Key, { start, end });
    throw new OddAnswer(`it gave ${answer.ContentRange ?? "no range"} for bytes ${start}-${end}`);
  } catch (thrown) {
    if (thrown instanceof RangeError) throw thrown;
    const { kind } = s3FailureOf(thrown);
    if (kind === "missing") return undefined;
    if (kind === "range") throw pastEnd(of.Key, { start, end });
    throw calls.translated(thrown);
  }
}

export function pastEnd(key: string, { start, end }: ByteRange): RangeError {
  return new RangeError(`blob ${key} does not have bytes ${start} to ${end}`);
}

/**
 * The bytes, as many as there should be: a body that breaks off, ends early or stands still is asked for anew from there. Of a whole object whose hash
 * is known the last piece is held back until the hash is right, so that no reader takes wrong bytes for the object.
 */
async function* watched(
  options: DownloadOptions,
  { start, end }: ByteRange,
  { opened, coming }: { readonly opened: Opened; readonly coming: { from: Opened | undefined } },
): AsyncGenerator<Buffer> {
  const { calls, clock } = options;
  const isWhole = start === 0 && end === opened.total - 1 && opened.sha256 !== undefined;
  const hash = isWhole ? createHash("sha256") : undefined;
  let next = start;
  let held: Buffer | undefined;
  for (let barren = 0; ; ) {
    let failure: unknown = new OddAnswer("the body ended early");
    try {
      for await (const piece of coming.from === undefined ? [] : unstalled(coming.from.body, options)) {
        if (next + piece.length > end + 1) throw new Tainted("more bytes than were asked for");
        next += piece.length;
        barren = 0;
        hash?.update(piece);
        if (held !== undefined) yield held;
        held = piece;
      }
    } catch (thrown) {
      if (thrown instanceof Tainted) throw damaged(options, thrown.message);
      failure = thrown;
    } finally {
      coming.from?.body.destroy();
    }
    if (next === end + 1) break;
    if (calls.closing.aborted) throw calls.closed();
    barren += 1;
    if (barren >= barrenTries) throw calls.translated(failure);
    await sleep(clock, 100 * 4 ** (barren - 1), calls.closing);
    coming.from = await open(options, { start: next, end }, opened.eTag);
    if (coming.from === undefined) throw damaged(options, "is gone");
  }
  if (hash !== undefined && hash.digest("hex") !== opened.sha256) throw damaged(options, "is not what was written");
  if (held !== undefined) yield held;
}

class Tainted extends Error {}

function damaged({ of }: DownloadOptions, how: string): SignalboxError {
  return new SignalboxError("storage_damaged", `an object's bytes cannot be read: body ${of.Key}: ${how}`);
}

/** A body, which is given up when nothing comes of it for too long while it is waited for. */
async function* unstalled(body: Readable, { calls, clock }: DownloadOptions): AsyncGenerator<Buffer> {
  const giveUp = (): void => void body.destroy(Object.assign(new Error("nothing came"), { code: "ETIMEDOUT" }));
  calls.closing.addEventListener("abort", giveUp, { once: true });
  const pieces = body[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  try {
    for (;;) {
      const inTime = clock.after(stallMs, giveUp);
      const step = await pieces.next().finally(inTime);
      if (step.done === true) return;
      yield step.value;
    }
  } finally {
    calls.closing.removeEventListener("abort", giveUp);
  }
}

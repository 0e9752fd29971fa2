import { Readable } from "node:stream";
import {
  AbortMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
} from "@aws-sdk/client-s3";
import type { Clock } from "../../clock.ts";
import { asError, SignalboxError } from "../../errors.ts";
import { type ByteRange, smallRead } from "../blobs.ts";
import { type Bodies, type BodyKey, isBodyKey, type ListedBody, type Owner, type UnfinishedBody } from "../bodies.ts";
import type { S3Calls } from "./calls.ts";
import { pastEnd, streamBody, wholeBody } from "./download.ts";
import { s3FailureOf } from "./failures.ts";
import { type S3Place, shownPlace } from "./place.ts";
import { upload } from "./upload.ts";

const pageSize = 1000;
const deletesAtOnce = 16;
/** Who answered within this time is taken to be there. */
const answeredLatelyMs = 5_000;
const readyMs = 5_000;
const ownerForm = /^\{"folder":"([0-9a-f]{32})","run":"([0-9a-f]{12})"\}$/;

interface S3BodiesOptions {
  readonly calls: S3Calls;
  readonly place: S3Place;
  readonly clock: Clock;
  /** Where parts are spooled. */
  readonly folder: string;
  readonly partBytes: number;
  readonly isConditional: boolean;
}

/**
 * Bodies as objects `prefix` + `bodies/` + two digits + `/` + key: the digits let an S3 spread them. Beside them lies `signalbox.json`, which says whose
 * they are.
 */
export class S3Bodies implements Bodies {
  readonly place: string;
  readonly #options: S3BodiesOptions;
  readonly #bodies: string;

  constructor(options: S3BodiesOptions) {
    this.#options = options;
    this.place = shownPlace(options.place);
    this.#bodies = `${options.place.prefix}bodies/`;
  }

  write(body: BodyKey, source: AsyncIterable<Uint8Array>): Promise<number> {
    return upload({ ...this.#options, to: this.#at(body) }, source);
  }

  async read(body: BodyKey, range: ByteRange): Promise<Readable | undefined> {
    const { start, end } = range;
    if (start < 0 || end < start - 1) throw pastEnd(body, range);
    if (end >= start) return streamBody({ ...this.#options, of: this.#at(body) }, range);
    // No bytes at all cannot be asked for.
    const { calls } = this.#options;
    const found = await this.#ifThere((abortSignal) =>
      calls.client.send(new HeadObjectCommand(this.#at(body)), { abortSignal }),
    );
    if (found === undefined) return undefined;
    if (end >= (found.ContentLength ?? 0)) throw pastEnd(body, range);
    return Readable.from([]);
  }

  readSmall(body: BodyKey, range: ByteRange): Promise<Buffer | undefined> {
    const { start, end } = range;
    if (start < 0 || end < start || end - start >= smallRead)
      throw new RangeError(`${start} to ${end} is no small range`);
    return wholeBody({ ...this.#options, of: this.#at(body) }, range);
  }

  /** One by one: a request for many is not known everywhere. */
  async delete(bodies: readonly BodyKey[]): Promise<void> {
    const { calls } = this.#options;
    const one = (body: BodyKey): Promise<unknown> =>
      this.#ifThere((abortSignal) => calls.client.send(new DeleteObjectCommand(this.#at(body)), { abortSignal }));
    for (let from = 0; from < bodies.length; from += deletesAtOnce) {
      await Promise.all(bodies.slice(from, from + deletesAtOnce).map(one));
    }
  }

  async *all(signal: AbortSignal): AsyncIterable<readonly ListedBody[]> {
    const { calls, place } = this.#options;
    let token: string | undefined;
    do {
      const input = {
        Bucket: place.bucket,
        Prefix: this.#bodies,
        MaxKeys: pageSize,
        ...(token === undefined ? {} : { ContinuationToken: token }),
      };
      const page = await calls.ask((abortSignal) =>
        calls.client.send(new ListObjectsV2Command(input), { abortSignal }),
      );
      const listed = (page.Contents ?? []).flatMap(({ Key, Size = 0, LastModified }) => {
        const body = this.#bodyOf(Key);
        return body === undefined ? [] : [{ body, size: Size, modifiedMs: LastModified?.getTime() ?? Number.NaN }];
      });
      if (signal.aborted) return;
      if (listed.length > 0) yield listed;
      token = page.IsTruncated === true ? page.NextContinuationToken : undefined;
    } while (token !== undefined && !signal.aborted);
  }

  async *unfinished(signal: AbortSignal): AsyncIterable<readonly UnfinishedBody[]> {
    const { calls, place } = this.#options;
    let after: { readonly KeyMarker: string; readonly UploadIdMarker?: string } | undefined;
    do {
      const input = { Bucket: place.bucket, Prefix: this.#bodies, MaxUploads: pageSize, ...after };
      const page = await calls
        .raw((abortSignal) => calls.client.send(new ListMultipartUploadsCommand(input), { abortSignal }))
        .catch((thrown: unknown) => {
          if (s3FailureOf(thrown).kind !== "unsupported") throw calls.translated(thrown);
        });
      // Some cannot list them: their parts are for a rule of the bucket to expire.
      if (page === undefined) return;
      const found = (page.Uploads ?? []).flatMap(({ Key, UploadId }) => {
        const body = this.#bodyOf(Key);
        return body === undefined || UploadId === undefined ? [] : [{ body, upload: UploadId }];
      });
      if (signal.aborted) return;
      if (found.length > 0) yield found;
      const { NextKeyMarker, NextUploadIdMarker } = page;
      const isMore = page.IsTruncated === true && NextKeyMarker !== undefined;
      after = isMore
        ? {
            KeyMarker: NextKeyMarker,
            ...(NextUploadIdMarker === undefined ? {} : { UploadIdMarker: NextUploadIdMarker }),
          }
        : undefined;
    } while (after !== undefined && !signal.aborted);
  }

  async abort({ body, upload: UploadId }: UnfinishedBody): Promise<void> {
    const { calls } = this.#options;
    await this.#ifThere((abortSignal) =>
      calls.client.send(new AbortMultipartUploadCommand({ ...this.#at(body), UploadId }), { abortSignal }),
    );
  }

  async owner(): Promise<Owner | undefined> {
    const { calls } = this.#options;
    const text = await this.#ifThere(async (abortSignal) => {
      const answer = await calls.client.send(new GetObjectCommand(this.#owner()), { abortSignal });
      return (await answer.Body?.transformToString()) ?? "";
    });
    if (text === undefined) return undefined;
    const [, folder, run] = ownerForm.exec(text) ?? [];
    if (folder !== undefined && run !== undefined) return { folder, run };
    throw new SignalboxError(
      "conflict",
      `signalbox.json in ${this.place} is none of Signalbox's: name another prefix in SIGNALBOX_BLOBS`,
    );
  }

  async own({ folder, run }: Owner): Promise<void> {
    const { calls } = this.#options;
    const Body = JSON.stringify({ folder, run });
    await calls.ask((abortSignal) =>
      calls.client.send(new PutObjectCommand({ ...this.#owner(), Body, ContentType: "application/json" }), {
        abortSignal,
      }),
    );
  }

  async ready(): Promise<void> {
    const { calls, clock } = this.#options;
    if (calls.answeredMs !== undefined && clock.steady() - calls.answeredMs < answeredLatelyMs) return;
    try {
      await calls.raw((abortSignal) => calls.client.send(new HeadObjectCommand(this.#owner()), { abortSignal }), {
        tries: 1,
        limitMs: readyMs,
      });
    } catch (thrown) {
      const { code } = s3FailureOf(asError(calls.translated(thrown).cause).cause);
      throw new SignalboxError("unavailable", `the bytes of objects cannot be reached (${code}): the log says more`, {
        cause: thrown,
      });
    }
  }

  async close(): Promise<void> {
    this.#options.calls.close();
    this.#options.calls.client.destroy();
  }

  /** `undefined`: what it is about is not there. */
  async #ifThere<T>(ask: (signal: AbortSignal) => Promise<T>): Promise<T | undefined> {
    const { calls } = this.#options;
    try {
      return await calls.raw(ask);
    } catch (thrown) {
      if (s3FailureOf(thrown).kind === "missing") return undefined;
      throw calls.translated(thrown);
    }
  }

  #at(body: BodyKey): { readonly Bucket: string; readonly Key: string } {
    if (!isBodyKey(body)) throw new TypeError("not the key of a body");
    return { Bucket: this.#options.place.bucket, Key: `${this.#bodies}${body.slice(0, 2)}/${body}` };
  }

  #owner(): { readonly Bucket: string; readonly Key: string } {
    const { bucket, prefix } = this.#options.place;
    return { Bucket: bucket, Key: `${prefix}signalbox.json` };
  }

  #bodyOf(key = ""): BodyKey | undefined {
    const body = key.slice(this.#bodies.length + 3);
    return isBodyKey(body) && key === this.#at(body).Key ? body : undefined;
  }
}

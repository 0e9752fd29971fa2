import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  HeadObjectCommand,
  type HeadObjectCommandOutput,
  PutObjectCommand,
  UploadPartCommand,
} from "@aws-sdk/client-s3";
import { SignalboxError } from "../../errors.ts";
import type { S3Calls } from "./calls.ts";
import { OddAnswer, s3FailureOf } from "./failures.ts";
import { Spool } from "./spool.ts";

/** Name of the metadata of what is written in one request: SHA-256 of its bytes. */
export const hashName = "sha256";

interface UploadOptions {
  readonly calls: S3Calls;
  readonly to: { readonly Bucket: string; readonly Key: string };
  /** Where what does not fit into memory is spooled. */
  readonly folder: string;
  /** Of every part but the last, as some want them all alike. */
  readonly partBytes: number;
  /** Whether the S3 refuses to overwrite when it is asked to. */
  readonly isConditional: boolean;
}

/**
 * Writes what `source` yields as one object, and gives the number of bytes: in one request as far as one part goes, and otherwise in parts, one of which is
 * on its way while the next is filled. When it throws, no part remains, as far as the S3 can be reached; what remains has a key that nothing refers to.
 */
export async function upload(options: UploadOptions, source: AsyncIterable<Uint8Array>): Promise<number> {
  await using one = new Spool(options.folder);
  await using other = new Spool(options.folder);
  let filling = one;
  let parts: Parts | undefined;
  let size = 0;
  try {
    for await (const piece of source) {
      size += piece.length;
      for (let rest = piece; rest.length > 0; ) {
        if (filling.size === options.partBytes) {
          parts ??= new Parts(options, await begin(options));
          await parts.send(filling);
          filling = filling === one ? other : one;
          filling.reset();
        }
        const taken = rest.subarray(0, options.partBytes - filling.size);
        await filling.append(taken);
        rest = rest.subarray(taken.length);
      }
    }
    if (parts === undefined) await put(options, filling);
    else {
      await parts.send(filling);
      await parts.complete(size);
    }
    return size;
  } catch (thrown) {
    await parts?.abort();
    throw noRoom(thrown) ?? thrown;
  }
}

/** On the disk that parts are spooled to. */
function noRoom(thrown: unknown): SignalboxError | undefined {
  const code = thrown instanceof Error && "code" in thrown ? thrown.code : undefined;
  if (code !== "ENOSPC" && code !== "EDQUOT") return undefined;
  return new SignalboxError("storage_full", "There is no room on the disk for a part of this object.", {
    cause: thrown,
  });
}

async function put({ calls, to, isConditional }: UploadOptions, spool: Spool): Promise<void> {
  const hash = spool.digest();
  try {
    await calls.raw(
      async (abortSignal) => {
        const command = new PutObjectCommand({
          ...to,
          Body: await spool.body(),
          ContentLength: spool.size,
          ContentType: "application/octet-stream",
          Metadata: { [hashName]: hash },
          ...(isConditional ? { IfNoneMatch: "*" } : {}),
        });
        return calls.client.send(signedAs(command, hash), { abortSignal });
      },
      { bytes: spool.size },
    );
  } catch (thrown) {
    // An earlier try came through after all: its answer was lost.
    if (s3FailureOf(thrown).kind !== "exists") throw calls.translated(thrown);
    const found = await head(calls, to);
    if (found.ContentLength !== spool.size || found.Metadata?.[hashName] !== hash) throw calls.translated(thrown);
  }
}

/** The S3 refuses bytes that are not those: its answer is not needed to know that they came whole. */
function signedAs<T extends PutObjectCommand | UploadPartCommand>(command: T, sha256: string): T {
  (command as PutObjectCommand).middlewareStack.add(
    (next) => (args) => {
      const request = args.request as { readonly headers: Record<string, string> };
      request.headers["x-amz-content-sha256"] = sha256;
      return next(args);
    },
    { step: "build", name: "hashOfBody" },
  );
  return command;
}

function head(calls: S3Calls, to: UploadOptions["to"]): Promise<HeadObjectCommandOutput> {
  return calls.ask((abortSignal) => calls.client.send(new HeadObjectCommand(to), { abortSignal }));
}

async function begin({ calls, to }: UploadOptions): Promise<string> {
  const { UploadId } = await calls.ask((abortSignal) =>
    calls.client.send(new CreateMultipartUploadCommand({ ...to, ContentType: "application/octet-stream" }), {
      abortSignal,
    }),
  );
  if (UploadId === undefined) throw calls.translated(new OddAnswer("an upload in parts was given no id"));
  return UploadId;
}

/** An upload in parts. */
class Parts {
  readonly #options: UploadOptions;
  readonly #id: string;
  readonly #sent: { readonly PartNumber: number; readonly ETag: string }[] = [];
  /** The part on its way. Never rejects: {@link #failure} holds why. */
  #sending: Promise<void> = Promise.resolve();
  #failure: { readonly thrown: unknown } | undefined;

  constructor(options: UploadOptions, id: string) {
    this.#options = options;
    this.#id = id;
  }

  /** Waits for the part before, and begins to send this one. */
  async send(spool: Spool): Promise<void> {
    await this.#settled();
    const number = this.#sent.length + 1;
    this.#sending = this.#part(number, spool).catch((thrown: unknown) => {
      this.#failure = { thrown };
    });
  }

  async complete(size: number): Promise<void> {
    await this.#settled();
    const { calls, to } = this.#options;
    const Parts = [...this.#sent];
    try {
      await calls.raw((abortSignal) =>
        calls.client.send(
          new CompleteMultipartUploadCommand({ ...to, UploadId: this.#id, MultipartUpload: { Parts } }),
          { abortSignal },
        ),
      );
    } catch (thrown) {
      // The answer of an earlier try may be lost: then the object is there, and the upload is not.
      if (s3FailureOf(thrown).kind !== "missing") throw calls.translated(thrown);
    }
    const found = await head(calls, to);
    if (found.ContentLength === size) return;
    throw calls.translated(new OddAnswer(`parts of ${size} bytes became an object of ${found.ContentLength}`));
  }

  /** As far as it goes: what cannot be given up now is found by the sweep. */
  async abort(): Promise<void> {
    await this.#sending;
    const { calls, to } = this.#options;
    await calls
      .raw((abortSignal) =>
        calls.client.send(new AbortMultipartUploadCommand({ ...to, UploadId: this.#id }), { abortSignal }),
      )
      .catch(() => {});
  }

  async #settled(): Promise<void> {
    await this.#sending;
    if (this.#failure !== undefined) throw this.#failure.thrown;
  }

  async #part(PartNumber: number, spool: Spool): Promise<void> {
    const { calls, to } = this.#options;
    const hash = spool.digest();
    const { ETag } = await calls.ask(
      async (abortSignal) => {
        const command = new UploadPartCommand({
          ...to,
          UploadId: this.#id,
          PartNumber,
          Body: await spool.body(),
          ContentLength: spool.size,
        });
        return calls.client.send(signedAs(command, hash), { abortSignal });
      },
      { bytes: spool.size },
    );
    if (ETag === undefined) throw calls.translated(new OddAnswer("a part was given no ETag"));
    this.#sent.push({ PartNumber, ETag });
  }
}

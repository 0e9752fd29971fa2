import { type ErrorCode, SignalboxError } from "../../../errors.ts";
import { S3Error, type S3ErrorCode } from "../../s3/wire/errors.ts";

/** What is wrong with a body, a range or a condition is judged once, in S3's words; this is what our own API calls it. */
const codes: Partial<Readonly<Record<S3ErrorCode, readonly [code: ErrorCode, message?: string]>>> = {
  BadDigest: ["invalid_request", "content-md5: the bytes that came have another: send them again"],
  EntityTooLarge: ["too_large", "the object is larger than objects may be (SIGNALBOX_MAX_OBJECT_BYTES)"],
  IncompleteBody: ["invalid_request", "the body ended before all of its bytes had come: send it again"],
  InvalidArgument: ["invalid_request"],
  InvalidDigest: ["invalid_request", "content-md5: must be the base64 of an MD5 digest"],
  InvalidRange: [
    "range_not_satisfiable",
    "range: no byte of the object is in it; content-length tells how many there are",
  ],
  InvalidRequest: ["invalid_request"],
  MetadataTooLarge: ["invalid_request", "x-signalbox-meta-*: names and values together may have 2048 bytes of UTF-8"],
  NoSuchKey: ["not_found", "The object does not exist."],
  NotImplemented: ["invalid_request"],
};

/** The same work, whose refusals are those of the API. */
export async function inOwnWords<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (thrown) {
    throw thrown instanceof S3Error ? translated(thrown) : thrown;
  }
}

function translated(thrown: S3Error): unknown {
  if (thrown.code === "PreconditionFailed") {
    const header = thrown.extra?.["Condition"] ?? "the condition";
    return new SignalboxError("precondition_failed", `${header}: does not hold for what is at this key now`, {
      cause: thrown,
    });
  }
  const known = codes[thrown.code];
  if (known === undefined) return thrown;
  const [code, message = thrown.message] = known;
  return new SignalboxError(code, message, { cause: thrown });
}

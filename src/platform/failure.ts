import { type ErrorCode, SignalboxError } from "../errors.ts";

/** Why something cannot be done to a bucket, an object or an upload. Each face has its own words for these. */
const failureTable = {
  /** Also when it exists but the caller may not see it. */
  no_such_bucket: ["not_found", "The bucket does not exist."],
  no_such_key: ["not_found", "The object does not exist."],
  no_such_upload: ["not_found", "The multipart upload does not exist; it may have been aborted or completed."],
  /** The caller sees the bucket, but may only read it, or does not own it. */
  access_denied: ["forbidden", "The bucket may be read by you, not changed."],
  bucket_yours: ["conflict", "The bucket exists already, and you can write to it."],
  bucket_taken: ["conflict", "The bucket's name is taken."],
  bucket_not_empty: ["conflict", "The bucket still has objects: delete them first."],
  /** Others changed the same object each time the request looked: with a condition, and without one. */
  conflict: ["conflict", "Others are changing the same object. Try again."],
  busy: ["unavailable", "Others are changing the same object. Try again."],
  copy_to_itself: ["invalid_request", "An object can be copied to itself only with other metadata."],
  invalid_part: ["invalid_request", "A part was not uploaded, or its ETag or checksum is another."],
  invalid_part_order: ["invalid_request", "The parts are not in ascending order."],
  part_too_small: ["invalid_request", "Every part but the last must reach the smallest size of a part."],
  too_large: ["too_large", "The object would be larger than objects may be."],
} as const satisfies Record<string, readonly [code: ErrorCode, message: string]>;

export type FailureKind = keyof typeof failureTable;

/** An expected failure of a verb on buckets and objects. Nothing was changed. */
export class ResourceFailure extends SignalboxError {
  readonly kind: FailureKind;
  /** Facts about the failure, by the name that callers see. */
  readonly details: Readonly<Record<string, string>>;

  constructor(kind: FailureKind, details: Readonly<Record<string, string>> = {}) {
    const [code, message] = failureTable[kind];
    super(code, message);
    this.kind = kind;
    this.details = details;
  }
}

/**
 * A commit broke off, and whether it happened is unknown. The blobs that it was about must stay: an object may refer to
 * them. If none does, the sweeper deletes them after the next start.
 */
export function outcomeUnknown(cause: unknown): SignalboxError {
  return new SignalboxError("internal", "It is not known whether the change was made.", { cause });
}

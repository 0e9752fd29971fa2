import { SignalboxError } from "../../errors.ts";
import { type FailureKind, ResourceFailure } from "../../platform/failure.ts";
import { S3Error, type S3ErrorCode } from "./wire/errors.ts";

/** What the verbs' failures are called in S3. */
const codes: Readonly<Record<FailureKind, S3ErrorCode>> = {
  no_such_bucket: "NoSuchBucket",
  no_such_key: "NoSuchKey",
  no_such_upload: "NoSuchUpload",
  access_denied: "AccessDenied",
  bucket_yours: "BucketAlreadyOwnedByYou",
  bucket_taken: "BucketAlreadyExists",
  bucket_not_empty: "BucketNotEmpty",
  conflict: "ConditionalRequestConflict",
  busy: "SlowDown",
  copy_to_itself: "InvalidRequest",
  invalid_part: "InvalidPart",
  invalid_part_order: "InvalidPartOrder",
  part_too_small: "EntityTooSmall",
  too_large: "EntityTooLarge",
};

const copyToItself =
  "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes.";

/** Whatever was thrown, as the answer that an S3 client understands. Only an unexpected error becomes InternalError. */
export function asS3Error(thrown: unknown): S3Error {
  if (thrown instanceof S3Error) return thrown;
  if (thrown instanceof ResourceFailure) {
    const message = thrown.kind === "copy_to_itself" ? copyToItself : undefined;
    return new S3Error(codes[thrown.kind], message, { extra: thrown.details, cause: thrown });
  }
  if (thrown instanceof SignalboxError) {
    switch (thrown.code) {
      case "storage_full":
        return new S3Error("InsufficientStorage", undefined, { cause: thrown });
      case "quota_exceeded":
        return new S3Error(thrown.data?.["quota"] === "buckets" ? "TooManyBuckets" : "QuotaExceeded", thrown.message, {
          cause: thrown,
        });
      case "too_many_requests":
        return new S3Error("SlowDown", thrown.message, { cause: thrown });
      case "too_large":
        return new S3Error("EntityTooLarge", undefined, { cause: thrown });
      case "unavailable":
        return new S3Error("ServiceUnavailable", undefined, { cause: thrown });
      // Clients try again what is unavailable, and nothing that is denied.
      case "hook_failed":
        return new S3Error("ServiceUnavailable", thrown.message, { cause: thrown });
      case "hook_denied":
      case "hook_error":
      case "hook_recursion":
        return new S3Error("AccessDenied", thrown.message, { cause: thrown });
      case "storage_damaged":
        return new S3Error("InternalError", thrown.message, { cause: thrown });
      case "invalid_request":
        return new S3Error("InvalidRequest", thrown.message, { cause: thrown });
      default:
        break;
    }
  }
  return new S3Error("InternalError", undefined, { cause: thrown });
}

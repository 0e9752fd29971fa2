import { defined } from "../../../domain/defined.ts";
import { writeXml } from "./xml-write.ts";

/**
 * Every error of the S3 face: the code clients match on, its HTTP status, and S3's usual message.
 * Follows "Error responses" of the Amazon S3 API reference; `InsufficientStorage` is ours (the disk is full), and `QuotaExceeded` that of
 * other servers of S3, which has no quotas itself.
 */
export const s3ErrorTable = {
  AccessControlListNotSupported: [400, "The bucket does not allow ACLs."],
  AccessDenied: [403, "Access Denied"],
  AccessForbidden: [403, "CORSResponse: This CORS request is not allowed."],
  AuthorizationHeaderMalformed: [400, "The authorization header you provided is invalid."],
  AuthorizationQueryParametersError: [400, "The authorization query parameters that you provided are not valid."],
  BadDigest: [400, "The Content-MD5 or checksum value that you specified did not match what the server received."],
  BadRequest: [400, "Bad Request"],
  BucketAlreadyExists: [409, "The requested bucket name is not available. Please select a different name."],
  BucketAlreadyOwnedByYou: [409, "The bucket that you tried to create already exists, and you own it."],
  BucketNotEmpty: [409, "The bucket that you tried to delete is not empty."],
  ConditionalRequestConflict: [409, "A conflicting operation occurred during the request. Please retry."],
  EntityTooLarge: [400, "Your proposed upload exceeds the maximum allowed object size."],
  EntityTooSmall: [400, "Your proposed upload is smaller than the minimum allowed object size."],
  ExpiredToken: [400, "The provided token has expired."],
  IllegalLocationConstraintException: [400, "The location constraint is not valid for this endpoint."],
  IncorrectNumberOfFilesInPostRequest: [
    400,
    "POST requires exactly one file upload per request, in a field named file.",
  ],
  IncompleteBody: [400, "You did not provide the number of bytes specified by the Content-Length HTTP header."],
  InsufficientStorage: [507, "The storage is full. Nothing was changed."],
  InternalError: [500, "We encountered an internal error. Please try again."],
  InvalidAccessKeyId: [403, "The access key ID that you provided does not exist in our records."],
  InvalidArgument: [400, "Invalid Argument"],
  InvalidBucketName: [400, "The specified bucket is not valid."],
  InvalidBucketState: [409, "The request is not valid for the current state of the bucket."],
  InvalidDigest: [400, "The Content-MD5 or checksum value that you specified is not valid."],
  InvalidLocationConstraint: [400, "The specified location constraint is not valid."],
  InvalidObjectState: [403, "The operation is not valid for the current state of the object."],
  InvalidPart: [
    400,
    "One or more of the specified parts could not be found. The part might not have been uploaded, or the specified entity tag might not match the part's entity tag.",
  ],
  InvalidPartNumber: [416, "The requested part number is not satisfiable."],
  InvalidPartOrder: [
    400,
    "The list of parts was not in ascending order. The parts list must be in order by part number.",
  ],
  InvalidPolicyDocument: [
    400,
    "The content of the form does not meet the conditions specified in the policy document.",
  ],
  InvalidRange: [416, "The requested range is not satisfiable."],
  InvalidRequest: [400, "Invalid Request"],
  InvalidStorageClass: [400, "The storage class that you specified is not valid."],
  InvalidTag: [400, "The tag provided was not a valid tag."],
  InvalidToken: [400, "The provided token is malformed or otherwise invalid."],
  InvalidURI: [400, "Couldn't parse the specified URI."],
  KeyTooLongError: [400, "Your key is too long."],
  MalformedACLError: [
    400,
    "The XML that you provided was not well formed or did not validate against our published schema.",
  ],
  MalformedPOSTRequest: [400, "The body of your POST request is not well-formed multipart/form-data."],
  MalformedPolicy: [400, "The policy is not valid."],
  MalformedTrailerError: [
    400,
    "The request contained trailing data that was not well-formed or did not conform to our published schema.",
  ],
  MalformedXML: [
    400,
    "The XML that you provided was not well formed or did not validate against our published schema.",
  ],
  MaxPostPreDataLengthExceeded: [400, "Your POST request fields preceding the upload file were too large."],
  MaxMessageLengthExceeded: [400, "Your request was too large."],
  MetadataTooLarge: [400, "Your metadata headers exceed the maximum allowed metadata size."],
  MethodNotAllowed: [405, "The specified method is not allowed against this resource."],
  MissingContentLength: [411, "You must provide the Content-Length HTTP header."],
  MissingRequestBodyError: [400, "Request body is empty."],
  MissingSecurityHeader: [400, "Your request was missing a required header."],
  NoSuchBucket: [404, "The specified bucket does not exist."],
  NoSuchBucketPolicy: [404, "The bucket policy does not exist."],
  NoSuchCORSConfiguration: [404, "The CORS configuration does not exist."],
  NoSuchKey: [404, "The specified key does not exist."],
  NoSuchLifecycleConfiguration: [404, "The lifecycle configuration does not exist."],
  NoSuchPublicAccessBlockConfiguration: [404, "The public access block configuration was not found."],
  NoSuchTagSet: [404, "The TagSet does not exist."],
  NoSuchUpload: [
    404,
    "The specified multipart upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.",
  ],
  NoSuchVersion: [404, "The specified version does not exist."],
  NoSuchWebsiteConfiguration: [404, "The specified bucket does not have a website configuration."],
  NotImplemented: [501, "A header or query you provided implies functionality that is not implemented."],
  /** An answer without a body. */
  NotModified: [304, "Not Modified"],
  ObjectLockConfigurationNotFoundError: [404, "Object Lock configuration does not exist for this bucket."],
  OperationAborted: [
    409,
    "A conflicting conditional operation is currently in progress against this resource. Try again.",
  ],
  OwnershipControlsNotFoundError: [404, "The bucket ownership controls were not found."],
  PreconditionFailed: [412, "At least one of the preconditions that you specified did not hold."],
  QuotaExceeded: [403, "The quota of the tenant does not allow this. Nothing was changed."],
  ReplicationConfigurationNotFoundError: [404, "The replication configuration was not found."],
  RequestHeaderSectionTooLarge: [400, "Your request header section exceeds the maximum allowed size."],
  RequestTimeTooSkewed: [403, "The difference between the request time and the server's time is too large."],
  RequestTimeout: [
    400,
    "Your socket connection to the server was not read from or written to within the timeout period.",
  ],
  ServerSideEncryptionConfigurationNotFoundError: [404, "The server-side encryption configuration was not found."],
  ServiceUnavailable: [503, "Service is unable to handle the request. Please retry."],
  SignatureDoesNotMatch: [
    403,
    "The request signature that the server calculated does not match the signature that you provided. Check your secret access key and signing method.",
  ],
  SlowDown: [503, "Please reduce your request rate."],
  TooManyBuckets: [400, "You have attempted to create more buckets than are allowed."],
  /** S3 takes whatever is said there; what is meant otherwise than it is read is refused here. */
  UnsupportedMediaType: [415, "The charset of the body is not supported: send it as UTF-8."],
  UnresolvableGrantByEmailAddress: [400, "The email address that you provided does not match any account on record."],
  UnsupportedArgument: [400, "The request contained an unsupported argument."],
  XAmzContentChecksumMismatch: [400, "The provided checksum does not match what was computed."],
  XAmzContentSHA256Mismatch: [400, "The provided x-amz-content-sha256 header does not match what was computed."],
} as const satisfies Record<string, readonly [status: number, message: string]>;

export type S3ErrorCode = keyof typeof s3ErrorTable;

/** What else an {@link S3Error} says: `extra` becomes elements of the answer (`<Condition>If-Match</Condition>`). */
interface S3ErrorOptions {
  readonly resource?: string;
  readonly extra?: Readonly<Record<string, string>>;
  readonly cause?: unknown;
}

/** An expected failure of an S3 request. Without `message` it says what the table says. */
export class S3Error extends Error {
  override readonly name = "S3Error";
  readonly code: S3ErrorCode;
  readonly status: number;
  readonly resource?: string;
  readonly extra?: Readonly<Record<string, string>>;

  constructor(code: S3ErrorCode, message?: string, options: S3ErrorOptions = {}) {
    super(message ?? s3ErrorTable[code][1], defined({ cause: options.cause }));
    this.code = code;
    this.status = s3ErrorTable[code][0];
    if (options.resource !== undefined) this.resource = options.resource;
    if (options.extra !== undefined) this.extra = options.extra;
  }
}

/** What the answer to one failed request names. */
interface ErrorContext {
  /** The bucket or object, as `/bucket/key`; the error's own `resource` goes before it. */
  readonly resource: string;
  readonly requestId: string;
  readonly hostId: string;
}

/** The body of an error answer. Answers to HEAD, and 304, have none: that is for the caller to know. */
export function errorXml(error: S3Error, { resource, requestId, hostId }: ErrorContext): string {
  return writeXml("Error", {
    Code: error.code,
    Message: error.message,
    ...error.extra,
    Resource: error.resource ?? resource,
    RequestId: requestId,
    HostId: hostId,
  });
}

import { createHmac, timingSafeEqual } from "node:crypto";
import { algorithm } from "./credentials.ts";
import { S3Error } from "./errors.ts";
import type { SigningKeys } from "./signing-keys.ts";
import { isSignature } from "./sigv4.ts";

/** Forms are signed over their policy alone, by fields: Signature Version 4, or Version 2 as boto3 still makes them by default. */

type Fields = ReadonlyMap<string, string>;

/**
 * Proves who signed the policy of a form.
 *
 * @returns what the lookup gave for the access key
 * @throws S3Error AccessDenied (it is not signed), InvalidArgument (a field is missing or malformed), InvalidAccessKeyId, SignatureDoesNotMatch
 */
export async function verifyForm<T extends { readonly secret: string }>(
  fields: Fields,
  lookup: (accessKeyId: string) => Promise<T | undefined>,
  keys: SigningKeys,
): Promise<{ readonly accessKey: T; readonly policy: string }> {
  const isV4 = ["x-amz-signature", "x-amz-algorithm", "x-amz-credential"].some((name) => fields.has(name));
  const isV2 = fields.has("signature") || fields.has("awsaccesskeyid");
  if (!isV4 && !isV2 && !fields.has("policy")) throw new S3Error("AccessDenied");
  const policy = need(fields, "policy");
  if (isV4 && isV2) throw new S3Error("InvalidArgument", "Only one of x-amz-signature and signature may be given.");
  const accessKey = isV4 ? await byV4(fields, policy, { lookup, keys }) : await byV2(fields, policy, lookup);
  return { accessKey, policy };
}

interface Known<T> {
  readonly lookup: (accessKeyId: string) => Promise<T | undefined>;
  readonly keys: SigningKeys;
}

async function byV4<T extends { readonly secret: string }>(
  fields: Fields,
  policy: string,
  { lookup, keys }: Known<T>,
): Promise<T> {
  if (need(fields, "x-amz-algorithm") !== algorithm) {
    throw malformed("x-amz-algorithm", `must be ${algorithm}`);
  }
  // An access key id may itself hold slashes, so the scope is counted from the end.
  const [, id, date, region] =
    /^(.+)\/(\d{8})\/([^/]+)\/s3\/aws4_request$/.exec(need(fields, "x-amz-credential")) ?? [];
  if (id === undefined || date === undefined || region === undefined) {
    throw malformed("x-amz-credential", "must be <access key id>/<YYYYMMDD>/<region>/s3/aws4_request");
  }
  if (!new RegExp(`^${date}T\\d{6}Z$`).test(need(fields, "x-amz-date"))) {
    throw malformed("x-amz-date", "must have the form YYYYMMDD'T'HHMMSS'Z', of the day in x-amz-credential");
  }
  const signature = need(fields, "x-amz-signature");
  const accessKey = await found(id, lookup);
  const signingKey = keys.of(accessKey.secret, { accessKeyId: id, date, region, service: "s3" });
  if (!/^[0-9a-f]{64}$/.test(signature) || !isSignature(signature, policy, signingKey)) throw mismatch(id);
  return accessKey;
}

async function byV2<T extends { readonly secret: string }>(
  fields: Fields,
  policy: string,
  lookup: Known<T>["lookup"],
): Promise<T> {
  const id = need(fields, "awsaccesskeyid");
  const given = Buffer.from(need(fields, "signature"), "base64");
  const accessKey = await found(id, lookup);
  const expected = createHmac("sha1", accessKey.secret).update(policy).digest();
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) throw mismatch(id);
  return accessKey;
}

async function found<T>(id: string, lookup: (accessKeyId: string) => Promise<T | undefined>): Promise<T> {
  const accessKey = await lookup(id);
  if (accessKey === undefined) throw new S3Error("InvalidAccessKeyId", undefined, { extra: { AWSAccessKeyId: id } });
  return accessKey;
}

/** @throws S3Error InvalidArgument without it: S3's own words, since a field behind the file is none. */
export function need(fields: Fields, name: string): string {
  const value = fields.get(name);
  if (value !== undefined && value !== "") return value;
  throw new S3Error(
    "InvalidArgument",
    `Bucket POST must contain a field named '${name}'. If it is specified, please check the order of the fields.`,
    { extra: { ArgumentName: name } },
  );
}

function malformed(name: string, reason: string): S3Error {
  return new S3Error("InvalidArgument", `The field ${name} ${reason}.`, { extra: { ArgumentName: name } });
}

function mismatch(id: string): S3Error {
  return new S3Error("SignatureDoesNotMatch", undefined, { extra: { AWSAccessKeyId: id } });
}

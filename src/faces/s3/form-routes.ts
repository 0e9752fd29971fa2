import type { IncomingHttpHeaders, IncomingMessage, OutgoingHttpHeaders } from "node:http";
import type { Principal } from "../../domain/access.ts";
import { findBucket } from "../../storage/buckets.ts";
import { keepBytes } from "../../storage/keep-bytes.ts";
import { putObject } from "../../storage/objects.ts";
import { wholeContent } from "../../storage/uploads.ts";
import type { ObjectFacts, StoredObject } from "../../store/records.ts";
import { type Address, s3UrlOf } from "./addressing.ts";
import type { Authenticator } from "./auth.ts";
import { type BucketCall, doing, type S3Answer, type S3Context } from "./call.ts";
import type { S3Exchange } from "./exchange.ts";
import { refuseForeignHeaders } from "./foreign.ts";
import { readFacts, readTags, refuseUnsupported, tagRecord } from "./request.ts";
import { checksumHeaders, ofObject, quoted } from "./respond.ts";
import { readBody } from "./wire/body.ts";
import { type BodySpec, bodySpec, entityTooLarge } from "./wire/body-spec.ts";
import { S3Error } from "./wire/errors.ts";
import { need } from "./wire/form-signature.ts";
import { checkKey } from "./wire/keys.ts";
import { boundaryOf, type FormFile, maxFormBytes, readForm } from "./wire/multipart-form.ts";
import { judgePolicy, type PostPolicy, parsePolicy } from "./wire/post-policy.ts";
import { parseTagging, writeXml } from "./wire/xml.ts";

/** Uploads by forms of web pages: the signer of a form's policy lets its holder upload what that says, without keys. */

/** A form that comes in, whose sender its fields will tell. */
interface FormCall {
  readonly context: S3Context;
  readonly authenticator: Authenticator;
  readonly exchange: S3Exchange;
  readonly address: Address;
  /** Called once it is known who signed it. */
  readonly known: (principal: Principal) => void;
}

/** Whether a request is a form to a bucket: it bears its signature in its fields. */
export function isForm({ method, url = "", headers }: IncomingMessage, { bucket, key }: Address): boolean {
  if (method !== "POST" || bucket === undefined || key !== undefined || url.includes("?")) return false;
  return headers.authorization === undefined && /^\s*multipart\/form-data\b/i.test(headers["content-type"] ?? "");
}

/** `POST /bucket` that is signed as other requests are. */
export async function refuseSignedForm(): Promise<S3Answer> {
  const condition = "Bucket POST must be of the enclosure-type multipart/form-data, and signed by its fields";
  throw new S3Error("PreconditionFailed", undefined, { extra: { Condition: condition } });
}

/**
 * `POST /bucket` with a form. In this order: the fields come, and who signed their policy is proved; it is judged whether that lets them be
 * sent; hooks are asked; the file comes, and no more of it than the policy lets; object and event are committed.
 */
export async function postForm(form: FormCall): Promise<S3Answer> {
  const { context, authenticator, exchange, address, known } = form;
  const { headers } = exchange.request;
  const boundary = boundaryOf(headers["content-type"]);
  const bodyBytes = headers["content-length"] === undefined ? undefined : Number(headers["content-length"]);
  const { maxObjectBytes } = context.limits;
  if (bodyBytes !== undefined && bodyBytes > maxObjectBytes + 2 * maxFormBytes) {
    throw entityTooLarge(bodyBytes, maxObjectBytes);
  }
  exchange.letBodyCome();
  await using read = await readForm(exchange.request, boundary);
  const { fields: sent, file } = read;
  const { principal, signer, policy: text } = await authenticator.authenticateForm(sent);
  known(principal);
  const policy = parsePolicy(text);
  const fields = expanded(sent, file.filename);
  const bucketName = address.bucket ?? "";
  judgePolicy(policy, new Map([...fields, ["bucket", bucketName]]), context.clock.now());

  using _admitted = context.rates.admit(principal.tenant);
  const call: BucketCall = {
    context,
    exchange,
    address,
    principal,
    signer,
    bucketName,
    auth: { payload: { kind: "unsigned" } },
    query: new URLSearchParams(),
    headers: headersOf(fields),
  };
  const bucket = await findBucket(context.store, principal, bucketName, "write");
  const key = checkKey(need(fields, "key"));
  const rest = bodyBytes === undefined ? 0 : Math.max(0, bodyBytes - file.before - 2 * maxFormBytes);
  const object = await putObject(context, {
    ...doing(call),
    bucket,
    key,
    facts: factsOf(call, fields),
    reason: "PostObject",
    atLeast: rest,
    receive: receiving(call, { file, policy }),
  });
  const url = s3UrlOf(address, exchange.request, { bucket: bucketName, key });
  return answerOf(fields, object, { bucket: bucketName, url });
}

const variable = "${filename}";

/** Every field may hold the file's name, which is put in before anything is judged. Old browsers say its whole path. */
function expanded(fields: ReadonlyMap<string, string>, filename: string): ReadonlyMap<string, string> {
  const name = filename.slice(Math.max(filename.lastIndexOf("/"), filename.lastIndexOf("\\")) + 1);
  return new Map(
    [...fields].map(([field, value]) => [field, field === "policy" ? value : value.replaceAll(variable, () => name)]),
  );
}

const headerFields = /^(?:cache-control|content-(?:disposition|encoding|language|md5|type)|expires|x-amz-.+)$/;
const signatureFields = /^x-amz-(?:algorithm|credential|date|security-token|signature)$/;

/** Fields that mean what the header of their name means: one character per byte, as Node gives headers. */
function headersOf(fields: ReadonlyMap<string, string>): IncomingHttpHeaders {
  return Object.fromEntries(
    [...fields]
      .filter(([name]) => headerFields.test(name) && !signatureFields.test(name))
      .map(([name, value]) => [name, Buffer.from(value, "utf8").toString("latin1")]),
  );
}

function factsOf({ headers }: BucketCall, fields: ReadonlyMap<string, string>): ObjectFacts {
  refuseUnsupported(headers);
  refuseForeignHeaders("POST", headers);
  const tagging = fields.get("tagging");
  const tags = tagging === undefined ? readTags(headers) : tagRecord(parseTagging(Buffer.from(tagging)));
  return { ...readFacts(headers), tags };
}

function receiving(
  call: BucketCall,
  { file, policy }: { readonly file: FormFile; readonly policy: PostPolicy },
): Parameters<typeof putObject>[1]["receive"] {
  const { min = 0, max = Number.POSITIVE_INFINITY } = policy.size ?? {};
  const maxBytes = Math.min(max, call.context.limits.maxObjectBytes);
  const spec: BodySpec = bodySpec(call.headers, call.auth, { maxBytes });
  return async () => {
    return wholeContent(await keepBytes(call.context, call, readBody(atLeast(file.bytes, min), spec)));
  };
}

async function* atLeast(bytes: AsyncIterable<Buffer>, min: number): AsyncGenerator<Buffer, void, void> {
  let size = 0;
  for await (const piece of bytes) {
    size += piece.length;
    yield piece;
  }
  if (size >= min) return;
  const extra = { ProposedSize: String(size), MinSizeAllowed: String(min) };
  throw new S3Error("EntityTooSmall", undefined, { extra });
}

interface Stored {
  readonly bucket: string;
  /** Of the object. */
  readonly url: string;
}

function answerOf(fields: ReadonlyMap<string, string>, object: StoredObject, { bucket, url }: Stored): S3Answer {
  const headers: OutgoingHttpHeaders = { ...ofObject(object), ...checksumHeaders(object.checksums), location: url };
  const redirect = redirectOf(fields, object, bucket);
  if (redirect !== undefined) return { status: 303, headers: { ...headers, location: redirect }, body: "" };
  const { key, eTag } = object;
  switch (fields.get("success_action_status")) {
    case "200":
      return { status: 200, headers, body: "" };
    case "201": {
      const stored = { Location: url, Bucket: bucket, Key: key, ETag: quoted(eTag) };
      // Alone of S3's documents it has no namespace, and clients look for its elements without one.
      return {
        status: 201,
        headers: { ...headers, "content-type": "application/xml" },
        body: writeXml("PostResponse", stored),
      };
    }
    default:
      return { status: 204, headers };
  }
}

/** Where the page goes on. What is no URL of the web is taken for none. */
function redirectOf(
  fields: ReadonlyMap<string, string>,
  { key, eTag }: StoredObject,
  bucket: string,
): string | undefined {
  const url = URL.parse(fields.get("success_action_redirect") ?? fields.get("redirect") ?? "");
  if (url === null || (url.protocol !== "https:" && url.protocol !== "http:")) return undefined;
  const stored = new URLSearchParams({ bucket, key, etag: quoted(eTag) });
  url.search = `${url.search === "" ? "?" : `${url.search}&`}${stored.toString()}`;
  return url.href;
}

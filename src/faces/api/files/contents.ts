import { Readable } from "node:stream";
import { Type } from "typebox";
import type { Context, StorageContext } from "../../../context.ts";
import { defined } from "../../../domain/defined.ts";
import { isMetadataName, sendable } from "../../../domain/object-facts.ts";
import { SignalboxError } from "../../../errors.ts";
import { originOf } from "../../../platform/asking.ts";
import { ResourceFailure } from "../../../platform/failure.ts";
import { announcedFile as fileOf } from "../../../platform/shown.ts";
import { findBucket } from "../../../storage/buckets.ts";
import { keepBytes } from "../../../storage/keep-bytes.ts";
import { putObject, removeObject, statObject } from "../../../storage/objects.ts";
import { announceDownload, readObject } from "../../../storage/read-object.ts";
import { wholeContent } from "../../../storage/uploads.ts";
import type { StoredObject } from "../../../store/records.ts";
import { attachmentOf } from "../../http/attachment.ts";
import { type BytesAnswer, bytesAnswer } from "../../http/bytes.ts";
import { type Route, type RouteRequest, route } from "../../http/route.ts";
import { longestCallAnswer } from "../../platform-calls.ts";
import { type ChosenBytes, chooseBytes } from "../../s3/chosen-bytes.ts";
import { header, readFacts, writePrecondition } from "../../s3/request.ts";
import { httpTime, ofObject } from "../../s3/respond.ts";
import { readBody } from "../../s3/wire/body.ts";
import { bodySpec } from "../../s3/wire/body-spec.ts";
import { readConditions } from "../../s3/wire/conditions.ts";
import { metadataHeaderValue } from "../../s3/wire/metadata.ts";
import { checkedKey, showFile, shownFile } from "./file-schema.ts";
import { inOwnWords } from "./own-words.ts";

/** What a header of a request begins with that says some metadata of an object, and one of an answer. */
const ownMetadata = "x-signalbox-meta-";

type ContentsContext = StorageContext & Pick<Context, "config">;
type Asked = RouteRequest<{ readonly bucket: string }, { readonly key: string; readonly tenant?: string }, unknown>;

/** The bytes of objects, in and out, as the S3 endpoint has them. A key is a parameter: in a path, slashes and dots would mean something. */
export function contentRoutes(context: ContentsContext): Route[] {
  const common = {
    path: "/api/cloud/buckets/:bucket/objects/",
    role: "member",
    tag: "buckets",
    params: Type.Object({ bucket: Type.String() }),
    query: Type.Object({ key: Type.String({ minLength: 1, description: "1–1024 bytes of UTF-8, percent-encoded." }) }),
  } as const;
  return [
    route({
      ...common,
      method: "PUT",
      operationId: "putObject",
      summary: "Stores the body as an object, in place of the one with this key",
      description:
        "The body is of any type, and as large as `SIGNALBOX_MAX_OBJECT_BYTES` allows. Kept and sent back with it: `content-type`, `content-encoding`, `content-language`, `cache-control`, `content-disposition`, `expires`, and as metadata every `x-signalbox-meta-…`. `content-md5` is verified. `if-none-match: *` stores only where nothing is, `if-match` only in place of what has that `eTag`. Hooks on PRE_OBJECT_PUT are asked before the body is read.",
      bytes: "in",
      message: "Object stored",
      data: shownFile,
      handle: (asked) => inOwnWords(() => put(context, asked)),
    }),
    route({
      ...common,
      method: "GET",
      operationId: "getObject",
      summary: "Sends an object's bytes",
      description:
        "Always as an attachment, so that no browser shows or runs what somebody uploaded. `range`, `if-range`, `if-match`, `if-none-match`, `if-modified-since` and `if-unmodified-since` mean what they mean in HTTP: answers may be 206, 304, 412 and 416. HEAD answers the headers alone. `GET /api/cloud/files/?bucket=&key=` tells more of the object.",
      query: Type.Object({
        ...common.query.properties,
        tenant: Type.Optional(
          Type.String({ description: "Whose bucket: for operators, in links, which bring no `X-Signalbox-Tenant`." }),
        ),
      }),
      bytes: "out",
      message: "",
      data: bytesAnswer,
      handle: (asked) => inOwnWords(() => get(context, asked)),
    }),
    route({
      ...common,
      method: "DELETE",
      operationId: "deleteObject",
      summary: "Deletes an object",
      description: "With `if-match`, only what has that `eTag`. Hooks on PRE_OBJECT_DELETE are asked.",
      message: "Object deleted",
      data: Type.Object({}),
      handle: (asked) => inOwnWords(() => remove(context, asked)),
    }),
  ];
}

async function put(context: ContentsContext, asked: Asked) {
  const { headers, incoming, again } = asked;
  const place = await writePlace(context, asked);
  const facts = { ...readFacts(headers, ownMetadata), tags: {} };
  const { "content-length": length, "transfer-encoding": coding, "content-md5": md5 } = headers;
  const said = defined({ "content-length": coding === undefined ? (length ?? "0") : undefined, "content-md5": md5 });
  const spec = bodySpec(said, { payload: { kind: "unsigned" } }, { maxBytes: context.config.maxObjectBytes });
  const bucketName = place.bucket.name;
  const object = await putObject(context, {
    ...place,
    facts,
    ...defined({ size: spec.contentLength }),
    receive: async () =>
      wholeContent(await keepBytes(context, { bucketName, signer: again }, readBody(incoming(), spec))),
  });
  return showFile(fileOf(place.bucket, object));
}

async function remove(context: ContentsContext, asked: Asked) {
  if ((await removeObject(context, await writePlace(context, asked))) === undefined) {
    throw new ResourceFailure("no_such_key");
  }
  return {};
}

/** Which object is written, by whom, and how long they wait for hooks: as long as on S3, since a body waits with them. */
async function writePlace(context: ContentsContext, { caller, params, query, headers, signal }: Asked) {
  const bucket = await findBucket(context.store, caller, params.bucket, "write");
  return {
    principal: caller,
    origin: originOf(caller),
    chainMs: context.config.hookChainS3Ms,
    signal,
    bucket,
    key: checkedKey("key", query.key),
    ...defined({ precondition: writePrecondition(headers) }),
  };
}

async function get(context: ContentsContext, { caller, params, query, headers, method }: Asked): Promise<BytesAnswer> {
  const bucket = await findBucket(context.store, caller, params.bucket, "read");
  const place = { bucket, key: checkedKey("key", query.key) };
  const wanted = {
    conditions: readConditions(headers),
    range: headers.range,
    ifRange: header(headers, "if-range"),
  };
  const choose = (object: StoredObject): ChosenBytes => {
    const chosen = chooseBytes(object, wanted);
    // To a function answers come as one text.
    if (caller.chain === undefined || chosen.end - chosen.start < longestCallAnswer) return chosen;
    throw new SignalboxError(
      "too_large",
      `range: a function gets at most ${longestCallAnswer} bytes at once; ask for fewer`,
    );
  };
  if (method === "HEAD") {
    const object = await statObject(context.store, bucket, place.key);
    return described(object, choose(object), nothing());
  }
  const { object, range, bytes } = await readObject(context, place, choose);
  if (range.isKnown) return described(object, range, nothing());
  if (context.config.downloadEvents === "on") {
    await announceDownload(context, { principal: caller, bucket, origin: originOf(caller) }, object);
  }
  return described(object, range, bytes);
}

function nothing(): Readable {
  return Readable.from([], { objectMode: false });
}

/** Whatever the bytes are, they must do nothing in a browser that has a session here. */
const harmless = {
  "content-security-policy": "sandbox",
  "x-content-type-options": "nosniff",
  "cross-origin-resource-policy": "same-origin",
} as const;

function described(
  object: StoredObject,
  { start, end, partial, isKnown }: ChosenBytes,
  bytes: BytesAnswer["bytes"],
): BytesAnswer {
  const { key, size, contentType, headers, userMetadata, modifiedMs } = object;
  const about = { ...ofObject(object), "last-modified": httpTime(modifiedMs), ...harmless };
  if (isKnown) return { status: 304, headers: about, bytes };
  const { "content-encoding": encoding, "content-language": language } = headers;
  const kept = { "content-encoding": encoding, "content-language": language };
  return {
    status: partial ? 206 : 200,
    headers: {
      ...about,
      "content-type": sendable(contentType),
      "content-length": end - start + 1,
      "content-disposition": attachmentOf(key),
      "accept-ranges": "bytes",
      ...Object.fromEntries(
        Object.entries(kept).flatMap(([name, value]) => (value === undefined ? [] : [[name, sendable(value)]])),
      ),
      ...Object.fromEntries(
        Object.entries(userMetadata)
          .filter(([name]) => isMetadataName(name))
          .map(([name, value]) => [`${ownMetadata}${name}`, metadataHeaderValue(value)]),
      ),
      ...(partial ? { "content-range": `bytes ${start}-${end}/${size}` } : {}),
    },
    bytes,
  };
}

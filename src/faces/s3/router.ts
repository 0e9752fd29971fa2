import { lookForBucket } from "../../storage/buckets.ts";
import { getAttributes } from "./attribute-routes.ts";
import { deleteBucket, getBuckets, getLocation, headBucket, putBucket } from "./bucket-routes.ts";
import type { BucketCall, ObjectCall, S3Answer, S3Call, S3Handler } from "./call.ts";
import { judgedConfiguration, keptConfiguration, standingConfiguration } from "./configuration-routes.ts";
import { putCopy } from "./copy-routes.ts";
import { refuseConditions, refuseForeignHeaders } from "./foreign.ts";
import { refuseSignedForm } from "./form-routes.ts";
import { getObjects } from "./list-routes.ts";
import { getVersions } from "./list-versions-routes.ts";
import { deleteUpload, postComplete, postUpload, putPartBytes } from "./multipart-routes.ts";
import { getNotifications, putNotifications } from "./notification-routes.ts";
import { queryHeader } from "./object-query.ts";
import { deleteObject, deleteObjects, putBytes } from "./object-routes.ts";
import { getObject, headObject } from "./read-routes.ts";
import { refuseOtherOwner } from "./request.ts";
import { absent, blank, getBucketAcl, getObjectAcl, putBucketAcl, putObjectAcl, removeNothing } from "./stub-routes.ts";
import { deleteTags, getTags, putTags } from "./tagging-routes.ts";
import { getParts, getUploads } from "./upload-list-routes.ts";
import { judgeLogging, judgeRequestPayment } from "./wire/bucket-xml.ts";
import { S3Error } from "./wire/errors.ts";

type Methods<C extends S3Call> = Readonly<Partial<Record<string, S3Handler<C>>>>;

/** What a path names, and below it what the query names: `""` is the thing itself. The first that the query has rules. */
type Routes<C extends S3Call> = Readonly<Record<string, Methods<C>>>;

const configuration = (get: S3Handler<BucketCall>): Methods<BucketCall> => ({ GET: get, DELETE: removeNothing });

const bucketRoutes: Routes<BucketCall> = {
  delete: { POST: deleteObjects },
  uploads: { GET: getUploads },
  location: { GET: getLocation },
  acl: { GET: getBucketAcl, PUT: putBucketAcl },
  notification: { GET: getNotifications, PUT: putNotifications },
  versioning: standingConfiguration("versioning"),
  requestPayment: {
    GET: blank("RequestPaymentConfiguration", { Payer: "BucketOwner" }),
    PUT: judgedConfiguration("RequestPaymentConfiguration", judgeRequestPayment),
  },
  logging: { GET: blank("BucketLoggingStatus"), PUT: judgedConfiguration("BucketLoggingStatus", judgeLogging) },
  accelerate: standingConfiguration("accelerate"),
  policy: configuration(absent("NoSuchBucketPolicy")),
  policyStatus: { GET: absent("NoSuchBucketPolicy") },
  cors: keptConfiguration("cors"),
  lifecycle: configuration(absent("NoSuchLifecycleConfiguration")),
  encryption: keptConfiguration("encryption"),
  "object-lock": { GET: absent("ObjectLockConfigurationNotFoundError") },
  website: configuration(absent("NoSuchWebsiteConfiguration")),
  replication: configuration(absent("ReplicationConfigurationNotFoundError")),
  publicAccessBlock: keptConfiguration("publicAccessBlock"),
  ownershipControls: keptConfiguration("ownershipControls"),
  tagging: keptConfiguration("tagging"),
  versions: { GET: getVersions },
  analytics: {},
  inventory: {},
  metrics: {},
  "intelligent-tiering": {},
  metadataTable: {},
  metadataConfiguration: {},
  session: {},
  abac: {},
  // MinIO's live notifications.
  events: {},
  "": { GET: getObjects, PUT: putBucket, HEAD: headBucket, DELETE: deleteBucket, POST: refuseSignedForm },
};

const objectRoutes: Routes<ObjectCall> = {
  uploads: { POST: postUpload },
  uploadId: { GET: getParts, PUT: putPartBytes, POST: postComplete, DELETE: deleteUpload },
  tagging: { GET: getTags, PUT: putTags, DELETE: deleteTags },
  acl: { GET: getObjectAcl, PUT: putObjectAcl },
  attributes: { GET: getAttributes },
  retention: {},
  "legal-hold": {},
  torrent: {},
  restore: {},
  select: {},
  renameObject: {},
  encryption: {},
  annotation: {},
  append: {},
  "": { GET: getObject, HEAD: headObject, PUT: putOrCopy, DELETE: deleteObject },
};

/** Writes that judge If-Match and If-None-Match. */
const conditional: ReadonlySet<S3Handler<ObjectCall>> = new Set([putOrCopy, deleteObject, postComplete]);

const serviceRoutes: Routes<S3Call> = { "": { GET: getBuckets } };

function putOrCopy(call: ObjectCall): Promise<S3Answer> {
  return call.headers["x-amz-copy-source"] === undefined ? putBytes(call) : putCopy(call);
}

/**
 * Answers a request whose sender is known.
 *
 * @throws S3Error MethodNotAllowed; NotImplemented for what S3 has and Signalbox has not; those of the routes.
 */
export async function routeS3(call: S3Call): Promise<S3Answer> {
  const { bucket, key } = call.address;
  const ofBucket = bucket === undefined || key !== undefined ? undefined : pick(bucketRoutes, call);
  const isQueried = ofBucket === getObjects && call.query.get("list-type") === "2";
  refuseForeignHeaders(call.exchange.request.method, call.headers, isQueried ? queryHeader : undefined);
  if (bucket === undefined) return pick(serviceRoutes, call)(call);
  if (call.headers[expectedOwner] !== undefined) await checkExpectedOwner(call, bucket);
  const { method } = call.exchange.request;
  if (ofBucket !== undefined) {
    refuseConditions(method, call.headers);
    return ofBucket({ ...call, bucketName: bucket });
  }
  refuseStray(call);
  const ofObject = pick(objectRoutes, call);
  if (!conditional.has(ofObject)) refuseConditions(method, call.headers);
  return ofObject({ ...call, bucketName: bucket, key: key ?? "" });
}

/**
 * What would be a write of the whole object were the rest of its URL passed over: of a bucket's document, of a part, of a version.
 *
 * @throws S3Error NotImplemented, InvalidArgument
 */
function refuseStray({ exchange, query }: S3Call): void {
  const { method } = exchange.request;
  const has = (name: string): boolean => name !== "" && query.has(name);
  if (query.size === 0 || (method !== "PUT" && method !== "DELETE") || Object.keys(objectRoutes).some(has)) return;
  const ofBuckets = Object.keys(bucketRoutes).find(has);
  if (ofBuckets !== undefined) {
    throw new S3Error(
      "NotImplemented",
      `${method} ?${ofBuckets} is not implemented for an object: it is for a bucket.`,
    );
  }
  if (query.has("partNumber")) throw new S3Error("InvalidArgument", "uploadId is missing.");
  if (method === "PUT" && !["", "null"].includes(query.get("versionId") ?? "")) {
    throw new S3Error("InvalidArgument", "This operation does not accept a version-id.");
  }
}

const expectedOwner = "x-amz-expected-bucket-owner";

/** A client that names the owner of the bucket means to be refused when it is another's. */
async function checkExpectedOwner({ context, principal, headers }: S3Call, name: string): Promise<void> {
  // What the sender may not see is not there, whichever its owner: that is for the route to say.
  const bucket = await lookForBucket(context.store, principal, name, "read");
  if (typeof bucket !== "string") refuseOtherOwner(headers, expectedOwner, bucket);
}

const methods = new Set(["GET", "HEAD", "PUT", "POST", "DELETE"]);

function pick<C extends S3Call>(routes: Routes<C>, { exchange, query }: S3Call): S3Handler<C> {
  const method = exchange.request.method ?? "GET";
  const name = query.size === 0 ? "" : (Object.keys(routes).find((sub) => sub !== "" && query.has(sub)) ?? "");
  const found = routes[name]?.[method];
  if (found !== undefined) return found;
  if (!methods.has(method) || name === "") {
    throw new S3Error("MethodNotAllowed", undefined, { extra: { Method: method, ResourceType: name || "OBJECT" } });
  }
  throw new S3Error("NotImplemented", `${method} ?${name} is not implemented.`);
}

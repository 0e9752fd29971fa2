import { managesTenant, mayManage, mayReach, type Permission, type Principal } from "../domain/access.ts";
import type { NewEvent } from "../domain/event.ts";
import type { OwnEvent } from "../domain/raised-events.ts";
import { blobsOf, freshUuid, type ResourceDeps } from "../platform/deps.ts";
import { ResourceFailure } from "../platform/failure.ts";
import { raised } from "../platform/raise.ts";
import { shownBucket } from "../platform/shown.ts";
import type { NamedConfiguration } from "../store/configurations.ts";
import type { Bucket, Piece } from "../store/records.ts";
import type { Store } from "../store/store.ts";
import { allParts } from "./parts.ts";

/**
 * The bucket of that name, if `principal` may do `wanted` to what lies in it.
 *
 * @throws ResourceFailure `no_such_bucket` when there is none that the caller may see; `access_denied` when it may only be read.
 */
export async function findBucket(
  store: Store,
  principal: Principal,
  name: string,
  wanted: Permission,
): Promise<Bucket> {
  const bucket = await store.objects.bucket(principal.tenant, name);
  if (bucket === undefined) throw new ResourceFailure("no_such_bucket");
  if (mayReach(principal, bucket, wanted)) return bucket;
  const grant = await store.grants.reach(bucket.uuid, principal.name);
  if (!mayReach(principal, bucket, "read", grant)) throw new ResourceFailure("no_such_bucket");
  if (!mayReach(principal, bucket, wanted, grant)) throw new ResourceFailure("access_denied");
  return bucket;
}

export interface NewBucket {
  readonly name: string;
  /** What holds for it from the first moment. */
  readonly configurations?: readonly NamedConfiguration[];
}

/**
 * A new bucket of `principal`, who owns it. Names are unique in a tenant.
 *
 * @throws ResourceFailure `bucket_yours` when it exists and the caller may write to it, otherwise `bucket_taken`: that a name
 * is taken is all that is told of a bucket that the caller may not see.
 */
export async function createBucket(
  deps: ResourceDeps,
  principal: Principal,
  { name, configurations = [] }: NewBucket,
): Promise<Bucket> {
  const { tenant, name: owner } = principal;
  const bucket: Bucket = {
    uuid: freshUuid(deps.clock, "bucket"),
    tenant,
    name,
    owner,
    createdMs: deps.clock.now(),
  };
  const commit = await deps.publish({
    conditions: [{ if: "bucket.nameFree", tenant, name }],
    changes: [
      { do: "bucket.add", bucket },
      ...configurations.map((configuration) => ({
        do: "configuration.put" as const,
        bucket: bucket.uuid,
        configuration,
      })),
    ],
    events: [bucketEvent(deps, principal, { bucket, name: "CREATED" })],
  });
  if (commit.kind === "committed") return bucket;
  const writable = await findBucket(deps.store, principal, name, "write").then(
    () => true,
    () => false,
  );
  throw new ResourceFailure(writable ? "bucket_yours" : "bucket_taken");
}

/**
 * Removes an empty bucket with the multipart uploads under way in it.
 *
 * @throws ResourceFailure `no_such_bucket`; `access_denied` for all but its owner and who manages the tenant; `bucket_not_empty`.
 */
export async function removeBucket(deps: ResourceDeps, principal: Principal, name: string): Promise<void> {
  const bucket = await findBucket(deps.store, principal, name, "read");
  if (!mayManage(principal, bucket)) throw new ResourceFailure("access_denied");
  const parts = await partsIn(deps.store, bucket);
  const commit = await deps.publish({
    conditions: [
      { if: "bucket.live", bucket: bucket.uuid },
      { if: "bucket.empty", bucket: bucket.uuid },
    ],
    changes: [{ do: "bucket.remove", bucket: bucket.uuid, atMs: deps.clock.now() }],
    events: [bucketEvent(deps, principal, { bucket, name: "DELETED" })],
  });
  if (commit.kind === "refused") {
    throw new ResourceFailure(commit.condition.if === "bucket.empty" ? "bucket_not_empty" : "no_such_bucket");
  }
  // A part that was put since they were listed is left to the sweeper.
  await deps.leases.discard(blobsOf(parts));
}

/** For who watches the bucket. Buckets come, go and change by the S3 endpoint only. */
export function bucketEvent(
  { clock }: ResourceDeps,
  { name: actor }: Principal,
  { bucket, name }: { readonly bucket: Bucket; readonly name: OwnEvent<"bucket"> },
): NewEvent {
  const { tenant, uuid, owner } = bucket;
  const resource = shownBucket(bucket);
  return raised(clock, { tenant, uuid, kind: "bucket", owners: [owner], name, resource, actor, origin: "s3" });
}

/** Which buckets, and where to go on. */
export interface BucketQuery {
  readonly prefix?: string;
  /** The last name of the page before. */
  readonly after?: string;
  /** At least 1. */
  readonly max: number;
  /** Those for which it says no are left out. */
  readonly fits?: (bucket: Bucket) => Promise<boolean>;
}

/** The buckets that `principal` may see, by name. `next` is where to go on when there are more. */
export async function listBuckets(
  store: Store,
  principal: Principal,
  { prefix = "", after, max, fits }: BucketQuery,
): Promise<{ readonly buckets: readonly Bucket[]; readonly next?: string }> {
  const query = {
    tenant: principal.tenant,
    ...(managesTenant(principal) ? {} : { visibleTo: principal.name }),
  };
  const buckets: Bucket[] = [];
  for (let place = after; ; ) {
    const page = await store.objects.buckets(query, { max: 1000, ...(place === undefined ? {} : { after: place }) });
    for (const bucket of page) {
      if (!bucket.name.startsWith(prefix) || (await fits?.(bucket)) === false) continue;
      if (buckets.length === max) return { buckets, next: buckets.at(-1)?.name ?? "" };
      buckets.push(bucket);
    }
    place = page.at(-1)?.name;
    if (page.length < 1000) return { buckets };
  }
}

async function partsIn(store: Store, bucket: Bucket): Promise<Pick<Piece, "blob">[]> {
  const found: Pick<Piece, "blob">[] = [];
  for (let after: { readonly key: string; readonly id: string } | undefined; ; ) {
    const query = { bucket: bucket.uuid, prefix: "" };
    const uploads = await store.uploads.uploads(query, { max: 1000, ...(after === undefined ? {} : { after }) });
    for (const upload of uploads) for (const { blob } of await allParts(store, upload.id)) found.push({ blob });
    after = uploads.at(-1);
    if (uploads.length < 1000) return found;
  }
}

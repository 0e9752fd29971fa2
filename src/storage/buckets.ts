import type { StorageContext } from "../context.ts";
import { managesTenant, mayManage, mayReach, type Permission, type Principal } from "../domain/access.ts";
import type { ConfigurationName } from "../domain/bucket-configurations.ts";
import { defined } from "../domain/defined.ts";
import type { NewEvent } from "../domain/event.ts";
import type { OwnEvent } from "../domain/raised-events.ts";
import { blobsOf, freshUuid } from "../platform/deps.ts";
import { ResourceFailure } from "../platform/failure.ts";
import { raised } from "../platform/raise.ts";
import { shownBucket } from "../platform/shown.ts";
import type { NamedConfiguration } from "../store/configurations.ts";
import type { Bucket, Piece } from "../store/records.ts";
import type { Store } from "../store/store.ts";
import type { Change, Unit } from "../store/unit.ts";
import { allParts } from "./uploads.ts";

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
  const found = await lookForBucket(store, principal, name, wanted);
  if (typeof found === "string") throw new ResourceFailure(found);
  return found;
}

/** The same, with the error when there is none. */
export async function lookForBucket(
  store: Store,
  principal: Principal,
  name: string,
  wanted: Permission,
): Promise<Bucket | "no_such_bucket" | "access_denied"> {
  const bucket = await store.objects.bucket(principal.tenant, name);
  if (bucket === undefined) return "no_such_bucket";
  if (mayReach(principal, bucket, wanted)) return bucket;
  const grant = await store.grants.reach(bucket.uuid, principal.name);
  if (!mayReach(principal, bucket, "read", grant)) return "no_such_bucket";
  return mayReach(principal, bucket, wanted, grant) ? bucket : "access_denied";
}

/**
 * The bucket of that name, if `principal` may say what holds for it as a whole. A grant on a bucket is for what lies in it.
 *
 * @throws ResourceFailure `no_such_bucket`; `access_denied` for all but its owner and who manages the tenant
 */
export async function findManagedBucket(
  { store }: StorageContext,
  principal: Principal,
  name: string,
): Promise<Bucket> {
  const bucket = await findBucket(store, principal, name, "read");
  if (!mayManage(principal, bucket)) throw new ResourceFailure("access_denied");
  return bucket;
}

/** Who makes, changes or removes a bucket, and by which way. */
interface ByWhom {
  readonly principal: Principal;
  /** `s3`, `api`, …: {@link NewEvent.origin}. */
  readonly origin: string;
}

interface NewBucket extends ByWhom {
  readonly name: string;
  /** What holds for it from the first moment. */
  readonly configurations?: readonly NamedConfiguration[];
  /** What else belongs into its commit. */
  readonly also?: (bucket: Bucket) => Pick<Unit, "conditions" | "changes">;
}

type BucketMade =
  | { readonly kind: "made"; readonly bucket: Bucket }
  /** It exists, and the caller may write to it. */
  | { readonly kind: "yours"; readonly bucket: Bucket }
  /** All that a caller learns of a bucket that they may not see. */
  | { readonly kind: "taken" };

/** @throws ResourceFailure `bucket_yours`, `bucket_taken` where none was made. */
export function madeBucket(made: BucketMade): Bucket {
  if (made.kind === "made") return made.bucket;
  throw new ResourceFailure(made.kind === "yours" ? "bucket_yours" : "bucket_taken");
}

/** A new bucket of `principal`, who owns it. Names are unique in a tenant. */
export async function makeBucket(
  context: StorageContext,
  { principal, origin, name, configurations = [], also }: NewBucket,
): Promise<BucketMade> {
  const { tenant, name: owner } = principal;
  const bucket: Bucket = {
    uuid: freshUuid(context.clock, "bucket"),
    tenant,
    name,
    owner,
    createdMs: context.clock.now(),
  };
  const more = also?.(bucket);
  const commit = await context.publish({
    conditions: [...(more?.conditions ?? []), { if: "bucket.nameFree", tenant, name }],
    changes: [
      { do: "bucket.add", bucket },
      ...configurations.map((configuration) => ({
        do: "configuration.put" as const,
        bucket: bucket.uuid,
        configuration,
      })),
      ...(more?.changes ?? []),
    ],
    events: [bucketEvent(context, { principal, origin }, { bucket, name: "CREATED" })],
  });
  if (commit.kind === "committed") return { kind: "made", bucket };
  const found = await lookForBucket(context.store, principal, name, "write");
  return typeof found === "string" ? { kind: "taken" } : { kind: "yours", bucket: found };
}

/**
 * Removes an empty bucket with the multipart uploads under way in it.
 *
 * @throws ResourceFailure `no_such_bucket`; `access_denied` for all but its owner and who manages the tenant; `bucket_not_empty`.
 */
export async function removeBucket(
  context: StorageContext,
  { principal, origin, name }: ByWhom & { readonly name: string },
): Promise<void> {
  const bucket = await findManagedBucket(context, principal, name);
  const parts = await partsIn(context.store, bucket);
  const commit = await context.publish({
    conditions: [
      { if: "bucket.live", bucket: bucket.uuid },
      { if: "bucket.empty", bucket: bucket.uuid },
    ],
    changes: [{ do: "bucket.remove", bucket: bucket.uuid, atMs: context.clock.now() }],
    events: [bucketEvent(context, { principal, origin }, { bucket, name: "DELETED" })],
  });
  if (commit.kind === "refused") {
    throw new ResourceFailure(commit.condition.if === "bucket.empty" ? "bucket_not_empty" : "no_such_bucket");
  }
  // A part that was put since they were listed is left to the sweeper.
  await context.leases.discard(blobsOf(parts));
}

/** What is to hold for a bucket from now on: a configuration, or that there is none of this name. */
export type RequestedConfiguration =
  | NamedConfiguration
  | { readonly name: ConfigurationName; readonly value?: undefined };

/**
 * Keeps it for the bucket, and tells who watches that (`UPDATED`).
 *
 * @throws ResourceFailure `no_such_bucket` when it has gone meanwhile
 */
export async function configureBucket(
  context: StorageContext,
  { principal, origin, bucket }: ByWhom & { readonly bucket: Bucket },
  requested: RequestedConfiguration,
): Promise<void> {
  const { uuid } = bucket;
  const change: Change =
    requested.value === undefined
      ? { do: "configuration.remove", bucket: uuid, name: requested.name }
      : { do: "configuration.put", bucket: uuid, configuration: requested };
  const commit = await context.publish({
    conditions: [{ if: "bucket.live", bucket: uuid }],
    changes: [change],
    events: [bucketEvent(context, { principal, origin }, { bucket, name: "UPDATED" })],
  });
  if (commit.kind === "refused") throw new ResourceFailure("no_such_bucket");
}

/** For who watches the bucket. */
function bucketEvent(
  { clock }: StorageContext,
  { principal, origin }: ByWhom,
  { bucket, name }: { readonly bucket: Bucket; readonly name: OwnEvent<"bucket"> },
): NewEvent {
  const { tenant, uuid, owner } = bucket;
  const resource = shownBucket(bucket);
  const { name: actor, chain } = principal;
  const by = { actor, origin, ...defined({ chain }) };
  return raised(clock, { tenant, uuid, kind: "bucket", owners: [owner], name, resource, ...by });
}

/** Which buckets, and where to go on. */
interface BucketQuery {
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
    const page = await store.objects.buckets(query, { max: 1000, ...defined({ after: place }) });
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
    const uploads = await store.uploads.uploads(query, { max: 1000, ...defined({ after }) });
    for (const upload of uploads) for (const { blob } of await allParts(store, upload.id)) found.push({ blob });
    after = uploads.at(-1);
    if (uploads.length < 1000) return found;
  }
}

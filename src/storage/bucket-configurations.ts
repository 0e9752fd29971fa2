import { mayManage, type Principal } from "../domain/access.ts";
import type { ConfigurationName } from "../domain/bucket-configurations.ts";
import type { ResourceDeps } from "../platform/deps.ts";
import { ResourceFailure } from "../platform/failure.ts";
import type { NamedConfiguration } from "../store/configurations.ts";
import type { Bucket } from "../store/records.ts";
import type { Change } from "../store/unit.ts";
import { bucketEvent, findBucket } from "./buckets.ts";

/**
 * The bucket of that name, if `principal` may say what holds for it as a whole. A grant on a bucket is for what lies in it.
 *
 * @throws ResourceFailure `no_such_bucket`; `access_denied` for all but its owner and who manages the tenant
 */
export async function findManagedBucket({ store }: ResourceDeps, principal: Principal, name: string): Promise<Bucket> {
  const bucket = await findBucket(store, principal, name, "read");
  if (!mayManage(principal, bucket)) throw new ResourceFailure("access_denied");
  return bucket;
}

/** What is to hold for a bucket from now on: a configuration, or that there is none of this name. */
export type Wish = NamedConfiguration | { readonly name: ConfigurationName; readonly value?: undefined };

/**
 * Keeps it for the bucket, and tells who watches that (`UPDATED`).
 *
 * @throws ResourceFailure `no_such_bucket` when it has gone meanwhile
 */
export async function configureBucket(
  deps: ResourceDeps,
  { principal, bucket }: { readonly principal: Principal; readonly bucket: Bucket },
  wish: Wish,
): Promise<void> {
  const { uuid } = bucket;
  const change: Change =
    wish.value === undefined
      ? { do: "configuration.remove", bucket: uuid, name: wish.name }
      : { do: "configuration.put", bucket: uuid, configuration: wish };
  const commit = await deps.publish({
    conditions: [{ if: "bucket.live", bucket: uuid }],
    changes: [change],
    events: [bucketEvent(deps, principal, { bucket, name: "UPDATED" })],
  });
  if (commit.kind === "refused") throw new ResourceFailure("no_such_bucket");
}

import { type Grant, mayManage, type Permission, type Principal } from "../domain/access.ts";
import type { Uuid } from "../domain/ids.ts";
import { notFound, SignalboxError } from "../errors.ts";
import type { Publish } from "../publish.ts";
import type { Bucket } from "../store/records.ts";
import type { Store } from "../store/store.ts";

/** Who else may reach a resource. Buckets, for now. Handed out by who may manage it. */

export interface GrantDeps {
  readonly store: Store;
  readonly publish: Publish;
}

async function managed(store: Store, caller: Principal, resource: Uuid): Promise<Bucket> {
  const bucket = await store.objects.bucketByUuid(resource);
  if (bucket === undefined || !mayManage(caller, bucket)) throw notFound(`a resource '${resource}' that you may share`);
  return bucket;
}

/** @throws SignalboxError `not_found` when there is no such resource that the caller may manage. */
export async function listGrants(store: Store, caller: Principal, resource: Uuid): Promise<Grant[]> {
  return store.identities.grants((await managed(store, caller, resource)).uuid);
}

/**
 * Lets a principal of the tenant read, or read and write, in place of what it might before.
 *
 * @throws SignalboxError `not_found` when there is no such resource that the caller may manage, or no such principal.
 */
export async function putGrant(
  { store, publish }: GrantDeps,
  caller: Principal,
  {
    resource,
    grantee,
    permission,
  }: { readonly resource: Uuid; readonly grantee: string; readonly permission: Permission },
): Promise<Grant> {
  const bucket = await managed(store, caller, resource);
  if ((await store.identities.principal(bucket.tenant, grantee)) === undefined) throw notFound(`user '${grantee}'`);
  const grant: Grant = { resource: bucket.uuid, grantee, permission };
  const commit = await publish({
    conditions: [{ if: "bucket.live", bucket: bucket.uuid }],
    changes: [{ do: "grant.put", grant }],
  });
  if (commit.kind === "refused") throw new SignalboxError("not_found", "the bucket was deleted meanwhile");
  return grant;
}

/** @throws SignalboxError `not_found` when there is no such resource that the caller may manage, or no such grant. */
export async function removeGrant(
  { store, publish }: GrantDeps,
  caller: Principal,
  { resource, grantee }: { readonly resource: Uuid; readonly grantee: string },
): Promise<void> {
  const bucket = await managed(store, caller, resource);
  if ((await store.identities.grant(bucket.uuid, grantee)) === undefined)
    throw notFound(`a grant for user '${grantee}'`);
  await publish({ changes: [{ do: "grant.remove", resource: bucket.uuid, grantee }] });
}

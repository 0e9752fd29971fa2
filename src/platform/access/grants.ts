import type { Context } from "../../context.ts";
import { everyone, type Grant, type Permission, type Principal } from "../../domain/access.ts";
import { defined } from "../../domain/defined.ts";
import type { NewEvent } from "../../domain/event.ts";
import type { Uuid } from "../../domain/ids.ts";
import { notFound } from "../../errors.ts";
import type { Store } from "../../store/store.ts";
import { withParents } from "../ancestors.ts";
import { type By, byCaller } from "../asking.ts";
import { grantThing, notedBy } from "../edits.ts";
import { raised } from "../raise.ts";
import { manages, type Resource, resourceAt, sees } from "../registry.ts";

/** Who else may reach a resource, of whatever kind. Handed out by who may manage it, and announced to who watches it. */

/** @throws SignalboxError `not_found` when there is no such resource that the caller may manage. */
export async function checkMayShare(store: Store, caller: Principal, resource: Uuid): Promise<void> {
  await managed(store, caller, resource);
}

/** The resource, in the same words missing whether it does not exist or is not the caller's to share. */
async function managed(store: Store, caller: Principal, uuid: Uuid): Promise<Resource> {
  const resource = await resourceAt(store, caller.tenant, uuid);
  if (resource === undefined || !manages(caller, resource)) throw unshareable(uuid);
  return resource;
}

function unshareable(uuid: string): Error {
  return notFound(`a resource '${uuid}' that you may share`);
}

/** By name. @throws SignalboxError `not_found` when there is no such resource that the caller may manage. */
export async function listGrants(store: Store, caller: Principal, resource: Uuid): Promise<Grant[]> {
  return store.grants.grants((await managed(store, caller, resource)).uuid);
}

/**
 * The grant of one principal. Its holder may look at it too.
 *
 * @throws SignalboxError `not_found` when there is no such resource that the caller may manage, or is granted; or no such grant.
 */
export async function findGrant(
  store: Store,
  caller: Principal,
  { resource: uuid, grantee }: Pick<Grant, "resource" | "grantee">,
): Promise<Grant> {
  const resource = await resourceAt(store, caller.tenant, uuid);
  if (resource === undefined) throw unshareable(uuid);
  const own = grantee === caller.name && (await sees(store, caller, resource));
  if (!own && !manages(caller, resource)) throw unshareable(uuid);
  const { grants } = store;
  const permission = await (own ? grants.reach(uuid, grantee) : grants.grant(uuid, grantee));
  if (permission === undefined) throw noGrant(grantee);
  return { resource: uuid, grantee, permission };
}

function noGrant(grantee: string): Error {
  return notFound(`a grant for user '${grantee}'`);
}

/**
 * Lets a principal of the tenant read, or read and write, in place of what it might before.
 *
 * @throws SignalboxError `not_found` when there is no such resource that the caller may manage, or no such principal.
 */
export async function putGrant(
  deps: Pick<Context, "clock" | "publish" | "store">,
  caller: Principal,
  grant: Grant,
): Promise<Grant> {
  return share(deps, await managed(deps.store, caller, grant.resource), { ...grant, by: byCaller(caller) });
}

/** @throws SignalboxError `not_found` when there is no such resource that the caller may manage, or no such grant. */
export async function removeGrant(
  deps: Pick<Context, "clock" | "publish" | "store">,
  caller: Principal,
  { resource, grantee }: Pick<Grant, "resource" | "grantee">,
): Promise<void> {
  await unshare(deps, await managed(deps.store, caller, resource), { grantee, by: byCaller(caller) });
}

/** @throws SignalboxError `not_found` when there is no such principal, or the resource was deleted meanwhile. */
export async function share(
  deps: Pick<Context, "clock" | "publish" | "store">,
  resource: Resource,
  { grantee, permission, by }: { readonly grantee: string; readonly permission: Permission; readonly by: By },
): Promise<Grant> {
  const { uuid, tenant } = resource;
  if (grantee !== everyone) {
    const principal = await deps.store.identities.principal(tenant, grantee);
    if (principal === undefined || principal.endedMs !== undefined) throw notFound(`user '${grantee}'`);
  }
  const grant: Grant = { resource: uuid, grantee, permission };
  const commit = await deps.publish({
    conditions: [{ if: "resource.live", uuid }],
    changes: [{ do: "grant.put", grant }, notedBy(deps, by, grantThing(uuid, grantee))],
    events: [await permissionEvent(deps, resource, { name: "PERMISSION_GRANT", grant, by })],
  });
  if (commit.kind === "refused") throw unshareable(uuid);
  return grant;
}

/**
 * A principal that loses sight of the resource by that gets no event of it: grants are judged when the event is dispatched.
 *
 * @throws SignalboxError `not_found` when there is no such grant (any more), or the resource was deleted meanwhile.
 */
export async function unshare(
  deps: Pick<Context, "clock" | "publish" | "store">,
  resource: Resource,
  { grantee, by }: { readonly grantee: string; readonly by: By },
): Promise<void> {
  const { uuid } = resource;
  const permission = await deps.store.grants.grant(uuid, grantee);
  if (permission === undefined) throw noGrant(grantee);
  const grant: Grant = { resource: uuid, grantee, permission };
  const commit = await deps.publish({
    conditions: [
      { if: "resource.live", uuid },
      { if: "grant.exists", resource: uuid, grantee },
    ],
    changes: [
      { do: "grant.remove", resource: uuid, grantee },
      { do: "edit.end", thing: grantThing(uuid, grantee) },
    ],
    events: [await permissionEvent(deps, resource, { name: "PERMISSION_REVOKE", grant, by })],
  });
  if (commit.kind === "refused") throw commit.condition.if === "grant.exists" ? noGrant(grantee) : unshareable(uuid);
}

interface GrantChange {
  readonly name: "PERMISSION_GRANT" | "PERMISSION_REVOKE";
  /** Of a revoke: what was taken. */
  readonly grant: Grant;
  readonly by: By;
}

async function permissionEvent(
  { store, clock }: Pick<Context, "store" | "clock">,
  resource: Resource,
  { name, grant, by }: GrantChange,
): Promise<NewEvent> {
  const { uuid, tenant, kind, owners, scope, shown } = resource;
  const { grantee: username, permission } = grant;
  const lastUpdated = new Date(clock.now()).toISOString();
  return raised(clock, {
    tenant,
    uuid,
    kind,
    owners,
    ...defined({ scope }),
    ...(await withParents(store, resource)),
    name,
    resource: shown,
    // As the documented payloads spell it.
    permission: { id: uuid, permission: permission.toUpperCase(), username, lastUpdated },
    ...by,
  });
}

import { everyone, managesTenant, type Principal } from "../domain/access.ts";
import { defined } from "../domain/defined.ts";
import { kinds, type Uuid } from "../domain/ids.ts";
import type { JsonObject } from "../domain/merge-patch.ts";
import { openToDevelopers } from "../domain/visibility.ts";
import { notFound } from "../errors.ts";
import type { Registered } from "../store/records.ts";
import type { Store } from "../store/store.ts";
import {
  announcedApp,
  announcedFile,
  announcedFunctionData,
  announcedSubscription,
  shownBucket,
  shownProfile,
  shownRegistered,
} from "./shown.ts";

/** Everything that has a uuid, wherever it is kept: what it is, and who sees it. */

export interface Resource {
  readonly uuid: Uuid;
  readonly tenant: string;
  /** Name of its kind. */
  readonly kind: string;
  /** Principals who see it without a grant: its own owner first, then that of what it lies in. */
  readonly owners: readonly string[];
  /** What it lies in: a grant on that shows this too. */
  readonly scope?: Uuid;
  /** What else it lies in: its events are announced there, and no sight of it comes of that. */
  readonly parents?: readonly Uuid[];
  /** Its public part. */
  readonly shown: JsonObject;
  /** A host keeps it, and registered it here. */
  readonly hosted?: true;
}

type Found = Omit<Resource, "uuid">;
type Look = (store: Store, uuid: Uuid) => Promise<Found | undefined>;

const looks: Readonly<Record<string, Look>> = {
  [kinds.profile]: async (store, uuid) => {
    const user = await store.users.byUuid(uuid);
    if (user === undefined) return undefined;
    return { tenant: user.tenant, kind: "profile", owners: [user.username], shown: shownProfile(user) };
  },
  [kinds.file]: async (store, uuid) => {
    const object = await store.objects.objectByUuid(uuid);
    const bucket = object === undefined ? undefined : await store.objects.bucketByUuid(object.bucket);
    if (object === undefined || bucket === undefined) return undefined;
    const { tenant, owner } = bucket;
    const owners = [...new Set([object.owner, owner])];
    return { tenant, kind: "file", owners, scope: bucket.uuid, shown: announcedFile(bucket, object) };
  },
  [kinds.app]: async (store, uuid) => {
    const app = await store.apps.appByUuid(uuid);
    return app === undefined
      ? undefined
      : { tenant: app.tenant, kind: "app", owners: [app.owner], shown: announcedApp(app) };
  },
  [kinds.function]: async (store, uuid) => {
    const fn = await store.functions.byUuid(uuid);
    if (fn === undefined) return undefined;
    const { tenant, owner, appUuid } = fn;
    return { tenant, kind: "function", owners: [owner], parents: [appUuid], shown: announcedFunctionData(fn) };
  },
  [kinds.bucket]: async (store, uuid) => {
    const bucket = await store.objects.bucketByUuid(uuid);
    if (bucket === undefined) return undefined;
    return { tenant: bucket.tenant, kind: "bucket", owners: [bucket.owner], shown: shownBucket(bucket) };
  },
  [kinds.subscription]: async (store, uuid) => {
    const found = await store.subscriptions.get(uuid);
    if (found === undefined || found.deletedMs !== undefined) return undefined;
    return { tenant: found.tenant, kind: "subscription", owners: [found.owner], shown: announcedSubscription(found) };
  },
};

/** A host may bring uuids of any kind, so its own are looked at too. */
async function registered(store: Store, uuid: Uuid): Promise<Found | undefined> {
  const found = await store.registered.get(uuid);
  return found === undefined ? undefined : registeredResource(found);
}

/** What a host registered, or is about to. */
export function registeredResource(found: Omit<Registered, "revision">): Omit<Resource, "uuid"> {
  const { tenant, kind, owner, parents } = found;
  const lies = defined({ parents });
  return { tenant, kind, owners: [owner], ...lies, shown: shownRegistered(found), hosted: true };
}

/** The tenant's resource with that uuid, visible to the caller or not. */
export async function resourceAt(store: Store, tenant: string, uuid: Uuid): Promise<Resource | undefined> {
  const found = (await looks[uuid.slice(-3)]?.(store, uuid)) ?? (await registered(store, uuid));
  return found?.tenant === tenant ? { uuid, ...found } : undefined;
}

/** Whether the caller sees it: as the engine judges who gets its events. */
export async function sees(store: Store, caller: Principal, resource: Resource): Promise<boolean> {
  if (caller.tenant !== resource.tenant) return false;
  if (manages(caller, resource) || (managesTenant(caller) && openToDevelopers(resource.uuid))) return true;
  const { tenant, uuid, scope } = resource;
  const resources = scope === undefined ? [uuid] : [uuid, scope];
  const [seers] = await store.grants.seersOf([{ tenant, resources, developers: false }]);
  return seers !== undefined && (seers.has(caller.name) || seers.has(everyone));
}

/** Whether the caller may share it, and do with it what its owner may. */
export function manages(caller: Principal, { tenant, uuid, owners }: Resource): boolean {
  if (caller.tenant !== tenant) return false;
  if (caller.role === "operator" || caller.role === "admin") return true;
  const isProfile = uuid.endsWith(`-${kinds.profile}`);
  // A principal that is linked to a user is that one, whatever its name.
  if (isProfile && caller.user !== undefined) return caller.user === uuid;
  return owners.includes(caller.name) || (managesTenant(caller) && openToDevelopers(uuid) && !isProfile);
}

/** @throws SignalboxError `not_found`, in the same words for one that does not exist and one that the caller does not see. */
export async function seenResource(store: Store, caller: Principal, uuid: Uuid | undefined): Promise<Resource> {
  const resource = uuid === undefined ? undefined : await resourceAt(store, caller.tenant, uuid);
  if (resource === undefined || !(await sees(store, caller, resource))) throw notFound("a resource with that uuid");
  return resource;
}

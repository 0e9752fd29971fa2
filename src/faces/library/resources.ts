import type { Context } from "../../context.ts";
import { defined } from "../../domain/defined.ts";
import type { EventName, NewEvent } from "../../domain/event.ts";
import { parseUuid } from "../../domain/ids.ts";
import { type ResourceKind, raisedName } from "../../domain/notifications/resource-kinds.ts";
import type { HostedEvent } from "../../domain/raised-events.ts";
import { invalidField, notFound, SignalboxError } from "../../errors.ts";
import { share, unshare } from "../../platform/access/grants.ts";
import { withParents } from "../../platform/ancestors.ts";
import { type Caller, callerOf } from "../../platform/host/caller.ts";
import { raised } from "../../platform/raise.ts";
import { type Resource, resourceAt } from "../../platform/registry.ts";
import { shownRegistered } from "../../platform/shown.ts";
import { commitOptimistically } from "../../store/optimistic.ts";
import type { Registered } from "../../store/records.ts";
import type { Store } from "../../store/store.ts";
import type { Unit } from "../../store/unit.ts";
import {
  type HostResource,
  hostResource,
  type NewResource,
  type RaiseOptions,
  type RegisterOptions,
  type ResourceOptions,
  type TenantResources,
} from "./host-resource.ts";
import { readParents } from "./parents-input.ts";
import { mergedData, readId, readOwner, registeredData } from "./resource-input.ts";
import type { Runs } from "./users.ts";

type ResourceContext = Pick<Context, "store" | "publish" | "kinds" | "clock" | "mutex">;

export function tenantResources(context: ResourceContext, tenant: string, { read, change }: Runs): TenantResources {
  const { store } = context;
  const by = async ({ user }: ResourceOptions) => sharedBy(await callerOf(store, tenant, defined({ user })));
  const anyOf = async (uuid: string): Promise<Resource> => {
    const parsed = parseUuid(uuid);
    const resource = parsed === undefined ? undefined : await resourceAt(store, tenant, parsed);
    return resource ?? missing(uuid);
  };
  return {
    register: (input, options = {}) => change(() => register(context, tenant, { input, options })),
    raise: (uuid, event, options = {}) =>
      change(async () => raise(context, await anyOf(uuid), { event, options, by: await by(options) })),
    share: (uuid, grantee, permission, options = {}) =>
      change(async () => {
        if (permission !== "read" && permission !== "write") throw invalidField("permission", "must be read or write");
        await share(context, await anyOf(uuid), { grantee, permission, by: await by(options) });
      }),
    unshare: (uuid, grantee, options = {}) =>
      change(async () => unshare(context, await anyOf(uuid), { grantee, by: await by(options) })),
    get: (uuid) => read(async () => hostResource(await found(store, tenant, uuid))),
    list: (query) => read(() => list(context, tenant, query)),
    remove: (uuid, options = {}) =>
      change(async () => remove(context, await found(store, tenant, uuid), await by(options))),
  };
}

interface By {
  readonly actor?: string;
  readonly origin: "library";
}

function sharedBy({ actor }: Caller): By {
  return { ...defined({ actor }), origin: "library" };
}

function missing(uuid: string): never {
  throw notFound(`resource '${uuid}'`);
}

async function found(store: Store, tenant: string, uuid: string): Promise<Registered> {
  const parsed = parseUuid(uuid);
  const resource = parsed === undefined ? undefined : await store.registered.get(parsed);
  return resource?.tenant === tenant ? resource : missing(uuid);
}

/** There are no others than those that Signalbox makes; users, files and apps a host may have elsewhere, too. */
const madeHere: ReadonlySet<string> = new Set(["subscription", "bucket", "function"]);

/** A kind of which the host may have resources. @throws SignalboxError `invalid_request` about `kind`. */
function hostKind({ kinds }: ResourceContext, name: unknown): ResourceKind {
  if (madeHere.has(String(name))) {
    throw invalidField("kind", `${String(name)} is a kind of Signalbox's own, which makes these itself`);
  }
  const kind = typeof name === "string" ? kinds.byName(name) : undefined;
  if (kind !== undefined) return kind;
  const said = String(name).slice(0, 64);
  throw invalidField("kind", `'${said}' is not known: declare it in Host.kinds when Signalbox starts`);
}

interface Registering {
  readonly input: NewResource;
  readonly options: RegisterOptions;
}

async function register(
  context: ResourceContext,
  tenant: string,
  { input, options }: Registering,
): Promise<HostResource> {
  const { store, publish, clock } = context;
  const { announce = true, user } = options;
  const kind = hostKind(context, input.kind);
  const uuid = readId(input.id, kind, clock);
  const { actor } = await callerOf(store, tenant, defined({ user }));
  const { app } = input.app === undefined ? {} : await callerOf(store, tenant, { app: input.app });
  const nowMs = clock.now();
  const of = { tenant, kind, uuid, ...(app === undefined ? {} : { app: app.uuid }) };
  const parents = await readParents(store, of, input.parents);
  const resource: Omit<Registered, "revision"> = {
    uuid,
    tenant,
    kind: kind.name,
    owner: readOwner(input.owner),
    ...(app === undefined ? {} : { app: app.slug }),
    ...defined({ parents }),
    data: registeredData(input.data),
    createdMs: nowMs,
    updatedMs: nowMs,
  };
  const by = sharedBy(defined({ actor }));
  const commit = await publish({
    conditions: [
      { if: "tenant.exists", id: tenant },
      { if: "resource.absent", uuid },
    ],
    changes: [{ do: "registered.put", resource }],
    events: announce ? [await hostEvent(context, resource, { name: nameOfNew(kind), by })] : [],
  });
  if (commit.kind === "committed") return hostResource(resource);
  if (commit.condition.if === "tenant.exists") throw notFound(`tenant '${tenant}'`);
  throw new SignalboxError("conflict", `id: a resource '${uuid}' exists already; choose another id`, {
    fields: [{ path: "id", message: "is taken; choose another" }],
  });
}

/** As documented of apps, which raise `CREATED`, too. */
function nameOfNew({ name }: ResourceKind): HostedEvent {
  return name === "app" ? "REGISTERED" : "CREATED";
}

interface Raising {
  readonly event: EventName;
  readonly options: RaiseOptions;
  readonly by: By;
}

async function raise(
  context: ResourceContext,
  resource: Resource,
  said: Omit<Raising, "event"> & { readonly event: string },
): Promise<number> {
  const kind = context.kinds.byName(resource.kind) ?? hostKind(context, resource.kind);
  const raising = { ...said, event: raisedName(kind, said.event) };
  if (resource.kind === "subscription") {
    throw invalidField("event", "of a subscription is raised by Signalbox alone");
  }
  if (resource.hosted !== true) return raiseOfOurs(context, resource, raising);
  return context.mutex.take(`resource ${resource.uuid}`, () => raiseOfHost(context, { resource, kind }, raising));
}

async function raiseOfOurs(
  { store, publish, clock }: ResourceContext,
  resource: Resource,
  { event, options, by }: Raising,
): Promise<number> {
  const { uuid, tenant, kind, owners, scope, shown } = resource;
  for (const name of ["data", "parents"] as const) {
    if (options[name] !== undefined)
      throw invalidField(name, `goes with resources of the host's own, not with a ${kind}`);
  }
  const lies = { ...defined({ scope }), ...(await withParents(store, resource)) };
  const of = { tenant, uuid, kind, owners, ...lies, resource: shown };
  const commit = await publish({
    conditions: [{ if: "resource.live", uuid }],
    events: [raised(clock, { ...of, name: event, ...by })],
  });
  return commit.kind === "committed" ? (commit.sequences[0] ?? 0) : missing(uuid);
}

async function raiseOfHost(
  context: ResourceContext,
  of: { readonly resource: Resource; readonly kind: ResourceKind },
  { event, options, by }: Raising,
): Promise<number> {
  const { store, publish } = context;
  const { uuid, tenant } = of.resource;
  return commitOptimistically({ publish, what: "resource" }, async () => {
    const { revision, ...before } = await found(store, tenant, uuid);
    const changed = options.data !== undefined || options.parents !== undefined;
    const after = changed ? await changedBy(context, { before, kind: of.kind }, options) : before;
    const unit: Unit = {
      conditions: [{ if: "registered.revision", uuid, revision }],
      changes: changed ? [{ do: "registered.put", resource: after }] : [],
      events: [await hostEvent(context, after, { name: event, by })],
    };
    return { unit, committed: ([sequence = 0]) => sequence };
  });
}

async function changedBy(
  { store, clock }: ResourceContext,
  { before, kind }: { readonly before: Omit<Registered, "revision">; readonly kind: ResourceKind },
  { data, parents: said }: RaiseOptions,
): Promise<Omit<Registered, "revision">> {
  const { parents: lay, ...rest } = before;
  const { tenant, uuid, app: slug } = before;
  const app = slug === undefined ? undefined : await store.apps.app(tenant, slug);
  const of = { tenant, kind, uuid, ...(app === undefined ? {} : { app: app.uuid }) };
  const parents = said === undefined ? lay : await readParents(store, of, said);
  return {
    ...rest,
    ...defined({ parents }),
    ...(data === undefined ? {} : { data: mergedData(before.data, data) }),
    updatedMs: clock.now(),
  };
}

async function list(
  { store }: ResourceContext,
  tenant: string,
  { kind, after, max = 100 }: Parameters<TenantResources["list"]>[0],
): Promise<HostResource[]> {
  const place = after === undefined ? undefined : (parseUuid(after) ?? missing(after));
  const page = { max: Math.min(Math.max(1, max), 1_000), ...defined({ after: place }) };
  return (await store.registered.list({ tenant, kind }, page)).map(hostResource);
}

async function remove(context: ResourceContext, { tenant, uuid }: Registered, by: By): Promise<void> {
  const { store, publish, clock } = context;
  await commitOptimistically({ publish, what: "resource" }, async () => {
    const { revision, ...resource } = await found(store, tenant, uuid);
    const unit: Unit = {
      conditions: [{ if: "registered.revision", uuid, revision }],
      changes: [
        { do: "registered.remove", uuid },
        { do: "resource.end", uuid, atMs: clock.now() },
      ],
      events: [await hostEvent(context, resource, { name: "DELETED", by })],
    };
    return { unit, committed: () => undefined };
  });
}

/** Also for who watches what it lies in. */
async function hostEvent(
  { store, clock }: ResourceContext,
  resource: Omit<Registered, "revision">,
  { name, by }: { readonly name: HostedEvent | EventName; readonly by: By },
): Promise<NewEvent> {
  const { uuid, tenant, kind, owner } = resource;
  const of = { tenant, uuid, kind, owners: [owner], ...(await withParents(store, resource)) };
  return raised(clock, { ...of, name, resource: shownRegistered(resource), ...by });
}

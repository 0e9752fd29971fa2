import { defined } from "../../domain/defined.ts";
import { invalidField } from "../../errors.ts";
import { share, unshare } from "../../platform/access/grants.ts";
import type { By } from "../../platform/asking.ts";
import { callerOf } from "../../platform/host/caller.ts";
import { findRegistered, listRegistered, removeRegistered } from "../../platform/registered/find.ts";
import { raiseAll } from "../../platform/registered/raise.ts";
import { type Registering, registerAll } from "../../platform/registered/register.ts";
import { hostResource, type RegisteredContext } from "../../platform/registered/resource.ts";
import { rowsOf } from "../../platform/registered/rows.ts";
import { TenantView } from "../../platform/registered/view.ts";
import type { NewResource, RaiseInput, RegisterOptions, ResourceOptions, TenantResources } from "./host-resource.ts";
import type { Runs } from "./users.ts";

export function tenantResources(context: RegisteredContext, tenant: string, { read, change }: Runs): TenantResources {
  const { store } = context;
  const by = async ({ user }: ResourceOptions): Promise<By> => {
    const { actor } = await callerOf(store, tenant, defined({ user }));
    return { ...defined({ actor }), origin: "library" };
  };
  const any = (uuid: string) => new TenantView(store, tenant).found(uuid);
  const registering = async (
    rows: Registering["rows"],
    { announce = true, ...options }: RegisterOptions,
  ): Promise<Registering> => {
    return { tenant, rows, idField: "id", existing: "refuse", announce, by: await by(options) };
  };
  return {
    register: (said, options = {}) =>
      change(async () => {
        const [row] = await registerAll(context, await registering([{ at: "", said }], options));
        if (row === undefined) throw new RangeError("a resource was registered and nothing came of it");
        return hostResource(row.resource);
      }),
    registerMany: (inputs, options = {}) =>
      change(async () => {
        const rows = await registerAll(context, await registering(rowsOf<NewResource>("resources", inputs), options));
        return rows.map(({ resource }) => hostResource(resource));
      }),
    raise: (uuid, event, { user, ...said } = {}) =>
      change(async () => {
        const one = { uuid, event, ...said, by: await by(defined({ user })) };
        const [sequence = 0] = await raiseAll(context, { tenant, rows: [{ at: "", said: one }] });
        return sequence;
      }),
    raiseMany: (events, options = {}) =>
      change(async () => {
        const who = await by(options);
        const rows = rowsOf<RaiseInput>("events", events);
        return raiseAll(context, {
          tenant,
          rows: rows.map(({ at, said }) => ({ at, said: { ...said, by: who } })),
        });
      }),
    share: (uuid, grantee, permission, options = {}) =>
      change(async () => {
        if (permission !== "read" && permission !== "write") throw invalidField("permission", "must be read or write");
        await share(context, await any(uuid), { grantee, permission, by: await by(options) });
      }),
    unshare: (uuid, grantee, options = {}) =>
      change(async () => unshare(context, await any(uuid), { grantee, by: await by(options) })),
    get: (uuid) => read(async () => hostResource(await findRegistered(store, tenant, uuid))),
    list: ({ kind, owner, after, max = 100 }) =>
      read(async () => {
        const page = { max, ...defined({ after }) };
        return (await listRegistered(store, { tenant, kind, ...defined({ owner }) }, page)).map(hostResource);
      }),
    remove: (uuid, options = {}) =>
      change(async () => void (await removeRegistered(context, tenant, { uuid, by: await by(options) }))),
  };
}

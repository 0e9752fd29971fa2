import { Type } from "typebox";
import { defined } from "../../domain/defined.ts";
import type { Uuid } from "../../domain/ids.ts";
import { sequenceText } from "../../domain/ids.ts";
import { share, unshare } from "../../platform/access/grants.ts";
import { judgeHost } from "../../platform/access/host-tokens.ts";
import { findCommitted } from "../../platform/committed-events.ts";
import { findRegistered, listRegistered, removeRegistered } from "../../platform/registered/find.ts";
import { raiseAll } from "../../platform/registered/raise.ts";
import { type RegisteredRow, registerAll } from "../../platform/registered/register.ts";
import { rowsOf } from "../../platform/registered/rows.ts";
import { lastOfFull } from "../../store/page.ts";
import { Cursors } from "../http/cursors.ts";
import { nextCursor, paging } from "../http/fields.ts";
import { type Route, route } from "../http/route.ts";
import type { HostContext } from "./context.ts";
import {
  by,
  byOf,
  judgeKinds,
  raiseBody,
  raiseManyBody,
  resourceBody,
  resourcesBody,
  result,
  shownResource,
  showResource,
  usable,
} from "./resource-schema.ts";

const path = "/host/v1/resources/";
const at = `${path}:uuid/`;
const params = Type.Object({ uuid: Type.String() });
const common = { role: "host", tag: "resources" } as const;
const sequence = Type.String({ description: "Of the event: of two of one resource the later has the greater." });

/** Resources that the platform keeps itself: registered here, so that its users can subscribe to what happens to them. */
export function hostResourceRoutes(context: HostContext): Route[] {
  return [...registering(context), ...raising(context), ...sharing(context)];
}

function registering(context: HostContext): Route[] {
  const { store, vault, rates } = context;
  const cursors = new Cursors<Uuid>(vault, "host resources");
  return [
    route({
      ...common,
      method: "GET",
      path,
      summary: "Lists the registered resources of a kind, by uuid",
      query: Type.Object({
        ...paging,
        kind: Type.String({ maxLength: 64 }),
        owner: Type.Optional(Type.String({ maxLength: 150, description: "Exactly this." })),
      }),
      message: "Resources retrieved successfully",
      data: Type.Object({ resources: Type.Array(shownResource), next_cursor: nextCursor }),
      handle: async ({ caller, query: { kind, owner, limit, cursor } }) => {
        judgeHost(caller, { kind });
        const page = cursors.page(caller, { limit, cursor });
        const found = await listRegistered(store, { tenant: caller.tenant, kind, ...defined({ owner }) }, page);
        return { resources: found.map(showResource), ...cursors.next(caller, lastOfFull(found, page)?.uuid) };
      },
    }),
    route({
      ...common,
      method: "POST",
      path,
      operationId: "registerResources",
      summary: "Registers 1 to 1,000 resources in one commit: all of them, or none",
      description:
        "Those that come later may lie in those that come earlier. What is wrong is named by its place: `resources[3].owner`.",
      idempotent: true,
      body: resourcesBody,
      status: 201,
      message: "Resources registered successfully",
      data: Type.Object({
        resources: Type.Array(Type.Object({ uuid: Type.String(), result }), {
          description: "In the order of the request.",
        }),
      }),
      handle: async ({ caller, body: { resources, existing = "refuse", announce = true, user }, remember }) => {
        using _admitted = rates.admit(caller.tenant);
        const rows = judgeKinds(
          caller,
          rowsOf<(typeof resources)[number]>("resources", resources).map(({ at, said: { uuid, ...said } }) => ({
            at,
            said: { ...said, ...defined({ id: uuid }) },
          })),
        );
        const asked = { tenant: caller.tenant, rows, idField: "uuid", existing, announce } as const;
        const shown = (done: readonly RegisteredRow[]) => ({
          resources: done.map(({ done, resource: { uuid } }) => ({ uuid, result: done })),
        });
        const also = (done: readonly RegisteredRow[]) => remember(shown(done));
        return shown(await registerAll(context, { ...asked, by: await byOf(context, caller, user), also }));
      },
    }),
    route({
      ...common,
      method: "PUT",
      path: at,
      operationId: "putResource",
      summary: "Registers a resource under the uuid that the platform knows it by, or makes it what is said now",
      description:
        "The whole of it: what is left out it has no more. The same again changes nothing and raises nothing. A new one raises `CREATED` (an app `REGISTERED`), a change `UPDATED`. The kind never changes.",
      params,
      body: resourceBody,
      message: "Resource kept successfully",
      data: Type.Object({ ...shownResource.properties, result }),
      handle: async ({ caller, params: { uuid }, body: { announce = true, user, ...said } }) => {
        using _admitted = rates.admit(caller.tenant);
        const rows = judgeKinds(caller, [{ at: "", said: { ...said, id: uuid } }]);
        const asked = { tenant: caller.tenant, rows, idField: "uuid", existing: "change", announce } as const;
        const [row] = await registerAll(context, { ...asked, by: await byOf(context, caller, user) });
        if (row === undefined) throw new RangeError("a resource was registered and nothing came of it");
        return { ...showResource(row.resource), result: row.done };
      },
    }),
    route({
      ...common,
      method: "GET",
      path: at,
      summary: "Shows a registered resource",
      params,
      message: "Resource retrieved successfully",
      data: shownResource,
      handle: async ({ caller, params: { uuid } }) => {
        const resource = await findRegistered(store, caller.tenant, uuid);
        judgeHost(caller, { kind: resource.kind });
        return showResource(resource);
      },
    }),
    route({
      ...common,
      method: "DELETE",
      path: at,
      summary: "Ends a registered resource: `DELETED` is raised, with its last public part",
      params,
      query: Type.Object(userQuery),
      message: "Resource ended successfully",
      data: shownResource,
      handle: async ({ caller, params: { uuid }, query: { user } }) => {
        using _admitted = rates.admit(caller.tenant);
        const resource = await findRegistered(store, caller.tenant, uuid);
        judgeHost(caller, { kind: resource.kind });
        const asked = { uuid, by: await byOf(context, caller, user) };
        return showResource(await removeRegistered(context, caller.tenant, asked));
      },
    }),
  ];
}

/** Of what has no body. */
const userQuery = {
  user: Type.Optional(Type.String({ minLength: 1, maxLength: 256, description: "Name of whom it is done for." })),
};

function raising(context: HostContext): Route[] {
  const { rates } = context;
  return [
    route({
      ...common,
      method: "POST",
      path: `${at}events/`,
      operationId: "raiseEvent",
      summary: "Says that something happened to a resource, to who watches it and what it lies in",
      description:
        "Of any resource of the tenant, also of what Signalbox keeps (a user's profile, a file), but a subscription.",
      idempotent: true,
      params,
      body: raiseBody,
      message: "Event raised successfully",
      data: Type.Object({ sequence }),
      handle: async ({ caller: { tenant }, caller, params: { uuid }, body: { user, ...said }, rememberOutcome }) => {
        using _admitted = rates.admit(tenant);
        await usable(context, caller, uuid);
        const one = { ...said, uuid, by: await byOf(context, caller, user) };
        const rows = [{ at: "", said: one }];
        const [first = 0] = await raiseAll(context, { tenant, rows, also: rememberOutcome });
        return { sequence: sequenceText(first) };
      },
      answerOf: async ({ caller: { tenant } }, outcome) => {
        const [event] = await findCommitted(context, tenant, outcome);
        return { sequence: sequenceText(event?.sequence ?? 0) };
      },
    }),
    route({
      ...common,
      method: "POST",
      path: `${path}events/`,
      operationId: "raiseEvents",
      summary: "Raises 1 to 1,000 events of resources in one commit, in their order: all of them, or none",
      description:
        "Of several events of one resource the later tell of what the earlier have left. What is wrong is named by its place: `events[3].event`.",
      idempotent: true,
      body: raiseManyBody,
      message: "Events raised successfully",
      data: Type.Object({ sequences: Type.Array(sequence) }),
      handle: async ({ caller: { tenant }, caller, body: { events, user }, rememberOutcome }) => {
        using _admitted = rates.admit(tenant);
        const who = await byOf(context, caller, user);
        const rows = rowsOf<(typeof events)[number]>("events", events).map(({ at, said }) => ({
          at,
          said: { ...said, by: who },
        }));
        const judge = (kind: string): void => judgeHost(caller, { kind });
        const sequences = await raiseAll(context, { tenant, rows, judge, also: rememberOutcome });
        return { sequences: sequences.map(sequenceText) };
      },
      answerOf: async ({ caller: { tenant } }, outcome) => {
        const events = await findCommitted(context, tenant, outcome);
        return { sequences: events.map(({ sequence }) => sequenceText(sequence)) };
      },
    }),
  ];
}

function sharing(context: HostContext): Route[] {
  const { rates, store } = context;
  const grantAt = `${at}grants/:principal/`;
  const grantParams = Type.Object({
    uuid: Type.String(),
    principal: Type.String({ maxLength: 150, description: "Name; `*`: everybody of the tenant." }),
  });
  const permission = Type.Enum(["read", "write"], { description: "`write` includes `read`." });
  const shown = Type.Object({ principal: Type.String(), permission });
  return [
    route({
      ...common,
      method: "GET",
      path: `${at}grants/`,
      operationId: "listGrants",
      summary: "Lists who else sees a resource",
      params,
      message: "Grants retrieved successfully",
      data: Type.Object({ grants: Type.Array(shown) }),
      handle: async ({ caller, params: { uuid } }) => {
        const resource = await usable(context, caller, uuid);
        const grants = await store.grants.grants(resource.uuid);
        return { grants: grants.map(({ grantee, permission }) => ({ principal: grantee, permission })) };
      },
    }),
    route({
      ...common,
      method: "PUT",
      path: grantAt,
      operationId: "putGrant",
      summary: "Lets another principal see a resource, in place of what it might before",
      params: grantParams,
      body: Type.Object({ permission, ...by }, { additionalProperties: false }),
      message: "Grant kept successfully",
      data: shown,
      handle: async ({ caller, params: { uuid, principal: grantee }, body: { permission, user } }) => {
        using _admitted = rates.admit(caller.tenant);
        const resource = await usable(context, caller, uuid);
        await share(context, resource, { grantee, permission, by: await byOf(context, caller, user) });
        return { principal: grantee, permission };
      },
    }),
    route({
      ...common,
      method: "DELETE",
      path: grantAt,
      operationId: "deleteGrant",
      summary: "Takes a principal's grant away",
      params: grantParams,
      query: Type.Object(userQuery),
      message: "Grant taken away successfully",
      data: Type.Object({}),
      handle: async ({ caller, params: { uuid, principal: grantee }, query: { user } }) => {
        using _admitted = rates.admit(caller.tenant);
        const resource = await usable(context, caller, uuid);
        await unshare(context, resource, { grantee, by: await byOf(context, caller, user) });
        return {};
      },
    }),
  ];
}

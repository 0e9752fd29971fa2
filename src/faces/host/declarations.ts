import { Type } from "typebox";
import { judgeHost } from "../../platform/access/host-tokens.ts";
import type { Declared } from "../../platform/declarations/deps.ts";
import { declareEventType, removeEventType } from "../../platform/declarations/event-types.ts";
import { findEventType, findKind, foundKind, listEventTypes, listKinds } from "../../platform/declarations/find.ts";
import { declareKind, removeKind } from "../../platform/declarations/kinds.ts";
import { eventTypeThing, kindThing } from "../../platform/edits.ts";
import type { StoredDeclaration } from "../../store/declarations.ts";
import { lastOfFull } from "../../store/page.ts";
import { Cursors } from "../http/cursors.ts";
import { nextCursor, paging } from "../http/fields.ts";
import { type Route, route } from "../http/route.ts";
import type { HostContext } from "./context.ts";
import { eventTypeBody, kindBody, showEventType, showKind, shownEventType, shownKind } from "./declaration-schema.ts";

const common = { role: "host", tag: "declarations" } as const;
const query = Type.Object({ force: Type.Optional(Type.Enum(["true", "false"])) });
const done = {
  result: Type.Enum(["declared", "changed", "unchanged"]),
  paused: Type.Integer({
    description: "How many subscriptions were paused, since their filters cannot be read any more.",
  }),
};
const results = { made: "declared", changed: "changed", unchanged: "unchanged" } as const;
/** A declaration may have 32 KiB, and a page is read and written at once. */
const mostListed = 25;
const listing = Type.Object({
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: mostListed, default: mostListed })),
  cursor: paging.cursor,
});

/** What a platform declares of itself, for all of its tenants: every host may read it, and only one of all tenants changes it. */
export function hostDeclarationRoutes(context: HostContext): Route[] {
  return [...eventTypes(context), ...kinds(context)];
}

function eventTypes(context: HostContext): Route[] {
  const path = "/host/v1/event-types/";
  const at = `${path}:name/`;
  const cursors = new Cursors<string>(context.vault, "host event types");
  const params = Type.Object({ name: Type.String({ maxLength: 64, description: "Such as `POST_ORDER_CREATE`." }) });
  const edited = async ({ params: { name } }: { readonly params: { readonly name: string } }) =>
    ({ things: [eventTypeThing(name)], madeByEdits: true }) as const;
  return [
    route({
      ...common,
      method: "GET",
      path,
      summary:
        "Lists the event types that there are, by name: built-in ones, those of the host program, and declared ones",
      query: listing,
      message: "Event types retrieved successfully",
      data: Type.Object({ event_types: Type.Array(shownEventType), next_cursor: nextCursor }),
      handle: async ({ caller, query: { limit = mostListed, cursor } }) => {
        const page = cursors.page(caller, { limit, cursor });
        const found = await listEventTypes(context, page);
        return {
          event_types: found.map(showEventType),
          ...cursors.next(caller, lastOfFull(found, page)?.definition.name),
        };
      },
    }),
    route({
      ...common,
      method: "PUT",
      path: at,
      operationId: "putEventType",
      summary: "Declares an event type, or what it is from now on, for all tenants",
      description:
        "The whole of it, in effect when this is answered; the same again does nothing. `breaks_filters` when subscriptions have filters that cannot be read with it, with those, unless `force` is true: then they are paused (reason `filter`), and keep what they get until their filters are changed. Needs a token of all tenants.",
      params,
      query,
      edited,
      body: eventTypeBody,
      message: "Event type declared successfully",
      data: Type.Object({ ...shownEventType.properties, ...done }),
      handle: async ({ caller, params: { name }, query: { force }, body, conditional, signal }) => {
        judgeHost(caller, { allTenants: true, eventType: name });
        const options = { force: force === "true", signal };
        const declared = await declareEventType(conditional(context), caller, { ...body, name }, options);
        const { declaration } = declared;
        const { definition } = declaration;
        return { ...showEventType({ definition, source: "declared", declaration }), ...showDone(declared) };
      },
    }),
    route({
      ...common,
      method: "GET",
      path: at,
      operationId: "getEventType",
      summary: "Shows an event type as it is in effect",
      params,
      edited,
      message: "Event type retrieved successfully",
      data: shownEventType,
      handle: async ({ params: { name } }) => showEventType(await findEventType(context, name)),
    }),
    route({
      ...common,
      method: "DELETE",
      path: at,
      operationId: "deleteEventType",
      summary: "Takes the declaration of an event type away: nothing is published under its name any more",
      description:
        "`in_use` while there are subscriptions to it, with those, unless `force` is true: then they stay, and receive nothing until it is declared again. Needs a token of all tenants.",
      params,
      query,
      edited,
      message: "Event type removed successfully",
      data: Type.Object({}),
      handle: async ({ caller, params: { name }, query: { force }, conditional }) => {
        judgeHost(caller, { allTenants: true, eventType: name });
        await removeEventType(conditional(context), name, { force: force === "true" });
        return {};
      },
    }),
  ];
}

function kinds(context: HostContext): Route[] {
  const path = "/host/v1/kinds/";
  const at = `${path}:name/`;
  const cursors = new Cursors<string>(context.vault, "host kinds");
  const params = Type.Object({ name: Type.String({ maxLength: 64, description: "Such as `job`." }) });
  const edited = async ({ params: { name } }: { readonly params: { readonly name: string } }) =>
    ({ things: [kindThing(name)], madeByEdits: true }) as const;
  return [
    route({
      ...common,
      method: "GET",
      path,
      summary: "Lists the kinds of resources that there are, by name",
      query: listing,
      message: "Kinds retrieved successfully",
      data: Type.Object({ kinds: Type.Array(shownKind), next_cursor: nextCursor }),
      handle: async ({ caller, query: { limit = mostListed, cursor } }) => {
        const page = cursors.page(caller, { limit, cursor });
        const found = await listKinds(context, page);
        return { kinds: found.map(showKind), ...cursors.next(caller, lastOfFull(found, page)?.name) };
      },
    }),
    route({
      ...common,
      method: "PUT",
      path: at,
      operationId: "putKind",
      summary: "Declares a kind of resources, or what it is from now on, for all tenants",
      description:
        "The whole of it, in effect when this is answered; the same again does nothing. Of a documented kind, such as `job`, it adds to what is documented. `in_use` when resources of it are registered and it would lose a code, an event, a parent or a macro, unless `force` is true. Needs a token of all tenants.",
      params,
      query,
      edited,
      body: kindBody,
      message: "Kind declared successfully",
      data: Type.Object({ ...shownKind.properties, result: done.result }),
      handle: async ({ caller, params: { name }, query: { force }, body, conditional }) => {
        judgeHost(caller, { allTenants: true, kind: name });
        const declared = await declareKind(
          conditional(context),
          caller,
          { ...body, name },
          { force: force === "true" },
        );
        const { declaration, outcome } = declared;
        return {
          ...showKind(foundKind(context, declaration)),
          result: results[outcome],
        };
      },
    }),
    route({
      ...common,
      method: "GET",
      path: at,
      summary: "Shows a kind as it is in effect",
      params,
      edited,
      message: "Kind retrieved successfully",
      data: shownKind,
      handle: async ({ params: { name } }) => showKind(await findKind(context, name)),
    }),
    route({
      ...common,
      method: "DELETE",
      path: at,
      summary: "Takes the declaration of a kind away; of a documented kind, what is documented stays",
      description:
        "`in_use` while resources of it are registered, unless `force` is true: then they stay, and raise no events until it is declared again. Needs a token of all tenants.",
      params,
      query,
      edited,
      message: "Kind removed successfully",
      data: Type.Object({}),
      handle: async ({ caller, params: { name }, query: { force }, conditional }) => {
        judgeHost(caller, { allTenants: true, kind: name });
        await removeKind(conditional(context), name, { force: force === "true" });
        return {};
      },
    }),
  ];
}

function showDone({ outcome, paused }: Declared<StoredDeclaration>) {
  return { result: results[outcome], paused };
}

import { type Static, Type } from "typebox";
import { defined } from "../../domain/defined.ts";
import { type AsideRow, mostRowsCounted } from "../../inbox/inbox.ts";
import { dropAside, listAsides, retryAside } from "../../platform/host/inbox/asides.ts";
import type { RelayState } from "../../platform/host/inbox/relay.ts";
import type { ApiContext } from "../http/api-context.ts";
import { Cursors } from "../http/cursors.ts";
import { instant, nextCursor, paging, shownInstant } from "../http/fields.ts";
import { named } from "../http/named.ts";
import { type Route, route } from "../http/route.ts";

const counted = (what: string) =>
  Type.Integer({ description: `${what}; ${mostRowsCounted} where there are as many or more.` });

const shownInbox = named(
  "Inbox",
  Type.Object(
    {
      name: Type.String({ description: "Host, port and name of the database." }),
      state: Type.Union([Type.Literal("relaying"), Type.Literal("standby"), Type.Literal("failing")], {
        description: "`standby`: another node moves the events, or the server has just started.",
      }),
      problem: Type.Optional(Type.String({ description: "Of `failing`: why, and what is to be done." })),
      since: instant,
      waiting: Type.Optional(counted("Rows that wait")),
      oldest_waiting_at: Type.Optional(instant),
      aside: Type.Optional(counted("Rows that are set aside")),
    },
    {
      description:
        "Absent: the settings name no inbox. Numbers are some seconds old at the most, and known where `relaying`.",
    },
  ),
);

const shownAside = named(
  "InboxEvent",
  Type.Object({
    id: Type.String({ description: "Of the event." }),
    tenant: Type.Optional(Type.String({ description: "As it was written. Absent: the usual one." })),
    event_type: Type.String(),
    operation_id: Type.Optional(Type.String()),
    reason: Type.String({ description: "Why it could not be published." }),
    created_at: instant,
    since: Type.String({ format: "date-time", description: "When it was set aside." }),
  }),
);

function showInbox({ name, state, problem, sinceMs, figures }: RelayState): Static<typeof shownInbox> {
  const oldest = figures?.oldestWaitingMs;
  return {
    name,
    state,
    since: shownInstant(sinceMs),
    ...defined({
      problem,
      waiting: figures?.waiting,
      oldest_waiting_at: oldest === undefined ? undefined : shownInstant(oldest),
      aside: figures?.aside,
    }),
  };
}

function showAside({
  event,
  tenant,
  type,
  operation,
  reason,
  createdMs,
  asideMs,
}: AsideRow): Static<typeof shownAside> {
  return {
    id: event,
    event_type: type,
    reason,
    created_at: shownInstant(createdMs),
    since: shownInstant(asideMs),
    ...defined({ tenant, operation_id: operation }),
  };
}

/** Events that transactions of the host have left and that could not be published. */
export function inboxRoutes(deps: Pick<ApiContext, "inbox" | "relay" | "vault">): Route[] {
  const path = "/api/cloud/inbox/";
  const common = { role: "operator", tag: "system" } as const;
  const params = Type.Object({ id: Type.String({ maxLength: 64 }) });
  const cursors = new Cursors<string>(deps.vault, "inbox");
  return [
    route({
      ...common,
      method: "GET",
      path,
      operationId: "listInboxEvents",
      summary: "How it stands with the inbox, and events of it that could not be published, oldest first",
      query: Type.Object(paging),
      message: "Inbox retrieved",
      data: Type.Object({
        inbox: Type.Optional(shownInbox),
        events: Type.Array(shownAside, { description: "Of all tenants; those that were set aside." }),
        next_cursor: nextCursor,
      }),
      handle: async ({ caller, query }) => {
        const page = cursors.page(caller, query);
        const found = await listAsides(deps, { ...page, max: page.max + 1 });
        const shown = found.slice(0, page.max);
        const last = found.length > page.max ? shown.at(-1)?.id : undefined;
        return {
          ...(deps.relay === undefined ? {} : { inbox: showInbox(deps.relay.state()) }),
          events: shown.map(showAside),
          ...cursors.next(caller, last),
        };
      },
    }),
    route({
      ...common,
      method: "POST",
      path: `${path}:id/retry/`,
      operationId: "retryInboxEvent",
      summary: "Has an event of the inbox tried again that was set aside",
      description:
        "Once what was wrong is mended: the event type declared, the tenant made. It is set aside again if not.",
      params,
      status: 202,
      message: "It is tried again",
      data: shownAside,
      handle: async ({ params: { id } }) => showAside(await retryAside(deps, deps.relay, id)),
    }),
    route({
      ...common,
      method: "DELETE",
      path: `${path}:id/`,
      operationId: "dropInboxEvent",
      summary: "Deletes an event of the inbox that was set aside: it will never be published",
      params,
      message: "Event dropped",
      data: shownAside,
      handle: async ({ params: { id } }) => showAside(await dropAside(deps, id)),
    }),
  ];
}

import { type Static, Type } from "typebox";
import type { Context } from "../../context.ts";
import type { Uuid } from "../../domain/ids.ts";
import {
  cancelRedrive,
  countRedrive,
  findRedrive,
  listRedrives,
  type RedriveJobContext,
  startRedrive,
} from "../../history/redrives.ts";
import type { Redrive, RedriveFilter } from "../../store/records.ts";
import { Cursors } from "../http/cursors.ts";
import { instant, nextCursor, nullable, paging, shownInstant, shownOptional } from "../http/fields.ts";
import { named } from "../http/named.ts";
import { type Route, route } from "../http/route.ts";
import { narrowing, readNarrowing } from "./delivery-schema.ts";

const shownFilter = named(
  "RedriveFilter",
  Type.Object({
    bucket_uuid: nullable(Type.String()),
    rule: nullable(Type.String()),
    since: nullable(instant),
    until: nullable(instant),
  }),
);

const shownRedrive = named(
  "Redrive",
  Type.Object({
    id: Type.String(),
    state: Type.Enum(["running", "done", "cancelled"]),
    redriven: Type.Integer({ description: "Dead letters that wait to be sent again so far." }),
    filter: shownFilter,
    created_at: instant,
    created_by: Type.String(),
  }),
);

const counted = named(
  "RedriveCount",
  Type.Object({
    dry_run: Type.Literal(true),
    dead_letters: Type.Integer({ description: "That would be sent again now." }),
    more: Type.Boolean({ description: "True beyond a million dead letters: those that follow were not looked at." }),
    filter: shownFilter,
  }),
);

function showFilter({ scope, subscription, sinceMs, untilMs }: RedriveFilter): Static<typeof shownFilter> {
  return {
    bucket_uuid: scope ?? null,
    rule: subscription ?? null,
    since: shownOptional(sinceMs),
    until: shownOptional(untilMs),
  };
}

function show({ uuid, state, redriven, filter, createdMs, createdBy }: Redrive): Static<typeof shownRedrive> {
  return {
    id: uuid,
    state,
    redriven,
    filter: showFilter(filter),
    created_at: shownInstant(createdMs),
    created_by: createdBy,
  };
}

const path = "/api/cloud/deliveries/redrive/";
const common = { role: "member", tag: "deliveries" } as const;

/** Sending many dead letters again. */
export function redriveRoutes(deps: RedriveJobContext & Pick<Context, "vault">): Route[] {
  const cursors = new Cursors<Uuid>(deps.vault, "redrives");
  const params = Type.Object({ id: Type.String() });
  return [
    starting(deps),
    route({
      ...common,
      method: "GET",
      path,
      summary: "Lists redrives, newest first",
      description:
        "Those that one began; of others those of rules that one knows of; admins see all. A page may be short while there is a next. They go with the events that they were about.",
      query: Type.Object(paging),
      message: "Redrives retrieved",
      data: Type.Object({ redrives: Type.Array(shownRedrive), next_cursor: nextCursor }),
      handle: async ({ caller, query }) => {
        const page = cursors.page(caller, query);
        const { redrives, next } = await listRedrives(deps.store, caller, page);
        return {
          redrives: redrives.map(show),
          ...cursors.next(caller, next),
        };
      },
    }),
    route({
      ...common,
      method: "GET",
      path: `${path}:id/`,
      summary: "Shows how far a redrive is",
      params,
      message: "Redrive retrieved",
      data: shownRedrive,
      handle: async ({ caller, params }) => show(await findRedrive(deps.store, caller, params.id)),
    }),
    route({
      ...common,
      method: "DELETE",
      path: `${path}:id/`,
      operationId: "cancelRedrive",
      summary: "Cancels a redrive that runs: what it sent again stays so, the rest stays dead",
      description: "For who began it, and admins.",
      params,
      message: "Redrive cancelled",
      data: shownRedrive,
      handle: async ({ caller, params }) => show(await cancelRedrive(deps, caller, params.id)),
    }),
  ];
}

function starting(deps: RedriveJobContext): Route {
  const dryRun = Type.Boolean({ default: false, description: "Only say how many that would be." });
  return route({
    ...common,
    method: "POST",
    path,
    summary: "Sends all dead letters that fit again, as a job that survives crashes",
    description:
      "Those that are dead now, of subscriptions that one knows of; with nothing that narrows it, all of them. Members say which bucket of theirs, or which rule. With `dry_run` nothing is sent: the answer is how many would be.",
    body: Type.Object({ ...narrowing, dry_run: Type.Optional(dryRun) }, { additionalProperties: false }),
    status: 202,
    message: ({ body }) =>
      body.dry_run === true ? "Nothing was sent: this is what a redrive would do" : "Redrive started",
    data: Type.Union([shownRedrive, counted]),
    handle: async ({ caller, body: { dry_run: dry = false, ...narrowed }, signal }) => {
      const filter = readNarrowing(narrowed);
      if (!dry) return show(await startRedrive(deps, caller, filter));
      const { wanted, more, filter: resolved } = await countRedrive(deps, caller, { filter, signal });
      return { dry_run: true as const, dead_letters: wanted, more, filter: showFilter(resolved) };
    },
  });
}

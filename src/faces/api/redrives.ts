import { type Static, Type } from "typebox";
import type { Context } from "../../context.ts";
import { defined } from "../../domain/defined.ts";
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

/** Where the rest was not asked for, it is absent. */
const shownFilter = named(
  "RedriveFilter",
  Type.Object({
    bucket_uuid: nullable(Type.String()),
    rule: nullable(Type.String()),
    since: nullable(instant),
    until: nullable(instant),
    face: Type.Optional(Type.String()),
    event: Type.Optional(Type.String()),
    resource: Type.Optional(Type.String()),
    key_prefix: Type.Optional(Type.String()),
    http_status: Type.Optional(Type.String()),
    reason: Type.Optional(Type.String()),
    target_host: Type.Optional(Type.String()),
    function: Type.Optional(Type.Integer()),
    min_attempts: Type.Optional(Type.Integer()),
  }),
);

const shownRedrive = named(
  "Redrive",
  Type.Object({
    id: Type.String(),
    state: Type.Enum(["running", "done", "cancelled"]),
    redriven: Type.Integer({ description: "Dead letters that wait to be sent again so far." }),
    looked_at: Type.Integer({ description: "Dead letters that it has come to so far, whether they fit or not." }),
    left: nullable(
      Type.Integer({
        description: "Dead letters to which it has not come yet: null beyond 200,000, and once it has ended.",
      }),
    ),
    per_second: nullable(Type.Integer({ description: "At most so many are sent again in a second." })),
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

function showFilter(filter: RedriveFilter): Static<typeof shownFilter> {
  const { face, event, resource, data, httpStatus, reason, targetHost, function: number, minAttempts } = filter;
  return {
    bucket_uuid: filter.scope ?? null,
    rule: filter.subscription ?? null,
    since: shownOptional(filter.sinceMs),
    until: shownOptional(filter.untilMs),
    ...defined({
      face,
      event,
      resource,
      key_prefix: data?.prefix,
      http_status: httpStatus === undefined ? undefined : showStatuses(httpStatus),
      reason,
      target_host: targetHost,
      function: number,
      min_attempts: minAttempts,
    }),
  };
}

function showStatuses({ from, to }: { readonly from: number; readonly to: number }): string {
  return from === to ? String(from) : `${from / 100}xx`;
}

export async function showRedrive(
  { store }: Pick<RedriveJobContext, "store">,
  { uuid, state, redriven, looked, perSecond, filter, createdMs, createdBy }: Redrive,
): Promise<Static<typeof shownRedrive>> {
  return {
    id: uuid,
    state,
    redriven,
    looked_at: looked,
    left: (await store.redrives.redriveLeft(uuid)) ?? null,
    per_second: perSecond ?? null,
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
          redrives: await Promise.all(redrives.map((job) => showRedrive(deps, job))),
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
      handle: async ({ caller, params }) => showRedrive(deps, await findRedrive(deps.store, caller, params.id)),
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
      handle: async ({ caller, params }) => showRedrive(deps, await cancelRedrive(deps, caller, params.id)),
    }),
  ];
}

function starting(deps: RedriveJobContext): Route {
  const perSecond = Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: 100_000,
      description: "At most so many in a second, so that receivers keep up; by default as many as can be.",
    }),
  );
  const dryRun = Type.Boolean({ default: false, description: "Only say how many that would be." });
  return route({
    ...common,
    method: "POST",
    path,
    summary: "Sends all dead letters that fit again, as a job that survives crashes",
    description:
      "Those that are dead now, of subscriptions that one knows of; with nothing that narrows it, all of them. Members say which bucket of theirs, or which rule. With `dry_run` nothing is sent: the answer is how many would be.",
    body: Type.Object(
      { ...narrowing, per_second: perSecond, dry_run: Type.Optional(dryRun) },
      { additionalProperties: false },
    ),
    status: 202,
    message: ({ body }) =>
      body.dry_run === true ? "Nothing was sent: this is what a redrive would do" : "Redrive started",
    data: Type.Union([shownRedrive, counted]),
    handle: async ({ caller, body: { dry_run: dry = false, per_second: pace, ...narrowed }, signal }) => {
      const filter = readNarrowing(narrowed);
      if (!dry)
        return showRedrive(deps, await startRedrive(deps, caller, { ...filter, ...defined({ perSecond: pace }) }));
      const { wanted, more, filter: resolved } = await countRedrive(deps, caller, { filter, signal });
      return { dry_run: true as const, dead_letters: wanted, more, filter: showFilter(resolved) };
    },
  });
}

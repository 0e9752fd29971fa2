import { type Static, Type } from "typebox";
import { type DeliveryDeps, findRedrive, startRedrive } from "../../resources/deliveries.ts";
import type { Redrive } from "../../store/records.ts";
import { instant, nullable, shownInstant, shownOptional } from "../fields.ts";
import { type Route, route } from "../route.ts";
import { narrowing, readNarrowing } from "./delivery-schema.ts";

const shownRedrive = Type.Object({
  id: Type.String(),
  state: Type.Enum(["running", "done"]),
  redriven: Type.Integer({ description: "Dead letters that wait to be sent again so far." }),
  filter: Type.Object({
    bucket_uuid: nullable(Type.String()),
    rule: nullable(Type.String()),
    since: nullable(instant),
    until: nullable(instant),
  }),
  created_at: instant,
  created_by: Type.String(),
});

function show({ uuid, state, redriven, filter, createdMs, createdBy }: Redrive): Static<typeof shownRedrive> {
  return {
    id: uuid,
    state,
    redriven,
    filter: {
      bucket_uuid: filter.scope ?? null,
      rule: filter.subscription ?? null,
      since: shownOptional(filter.sinceMs),
      until: shownOptional(filter.untilMs),
    },
    created_at: shownInstant(createdMs),
    created_by: createdBy,
  };
}

/** Sending many dead letters again. */
export function redriveRoutes(deps: DeliveryDeps): Route[] {
  const path = "/api/cloud/deliveries/redrive/";
  const common = { role: "member", tag: "deliveries" } as const;
  return [
    route({
      ...common,
      method: "POST",
      path,
      summary: "Sends all dead letters that fit again, as a job that survives crashes",
      description:
        "Those that are dead now, of subscriptions that one knows of. Members say which bucket of theirs, or which rule.",
      body: Type.Object(narrowing, { additionalProperties: false }),
      status: 202,
      message: "Redrive started",
      data: shownRedrive,
      handle: async ({ caller, body }) => show(await startRedrive(deps, caller, readNarrowing(body))),
    }),
    route({
      ...common,
      method: "GET",
      path: `${path}:id/`,
      summary: "Shows how far a redrive is",
      params: Type.Object({ id: Type.String() }),
      message: "Redrive retrieved",
      data: shownRedrive,
      handle: async ({ caller, params }) => show(await findRedrive(deps.store, caller, params.id)),
    }),
  ];
}

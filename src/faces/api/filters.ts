import { type Static, Type } from "typebox";
import type { Context } from "../../context.ts";
import type { Principal } from "../../domain/access.ts";
import { defined } from "../../domain/defined.ts";
import { type Face, faces, type Json } from "../../domain/event.ts";
import { defaultFilterLimits } from "../../domain/filter/index.ts";
import { sequenceText } from "../../domain/ids.ts";
import { invalidField } from "../../errors.ts";
import { fieldTypes, filterFields } from "../../subscriptions/filter-fields.ts";
import { requesterOf, wantedPlace } from "../../subscriptions/place.ts";
import { type Checked, type FilterCandidate, tryFilter } from "../../subscriptions/try-filter.ts";
import { instant, nullable, shownOptional } from "../http/fields.ts";
import { warned, warnings } from "../http/filter-warnings.ts";
import { givenEvent, readEvent } from "../http/given-event.ts";
import { named } from "../http/named.ts";
import { checker } from "../http/problems.ts";
import { type Route, route } from "../http/route.ts";

const closed = { additionalProperties: false };
const mostRecent = 100;

const place = {
  face: Type.Enum([...faces]),
  bucket: Type.Optional(
    Type.String({ minLength: 1, maxLength: 256, description: "Objects face: name of a bucket that one manages." }),
  ),
  event: Type.Optional(Type.String({ minLength: 1, maxLength: 65, description: "By default `*`." })),
  resource: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 64,
      description: "Notifications face: uuid of what is watched, or `*` (admins). As a subscription would have it.",
    }),
  ),
};

const placeSchema = Type.Object(place);

const anyObject = Type.Object({}, { additionalProperties: true });
/** What may be tried, by face: `givenEvent`, what a function gets, what a notification shows. */
const checks: Readonly<Record<Face, (value: unknown) => void>> = {
  objects: checker(Type.Object({ against: givenEvent })),
  lifecycle: checker(Type.Object({ against: Type.Object({ params: anyObject }) })),
  notifications: checker(Type.Object({ against: Type.Object({ resource: anyObject }) })),
};

const triedEvent = named(
  "TriedEvent",
  Type.Object({
    matches: Type.Boolean(),
    reasons: Type.Array(Type.String(), { description: "Why not; empty when it matches." }),
    event: Type.Object(
      {
        event_id: nullable(Type.String()),
        sequence: nullable(Type.String()),
        event_name: nullable(Type.String()),
        event_time: nullable(instant),
        resource: nullable(Type.String()),
        key: nullable(Type.String({ description: "Of an object." })),
      },
      { description: "Null is what the event that was given does not tell." },
    ),
  }),
);

const shownField = named(
  "FilterField",
  Type.Object({
    name: Type.String({
      description: "Without the quotes that a filter needs around most; of a map with `<name>` or `<key>` in it.",
    }),
    type: Type.Enum([...fieldTypes], {
      description:
        "`instant`: RFC 3339 in quotes, or Unix milliseconds. `boolean`: the texts `'true'` and `'false'`. `any`: not declared. `map`: any name may stand in the place of `<name>`.",
    }),
    operators: Type.Array(Type.String()),
    values: Type.Optional(Type.Array(Type.String(), { description: "It never holds anything else." })),
    seen: Type.Optional(
      Type.Array(Type.String(), {
        description: "What the newest events held: values, or of a map names (64 at most), the latest first.",
      }),
    ),
  }),
);

type Asked = Static<typeof placeSchema>;

/** Filters of every face: what one does, and what it may ask. */
export function filterRoutes(deps: Pick<Context, "store" | "slices" | "catalog" | "kinds">): Route[] {
  const common = { role: "member", tag: "subscriptions" } as const;
  const placeOf = async (caller: Principal, { face, bucket, event = "*", resource }: Asked) =>
    wantedPlace(deps, requesterOf(caller), { face, event, ...defined({ bucket, resource }) });
  return [
    route({
      ...common,
      method: "POST",
      path: "/api/cloud/filters/check/",
      operationId: "tryFilter",
      summary: "Says what a filter of any face would match, and why not",
      description:
        "Tried on `against`, or on the `last` events there that a subscription of the caller's would have been told of, newest first; `last: 0` only reads it. For who may subscribe there. PRE events are not kept: try these with `against`.",
      body: Type.Object(
        {
          ...place,
          filter: Type.String(),
          against: Type.Optional({
            ...anyObject,
            description:
              "Objects: one of a payload's `events`. Lifecycle: what a function gets, of which `params` count. Notifications: `{resource}`, as payloads show it.",
          }),
          last: Type.Optional(Type.Integer({ minimum: 0, maximum: mostRecent, default: mostRecent })),
        },
        closed,
      ),
      message: "Filter checked",
      data: Type.Object({
        checks: Type.Array(triedEvent),
        matched: Type.Integer(),
        warnings,
        cost: Type.Object({
          instructions: Type.Integer({ description: "Of its costly patterns; `matching` of the usage has them too." }),
          visits: Type.Integer({ description: "Of these, for the longest texts that its fields may have." }),
          most_visits: Type.Integer({ description: "What a filter may cost that is saved." }),
        }),
      }),
      handle: async ({ caller, body, signal }) => {
        const { face, filter: text, against: given, last, bucket } = body;
        if (given !== undefined && last !== undefined) {
          throw invalidField("last", "goes without against: check one event, or the last ones");
        }
        const at = await placeOf(caller, body);
        const against = given === undefined ? (last ?? mostRecent) : readGiven(face, given, bucket);
        const { filter, checked } = await tryFilter(deps, caller, { place: at, filter: text, against, signal });
        const { program: instructions, visits } = filter;
        return {
          checks: checked.map((one) => showTried(face, one)),
          matched: checked.filter(({ explanation }) => explanation.matches).length,
          ...warned(face, filter, defined({ bucket })),
          cost: { instructions, visits, most_visits: defaultFilterLimits.maxCost },
        };
      },
    }),
    route({
      ...common,
      method: "GET",
      path: "/api/cloud/filters/fields/",
      operationId: "listFilterFields",
      summary: "Lists what a filter may ask there",
      description:
        "With what the newest 200 events held that a subscription of the caller's would have been told of: of a bucket content types and the names of metadata and tags, of others the values that are declared nowhere. For who may subscribe there.",
      query: placeSchema,
      message: "Fields of filters",
      data: Type.Object({ fields: Type.Array(shownField) }),
      handle: async ({ caller, query, signal }) => {
        const fields = await filterFields(deps, caller, { place: await placeOf(caller, query), signal });
        return {
          fields: fields.map(({ operators, values, seen, ...field }) => ({
            ...field,
            operators: [...operators],
            ...defined({ values: values && [...values], seen: seen && [...seen] }),
          })),
        };
      },
    }),
  ];
}

function readGiven(face: Face, given: object, bucket: string | undefined): FilterCandidate {
  checks[face]({ against: given });
  if (face === "objects") {
    const candidate = readEvent(given as Static<typeof givenEvent>, "against");
    return bucket === undefined ? candidate : { ...candidate, data: { ...candidate.data, bucket } };
  }
  const { params, resource } = given as Readonly<Record<string, Readonly<Record<string, Json>>>>;
  return { names: {}, data: (face === "lifecycle" ? params : resource) ?? {} };
}

function showTried(face: Face, { candidate, explanation }: Checked): Static<typeof triedEvent> {
  const { names, data, event } = candidate;
  const key = data["key"];
  return {
    matches: explanation.matches,
    reasons: [...explanation.reasons],
    event: {
      event_id: event?.id ?? null,
      sequence: event === undefined ? null : sequenceText(event.sequence),
      event_name: names[face] ?? null,
      event_time: shownOptional(event?.timeMs),
      resource: event?.resource ?? null,
      key: face === "objects" && typeof key === "string" ? key : null,
    },
  };
}

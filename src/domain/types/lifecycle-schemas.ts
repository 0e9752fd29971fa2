import type { JsonSchema } from "../catalog.ts";
import type { EventTypeSchemas } from "./event-params.ts";
import { type NamedSchema, referenceTo, type SchemaNames } from "./named-schemas.ts";
import { describedAs, instantText, nullableText, record, sequence } from "./written.ts";

/** Events of the lifecycle face: what functions get, and what webhooks are sent in its own format. */

const facts = record(
  {
    id: { type: "string", description: "The same on every attempt." },
    event_type: { type: "string" },
    params: { type: "object" },
    user: { type: ["object", "null"], description: "Whom it was done for." },
    tenant: { type: "string" },
    app: { ...nullableText, description: "Slug, of what is only for one app's functions." },
    origin: { type: "string", description: "api, operator, library, s3 or hook." },
    time: instantText,
    sequence: {
      anyOf: [sequence, { type: "null" }],
      description: "Of a POST event: greater for the later of two events of one resource.",
    },
    operation_id: { type: "string", description: "Joins the hooks, the POST event and the abort of one operation." },
    attempt: { type: "integer", minimum: 1 },
    deadline_ms: { type: "integer", minimum: 0 },
  },
  {
    dry_run: { const: true, description: "A trial without consequences." },
    test: { const: true, description: "It only tries the receiver out." },
  },
);

const { params: _params, event_type: _type, ...common } = facts["properties"] as Readonly<Record<string, JsonSchema>>;

/** Names of what is of all event types. */
export const lifecycleNames = {
  paramsByEvent: "EventParams",
  any: "LifecycleEvent",
  body: "LifecycleNotification",
} as const;

/** An event of one type, with its params. */
export function eventSchema({ event, own, params }: EventTypeSchemas, names: SchemaNames): NamedSchema {
  const properties = { ...common, event_type: { const: event }, params: referenceTo(params) };
  return describedAs(names.take(`${own}Event`), `${event}, as functions get it.`, { ...facts, properties });
}

/**
 * @param types each with the name of its event.
 */
export function lifecycleSchemas(
  types: readonly (readonly [EventTypeSchemas, event: string])[],
): readonly NamedSchema[] {
  const oneOf = (some: typeof types): JsonSchema =>
    some.length === 0 ? { not: {} } : { anyOf: some.map(([, event]) => referenceTo(event)) };
  const sent = types.filter(([{ event }]) => !event.startsWith("PRE_"));
  return [
    describedAs(
      lifecycleNames.paramsByEvent,
      "Params by event type: for `HostClient<EventParams>` and `FunctionOf<EventParams, …>`.",
      record(Object.fromEntries(types.map(([{ event, params }]) => [event, referenceTo(params)]))),
    ),
    describedAs(lifecycleNames.any, "An event of any type, as functions get it.", oneOf(types)),
    describedAs(lifecycleNames.body, "What a webhook gets that is subscribed to event types.", oneOf(sent)),
  ];
}

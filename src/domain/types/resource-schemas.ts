import type { JsonSchema } from "../catalog.ts";
import { alertEvents, subscriptionEvents } from "../notifications/names.ts";
import type { ResourceKind } from "../notifications/resource-kinds.ts";
import { otherNames } from "../raised-events.ts";
import { capitalized, type NamedSchema, referenceTo, type SchemaNames } from "./named-schemas.ts";
import { describedAs, instantText, link, nullableText, record, sequence, texts } from "./written.ts";

/** What is sent to who watches a resource, by kind. */

const links = record({ notifications: link }, { self: link });
const text: JsonSchema = { type: "string" };
const happened = record({ event: text, kind: text, uuid: text });

const file = record({
  type: { const: "file" },
  name: text,
  uuid: text,
  owner: nullableText,
  internalUsername: { type: "null" },
  lastModified: instantText,
  source: { ...nullableText, description: "Of a copy, what it was copied from." },
  path: { ...text, description: "The object's key." },
  status: { enum: ["AVAILABLE", "DELETED"] },
  systemId: { ...text, description: "The bucket." },
  nativeFormat: { const: "raw" },
  length: { type: "integer", minimum: 0 },
  mimeType: text,
  eTag: text,
  metadata: texts,
  tags: texts,
  _links: links,
});

const profile = (attributes: JsonSchema): JsonSchema =>
  record(
    { username: text, uuid: text },
    {
      id: { type: "integer" },
      user_id: { type: "integer" },
      email: text,
      first_name: text,
      last_name: text,
      attributes,
      created_at: instantText,
      updated_at: instantText,
      changes: { type: "object", description: 'Of a change: `{ "email": { "from": …, "to": … } }`.' },
      _links: links,
    },
  );

/** Hosts may register apps of their own, of which they tell what they like. */
const app = record(
  { uuid: text, owner: nullableText },
  {
    id: { description: "Slug, of an app of Signalbox's own." },
    name: {},
    created: {},
    lastUpdated: {},
    _links: { type: "object" },
  },
);

const fn = record({
  id: { ...text, description: "Slug." },
  uuid: text,
  name: text,
  app: { ...text, description: "Slug." },
  owner: text,
  enabled: { type: "boolean" },
  created: instantText,
  lastUpdated: instantText,
  _links: links,
});

const subscription = record(
  { id: text, owner: text },
  {
    uuid: text,
    associatedUuid: text,
    event: text,
    target: text,
    enabled: { type: "boolean" },
    created: instantText,
    face: text,
    delivery: { ...text, description: "Of what came of a delivery: which." },
    attempts: { type: "integer", minimum: 0 },
    responseCode: { type: ["integer", "null"] },
    message: nullableText,
    reason: nullableText,
    _links: links,
  },
);

const bucket = record({ uuid: text, name: text, owner: text, created: instantText, _links: links });

/** A host's own: what it tells of it. */
const registered: JsonSchema = { type: "object", additionalProperties: true };

function resourceOf(kind: string, attributes: JsonSchema): JsonSchema {
  switch (kind) {
    case "file":
      return file;
    case "profile":
      return profile(attributes);
    case "app":
      return app;
    case "function":
      return fn;
    case "subscription":
      return subscription;
    case "bucket":
      return bucket;
    default:
      return registered;
  }
}

const permission = record({ id: text, permission: text, username: text, lastUpdated: instantText });

const facts: Readonly<Record<string, JsonSchema>> = {
  event: { ...text, description: "Its name on the resource that is watched." },
  eventTime: instantText,
  eventId: text,
  sequence,
  actor: { ...nullableText, description: "Who caused it." },
  associatedUuid: { ...text, description: "Of the resource." },
  notificationId: { ...text, description: "Of the subscription." },
};

const others: Readonly<Record<string, JsonSchema>> = {
  permission: { ...permission, description: "Where one changed." },
  of: { ...happened, description: "Of what is watched for what lies in it: what happened to which of those." },
  parent: { ...record({ kind: text, uuid: text }), description: "And what is watched." },
  test: { const: true, description: "It only tries the receiver out." },
};

/** What only one subscription gets. */
const toldOfOne = [...Object.values(subscriptionEvents), ...Object.values(alertEvents)];

/** Names of what is of all kinds. */
export const resourceNames = { body: "ResourceNotification", paramsByKind: "ResourceParams" } as const;

interface KindSchemas {
  readonly kind: string;
  readonly body: string;
  readonly params: string;
  readonly schemas: readonly NamedSchema[];
}

/** @param attributes what users may have as attributes. */
export function kindSchemas(
  { name: kind, payloadKey, flat, events, open }: ResourceKind,
  { names, attributes }: { readonly names: SchemaNames; readonly attributes: JsonSchema },
): KindSchemas {
  const own = capitalized(kind);
  const resource = names.take(`${own}Resource`);
  const eventName = names.take(`${own}EventName`);
  const params = names.take(`${own}EventParams`);
  const body = names.take(`${own}Notification`);
  const shown = referenceTo(resource);
  const raised = [...events, ...Object.values(otherNames[kind] ?? {}), ...(kind === "subscription" ? toldOfOne : [])];
  const known = { enum: [...new Set(raised)] };
  const inside = kind === "file" ? referenceTo("ObjectParams") : { allOf: [record({ uuid: text }), shown] };
  return {
    kind,
    body,
    params,
    schemas: [
      describedAs(resource, `What is told of a resource of kind ${kind}.`, resourceOf(kind, attributes)),
      describedAs(
        eventName,
        `What happens to a resource of kind ${kind}${open ? "; others may be raised too" : ""}.`,
        open ? { anyOf: [known, text] } : known,
      ),
      describedAs(params, `Params of a function that is subscribed to a resource of kind ${kind}.`, inside),
      describedAs(
        body,
        `What a webhook gets that is subscribed to a resource of kind ${kind}.`,
        flat ? { allOf: [shown, record(facts, others)] } : record({ [payloadKey]: shown, ...facts }, others),
      ),
    ],
  };
}

export function resourceSchemas(all: readonly Omit<KindSchemas, "schemas">[]): readonly NamedSchema[] {
  return [
    describedAs(
      resourceNames.paramsByKind,
      "Params of a function that is subscribed to a resource, by kind.",
      record(Object.fromEntries(all.map(({ kind, params }) => [kind, referenceTo(params)]))),
    ),
    describedAs(resourceNames.body, "What a webhook gets that is subscribed to resources.", {
      anyOf: all.map(({ body }) => referenceTo(body)),
    }),
  ];
}

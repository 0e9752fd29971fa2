import type { EventTypeDefinition, JsonSchema, Phase } from "./catalog.ts";

/** What the platform itself tells functions. */

/** The names of the built-in event types, the documented ones first: `EventType.PRE_USER_CREATE`. */
export const EventType = {
  PRE_USER_CREATE: "PRE_USER_CREATE",
  POST_USER_CREATE: "POST_USER_CREATE",
  PRE_USER_UPDATE: "PRE_USER_UPDATE",
  POST_USER_UPDATE: "POST_USER_UPDATE",
  PRE_USER_DELETE: "PRE_USER_DELETE",
  POST_USER_DELETE: "POST_USER_DELETE",
  USER_CREATE_ABORTED: "USER_CREATE_ABORTED",
  PRE_OBJECT_PUT: "PRE_OBJECT_PUT",
  POST_OBJECT_PUT: "POST_OBJECT_PUT",
  PRE_OBJECT_DELETE: "PRE_OBJECT_DELETE",
  POST_OBJECT_DELETE: "POST_OBJECT_DELETE",
} as const;
export type EventType = (typeof EventType)[keyof typeof EventType];

/**
 * A user, as far as it is known: before it is created it has no number yet. Closed, so that a filter or a hook that misspells a name is
 * is refused instead of never matching; what else a host knows about its users belongs into `attributes`.
 */
const userProperties = {
  user_id: { type: "integer", description: "The user's number." },
  id: { type: ["integer", "string"], maxLength: 64, description: "As the users API names the user." },
  uuid: { type: "string", maxLength: 64 },
  username: { type: "string", minLength: 1, maxLength: 254 },
  email: { type: "string", maxLength: 254 },
  first_name: { type: "string", maxLength: 150 },
  last_name: { type: "string", maxLength: 150 },
  attributes: { type: "object", description: "Whatever the platform keeps about its users besides." },
  created_at: { type: "string", format: "date-time" },
  updated_at: { type: "string", format: "date-time" },
} as const;

const changes = {
  type: "object",
  description:
    'What changes, by name: `{ "email": { "from": "a@example.com", "to": "" } }`. The user itself is as it is after that.',
} as const;
const reason = { type: "string", description: "Why nothing came of it." } as const;

const objectProperties = {
  uuid: { type: "string", maxLength: 64 },
  bucket: { type: "string" },
  key: { type: "string" },
  size: { type: "integer", minimum: 0 },
  etag: { type: "string" },
  content_type: { type: "string" },
  last_modified: { type: "string", format: "date-time" },
  reason: { type: "string", description: "What the client asked for: PutObject, CopyObject, …" },
  metadata: {
    type: "object",
    additionalProperties: { type: "string" },
    description: "The uploader's, by lower-case name.",
  },
  tags: { type: "object", additionalProperties: { type: "string" } },
} as const;

/** Never passed to a function, wherever a host puts them. */
const userSecrets = ["password", "token", "changes.password", "changes.token"];

interface More {
  readonly changeable?: readonly string[];
  /** Properties beside those of every such event; what is `required` of them. */
  readonly properties?: JsonSchema;
  readonly required?: readonly string[];
}

function user(name: EventType, description: string, more: More = {}): EventTypeDefinition {
  const { properties = {}, required = [], ...rest } = more;
  const schema = closed({ ...userProperties, ...properties }, ["username", ...required]);
  return { name, phase: phaseOf(name), resource: "user", description, schema, sensitive: userSecrets, ...rest };
}

function object(name: EventType, description: string, more: Pick<More, "changeable"> = {}): EventTypeDefinition {
  const schema = closed(objectProperties, ["bucket", "key"]);
  return { name, phase: phaseOf(name), resource: "object", description, schema, ...more };
}

function phaseOf(name: EventType): Phase {
  return name.startsWith("PRE_") ? "pre" : "post";
}

function closed(properties: JsonSchema, required: readonly string[]): JsonSchema {
  return { type: "object", properties, required, additionalProperties: false };
}

const profile = ["first_name", "last_name", "attributes.*"];
const annotations = ["metadata.*", "tags.*"];

/** In the order of {@link EventType}. */
export const builtInEvents: readonly EventTypeDefinition[] = [
  user(EventType.PRE_USER_CREATE, "Before a user is created: the proposed user.", { changeable: profile }),
  user(EventType.POST_USER_CREATE, "After a user was created: the complete user."),
  user(EventType.PRE_USER_UPDATE, "Before a user is changed: the proposed user, and what is to change.", {
    changeable: profile,
    properties: { changes },
  }),
  user(EventType.POST_USER_UPDATE, "After a user was changed: the complete user, and what changed.", {
    properties: { changes },
  }),
  user(EventType.PRE_USER_DELETE, "Before a user is deleted: the complete user."),
  user(EventType.POST_USER_DELETE, "After a user was deleted: the user as it was."),
  user(EventType.USER_CREATE_ABORTED, "A user was not created although hooks ran for it: the proposed user, and why.", {
    properties: { reason },
    required: ["reason"],
  }),
  object(EventType.PRE_OBJECT_PUT, "Before an object is written.", { changeable: annotations }),
  object(EventType.POST_OBJECT_PUT, "After an object was written."),
  object(EventType.PRE_OBJECT_DELETE, "Before an object is deleted: the object as it is."),
  object(EventType.POST_OBJECT_DELETE, "After an object was deleted: the object as it was."),
];

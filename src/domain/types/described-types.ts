import type { EventTypeDefinition, JsonSchema } from "../catalog.ts";
import type { ResourceKind } from "../notifications/resource-kinds.ts";
import { cloudEventSchema } from "./cloud-event-schemas.ts";
import { type EventTypeSchemas, paramsSchemas } from "./event-params.ts";
import { eventSchema, lifecycleNames, lifecycleSchemas } from "./lifecycle-schemas.ts";
import { type NamedSchema, namedSchemas, referenceTo, SchemaNames } from "./named-schemas.ts";
import { objectNames, objectSchemas } from "./object-schemas.ts";
import { kindSchemas, resourceNames, resourceSchemas } from "./resource-schemas.ts";

/** Everything that is sent to a tenant and asked of its functions, as schemas with names, before it is written in a language. */
export interface DescribedTypes {
  /** Each behind those that it refers to. */
  readonly schemas: readonly NamedSchema[];
  /** In the order of the catalog. */
  readonly events: readonly EventTypeSchemas[];
}

export interface TypesInput {
  readonly types: readonly EventTypeDefinition[];
  /** None where only some event types are asked for: what is sent of resources is left out then. */
  readonly kinds: readonly ResourceKind[];
  /** What the tenant's users may have as attributes. Absent: anything. */
  readonly attributes?: JsonSchema | undefined;
}

const attributesName = "UserAttributes";

/** What no event type, kind or part of them may be called: the languages', or ours. */
const reserved: readonly string[] = [
  "Readonly",
  "Record",
  "TypedDict",
  "Literal",
  "NotRequired",
  "Union",
  "Any",
  "Enum",
  "EventName",
  "ObjectCloudEvent",
  "LifecycleCloudEvent",
  "ResourceCloudEvent",
  attributesName,
  ...[objectNames, lifecycleNames, resourceNames].flatMap((names): readonly string[] => Object.values(names)),
  ...objectSchemas.map(({ name }) => name),
];

/** Yields where it may be interrupted. */
export function* describeTypes({ types, kinds, attributes }: TypesInput): Generator<void, DescribedTypes, void> {
  const names = new SchemaNames(reserved);
  const schemas: NamedSchema[] = [];
  if (attributes !== undefined) {
    schemas.push(...(yield* namedSchemas({ name: attributesName, schema: attributes }, { own: "User", names })));
  }
  const events: EventTypeSchemas[] = [];
  const of = { names, attributes: attributes === undefined ? undefined : attributesName };
  for (const type of types) {
    const described = yield* paramsSchemas(type, of);
    events.push(described);
    schemas.push(...described.schemas);
    yield;
  }
  const whole: (readonly [EventTypeSchemas, string])[] = [];
  for (const type of events) {
    const event = eventSchema(type, names);
    schemas.push(event);
    whole.push([type, event.name]);
  }
  yield;
  schemas.push(...lifecycleSchemas(whole));
  schemas.push(cloudEventSchema("LifecycleCloudEvent", "event types", lifecycleNames.body));
  if (kinds.length > 0) schemas.push(...(yield* sentOfResources(kinds, { names, attributes })));
  return { schemas, events };
}

function* sentOfResources(
  kinds: readonly ResourceKind[],
  { names, attributes }: { readonly names: SchemaNames; readonly attributes: JsonSchema | undefined },
): Generator<void, readonly NamedSchema[], void> {
  const schemas = [...objectSchemas, cloudEventSchema("ObjectCloudEvent", "a bucket's objects", objectNames.record)];
  const users = attributes === undefined ? { type: "object" } : referenceTo(attributesName);
  const all = [];
  for (const kind of kinds) {
    const { schemas: own, ...described } = kindSchemas(kind, { names, attributes: users });
    all.push(described);
    schemas.push(...own);
    yield;
  }
  return [...schemas, ...resourceSchemas(all), cloudEventSchema("ResourceCloudEvent", "resources", resourceNames.body)];
}

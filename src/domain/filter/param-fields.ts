/** The fields of the lifecycle face: whatever the params of an event hold, by dotted paths. */
import type { EventTypeDefinition } from "../catalog.ts";
import type { Json } from "../event.ts";
import type { Params } from "../lifecycle.ts";
import { type ScalarKinds, scalarKindsAt, scalarPaths } from "../schema/schema-fields.ts";
import { isSecretPath } from "../secret-names.ts";
import type { FieldCatalog, FilterValue, ReadField } from "./tree.ts";

/** Params are not nested deeper, so no longer path leads anywhere. */
const mostSegments = 32;

/**
 * `email`, `attributes.plan`, `` `attributes.cost center` ``: every path, because params have no declared fields here. Names are
 * case-sensitive, as they are in JSON.
 */
export const paramFields: FieldCatalog = {
  names: ["<name>", "<name>.<name>"],
  resolve: (name) => (isPath(name) ? { name, kind: "any" } : undefined),
};

/** What filters need to know of an event type. */
type FilteredType = Pick<EventTypeDefinition, "schema" | "sensitive" | "public" | "changeable">;

/**
 * The same for one event type: a path that its schema does not name is refused, unless the schema or `changeable` (`attributes.*`) says that
 * there anything may have any name; and so is a literal that can't be there. What is accepted means the same as under {@link paramFields}.
 */
export function paramFieldsOf({ schema, sensitive = [], public: known, changeable = [] }: FilteredType): FieldCatalog {
  const hidden = (name: string): boolean =>
    sensitive.some((path) => name === path || name.startsWith(`${path}.`)) || isSecretPath(name.split("."), known);
  const free = (name: string): ScalarKinds | undefined =>
    changeable.some((path) => path.endsWith(".*") && name.startsWith(path.slice(0, -1))) ? {} : undefined;
  return {
    names: scalarPaths(schema).filter((name) => !hidden(name)),
    resolve(name) {
      const kinds: ScalarKinds | undefined =
        isPath(name) && !hidden(name) ? (scalarKindsAt(schema, name) ?? free(name)) : undefined;
      return kinds && { name, kind: "any", ...kinds };
    },
  };
}

function isPath(name: string): boolean {
  return name !== "" && name.split(".", mostSegments + 1).length <= mostSegments;
}

/** Objects that are looked into for one path: params whose names have dots may lead to it in millions of ways, where none of them ends. */
const mostObjects = 200;

/** Reads the fields of {@link paramFields}: texts, numbers, and `true` and `false` as texts; everything else is absent. */
export function readParamField(params: Params): ReadField {
  return (path) => lookUp(params, path, { left: mostObjects });
}

/** Names may have dots in them themselves (`tags.cost.center`): the whole rest counts before its parts. */
function lookUp(value: Json, path: string, objects: { left: number }): FilterValue | undefined {
  if (typeof value !== "object" || value === null || Array.isArray(value) || objects.left === 0) return undefined;
  objects.left -= 1;
  const record = value as Readonly<Record<string, Json>>;
  // Only what the event itself holds: `constructor` must not read what every object inherits.
  if (Object.hasOwn(record, path)) return plain(record[path]);
  for (let dot = path.indexOf("."); dot >= 0; dot = path.indexOf(".", dot + 1)) {
    const head = path.slice(0, dot);
    const found = Object.hasOwn(record, head) ? lookUp(record[head] ?? null, path.slice(dot + 1), objects) : undefined;
    if (found !== undefined) return found;
  }
  return undefined;
}

function plain(value: Json | undefined): FilterValue | undefined {
  if (typeof value === "boolean") return String(value);
  return typeof value === "string" || typeof value === "number" ? value : undefined;
}

import type { FilterField } from "../../../client/operations.ts";
import type { CompletionCatalog } from "../../../domain/filter/complete.ts";
import { objectFields } from "../../../domain/filter/fields.ts";
import { paramFields } from "../../../domain/filter/param-fields.ts";
import type { FieldCatalog, KnownField } from "../../../domain/filter/tree.ts";

/** What a filter may ask: as the server says, once it has; until then what is known of the face. */
export function catalogOf(face: string, fields: readonly FilterField[] | undefined): CompletionCatalog {
  if (fields === undefined) return { fields: face === "objects" ? objectFields : paramFields };
  const names = fields.flatMap(({ name, seen = [] }) => {
    const family = name.indexOf("<");
    return family < 0 ? [] : seen.map((one) => name.slice(0, family) + one);
  });
  const values = new Map(fields.flatMap(({ name, type, seen }) => (seen && type !== "map" ? [[name, seen]] : [])));
  return { fields: face === "objects" ? objectFields : declared(fields), names, values };
}

function declared(fields: readonly FilterField[]): FieldCatalog {
  const known = new Map(fields.filter(({ type }) => type !== "map").map((field) => [field.name, field]));
  const families = fields.flatMap(({ name, type }) => (type === "map" ? [name.slice(0, name.indexOf("<"))] : []));
  return {
    names: fields.map(({ name }) => name),
    resolve(name) {
      const field = known.get(name);
      if (field !== undefined) return knownField(field);
      const isNamed = families.some((family) => name.startsWith(family) && name.length > family.length);
      return isNamed ? { name, kind: "any" } : undefined;
    },
  };
}

function knownField({ name, type, values }: FilterField): KnownField {
  if (type === "number") return { name, kind: "any", holds: "number" };
  return type === "any" ? { name, kind: "any" } : { name, kind: "any", holds: "text", values };
}

import type { JsonSchema } from "../catalog.ts";
import { dialect, schemaKeywords } from "../schema/keywords.ts";
import { isSchema } from "../schema/type-shape.ts";
import type { DescribedTypes } from "./described-types.ts";

/** One document whose `$defs` are all types. Each piece is a part of its text. */
export function* jsonSchemaPieces({ schemas }: DescribedTypes, about: string): Generator<string, void, void> {
  yield `{\n  "$schema": ${JSON.stringify(dialect)},\n  "description": ${JSON.stringify(about)},\n  "$defs": {`;
  let before = "\n";
  for (const { name, schema } of schemas) {
    yield `${before}    ${JSON.stringify(name)}: ${JSON.stringify(portable(schema))}`;
    before = ",\n";
  }
  yield "\n  }\n}\n";
}

/**
 * The same schema without patterns that only RE2 reads: validators of JSON Schema take those of ECMAScript, and refuse a whole document for
 * one of another syntax.
 */
function portable(schema: unknown): unknown {
  if (!isSchema(schema)) return schema;
  const patterns = Object.keys(isSchema(schema["patternProperties"]) ? schema["patternProperties"] : {});
  const isForeign = !patterns.every(isPattern);
  // What they would have let pass is not to be refused by the rest.
  const closing = isForeign ? ["patternProperties", "additionalProperties", "unevaluatedProperties"] : [];
  const entries = Object.entries(schema).flatMap(([keyword, value]): [string, unknown][] => {
    if (closing.includes(keyword)) return [];
    switch (schemaKeywords.get(keyword)) {
      case "schema":
        return [[keyword, portable(value)]];
      case "schemas":
        return [[keyword, Array.isArray(value) ? value.map(portable) : value]];
      case "named schemas":
      case "schemas by pattern":
        return [[keyword, mapped(Object(value) as JsonSchema)]];
      case "pattern":
        return isPattern(String(value)) ? [[keyword, value]] : [];
      default:
        return [[keyword, value]];
    }
  });
  return Object.fromEntries(entries);
}

function mapped(schemas: JsonSchema): JsonSchema {
  return Object.fromEntries(Object.entries(schemas).map(([name, one]) => [name, portable(one)]));
}

function isPattern(text: string): boolean {
  try {
    return new RegExp(text, "u") instanceof RegExp;
  } catch {
    return false;
  }
}

import type { FieldError } from "../errors.ts";
import { checkSchema } from "./json-schema.ts";
import { requiredPaths } from "./schema/places.ts";
import { isRecord } from "./schema/unions.ts";
import { isSecretPath } from "./secret-names.ts";

/** What is wrong with an uploaded schema for the attributes of users, by paths within it; empty: it may be kept. */
export function checkAttributeSchema(schema: unknown): readonly FieldError[] {
  const problems = checkSchema(schema);
  if (problems.length > 0 || !isRecord(schema)) return problems;
  // Under one that requires what is left out no user could be made or changed.
  return requiredPaths(schema)
    .filter((path) => isSecretPath(path))
    .slice(0, mostProblems)
    .map((path) => ({
      path: "",
      message: `requires ${path.join(".").slice(0, longestPath)}, but attributes hold no passwords, tokens, secrets and keys: make it optional, or give it another name`,
    }));
}

const mostProblems = 20;
const longestPath = 200;

/** What is said alike of a value that does not fit, whether a route's own schema says so or one of a tenant's. */

/** Of the keywords that have one number; `undefined` for the others. @param limit as the schema has it. */
export function limitSentence(keyword: string, limit: string): string | undefined {
  switch (keyword) {
    case "minimum":
      return `must be at least ${limit}`;
    case "maximum":
      return `must be at most ${limit}`;
    case "minLength":
      return limit === "1" ? "must not be empty" : `must have at least ${limit} characters`;
    case "maxLength":
      return `must have at most ${limit} characters`;
    case "minItems":
    case "minProperties":
      return `must have at least ${limit} ${limit === "1" ? "entry" : "entries"}`;
    case "maxItems":
    case "maxProperties":
      return `must have at most ${limit} entries`;
    default:
      return undefined;
  }
}

const typeNames: Readonly<Record<string, string>> = {
  object: "a JSON object",
  array: "an array",
  string: "a string",
  integer: "a whole number",
  number: "a number",
  boolean: "true or false",
  null: "null",
};

/** A type of JSON Schema as people say it: `a whole number`. */
export function typeName(type: string): string {
  return typeNames[type] ?? type;
}

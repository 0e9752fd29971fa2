/** What a function is given, to be offered while its code is written. */

type Schema = Readonly<Record<string, unknown>>;

export interface CodeHints {
  /** JSON Schema of the params of the event at hand. */
  readonly params?: Schema | undefined;
  /** Names of the function's env and secrets. */
  readonly env?: readonly string[];
}

interface CodeHint {
  readonly label: string;
  readonly type: "property" | "method";
  readonly detail: string;
}

interface FoundHints {
  /** What was begun of a name. */
  readonly typed: string;
  readonly options: readonly CodeHint[];
}

const eventNames: readonly (readonly [string, string])[] = [
  ["id", "text"],
  ["event_type", "such as PRE_USER_CREATE"],
  ["params", "what the event is about"],
  ["user", "who caused it, or null"],
  ["tenant", "text"],
  ["app", "slug, or null"],
  ["origin", "where it came from"],
  ["time", "RFC 3339"],
  ["sequence", "orders the events of one resource"],
  ["attempt", "from 1"],
  ["deadline_ms", "when it is stopped, in Unix milliseconds"],
];

const logNames = ["debug", "info", "warn", "error"];

/** By the line up to the caret; `undefined` where nothing of a function's arguments is meant. */
export function hintsFor(line: string, { params, env = [] }: CodeHints): FoundHints | undefined {
  const [, path, typed = ""] = /(?:^|[^\w.$])((?:\w+\??\.)+)(\w*)$/.exec(line) ?? [];
  if (path === undefined) return undefined;
  const names = path.replaceAll("?", "").split(".").slice(0, -1);
  const [first, ...rest] = names[0] === "event" && names.length > 1 ? names.slice(1) : names;
  const options = optionsOf(first ?? "", rest, { params, env });
  return options === undefined ? undefined : { typed, options };
}

function optionsOf(
  first: string,
  rest: readonly string[],
  { params, env = [] }: CodeHints,
): readonly CodeHint[] | undefined {
  if (first === "params") return params === undefined ? undefined : propertiesAt(params, rest);
  if (rest.length > 0) return undefined;
  switch (first) {
    case "event":
      return eventNames.map(([label, detail]) => ({ label, type: "property", detail }));
    case "env":
      return env.map((label) => ({ label, type: "property", detail: "env" }));
    case "log":
      return logNames.map((label) => ({ label, type: "method", detail: "kept with the run" }));
    default:
      return undefined;
  }
}

function propertiesAt(schema: Schema, [name, ...rest]: readonly string[]): readonly CodeHint[] {
  const properties = (schema["properties"] ?? {}) as Readonly<Record<string, Schema>>;
  if (name !== undefined) {
    const below = Object.hasOwn(properties, name) ? properties[name] : undefined;
    return below === undefined ? [] : propertiesAt(below, rest);
  }
  const required = new Set(Array.isArray(schema["required"]) ? schema["required"] : []);
  return Object.entries(properties).map(([label, property]) => ({
    label,
    type: "property",
    detail: `${typeOf(property)}${required.has(label) ? "" : ", may be missing"}`,
  }));
}

function typeOf({ type, enum: values, format }: Schema): string {
  if (Array.isArray(values))
    return values
      .map((value) => JSON.stringify(value))
      .join(" | ")
      .slice(0, 60);
  const named = Array.isArray(type) ? type.join(" | ") : typeof type === "string" ? type : "any";
  return typeof format === "string" ? `${named} (${format})` : named;
}

import type { FieldError } from "../errors.ts";

/** Where something lies in a JSON value, as people read it: `attributes.plan`, `tags[0]`; empty for the value itself. */

export type Segment = string | number;

/** Names that would read as something else are quoted: `tags["cost.center"]`. */
export function pathText(segments: readonly Segment[]): string {
  return segments.reduce<string>((path, segment) => {
    if (typeof segment === "number") return `${path}[${segment}]`;
    if (segment === "" || /[.[\]"]/.test(segment)) return `${path}[${JSON.stringify(segment)}]`;
    return path === "" ? segment : `${path}.${segment}`;
  }, "");
}

/** A path within what lies at `prefix`. */
export function pathWithin(prefix: string, path: string): string {
  return path === "" || prefix === "" || path.startsWith("[") ? prefix + path : `${prefix}.${path}`;
}

/** The problems of a part, with paths from the whole. */
export function fieldsWithin(prefix: string, fields: readonly FieldError[]): readonly FieldError[] {
  return fields.map(({ path, message }) => ({ path: pathWithin(prefix, path), message }));
}

/** `email: must be a string; name: is required`. */
export function fieldsText(fields: readonly FieldError[]): string {
  return fields.map(({ path, message }) => (path === "" ? message : `${path}: ${message}`)).join("; ");
}

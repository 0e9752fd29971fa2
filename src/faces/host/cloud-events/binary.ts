import { invalidField } from "../../../errors.ts";
import type { JsonEvent } from "./attributes.ts";

/** CloudEvents in the binary form of HTTP: an attribute is a header, and the body is the data. */

const prefix = "ce-";

/** How an attribute is called in this form. */
export function attributeHeader(attribute: string): string {
  if (attribute === "data" || attribute.startsWith("data.") || attribute.startsWith("data[")) return attribute;
  return `${prefix}${attribute}`;
}

/** By name in small letters, each with all of its values. */
type Headers = Readonly<NodeJS.Dict<readonly string[]>>;

/** Whether a request is one in this form: any of the headers says so, so that one that is left out can be named. */
export function isBinary(headers: Headers): boolean {
  return Object.keys(headers).some((name) => name.startsWith(prefix));
}

/** @throws SignalboxError `invalid_request` about a header that is there twice, or cannot be read. */
export function binaryEvent(headers: Headers, data: unknown): JsonEvent {
  const attributes = Object.entries(headers).flatMap(([header, values = []]) => {
    if (!header.startsWith(prefix)) return [];
    const [value = ""] = values;
    if (values.length > 1) throw invalidField(header, "is there twice");
    const name = header.slice(prefix.length);
    if (name === "data") throw invalidField(header, "is no attribute: the body is the data");
    return [[name, decoded(header, value)] as const];
  });
  return { ...Object.fromEntries(attributes), data };
}

/** As the HTTP binding says: quotes first, then one round of percent-decoding. A `%` that no two hex digits follow stands for itself. */
function decoded(header: string, value: string): string {
  const unquoted = /^".*"$/.test(value) ? value.slice(1, -1).replaceAll(/\\(.)/g, "$1") : value;
  if (/[^\x20-\x7e]/.test(unquoted)) {
    throw invalidField(header, "must be ASCII: what is not is percent-encoded UTF-8, such as %C3%BC");
  }
  try {
    return decodeURIComponent(unquoted.replaceAll(/%(?![0-9A-Fa-f]{2})/g, "%25"));
  } catch {
    throw invalidField(header, "is not UTF-8 where it is percent-encoded");
  }
}

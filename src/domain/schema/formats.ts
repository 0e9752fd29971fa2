import type { FormatName } from "ajv-formats/dist/formats.js";
import { fullFormats } from "ajv-formats/dist/formats.js";

/** The formats that are checked, with what fits, for sentences. Not `regex`, which would compile what a caller sends. */
export const formats = {
  "date-time": "an instant such as 2026-11-20T10:30:00Z",
  date: "a day such as 2026-11-20",
  time: "a time such as 10:30:00Z",
  duration: "a duration such as P3DT12H",
  email: "an e-mail address",
  hostname: "a host name",
  ipv4: "an IPv4 address",
  ipv6: "an IPv6 address",
  uri: "a URI with its scheme",
  "uri-reference": "a URI or a path",
  uuid: "a UUID",
  "json-pointer": "a JSON pointer such as /a/b",
} as const satisfies Partial<Record<FormatName, string>>;

type KnownFormat = keyof typeof formats;

/** Nothing that has one of the formats is longer: what is longer fits none, and is not even looked at. */
const longest = 4_096;

function fits(name: KnownFormat, text: string): boolean {
  const format = fullFormats[name];
  // Those of `ajv-formats` are expressions, functions, or objects with one of them.
  const test: unknown = typeof format === "object" && "validate" in format ? format.validate : format;
  return test instanceof RegExp ? test.test(text) : typeof test === "function" && Boolean(test(text));
}

/** As Ajv takes them. */
export const formatTests: Readonly<Record<string, (text: string) => boolean>> = Object.fromEntries(
  (Object.keys(formats) as KnownFormat[]).map((name) => [
    name,
    (text: string): boolean => text.length <= longest && fits(name, text),
  ]),
);

import { type FilterText, objectFields, parseFilterText } from "../../domain/filter/index.ts";
import { SignalboxError } from "../../errors.ts";
import type { RequestedNotification } from "./requested.ts";

/** What an S3 notification configuration wants, as the filter of a rule. */

const created = '`Event-Type` = "OBJECT_CREATED_PUT"';
const deleted = '`Event-Type` = "OBJECT_DELETED"';

/** By the event's name in S3. What never happens here, because nothing has versions, is known and wants nothing. */
const wanted: Readonly<Record<string, "created" | "deleted" | "nothing" | { readonly reason: string }>> = {
  "s3:ObjectCreated:*": "created",
  "s3:ObjectCreated:Put": { reason: "PutObject" },
  "s3:ObjectCreated:Post": { reason: "PostObject" },
  "s3:ObjectCreated:Copy": { reason: "CopyObject" },
  "s3:ObjectCreated:CompleteMultipartUpload": { reason: "CompleteMultipartUpload" },
  "s3:ObjectRemoved:*": "deleted",
  "s3:ObjectRemoved:Delete": "deleted",
  "s3:ObjectRemoved:DeleteMarkerCreated": "nothing",
};

/** Of a pattern of LIKE, with its `%`. */
const longestPattern = 1_000;

/**
 * @returns `undefined` when everything is wanted.
 * @throws SignalboxError `invalid_request` naming `Event` or `FilterRule` and the remedy.
 */
export function filterOf({ events, filter = [] }: RequestedNotification): FilterText | undefined {
  const parts = [...eventsWanted(events), ...filter.flatMap(keysWanted)];
  const names = filter.map(({ name }) => name.toLowerCase());
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw refused("FilterRule", twice, "is given twice: give one prefix and one suffix at most");
  return parts.length === 0 ? undefined : parseFilterText(`WHERE ${parts.join(" AND ")}`, objectFields);
}

function eventsWanted(events: readonly string[]): readonly string[] {
  const types = new Set<string>();
  const reasons = new Set<string>();
  for (const event of events) {
    const is = Object.hasOwn(wanted, event) ? wanted[event] : undefined;
    if (is === undefined) {
      const known = Object.keys(wanted).join(", ");
      throw refused("Event", event, `is not supported for notifications here: there are ${known}`);
    }
    if (typeof is === "object") reasons.add(is.reason);
    else if (is !== "nothing") types.add(is);
  }
  if (types.has("created") && types.has("deleted")) return [];
  const quoted = [...reasons].map((reason) => `"${reason}"`).join(", ");
  const any = [
    ...(types.has("created") ? [created] : []),
    ...(reasons.size > 0 && !types.has("created") ? [`(${created} AND Reason IN (${quoted}))`] : []),
    ...(types.has("deleted") ? [deleted] : []),
  ];
  // Nothing of it ever happens.
  if (any.length === 0) return [created, deleted];
  return any.length === 1 ? any : [`(${any.join(" OR ")})`];
}

/** The whole text of a key is compared: what is a sign to LIKE is meant as itself. */
function keysWanted({ name, value }: { readonly name: string; readonly value: string }): readonly string[] {
  const side = name.toLowerCase();
  if (side !== "prefix" && side !== "suffix") throw refused("FilterRule", name, "must be prefix or suffix");
  if (value === "") return [];
  const text = value.replace(/[\\%_]/g, "\\$&");
  if (text.length >= longestPattern) {
    throw refused("FilterRule", value, `is too long: a ${side} has at most ${longestPattern - 1} characters`);
  }
  const pattern = side === "prefix" ? `${text}%` : `%${text}`;
  return [`key LIKE "${pattern.replaceAll('"', '""')}"`];
}

function refused(element: string, value: string, why: string): SignalboxError {
  const message = `${element} '${value.slice(0, 100)}' ${why}`;
  return new SignalboxError("invalid_request", message, { fields: [{ path: element, message }] });
}

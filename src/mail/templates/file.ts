import { field, shown, written } from "../body.ts";
import type { MailContext, TemplateResult } from "../template.ts";

/** One sentence on what happened to a file, by its path and the bucket (or system) that it lies in. */
export function fileMail({ view, platform }: MailContext): TemplateResult {
  const { event, resource, actor, uuid, time } = view;
  const path = shown(field(resource, "path") ?? field(resource, "name"));
  const by = actor === undefined ? "" : ` by ${shown(actor)}`;
  return written({
    subject: `${platform}: ${event} ${path === "" ? uuid : path}`,
    sentences: [`The ${happened(view, located(view, path))}${by}.`],
    facts: [
      ["Time", time],
      ["Size in bytes", shown(field(resource, "length"))],
      ["Event", event],
      ["Resource", uuid],
    ],
  });
}

function located({ resource, uuid }: MailContext["view"], path: string): string {
  const bucket = shown(field(resource, "systemId"));
  if (path === "") return uuid;
  return bucket === "" ? `"${path}"` : `"${path}" in "${bucket}"`;
}

/** Names of the documentation and those that are raised. */
const words: ReadonlyMap<string, string> = new Map([
  ["UPLOADED", "was uploaded"],
  ["UPLOAD", "was uploaded"],
  ["CREATED", "was created"],
  ["OVERWRITTEN", "was overwritten"],
  ["DELETED", "was deleted"],
  ["RENAME", "was renamed"],
  ["MOVED", "was moved"],
  ["METADATA_UPDATED", "got other metadata"],
]);

function happened({ event: name, of, resource, permission }: MailContext["view"], file: string): string {
  // On its bucket it has another name.
  const event = of?.event ?? name;
  if (permission !== undefined && (event === "PERMISSION_GRANT" || event === "PERMISSION_REVOKE")) {
    const done = event === "PERMISSION_GRANT" ? "granted to" : "taken from";
    return `permission ${shown(permission.permission)} on the file ${file} was ${done} ${shown(permission.username)}`;
  }
  const from = shown(field(resource, "source"));
  const word = words.get(event) ?? `received a ${event} event`;
  // These two are described from where it was.
  if (from !== "" && (event === "RENAME" || event === "MOVED")) return `file "${from}" ${word} to ${file}`;
  return `file ${file} ${word}`;
}

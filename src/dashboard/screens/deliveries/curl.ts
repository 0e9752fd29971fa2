import type { AttemptDetail } from "../../../client/operations.ts";

/** For a shell: whatever is in it, nothing of it is a command. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

/** Said by curl itself, from what it sends. */
const ownHeaders = new Set(["host", "content-length", "connection", "transfer-encoding"]);

/** A command that sends what an attempt sent. What is not shown of its headers is left to who runs it. */
export function asCurl({ method, url, headers, body }: NonNullable<AttemptDetail["request"]>): string {
  const given = headers.filter(({ name }) => !ownHeaders.has(name.toLowerCase()));
  const lines = given.map(({ name, value }) => `-H ${quoted(`${name}: ${value ?? "REDACTED"}`)}`);
  return [`curl -X ${method} ${quoted(url)}`, ...lines, `--data-binary ${quoted(body)}`].join(" \\\n  ");
}

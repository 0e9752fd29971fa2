import type { IncomingHttpHeaders } from "node:http";
import { SignalboxError } from "../../errors.ts";

/** What a change says of which state it was made for: the header `If-Match` of RFC 9110 §13.1.1. */

export const ifMatchHeader = "if-match";

/** `any`: whatever there is. Otherwise what the tags hold between their quotes. */
export type IfMatch = "any" | readonly string[];

/** Of one change there is one state that was seen; some more are for clients that cannot know which of theirs came through. */
const mostTags = 16;
const tag = /^"([\x21\x23-\x7e]{0,255})"$/;

/** @throws SignalboxError `invalid_request` naming the header. */
export function readIfMatch(headers: IncomingHttpHeaders): IfMatch | undefined {
  const said = headers[ifMatchHeader];
  if (said === undefined) return undefined;
  const entries = said.split(",").map((entry) => entry.trim());
  if (entries.length === 1 && entries[0] === "*") return "any";
  if (entries.length > mostTags) throw malformed(`names ${entries.length} ETags: name at most ${mostTags}`);
  return entries.map((entry) => {
    const [, inner] = tag.exec(entry) ?? [];
    if (inner !== undefined) return inner;
    if (/^W\//i.test(entry)) {
      throw malformed(
        'holds a weak ETag (W/"…"), which says that two states are alike, not the same: send it as it came',
      );
    }
    throw malformed('must be * or the ETag of an answer, in its double quotes: "…"');
  });
}

function malformed(what: string): SignalboxError {
  return new SignalboxError("invalid_request", `the header If-Match ${what}`, {
    fields: [{ path: "If-Match", message: what }],
  });
}

import { defined } from "../../domain/defined.ts";
import { invalidField } from "../../errors.ts";
import { readInstant } from "../http/fields.ts";

/** Bounds of time that narrow a list. @throws SignalboxError `invalid_request` about `since` or `until`. */
export function readBetween(given: { readonly since?: string | undefined; readonly until?: string | undefined }): {
  readonly sinceMs?: number;
  readonly untilMs?: number;
} {
  const sinceMs = given.since === undefined ? undefined : readInstant("since", given.since);
  const untilMs = given.until === undefined ? undefined : readInstant("until", given.until);
  if (sinceMs !== undefined && untilMs !== undefined && sinceMs >= untilMs) {
    throw invalidField("until", "must be later than since");
  }
  return defined({ sinceMs, untilMs });
}

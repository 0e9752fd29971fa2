import { type Static, type TSchema, Type } from "typebox";
import { invalidField } from "../../errors.ts";

/** Pieces of schemas that many routes share, and how their values are read. */

export function nullable<T extends TSchema>(schema: T) {
  return Type.Union([schema, Type.Null()]);
}

export const instant = Type.String({ format: "date-time", description: "RFC 3339, in UTC." });

/** A principal's name. */
export const principalName = Type.String({
  minLength: 1,
  maxLength: 128,
  pattern: "^[A-Za-z0-9][A-Za-z0-9._@+-]*$",
  "x-remedy": "must begin with a letter or digit and hold only letters, digits and ._@+-",
});

export const label = Type.String({ maxLength: 256, description: "For humans." });

/** Of a list: how many, and where to go on. */
export const paging = {
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100, default: 50 })),
  cursor: Type.Optional(
    Type.String({ minLength: 1, maxLength: 2048, description: "`next_cursor` of the page before, as it was given." }),
  ),
};
export const nextCursor = Type.Optional(Type.String({ description: "Absent on the last page." }));
export const defaultLimit = 50;

/** Milliseconds as an RFC 3339 text. */
export function shownInstant(ms: number): string {
  return new Date(ms).toISOString();
}

export function shownOptional(ms: number | undefined): string | null {
  return ms === undefined ? null : shownInstant(ms);
}

/** What is reckoned from an instant (a step of a chart, another offset) still has a year of four digits, as RFC 3339 writes them. */
const earliestMs = Date.parse("0001-01-01T00:00:00Z");
const latestMs = Date.parse("9999-12-30T23:59:59.999Z");

/** The inverse, of any offset. The schema has looked at the form; the calendar has the last word. */
export function readInstant(path: string, text: Static<typeof instant>): number {
  const ms = Date.parse(text);
  if (Number.isNaN(ms)) throw invalidField(path, "must be an instant such as 2026-11-20T10:30:00Z");
  if (ms < earliestMs || ms > latestMs) {
    throw invalidField(path, `must be an instant from ${shownInstant(earliestMs)} to ${shownInstant(latestMs)}`);
  }
  return ms;
}

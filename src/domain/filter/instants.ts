/** Moments: RFC 3339 in filters, epoch milliseconds in events. */

const form = /^(\d{4})-(\d{2})-(\d{2})[T ](\d{2}):(\d{2}):(\d{2})(?:\.(\d+))?(?:Z|([+-])(\d{2}):(\d{2}))$/i;

/** Half a millisecond: how a literal finer than that is kept. Events hold whole milliseconds, so it lies between two. */
const between = 0.5;

/**
 * RFC 3339 → epoch milliseconds; `undefined` when `text` is no such moment. Any offset and any fraction; a leap second is
 * the first moment of the next minute; in UTC the year has to have four digits. What is finer than a millisecond becomes a half: exact enough to order it
 * against whole milliseconds.
 */
export function parseInstant(text: string): number | undefined {
  const match = form.exec(text);
  if (match === null) return undefined;
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const fraction = match[7] ?? "";
  const [offsetHours, offsetMinutes] = [Number(match[9] ?? 0), Number(match[10] ?? 0)];
  if (hour > 23 || minute > 59 || second > 60 || offsetHours > 23 || offsetMinutes > 59) return undefined;
  // Not Date.UTC: it takes the years 0–99 for 1900–1999.
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return undefined;
  const offset = (match[8] === "-" ? -1 : 1) * (offsetHours * 60 + offsetMinutes) * 60_000;
  const milliseconds = Number(fraction.slice(0, 3).padEnd(3, "0"));
  const finer = /[1-9]/.test(fraction.slice(3)) ? between : 0;
  const instant = date.getTime() + ((hour * 60 + minute) * 60 + second) * 1000 - offset + milliseconds + finer;
  return printInstant(instant) === undefined ? undefined : instant;
}

/** The furthest that a moment may lie from 1970 on either side, in milliseconds (ECMAScript's own bound). */
export const furthestInstant = 8.64e15;

/** RFC 3339 in UTC that {@link parseInstant} reads as `value`; `undefined` when its year has not four digits. */
export function printInstant(value: number): string | undefined {
  const whole = Math.floor(value);
  if (Math.abs(whole) > furthestInstant) return undefined;
  const text = new Date(whole).toISOString();
  if (!/^\d{4}-/.test(text)) return undefined;
  return whole === value ? text.replace(".000Z", "Z") : text.replace("Z", "5Z");
}

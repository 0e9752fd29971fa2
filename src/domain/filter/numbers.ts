/** How numbers are written and read: exactly, or not at all. */

const form = /^[+-]?\d+(?:\.(\d+))?$/;
/** More digits behind the point than a double can keep apart are refused rather than rounded. */
const maxFractionDigits = 15;

/** `undefined` when `text` is not wholly a number, or one that would lose digits. Never -0, NaN or infinite. */
export function parseNumber(text: string): number | undefined {
  const match = form.exec(text);
  const value = Number(text);
  if (match === null || Math.abs(value) > Number.MAX_SAFE_INTEGER) return undefined;
  if ((match[1] ?? "").length > maxFractionDigits) return undefined;
  return value === 0 ? 0 : value;
}

/** The shortest text that {@link parseNumber} reads as `value`. */
export function printNumber(value: number): string {
  const text = String(value);
  if (!text.includes("e")) return text;
  return value.toFixed(maxFractionDigits).replace(/\.?0+$/, "");
}

const powers = { "": 0, k: 1, m: 2, g: 3, t: 4, p: 5 } as const;
const sized = /^([+-]?\d+(?:\.\d+)?)\s*([kmgtp]?)(?:i?b|ytes)?$/i;

/** What a size such as `64KB` is in bytes; `undefined` when it is none, or no whole number of bytes. */
export function bytesOfSize(text: string): number | undefined {
  const match = sized.exec(text);
  const power = (match?.[2] ?? "").toLowerCase() as keyof typeof powers;
  const bytes = Number(match?.[1]) * 1024 ** powers[power];
  return Number.isSafeInteger(bytes) ? bytes : undefined;
}

/** What to write instead of something like `64KB` or `1e3`. */
export function numberHint(text: string): string | undefined {
  const bytes = bytesOfSize(text);
  if (bytes !== undefined) return `sizes are written in bytes, without a unit: ${bytes}`;
  if (/^[+-]?\d[\d.]*e[+-]?\d*$/i.test(text)) return "write the number out, without an exponent";
  if (/^[+-]?[\d_]+$/.test(text) && text.includes("_")) return `write the digits only: ${text.replaceAll("_", "")}`;
  if (form.test(text)) {
    return `numbers lie between -${Number.MAX_SAFE_INTEGER} and ${Number.MAX_SAFE_INTEGER}, with at most ${maxFractionDigits} digits behind the point`;
  }
  return undefined;
}

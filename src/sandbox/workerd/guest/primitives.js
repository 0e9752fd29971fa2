/** Texts of what is no object, as {@link inspect} writes them. */

export const breakLength = 80;
const mostCharacters = 10_000;

export const plural = (count, one) => count + " " + one + (count === 1 ? "" : "s");

/** As in source, in the quotes that need the fewest escapes. */
export function quoted(text) {
  const quote = !text.includes("'")
    ? "'"
    : !text.includes('"')
      ? '"'
      : !text.includes("\x60") && !text.includes("\x24{")
        ? "\x60"
        : "'";
  const named = { "\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r", "\\": "\\\\" };
  const code = (unit) => unit.charCodeAt(0).toString(16);
  const written = text.replace(
    // oxlint-disable-next-line no-control-regex -- they are what is escaped.
    /[\x00-\x1f\x27\\\x7f-\x9f]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g,
    (unit) =>
      unit === "'"
        ? quote === "'"
          ? "\\'"
          : unit
        : (named[unit] ?? (unit > "\xff" ? "\\u" + code(unit) : "\\x" + code(unit).toUpperCase().padStart(2, "0"))),
  );
  return quote + written + quote;
}

function ofText(text, { indent, top }) {
  const cut = text.length > mostCharacters ? "... " + plural(text.length - mostCharacters, "more character") : "";
  const kept = text.slice(0, mostCharacters);
  // Beyond the first level, what has lines is written as lines.
  if (!top && kept.length > 16 && kept.length > breakLength - indent - 4) {
    return (
      kept
        .split(/(?<=\n)/)
        .map(quoted)
        .join(" +\n" + " ".repeat(indent + 2)) + cut
    );
  }
  return quoted(kept) + cut;
}

export const ofNumber = (number) => (Object.is(number, -0) ? "-0" : String(number));

export function ofPrimitive(value, at) {
  switch (typeof value) {
    case "string":
      return ofText(value, at);
    case "number":
      return ofNumber(value);
    case "bigint":
      return value + "n";
    case "symbol":
      return Symbol.prototype.toString.call(value);
    default:
      return String(value);
  }
}

/** Texts of what is logged, as `console.log` of Node writes them (`util.format`): people read them who know those. */
import { inspect } from "./inspect.js";
import { ofNumber } from "./primitives.js";

/** "%s" of an object: by its own toString, if it has one. */
function asText(value) {
  if (typeof value === "number") return ofNumber(value);
  if (typeof value === "bigint") return value + "n";
  if (typeof value !== "object" || value === null) return String(value);
  const says = value.toString;
  const isOwn =
    typeof says === "function" &&
    says !== Object.prototype.toString &&
    says !== Array.prototype.toString &&
    says !== Error.prototype.toString &&
    says !== Date.prototype.toString;
  return isOwn || value instanceof Error || value instanceof Date ? String(value) : inspect(value, { depth: 0 });
}

const isText = (value) => typeof value === "string";
const numeral = (value, read) => (typeof value === "symbol" ? "NaN" : ofNumber(read(value)));

function asJson(value) {
  try {
    return String(JSON.stringify(value));
  } catch (error) {
    if (/circular|cyclic/i.test(String(/** @type {any} */ (error)?.message))) return "[Circular]";
    throw error;
  }
}

const placeholders = {
  s: asText,
  d: (value) => (typeof value === "bigint" ? value + "n" : numeral(value, Number)),
  i: (value) => (typeof value === "bigint" ? value + "n" : numeral(value, (one) => parseInt(one))),
  f: (value) => numeral(value, (one) => parseFloat(one)),
  j: asJson,
  o: (value) => inspect(value, { showHidden: true, depth: 4 }),
  O: (value) => inspect(value),
  c: () => "",
};

/**
 * The parts of one call of console.log, as one text.
 * @param {readonly unknown[]} parts
 * @returns {string}
 */
export function format(parts) {
  const [first, ...rest] = parts;
  let used = 0;
  const texts = [];
  if (isText(first)) {
    texts.push(
      rest.length === 0
        ? first
        : first.replace(/%(.)/gs, (all, letter) => {
            if (letter === "%") return "%";
            if (used >= rest.length || !Object.hasOwn(placeholders, letter)) return all;
            return placeholders[letter](rest[used++]);
          }),
    );
  } else if (parts.length > 0) texts.push(inspect(first));
  for (const part of rest.slice(used)) texts.push(isText(part) ? part : inspect(part));
  return texts.join(" ");
}

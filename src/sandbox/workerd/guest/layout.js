/** How the parts of an object stand: on one line, on lines, or in columns. */
import { breakLength } from "./primitives.js";

const compactLevels = 3;
export const mostElements = 100;

/** Short elements stand in columns. */
function grouped(parts, walk, value) {
  const hasMore = value.length > mostElements && parts.length > mostElements;
  const count = hasMore ? parts.length - 1 : parts.length;
  const widths = parts.slice(0, count).map(({ length }) => length);
  const longest = Math.max(0, ...widths) + 2;
  const total = widths.reduce((sum, width) => sum + width + 2, 0);
  if (longest * 3 + walk.indent >= breakLength || !(total / longest > 5 || longest <= 8)) return parts;
  const bias = Math.sqrt(longest - total / parts.length);
  const biased = Math.max(longest - 3 - bias, 1);
  const columns = Math.min(
    Math.round(Math.sqrt(2.5 * biased * count) / biased),
    Math.floor((breakLength - walk.indent) / longest),
    compactLevels * 4,
    15,
  );
  if (columns <= 1) return parts;
  const columnWidths = Array.from(
    { length: columns },
    (_, column) => Math.max(0, ...widths.filter((_, index) => index % columns === column)) + 2,
  );
  const numeric = value.every((one) => typeof one === "number" || typeof one === "bigint");
  const rows = [];
  for (let from = 0; from < count; from += columns) {
    const to = Math.min(from + columns, count);
    let row = "";
    for (let index = from; index < to; index += 1) {
      const width = columnWidths[index - from] ?? 0;
      const isLast = index === to - 1;
      if (numeric) row += isLast ? parts[index].padStart(width - 2) : (parts[index] + ", ").padStart(width);
      else row += isLast ? parts[index] : (parts[index] + ", ").padEnd(width);
    }
    rows.push(row);
  }
  return hasMore ? [...rows, parts[count]] : rows;
}

/**
 * @param {readonly string[]} parts
 * @param {{ readonly braces: readonly [string, string]; readonly base?: string | undefined; readonly list?: boolean }} kind
 * @returns {string}
 */
export function written(parts, { base, braces: [open, close], list }, { walk, level, value }) {
  const rows = list && parts.length > 6 ? grouped(parts, walk, value) : parts;
  const start = base === undefined || base === "" ? "" : base + " ";
  if (walk.deepest - level < compactLevels && rows.length === parts.length) {
    const length = rows.reduce(
      (sum, row) => sum + row.length,
      rows.length * 2 + walk.indent + open.length + (base ?? "").length + 10,
    );
    const line = start + open + " " + rows.join(", ") + " " + close;
    if (length <= breakLength && !(base ?? "").includes("\n") && !rows.some((row) => row.includes("\n"))) return line;
  }
  const margin = "\n" + " ".repeat(walk.indent);
  return start + open + margin + "  " + rows.join("," + margin + "  ") + margin + close;
}

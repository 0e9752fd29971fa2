import { plainText } from "../domain/plain-text.ts";

/** What the API answered, as lines. */

/** On one line, so that nothing can look like a row of its own. */
export function printedLine(value: unknown): string {
  if (value === null || value === undefined) return "-";
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return plainText(text);
}

function at(entry: Readonly<Record<string, unknown>>, path: string): unknown {
  return path
    .split(".")
    .reduce<unknown>((value, name) => (value as Readonly<Record<string, unknown>> | null | undefined)?.[name], entry);
}

/** Columns, each as wide as its widest cell. */
export function printTable(entries: readonly Readonly<Record<string, unknown>>[], columns: readonly string[]): string {
  const head = columns.map((column) => column.replace(/^.*\./, "").toUpperCase());
  const rows = [head, ...entries.map((entry) => columns.map((column) => printedLine(at(entry, column))))];
  const widths = columns.map((_, index) => Math.max(...rows.map((row) => row[index]?.length ?? 0)));
  return rows
    .map((row) =>
      row
        .map((cell, index) => cell.padEnd(widths[index] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

/** One `name: value` a line. */
export function fieldLines(data: Readonly<Record<string, unknown>>): string {
  const names = Object.keys(data);
  if (names.length === 0) return "done";
  const width = Math.max(...names.map((name) => name.length)) + 1;
  return names.map((name) => `${`${printedLine(name)}:`.padEnd(width)} ${printedLine(data[name])}`).join("\n");
}

import { alignedTable } from "../../scripts/configuration.ts";
import { type Figure, isMet, measured, shownValue } from "./figure.ts";

/** The table of figures in docs/performance.md: `npm run bench` writes what it ran, and keeps the rows of what it did not run. */

const begin = "<!-- figures: written by npm run bench -->";
const end = "<!-- /figures -->";
const heading = ["figure", "is", "goal", "met", "what", "commit"] as const;

/** Where figures come from: those of another machine, or with another Node, are not comparable. */
export interface Measurement {
  readonly machine: string;
  readonly commit: string;
  readonly date: string;
}

type Row = readonly string[];

/** The first word of a figure's name. */
export function benchOf(name: string): string {
  return name.split(" ")[0] ?? name;
}

function rowOf(figure: Figure, { commit, date }: Measurement): Row {
  const { name, value, unit, goal, of = "" } = figure;
  const met = isMet(figure);
  return [
    name,
    measured(shownValue(value), unit),
    goal === undefined ? "" : `${goal.is} ${measured(String(goal.value), unit)}`,
    met === undefined ? "" : met ? "yes" : "no",
    of.replaceAll("|", "\\|"),
    `${commit}, ${date}`,
  ];
}

/**
 * The page with these figures in place of those that it has of the same benches. Rows of other benches stay if they are of the same machine.
 * Benches stand in the order of `benches`, figures of one as it told them.
 *
 * @throws Error for a page without the two markers
 */
export function withFigures(
  page: string,
  figures: readonly Figure[],
  measurement: Measurement,
  benches: readonly string[],
): string {
  const [from, to] = [page.indexOf(begin), page.indexOf(end)];
  if (from === -1 || to < from) throw new Error(`the page has no ${begin} … ${end}`);
  const lines = page
    .slice(from + begin.length, to)
    .trim()
    .split("\n");
  const ran = new Set(figures.map(({ name }) => benchOf(name)));
  const kept = lines[0] === measurement.machine ? rowsOf(lines).filter(([name = ""]) => !ran.has(benchOf(name))) : [];
  const place = ([name = ""]: Row): number => {
    const at = benches.indexOf(benchOf(name));
    return at === -1 ? benches.length : at;
  };
  const rows = [...figures.map((figure) => rowOf(figure, measurement)), ...kept].toSorted(
    (a, b) => place(a) - place(b),
  );
  const inner = [begin, measurement.machine, alignedTable([heading, ...rows]), end].join("\n\n");
  return page.slice(0, from) + inner + page.slice(to + end.length);
}

/** Cells of the table's rows, without its heading. */
function rowsOf(lines: readonly string[]): Row[] {
  const table = lines.filter((line) => line.startsWith("|"));
  return table.slice(2).map((line) =>
    line
      .slice(1, -1)
      .split(/(?<!\\)\|/)
      .map((cell) => cell.trim()),
  );
}

/**
 * What a bench found, as its last lines say it and `npm run bench` reads it:
 *
 *   deliver: ratio 0.53, goal at least 0.7: missed; 20172 events/s, a bare loop 37862/s
 *   hooks: 0.36 ms, goal at most 0.4 ms: met
 */
export interface Figure {
  /** The bench, and what of it where it finds several: `latency p99`. */
  readonly name: string;
  readonly value: number;
  /** A ratio where there is none. */
  readonly unit?: "ms" | "s" | "/s" | "B" | "MB";
  /** Nothing is asked for where there is none. */
  readonly goal?: { readonly is: "at least" | "at most"; readonly value: number };
  /** What it is made of. */
  readonly of?: string;
}

export const atLeast = (value: number): NonNullable<Figure["goal"]> => ({ is: "at least", value });
export const atMost = (value: number): NonNullable<Figure["goal"]> => ({ is: "at most", value });

/** What is shown is what is judged: 0.698 is 0.70. */
export function isMet({ value, goal }: Figure): boolean | undefined {
  if (goal === undefined) return undefined;
  const shown = Number(shownValue(value));
  return goal.is === "at least" ? shown >= goal.value : shown <= goal.value;
}

/** Three digits tell enough; figures of this machine do not tell more. */
export function shownValue(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  const size = Math.abs(value);
  return size >= 100 ? String(Math.round(value)) : value.toFixed(size >= 10 ? 1 : 2);
}

/** `0.53`, `0.36 ms` or `109000/s`. */
export function measured(value: string, unit: Figure["unit"]): string {
  if (unit === undefined) return value;
  return unit === "/s" ? `${value}/s` : `${value} ${unit}`;
}

export function figureLine(figure: Figure): string {
  const { name, value, unit, goal, of } = figure;
  const shown = `${name}: ${unit === undefined ? "ratio " : ""}${measured(shownValue(value), unit)}`;
  const judged =
    goal === undefined
      ? ""
      : `, goal ${goal.is} ${measured(String(goal.value), unit)}: ${isMet(figure) === true ? "met" : "missed"}`;
  return `${shown}${judged}${of === undefined ? "" : `; ${of}`}`;
}

/** Ends what a bench prints. */
export function say(...figures: readonly Figure[]): void {
  for (const figure of figures) console.log(figureLine(figure));
}

const number = String.raw`(-?[\d.]+|NaN|Infinity)`;
const unit = String.raw`(?: ?(ms|s|B|MB|/s))?`;
const form = new RegExp(
  `^([a-z][^:;]*): (?:ratio )?${number}${unit}(?:, goal (at least|at most) ${number}${unit}: (?:met|missed))?(?:; (.*))?$`,
);

/** Of a line that {@link figureLine} made. */
export function parseFigure(line: string): Figure | undefined {
  const [, name, value, of, is, wanted, , made] = form.exec(line) ?? [];
  if (name === undefined) return undefined;
  return {
    name,
    value: Number(value),
    ...(of === undefined ? {} : { unit: of as NonNullable<Figure["unit"]> }),
    ...(is === undefined ? {} : { goal: { is: is as "at least" | "at most", value: Number(wanted) } }),
    ...(made === undefined ? {} : { of: made }),
  };
}

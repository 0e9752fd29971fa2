import { plainText } from "../../domain/plain-text.ts";
import type { Places } from "./places.ts";
import type { TrialRun, TriedCode } from "./trial-runs.ts";

/** What came of a run, as lines. In a terminal the first word has a colour; everything else is as it would be in a file. */

type Paint = (colour: "good" | "bad" | "warning" | "faint", text: string) => string;

const codes = { good: 32, bad: 31, warning: 33, faint: 2 } as const;
export const coloured: Paint = (colour, text) => `\u001b[${codes[colour]}m${text}\u001b[0m`;
export const plain: Paint = (_, text) => text;

/** Lines of a stack that are shown. */
const longestStack = 6;
const longestResult = 2_000;

interface Shown {
  readonly slug: string;
  readonly file: string;
  readonly tried: TriedCode;
  readonly places: Places;
}

export function shownLines({ slug, tried: { problems, run }, file, places }: Shown, paint: Paint): readonly string[] {
  const told = problems.map(({ severity, rule, message, line, column, hint }) => {
    const place = line === null ? file : places.text({ line, column: column ?? 1 });
    const more = hint === null ? "" : ` (${hint})`;
    return `  ${paint(severity === "error" ? "bad" : "warning", severity)} ${text(`${place}: ${message}${more} [${rule}]`)}`;
  });
  if (run === undefined) return [`${paint("bad", "not run")} ${slug}`, ...told];
  const took = run.duration_ms === null ? "" : `  ${Math.round(run.duration_ms)} ms`;
  const head = `${said(run, paint)} ${slug}  ${text(run.event_type)}${took}`;
  return [head, ...told, ...logLines(run, paint), ...outcomeLines(run, { slug, places }, paint)];
}

function said({ status, verdict }: TrialRun, paint: Paint): string {
  if (status === "failed") return paint("bad", "failed");
  if (verdict === null) return paint("good", "ok");
  return verdict.decision === "deny" ? paint("warning", "denied") : paint("good", "allowed");
}

function logLines({ logs, logs_cut: cut }: TrialRun, paint: Paint): readonly string[] {
  const lines = logs.map(({ level, message }) => {
    const colour = level === "error" ? "bad" : level === "warn" ? "warning" : "faint";
    return `  ${paint(colour, level.padEnd(5))} ${text(message)}`;
  });
  return cut ? [...lines, "  … more was logged than is kept"] : lines;
}

function outcomeLines(
  { verdict, result, error }: TrialRun,
  { slug, places }: Pick<Shown, "slug" | "places">,
  paint: Paint,
): readonly string[] {
  if (error !== null) {
    const stack = places
      .stack(error.stack ?? "", slug)
      .split("\n")
      .slice(1, longestStack);
    const reason = error.reason === "threw" ? "" : `${error.reason}: `;
    return [
      `  ${paint("bad", "error")} ${text(`${reason}${error.name}: ${error.message}`)}`,
      ...stack.map((line) => `    ${paint("faint", text(line.trim()))}`),
    ];
  }
  const notes = (verdict?.notes ?? []).map((note) => `  ${paint("warning", "note")}  ${text(note)}`);
  if (verdict?.message !== undefined) return [`  says  ${text(verdict.message)}`, ...notes];
  if (verdict?.patch !== undefined) return [`  patch ${text(JSON.stringify(verdict.patch))}`, ...notes];
  if (verdict !== null || result === null) return notes;
  return [`  gives ${text(JSON.stringify(result).slice(0, longestResult))}`, ...notes];
}

/** What is printed comes from others. */
function text(value: string): string {
  return plainText(value);
}

import type { Command } from "./command.ts";
import { printedLine, printTable } from "./print.ts";

/** "It was written, and nothing came." */

type Fields = Readonly<Record<string, unknown>>;

export const asFields = (value: unknown): Fields =>
  typeof value === "object" && value !== null ? (value as Fields) : {};
export const listOf = (value: unknown): readonly Fields[] => (Array.isArray(value) ? (value as readonly Fields[]) : []);
const indented = (text: string, by: string): string => text.replaceAll(/^/gm, by);

/** `10:02` is today's, `2026-11-20 10:02` one of this machine's time; what is neither goes as it is, for the API to refuse by name. */
function instantOf(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const now = new Date();
  const today = `${now.getFullYear()}-${now.getMonth() + 1}-${now.getDate()}`;
  const ms = Date.parse(/^\d\d?:\d\d(:\d\d)?$/.test(text) ? `${today} ${text}` : text);
  return Number.isNaN(ms) ? text : new Date(ms).toISOString();
}

export function ruleText(rule: Fields): string {
  const lines = [
    `${printedLine(rule["target"])} ${printedLine(rule["rule"])} (${printedLine(rule["standing"])})`,
    `  ${printedLine(rule["said"])}`,
  ];
  const attempts = listOf(asFields(rule["delivery"])["attempts"]);
  if (attempts.length > 0) {
    lines.push(
      indented(printTable(attempts, ["number", "started_at", "duration_ms", "status", "reason", "error"]), "    "),
    );
  }
  return lines.join("\n");
}

function shownEvent(explained: Fields): string {
  const event = asFields(explained["event"]);
  const by = event["actor"] === null ? "" : ` by ${printedLine(event["actor"])}`;
  const head = `${printedLine(event["time"])}  ${printedLine(event["name"])}${by}  (event ${printedLine(event["id"])})`;
  const rules = listOf(explained["rules"]);
  const shown = rules.length === 0 ? ["no rule or subscription of yours listened"] : rules.map(ruleText);
  const more = explained["more_rules"] === true ? ["and more, that were not looked at"] : [];
  return [head, ...[...shown, ...more].map((text) => indented(text, "  "))].join("\n");
}

function shown(data: Fields): string {
  const events = listOf(data["events"]);
  const none = "nothing is kept that happened to that key";
  const narrowed = "; look further back with --at";
  if (events.length === 0)
    return data["next_cursor"] === undefined ? none : `${none} among the newest events${narrowed}`;
  return events.map(shownEvent).join("\n\n");
}

export const explainCommand: Command = {
  words: "explain",
  about: "Say what happened to an object, which subscriptions it went to, and why it did not go to others",
  positionals: ["bucket/key"],
  options: {
    at: { value: "instant", about: "Within five minutes of it, such as 10:02 or 2026-11-20T10:02:00Z" },
    limit: { value: "number", about: "Events at most, up to 20; default 10" },
  },
  request: (given) => {
    const [place = ""] = given.positionals;
    const slash = place.indexOf("/");
    if (slash < 1 || slash === place.length - 1) throw new Error("say which object: <bucket>/<key>");
    return {
      method: "GET",
      path: "/api/cloud/explain/",
      query: {
        bucket: place.slice(0, slash),
        key: place.slice(slash + 1),
        at: instantOf(given.text("at")),
        limit: given.text("limit"),
      },
    };
  },
  print: shown,
};

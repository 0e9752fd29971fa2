import { type Command, type Option, part, pickTexts, present } from "./command.ts";
import { fieldLines, printTable } from "./print.ts";

/** What was sent and what was not, and sending it again. */

/** By bucket and rule. */
export const narrowingOptions: Readonly<Record<string, Option>> = {
  bucket: { value: "name", about: "Only of this bucket" },
  rule: { value: "id", about: "Only of this rule" },
};
const times: Readonly<Record<string, Option>> = {
  since: { value: "instant", about: "Events at or after, such as 2026-11-20T10:30:00Z" },
  until: { value: "instant", about: "Events before" },
};

const redrives = "/api/cloud/deliveries/redrive/";

const attemptColumns = ["number", "started_at", "duration_ms", "status", "reason", "error"];

/** All of a delivery, and its attempts one a line. */
function shownDelivery(data: Readonly<Record<string, unknown>>): string {
  const { attempts, last_attempt: _, ...rest } = data;
  const made = Array.isArray(attempts) ? (attempts as readonly Readonly<Record<string, unknown>>[]) : [];
  return `${fieldLines(rest)}\n\n${made.length === 0 ? "no attempt yet" : printTable(made, attemptColumns)}`;
}

export const deliveryCommands: readonly Command[] = [
  {
    words: "delivery list",
    about: "List deliveries, newest event first, with what went wrong last",
    options: {
      status: { value: "status", about: "waiting, delivered, dead or paused" },
      ...narrowingOptions,
      ...times,
    },
    request: (given) => ({
      method: "GET",
      path: "/api/cloud/deliveries/",
      query: pickTexts(given, ["status", "bucket", "rule", "since", "until"]),
    }),
    list: {
      of: "deliveries",
      columns: ["id", "status", "event.name", "bucket", "event.key", "attempt_count", "reason", "last_attempt.error"],
      paged: true,
    },
  },
  {
    words: "delivery show",
    about: "Show a delivery with all its attempts",
    positionals: ["id"],
    request: (given) => ({ method: "GET", path: `/api/cloud/deliveries/${part(given.positionals[0])}/` }),
    print: shownDelivery,
  },
  {
    words: "delivery redrive",
    about: "Send a delivery again; without an id, all dead letters that fit",
    positionals: ["id"],
    needed: 0,
    options: {
      ...narrowingOptions,
      ...times,
      "dry-run": { about: "Without an id: only say how many that would be" },
    },
    request: (given) => {
      const [id] = given.positionals;
      if (id !== undefined && given.flag("dry-run")) throw new Error("--dry-run goes without an id");
      if (id !== undefined) return { method: "POST", path: `/api/cloud/deliveries/${part(id)}/redrive/` };
      const filter = present(pickTexts(given, ["bucket", "rule", "since", "until"]));
      const body = given.flag("dry-run") ? { ...filter, dry_run: true } : filter;
      return { method: "POST", path: redrives, body };
    },
  },
  {
    words: "redrive list",
    about: "List redrives of many dead letters, newest first",
    request: () => ({ method: "GET", path: redrives }),
    list: { of: "redrives", columns: ["id", "state", "redriven", "created_at", "created_by"], paged: true },
  },
  {
    words: "redrive show",
    about: "Show how far a redrive is",
    positionals: ["id"],
    request: (given) => ({ method: "GET", path: `${redrives}${part(given.positionals[0])}/` }),
  },
  {
    words: "redrive cancel",
    about: "Cancel a redrive: what it has not come to stays dead",
    positionals: ["id"],
    request: (given) => ({ method: "DELETE", path: `${redrives}${part(given.positionals[0])}/` }),
  },
];

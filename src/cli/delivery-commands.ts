import { setTimeout } from "node:timers/promises";
import type { Progress } from "../check/progress.ts";
import type { Client } from "./client.ts";
import { type Command, type Given, number, type Option, part, pickTexts, present } from "./command.ts";
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

/** What narrows a list of deliveries, or a redrive, besides. */
const details: Readonly<Record<string, Option>> = {
  face: { value: "face", about: "objects, notifications or lifecycle" },
  event: { value: "name", about: "Of events of this name, such as OBJECT_CREATED_PUT" },
  resource: { value: "uuid", about: "Of events about this resource" },
  "key-prefix": { value: "prefix", about: "Of objects whose key begins so" },
  "http-status": { value: "status", about: "Answered last with this status, such as 404 or 5xx" },
  reason: { value: "reason", about: "Failed last for this reason, such as timeout" },
  "target-host": { value: "host", about: "To webhooks at this host" },
  function: { value: "id", about: "To this function" },
  "min-attempts": { value: "number", about: "With at least so many attempts" },
  ...times,
};
const textNames = ["bucket", "rule", "face", "event", "resource", "reason", "function", "since", "until"] as const;
const dashed = {
  key_prefix: "key-prefix",
  http_status: "http-status",
  target_host: "target-host",
  min_attempts: "min-attempts",
} as const;

/** Under the API's names. */
function narrowed(given: Given): Record<string, string | undefined> {
  const named = Object.entries(dashed).map(([name, option]) => [name, given.text(option)]);
  return { ...pickTexts(given, textNames), ...Object.fromEntries(named) };
}

const redrives = "/api/cloud/deliveries/redrive/";
/** Between two looks at how far a redrive is. */
const lookEveryMs = 500;

async function watchRedrive(id: string, api: Client, progress: Progress): Promise<Readonly<Record<string, unknown>>> {
  for (;;) {
    const redrive = await api({ method: "GET", path: `${redrives}${part(id)}/` });
    const { state, redriven, left } = redrive;
    if (state !== "running") return redrive;
    const done = Number(redriven);
    progress({ doing: "sending again", done, ...(typeof left === "number" ? { total: done + left } : {}) });
    await setTimeout(lookEveryMs);
  }
}

/** Of one delivery, or of all dead letters that fit. */
async function redrive(given: Given, api: Client, progress: Progress): Promise<Readonly<Record<string, unknown>>> {
  const [id] = given.positionals;
  for (const option of ["dry-run", "watch"]) {
    if (id !== undefined && given.flag(option)) throw new Error(`--${option} goes without an id`);
  }
  if (id !== undefined) return api({ method: "POST", path: `/api/cloud/deliveries/${part(id)}/redrive/` });
  const { function: target, min_attempts: least, ...texts } = narrowed(given);
  const numbers = {
    function: number(target),
    min_attempts: number(least),
    per_second: number(given.text("per-second")),
  };
  const body = present({ ...texts, ...numbers, dry_run: given.flag("dry-run") || undefined });
  const begun = await api({ method: "POST", path: redrives, body });
  const watches = given.flag("watch") && typeof begun["id"] === "string";
  return watches ? watchRedrive(String(begun["id"]), api, progress) : begun;
}

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
      status: { value: "status", about: "waiting, delivered, dead or paused; may be given again", many: true },
      ...narrowingOptions,
      ...details,
      oldest: { about: "The oldest event first" },
    },
    request: (given) => ({
      method: "GET",
      path: "/api/cloud/deliveries/",
      query: {
        status: given.texts("status"),
        ...narrowed(given),
        order: given.flag("oldest") ? "oldest" : undefined,
      },
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
      ...details,
      "per-second": { value: "number", about: "Without an id: at most so many a second" },
      "dry-run": { about: "Without an id: only say how many that would be" },
      watch: { about: "Without an id: wait until it has ended, and show how far it is meanwhile" },
    },
    run: redrive,
  },
  {
    words: "redrive list",
    about: "List redrives of many dead letters, newest first",
    request: () => ({ method: "GET", path: redrives }),
    list: {
      of: "redrives",
      columns: ["id", "state", "redriven", "left", "per_second", "created_at", "created_by"],
      paged: true,
    },
  },
  {
    words: "redrive show",
    about: "Show how far a redrive is",
    positionals: ["id"],
    request: (given) => ({ method: "GET", path: `${redrives}${part(given.positionals[0])}/` }),
  },
  {
    words: "redrive watch",
    about: "Wait until a redrive has ended, and show how far it is meanwhile",
    positionals: ["id"],
    run: (given, api, progress) => watchRedrive(given.positionals[0] ?? "", api, progress),
  },
  {
    words: "redrive cancel",
    about: "Cancel a redrive: what it has not come to stays dead",
    positionals: ["id"],
    request: (given) => ({ method: "DELETE", path: `${redrives}${part(given.positionals[0])}/` }),
  },
];

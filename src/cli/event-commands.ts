import { type Command, type Option, part, pickTexts } from "./command.ts";
import { asFields, listOf, ruleText } from "./explain-command.ts";
import { fieldLines, printedLine, printTable } from "./print.ts";

/** What happened, and the operations that it came of. */

type Fields = Readonly<Record<string, unknown>>;

const times: Readonly<Record<string, Option>> = {
  since: { value: "instant", about: "At or after, such as 2026-11-20T10:30:00Z" },
  until: { value: "instant", about: "Before" },
};

const log = "/api/cloud/event-log/";
const operations = "/api/cloud/operations/";

function shownEvent(data: Fields): string {
  const { subscriptions, more_subscriptions: more, data: told, operation, ...facts } = data;
  const rules = listOf(subscriptions).map(ruleText);
  const came = asFields(operation)["id"];
  return [
    fieldLines({ ...facts, ...(came === undefined ? {} : { operation: came }) }),
    JSON.stringify(told, null, 2).split("\n").map(printedLine).join("\n"),
    ...(rules.length === 0 ? ["no subscription of yours listened"] : rules),
    ...(more === true ? ["and more, that were not looked at"] : []),
  ].join("\n\n");
}

function shownOperation(data: Fields): string {
  const { hooks, conflicts, events, ...facts } = data;
  const said = listOf(hooks).map((hook) => ({ ...hook, ...saidBy(hook) }));
  const columns = ["stage", "function_name", "said", "why", "duration_ms", "invocation_id"];
  const disputed = listOf(conflicts).map(({ path }) => `hooks wanted different values at ${printedLine(path)}`);
  const raised = listOf(events).map(({ id, name }) => `raised ${printedLine(name)} (event ${printedLine(id)})`);
  return [fieldLines(facts), printTable(said, columns), ...disputed, ...raised].join("\n\n");
}

/** In one word, and what it gave as its reason. */
function saidBy({ verdict, failure, skipped }: Fields): { readonly said: string; readonly why: unknown } {
  if (skipped !== null) return { said: "not asked", why: skipped };
  if (failure !== null) return { said: "failed", why: failure };
  const { decision, message } = asFields(verdict);
  return { said: printedLine(decision), why: message ?? null };
}

export const eventCommands: readonly Command[] = [
  {
    words: "event-log list",
    about: "List events, newest first, those that no subscription wanted included",
    options: {
      where: { value: "filter", about: "Only those that fit it; of the face that --face says, else of objects" },
      face: { value: "face", about: "objects, notifications or lifecycle" },
      event: { value: "name", about: "Only of this name" },
      resource: { value: "uuid", about: "Only about this, and what lies in it" },
      bucket: { value: "name", about: "Only of this bucket" },
      deliveries: { value: "which", about: "none: only those that no subscription wanted; some: the others" },
      ...times,
    },
    request: (given) => {
      const asked = pickTexts(given, ["where", "face", "event", "resource", "bucket", "deliveries", "since", "until"]);
      const face = asked["where"] === undefined ? {} : { face: asked["face"] ?? "objects" };
      return { method: "GET", path: log, query: { ...asked, ...face } };
    },
    list: {
      of: "events",
      columns: [
        "id",
        "time",
        "name",
        "bucket",
        "key",
        "actor",
        "deliveries.delivered",
        "deliveries.waiting",
        "deliveries.dead",
      ],
      paged: true,
    },
  },
  {
    words: "event-log show",
    about: "Show an event, which subscriptions it went to, and why it did not go to others",
    positionals: ["id"],
    request: (given) => ({ method: "GET", path: `${log}${part(given.positionals[0])}/` }),
    print: shownEvent,
  },
  {
    words: "event-log send",
    about: "Send an event to a subscription that did not get it",
    positionals: ["id", "subscription"],
    request: (given) => ({
      method: "POST",
      path: `${log}${part(given.positionals[0])}/send/`,
      body: { subscription: given.positionals[1] },
    }),
  },
  {
    words: "operation list",
    about: "List operations that hooks were asked about, newest first",
    options: {
      event: { value: "name", about: "Only of this PRE event type" },
      outcome: { value: "outcome", about: "allowed, denied or failed" },
      function: { value: "id", about: "Only those that this function was asked about" },
      resource: { value: "uuid", about: "Only about this" },
      ...times,
    },
    request: (given) => ({
      method: "GET",
      path: operations,
      query: pickTexts(given, ["event", "outcome", "function", "resource", "since", "until"]),
    }),
    list: {
      of: "operations",
      columns: ["operation_id", "decided_at", "event", "outcome", "actor", "origin", "duration_ms"],
      paged: true,
    },
  },
  {
    words: "operation show",
    about: "Show what the hooks of an operation said, and why",
    positionals: ["id"],
    request: (given) => ({ method: "GET", path: `${operations}${part(given.positionals[0])}/` }),
    print: shownOperation,
  },
];

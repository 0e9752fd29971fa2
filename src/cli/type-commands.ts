import { objectEventNames } from "../domain/event.ts";
import { typesLanguages } from "../domain/types/written-types.ts";
import { slugOfFile } from "./bundle.ts";
import type { Client } from "./client.ts";
import { type Command, type Given, part, present } from "./command.ts";
import { eventNameOf } from "./dev/trial-runs.ts";
import { printedLine } from "./print.ts";
import { checkTypes } from "./type-check/check-types.ts";

/** Types of events, and functions that are held to them. */

type Data = Readonly<Record<string, unknown>>;

const path = "/api/cloud/types/";

/** What the function is subscribed to: as it is said, as the server knows it, or as the file is called. Empty: that is not known. */
async function eventsOf(given: Given, api: Client): Promise<readonly string[]> {
  const said = given.texts("event");
  if (said.length > 0) return said;
  const slug = slugOfFile(given.positionals[0] ?? "");
  const app = given.text("app");
  if (app !== undefined) return subscribedTo(api, app, given.text("slug") ?? slug);
  const name = eventNameOf(slug);
  const { events } = await api({ method: "GET", path: "/api/cloud/events/" });
  return (events as readonly string[]).includes(name) ? [name] : [];
}

/** @throws Error when it is subscribed to nothing. */
async function subscribedTo(api: Client, app: string, slug: string): Promise<readonly string[]> {
  const events = `/api/apps/${part(app)}/events/`;
  const { subscriber_counts: counts } = await api({ method: "GET", path: events });
  const found: string[] = [];
  for (const [name, count] of Object.entries(counts as Readonly<Record<string, number>>)) {
    if (count === 0) continue;
    const { subscribers } = await api({ method: "GET", path: `${events}${part(name)}/` });
    const isOne = (subscribers as readonly Data[]).some((one) => one["function_slug"] === slug);
    if (isOne) found.push(name);
  }
  if (found.length > 0) return found;
  throw new Error(`--app: the function ${slug} of ${app} is subscribed to no event type: name one by --event`);
}

async function typesFor(events: readonly string[], api: Client): Promise<string> {
  const ofObjects = events.some((name) => (objectEventNames as readonly string[]).includes(name));
  const query = { language: "typescript", event: ofObjects ? [] : events };
  const { text } = await api({ method: "GET", path, query });
  const map = ofObjects ? "EventParams & ObjectEventParams" : "EventParams";
  return [
    'import type { FunctionOf } from "signalbox/functions";',
    String(text),
    `export type Checked = FunctionOf<${map}, ${events.map((name) => JSON.stringify(name)).join(" | ")}>;`,
    "",
  ].join("\n");
}

async function check(given: Given, api: Client): Promise<Data> {
  const [file = ""] = given.positionals;
  const events = await eventsOf(given, api);
  const types = events.length === 0 ? undefined : await typesFor(events, api);
  return { file, events, problems: await checkTypes({ file, types }) };
}

interface Problem {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly code: string;
  readonly message: string;
}

function shownCheck({ file, events, problems }: Data): string {
  const found = problems as readonly Problem[];
  const lines = found.map(({ file: where, line, column, code, message }) => {
    const [first = "", ...more] = message.split("\n");
    return [`${where}:${line}:${column}: ${printedLine(first)} (${code})`, ...more.map(printedLine)].join("\n");
  });
  const names = events as readonly string[];
  const of = names.length === 0 ? "by itself: --event NAME types what it gets" : `for ${names.join(", ")}`;
  return [...lines, `${printedLine(file)} ${found.length === 0 ? "is right" : "is not right"} ${of}`].join("\n");
}

export const typeCommands: readonly Command[] = [
  {
    words: "types",
    about: "Print the types of all events, of what functions get and webhooks are sent, for a file of your project",
    options: {
      language: { value: "language", about: `${typesLanguages.join(", ")}; typescript by default` },
      event: { value: "name", about: "Only the types of this event type", many: true },
    },
    request: (given) => ({
      method: "GET",
      path,
      query: present({ language: given.text("language"), event: given.texts("event") }) as Readonly<
        Record<string, string | readonly string[]>
      >,
    }),
    print: ({ text }) => String(text).trimEnd(),
  },
  {
    words: "function check",
    about: "Check the types of a function's file, by those of the events that it is subscribed to",
    positionals: ["file"],
    options: {
      event: { value: "name", about: "What it is subscribed to; by default that of the file's name", many: true },
      app: { value: "slug", about: "What the function of the file's name in this app is subscribed to" },
      slug: { value: "slug", about: "Which function that is, where the file is called otherwise" },
    },
    run: check,
    print: shownCheck,
    failure: ({ problems }) => {
      const { length } = problems as readonly unknown[];
      return length === 0 ? undefined : `${length} ${length === 1 ? "problem" : "problems"}`;
    },
  },
];

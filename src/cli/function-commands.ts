import { bundle, slugOfFile } from "./bundle.ts";
import type { Client } from "./client.ts";
import {
  type Command,
  type Given,
  ifMatchOf,
  ifMatchOption,
  number,
  type Option,
  part,
  pickTexts,
  present,
  split,
} from "./command.ts";
import { functionDiffCommand } from "./function-diff.ts";
import { functionLogsCommand } from "./function-logs.ts";

/** Apps, their functions, and how those ran. */

const functionsOf = (given: Given): string => `/api/apps/${part(given.positionals[0])}/functions/`;
const functionAt = (given: Given): string => `${functionsOf(given)}${part(given.positionals[1])}/`;

const settings: Readonly<Record<string, Option>> = {
  name: { value: "text", about: "For humans; the slug by default" },
  env: { value: "NAME=value", about: "What it sees in env", many: true },
  secret: { value: "NAME=value", about: "The same, but never shown", many: true },
  egress: { value: "host", about: "A host that it may fetch from", many: true },
  "timeout-ms": { value: "number", about: "How long one run may take" },
  writes: { about: "Its api may change things while an operation waits for it" },
};

function entries(texts: readonly string[]): Readonly<Record<string, string>> | undefined {
  return texts.length === 0 ? undefined : Object.fromEntries(texts.map((text) => split(text, "=")));
}

function bodyOf(given: Given): Record<string, unknown> {
  const egress = given.texts("egress");
  return present({
    name: given.text("name"),
    env: entries(given.texts("env")),
    secrets: entries(given.texts("secret")),
    egress: egress.length === 0 ? undefined : egress,
    timeout_ms: number(given.text("timeout-ms")),
    writes: given.flag("writes") ? true : undefined,
  });
}

/** Makes the function, or gives it a new version, which runs from the next event on. */
async function deploy(given: Given, api: Client): Promise<Readonly<Record<string, unknown>>> {
  const file = given.positionals[1] ?? "";
  const slug = given.text("slug") ?? slugOfFile(file);
  const body = { ...bodyOf(given), ...(await bundle(file, { minify: given.flag("minify") })) };
  const path = `${functionsOf(given)}${part(slug)}/`;
  const known = await api.find({ method: "GET", path });
  if (known !== undefined) return api({ method: "PATCH", path, body, ...ifMatchOf(given) });
  return api({ method: "POST", path: functionsOf(given), body: { name: slug, slug, ...body } });
}

const shownFunction = ["slug", "name", "version", "enabled", "language", "timeout_ms", "owner"];

export const functionCommands: readonly Command[] = [
  {
    words: "app create",
    about: "Make an app, to which functions belong",
    positionals: ["slug"],
    options: { name: { value: "text", about: "For humans; the slug by default" } },
    request: (given) => {
      const [slug] = given.positionals;
      return { method: "POST", path: "/api/apps/", body: { slug, name: given.text("name") ?? slug } };
    },
  },
  {
    words: "app list",
    about: "List the apps",
    request: () => ({ method: "GET", path: "/api/apps/" }),
    list: { of: "apps", columns: ["slug", "name", "created_at"], paged: true },
  },
  {
    words: "app remove",
    about: "Remove an app that has no functions",
    positionals: ["app"],
    options: ifMatchOption,
    request: (given) => ({
      method: "DELETE",
      path: `/api/apps/${part(given.positionals[0])}/`,
      ...ifMatchOf(given),
    }),
  },
  {
    words: "app show",
    about: "Show an app",
    positionals: ["app"],
    request: (given) => ({ method: "GET", path: `/api/apps/${part(given.positionals[0])}/` }),
  },
  {
    words: "function deploy",
    about: "Upload a file with all that it imports, as a new function or a new version of one",
    positionals: ["app", "file"],
    options: {
      slug: { value: "slug", about: "Which function; by default that of the file's name" },
      minify: { about: "Make the code shorter" },
      ...ifMatchOption,
      ...settings,
    },
    run: deploy,
  },
  {
    words: "function list",
    about: "List an app's functions",
    positionals: ["app"],
    request: (given) => ({ method: "GET", path: functionsOf(given) }),
    list: { of: "functions", columns: shownFunction, paged: true },
  },
  {
    words: "function show",
    about: "Show a function",
    positionals: ["app", "function"],
    request: (given) => ({ method: "GET", path: functionAt(given) }),
  },
  {
    words: "function remove",
    about: "Remove a function with its subscriptions",
    positionals: ["app", "function"],
    options: ifMatchOption,
    request: (given) => ({ method: "DELETE", path: functionAt(given), ...ifMatchOf(given) }),
  },
  {
    words: "function versions",
    about: "List a function's versions, newest first",
    positionals: ["app", "function"],
    request: (given) => ({ method: "GET", path: `${functionAt(given)}versions/` }),
    list: {
      of: "versions",
      columns: ["version", "active", "language", "hash", "created_by", "created_at"],
      paged: true,
    },
  },
  functionDiffCommand,
  functionLogsCommand,
  {
    words: "function activate",
    about: "Let a version run from the next event on",
    positionals: ["app", "function", "version"],
    options: ifMatchOption,
    request: (given) => ({
      method: "POST",
      path: `${functionAt(given)}versions/${part(given.positionals[2])}/activate/`,
      ...ifMatchOf(given),
    }),
  },
  {
    words: "function rollback",
    about: "Let the version before run again",
    positionals: ["app", "function"],
    options: ifMatchOption,
    request: (given) => ({ method: "POST", path: `${functionAt(given)}rollback/`, ...ifMatchOf(given) }),
  },
  {
    words: "function invoke",
    about: "Run a function once and show what came of it",
    positionals: ["app", "function"],
    options: { params: { value: "json", about: "Params of the event that it gets" } },
    request: (given) => ({
      method: "POST",
      path: `${functionAt(given)}invoke/`,
      body: { params: jsonOf("params", given.text("params") ?? "{}") },
    }),
    failure: ({ status, error }) => (status === "ok" ? undefined : `the function did not succeed: ${text(error)}`),
  },
  {
    words: "invocation list",
    about: "List runs of functions, newest first",
    options: {
      status: { value: "status", about: "Only with this outcome" },
      trigger: { value: "trigger", about: "Only for this reason" },
      app: { value: "slug", about: "Only of this app's functions" },
      "function-id": { value: "number", about: "Only of this function" },
      version: { value: "number", about: "Only of this version" },
      since: { value: "instant", about: "Only from this instant on" },
      until: { value: "instant", about: "Only before this instant" },
    },
    request: (given) => ({
      method: "GET",
      path: "/api/cloud/invocations/",
      query: {
        ...pickTexts(given, ["status", "trigger", "app", "version", "since", "until"]),
        function_id: given.text("function-id"),
      },
    }),
    list: {
      of: "invocations",
      columns: ["id", "app_slug", "function_slug", "event_type", "status", "trigger", "duration_ms", "started_at"],
      paged: true,
    },
  },
  {
    words: "invocation show",
    about: "Show a run with what it logged",
    positionals: ["id"],
    request: (given) => ({ method: "GET", path: `/api/cloud/invocations/${part(given.positionals[0])}/` }),
  },
  {
    words: "event list",
    about: "List the event types",
    request: () => ({ method: "GET", path: "/api/cloud/events/" }),
    print: ({ events }) => (events as readonly string[]).join("\n"),
  },
  {
    words: "event show",
    about: "Show an event type with who is subscribed to it",
    positionals: ["event"],
    request: (given) => ({ method: "GET", path: `/api/cloud/events/${part(given.positionals[0])}/` }),
  },
  {
    words: "event types",
    about: "Print an event type's params as TypeScript declarations, for a file beside your functions",
    positionals: ["event"],
    request: (given) => ({ method: "GET", path: `/api/cloud/events/${part(given.positionals[0])}/types/` }),
    print: ({ declarations }) => String(declarations).trimEnd(),
  },
  {
    words: "event subscribe",
    about: "Subscribe a function to an event",
    positionals: ["event", "function-id"],
    options: {
      stage: { value: "stage", about: "prepare or validate" },
      priority: { value: "number", about: "Lower is asked first" },
      policy: { value: "policy", about: "What a failure of a hook means: closed or open" },
      filter: { value: "filter", about: "Only events that match" },
      "timeout-ms": { value: "number", about: "How long one run may take" },
    },
    request: (given) => ({
      method: "POST",
      path: `/api/cloud/events/${part(given.positionals[0])}/subscribe/`,
      body: present({
        function_id: number(given.positionals[1]),
        stage: given.text("stage"),
        priority: number(given.text("priority")),
        failure_policy: given.text("policy"),
        filter: given.text("filter"),
        timeout_ms: number(given.text("timeout-ms")),
      }),
    }),
  },
  {
    words: "event unsubscribe",
    about: "End a function's subscription to an event",
    positionals: ["event", "function-id"],
    request: (given) => ({
      method: "POST",
      path: `/api/cloud/events/${part(given.positionals[0])}/unsubscribe/`,
      body: { function_id: number(given.positionals[1]) },
    }),
  },
  {
    words: "event simulate",
    about: "Ask the hooks of an event what they would say, without doing anything",
    positionals: ["event"],
    options: { params: { value: "json", about: "What the event is about" } },
    request: (given) => ({
      method: "POST",
      path: `/api/cloud/events/${part(given.positionals[0])}/simulate/`,
      body: { params: jsonOf("params", given.text("params") ?? "{}") },
    }),
  },
];

function jsonOf(option: string, value: string): unknown {
  try {
    return JSON.parse(value);
  } catch {
    throw new Error(`--${option}: must be JSON`);
  }
}

function text(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

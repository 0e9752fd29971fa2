import { type Command, type Given, ifMatchOf, ifMatchOption, number, part, present, split } from "./command.ts";

/** Named destinations: where subscriptions and rules go by name. */

const path = "/api/cloud/destinations/";
const destinationAt = (given: Given): string => `${path}${part(given.positionals[0])}/`;

const options = {
  basic: { value: "user:password", about: "Basic authentication at the receiver" },
  bearer: { value: "token", about: "Bearer authentication at the receiver" },
  authorization: { value: "text", about: "All of the header Authorization, for other schemes" },
  header: { value: "name: value", about: "A header of the request", many: true },
  ack: { value: "200|2xx", about: "Which answers acknowledge; by default as each face has it" },
  "timeout-ms": { value: "ms", about: "For one try" },
  "max-retries": { value: "number", about: "Tries after the first; by default as each face has it" },
  alerts: { value: "on|off", about: "Whether what goes wrong there raises alerts" },
  tag: { value: "key=value", about: "A tag, for tools", many: true },
} as const;

function authOf(given: Given): unknown {
  const [basic, token, value] = [given.text("basic"), given.text("bearer"), given.text("authorization")];
  const [username, password] = split(basic ?? "", ":");
  if (basic !== undefined) return { type: "basic", username, password };
  if (token !== undefined) return { type: "bearer", token };
  return value === undefined ? undefined : { type: "header", value };
}

function targetOf(given: Given, url: string | undefined): Record<string, unknown> {
  const headers = given.texts("header").map((header) => split(header, ":"));
  return present({
    url,
    auth: authOf(given),
    headers: headers.length === 0 ? undefined : Object.fromEntries(headers),
    ack: given.text("ack"),
    timeout_ms: number(given.text("timeout-ms")),
  });
}

function othersOf(given: Given): Record<string, unknown> {
  const alerts = given.text("alerts");
  if (alerts !== undefined && alerts !== "on" && alerts !== "off") throw new Error("--alerts is on or off");
  const tags = given.texts("tag").map((tag) => split(tag, "="));
  return present({
    tags: tags.length === 0 ? undefined : Object.fromEntries(tags),
    max_retries: number(given.text("max-retries")),
    alerts: alerts === undefined ? undefined : alerts === "on",
  });
}

export const destinationCommands: readonly Command[] = [
  {
    words: "destination create",
    about: "Give a webhook a name, by which subscriptions and rules go there; the signing secret is printed only now",
    positionals: ["name", "url"],
    options,
    request: (given) => {
      const [name, url] = given.positionals;
      return {
        method: "POST",
        path,
        body: { name, target: { type: "webhook", ...targetOf(given, url) }, ...othersOf(given) },
      };
    },
  },
  {
    words: "destination list",
    about: "List the tenant's destinations, by name",
    request: () => ({ method: "GET", path }),
    list: { of: "destinations", columns: ["name", "target.url", "max_retries", "alerts", "users", "arn"], paged: true },
  },
  {
    words: "destination show",
    about: "Show a destination, and how many subscriptions and rules go there",
    positionals: ["name"],
    request: (given) => ({ method: "GET", path: destinationAt(given) }),
  },
  {
    words: "destination change",
    about: "Change a destination, and with it everything that goes there",
    positionals: ["name"],
    options: { url: { value: "url", about: "Another URL" }, ...options, ...ifMatchOption },
    request: (given) => {
      const target = targetOf(given, given.text("url"));
      return {
        method: "PATCH",
        path: destinationAt(given),
        body: { ...(Object.keys(target).length === 0 ? {} : { target }), ...othersOf(given) },
        ...ifMatchOf(given),
      };
    },
  },
  {
    words: "destination delete",
    about: "Delete a destination that nothing goes to",
    positionals: ["name"],
    options: { force: { about: "Pause what goes there" }, ...ifMatchOption },
    request: (given) => ({
      method: "DELETE",
      path: destinationAt(given),
      query: { force: given.flag("force") ? "true" : undefined },
      ...ifMatchOf(given),
    }),
  },
  {
    words: "destination rotate-secret",
    about: "Make a new signing secret, which is printed only now; the one before signs too for 24 hours",
    positionals: ["name"],
    options: ifMatchOption,
    request: (given) => ({ method: "POST", path: `${destinationAt(given)}rotate-secret/`, ...ifMatchOf(given) }),
  },
  {
    words: "destination test",
    about: "Send a test event there now; fails when the receiver does not acknowledge it",
    positionals: ["name"],
    request: (given) => ({ method: "POST", path: `${destinationAt(given)}test/` }),
    failure: ({ outcome, error }) =>
      outcome === "delivered" ? undefined : typeof error === "string" ? error : "it was not acknowledged",
  },
];

import { type Command, type Given, ifMatchOf, ifMatchOption, number, part, pickTexts, present } from "./command.ts";

/** Users, what they subscribe to, and mail that was kept for them. */

const subscriptions = "/api/cloud/subscriptions/";
const subscriptionAt = (given: Given): string => `${subscriptions}${part(given.positionals[0])}/`;
const userAt = (given: Given): string => `/api/cloud/users/${part(given.positionals[0])}/`;

/** Exactly one of the kinds. */
function targetOf(given: Given): unknown {
  const url = given.text("webhook");
  const address = given.text("email");
  const fn = given.text("function");
  const name = given.text("destination");
  const targets = [
    ...(url === undefined ? [] : [{ type: "webhook", url }]),
    ...(name === undefined ? [] : [{ type: "destination", name }]),
    ...(address === undefined ? [] : [{ type: "email", address }]),
    ...(fn === undefined ? [] : [{ type: "function", function_id: number(fn) }]),
  ];
  if (targets.length !== 1)
    throw new Error("give one of --webhook, --destination, --email and --function: where it goes to");
  return targets[0];
}

export const peopleCommands: readonly Command[] = [
  {
    words: "subscription create",
    about: "Subscribe to an event",
    positionals: ["event"],
    options: {
      webhook: { value: "url", about: "Send it to this URL" },
      destination: { value: "name", about: "Send it to this destination" },
      email: { value: "address", about: "Send it to this address" },
      function: { value: "id", about: "Run this function" },
      resource: { value: "uuid", about: "Only what happens to this, or * for everything" },
      bucket: { value: "name", about: "Only what happens in this bucket" },
      app: { value: "slug", about: "Only what happens in this app" },
      filter: { value: "filter", about: "Only events that match" },
      once: { about: "Only the first event that matches" },
    },
    request: (given) => ({
      method: "POST",
      path: subscriptions,
      body: present({
        event: given.positionals[0],
        target: targetOf(given),
        ...pickTexts(given, ["resource", "bucket", "app", "filter"]),
        persistent: given.flag("once") ? false : undefined,
      }),
    }),
  },
  {
    words: "subscription list",
    about: "List subscriptions of every kind, newest first",
    options: {
      face: { value: "face", about: "objects, notifications or lifecycle" },
      event: { value: "event", about: "Only to this event" },
      destination: { value: "name", about: "Only those that go to this destination" },
      status: { value: "status", about: "Only with this status" },
    },
    request: (given) => ({
      method: "GET",
      path: subscriptions,
      query: pickTexts(given, ["face", "event", "destination", "status"]),
    }),
    list: {
      of: "subscriptions",
      columns: ["id", "face", "event", "target.type", "target.url", "target.name", "target.address", "status", "owner"],
      paged: true,
    },
  },
  {
    words: "subscription show",
    about: "Show a subscription",
    positionals: ["id"],
    request: (given) => ({ method: "GET", path: subscriptionAt(given) }),
  },
  {
    words: "subscription resume",
    about: "Let a paused subscription go on",
    positionals: ["id"],
    request: (given) => ({ method: "POST", path: `${subscriptionAt(given)}resume/` }),
  },
  {
    words: "subscription remove",
    about: "End a subscription",
    positionals: ["id"],
    options: ifMatchOption,
    request: (given) => ({ method: "DELETE", path: subscriptionAt(given), ...ifMatchOf(given) }),
  },
  {
    words: "user create",
    about: "Create a user, if its hooks agree",
    positionals: ["username"],
    options: {
      email: { value: "address", about: "Where its mail goes" },
      "first-name": { value: "text", about: "For humans" },
      "last-name": { value: "text", about: "For humans" },
    },
    request: (given) => ({
      method: "POST",
      path: "/api/cloud/users/",
      body: present({
        username: given.positionals[0],
        email: given.text("email"),
        first_name: given.text("first-name"),
        last_name: given.text("last-name"),
      }),
    }),
  },
  {
    words: "user list",
    about: "List the users, oldest first",
    options: {
      username: { value: "text", about: "Only the one of this name" },
      email: { value: "address", about: "Only those of this address" },
    },
    request: (given) => ({ method: "GET", path: "/api/cloud/users/", query: pickTexts(given, ["username", "email"]) }),
    list: { of: "users", columns: ["id", "username", "email", "email_verified", "created_at"], paged: true },
  },
  {
    words: "user show",
    about: "Show a user",
    positionals: ["id"],
    request: (given) => ({ method: "GET", path: userAt(given) }),
  },
  {
    words: "user remove",
    about: "Delete a user with its tokens and keys, if its hooks agree",
    positionals: ["id"],
    options: ifMatchOption,
    request: (given) => ({ method: "DELETE", path: userAt(given), ...ifMatchOf(given) }),
  },
  {
    words: "mail list",
    about: "List mails that were kept because there is no mail server",
    request: () => ({ method: "GET", path: "/api/cloud/mails/" }),
    list: { of: "mails", columns: ["name", "date", "to", "subject"], paged: true },
  },
  {
    words: "mail show",
    about: "Show a mail that was kept",
    positionals: ["name"],
    request: (given) => ({ method: "GET", path: `/api/cloud/mails/${part(given.positionals[0])}/` }),
    print: (mail) =>
      `${["date", "to", "subject"].map((name) => `${name}: ${String(mail[name])}`).join("\n")}\n\n${String(mail["text"])}`,
  },
];

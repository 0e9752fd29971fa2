import { alertCommands } from "./alert-commands.ts";
import {
  type Command,
  type Given,
  ifMatchOf,
  ifMatchOption,
  number,
  part,
  pickTexts,
  present,
  split,
} from "./command.ts";
import { deliveryCommands, narrowingOptions } from "./delivery-commands.ts";
import { destinationCommands } from "./destination-commands.ts";
import { eventCommands } from "./event-commands.ts";
import { explainCommand } from "./explain-command.ts";
import { functionCommands } from "./function-commands.ts";
import { inboxCommands } from "./inbox-commands.ts";
import { liveCommands } from "./live-commands.ts";
import { loginCommands } from "./login-commands.ts";
import { peopleCommands } from "./people-commands.ts";
import { quotaCommands } from "./quota-commands.ts";
import { typeCommands } from "./type-commands.ts";

export type { Command, Given } from "./command.ts";

/** Every command that asks the API. */

const someOf = (texts: readonly string[]): readonly string[] | undefined => (texts.length === 0 ? undefined : texts);

const rules = (given: Given): string => `/api/cloud/buckets/${part(given.positionals[0])}/notifications/`;

function ruleBody(given: Given): unknown {
  const headers = given.texts("header").map((header) => split(header, ":"));
  const fields = given.texts("field");
  const destination = given.text("destination");
  return present({
    url: given.positionals[1],
    target: destination === undefined ? undefined : { type: "destination", name: destination },
    filter: given.text("filter"),
    auth: ruleAuth(given),
    enabled: given.flag("disabled") ? false : undefined,
    ack: given.text("ack"),
    max_retries: number(given.text("max-retries")),
    timeout_ms: number(given.text("timeout-ms")),
    max_per_second: number(given.text("max-per-second")),
    max_concurrency: number(given.text("max-concurrency")),
    ordered: given.flag("ordered") ? true : undefined,
    capture: given.text("capture"),
    fields: fields.length === 0 ? undefined : fields,
    format: given.text("format"),
    compression: given.text("compression"),
    handshake: given.flag("handshake") ? true : undefined,
    batch: ruleBatch(given),
    headers: headers.length === 0 ? undefined : Object.fromEntries(headers),
  });
}

function ruleBatch(given: Given): unknown {
  const batch = present({
    max_events: number(given.text("batch-max-events")),
    max_wait_ms: number(given.text("batch-max-wait-ms")),
    max_bytes: number(given.text("batch-max-bytes")),
    split_on_failure: given.flag("batch-unsplit") ? false : undefined,
  });
  return Object.keys(batch).length === 0 ? undefined : batch;
}

function ruleAuth(given: Given): unknown {
  const [basic, token, value] = [given.text("basic"), given.text("bearer"), given.text("authorization")];
  const [username, password] = split(basic ?? "", ":");
  if (basic !== undefined) return { type: "basic", username, password };
  if (token !== undefined) return { type: "bearer", token };
  return value === undefined ? undefined : { type: "header", value };
}

export const commands: readonly Command[] = [
  {
    words: "tenant create",
    about: "Make a tenant",
    positionals: ["id"],
    options: { name: { value: "text", about: "For humans; the id by default" } },
    request: (given) => ({
      method: "POST",
      path: "/api/cloud/tenants/",
      body: present({ id: given.positionals[0], name: given.text("name") }),
    }),
  },
  {
    words: "tenant list",
    about: "List the tenants",
    request: () => ({ method: "GET", path: "/api/cloud/tenants/" }),
    list: { of: "tenants", columns: ["id", "name", "created_at"], paged: true },
  },
  {
    words: "principal list",
    about: "List who has tokens and S3 keys in the tenant",
    request: () => ({ method: "GET", path: "/api/cloud/principals/" }),
    list: { of: "principals", columns: ["name", "role", "status", "tokens", "access_keys", "ended_at"], paged: true },
  },
  {
    words: "principal role",
    about: "Give a principal another role, from its next request on",
    positionals: ["name", "role"],
    options: ifMatchOption,
    request: (given) => ({
      method: "PATCH",
      path: `/api/cloud/principals/${part(given.positionals[0])}/`,
      body: { role: given.positionals[1] },
      ...ifMatchOf(given),
    }),
  },
  {
    words: "principal end",
    about: "End a principal with its tokens, its S3 keys and the rights of its functions, at once",
    positionals: ["name"],
    request: (given) => ({ method: "DELETE", path: `/api/cloud/principals/${part(given.positionals[0])}/` }),
  },
  {
    words: "principal restore",
    about: "Undo the end of a principal, which needs new tokens and keys then",
    positionals: ["name"],
    request: (given) => ({ method: "POST", path: `/api/cloud/principals/${part(given.positionals[0])}/restore/` }),
  },
  ...loginCommands,
  ...quotaCommands,
  ...functionCommands,
  ...typeCommands,
  ...peopleCommands,
  {
    words: "token create",
    about: "Make a token, and its principal when it is the first; printed only now",
    positionals: ["principal"],
    options: {
      role: { value: "role", about: "operator, admin, developer, member or host; needed for a new principal" },
      label: { value: "text", about: "For humans" },
      "expires-in-s": { value: "seconds", about: "Never by default" },
      "all-tenants": { about: "Of a host: it acts in every tenant" },
      "event-type": { value: "name", about: "Of a host: it may publish this (POST_ORDER_*) and no other", many: true },
      kind: { value: "name", about: "Of a host: it may use resources of this kind and no other", many: true },
    },
    request: (given) => ({
      method: "POST",
      path: "/api/cloud/tokens/",
      body: present({
        principal: given.positionals[0],
        role: given.text("role"),
        label: given.text("label"),
        expires_in_s: number(given.text("expires-in-s")),
        all_tenants: given.flag("all-tenants") ? true : undefined,
        event_types: someOf(given.texts("event-type")),
        kinds: someOf(given.texts("kind")),
      }),
    }),
  },
  {
    words: "token list",
    about: "List the tenant's tokens",
    request: () => ({ method: "GET", path: "/api/cloud/tokens/" }),
    list: { of: "tokens", columns: ["id", "principal", "role", "status", "label", "expires_at"], paged: true },
  },
  {
    words: "token revoke",
    about: "End a token at once",
    positionals: ["id"],
    request: (given) => ({ method: "DELETE", path: `/api/cloud/tokens/${part(given.positionals[0])}/` }),
  },
  {
    words: "access-key create",
    about: "Make an S3 key pair; its secret is printed only now",
    options: {
      principal: { value: "name", about: "For whom; yourself by default" },
      label: { value: "text", about: "For humans" },
    },
    request: (given) => ({
      method: "POST",
      path: "/api/cloud/access-keys/",
      body: present(pickTexts(given, ["principal", "label"])),
    }),
  },
  {
    words: "access-key list",
    about: "List your S3 key pairs; for admins, the tenant's",
    request: () => ({ method: "GET", path: "/api/cloud/access-keys/" }),
    list: { of: "access_keys", columns: ["access_key_id", "principal", "label", "created_at"], paged: true },
  },
  {
    words: "access-key delete",
    about: "End an S3 key pair at once",
    positionals: ["id"],
    request: (given) => ({ method: "DELETE", path: `/api/cloud/access-keys/${part(given.positionals[0])}/` }),
  },
  {
    words: "rule create",
    about: "Send a bucket's events to a webhook; the signing secret is printed only now",
    positionals: ["bucket", "url"],
    needed: 1,
    options: {
      destination: { value: "name", about: "Send them to this destination, in the place of a url" },
      filter: { value: "query", about: 'Such as WHERE key REGEXP "^images"' },
      basic: { value: "user:password", about: "Basic authentication at the receiver" },
      bearer: { value: "token", about: "Bearer authentication at the receiver" },
      authorization: { value: "text", about: "All of the header Authorization, for other schemes" },
      ack: { value: "200|2xx", about: "Which answers acknowledge" },
      "max-retries": { value: "number", about: "Tries after the first" },
      "timeout-ms": { value: "ms", about: "For one try" },
      "max-per-second": { value: "number", about: "Attempts that begin in a second, at the most" },
      "max-concurrency": { value: "number", about: "Attempts at once, at the most" },
      ordered: { about: "One at a time of each key, in order" },
      capture: { value: "failures|all", about: "Of which attempts the answer's headers are kept" },
      field: { value: "name", about: "An additive field of the payload", many: true },
      format: { value: "name", about: "signalbox, s3, cloudevents or cloudevents-binary" },
      compression: { value: "gzip", about: "How bodies are compressed" },
      handshake: { about: "Post nothing before the receiver has agreed" },
      "batch-max-events": { value: "number", about: "Events in one request, up to 1,000" },
      "batch-max-wait-ms": { value: "ms", about: "How long the first of a batch waits for others; 1,000 by default" },
      "batch-max-bytes": { value: "bytes", about: "Of the body of a batch; a mebibyte by default" },
      "batch-unsplit": { about: "A batch that fails again and again stays together" },
      header: { value: "name: value", about: "A header of the request", many: true },
      disabled: { about: "Make it without switching it on" },
    },
    request: (given) => ({ method: "POST", path: rules(given), body: ruleBody(given) }),
  },
  {
    words: "rule list",
    about: "List a bucket's rules",
    positionals: ["bucket"],
    request: (given) => ({ method: "GET", path: rules(given) }),
    list: { of: "rules", columns: ["id", "enabled", "paused.reason", "url", "destination", "filter"], paged: true },
  },
  {
    words: "rule delete",
    about: "Delete a rule",
    positionals: ["bucket", "id"],
    options: ifMatchOption,
    request: (given) => ({
      method: "DELETE",
      path: `${rules(given)}${part(given.positionals[1])}/`,
      ...ifMatchOf(given),
    }),
  },
  {
    words: "rule show",
    about: "Show a rule",
    positionals: ["bucket", "id"],
    request: (given) => ({ method: "GET", path: `${rules(given)}${part(given.positionals[1])}/` }),
  },
  {
    words: "rule test",
    about: "Send a test event now; fails when the receiver does not acknowledge it",
    positionals: ["bucket", "id"],
    request: (given) => ({ method: "POST", path: `${rules(given)}${part(given.positionals[1])}/test/` }),
    failure: ({ outcome, error }) =>
      outcome === "delivered" ? undefined : typeof error === "string" ? error : "it was not acknowledged",
  },
  ...deliveryCommands,
  explainCommand,
  ...liveCommands,
  ...eventCommands,
  ...alertCommands,
  ...destinationCommands,
  {
    words: "poisoned list",
    about: "List events that were set aside because their dispatch killed the server twice",
    request: () => ({ method: "GET", path: "/api/cloud/poisoned/" }),
    list: { of: "poisoned", columns: ["id", "sequence", "resource", "time", "since"], paged: true },
  },
  {
    words: "poisoned redrive",
    about: "Have a poisoned event dispatched again",
    positionals: ["id"],
    request: (given) => ({ method: "POST", path: `/api/cloud/poisoned/${part(given.positionals[0])}/redrive/` }),
  },
  ...inboxCommands,
  {
    words: "nodes",
    about: "List the processes that work on the store, and what each has of the work",
    request: () => ({ method: "GET", path: "/api/cloud/nodes/" }),
    list: {
      of: "nodes",
      columns: ["id", "version", "address", "shards", "started_at", "seen_at", "leaving", "self", "duties"],
      paged: false,
    },
  },
  {
    words: "usage",
    about: "What was accepted and sent, by day, bucket and rule",
    options: {
      from: { value: "day", about: "Such as 2026-11-01; default 30 days back" },
      to: { value: "day", about: "Today by default" },
      ...narrowingOptions,
    },
    request: (given) => ({
      method: "GET",
      path: "/api/cloud/usage/",
      query: pickTexts(given, ["from", "to", "bucket", "rule"]),
    }),
    list: {
      of: "usage",
      columns: ["day", "bucket", "rule", "accepted", "attempts", "delivered", "dead"],
      paged: true,
    },
  },
];

import { type Static, Type } from "typebox";
import { hostRole } from "../../domain/access.ts";
import { defined } from "../../domain/defined.ts";
import type { ChangedFunction } from "../../platform/functions/change.ts";
import { longestCode } from "../../platform/functions/code.ts";
import { mostHosts } from "../../platform/functions/egress-hosts.ts";
import type { ShownFunction } from "../../platform/functions/functions.ts";
import { longestTimeoutMs, mostEntries } from "../../platform/functions/input.ts";
import { instant, nullable, shownInstant } from "../http/fields.ts";
import { named } from "../http/named.ts";
import { closed, displayName, slug } from "./app-schema.ts";

/** How functions are written and shown. Secrets go in and never come out. */

export const language = Type.Enum(["javascript", "typescript"], { default: "javascript" });

export const code = Type.String({
  minLength: 1,
  maxLength: longestCode,
  description: "An ES module without imports: `export default async (event, { env, log, api }) => …`.",
});
export const timeout = Type.Integer({
  minimum: 1,
  maximum: longestTimeoutMs,
  default: longestTimeoutMs,
  description: "How long one run may take.",
});
const names = `At most ${mostEntries} names of A-Z, 0-9 and _`;
export const egressHosts = Type.Array(Type.String({ minLength: 1, maxLength: 300 }), {
  maxItems: mostHosts,
  default: [],
  description:
    "Hosts that it may fetch from: `api.example.com`, `*.example.com`, with a port where it is not the scheme's.",
});

const plain = {
  timeout_ms: Type.Optional(timeout),
  enabled: Type.Optional(
    Type.Boolean({ default: true, description: "While false, its hooks are passed over and its deliveries wait." }),
  ),
  writes: Type.Optional(
    Type.Boolean({
      default: false,
      description: "Whether its `api` may change things while an operation waits for it.",
    }),
  ),
};

const values = Type.Record(Type.String(), Type.String());
/** What it may have beside its code, for a run of code that is no function's. */
export const trialSettings = {
  env: Type.Optional({ ...values, description: "What it sees in `env`." }),
  secrets: Type.Optional({
    ...values,
    description: "The same, but taken out of what is logged and thrown.",
    writeOnly: true,
  }),
  egress: Type.Optional(egressHosts),
};
export const newFunction = Type.Object(
  {
    name: displayName,
    slug: Type.Optional(slug),
    code,
    language: Type.Optional(language),
    ...plain,
    env: Type.Optional({ ...values, description: `What it sees in \`env\`. ${names}.` }),
    secrets: Type.Optional({
      ...values,
      description: `The same, but only names are ever shown. ${names}.`,
      writeOnly: true,
    }),
    egress: Type.Optional(egressHosts),
  },
  closed,
);

const mergedValues = nullable(Type.Record(Type.String(), nullable(Type.String())));
export const changedFunction = Type.Object(
  {
    name: Type.Optional(displayName),
    code: Type.Optional(code),
    language: Type.Optional(language),
    ...plain,
    env: Type.Optional(mergedValues),
    secrets: Type.Optional(mergedValues),
    egress: Type.Optional(nullable(egressHosts)),
  },
  {
    ...closed,
    description:
      "What is absent stays; `null` takes away, in env and secrets one name or all. Code makes a version, which runs.",
  },
);

export const shownFunction = named(
  "AppFunction",
  Type.Object({
    id: Type.Integer(),
    uuid: Type.String(),
    name: Type.String(),
    slug: Type.String(),
    app_id: Type.Integer(),
    app_name: Type.String(),
    app_slug: Type.String(),
    enabled: Type.Boolean(),
    timeout_ms: Type.Integer(),
    env: Type.Record(Type.String(), Type.String()),
    secrets: Type.Array(Type.String(), { description: "Names only." }),
    egress: Type.Array(Type.String()),
    writes: Type.Boolean(),
    version: Type.Integer({ description: "The one that runs." }),
    hash: Type.String({ description: "SHA-256 of its code." }),
    language,
    owner: Type.String(),
    author: Type.String({ description: "Whose rights its `api` acts with: who brought the code that runs." }),
    role: nullable(
      Type.Enum(["admin", "developer", "member"], {
        description:
          "What its `api` may do, as of now: not above the author's role, nor above that of who changed it since. Null: its author was ended, and every call is refused.",
      }),
    ),
    created_at: instant,
    updated_at: instant,
  }),
);

/** Body to input. A body that was checked has no other members. */
export function readFunction<B extends Static<typeof changedFunction>>({
  timeout_ms: timeoutMs,
  ...same
}: B): Omit<B, "timeout_ms"> & Pick<ChangedFunction, "timeoutMs"> {
  return { ...same, ...defined({ timeoutMs }) };
}

export function functionBody({ fn, version, rights }: ShownFunction): Static<typeof shownFunction> {
  return {
    id: fn.number,
    uuid: fn.uuid,
    name: fn.name,
    slug: fn.slug,
    app_id: fn.app,
    app_name: fn.appName,
    app_slug: fn.appSlug,
    enabled: fn.enabled,
    timeout_ms: fn.timeoutMs,
    env: fn.env,
    secrets: [...fn.secretNames],
    egress: [...fn.egress],
    writes: fn.writes,
    version: version.number,
    hash: version.hash,
    language: version.language,
    owner: fn.owner,
    author: fn.author,
    role: rights === undefined || rights === "operator" || rights === hostRole ? null : rights,
    created_at: shownInstant(fn.createdMs),
    updated_at: shownInstant(fn.updatedMs),
  };
}

import { Type } from "typebox";
import { defined } from "../../domain/defined.ts";
import { usualAck, usualFormats } from "../../domain/destination.ts";
import { expandUrl } from "../../domain/notifications/expand.ts";
import { newSigningSecret } from "../../domain/signature.ts";
import type { TargetSecrets, WebhookAuth, WebhookTarget } from "../../domain/subscription.ts";
import { checkMacros } from "../../domain/template.ts";
import { longestUrl, type ParsedWebhookUrl, parseOpenUrl, parseWebhookUrl } from "../../domain/webhook-url.ts";
import { invalidField } from "../../errors.ts";
import { checkCredentialsStay } from "../../platform/access/credentials.ts";
import { additiveFields } from "../../targets/formats/object.ts";
import { webhookTargets } from "../../targets/webhook.ts";
import type { Place } from "../place.ts";
import {
  inTarget,
  macrosAt,
  type NewTarget,
  orNull,
  type TargetContext,
  type TargetKind,
  type TargetPlace,
  type Unsaid,
} from "./target-kind.ts";
import {
  type FormatInput,
  formatMembers,
  formatOptions,
  readFormat,
  showFormat,
  shownFormat,
} from "./webhook-format.ts";
import { shownWebhookAuth, showWebhookAuth, webhookAuth } from "./webhook-schema.ts";
import { mergeSecrets, type SecretsInput } from "./webhook-secrets.ts";

interface WebhookOptions extends SecretsInput, FormatInput {
  readonly ack?: WebhookTarget["ack"];
  readonly timeoutMs?: number | null;
  /** Of the objects face only. */
  readonly fields?: readonly string[] | null;
}

export interface WebhookInput extends WebhookOptions {
  readonly url: string | ParsedWebhookUrl;
}

export interface WebhookChange extends WebhookOptions {
  readonly url?: string;
}

const defaultTimeoutMs = 10_000;

const url = Type.String({
  minLength: 1,
  maxLength: longestUrl,
  description:
    "http or https, with macros such as `${EVENT}` in path and query. A user and password in it become `auth`.",
});
const options = {
  auth: Type.Optional(orNull(webhookAuth)),
  headers: Type.Optional(
    orNull(
      Type.Record(Type.String(), orNull(Type.String({ maxLength: 4096 })), { description: "`null` takes one away." }),
    ),
  ),
  ack: Type.Optional(
    Type.Enum(["200", "2xx"], {
      description: "Which answers acknowledge. Default: exactly 200 on the objects face, any 2xx on the others.",
    }),
  ),
  fields: Type.Optional(
    orNull(
      Type.Array(Type.Enum([...additiveFields]), {
        maxItems: additiveFields.length,
        description: "Objects face only: additive fields of the payload, in this order.",
      }),
    ),
  ),
  ...formatOptions,
};
const timeout = Type.Integer({ minimum: 1, maximum: 60_000, description: "For one try. Default 10,000." });

/** Signed posts to a url. */
export const webhook: TargetKind<"webhook", WebhookInput, WebhookChange> = {
  members: {
    url: "url",
    auth: "auth",
    headers: "headers",
    ack: "ack",
    timeoutMs: "timeout_ms",
    fields: "fields",
    ...formatMembers,
  },
  schemas: {
    made: Type.Object(
      { type: Type.Literal("webhook"), url, ...options, timeout_ms: Type.Optional(orNull(timeout)) },
      { additionalProperties: false, title: "WebhookTarget" },
    ),
    changed: { url: Type.Optional(url), ...options },
    shown: Type.Object({
      type: Type.Literal("webhook"),
      url: Type.String(),
      auth: orNull(shownWebhookAuth),
      headers: Type.Array(Type.String(), { description: "Names only." }),
      ack: Type.Enum(["200", "2xx"]),
      timeout_ms: Type.Integer(),
      fields: Type.Array(Type.String()),
      ...shownFormat,
    }),
  },
  answersHooks: false,
  uncaptured: undefined,
  takesAlerts: true,
  retries: undefined,
  expand: expandUrl,
  complete: (_, __, input) => Promise.resolve(input),
  completeChange: (_, __, change) => Promise.resolve(change),
  make: (deps, at, input) => inTarget(at, () => newWebhook(deps, at, input)),
  change: (deps, at, target, change) => inTarget(at, () => changedWebhook(deps, at, target, change)),
  show: (deps, target) => {
    const { auth, headers = {} } = openSecrets(deps, target);
    return {
      type: "webhook",
      url: target.url,
      auth: showWebhookAuth(auth),
      headers: Object.keys(headers),
      ack: target.ack,
      timeout_ms: target.timeoutMs,
      fields: [...target.fields],
      ...showFormat(target),
    };
  },
  prepare: webhookTargets,
};

/** With a signing secret that is to be shown once: a fresh one unless the target before had one. */
function newWebhook(
  deps: TargetContext,
  at: TargetPlace,
  { url, auth, headers, ack, timeoutMs, fields: wanted, ...format }: WebhookInput,
): NewTarget {
  const { place, before } = at;
  const { face } = place;
  const said = mergeSecrets({ signing: [] }, spokenSecrets({ auth, headers }));
  const given = givenUrl(deps, at, { url, auth });
  const kept = before?.kind === "webhook" ? openSecrets(deps, before).signing : undefined;
  const fresh = kept === undefined ? newSigningSecret(deps.clock.bytes(32)) : undefined;
  const secrets: TargetSecrets = {
    ...said,
    signing: kept ?? [{ secret: fresh ?? "" }],
    ...defined({ auth: given.auth }),
  };
  const fields = fieldsAt(place, wanted ?? undefined);
  const target: WebhookTarget = {
    kind: "webhook",
    url: given.url,
    ack: ack ?? usualAck(face),
    timeoutMs: timeoutMs ?? defaultTimeoutMs,
    fields,
    format: usualFormats[face],
    ...readFormat(place, format, { url: given.url, fields }),
    sealed: deps.vault.seal(JSON.stringify(secrets)),
  };
  return { target, ...defined({ signingSecret: fresh }) };
}

/** What only the sender may know of a webhook. */
export function openSecrets(
  { vault }: Pick<TargetContext, "vault">,
  { sealed }: Pick<WebhookTarget, "sealed">,
): TargetSecrets {
  return JSON.parse(vault.open(sealed)) as TargetSecrets;
}

function changedWebhook(
  deps: TargetContext,
  at: TargetPlace,
  target: WebhookTarget,
  { url, auth, headers, ack, timeoutMs, fields: wanted, ...format }: WebhookChange,
): WebhookTarget {
  const given = url === undefined ? { url: target.url } : givenUrl(deps, at, { url, auth });
  const spoken = spokenSecrets({ auth: given.auth ?? auth, headers });
  const secrets = openSecrets(deps, target);
  checkCredentialsStay({ from: target.url, to: given.url, secrets }, spoken);
  const isSame = Object.keys(spoken).length === 0;
  const fields = wanted === undefined ? target.fields : fieldsAt(at.place, wanted ?? []);
  const { sentAs, compression, handshake, batch, ...rest } = target;
  const before = defined({ sentAs, compression, handshake, batch });
  return {
    ...rest,
    ...readFormat(at.place, format, { before, url: given.url, fields }),
    url: given.url,
    ack: ack ?? target.ack,
    timeoutMs: timeoutMs === null ? defaultTimeoutMs : (timeoutMs ?? target.timeoutMs),
    fields,
    sealed: isSame ? target.sealed : deps.vault.seal(JSON.stringify(mergeSecrets(secrets, spoken))),
  };
}

function spokenSecrets({ auth, headers }: Unsaid<SecretsInput>): SecretsInput {
  return defined({ auth, headers });
}

function givenUrl(
  deps: TargetContext,
  at: TargetPlace,
  { url, auth }: { readonly url: string | ParsedWebhookUrl; readonly auth: WebhookAuth | null | undefined },
): Pick<ParsedWebhookUrl, "url" | "auth"> {
  const macros = macrosAt(at, deps);
  if (typeof url !== "string") {
    checkMacros(url.template, macros);
    return url;
  }
  const urlRules = { egressAllow: deps.egressAllow, macros };
  if (!at.rules.takesLogin) return { url: parseOpenUrl(url, urlRules) };
  const given = parseWebhookUrl(url, urlRules);
  if (given.auth === undefined || auth === undefined) return given;
  throw invalidField("auth", "goes without user and password in the url");
}

function fieldsAt({ face }: Place, fields: readonly string[] = []): readonly string[] {
  if (fields.length > 0 && face !== "objects") throw invalidField("fields", "is for the objects face");
  return [...new Set(fields)];
}

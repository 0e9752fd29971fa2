import { type MailAddress, parseMailAddress } from "../domain/mail-address.ts";
import { commonMacros } from "../domain/notifications/known-kinds.ts";
import { macroNames } from "../domain/notifications/macros.ts";
import { fieldsText } from "../domain/path.ts";
import type {
  EmailTarget,
  FunctionTarget,
  HookOptions,
  Target,
  TargetSecrets,
  WebhookAuth,
  WebhookTarget,
} from "../domain/subscription.ts";
import { checkMacros, parseTemplate, type Template } from "../domain/template.ts";
import { type ParsedWebhookUrl, parseOpenUrl, parseWebhookUrl } from "../domain/webhook-url.ts";
import { invalidField, SignalboxError } from "../errors.ts";
import { checkCredentialsStay } from "../platform/access/credentials.ts";
import type { SubscriptionDeps } from "./deps.ts";
import type { Place } from "./place.ts";
import type { SurfaceRules } from "./surfaces.ts";
import { webhookTarget } from "./targets.ts";
import { mergeSecrets, type SecretsInput } from "./webhook-secrets.ts";

/** What may be said about a target, and what becomes of it: defaults, merging, and everything that a schema cannot check. */

interface WebhookOptions extends SecretsInput {
  readonly ack?: WebhookTarget["ack"];
  readonly timeoutMs?: number | null;
  /** Of the objects face only. */
  readonly fields?: readonly string[] | null;
}

interface FunctionOptions extends Partial<HookOptions> {
  readonly timeoutMs?: number | null;
}

/** What is absent has its default. */
export type TargetInput =
  | ({ readonly kind: "webhook"; readonly url: string | ParsedWebhookUrl } & WebhookOptions)
  /** Without an address: to the caller's own. */
  | { readonly kind: "email"; readonly address?: string | GivenAddress }
  | ({ readonly kind: "function"; readonly function: number } & FunctionOptions);

/** What is absent stays; `null` takes away. */
export interface TargetChange extends WebhookOptions, FunctionOptions {
  readonly kind?: Target["kind"];
  readonly url?: string;
  readonly address?: string;
  readonly function?: number;
}

/** Read already. Without a template it was not written in this request. */
export interface GivenAddress {
  readonly address: MailAddress;
  readonly template?: Template;
}

/** For which place a target is, and by which way it was asked for. */
export interface TargetPlace {
  readonly place: Place;
  readonly rules: Pick<SurfaceRules, "targetPath" | "addressField" | "takesLogin">;
  /** Of the target that it takes the place of: a webhook keeps its signing keys. */
  readonly before?: Target;
}

export const defaultHook: HookOptions = { stage: "prepare", priority: 0, failurePolicy: "closed" };

export interface NewTarget {
  readonly target: Target;
  /** Of a webhook, to be shown once. */
  readonly signingSecret?: string;
}

const usualTimeoutMs = 10_000;

type TargetDeps = Pick<SubscriptionDeps, "vault" | "clock" | "egressAllow" | "kinds">;

/** @throws SignalboxError `invalid_request` naming the field (`target.url`) and the remedy. Whether a function is there is not looked at. */
export function newTarget(deps: TargetDeps, at: TargetPlace, input: TargetInput): NewTarget {
  switch (input.kind) {
    case "webhook":
      refuseHook(at.place, input.kind);
      return inTarget(at, () => newWebhook(deps, at, input));
    case "email":
      refuseHook(at.place, input.kind);
      return { target: emailTarget(deps, at, input.address ?? "") };
    case "function": {
      const { function: number, timeoutMs, stage, priority, failurePolicy } = input;
      const hook = { stage, priority, failurePolicy };
      return { target: functionTarget(at, { kind: "function", function: number }, { timeoutMs, hook }) };
    }
    default:
      return input satisfies never;
  }
}

/** @throws SignalboxError `invalid_request` as {@link newTarget}, and for what would make another subscription of it. */
export function changedTarget(deps: TargetDeps, at: TargetPlace, target: Target, change: TargetChange): Target {
  const { kind = target.kind, function: number } = change;
  if (kind !== target.kind) throw invalidField("target.type", `stays ${target.kind}: make another subscription`);
  refuseForeign(target, change);
  switch (target.kind) {
    case "webhook":
      return inTarget(at, () => changedWebhook(deps, at, target, change));
    case "email":
      return change.address === undefined ? target : emailTarget(deps, at, change.address);
    case "function": {
      if (number !== undefined && number !== target.function) {
        throw invalidField("target.function_id", `stays ${target.function}: make another subscription`);
      }
      const { timeoutMs = target.timeoutMs, stage, priority, failurePolicy } = change;
      return functionTarget(at, target, { timeoutMs, hook: { stage, priority, failurePolicy } });
    }
    default:
      return target satisfies never;
  }
}

function refuseHook(place: Place, kind: Target["kind"]): void {
  if (place.face !== "lifecycle" || place.definition?.phase !== "pre") return;
  const why = `the operation waits for those who hear of ${place.event}, and only a function can answer`;
  throw invalidField("target.type", `must be function, not ${kind}: ${why}`);
}

const membersOf: Readonly<Record<Target["kind"], readonly (keyof TargetChange)[]>> = {
  webhook: ["url", "auth", "headers", "ack", "timeoutMs", "fields"],
  email: ["address"],
  function: ["function", "timeoutMs", "stage", "priority", "failurePolicy"],
};

const written: Readonly<Partial<Record<keyof TargetChange, string>>> = {
  timeoutMs: "timeout_ms",
  failurePolicy: "failure_policy",
  function: "function_id",
};

function refuseForeign({ kind }: Target, change: TargetChange): void {
  for (const [name, value] of Object.entries(change)) {
    const member = name as keyof TargetChange;
    if (value === undefined || member === "kind" || membersOf[kind].includes(member)) continue;
    throw invalidField(`target.${written[member] ?? member}`, `is not for a target of type ${kind}`);
  }
}

/** Macros that say something of every event which is heard there. */
function macrosAt(place: Place, { kinds }: TargetDeps): readonly string[] {
  switch (place.face) {
    case "objects":
      return macroNames("file", kinds);
    case "lifecycle":
      return commonMacros;
    case "notifications":
      return macroNames(place.kind?.name, kinds);
    default:
      return place satisfies never;
  }
}

const formats = { objects: "object", lifecycle: "lifecycle", notifications: "resource" } as const;

function newWebhook(
  deps: TargetDeps,
  at: TargetPlace,
  { url, auth, headers, ack, timeoutMs, fields }: TargetInput & { readonly kind: "webhook" },
): NewTarget {
  const { place, before } = at;
  const { face } = place;
  const secrets = mergeSecrets({ signing: [] }, spokenSecrets({ auth, headers }));
  const given = givenUrl(deps, at, { url, auth });
  const spokenAuth = given.auth ?? secrets.auth;
  return webhookTarget(deps, {
    url: given.url,
    format: formats[face],
    ack: ack ?? (face === "objects" ? "200" : "2xx"),
    timeoutMs: timeoutMs ?? usualTimeoutMs,
    fields: fieldsAt(place, fields ?? undefined),
    ...(spokenAuth === undefined ? {} : { auth: spokenAuth }),
    ...(secrets.headers === undefined ? {} : { headers: secrets.headers }),
    ...(before?.kind === "webhook" ? { signing: openSecrets(deps, before).signing } : {}),
  });
}

/** What only the sender may know of a webhook. */
export function openSecrets({ vault }: Pick<TargetDeps, "vault">, { sealed }: WebhookTarget): TargetSecrets {
  return JSON.parse(vault.open(sealed)) as TargetSecrets;
}

function changedWebhook(deps: TargetDeps, at: TargetPlace, target: WebhookTarget, change: TargetChange): WebhookTarget {
  const { place } = at;
  const { url, auth, headers, ack, timeoutMs, fields } = change;
  const given = url === undefined ? { url: target.url } : givenUrl(deps, at, { url, auth });
  const spoken = spokenSecrets({ auth: given.auth ?? auth, headers });
  const secrets = openSecrets(deps, target);
  checkCredentialsStay({ from: target.url, to: given.url, secrets }, spoken);
  const isSame = Object.keys(spoken).length === 0;
  return {
    ...target,
    url: given.url,
    ack: ack ?? target.ack,
    timeoutMs: timeoutMs === null ? usualTimeoutMs : (timeoutMs ?? target.timeoutMs),
    fields: fields === undefined ? target.fields : fieldsAt(place, fields ?? []),
    sealed: isSame ? target.sealed : deps.vault.seal(JSON.stringify(mergeSecrets(secrets, spoken))),
  };
}

function spokenSecrets({ auth, headers }: Unsaid<Pick<WebhookOptions, "auth" | "headers">>) {
  return { ...(auth === undefined ? {} : { auth }), ...(headers === undefined ? {} : { headers }) };
}

function givenUrl(
  deps: TargetDeps,
  { place, rules }: TargetPlace,
  { url, auth }: { readonly url: string | ParsedWebhookUrl; readonly auth: WebhookAuth | null | undefined },
): Pick<ParsedWebhookUrl, "url" | "auth"> {
  const macros = macrosAt(place, deps);
  if (typeof url !== "string") {
    checkMacros(url.template, macros);
    return url;
  }
  const urlRules = { egressAllow: deps.egressAllow, macros };
  if (!rules.takesLogin) return { url: parseOpenUrl(url, urlRules) };
  const given = parseWebhookUrl(url, urlRules);
  if (given.auth === undefined || auth === undefined) return given;
  throw invalidField("auth", "goes without user and password in the url");
}

function fieldsAt({ face }: Place, fields: readonly string[] = []): readonly string[] {
  if (fields.length > 0 && face !== "objects") throw invalidField("fields", "is for the objects face");
  return [...new Set(fields)];
}

function emailTarget(deps: TargetDeps, at: TargetPlace, given: string | GivenAddress): EmailTarget {
  return inTarget(
    at,
    () => {
      const { address, template = parseTemplate(address) } =
        typeof given === "string" ? parseMailAddress(given) : given;
      checkMacros(template, macrosAt(at.place, deps));
      return { kind: "email", address };
    },
    at.rules.addressField,
  );
}

/** That what a target which stays says is said there too. @throws SignalboxError `invalid_request` about its `url`. */
export function checkStays(deps: TargetDeps, { place }: TargetPlace, url: string): void {
  checkMacros(parseTemplate(url), macrosAt(place, deps));
}

function functionTarget(
  { place, rules }: TargetPlace,
  { hook: before, ...target }: FunctionTarget,
  { timeoutMs, hook }: { readonly timeoutMs: number | null | undefined; readonly hook: Unsaid<HookOptions> },
): FunctionTarget {
  const said = Object.entries({ ...hook, failurePolicy: undefined, failure_policy: hook.failurePolicy });
  const [field] = said.find(([, value]) => value !== undefined) ?? [];
  const decides = before !== undefined || (place.face === "lifecycle" && place.definition?.phase === "pre");
  if (field !== undefined && !decides) {
    throw invalidField(
      `${rules.targetPath}${field}`,
      "is for PRE events: after the operation there is nothing to decide",
    );
  }
  const { stage, priority, failurePolicy } = before ?? defaultHook;
  const options: HookOptions = {
    stage: hook.stage ?? stage,
    priority: hook.priority ?? priority,
    failurePolicy: hook.failurePolicy ?? failurePolicy,
  };
  const { timeoutMs: _, ...rest } = target;
  return {
    ...rest,
    ...(timeoutMs === undefined || timeoutMs === null ? {} : { timeoutMs }),
    ...(decides ? { hook: options } : {}),
  };
}

type Unsaid<T> = { readonly [Name in keyof T]?: T[Name] | undefined };

/** What is wrong with a part, told of the target; `url` under the name that the caller knows it by. */
function inTarget<T>({ rules }: TargetPlace, run: () => T, url = "url"): T {
  try {
    return run();
  } catch (thrown) {
    if (!(thrown instanceof SignalboxError) || thrown.fields.length === 0) throw thrown;
    const fields = thrown.fields.map(({ path, message }) => ({
      path: `${rules.targetPath}${path === "url" ? url : path}`,
      message,
    }));
    throw new SignalboxError(thrown.code, fieldsText(fields), { fields });
  }
}

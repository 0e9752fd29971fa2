import type { EgressAllow } from "../domain/egress.ts";
import { type FilterText, objectFields, parseFilterText } from "../domain/filter/index.ts";
import { macroNames } from "../domain/notifications/macros.ts";
import type { ResourceKinds } from "../domain/notifications/resource-kinds.ts";
import type { Pace } from "../domain/pace.ts";
import type { RetryPolicy } from "../domain/retry.ts";
import { defaultRetryPolicy } from "../domain/retry.ts";
import type { TargetSecrets, WebhookAuth, WebhookSubscription, WebhookTarget } from "../domain/subscription.ts";
import { parseOpenUrl, type WebhookUrl } from "../domain/webhook-url.ts";
import { type FieldError, invalidField, SignalboxError } from "../errors.ts";
import { headerProblem } from "../targets/headers.ts";
import { mergePace, type PaceInput } from "./pace-input.ts";

/** What an owner says about a rule, and what becomes of it: defaults, merging, and everything that a schema cannot check. */

/** What is absent stays as it is, or has its default; `null` takes it away. */
export interface RuleInput extends PaceInput {
  readonly url?: string;
  readonly filter?: string | null;
  readonly auth?: WebhookAuth | null;
  readonly enabled?: boolean;
  readonly ack?: WebhookTarget["ack"];
  readonly maxRetries?: number;
  readonly timeoutMs?: number;
  readonly backoff?: { readonly scheduleMs?: readonly number[]; readonly jitter?: number } | null;
  readonly fields?: readonly string[] | null;
  /** By name; one that is `null` is taken away. */
  readonly headers?: Readonly<Record<string, string | null>> | null;
}

/** What a rule is apart from its secrets. */
export interface RuleState {
  readonly filter?: FilterText;
  readonly enabled: boolean;
  /** Without a url only before one was given. */
  readonly target: Omit<WebhookTarget, "sealed" | "url"> & { readonly url?: WebhookUrl };
  readonly policy: RetryPolicy;
  readonly pace: Pace;
}

/** A rule of which nothing was said. */
export function newRuleState(): RuleState {
  const target = { kind: "webhook", ack: "200", timeoutMs: 10_000, fields: [], format: "object" } as const;
  return { enabled: true, target, policy: defaultRetryPolicy, pace: {} };
}

export function stateOf({ filter, enabled, target, policy, pace = {} }: WebhookSubscription): RuleState {
  const { sealed: _, ...open } = target;
  return { enabled, target: open, policy, pace, ...(filter === undefined ? {} : { filter }) };
}

/**
 * The state with what was said merged in.
 *
 * @throws SignalboxError `invalid_request` naming the field and the remedy; `invalid_filter` with line, column and hint.
 */
export function mergeState(
  state: RuleState,
  input: RuleInput,
  { egressAllow, kinds }: { readonly egressAllow: EgressAllow; readonly kinds: ResourceKinds },
): RuleState & { readonly target: Omit<WebhookTarget, "sealed"> } {
  const { enabled, target, policy } = state;
  const urlRules = { egressAllow, macros: macroNames("file", kinds) };
  const filter = input.filter === undefined ? state.filter : checkedFilter(input.filter);
  const backoff = input.backoff === null ? defaultRetryPolicy : input.backoff;
  const url = input.url === undefined ? target.url : parseOpenUrl(input.url, urlRules);
  if (url === undefined) throw invalidField("url", "is required");
  return {
    ...(filter === undefined ? {} : { filter }),
    enabled: input.enabled ?? enabled,
    target: {
      ...target,
      url,
      ack: input.ack ?? target.ack,
      timeoutMs: input.timeoutMs ?? target.timeoutMs,
      fields: input.fields === undefined ? target.fields : [...new Set(input.fields ?? [])],
    },
    pace: mergePace(state.pace, input),
    policy: {
      maxRetries: input.maxRetries ?? policy.maxRetries,
      scheduleMs: backoff?.scheduleMs ?? policy.scheduleMs,
      jitter: backoff?.jitter ?? policy.jitter,
    },
  };
}

function checkedFilter(text: string | null): FilterText | undefined {
  return text === null ? undefined : parseFilterText(text, objectFields);
}

const mostHeaders = 32;

/** The secrets with what was said merged in. Header names are kept in lower case. */
export function mergeSecrets(secrets: TargetSecrets, { auth, headers }: RuleInput): TargetSecrets {
  const { auth: oldAuth, headers: oldHeaders = {}, signing } = secrets;
  const nextAuth = auth === undefined ? oldAuth : (checkAuth(auth) ?? undefined);
  const nextHeaders = headers === undefined ? oldHeaders : mergeHeaders(oldHeaders, headers);
  return {
    signing,
    ...(nextAuth === undefined ? {} : { auth: nextAuth }),
    ...(Object.keys(nextHeaders).length === 0 ? {} : { headers: nextHeaders }),
  };
}

function mergeHeaders(
  old: Readonly<Record<string, string>>,
  said: NonNullable<RuleInput["headers"]> | null,
): Readonly<Record<string, string>> {
  if (said === null) return {};
  const merged = new Map(Object.entries(old));
  const seen = new Set<string>();
  const problems: FieldError[] = [];
  for (const [written, value] of Object.entries(said)) {
    const name = written.toLowerCase();
    const problem = seen.has(name) ? "is given twice, in different letters" : headerProblem(written, value ?? "");
    if (problem !== undefined) problems.push({ path: `headers.${written.slice(0, 128)}`, message: problem });
    seen.add(name);
    if (value === null) merged.delete(name);
    else merged.set(name, value);
  }
  if (merged.size > mostHeaders) problems.push({ path: "headers", message: `must have at most ${mostHeaders} names` });
  if (problems.length > 0) {
    const sentences = problems.map(({ path, message }) => `${path}: ${message}`);
    throw new SignalboxError("invalid_request", sentences.join("; "), { fields: problems });
  }
  return Object.fromEntries(merged);
}

/** What could not travel in an `Authorization` header is refused now, not at the first delivery. */
function checkAuth(auth: WebhookAuth | null): WebhookAuth | null {
  if (auth?.type === "bearer" && !/^[\x21-\x7e]+$/.test(auth.token)) {
    throw invalidField("auth.token", "must be printable ASCII without blanks");
  }
  if (auth?.type === "basic") {
    // RFC 7617: either may be empty; a colon ends the name.
    if (auth.username.includes(":") || /\p{Cc}/u.test(auth.username)) {
      throw invalidField("auth.username", "must not hold a colon or control characters");
    }
    if (/\p{Cc}/u.test(auth.password)) throw invalidField("auth.password", "must not hold control characters");
  }
  if (auth?.type === "header") {
    if (!/^[\x21-\x7e](?:[\t\x20-\x7e]*[\x21-\x7e])?$/.test(auth.value)) {
      throw invalidField("auth.value", "must be printable ASCII that neither begins nor ends with a blank");
    }
    if (/^authorization\s*:/i.test(auth.value)) {
      throw invalidField("auth.value", "is what stands behind Authorization: (ApiKey 0123abcd)");
    }
  }
  return auth;
}

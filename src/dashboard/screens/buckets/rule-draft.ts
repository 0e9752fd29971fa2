import type { CreateRuleRequest, Rule, UpdateRuleRequest, WebhookAuth } from "../../api/operations.ts";
import type { EditedPart } from "../../parts/conflict.tsx";

/** What stands in the form of a notification, and what is sent of it. */
export interface RuleDraft {
  readonly url: string;
  readonly filter: string;
  /** `keep`: what was given before, which is never shown again. */
  readonly auth: "none" | "basic" | "bearer" | "header" | "keep";
  readonly username: string;
  /** Password, token, or value of the header `Authorization`. */
  readonly credential: string;
  readonly enabled: boolean;
  readonly ack: "200" | "2xx";
  readonly maxRetries: string;
  readonly timeoutMs: string;
}

export const emptyDraft: RuleDraft = {
  url: "",
  filter: "",
  auth: "none",
  username: "",
  credential: "",
  enabled: true,
  ack: "200",
  maxRetries: "",
  timeoutMs: "",
};

export function draftOf(rule: Rule): RuleDraft {
  return {
    ...emptyDraft,
    url: rule.url,
    filter: rule.filter ?? "",
    auth: rule.auth === null ? "none" : "keep",
    enabled: rule.enabled,
    ack: rule.ack,
    maxRetries: String(rule.max_retries),
    timeoutMs: String(rule.timeout_ms),
  };
}

/** The body of the request: what a new notification leaves out has the server's defaults. */
export function bodyOf(draft: RuleDraft): CreateRuleRequest & UpdateRuleRequest {
  const auth = authOf(draft);
  return {
    url: draft.url.trim(),
    filter: draft.filter.trim() === "" ? null : draft.filter.trim(),
    enabled: draft.enabled,
    ack: draft.ack,
    ...(auth === undefined ? {} : { auth }),
    ...(draft.maxRetries === "" ? {} : { max_retries: Number(draft.maxRetries) }),
    ...(draft.timeoutMs === "" ? {} : { timeout_ms: Number(draft.timeoutMs) }),
  };
}

/** Only what differs from what was opened: what others change meanwhile stays. Credentials that are typed in always count as a change. */
export function changesOf(draft: RuleDraft, opened: RuleDraft): UpdateRuleRequest {
  const before = bodyOf(opened) as Readonly<Record<string, unknown>>;
  const changed = Object.entries(bodyOf(draft)).filter(([name, value]) => name === "auth" || value !== before[name]);
  return Object.fromEntries(changed) as UpdateRuleRequest;
}

/** As people read them; credentials are not among what is shown. */
export function partsOf(draft: RuleDraft): readonly EditedPart[] {
  return [
    ["Webhook URL", draft.url],
    ["Authentication", authTexts[draft.auth]],
    ["Filter", draft.filter.trim()],
    ["Enabled", draft.enabled ? "yes" : "no"],
    ["Acknowledged by", draft.ack === "200" ? "200" : "any 2xx"],
    ["Retries", draft.maxRetries],
    ["Time limit of an attempt, in ms", draft.timeoutMs],
  ];
}

const authTexts: Readonly<Record<RuleDraft["auth"], string>> = {
  keep: "the present one",
  none: "none",
  basic: "user and password, as typed",
  bearer: "a token, as typed",
  header: "a header, as typed",
};

/** `undefined`: nothing is said of it, and it stays. */
function authOf({ auth, username, credential }: RuleDraft): WebhookAuth | null | undefined {
  switch (auth) {
    case "keep":
      return undefined;
    case "none":
      return null;
    case "basic":
      return { type: "basic", username, password: credential };
    case "bearer":
      return { type: "bearer", token: credential };
    case "header":
      return { type: "header", value: credential };
  }
}

import type { CreateRuleRequest, Rule, UpdateRuleRequest } from "../../../client/operations.ts";
import type { EditedPart } from "../../parts/conflict.tsx";
import { type AuthDraft, authOf, authTexts, noAuth } from "../subscriptions/auth-draft.ts";
import {
  capturePart,
  newRequest,
  type RequestDraft,
  requestChanges,
  requestDraft,
  requestParts,
  usualRequest,
} from "../subscriptions/request-draft.ts";
import {
  given,
  newPace,
  newRetries,
  paceParts,
  retryParts,
  type SendingDraft,
  sendingChanges,
  sendingDraft,
  usualSending,
} from "../subscriptions/sending-draft.ts";

/** What stands in the form of a notification, and what is sent of it. */
export interface RuleDraft extends AuthDraft, RequestDraft, SendingDraft {
  readonly goesTo: "webhook" | "destination";
  readonly url: string;
  /** The name of the destination that it goes to in the place of a url of its own. */
  readonly destination: string;
  readonly filter: string;
  readonly enabled: boolean;
  readonly ack: "200" | "2xx";
  readonly timeoutMs: string;
}

export const emptyDraft: RuleDraft = {
  ...noAuth,
  ...usualRequest,
  ...usualSending,
  goesTo: "webhook",
  url: "",
  destination: "",
  filter: "",
  enabled: true,
  ack: "200",
  timeoutMs: "",
};

export function draftOf(rule: Rule): RuleDraft {
  return {
    ...emptyDraft,
    goesTo: rule.destination === null ? "webhook" : "destination",
    url: rule.url,
    // One that was deleted is not gone to by saying nothing of it: another has to be said, be it of the same name.
    destination: rule.paused?.reason === "destination" ? "" : (rule.destination ?? ""),
    filter: rule.filter ?? "",
    auth: rule.auth === null ? "none" : "keep",
    enabled: rule.enabled,
    ack: rule.ack,
    timeoutMs: String(rule.timeout_ms),
    ...sendingDraft(rule),
    ...requestDraft(rule),
    capture: rule.capture,
  };
}

/** The body of the request: what a new notification leaves out has the server's defaults. */
export function newBody(draft: RuleDraft): CreateRuleRequest {
  return {
    ...plain(draft),
    ...(draft.goesTo === "webhook" ? newWebhook(draft) : { target: destinationOf(draft) }),
    ...newRetries(draft),
    ...newPace(draft),
    ...(draft.capture === "all" ? { capture: "all" } : {}),
  };
}

function newWebhook(draft: RuleDraft) {
  const auth = authOf(draft);
  return {
    ...(auth === undefined ? {} : { auth }),
    ...newRequest(draft),
    ...given({ timeout_ms: draft.timeoutMs }),
  };
}

function destinationOf({ destination }: RuleDraft) {
  return { type: "destination", name: destination.trim() } as const;
}

function plain({ goesTo, url, filter, enabled, ack }: RuleDraft) {
  const matching = { filter: filter.trim() === "" ? null : filter.trim(), enabled };
  return goesTo === "webhook" ? { url: url.trim(), ...matching, ack } : matching;
}

/** Only what differs from what was opened: what others change meanwhile stays. Credentials that are typed in always count as a change. */
export function changesOf(draft: RuleDraft, opened: RuleDraft): UpdateRuleRequest {
  const before: Readonly<Record<string, unknown>> = plain(opened);
  const auth = draft.auth !== opened.auth || draft.credential !== "" ? authOf(draft) : undefined;
  return {
    ...Object.fromEntries(Object.entries(plain(draft)).filter(([name, value]) => value !== before[name])),
    ...(auth === undefined ? {} : { auth }),
    ...requestChanges(draft, opened),
    ...sendingChanges(draft, opened),
    ...(draft.capture === opened.capture ? {} : { capture: draft.capture }),
    ...(draft.destination === opened.destination ? {} : { target: destinationOf(draft) }),
    ...(draft.timeoutMs === opened.timeoutMs ? {} : given({ timeout_ms: draft.timeoutMs })),
  };
}

/** As people read them; credentials are not among what is shown. */
export function partsOf(draft: RuleDraft): readonly EditedPart[] {
  return [
    draft.goesTo === "webhook" ? ["Webhook URL", draft.url] : ["Destination", draft.destination],
    ["Authentication", authTexts[draft.auth]],
    ["Filter", draft.filter.trim()],
    ["Enabled", draft.enabled ? "yes" : "no"],
    ["Acknowledged by", draft.ack === "200" ? "200" : "any 2xx"],
    ["Time limit of an attempt, in ms", draft.timeoutMs],
    ...retryParts(draft),
    ...paceParts(draft),
    ...requestParts(draft),
    capturePart(draft),
  ];
}

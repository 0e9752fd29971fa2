import type { Subscription } from "../../../client/operations.ts";
import { type AuthDraft, noAuth } from "./auth-draft.ts";
import { type PolicyDraft, policyDraft, usualPolicy } from "./policy-draft.ts";
import { type RequestDraft, requestDraft, usualRequest } from "./request-draft.ts";
import { type SendingDraft, sendingDraft, typed, usualSending } from "./sending-draft.ts";

/** What stands in the form of a subscription, as it is typed; `requests.ts` says what is sent of it. */
export interface SubscriptionDraft extends AuthDraft, RequestDraft, SendingDraft {
  readonly face: Subscription["face"];
  readonly event: string;
  /** Uuid of what is watched, or `*`; of the resources' face. */
  readonly resource: string;
  /** Slug of the app whose events count, of the lifecycle face; empty: all of them. */
  readonly app: string;
  readonly kind: "webhook" | "destination" | "email" | "function";
  readonly url: string;
  /** Its name. */
  readonly destination: string;
  readonly ack: "200" | "2xx";
  /** Empty: one's own address. */
  readonly address: string;
  readonly functionId: string;
  readonly stage: "prepare" | "validate";
  readonly priority: string;
  readonly failurePolicy: "closed" | "open";
  readonly timeoutMs: string;
  readonly filter: string;
  readonly enabled: boolean;
  readonly persistent: boolean;
  /** When to try again, of the resources' face. */
  readonly policy: PolicyDraft;
}

const nothing = {
  ...noAuth,
  ...usualRequest,
  ...usualSending,
  event: "",
  resource: "",
  app: "",
  kind: "webhook",
  url: "",
  destination: "",
  ack: "2xx",
  address: "",
  functionId: "",
  stage: "prepare",
  priority: "0",
  failurePolicy: "closed",
  timeoutMs: "",
  filter: "",
  enabled: true,
  persistent: true,
  policy: usualPolicy,
} as const;

/** Of a new one. */
export function emptyDraft(face: Subscription["face"]): SubscriptionDraft {
  return { ...nothing, face, ...(face === "lifecycle" ? { kind: "function" } : { event: "*" }) };
}

export function draftOf(subscription: Subscription): SubscriptionDraft {
  const { face, event, resource, app, target, filter, enabled, persistent } = subscription;
  return {
    ...nothing,
    face,
    event,
    resource,
    app: app ?? "",
    ...targetDraft(target),
    // One that was deleted is not gone to by saying nothing of it: another has to be said, be it of the same name.
    ...(subscription.paused?.reason === "destination" ? { destination: "" } : {}),
    filter: filter ?? "",
    enabled,
    persistent,
    ...sendingDraft(subscription),
    policy: policyDraft(subscription.policy),
    capture: subscription.capture,
  };
}

function targetDraft(target: Subscription["target"]): Partial<SubscriptionDraft> {
  switch (target.type) {
    case "webhook":
      return {
        kind: "webhook",
        url: target.url,
        auth: target.auth === null ? "none" : "keep",
        ack: target.ack,
        timeoutMs: typed(target.timeout_ms),
        ...requestDraft(target),
      };
    case "destination":
      return { kind: "destination", destination: target.name };
    case "email":
      return { kind: "email", address: target.address };
    case "function":
      return {
        kind: "function",
        functionId: String(target.function_id),
        stage: target.stage ?? "prepare",
        priority: typed(target.priority ?? 0),
        failurePolicy: target.failure_policy ?? "closed",
        timeoutMs: typed(target.timeout_ms),
      };
  }
}

/** Whether it decides about operations: a function before them. */
export function isHook({ face, kind, event }: SubscriptionDraft): boolean {
  return face === "lifecycle" && kind === "function" && event.startsWith("PRE_");
}

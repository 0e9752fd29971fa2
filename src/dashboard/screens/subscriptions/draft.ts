import type { Subscription } from "../../api/operations.ts";

/** What stands in the form of a subscription, as it is typed; `requests.ts` says what is sent of it. */
export interface SubscriptionDraft {
  readonly face: Subscription["face"];
  readonly event: string;
  /** Uuid of what is watched, or `*`; of the resources' face. */
  readonly resource: string;
  /** Slug of the app whose events count, of the lifecycle face; empty: all of them. */
  readonly app: string;
  readonly kind: "webhook" | "email" | "function";
  readonly url: string;
  /** `keep`: what was given before, which is never shown again. */
  readonly auth: "none" | "basic" | "bearer" | "keep";
  readonly username: string;
  readonly credential: string;
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
  readonly maxPerSecond: string;
  readonly maxConcurrency: string;
  readonly ordered: boolean;
  readonly maxRetries: string;
  readonly capture: "failures" | "all";
}

const nothing = {
  event: "",
  resource: "",
  app: "",
  kind: "webhook",
  url: "",
  auth: "none",
  username: "",
  credential: "",
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
  maxPerSecond: "",
  maxConcurrency: "",
  ordered: false,
  maxRetries: "",
  capture: "failures",
} as const;

/** Of a new one. */
export function emptyDraft(face: Subscription["face"]): SubscriptionDraft {
  return { ...nothing, face, ...(face === "lifecycle" ? { kind: "function" } : { event: "*" }) };
}

const typed = (value: number | null): string => (value === null ? "" : String(value));

export function draftOf(subscription: Subscription): SubscriptionDraft {
  const { face, event, resource, app, target, filter, enabled, persistent } = subscription;
  const { max_per_second, max_concurrency, ordered, max_retries, capture } = subscription;
  return {
    ...nothing,
    face,
    event,
    resource,
    app: app ?? "",
    ...targetDraft(target),
    filter: filter ?? "",
    enabled,
    persistent,
    maxPerSecond: typed(max_per_second),
    maxConcurrency: typed(max_concurrency),
    ordered,
    maxRetries: typed(max_retries),
    capture,
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
      };
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

import type { CreateSubscriptionRequest, TargetChange, UpdateSubscriptionRequest } from "../../api/operations.ts";
import type { EditedPart } from "../../parts/conflict.tsx";
import { isHook, type SubscriptionDraft } from "./draft.ts";

/** What is sent of a draft, and what of it people compare. */

type Target = CreateSubscriptionRequest["target"];

/** The body of the request: what is left empty has the server's defaults. */
export function newBody(draft: SubscriptionDraft): CreateSubscriptionRequest {
  const { face, event, resource, app, filter } = draft;
  return {
    face,
    event: event.trim(),
    ...(face === "notifications" ? { resource: resource.trim() } : {}),
    ...(face === "lifecycle" && app !== "" ? { app } : {}),
    target: newTarget(draft),
    ...(filter.trim() === "" ? {} : { filter: filter.trim() }),
    ...(draft.enabled ? {} : { enabled: false }),
    ...(draft.persistent ? {} : { persistent: false }),
    ...given({ max_per_second: draft.maxPerSecond, max_concurrency: draft.maxConcurrency }),
    ...(draft.ordered ? { ordered: true } : {}),
    ...(hasRetries(draft) ? given({ max_retries: draft.maxRetries }) : {}),
    ...(draft.capture === "all" ? { capture: "all" } : {}),
  };
}

/** Whether how often it is tried again is said by a number here: notifications have a policy of their own, and hooks are asked once. */
export function hasRetries(draft: SubscriptionDraft): boolean {
  return draft.face !== "notifications" && draft.kind !== "email" && !isHook(draft);
}

function given(numbers: Readonly<Record<string, string>>): Readonly<Record<string, number>> {
  return Object.fromEntries(
    Object.entries(numbers).flatMap(([name, text]) => (text.trim() === "" ? [] : [[name, Number(text)]])),
  );
}

function newTarget(draft: SubscriptionDraft): Target {
  switch (draft.kind) {
    case "webhook": {
      const auth = authOf(draft);
      return {
        type: "webhook",
        url: draft.url.trim(),
        ack: draft.ack,
        ...(auth === undefined || auth === null ? {} : { auth }),
        ...given({ timeout_ms: draft.timeoutMs }),
      };
    }
    case "email":
      return { type: "email", ...(draft.address.trim() === "" ? {} : { address: draft.address.trim() }) };
    case "function":
      return {
        type: "function",
        function_id: Number(draft.functionId),
        ...(isHook(draft)
          ? { stage: draft.stage, priority: Number(draft.priority), failure_policy: draft.failurePolicy }
          : {}),
        ...given({ timeout_ms: draft.timeoutMs }),
      };
  }
}

/** Only what differs from what was opened: what others change meanwhile stays. */
export function changesOf(draft: SubscriptionDraft, opened: SubscriptionDraft): UpdateSubscriptionRequest {
  const target = targetChange(draft, opened);
  const is = (name: keyof SubscriptionDraft): boolean => draft[name] !== opened[name];
  const number = (text: string): number | null => (text.trim() === "" ? null : Number(text));
  return {
    ...(target === undefined ? {} : { target }),
    ...(is("filter") ? { filter: draft.filter.trim() === "" ? null : draft.filter.trim() } : {}),
    ...(is("enabled") ? { enabled: draft.enabled } : {}),
    ...(is("persistent") ? { persistent: draft.persistent } : {}),
    ...(is("maxPerSecond") ? { max_per_second: number(draft.maxPerSecond) } : {}),
    ...(is("maxConcurrency") ? { max_concurrency: number(draft.maxConcurrency) } : {}),
    ...(is("ordered") ? { ordered: draft.ordered } : {}),
    ...(is("maxRetries") && draft.maxRetries.trim() !== "" ? { max_retries: Number(draft.maxRetries) } : {}),
    ...(is("capture") ? { capture: draft.capture } : {}),
  };
}

function targetChange(draft: SubscriptionDraft, opened: SubscriptionDraft): TargetChange | undefined {
  const is = (name: keyof SubscriptionDraft): boolean => draft[name] !== opened[name];
  const timeout = is("timeoutMs") ? { timeout_ms: draft.timeoutMs.trim() === "" ? null : Number(draft.timeoutMs) } : {};
  const auth = draft.kind === "webhook" && (is("auth") || draft.credential !== "") ? authOf(draft) : undefined;
  const changes = {
    webhook: {
      ...(is("url") ? { url: draft.url.trim() } : {}),
      ...(auth === undefined ? {} : { auth }),
      ...(is("ack") ? { ack: draft.ack } : {}),
      ...timeout,
    },
    email: is("address") ? { address: draft.address.trim() } : {},
    function: {
      ...(is("stage") ? { stage: draft.stage } : {}),
      ...(is("priority") ? { priority: Number(draft.priority) } : {}),
      ...(is("failurePolicy") ? { failure_policy: draft.failurePolicy } : {}),
      ...timeout,
    },
  }[draft.kind];
  return Object.keys(changes).length === 0 ? undefined : { type: draft.kind, ...changes };
}

/** `undefined`: nothing is said of it, and it stays. */
function authOf({ auth, username, credential }: SubscriptionDraft) {
  switch (auth) {
    case "keep":
      return undefined;
    case "none":
      return null;
    case "basic":
      return { type: "basic", username, password: credential } as const;
    case "bearer":
      return { type: "bearer", token: credential } as const;
  }
}

/** The same request without what is secret in it. */
export function withoutSecrets(draft: SubscriptionDraft): SubscriptionDraft {
  return draft.credential === "" ? draft : { ...draft, credential: "…" };
}

/** As people read them; credentials are not among what is shown. */
export function partsOf(draft: SubscriptionDraft): readonly EditedPart[] {
  const { kind } = draft;
  const ofKind: Readonly<Record<SubscriptionDraft["kind"], readonly EditedPart[]>> = {
    webhook: [
      ["Webhook URL", draft.url],
      ["Authentication", draft.auth === "keep" ? "the present one" : draft.auth],
      ["Acknowledged by", draft.ack],
    ],
    email: [["Address", draft.address]],
    function: [
      ["Stage", draft.stage],
      ["Priority", draft.priority],
      ["When it fails", draft.failurePolicy],
    ],
  };
  const yesNo = (is: boolean): string => (is ? "yes" : "no");
  return [
    ...ofKind[kind],
    ["Filter", draft.filter.trim()],
    ["Enabled", yesNo(draft.enabled)],
    ["For every event", yesNo(draft.persistent)],
    ["Time limit of an attempt, in ms", draft.timeoutMs],
    ["Attempts a second", draft.maxPerSecond],
    ["Attempts at once", draft.maxConcurrency],
    ["In order", yesNo(draft.ordered)],
    ["Retries", draft.maxRetries],
    ["What came back is kept", draft.capture],
  ];
}

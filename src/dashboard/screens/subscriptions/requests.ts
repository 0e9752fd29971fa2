import type { CreateSubscriptionRequest, TargetChange, UpdateSubscriptionRequest } from "../../../client/operations.ts";
import type { EditedPart } from "../../parts/conflict.tsx";
import { type AuthDraft, authOf, authTexts } from "./auth-draft.ts";
import { isHook, type SubscriptionDraft } from "./draft.ts";
import { changedPolicy, policyParts, usualPolicy } from "./policy-draft.ts";
import {
  capturePart,
  maskedHeaders,
  newRequest,
  type PostedDraft,
  requestChanges,
  requestParts,
} from "./request-draft.ts";
import { given, newPace, newRetries, paceParts, retryParts, sendingChanges } from "./sending-draft.ts";

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
    ...newPace(draft),
    ...(hasRetries(draft) ? newRetries(draft) : {}),
    ...(face === "notifications" ? changedPolicy(draft.policy, usualPolicy) : {}),
    ...(draft.capture === "all" ? { capture: "all" } : {}),
  };
}

/** Whether how often it is tried again is said by a number here: notifications have a policy of their own, and hooks are asked once. */
export function hasRetries(draft: SubscriptionDraft): boolean {
  return draft.face !== "notifications" && draft.kind !== "email" && !isHook(draft);
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
        ...newRequest(draft),
        ...given({ timeout_ms: draft.timeoutMs }),
      };
    }
    case "destination":
      return { type: "destination", name: draft.destination.trim() };
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
  return {
    ...(target === undefined ? {} : { target }),
    ...(is("filter") ? { filter: draft.filter.trim() === "" ? null : draft.filter.trim() } : {}),
    ...(is("enabled") ? { enabled: draft.enabled } : {}),
    ...(is("persistent") ? { persistent: draft.persistent } : {}),
    ...sendingChanges(draft, opened),
    ...changedPolicy(draft.policy, opened.policy),
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
      ...requestChanges(draft, opened),
      ...timeout,
    },
    destination: is("destination") ? { name: draft.destination.trim() } : {},
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

/** The same request without what is secret in it. */
export function withoutSecrets<Draft extends AuthDraft & PostedDraft>(draft: Draft): Draft {
  const { credential, headers } = draft;
  return { ...draft, credential: credential === "" ? "" : "…", headers: maskedHeaders(headers) };
}

/** As people read them; credentials are not among what is shown. */
export function partsOf(draft: SubscriptionDraft): readonly EditedPart[] {
  const { kind } = draft;
  const ofKind: Readonly<Record<SubscriptionDraft["kind"], readonly EditedPart[]>> = {
    webhook: [
      ["Webhook URL", draft.url],
      ["Authentication", authTexts[draft.auth]],
      ["Acknowledged by", draft.ack],
      ...requestParts(draft),
      capturePart(draft),
    ],
    destination: [["Destination", draft.destination]],
    email: [["Address", draft.address]],
    function: [
      ["Stage", draft.stage],
      ["Priority", draft.priority],
      ["If it fails", draft.failurePolicy],
    ],
  };
  const yesNo = (is: boolean): string => (is ? "yes" : "no");
  return [
    ...ofKind[kind],
    ["Filter", draft.filter.trim()],
    ["Enabled", yesNo(draft.enabled)],
    ["For every event", yesNo(draft.persistent)],
    ["Time limit of an attempt, in ms", draft.timeoutMs],
    ...(draft.face === "notifications" ? policyParts(draft.policy) : retryParts(draft)),
    ...paceParts(draft),
  ];
}

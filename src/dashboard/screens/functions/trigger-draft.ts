import type { Operations, Subscription } from "../../../client/operations.ts";
import type { EditedPart } from "../../parts/conflict.tsx";
import {
  given,
  newPace,
  newRetries,
  paceParts,
  retryParts,
  type SendingDraft,
  sendingChanges,
  sendingDraft,
  typed,
  usualSending,
} from "../subscriptions/sending-draft.ts";

/** What stands in the form of a trigger, and what is sent of it. */
export interface TriggerDraft extends SendingDraft {
  readonly event: string;
  readonly filter: string;
  readonly enabled: boolean;
  readonly stage: "prepare" | "validate";
  readonly priority: string;
  readonly policy: "closed" | "open";
  readonly timeoutMs: string;
}

export function newTrigger(event: string): TriggerDraft {
  return {
    ...usualSending,
    event,
    filter: "",
    enabled: true,
    stage: "prepare",
    priority: "0",
    policy: "closed",
    timeoutMs: "",
  };
}

export function draftOf(subscription: Subscription): TriggerDraft {
  const { event, filter, enabled, target } = subscription;
  const usual = newTrigger(event);
  if (target.type !== "function") return usual;
  return {
    ...usual,
    ...sendingDraft(subscription),
    filter: filter ?? "",
    enabled,
    stage: target.stage ?? usual.stage,
    priority: typed(target.priority ?? 0),
    policy: target.failure_policy ?? usual.policy,
    timeoutMs: typed(target.timeout_ms),
  };
}

/** Whether operations wait for it. */
export function isHook({ event }: TriggerDraft): boolean {
  return event.startsWith("PRE_");
}

type Change = NonNullable<Operations["updateEventSubscriber"]["body"]>;

export function newBody(draft: TriggerDraft): Change {
  return {
    filter: filterOf(draft),
    enabled: draft.enabled,
    ...given({ timeout_ms: draft.timeoutMs }),
    ...(isHook(draft)
      ? { stage: draft.stage, failure_policy: draft.policy, priority: Number(draft.priority) }
      : { ...newRetries(draft), ...newPace(draft) }),
  };
}

function filterOf({ filter }: TriggerDraft): string | null {
  return filter.trim() === "" ? null : filter.trim();
}

/** Only what differs from what was opened: what others change meanwhile stays. */
export function changesOf(draft: TriggerDraft, opened: TriggerDraft): Change {
  const is = (name: keyof TriggerDraft): boolean => draft[name] !== opened[name];
  return {
    ...(filterOf(draft) === filterOf(opened) ? {} : { filter: filterOf(draft) }),
    ...(is("enabled") ? { enabled: draft.enabled } : {}),
    ...(is("stage") ? { stage: draft.stage } : {}),
    ...(is("policy") ? { failure_policy: draft.policy } : {}),
    ...(is("priority") ? { priority: Number(draft.priority) } : {}),
    ...(is("timeoutMs") ? { timeout_ms: draft.timeoutMs.trim() === "" ? null : Number(draft.timeoutMs) } : {}),
    ...sendingChanges(draft, opened),
  };
}

/** As people read them. */
export function partsOf(draft: TriggerDraft): readonly EditedPart[] {
  const ofHook: readonly EditedPart[] = [
    ["Stage", draft.stage],
    ["Priority", draft.priority],
    ["If it fails", draft.policy === "closed" ? "the operation is refused" : "the operation goes on"],
  ];
  return [
    ["Filter", draft.filter.trim()],
    ["Enabled", draft.enabled ? "yes" : "no"],
    ["Time limit in ms", draft.timeoutMs],
    ...(isHook(draft) ? ofHook : [...retryParts(draft), ...paceParts(draft)]),
  ];
}

import type { NotificationPolicy } from "../../../client/operations.ts";
import type { EditedPart } from "../../parts/conflict.tsx";

/** When to try again, in the words of the notifications face, as it is typed. */
export interface PolicyDraft {
  readonly strategy: NotificationPolicy["retryStrategy"];
  readonly limit: string;
  /** Seconds between two retries. */
  readonly rate: string;
  /** Seconds before the first. */
  readonly delay: string;
  readonly saveOnFailure: boolean;
}

export const usualPolicy: PolicyDraft = {
  strategy: "IMMEDIATE",
  limit: "5",
  rate: "5",
  delay: "0",
  saveOnFailure: false,
};

export function policyDraft(policy: NotificationPolicy | null): PolicyDraft {
  if (policy === null) return usualPolicy;
  const { retryStrategy: strategy, retryLimit, retryRate, retryDelay, saveOnFailure } = policy;
  return { strategy, limit: String(retryLimit), rate: String(retryRate), delay: String(retryDelay), saveOnFailure };
}

/** Which of its numbers a strategy has a use for. */
export function asks({ strategy }: PolicyDraft) {
  return {
    limit: strategy !== "NONE",
    rate: strategy === "IMMEDIATE" || strategy === "DELAYED",
    delay: strategy === "DELAYED",
  };
}

/** All of it, as it is one thing to the server; nothing when it is as it was. What the strategy has no use for is as by default. */
export function changedPolicy(draft: PolicyDraft, before: PolicyDraft) {
  const names = ["strategy", "limit", "rate", "delay", "saveOnFailure"] as const;
  if (names.every((name) => draft[name] === before[name])) return {};
  const { strategy, saveOnFailure } = draft;
  const asked = asks(draft);
  const said = (name: "limit" | "rate" | "delay"): boolean => asked[name] && draft[name].trim() !== "";
  return {
    policy: {
      retryStrategy: strategy,
      ...(said("limit") ? { retryLimit: Number(draft.limit) } : {}),
      ...(said("rate") ? { retryRate: Number(draft.rate) } : {}),
      ...(said("delay") ? { retryDelay: Number(draft.delay) } : {}),
      saveOnFailure,
    },
  };
}

/** As people read it. */
export function policyParts(draft: PolicyDraft): readonly EditedPart[] {
  const { strategy, limit, rate, delay, saveOnFailure } = draft;
  return [
    ["Retry strategy", strategy],
    ["Retries", limit],
    ["Seconds between two retries", rate],
    ["Seconds before the first retry", delay],
    ["Save on failure", saveOnFailure ? "yes" : "no"],
  ];
}

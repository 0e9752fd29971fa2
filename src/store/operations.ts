import type { Page } from "./page.ts";
import type { Decision, Intent, Remembered } from "./records.ts";

/** What is kept of operations with hooks. */
export interface Operations {
  decision(tenant: string, operation: string): Promise<Decision | undefined>;
  remembered(place: {
    readonly tenant: string;
    readonly principal: string;
    readonly key: string;
  }): Promise<Remembered | undefined>;
  /** Oldest first; only of one tenant, when given. */
  intents(query: { readonly tenant?: string }, page: Page<string>): Promise<Intent[]>;
  intent(operation: string): Promise<Intent | undefined>;
  /** `open`: those that are not unresolved. */
  intentCounts(): Promise<{ readonly open: number; readonly unresolved: number }>;
}

export type OperationCondition =
  /** Nothing is remembered under the key (for a day, and until retention has passed by). */
  | { readonly if: "remembered.absent"; readonly tenant: string; readonly principal: string; readonly key: string }
  /** It is not known yet what came of it; of one that is unresolved it may still become known. */
  | { readonly if: "intent.open"; readonly operation: string };

export type OperationChange =
  | { readonly do: "decision.add"; readonly decision: Decision }
  | { readonly do: "remembered.add"; readonly remembered: Remembered }
  | { readonly do: "intent.add"; readonly intent: Intent }
  | { readonly do: "intent.remove"; readonly operation: string }
  /** It could not be found out what came of it. */
  | { readonly do: "intent.unresolved"; readonly operation: string; readonly reason: string };

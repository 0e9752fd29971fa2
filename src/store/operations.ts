import type { Json } from "../domain/event.ts";
import type { Uuid } from "../domain/ids.ts";
import type { Page } from "./page.ts";
import type { Decision, EndedOperation, HostTransaction, Intent, Remembered } from "./records.ts";

/** What is kept of operations with hooks. */
export interface Operations {
  decision(tenant: string, operation: string): Promise<Decision | undefined>;
  /** Newest first, of what the query says among the tenant's from `page.after` on: 500 are looked at. `next`: there may be more. */
  decisions(
    query: DecisionQuery,
    page: Page<DecisionPlace>,
  ): Promise<{ readonly decisions: Decision[]; readonly next?: DecisionPlace }>;
  remembered(place: {
    readonly tenant: string;
    readonly principal: string;
    readonly key: string;
  }): Promise<Remembered | undefined>;
  /** Oldest first. */
  intents(query: IntentsQuery, page: Page<string>): Promise<Intent[]>;
  intent(operation: string): Promise<Intent | undefined>;
  /** Those that are to be asked about by now, the longest due first. */
  dueIntents(nowMs: number, max: number): Promise<Intent[]>;
  /** When the next is to be asked about. */
  nextDueMs(): Promise<number | undefined>;
  /** What came of an operation of the origin `host`, as long as events are kept. */
  ended(operation: string): Promise<EndedOperation | undefined>;
  /** `open`: those that are not unresolved. */
  intentCounts(): Promise<{ readonly open: number; readonly unresolved: number }>;
}

/** What is absent narrows nothing. */
interface IntentsQuery {
  readonly tenant?: string;
  readonly origin?: Intent["origin"];
  readonly state?: "open" | "unresolved";
}

interface DecisionQuery {
  readonly tenant: string;
  readonly eventType?: string;
  readonly outcome?: Decision["outcome"];
  readonly resource?: Uuid;
  /** Number of a function that was asked, or would have been. */
  readonly function?: number;
  /** At or after, and before. */
  readonly sinceMs?: number;
  readonly untilMs?: number;
}

/** Where a list of decisions goes on. */
export interface DecisionPlace {
  readonly timeMs: number;
  readonly operation: string;
}

export type OperationCondition =
  /** Nothing is remembered under the key (for a day, and until retention has passed by). */
  | { readonly if: "remembered.absent"; readonly tenant: string; readonly principal: string; readonly key: string }
  /** It is not known yet what came of it; of one that is unresolved it may still become known. */
  | { readonly if: "intent.open"; readonly operation: string };

export type OperationChange =
  | { readonly do: "decision.add"; readonly decision: Decision }
  | { readonly do: "remembered.add"; readonly remembered: Remembered }
  /** Of one whose outcome was remembered; what was answered before stays. */
  | {
      readonly do: "remembered.answer";
      readonly tenant: string;
      readonly principal: string;
      readonly key: string;
      readonly status: number;
      readonly body: Json;
    }
  | { readonly do: "intent.add"; readonly intent: Intent }
  /** Which transaction of the host does it: the last that is told counts. */
  | { readonly do: "intent.transaction"; readonly operation: string; readonly transaction: HostTransaction }
  | { readonly do: "intent.remove"; readonly operation: string }
  /** It is removed, and what came of it kept. */
  | { readonly do: "intent.end"; readonly ended: EndedOperation }
  /** It could not be found out what came of it. `askMs`: when to ask again. */
  | {
      readonly do: "intent.unresolved";
      readonly operation: string;
      readonly reason: string;
      readonly askMs?: number;
    };

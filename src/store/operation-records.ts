import type { Json } from "../domain/event.ts";
import type { Uuid } from "../domain/ids.ts";
import type { Chain, Params, User } from "../domain/lifecycle.ts";
import type { Verdict } from "../domain/verdict.ts";

/** What is kept of operations with hooks: what was decided, what was begun, what was answered. */

/** What the hooks of one operation decided, kept with the operation. */
export interface Decision {
  /** Operation id. */
  readonly operation: string;
  readonly tenant: string;
  readonly eventType: string;
  /** What came of it. */
  readonly outcome: "allowed" | "denied" | "failed";
  /** What the operation was about, once that is known. */
  readonly resource?: Uuid;
  readonly actor?: string;
  readonly origin: string;
  readonly timeMs: number;
  readonly durationMs: number;
  readonly hooks: readonly DecisionHook[];
  readonly conflicts: readonly RecordedConflict[];
}

export interface DecisionHook {
  /** {@link Subscription.number} and revision, as they were when the chain was planned. */
  readonly subscription: number;
  readonly revision: number;
  readonly function: number;
  readonly version: number;
  readonly stage: "prepare" | "validate";
  /** Absent of one that was not run. */
  readonly invocation?: number;
  readonly verdict?: Verdict;
  /** Why it gave no verdict. */
  readonly failure?: string;
  /** Why it was not run. */
  readonly skipped?: string;
  readonly durationMs: number;
}

/** Two hooks wanted different values in one place; the later of them in the order of merging had its way. */
export interface RecordedConflict {
  readonly path: string;
  /** {@link Subscription.number}s, in the order of merging. */
  readonly subscriptions: readonly number[];
}

/** The transaction of a host, so that it can be found out later what became of it. */
export interface HostTransaction {
  /** PostgreSQL's number of it, of 64 bits, as text. */
  readonly id: string;
  /** Which database it is a transaction of: its inbox knows its own. */
  readonly database: string;
}

/** A host's operation that was begun: hooks agreed, and its outcome was not reported yet. */
export interface Intent {
  /** Operation id. */
  readonly operation: string;
  readonly tenant: string;
  /** `ORDER_CREATE`: between its `PRE_` and its `POST_` event. */
  readonly type: string;
  /** As the hooks left them. */
  readonly params: Params;
  readonly user?: User;
  readonly app?: { readonly uuid: Uuid; readonly slug: string };
  readonly chain?: Chain;
  /** Functions whose hooks ran. */
  readonly ran: readonly number[];
  readonly createdMs: number;
  /** By which way: `library` by a program that runs Signalbox inside itself; `host` over HTTP, by a service that runs elsewhere. */
  readonly origin: "library" | "host";
  /** What it is about, where that was said when it was begun. */
  readonly resource?: Uuid;
  /** The node that began it: as long as that runs, it alone knows what becomes of it. Absent: one that is gone, or one of the origin `host`. */
  readonly node?: string;
  /** What does it in the host's database. `awaited`: nothing that can have committed. Absent: that is not known. */
  readonly transaction?: HostTransaction | "awaited";
  /** When a resolver is to be asked what became of it. Absent: not by itself. */
  readonly askMs?: number;
  /** How often that could not be found out. */
  readonly asked: number;
  /** Why its outcome could not be found out. */
  readonly unresolved?: string;
}

/** What came of an operation of the origin `host`. */
export interface EndedOperation extends Pick<Intent, "operation" | "tenant" | "type"> {
  readonly outcome: "committed" | "aborted";
  /** Id of the POST event of one that was committed. */
  readonly event?: string;
  /** Why it was aborted. */
  readonly reason?: string;
  readonly endedMs: number;
}

/** An answer that is given again to a request with the same `Idempotency-Key`. */
export interface Remembered {
  readonly tenant: string;
  readonly principal: string;
  readonly key: string;
  /** Of the request: another one under the same key is a mistake. */
  readonly fingerprint: string;
  /** Of HTTP; {@link outcomeStatus} before the answer is known. */
  readonly status: number;
  readonly body: Json;
  readonly createdMs: number;
}

/** The request was carried out, and the body is what its answer is made of. */
export const outcomeStatus = 0;

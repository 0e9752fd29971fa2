import type { HostTransaction } from "../store/operation-records.ts";

/**
 * The table in a host's own database in which its transactions leave events, as the relay sees it: a row is seen exactly when the transaction
 * that wrote it has committed.
 *
 *   (written by the host) ─▶ waiting ──moved──▶ (gone; its event is in the store)
 *                              ▲ │
 *                        retry │ ▼ cannot be published
 *                          set aside ──dropped──▶ (gone)
 *
 * There is no cursor: whatever waits is moved, lowest id first. So a row of a long transaction, which becomes visible after rows with
 * greater ids, is not missed.
 */

/** What a host's transaction left. Nothing of it is checked yet but its sizes. */
export interface InboxRow {
  /** In the order in which rows were written, as far as one waited for the other. A number of 64 bits, as text. */
  readonly id: string;
  /** Id of the event: a UUID. */
  readonly event: string;
  /** Absent: the usual one. */
  readonly tenant?: string;
  readonly type: string;
  /** JSON. */
  readonly params: string;
  /** Slug. */
  readonly app?: string;
  /** Whom it was done for: JSON, a name or an object. */
  readonly actor?: string;
  /** Uuid of what it is about. */
  readonly resource?: string;
  /** The operation that it is the outcome of: a UUID. */
  readonly operation?: string;
  readonly createdMs: number;
}

/** A row that could not be published. */
export interface AsideRow extends Pick<InboxRow, "id" | "event" | "tenant" | "type" | "operation" | "createdMs"> {
  /** Why. */
  readonly reason: string;
  readonly asideMs: number;
}

/** Which waiting rows are wanted. */
export interface WaitingQuery {
  readonly max: number;
  /** Of all of them together, unless the first alone is more. */
  readonly maxBytes: number;
  /** Rows of these are left where they are; `null` stands for rows that name none. */
  readonly exceptTenants: readonly (string | null)[];
}

/** `unknown`: it is another database's, or so old that the database has forgotten it. */
export type TransactionState = "committed" | "aborted" | "in progress" | "unknown";

/** What there is, for metrics: rows are counted up to {@link mostRowsCounted}. */
export interface InboxFigures {
  readonly waiting: number;
  readonly aside: number;
  readonly oldestWaitingMs?: number;
}

/** Beyond so many rows it is not worth the database's time how many more there are. */
export const mostRowsCounted = 10_000;

/** Every method throws SignalboxError `unavailable`, with what is to be done, when the database cannot be reached or is not prepared. */
export interface Inbox extends AsyncDisposable {
  /** For people: `db.example:5432/shop`, without user and password. */
  readonly name: string;
  /** Those that wait, in order of id. Only one process at a time gets any: others are told that there is one. */
  waiting(query: WaitingQuery): Promise<InboxRow[]>;
  /** They were published. */
  remove(ids: readonly string[]): Promise<void>;
  setAside(id: string, reason: string): Promise<void>;
  /** In order of id. */
  asides(page: { readonly max: number; readonly after?: string }): Promise<AsideRow[]>;
  /** Has one that was set aside wait again. `undefined`: there is none. @param event its id. */
  retry(event: string): Promise<AsideRow | undefined>;
  /** Deletes one that was set aside. `undefined`: there is none. */
  drop(event: string): Promise<AsideRow | undefined>;
  /** Whether a row is there, by its event or by its operation, and why it was set aside, if it was. */
  find(
    by: { readonly event: string } | { readonly operation: string },
  ): Promise<{ readonly reason?: string } | undefined>;
  stateOf(transaction: HostTransaction): Promise<TransactionState>;
  figures(): Promise<InboxFigures>;
  /** Calls `hinted` when a host says that there is something; to be told so costs nothing, and is never relied on. */
  listen(hinted: () => void): void;
}

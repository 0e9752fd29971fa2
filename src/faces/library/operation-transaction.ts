import type { Context } from "../../context.ts";
import { SignalboxError } from "../../errors.ts";
import { postEvent } from "../../platform/host/operations/end.ts";
import type { HostTransaction, Intent } from "../../store/records.ts";
import type { LibraryContext } from "./library-context.ts";
import { currentTransaction, insertInto, type Transaction } from "./transaction.ts";

/** What an operation tells of the transaction that it is done in. */
export interface TransactionNotes {
  /**
   * Notes, durably, which transaction does the operation: whatever dies from then on, what became of it is found out from PostgreSQL. To be called first
   * in the transaction, and again in one that is tried anew. Not needed before {@link done}, which does the same.
   *
   * @param tx as in `EventService.publishIn`.
   * @throws SignalboxError `unavailable` without SIGNALBOX_INBOX; whatever the statement throws.
   */
  begin(tx: Transaction): Promise<void>;
  /**
   * Writes the POST event into the inbox, in the transaction: it is published exactly if that commits. What the operation returns is not made an
   * event of then.
   *
   * @param params of the POST event, a plain JSON object.
   * @throws SignalboxError `invalid_request` when they do not fit, before any statement; `unavailable`; whatever the statement throws.
   */
  done(tx: Transaction, params: object, options?: { readonly resource?: string }): Promise<void>;
}

export class OperationTransaction implements TransactionNotes {
  readonly #context: LibraryContext;
  readonly #intent: Intent;
  #noted: HostTransaction | undefined;
  #isWritten = false;

  constructor(context: LibraryContext, intent: Intent) {
    this.#context = context;
    this.#intent = intent;
  }

  /** Whether the last transaction holds the POST event. */
  get isWritten(): boolean {
    return this.#isWritten;
  }

  async begin(tx: Transaction): Promise<void> {
    mustHaveInbox(this.#context);
    await this.#note(await currentTransaction(tx));
  }

  async done(tx: Transaction, params: object, options: { readonly resource?: string } = {}): Promise<void> {
    mustHaveInbox(this.#context);
    const { operation, tenant, app, user } = this.#intent;
    const { resource } = options;
    const event = postEvent(this.#context, this.#intent, { params, resource });
    const transaction = await insertInto(tx, {
      event: event.id,
      tenant,
      type: event.names.lifecycle ?? "",
      params: event.data["params"],
      app: app?.slug,
      user,
      resource,
      operation,
    });
    // Before its commit, which is the caller's next step.
    await this.#note(transaction);
    this.#isWritten = true;
  }

  async #note(transaction: HostTransaction): Promise<void> {
    if (this.#noted?.id === transaction.id && this.#noted.database === transaction.database) return;
    const { operation } = this.#intent;
    const commit = await this.#context.publish({
      conditions: [{ if: "intent.open", operation }],
      changes: [{ do: "intent.transaction", operation, transaction }],
    });
    if (commit.kind === "refused") throw new SignalboxError("conflict", `operation ${operation} has ended`);
    this.#noted = transaction;
    // One that is tried anew holds nothing yet.
    this.#isWritten = false;
  }
}

function mustHaveInbox({ inbox }: Pick<Context, "inbox">): void {
  if (inbox !== undefined) return;
  throw new SignalboxError(
    "unavailable",
    "SIGNALBOX_INBOX is not set: it names the database that transactions are noted of",
  );
}

import type { Json } from "../../domain/event.ts";
import { invalidField } from "../../errors.ts";
import type { HostTransaction } from "../../store/records.ts";

/** A transaction of a host, through whatever it speaks with PostgreSQL by. */

/**
 * Anything that runs one statement, with parameters `$1`, `$2`, …, in a transaction that is the host's to commit: a client of `pg` as it is, and
 * of others what `docs/inbox.md` shows. Its answer is the rows, or an object with `rows`.
 */
export interface Transaction {
  query(text: string, values: string[]): PromiseLike<unknown>;
}

/** What goes into the inbox. */
interface NewRow {
  readonly event: string;
  readonly tenant: string;
  readonly type: string;
  readonly params: Json | undefined;
  readonly app?: string | undefined;
  readonly user?: Json | undefined;
  readonly resource?: string | undefined;
  readonly operation?: string;
}

// Every parameter is a text, which every driver sends as it is; an empty one stands for none.
const insert = `INSERT INTO signalbox.inbox (event, tenant, type, params, app, actor, resource, operation)
  VALUES ($1::text::uuid, $2::text, $3::text, $4::text::json, nullif($5::text, ''), nullif($6::text, '')::json,
    nullif($7::text, ''), nullif($8::text, '')::uuid)
  RETURNING pg_current_xact_id()::text AS transaction, signalbox.inbox_identity() AS database`;

const current = "SELECT pg_current_xact_id()::text AS transaction, signalbox.inbox_identity() AS database";

/** One INSERT. Rejects with what the driver throws; the host's transaction is aborted then, as by any statement that fails. */
export async function insertInto(tx: Transaction, row: NewRow): Promise<HostTransaction> {
  const { event, tenant, type, params, app = "", user, resource = "", operation = "" } = row;
  const actor = user === undefined ? "" : JSON.stringify(user);
  return transactionIn(
    await asked(tx, insert, [event, tenant, type, JSON.stringify(params), app, actor, resource, operation]),
  );
}

/** Which transaction it is. */
export async function currentTransaction(tx: Transaction): Promise<HostTransaction> {
  return transactionIn(await asked(tx, current, []));
}

async function asked(tx: unknown, text: string, values: string[]): Promise<unknown> {
  if (typeof tx !== "object" && typeof tx !== "function") throw noTransaction();
  if (tx === null || typeof (tx as Partial<Transaction>).query !== "function") throw noTransaction();
  return (tx as Transaction).query(text, values);
}

function noTransaction(): Error {
  return invalidField("tx", "must have a method query(text, values), as a client of pg has; docs/inbox.md has others");
}

function transactionIn(answer: unknown): HostTransaction {
  const rows: unknown = Array.isArray(answer) ? answer : (answer as { readonly rows?: unknown } | undefined)?.rows;
  const row: unknown = Array.isArray(rows) ? rows[0] : undefined;
  const { transaction, database } = (row ?? {}) as Readonly<Record<string, unknown>>;
  if (typeof transaction === "string" && typeof database === "string") return { id: transaction, database };
  throw invalidField("tx", "query(text, values) must give the rows of the statement, or an object with rows");
}

import type { Client } from "pg";
import { defined } from "../../domain/defined.ts";
import { SignalboxError } from "../../errors.ts";
import type { HostTransaction } from "../../store/records.ts";
import {
  type AsideRow,
  type Inbox,
  type InboxFigures,
  type InboxRow,
  mostRowsCounted,
  type TransactionState,
  type WaitingQuery,
} from "../inbox.ts";
import { DatabaseConnection } from "./connection.ts";
import { inboxVersion } from "./schema.ts";

/** Held by the session that relays, so that two Signalboxes on one inbox do not share its events out among them. */
const relayLock = 5_491_204_917;

const rowColumns = `id, event, tenant, type, params::text AS params, app, actor::text AS actor, resource, operation,
  extract(epoch FROM created_at)::float8 * 1000 AS created_ms`;
/** $1 most rows, $2 most bytes, $3 tenants that are left out, $4 whether rows without one are. */
const waiting = `SELECT ${rowColumns} FROM (
    SELECT *, sum(bytes) OVER (ORDER BY id) - bytes AS before FROM (
      SELECT * FROM signalbox.inbox
        WHERE aside_at IS NULL AND (tenant IS NULL OR tenant <> ALL ($3::text[])) AND (tenant IS NOT NULL OR NOT $4)
        ORDER BY id LIMIT $1
    ) first
  ) bounded WHERE before = 0 OR before + bytes <= $2 ORDER BY id`;
const remove = "DELETE FROM signalbox.inbox WHERE id = ANY ($1::bigint[])";
const setAside =
  "UPDATE signalbox.inbox SET aside_at = clock_timestamp(), reason = $2 WHERE id = $1 AND aside_at IS NULL";
const asideColumns = `id, event, tenant, type, operation, extract(epoch FROM created_at)::float8 * 1000 AS created_ms, reason,
  extract(epoch FROM aside_at)::float8 * 1000 AS aside_ms`;
const asides = `SELECT ${asideColumns} FROM signalbox.inbox WHERE aside_at IS NOT NULL AND id > $1 ORDER BY id LIMIT $2`;
// One of those that have the same id: the host chose it.
const oneAside = "SELECT id FROM signalbox.inbox WHERE event = $1 AND aside_at IS NOT NULL ORDER BY id LIMIT 1";
const retry = `WITH found AS (SELECT ${asideColumns} FROM signalbox.inbox WHERE id = (${oneAside}) FOR UPDATE),
  changed AS (UPDATE signalbox.inbox i SET aside_at = NULL, reason = NULL FROM found WHERE i.id = found.id)
  SELECT * FROM found`;
const drop = `DELETE FROM signalbox.inbox WHERE id = (${oneAside}) RETURNING ${asideColumns}`;
const findByEvent = "SELECT reason FROM signalbox.inbox WHERE event = $1 ORDER BY id LIMIT 1";
const findByOperation = "SELECT reason FROM signalbox.inbox WHERE operation = $1 ORDER BY id LIMIT 1";
const identity = "SELECT signalbox.inbox_identity() AS identity";
const transactionState = "SELECT pg_xact_status($1::text::xid8) AS state";
const count = (where: string): string =>
  `(SELECT count(*) FROM (SELECT 1 FROM signalbox.inbox WHERE ${where} LIMIT ${mostRowsCounted}) counted)::int`;
const figures = `SELECT ${count("aside_at IS NULL")} AS waiting, ${count("aside_at IS NOT NULL")} AS aside,
  (SELECT extract(epoch FROM created_at)::float8 * 1000 FROM signalbox.inbox WHERE aside_at IS NULL ORDER BY id LIMIT 1) AS oldest_ms`;

interface RawRow {
  readonly id: string;
  readonly event: string;
  readonly tenant: string | null;
  readonly type: string;
  readonly params: string;
  readonly app: string | null;
  readonly actor: string | null;
  readonly resource: string | null;
  readonly operation: string | null;
  readonly created_ms: number;
}

interface RawAside extends Pick<RawRow, "id" | "event" | "tenant" | "type" | "operation" | "created_ms"> {
  readonly reason: string;
  readonly aside_ms: number;
}

/** @param url `postgres://user:password@host:5432/database`. Nothing is connected to before it is used. */
export function postgresInbox(url: string): Inbox {
  return new PostgresInbox(url);
}

class PostgresInbox implements Inbox {
  readonly #connection: DatabaseConnection;
  readonly #listeners: (() => void)[] = [];
  /** Whether the present connection has the lock. A new one does not. */
  #relays = false;
  #identity: string | undefined;

  constructor(url: string) {
    this.#connection = new DatabaseConnection(url, {
      connected: (client) => this.#connected(client),
      hinted: () => {
        for (const listener of this.#listeners) listener();
      },
    });
  }

  get name(): string {
    return this.#connection.name;
  }

  async #connected(client: Client): Promise<void> {
    this.#relays = false;
    const { rows } = await client.query<{ readonly version: number }>("SELECT signalbox.inbox_version() AS version");
    const version = rows[0]?.version ?? 0;
    if (version === inboxVersion) return;
    const remedy = version > inboxVersion ? "run a newer Signalbox" : "run: signalbox inbox install <url>";
    throw new SignalboxError(
      "unavailable",
      `the inbox at ${this.name} has version ${version} of its schema, and this Signalbox wants ${inboxVersion}: ${remedy}`,
    );
  }

  async waiting(query: WaitingQuery): Promise<InboxRow[]> {
    if (!this.#relays) await this.#lock();
    const { max, maxBytes, exceptTenants } = query;
    const named = exceptTenants.filter((tenant) => tenant !== null);
    const rows = await this.#connection.query<RawRow>(waiting, [max, maxBytes, named, exceptTenants.includes(null)]);
    // Asked on a new connection, which another session may have been quicker than.
    return this.#relays ? rows.map(inboxRow) : this.waiting(query);
  }

  /** @throws SignalboxError `unavailable` when another session has it. */
  async #lock(): Promise<void> {
    const [answer] = await this.#connection.query<{ readonly locked: boolean }>(
      "SELECT pg_try_advisory_lock($1::bigint) AS locked",
      [relayLock],
    );
    if (answer?.locked === true) {
      this.#relays = true;
      return;
    }
    throw new SignalboxError(
      "unavailable",
      `the inbox at ${this.name} is relayed from by another Signalbox: give each a database of its own`,
    );
  }

  async remove(ids: readonly string[]): Promise<void> {
    await this.#connection.query(remove, [ids]);
  }

  async setAside(id: string, reason: string): Promise<void> {
    await this.#connection.query(setAside, [id, reason.replaceAll("\0", "\u2400")]);
  }

  async asides({ max, after = "0" }: { readonly max: number; readonly after?: string }): Promise<AsideRow[]> {
    return (await this.#connection.query<RawAside>(asides, [after, max])).map(asideRow);
  }

  async retry(event: string): Promise<AsideRow | undefined> {
    const [row] = await this.#connection.query<RawAside>(retry, [event]);
    return row === undefined ? undefined : asideRow(row);
  }

  async drop(event: string): Promise<AsideRow | undefined> {
    const [row] = await this.#connection.query<RawAside>(drop, [event]);
    return row === undefined ? undefined : asideRow(row);
  }

  async find(
    by: { readonly event: string } | { readonly operation: string },
  ): Promise<{ readonly reason?: string } | undefined> {
    const [row] = await this.#connection.query<{ readonly reason: string | null }>(
      "event" in by ? findByEvent : findByOperation,
      ["event" in by ? by.event : by.operation],
    );
    return row === undefined ? undefined : defined({ reason: row.reason ?? undefined });
  }

  async stateOf({ id, database }: HostTransaction): Promise<TransactionState> {
    this.#identity ??= (await this.#connection.query<{ readonly identity: string }>(identity))[0]?.identity;
    if (database !== this.#identity) return "unknown";
    try {
      const [row] = await this.#connection.query<{ readonly state: TransactionState | null }>(transactionState, [id]);
      return row?.state ?? "unknown";
    } catch (thrown) {
      // In the future of this database, which was restored from before it.
      if (codeOf(thrown) === "22023") return "unknown";
      throw thrown;
    }
  }

  async figures(): Promise<InboxFigures> {
    const [row] = await this.#connection.query<{ waiting: number; aside: number; oldest_ms: number | null }>(figures);
    if (row === undefined) throw new RangeError("a query without a table has one row");
    return { waiting: row.waiting, aside: row.aside, ...defined({ oldestWaitingMs: row.oldest_ms ?? undefined }) };
  }

  listen(hinted: () => void): void {
    this.#listeners.push(hinted);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#connection.close();
  }
}

function codeOf(thrown: unknown): unknown {
  const cause: unknown = thrown instanceof Error ? thrown.cause : undefined;
  return cause instanceof Error && "code" in cause ? cause.code : undefined;
}

function inboxRow(row: RawRow): InboxRow {
  const { id, event, tenant, type, params, app, actor, resource, operation, created_ms: createdMs } = row;
  const named = { tenant: tenant ?? undefined, app: app ?? undefined, actor: actor ?? undefined };
  const about = { resource: resource ?? undefined, operation: operation ?? undefined };
  return { id, event, type, params, createdMs, ...defined({ ...named, ...about }) };
}

function asideRow({ id, event, tenant, type, operation, created_ms, reason, aside_ms }: RawAside): AsideRow {
  const named = defined({ tenant: tenant ?? undefined, operation: operation ?? undefined });
  return { id, event, type, createdMs: created_ms, reason, asideMs: aside_ms, ...named };
}

import { type ClientBase, Pool } from "pg";
import type { Log } from "../../log.ts";
import type { Reads, Repeated, Row, Sql } from "../sql/step.ts";
import { clientConfig, type Patience, queryRows } from "./connection.ts";
import { postgresQuery, upTo } from "./dialect.ts";
import { isGone, isPassing, stateOf, unreachable } from "./faults.ts";

/** Connections that read, each for one statement at a time. */
const connections = 4;
const idleMs = 60_000;

interface ReadsOptions {
  readonly url: string;
  readonly log: Log;
  readonly patience: Patience;
  /** Of each connection. */
  readonly name?: string;
  readonly check?: (client: ClientBase) => Promise<void>;
}

/** Reads of the store, each by itself: what was committed before it began, it sees. */
export class PoolReads implements Reads, Repeated {
  readonly #open: () => Pool;
  #pool: Pool;
  /** What is asked of each pool: of one that was given up until it is answered. */
  readonly #asked = new Map<Pool, number>();

  /** @param check run on each new connection, which is not used where it throws */
  constructor({ url, log, patience, name, check = async () => {} }: ReadsOptions) {
    this.#open = () => {
      const config = { ...clientConfig(url, patience, name), max: connections, idleTimeoutMillis: idleMs };
      // The pool waits for it, which its types do not say.
      const onConnect = check as (client: ClientBase) => unknown;
      const pool = new Pool({ ...config, onConnect });
      pool.on("error", (error) => log.warn({ error: error.message }, "a connection to PostgreSQL was lost"));
      return pool;
    };
    this.#pool = this.#open();
  }

  /** What is asked from now on is asked on new connections. */
  renew(): void {
    const before = this.#pool;
    this.#pool = this.#open();
    this.#endIfLeft(before);
  }

  async all(sql: string, ...params: readonly Sql[]): Promise<Row[]> {
    return this.#ask((pool) => queryRows(pool, postgresQuery({ sql, params })));
  }

  async get(sql: string, ...params: readonly Sql[]): Promise<Row | undefined> {
    return (await this.all(sql, ...params))[0];
  }

  async one<T>(read: (row: Row) => T, sql: string, ...params: readonly Sql[]): Promise<T | undefined> {
    const row = await this.get(sql, ...params);
    return row === undefined ? undefined : read(row);
  }

  async upTo(maxCharacters: number, sql: string, params: readonly Sql[]): Promise<Row[]> {
    return this.#ask((pool) => queryRows(pool, upTo({ sql, params }, maxCharacters)));
  }

  /** Asked anew each time: other nodes write too. */
  of<T>(sql: string, read: (row: Row) => T) {
    return (...params: readonly string[]): Promise<T | undefined> => this.one(read, sql, ...params);
  }

  async close(): Promise<void> {
    await this.#pool.end();
  }

  /**
   * Once more where PostgreSQL ended the connection, as it does with all of them when it is restarted. What it refuses is thrown on; that it cannot be
   * asked, or takes too long, is told in our words.
   */
  async #ask<T>(ask: (pool: Pool) => Promise<T>): Promise<T> {
    try {
      return await this.#askOnce(ask).catch((error: unknown) => {
        if (isEnded(error)) return this.#askOnce(ask);
        throw error;
      });
    } catch (error) {
      throw isGone(error) || isPassing(error) ? unreachable(error) : error;
    }
  }

  async #askOnce<T>(ask: (pool: Pool) => Promise<T>): Promise<T> {
    const pool = this.#pool;
    this.#asked.set(pool, (this.#asked.get(pool) ?? 0) + 1);
    try {
      return await ask(pool);
    } finally {
      this.#asked.set(pool, (this.#asked.get(pool) ?? 1) - 1);
      this.#endIfLeft(pool);
    }
  }

  /** Not before all is answered: a pool that ends answers nothing that waits for a connection. */
  #endIfLeft(pool: Pool): void {
    if (pool === this.#pool || (this.#asked.get(pool) ?? 0) > 0) return;
    this.#asked.delete(pool);
    pool.end().catch(() => {});
  }
}

/** By the server, or by what is between: not by a time-out of ours. */
function isEnded(error: unknown): boolean {
  return (
    stateOf(error).startsWith("57P") ||
    (error instanceof Error && /^Connection terminated|ECONNRESET|EPIPE/.test(error.message))
  );
}

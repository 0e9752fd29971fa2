import { Pool } from "pg";
import type { Log } from "../../log.ts";
import type { Reads, Repeated, Row, Sql } from "../sql/step.ts";
import { clientConfig, type Patience, queryRows } from "./connection.ts";
import { postgresQuery, upTo } from "./dialect.ts";
import { isGone, isPassing, stateOf, unreachable } from "./faults.ts";

/** Connections that read, each for one statement at a time. */
const connections = 4;
const idleMs = 60_000;

/** Reads of the store, each by itself: what was committed before it began, it sees. */
export class PoolReads implements Reads, Repeated {
  readonly #pool: Pool;

  constructor(url: string, log: Log, patience: Patience, name?: string) {
    this.#pool = new Pool({ ...clientConfig(url, patience, name), max: connections, idleTimeoutMillis: idleMs });
    this.#pool.on("error", (error) => log.warn({ error: error.message }, "a connection to PostgreSQL was lost"));
  }

  async all(sql: string, ...params: readonly Sql[]): Promise<Row[]> {
    return this.#ask(() => queryRows(this.#pool, postgresQuery({ sql, params })));
  }

  async get(sql: string, ...params: readonly Sql[]): Promise<Row | undefined> {
    return (await this.all(sql, ...params))[0];
  }

  async one<T>(read: (row: Row) => T, sql: string, ...params: readonly Sql[]): Promise<T | undefined> {
    const row = await this.get(sql, ...params);
    return row === undefined ? undefined : read(row);
  }

  async upTo(maxCharacters: number, sql: string, params: readonly Sql[]): Promise<Row[]> {
    return this.#ask(() => queryRows(this.#pool, upTo({ sql, params }, maxCharacters)));
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
  async #ask<T>(ask: () => Promise<T>): Promise<T> {
    try {
      return await ask().catch((error: unknown) => {
        if (isEnded(error)) return ask();
        throw error;
      });
    } catch (error) {
      throw isGone(error) || isPassing(error) ? unreachable(error) : error;
    }
  }
}

/** By the server, or by what is between: not by a time-out of ours. */
function isEnded(error: unknown): boolean {
  return (
    stateOf(error).startsWith("57P") ||
    (error instanceof Error && /^Connection terminated|ECONNRESET|EPIPE/.test(error.message))
  );
}

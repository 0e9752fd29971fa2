import type { Client } from "pg";
import { SignalboxError } from "../../errors.ts";
import type { Log } from "../../log.ts";
import { connect, stateOf, unreachable } from "./connection.ts";

/** Of the advisory lock that the one process holds which works on the database. */
const lockKey = 5_126_401;
/** A process that was killed a moment ago, or a connection that was lost, holds it until PostgreSQL knows. */
const lockWaitMs = 2_000;
const lockNotAvailable = "55P03";

/**
 * The connection that writes, and with it the right to: it holds a lock of the session, so that no other process works on the same database, and none of
 * this one's after its connection was lost and before PostgreSQL knows that. It is opened again when it is asked for.
 */
export class Session {
  readonly #url: string;
  readonly #log: Log;
  #client: Promise<Client> | undefined;
  #closed = false;

  constructor(url: string, log: Log) {
    this.#url = url;
    this.#log = log;
  }

  /** @throws SignalboxError `unavailable` where there is no connection to be had; `conflict` where another process has the database. */
  client(): Promise<Client> {
    if (this.#closed) return Promise.reject(new SignalboxError("unavailable", "the store is closed"));
    this.#client ??= this.#open();
    return this.#client;
  }

  async close(): Promise<void> {
    this.#closed = true;
    const client = await this.#client?.catch(() => undefined);
    await client?.end();
  }

  async #open(): Promise<Client> {
    try {
      const client = await connect(this.#url, this.#log);
      client.once("end", () => {
        this.#client = undefined;
      });
      await lock(client);
      return client;
    } catch (error) {
      this.#client = undefined;
      throw error instanceof SignalboxError || stateOf(error) !== "" ? error : unreachable(error);
    }
  }
}

async function lock(client: Client): Promise<void> {
  try {
    await client.query(`SET lock_timeout = ${lockWaitMs}`);
    await client.query(`SELECT pg_advisory_lock(${lockKey})`);
    await client.query("RESET lock_timeout");
  } catch (error) {
    await client.end();
    if (stateOf(error) !== lockNotAvailable) throw error;
    throw new SignalboxError(
      "conflict",
      "the database is in use by another Signalbox process: stop that one, or choose another database with SIGNALBOX_STORE",
    );
  }
}

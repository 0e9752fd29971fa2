import { setTimeout as pause } from "node:timers/promises";
import type { Client } from "pg";
import { SignalboxError } from "../../errors.ts";
import type { Log } from "../../log.ts";
import { connect, type Patience, type PostgresConnection } from "./connection.ts";
import { unreachable } from "./faults.ts";
import { writerIdleMs } from "./members.ts";
import { isStandby } from "./timeline.ts";

/** Of the advisory lock that one process has alone, or several nodes have together. */
const lockKey = 5_126_401;
const lockAgainMs = 100;
/** After a connection could not be had, the next is tried for no sooner. */
const connectAgainMs = 250;

const whoAmI = `SELECT pg_backend_pid() AS pid, pg_is_in_recovery() AS standby,
  (SELECT backend_start::text FROM pg_stat_activity WHERE pid = pg_backend_pid()) AS began`;
/**
 * A node asks something on it every 2 s at the least. One that is frozen may hold locks of parts of the log that are its own by no row any more, and have no
 * row itself by which others know of it: PostgreSQL ends its connection.
 */
const noLongerIdle = `SET idle_session_timeout = ${writerIdleMs}`;
/** Waits for its end, too. */
const endBackend =
  "SELECT pg_terminate_backend(pid, $3) AS ended FROM pg_stat_activity WHERE pid = $1 AND backend_start::text = $2";

/** A process of PostgreSQL's. */
interface Backend {
  readonly pid: number;
  readonly standby: number;
  readonly began: string;
}

interface SessionOptions {
  readonly url: string;
  /** Of the connection. */
  readonly name: string;
  /** No other works on the database meanwhile. */
  readonly isAlone: boolean;
  readonly log: Log;
  readonly patience: Patience;
  /** Run on each new connection, as soon as it holds the lock. */
  readonly prepare: (connection: PostgresConnection) => Promise<void>;
}

/**
 * The connection that writes, and with it the right to: what this process may write it has by locks of this session, so that no other process writes the
 * same, and this one does not after its connection was lost and before PostgreSQL knows that. It is opened again when it is asked for, and what the one
 * before it had under way is over then: done or not, but not to be done any more.
 */
export class Session {
  readonly #options: SessionOptions;
  #connection: Promise<PostgresConnection> | undefined;
  /** Of the last connection. */
  #backend: Backend | undefined;
  #closed = false;
  #failed: { readonly error: SignalboxError; readonly untilMs: number } | undefined;

  constructor(options: SessionOptions) {
    this.#options = options;
  }

  get isClosed(): boolean {
    return this.#closed;
  }

  /** @throws SignalboxError `unavailable` where there is no connection to be had; `conflict` where another process has the database at the start. */
  async connection(): Promise<PostgresConnection> {
    for (;;) {
      if (this.#closed) throw new SignalboxError("unavailable", "the store is closed");
      if (this.#failed !== undefined && performance.now() < this.#failed.untilMs) throw this.#failed.error;
      this.#connection ??= this.#open();
      const connection = await this.#connection;
      if (!connection.isOver) return connection;
      await this.lost(connection);
    }
  }

  async client(): Promise<Client> {
    return (await this.connection()).client;
  }

  /** It is not to be used any more: it may be half dead. */
  async lost(connection: PostgresConnection): Promise<void> {
    connection.destroy();
    if ((await this.#connection?.catch(() => undefined)) === connection) this.#connection = undefined;
  }

  /**
   * Reads what the connection before this one has left. Also where another process has the database by now: it had to wait for the end of that
   * connection.
   */
  async settled<T>(read: (client: Client) => Promise<T>): Promise<T> {
    try {
      return await read(await this.client());
    } catch (error) {
      if (!(error instanceof TakenError)) throw error;
    }
    const { url, name, log, patience } = this.#options;
    const aside = await connect(url, log, patience, name);
    try {
      return await read(aside.client);
    } finally {
      await aside.end();
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    const connection = await this.#connection?.catch(() => undefined);
    await connection?.end();
  }

  async #open(): Promise<PostgresConnection> {
    let connection: PostgresConnection | undefined;
    try {
      const { url, name, isAlone, log, patience, prepare } = this.#options;
      connection = await connect(url, log, patience, name);
      const opened = connection;
      opened.client.once("end", () => void this.lost(opened));
      if (!isAlone) await opened.client.query(noLongerIdle);
      await this.#lock(opened.client);
      await prepare(opened);
      if (opened.isUnreplicated) throw new Error("no standby has what was written last");
      if (this.#closed) throw new Error("the store is closed");
      this.#failed = undefined;
      return opened;
    } catch (thrown) {
      connection?.destroy();
      this.#connection = undefined;
      const error = unreachable(thrown);
      this.#failed = { error, untilMs: performance.now() + connectAgainMs };
      throw error;
    }
  }

  async #lock(client: Client): Promise<void> {
    const { patience, isAlone, log } = this.#options;
    const { rows } = await client.query(whoAmI);
    const backend = rows[0] as Backend;
    if (backend.standby === 1) throw isStandby();
    const before = this.#backend;
    if (before !== undefined) await end(client, before, patience.lockMs);
    const untilMs = performance.now() + patience.lockMs;
    while (!(await isLocked(client, isAlone))) {
      if (this.#closed || performance.now() > untilMs) throw new TakenError(before === undefined, isAlone);
      await pause(lockAgainMs);
    }
    this.#backend = backend;
    if (before !== undefined) log.info({}, "connected to PostgreSQL again");
  }
}

/** What it has under way must be over: it may still be made otherwise, after it was told that it was not. */
async function end(client: Client, { pid, began }: Backend, waitMs: number): Promise<void> {
  const { rows } = await client.query(endBackend, [pid, began, waitMs]);
  const [found] = rows as readonly { readonly ended: number }[];
  if (found?.ended === 0) throw new SignalboxError("unavailable", "the connection before this one has not ended yet");
}

async function isLocked(client: Client, isAlone: boolean): Promise<boolean> {
  const { rows } = await client.query(`SELECT pg_try_advisory_lock${isAlone ? "" : "_shared"}(${lockKey}) AS mine`);
  return (rows[0] as { readonly mine: number } | undefined)?.mine === 1;
}

/** Another process has the database. */
class TakenError extends SignalboxError {
  constructor(atStart: boolean, isAlone: boolean) {
    super(
      atStart ? "conflict" : "unavailable",
      isAlone
        ? "the database is in use by another Signalbox process: stop that one, or choose another database with SIGNALBOX_STORE; several work together where all keep bytes in a bucket, see SIGNALBOX_BLOBS"
        : "the database is in use by a Signalbox process that keeps bytes in its data folder: stop that one, or choose another database with SIGNALBOX_STORE",
    );
  }
}

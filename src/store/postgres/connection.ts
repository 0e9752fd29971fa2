import { Socket } from "node:net";
import { Client, type ClientConfig, types } from "pg";
import type { Log } from "../../log.ts";
import type { Row } from "../sql/step.ts";
import type { postgresQuery } from "./dialect.ts";

/** Tables, functions and sequences are in a schema of this name. */
export const schemaName = "signalbox";

/** How long PostgreSQL is waited for, in milliseconds. */
export interface Patience {
  /** For a connection. */
  readonly connectMs: number;
  /** No statement of ours takes so long where all is well; one that does is ended, and its connection with it. */
  readonly statementMs: number;
  /** A caller who writes is answered after this, whatever is known by then. */
  readonly answerMs: number;
  /** For the lock of the database at the start: PostgreSQL takes some seconds to learn that the machine of a process before this one is gone. */
  readonly lockMs: number;
}

export const patience: Patience = { connectMs: 5_000, statementMs: 10_000, answerMs: 10_000, lockMs: 8_000 };
/** Of `statementMs`: a statement that PostgreSQL has not ended by then has lost its connection. */
const grace = 1.2;
const endMs = 2_000;

/** Whole numbers, true and false become numbers, as every row of the store has them; JSON stays text. */
const own = new Map<number, (value: string) => unknown>([
  [types.builtins.INT8, Number],
  [types.builtins.NUMERIC, Number],
  [types.builtins.BOOL, (value) => (value === "t" ? 1 : 0)],
  [types.builtins.JSON, (value) => value],
]);
const parsers: NonNullable<ClientConfig["types"]> = {
  getTypeParser: (oid, format) => own.get(oid) ?? types.getTypeParser(oid, format),
};

/**
 * The statements are written to go along indexes, one row of one table after the other, as SQLite runs them. A plan is made once for each of a
 * connection's statements, whatever its values; it must not depend on how much a table that is nearly empty has in it at that moment, or is
 * believed to have, and so what else PostgreSQL could do is ruled out. `test/postgres/plans.test.ts` holds them to it.
 */
const planning = [
  "plan_cache_mode=force_generic_plan",
  "enable_seqscan=off",
  "enable_bitmapscan=off",
  "enable_hashjoin=off",
  "enable_mergejoin=off",
  "enable_sort=off",
  "max_parallel_workers_per_gather=0",
  "jit=off",
] as const;

/** Of all connections of a node: by it others end what is left of them. */
export function nameOfNode(node: string): string {
  return `signalbox ${node}`;
}

/** How every connection to the database is opened. */
export function clientConfig(
  url: string,
  { connectMs, statementMs }: Patience = patience,
  name = "signalbox",
): ClientConfig {
  const { place, given } = withoutOptions(url);
  return {
    connectionString: place,
    types: parsers,
    connectionTimeoutMillis: connectMs,
    keepAlive: true,
    query_timeout: statementMs * grace,
    application_name: name,
    options: [
      `search_path=${schemaName}`,
      `statement_timeout=${statementMs}`,
      `lock_timeout=${Math.ceil(statementMs / 2)}`,
      "idle_in_transaction_session_timeout=10000",
      "tcp_keepalives_idle=2",
      "tcp_keepalives_interval=1",
      "tcp_keepalives_count=3",
      "tcp_user_timeout=5000",
      "synchronous_commit=on",
      ...planning,
    ]
      .map((setting) => `-c ${setting}`)
      .reduce((all, setting) => `${all} ${setting}`, given),
  };
}

/** What the URL itself sets would stand instead of what is set here, and not before it. */
function withoutOptions(url: string): { readonly place: string; readonly given: string } {
  const parsed = new URL(url);
  const given = parsed.searchParams.get("options");
  if (given === null) return { place: url, given: "" };
  parsed.searchParams.delete("options");
  return { place: parsed.href, given };
}

/** One connection, on which statements are sent one behind the other without waiting for answers. */
export interface PostgresConnection {
  readonly client: Client;
  /** It is lost, and takes nothing any more. */
  readonly isOver: boolean;
  /** A commit on it was answered though no standby has it: an operator cancelled the wait. */
  readonly isUnreplicated: boolean;
  /** In order; at once where it cannot be. */
  end(): Promise<void>;
  /** At once: what it was asked has no answer. */
  destroy(): void;
}

/** Where PostgreSQL says so; the text depends on its language. */
const unreplicated = "SyncRepWaitForLSN";

export async function connect(
  url: string,
  log: Log,
  bounds: Patience = patience,
  name?: string,
): Promise<PostgresConnection> {
  const socket = new Socket();
  const client = new Client({ ...clientConfig(url, bounds, name), pipeline: true, stream: () => socket });
  let isOver = false;
  let isUnreplicated = false;
  // Told once more by the statement that it ends.
  client.on("error", (error) => {
    if (!isOver) log.warn({ error: error.message }, "a connection to PostgreSQL was lost");
    isOver = true;
  });
  client.once("end", () => {
    isOver = true;
  });
  client.on("notice", ({ routine }) => {
    if (routine === unreplicated) isUnreplicated = true;
  });
  try {
    await client.connect();
  } catch (thrown) {
    socket.destroy();
    throw thrown;
  }
  const destroy = (): void => void socket.destroy();
  return {
    client,
    get isOver() {
      return isOver;
    },
    get isUnreplicated() {
      return isUnreplicated;
    },
    end: async () => {
      const timer = setTimeout(destroy, endMs);
      await client.end();
      clearTimeout(timer);
    },
    destroy,
  };
}

/** Rows of a statement of `store/sql`. */
export async function queryRows(
  client: { query(query: ReturnType<typeof postgresQuery>): Promise<{ readonly rows: unknown[] }> },
  query: ReturnType<typeof postgresQuery>,
): Promise<Row[]> {
  return (await client.query(query)).rows as Row[];
}

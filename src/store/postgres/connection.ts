import { Client, type ClientConfig, types } from "pg";
import { SignalboxError } from "../../errors.ts";
import type { Log } from "../../log.ts";
import type { Row } from "../sql/step.ts";
import type { postgresQuery } from "./dialect.ts";

/** Tables, functions and sequences are in a schema of this name. */
export const schemaName = "signalbox";

/** No statement of ours takes so long where all is well; one that does is ended, and its connection with it. */
const statementMs = 30_000;
const connectMs = 5_000;

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

/** How every connection to the database is opened. */
export function clientConfig(url: string): ClientConfig {
  return {
    connectionString: url,
    types: parsers,
    connectionTimeoutMillis: connectMs,
    keepAlive: true,
    query_timeout: statementMs + connectMs,
    application_name: "signalbox",
    options: [
      `search_path=${schemaName}`,
      `statement_timeout=${statementMs}`,
      "lock_timeout=10000",
      "idle_in_transaction_session_timeout=10000",
      "tcp_keepalives_idle=2",
      "tcp_keepalives_interval=1",
      "tcp_keepalives_count=3",
      "synchronous_commit=on",
      ...planning,
    ]
      .map((setting) => `-c ${setting}`)
      .join(" "),
  };
}

/** One connection, on which statements are sent one behind the other without waiting for answers. */
export async function connect(url: string, log: Log): Promise<Client> {
  const client = new Client({ ...clientConfig(url), pipeline: true });
  // Told once more by the statement that it ends.
  client.on("error", (error) => log.warn({ error: error.message }, "a connection to PostgreSQL was lost"));
  await client.connect();
  return client;
}

/** Rows of a statement of `store/sql`. */
export async function queryRows(
  client: { query(query: ReturnType<typeof postgresQuery>): Promise<{ readonly rows: unknown[] }> },
  query: ReturnType<typeof postgresQuery>,
): Promise<Row[]> {
  return (await client.query(query)).rows as Row[];
}

/** SQLSTATE of what PostgreSQL answered; empty for what it is not who says it. */
export function stateOf(error: unknown): string {
  return error instanceof Error && "code" in error && typeof error.code === "string" && /^[0-9A-Z]{5}$/.test(error.code)
    ? error.code
    : "";
}

const diskFull = "53100";

export function isFull(error: unknown): boolean {
  return stateOf(error) === diskFull;
}

/** Whether it is about the connection or the server, and not about the statement. */
export function isGone(error: unknown): boolean {
  const state = stateOf(error);
  return state === "" || state.startsWith("08") || state.startsWith("57P") || state === "25P03";
}

/** What a caller gets where the database cannot be asked. */
export function unreachable(error: unknown): SignalboxError {
  const message = error instanceof Error ? error.message : String(error);
  return new SignalboxError("unavailable", `the database did not answer: ${message}`, { cause: error });
}

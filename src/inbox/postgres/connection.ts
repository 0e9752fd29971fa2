import type { Client, QueryResult } from "pg";
import { asError, SignalboxError } from "../../errors.ts";

/** The one connection to a host's database, made when it is first needed and again after it broke. */

const connectMs = 5_000;
/** The server ends a statement by itself after this; one that says nothing by then, some seconds later, is gone. */
const statementMs = 15_000;
const answerMs = 20_000;

/** What a host sends a notification on, where it wants to be quicker than the next look. */
const hintChannel = "signalbox_inbox";

/** `db.example:5432/shop`: what may be shown of a URL. */
export function nameOf(url: string): string {
  const { hostname, port, pathname, searchParams } = new URL(url);
  const host = searchParams.get("host") ?? (hostname === "" ? "localhost" : decodeURIComponent(hostname));
  return `${host}:${port === "" ? "5432" : port}${pathname === "" ? "/" : decodeURIComponent(pathname)}`;
}

export class DatabaseConnection {
  readonly name: string;
  readonly #url: string;
  /** Runs what each new connection needs. */
  readonly #prepare: (client: Client) => Promise<void>;
  readonly #hinted: () => void;
  #client: Promise<Client> | undefined;
  /** The same, once it can be used. */
  #current: Client | undefined;
  #closed = false;

  constructor(url: string, on: { readonly connected: (client: Client) => Promise<void>; readonly hinted: () => void }) {
    this.name = nameOf(url);
    this.#url = url;
    this.#prepare = on.connected;
    this.#hinted = on.hinted;
  }

  /** @throws SignalboxError `unavailable`, with what is to be done. */
  async query<Row extends object>(text: string, values: readonly unknown[] = []): Promise<readonly Row[]> {
    let client: Client | undefined;
    try {
      client = await this.#connected();
      const { rows }: QueryResult<Row> = await client.query<Row>(text, [...values]);
      return rows;
    } catch (thrown) {
      // What PostgreSQL refuses it refuses by a state. Anything else leaves a connection whose next answer may be that of this statement.
      if (client !== undefined && stateOf(thrown) === undefined) this.#drop(client);
      throw inboxRefusal(this.name, thrown);
    }
  }

  #drop(client: Client): void {
    this.#gone(client);
    void client.end().catch(() => {});
  }

  /** By the time that one is known to be gone there may be another. */
  #gone(client: Client): void {
    if (this.#current !== client) return;
    this.#current = undefined;
    this.#client = undefined;
  }

  async #connected(): Promise<Client> {
    if (this.#closed) throw new Error("it is closed");
    this.#client ??= this.#connect();
    const asked = this.#client;
    try {
      return await asked;
    } catch (thrown) {
      // The others who waited for it may have begun anew already.
      if (this.#client === asked) this.#client = undefined;
      throw thrown;
    }
  }

  async #connect(): Promise<Client> {
    // Loaded where there is an inbox at all.
    const { default: pg } = await import("pg");
    const client = new pg.Client({
      connectionString: this.#url,
      connectionTimeoutMillis: connectMs,
      query_timeout: answerMs,
      statement_timeout: statementMs,
      keepAlive: true,
      application_name: "signalbox",
    });
    const gone = (): void => {
      this.#gone(client);
      // What waited for something on it looks again, and finds out.
      this.#hinted();
    };
    client.on("error", gone).on("end", gone).on("notification", this.#hinted);
    try {
      await client.connect();
      await client.query(`LISTEN ${hintChannel}`);
      await this.#prepare(client);
    } catch (thrown) {
      void client.end().catch(() => {});
      throw thrown;
    }
    this.#current = client;
    return client;
  }

  async close(): Promise<void> {
    this.#closed = true;
    const client = await this.#client?.catch(() => undefined);
    this.#client = undefined;
    await client?.end().catch(() => {});
  }
}

const unprepared: ReadonlySet<unknown> = new Set(["42P01", "3F000", "42883", "42703"]);

/** What PostgreSQL or the way to it said, in a sentence that ends with the remedy. It never repeats the URL, which may hold a password. */
function inboxRefusal(name: string, thrown: unknown): SignalboxError {
  if (thrown instanceof SignalboxError) return thrown;
  const error: Error & { readonly code?: unknown } = asError(thrown);
  const { code } = error;
  const state = stateOf(thrown);
  // Of a host with several addresses the error has no message of its own.
  const said = error.message === "" ? String(code) : error.message;
  const about = (what: string): SignalboxError =>
    new SignalboxError("unavailable", `the inbox at ${name} ${what}`, { cause: thrown });
  if (unprepared.has(code)) {
    return about(`is not prepared: ${said}. Run: signalbox inbox install <url>, as a role that may create there`);
  }
  if (code === "42501") {
    return about(
      `does not let Signalbox' role in: ${said}. Run, as its owner: signalbox inbox install <url> --relay <role>`,
    );
  }
  if (code === "28P01" || code === "28000") return about(`refuses the user or password of SIGNALBOX_INBOX: ${said}`);
  if (code === "3D000") return about(`is not there: ${said}`);
  // A state of SQL, but those of a server that comes, goes, or has no room for one more.
  const refuses = state !== undefined && !/^(08|53|57P)/.test(state);
  return about(refuses ? `refused a statement: ${said} (${state})` : `cannot be reached: ${said}`);
}

/** Of SQL: what PostgreSQL itself has said. Those of the system begin with E: EPIPE. */
function stateOf(thrown: unknown): string | undefined {
  const code: unknown = thrown instanceof Error && "code" in thrown ? thrown.code : undefined;
  return typeof code === "string" && /^(?!E)[0-9A-Z]{5}$/.test(code) ? code : undefined;
}

import type { ClientBase } from "pg";
import { SignalboxError } from "../../errors.ts";
import { shardCount } from "../cluster.ts";
import { sequencesPerMs } from "../sql/events-sql.ts";
import type { Row } from "../sql/step.ts";
import { type PostgresConnection, queryRows } from "./connection.ts";
import { postgresQuery } from "./dialect.ts";
import { commit } from "./flight.ts";

const numbersPerMs = sequencesPerMs / shardCount;
const current = "('x' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8))::bit(32)::bigint";
const read = `SELECT ${current} AS timeline`;
/** Nodes that enter at once do so one after the other. */
const readKnown = "SELECT value AS known FROM meta WHERE key = 'timeline' FOR UPDATE";
/** A standby has none of its own. */
const look = `SELECT CASE WHEN pg_is_in_recovery() THEN NULL ELSE ${current} END AS timeline`;
/**
 * Half a minute ahead of the clock, of which sequences are never behind: whatever the server before gave out was given by its clock, and no time that
 * events are looked for by is as exact as that.
 */
const moveOn = `SELECT setval('event_number',
  greatest(nextval('event_number'), (extract(epoch FROM clock_timestamp()) * ${1_000 * numbersPerMs})::bigint + ${30_000 * numbersPerMs}))`;
const keep =
  "INSERT INTO meta (key, value) VALUES ('timeline', ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value";

/**
 * Which of several servers is the one to work on. A server that was promoted, or restored, is on another timeline than the one that was written to before:
 * that one may still be there, and be led to, but it lacks what was written since.
 */
export class Timelines {
  /** Of those that were written to. */
  #greatest = 0;
  readonly #risen: (() => void)[] = [];

  /** Told when another server is written to than before: what is connected to that one is to be given up. */
  onRise(risen: () => void): void {
    this.#risen.push(risen);
  }

  /**
   * Run on each new connection that writes. A server on another timeline may lack commits that were acknowledged, and would give their sequences, from which the
   * ids of deliveries follow, to other events. So then sequences go on behind them. What it writes is a commit in any case: once that is made, a
   * synchronous standby has what was committed before it, too.
   */
  async enter(connection: PostgresConnection): Promise<void> {
    const { client } = connection;
    await client.query("BEGIN");
    const [row] = await queryRows(client, postgresQuery({ sql: read, params: [] }));
    const timeline = Number(row?.["timeline"]);
    this.#refuseOlder(timeline);
    const [entered] = await queryRows(client, postgresQuery({ sql: readKnown, params: [] }));
    if (entered !== undefined && entered["known"] !== timeline) await client.query(moveOn);
    await client.query(postgresQuery({ sql: keep, params: [timeline] }));
    const ending = await commit(connection);
    if (ending.kind !== "committed") throw ending.error;
    const before = this.#greatest;
    this.#greatest = timeline;
    if (before === 0 || before === timeline) return;
    for (const risen of this.#risen) risen();
  }

  /** Run on each other new connection: what it reads would be old. */
  async check(client: ClientBase): Promise<void> {
    const { rows } = await client.query<Row>(look);
    const timeline = rows[0]?.["timeline"];
    if (typeof timeline !== "number") throw isStandby();
    this.#refuseOlder(timeline);
  }

  #refuseOlder(timeline: number): void {
    if (timeline >= this.#greatest) return;
    throw new SignalboxError(
      "unavailable",
      `the server is on timeline ${timeline}, and one of timeline ${this.#greatest} was written to: stop the old primary, and point SIGNALBOX_STORE at the new one`,
    );
  }
}

/** Nothing can be written there, and what is read may be old. */
export function isStandby(): SignalboxError {
  return new SignalboxError("unavailable", "the server is a standby: point SIGNALBOX_STORE at the primary");
}

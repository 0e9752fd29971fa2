import { SignalboxError } from "../../errors.ts";
import { type PostgresConnection, queryRows } from "./connection.ts";
import { postgresQuery } from "./dialect.ts";
import { commit } from "./flight.ts";

const read = `SELECT ('x' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8))::bit(32)::bigint AS timeline,
  (SELECT value FROM meta WHERE key = 'timeline') AS known`;
const moveOn = `SELECT setval('event_number', nextval('event_number') + ${2 ** 24})`;
const keep =
  "INSERT INTO meta (key, value) VALUES ('timeline', ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value";

/**
 * Run on each new connection. A server that was promoted, or restored, is on another timeline than the one that was written to before: it may lack
 * commits that were acknowledged, and would give their sequences, from which the ids of deliveries follow, to other events. So then sequences go on far
 * behind them. What it writes is a commit in any case: once that is made, a synchronous standby has what was committed before it, too.
 */
export function timelines(): (connection: PostgresConnection) => Promise<void> {
  let greatest = 0;
  return async (connection) => {
    const { client } = connection;
    await client.query("BEGIN");
    const [row] = await queryRows(client, postgresQuery({ sql: read, params: [] }));
    const timeline = Number(row?.["timeline"]);
    if (timeline < greatest) {
      throw new SignalboxError(
        "unavailable",
        `the server is on timeline ${timeline}, and one of timeline ${greatest} was written to: stop the old primary, and point SIGNALBOX_STORE at the new one`,
      );
    }
    const known = row?.["known"] ?? null;
    if (known !== null && known !== timeline) await client.query(moveOn);
    await client.query(postgresQuery({ sql: keep, params: [timeline] }));
    const ending = await commit(connection);
    if (ending.kind !== "committed") throw ending.error;
    greatest = timeline;
  };
}

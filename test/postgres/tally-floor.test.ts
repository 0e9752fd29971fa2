/** Up to where tallies are passed over: nothing that can still come is, and what an old snapshot keeps is. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { Client } from "pg";
import { systemClock } from "../../src/clock.ts";
import { silentLog } from "../../src/log.ts";
import { postgresQuery } from "../../src/store/postgres/dialect.ts";
import { openPostgresStore } from "../../src/store/postgres/store.ts";
import { TallyFloor } from "../../src/store/postgres/tally-floor.ts";
import { runScriptAsync } from "../../src/store/sql/script.ts";
import { type PostgresServer, postgresServer } from "../support/postgres.ts";
import { until } from "../support/until.ts";

describe("the floor of the tallies", () => {
  let server: PostgresServer;
  let clients: Client[];

  before(async () => {
    server = await postgresServer();
  });
  after(() => server[Symbol.asyncDispose]());

  async function connected(count: number): Promise<readonly Client[]> {
    const url = await server.database();
    const opened = await openPostgresStore({ url, clock: systemClock, log: silentLog });
    await opened[Symbol.asyncDispose]();
    clients = Array.from({ length: count }, () => new Client({ connectionString: url }));
    for (const client of clients) {
      await client.connect();
      await client.query("SET search_path = signalbox");
    }
    return clients;
  }

  const ended = async (): Promise<void> => {
    for (const client of clients) await client.end();
  };
  /** As a commit does it: its mark first, then its tally. */
  const begin = async (client: Client): Promise<void> => {
    await client.query("BEGIN");
    await client.query("INSERT INTO commit_mark (writer, number) VALUES (gen_random_uuid()::text, 1)");
  };
  const put = async (client: Client): Promise<number> => {
    const { rows } = await client.query("INSERT INTO tally (at_ms, counted) VALUES (0, '{}') RETURNING number::int");
    return (rows as { number: number }[])[0]?.number ?? 0;
  };
  /** Takes a look with a connection that can see what is committed. */
  const look = async (floor: TallyFloor, client: Client): Promise<number> =>
    runScriptAsync(
      {
        all: async (sql, ...params) => {
          const { rows } = await client.query(postgresQuery({ sql, params }));
          return (rows as Record<string, unknown>[]).map((row) =>
            Object.fromEntries(
              Object.entries(row).map(([name, value]) => [
                name,
                typeof value === "string" && /^\d+$/.test(value) ? Number(value) : (value as string | number | null),
              ]),
            ),
          );
        },
        run: async (step) => (await client.query(postgresQuery(step))).rowCount ?? 0,
      },
      floor.look(),
    );
  const take = (floor: TallyFloor, client: Client): Promise<unknown> =>
    client.query("DELETE FROM tally WHERE number > $1", [floor.above]);

  it("is below what a transaction has drawn that is under way, and moves on once that has ended", async () => {
    const [late, soon, folder] = (await connected(3)) as [Client, Client, Client];
    const floor = new TallyFloor();
    await begin(late);
    const lower = await put(late);
    const higher = await put(soon);
    assert.ok(lower < higher);
    for (let round = 0; round < 3; round += 1) {
      await look(floor, folder);
      await take(floor, folder);
      assert.ok(floor.above < lower, `${floor.above}`);
    }
    await late.query("COMMIT");
    assert.equal(await look(floor, folder), 1, "the late one is seen");
    assert.ok(floor.above < lower);
    await take(floor, folder);
    await until("it is at the last", async () => {
      await look(floor, folder);
      return floor.above === higher;
    });
    await ended();
  });

  it("is below the first that is drawn, before anything was", async () => {
    const [writer, folder] = (await connected(2)) as [Client, Client];
    const floor = new TallyFloor();
    await look(floor, folder);
    await look(floor, folder);
    const first = await put(writer);
    await look(floor, folder);
    assert.ok(floor.above < first);
    assert.equal(await look(floor, folder), 1);
    await ended();
  });

  it("moves on behind a held snapshot, so that what that keeps is not read again", async () => {
    const [writer, folder, holder] = (await connected(3)) as [Client, Client, Client];
    const floor = new TallyFloor();
    await holder.query("BEGIN ISOLATION LEVEL REPEATABLE READ");
    await holder.query("SELECT count(*) FROM tally");
    let last = 0;
    for (let round = 0; round < 10; round += 1) {
      last = await put(writer);
      await look(floor, folder);
      await take(floor, folder);
    }
    await until("it is at the last", async () => {
      await look(floor, folder);
      return floor.above === last;
    });
    await holder.query("COMMIT");
    await ended();
  });

  it("is nowhere again on another server", async () => {
    const [writer, folder] = (await connected(2)) as [Client, Client];
    const floor = new TallyFloor();
    for (let round = 0; round < 4; round += 1) {
      await put(writer);
      await look(floor, folder);
      await take(floor, folder);
    }
    await until("it moves on", async () => {
      await look(floor, folder);
      return floor.above > 0;
    });
    await ended();
    await server.kill();
    await server.start();
    const [again] = (await connected(1)) as [Client];
    await put(again);
    await look(floor, again);
    assert.equal(floor.above, 0);
    await ended();
  });
});

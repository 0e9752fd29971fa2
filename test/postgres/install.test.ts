import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { describe, it } from "node:test";
import { promisify } from "node:util";
import { runServer } from "../support/in-process.ts";
import { connected, openShop } from "../support/inboxes.ts";
import { postgresServer } from "../support/postgres.ts";
import { processEnv } from "../support/process-env.ts";
import { bin } from "../support/server-process.ts";
import { shared } from "../support/shared.ts";
import { until } from "../support/until.ts";

interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** The command line, as it is installed. */
async function signalbox(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ran> {
  try {
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [bin, ...args], {
      env: { ...processEnv, ...env },
    });
    return { code: 0, out: stdout, err: stderr };
  } catch (thrown) {
    const { code, stdout, stderr } = thrown as { code: number; stdout: string; stderr: string };
    return { code, out: stdout, err: stderr };
  }
}

const asUser = (url: string, user: string): string => url.replace(/\/\/[^@]+@/, `//${user}@`);

describe("signalbox inbox", () => {
  const postgres = shared(() => postgresServer());

  it("install prepares a database, may be run again, and by two at once", async () => {
    const url = await postgres().database();
    const [one, two] = await Promise.all([
      signalbox(["inbox", "install", url]),
      signalbox(["inbox", "install"], { SIGNALBOX_INBOX: url }),
    ]);
    assert.deepEqual([one?.code, two?.code], [0, 0], `${one?.err} ${two?.err}`);
    assert.match(one?.out ?? "", /127\.0\.0\.1:\d+\/test_\d+ is prepared/);
    await using client = await ended(url);
    await client.query("SELECT signalbox.publish('POST_USER_CREATE', '{}')");
    assert.equal((await signalbox(["inbox", "install", url])).code, 0);
    assert.equal((await client.query("SELECT FROM signalbox.inbox")).rows.length, 1, "what waits stays");
  });

  it("sql prints what install does, for migrations", async () => {
    const url = await postgres().database();
    const { out, code } = await signalbox(["inbox", "sql", "--publisher", 'odd"name']);
    assert.equal(code, 0);
    assert.match(out, /GRANT USAGE ON SCHEMA signalbox TO "odd""name";/);
    await using client = await ended(url);
    await client.query((await signalbox(["inbox", "sql"])).out);
    await client.query((await signalbox(["inbox", "sql"])).out);
    await client.query("SELECT signalbox.publish('POST_USER_CREATE', '{}')");
  });

  it("says what is wrong, and never the password", async () => {
    const url = await postgres().database();
    const refused = async (args: readonly string[], said: RegExp): Promise<void> => {
      const { code, err } = await signalbox(["inbox", ...args]);
      assert.equal(code, 1);
      assert.match(err, said);
      assert.doesNotMatch(err, /hunter2/);
    };
    await refused(["install"], /<url> is missing/);
    await refused(["install", "mysql://me:hunter2@db/shop"], /must be postgres:\/\//);
    await refused(["install", url, "more"], /one argument too many/);
    await refused(["install", "postgres://me:hunter2@127.0.0.1:1/shop"], /127\.0\.0\.1:1\/shop: .*ECONNREFUSED/);
    await postgres().run("CREATE ROLE nobody LOGIN");
    await refused(
      ["install", asUser(url, "nobody")],
      /permission denied for database .*Install as a role that may create/,
    );
    await refused(["install", url, "--publisher", "ghost"], /role "ghost" does not exist/);
    await using client = await ended(url);
    assert.equal((await client.query("SELECT to_regnamespace('signalbox') AS there")).rows[0].there, null);
    await client.query(
      "CREATE SCHEMA signalbox; CREATE FUNCTION signalbox.inbox_version() RETURNS integer LANGUAGE sql AS 'SELECT 99'",
    );
    await refused(["install", url], /has version 99 of the schema/);
  });

  it("gives roles what they need, and no more", async () => {
    const url = await postgres().database();
    await postgres().run("CREATE ROLE service LOGIN; CREATE ROLE mover LOGIN; CREATE ROLE stranger LOGIN");
    const { code, err } = await signalbox(["inbox", "install", url, "--publisher", "service", "--relay", "mover"]);
    assert.equal(code, 0, err);
    await using service = await ended(asUser(url, "service"));
    await service.query("SELECT signalbox.publish('POST_USER_CREATE', '{}')");
    await service.query(`INSERT INTO signalbox.inbox (type, params) VALUES ('POST_USER_CREATE', '{}')
      RETURNING pg_current_xact_id(), signalbox.inbox_identity()`);
    for (const statement of [
      "SELECT FROM signalbox.inbox",
      "DELETE FROM signalbox.inbox",
      "UPDATE signalbox.inbox SET tenant = 'x'",
    ]) {
      await assert.rejects(service.query(statement), /permission denied/);
    }
    await using stranger = await ended(asUser(url, "stranger"));
    await assert.rejects(stranger.query("SELECT signalbox.publish('POST_USER_CREATE', '{}')"), /permission denied/);

    await using server = await runServer({ SIGNALBOX_INBOX: asUser(url, "mover") });
    const asides = async (): Promise<{ events: unknown[]; inbox: { problem?: string } }> =>
      server.api("GET", "/api/cloud/inbox/");
    await until("both are set aside", async () => (await asides()).events.length === 2);
  });

  it("the server says what it lacks: the schema, a right, the place", async () => {
    const url = await postgres().database();
    await postgres().run("CREATE ROLE stray LOGIN");
    await using server = await runServer({ SIGNALBOX_INBOX: asUser(url, "stray") });
    const problem = async (): Promise<string> => {
      const told = await server
        .api<{ inbox: { problem?: string } }>("GET", "/api/cloud/inbox/")
        .catch((thrown: Error) => thrown.message);
      return typeof told === "string" ? told : (told.inbox.problem ?? "");
    };
    await until("no schema", async () => /is not prepared.*signalbox inbox install/.test(await problem()));
    assert.equal((await signalbox(["inbox", "install", url])).code, 0);
    await until("no right", async () => /permission denied.*--relay <role>/.test(await problem()));
    assert.equal((await signalbox(["inbox", "install", url, "--relay", "stray"])).code, 0);
    await until("nothing", async () => (await problem()) === "");
    await using second = await runServer({ SIGNALBOX_INBOX: url });
    const two = async (): Promise<string> =>
      (await second.api<{ inbox: { problem?: string } }>("GET", "/api/cloud/inbox/")).inbox.problem ?? "";
    await until("another", async () => /relayed from by another Signalbox/.test(await two()));
  });

  it("lists, retries and drops what was set aside", async () => {
    await using shop = await openShop(postgres());
    await shop.sql("SELECT signalbox.publish('POST_NOBODY_KNOWS', '{}'), signalbox.publish('POST_NOR_THIS', '{}')");
    await shop.drained();
    const env = { SIGNALBOX_URL: shop.server.url, SIGNALBOX_TOKEN: shop.server.token };
    const list = async (): Promise<{ id: string; reason: string }[]> =>
      JSON.parse((await signalbox(["inbox", "list", "--json"], env)).out) as { id: string; reason: string }[];
    const [first, second] = await list();
    assert.match(first?.reason ?? "", /POST_NOBODY_KNOWS.*no event type/);
    assert.equal((await signalbox(["inbox", "drop", first?.id ?? ""], env)).code, 0);
    await shop.sql("UPDATE signalbox.inbox SET type = 'POST_ORDER_PLACE', params = '{\"id\": 1}'");
    assert.equal((await signalbox(["inbox", "retry", second?.id ?? ""], env)).code, 0);
    await shop.drained();
    assert.deepEqual(await list(), []);
    assert.match((await signalbox(["inbox", "show"], env)).out, /state: +relaying/);
  });
});

async function ended(url: string) {
  const client = await connected(url);
  return Object.assign(client, { [Symbol.asyncDispose]: () => client.end() });
}

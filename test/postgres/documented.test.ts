/** Runs the examples of docs/inbox.md, in the order in which they stand there. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { describe, it } from "node:test";
import { promisify } from "node:util";
import { CompiledQuery, Kysely, PostgresDialect } from "kysely";
import pg from "pg";
import postgres from "postgres";
import { Event } from "../../src/index.ts";
import { runExample } from "../support/inbox-examples.ts";
import { openShop } from "../support/inboxes.ts";
import { blocksOf, read } from "../support/markdown.ts";
import { postgresServer } from "../support/postgres.ts";
import { processEnv } from "../support/process-env.ts";
import { bin } from "../support/server-process.ts";

/** Run by test/clients/inbox.test.ts and test/clients/orms.test.ts, with what npm or pip brings for them. */
const elsewhere = ["python psycopg", "python django", "ts prisma", "ts typeorm"];

describe("the examples of docs/inbox.md", () => {
  it("do what they say", async () => {
    await using server = await postgresServer();
    await server.run("CREATE ROLE shop LOGIN");
    await using shop = await openShop(server);
    // The owner's name is that of the schema, where its tables would go otherwise.
    await shop.sql("CREATE TABLE public.orders (id integer PRIMARY KEY, customer text NOT NULL)");
    await shop.sql("GRANT ALL ON public.orders TO shop");
    const asShop = shop.url.replace(/\/\/[^@]+@/, "//shop@");

    const client = await shop.connect("shop");
    const sql = postgres(asShop);
    const db = new Kysely({ dialect: new PostgresDialect({ pool: new pg.Pool({ connectionString: asShop }) }) });
    const given = { client, sql, db, events: shop.events, Event, CompiledQuery };
    const env = {
      ...processEnv,
      SHOP_URL: shop.url,
      SIGNALBOX_URL: shop.server.url,
      SIGNALBOX_TOKEN: shop.server.token,
    };
    const run = async (line: string): Promise<void> => {
      const args = line.replace('"$SHOP_URL"', shop.url).split(" ").slice(1);
      await promisify(execFile)(process.execPath, [bin, ...args], { env });
    };
    let examples = 0;
    try {
      for (const { info, text } of blocksOf(read("docs/inbox.md"))) {
        if (elsewhere.includes(info)) continue;
        examples += 1;
        if (info === "sh signalbox") for (const line of text.trim().split("\n")) await run(line);
        else if (info === "sql shop") await shop.sql(text);
        else if (info.startsWith("ts ")) await runExample(text, given);
        else assert.fail(`no one runs ${info}`);
      }
    } finally {
      await sql.end();
      await db.destroy();
    }
    assert.equal(examples, 8);
    await shop.drained();
    const logged = await shop.logged();
    const params = await Promise.all(logged.map((event) => shop.params(event)));
    // By the trigger too, from the second on.
    assert.deepEqual(
      params,
      [1, 2, 3, 3, 4, 4, 5, 5, 6, 6].map((id) => ({ id })),
    );
    assert.equal(logged[1]?.actor, "bob");
    assert.deepEqual(await shop.sql("SELECT * FROM signalbox.inbox"), []);
  });
});

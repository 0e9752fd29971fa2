import assert from "node:assert/strict";
import { copyFileSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { pathToFileURL } from "node:url";
import type { Client } from "pg";
import { migratePostgres } from "../../src/store/postgres/schema.ts";
import { noonMs } from "../conformance/store/given.ts";
import { postgresServer } from "../support/postgres.ts";
import { assertAlike, lookAt, partitionNumbers } from "../support/postgres-partitions.ts";

const server = await postgresServer();
after(() => server[Symbol.asyncDispose]());
const home = mkdtempSync(join(tmpdir(), "signalbox-partitions-"));
after(() => rmSync(home, { recursive: true, force: true }));

/** The migrations up to one of them. */
function migrationsTo(last: number): URL {
  const folder = mkdtempSync(join(home, "migrations-"));
  const own = new URL("../../src/store/migrations/postgres/", import.meta.url);
  for (const name of readdirSync(own).filter((one) => Number(one.slice(0, 4)) <= last))
    copyFileSync(new URL(name, own), join(folder, name));
  return pathToFileURL(`${folder}/`);
}

/** As a node of the version before writes: an event, its delivery and an attempt in each transaction, with statements that are kept prepared. */
async function writesWhile(client: Client, work: () => Promise<void>): Promise<number> {
  let isOver = false;
  const working = work().finally(() => {
    isOver = true;
  });
  let made = 0;
  for (let behind = 0; behind < 3; behind += isOver ? 1 : 0) {
    const id = `written ${(made += 1)}`;
    await client.query("BEGIN");
    const { rows } = await client.query({
      name: "append",
      text: "SELECT sequence FROM append($1, 3, ARRAY[$2], ARRAY['acme'], ARRAY['r'], ARRAY[NULL], ARRAY['{}'], ARRAY[NULL], ARRAY['o'], ARRAY[$1::bigint], ARRAY['{}'], ARRAY[NULL], ARRAY[NULL], ARRAY[NULL])",
      values: [noonMs, id],
    });
    const { sequence } = rows[0] as { readonly sequence: number };
    await client.query({
      name: "put",
      text: `INSERT INTO delivery (sequence, subscription, tenant, status, attempts, tries) VALUES ($1, 7, 'acme', 1, 1, 1)
        ON CONFLICT (sequence, subscription) DO UPDATE SET status = 1`,
      values: [sequence],
    });
    await client.query({
      name: "attempt",
      text: `INSERT INTO attempt (sequence, subscription, number, started_ms, duration_ms) VALUES ($1, 7, 1, 0, 0)
        ON CONFLICT (sequence, subscription, number) DO NOTHING`,
      values: [sequence],
    });
    await client.query("COMMIT");
  }
  await working;
  return made;
}

describe("a database that gets partitions", () => {
  it("keeps what it has, and takes what others write meanwhile, with one partition or several", async () => {
    const url = await server.database();
    await using writer = await lookAt(url);
    await using database = await lookAt(url);
    await migratePostgres(database.client, migrationsTo(3));
    await database.client.query("INSERT INTO tenant (id, name, revision, created_ms) VALUES ('acme', 'acme', 1, 0)");
    const made = await writesWhile(writer.client, async () => {
      await migratePostgres(database.client);
      await assertAlike(database);
      await database.client.query("SELECT close_partition()");
    });
    assert.deepEqual(await database.numbers(partitionNumbers), [1, 2, 3]);
    await assertAlike(database);
    for (const name of ["event", "delivery", "attempt"]) {
      assert.deepEqual(await database.numbers(`SELECT count(*) AS n FROM ${name}`), [made]);
      assert.deepEqual(
        await database.numbers(`SELECT count(*) AS n FROM ${name}_p3 UNION ALL SELECT sign(count(*)) FROM ${name}_p2`),
        [0, 1],
      );
    }
  });
});

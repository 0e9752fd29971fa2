/** The key of a database on which several nodes work: each is to open what any of them seals, at every moment of its change. */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { after, describe, it } from "node:test";
import type { Client } from "pg";
import { silentLog } from "../../src/log.ts";
import { finishKeyChange, keyNames, openDatabaseVault } from "../../src/open-folder/database-key.ts";
import { aesVault, type Vault } from "../../src/secrets/vault.ts";
import { connect } from "../../src/store/postgres/connection.ts";
import type { OtherNode } from "../../src/store/postgres/others.ts";
import { migratePostgres } from "../../src/store/postgres/schema.ts";
import { resealDatabase } from "../../src/store/postgres/sealed.ts";
import { settingOf } from "../../src/store/postgres/setting.ts";
import { postgresServer } from "../support/postgres.ts";

const server = await postgresServer();
after(() => server[Symbol.asyncDispose]());
const log = silentLog;
const [old, next] = [randomBytes(32), randomBytes(32)];
const text = (key: Buffer): string => key.toString("base64");

async function database(): Promise<{ readonly client: Client } & AsyncDisposable> {
  const connection = await connect(await server.database(), log);
  const { client } = connection;
  await migratePostgres(client);
  return { client, [Symbol.asyncDispose]: () => connection.end() };
}

function node(id: string, key: Buffer, previous?: Buffer): OtherNode {
  const vault = aesVault(key, previous === undefined ? [] : [previous]);
  return {
    id,
    version: "1.0.0",
    address: `http://${id}:8080`,
    schema: 1,
    keys: keyNames(vault),
    settings: {},
    hasPublicUrl: true,
  };
}

function opened(client: Client, key: Buffer, previous: Buffer | undefined, others: readonly OtherNode[]) {
  const keys = { current: text(key), previous: previous === undefined ? undefined : text(previous) };
  return openDatabaseVault(client, keys, { others, log });
}

/** Something sealed, in a row of its own. */
async function seal(client: Client, id: string, vault: Vault): Promise<string> {
  const sealed = vault.seal(`secret of ${id}`);
  await client.query(
    "INSERT INTO resolver (tenant, url, sealed, created_ms, updated_ms) VALUES ($1, 'https://shop.example', $2, 0, 0) ON CONFLICT (tenant) DO UPDATE SET sealed = excluded.sealed",
    [id, sealed],
  );
  return sealed;
}

async function sealedOf(client: Client, id: string): Promise<string> {
  const { rows } = await client.query("SELECT sealed FROM resolver WHERE tenant = $1", [id]);
  return (rows[0] as { readonly sealed: string }).sealed;
}

describe("the key of a database of several nodes", () => {
  it("is not changed while another node could not open what is sealed with the new one", async () => {
    await using at = await database();
    const { vault } = await opened(at.client, old, undefined, []);
    const sealed = await seal(at.client, "shop", vault);
    const others = [node("a", old), node("b", old, next)];
    await assert.rejects(opened(at.client, next, old, others), {
      message: /could not be opened by http:\/\/a:8080 \(a, version 1\.0\.0\): start each node with its key as it was/,
    });
    assert.equal(await sealedOf(at.client, "shop"), sealed);
    assert.ok(!(await opened(at.client, old, undefined, others)).isChanging);
  });

  it("is changed by the last of them, and each opens what the others seal until then", async () => {
    await using at = await database();
    await seal(at.client, "shop", (await opened(at.client, old, undefined, [])).vault);
    const before = await opened(at.client, old, next, [node("b", old, next)]);
    const first = await opened(at.client, next, old, [node("b", old, next)]);
    assert.ok(first.isChanging);
    assert.equal(before.vault.open(await sealedOf(at.client, "shop")), "secret of shop");
    // The one that still has the old key goes on to seal with it, and may be started anew.
    await seal(at.client, "late", before.vault);
    assert.ok(!(await opened(at.client, old, next, [node("a", next, old)])).isChanging);
    assert.equal((await settingOf(at.client, "secret_check"))?.split("\n").length, 2);
    await assert.rejects(opened(at.client, next, undefined, []), {
      message: /the key of the database is being changed/,
    });
    const last = await opened(at.client, next, old, [node("a", next, old)]);
    assert.ok(!last.isChanging);
    const { vault } = await opened(at.client, next, undefined, [node("a", next, old)]);
    for (const id of ["shop", "late"]) assert.equal(vault.open(await sealedOf(at.client, id)), `secret of ${id}`);
    await assert.rejects(opened(at.client, old, undefined, []), { message: /sealed with another key/ });
  });

  it("is changed later where the ones of before go only then", async () => {
    await using at = await database();
    await seal(at.client, "shop", (await opened(at.client, old, undefined, [])).vault);
    const others = [node("b", old, next)];
    const { vault, isChanging } = await opened(at.client, next, old, others);
    assert.ok(isChanging);
    assert.ok(!(await finishKeyChange(at.client, vault, { others, log })));
    assert.ok(await finishKeyChange(at.client, vault, { others: [], log }));
    assert.ok(await finishKeyChange(at.client, vault, { others: [], log }), "another has done it before");
    await opened(at.client, next, undefined, []);
  });

  it("leaves what another node has sealed meanwhile", async () => {
    await using at = await database();
    const { vault } = await opened(at.client, old, undefined, []);
    await seal(at.client, "shop", vault);
    const newer = aesVault(next, [old]);
    let meanwhile: Promise<string> | undefined;
    const renewed = await resealDatabase(at.client, (sealed) => {
      // Sent before what becomes of this.
      meanwhile ??= seal(at.client, "shop", vault);
      return newer.seal(newer.open(sealed));
    });
    assert.equal(renewed, 0);
    assert.equal(await sealedOf(at.client, "shop"), await meanwhile);
  });
});

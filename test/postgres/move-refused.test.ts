/** Moves that are refused before anything is moved, and where a store may go back to. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { copyFile, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { CreateBucketCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { Client } from "pg";
import { moveStore } from "../../src/check/move/move.ts";
import { SignalboxError } from "../../src/errors.ts";
import { readFolderId, writeFolderId } from "../../src/folder/identity.ts";
import { inboxSchema } from "../../src/inbox/postgres/schema.ts";
import { silentLog } from "../../src/log.ts";
import { openSqliteStore } from "../../src/store/sqlite/store.ts";
import { changed, noonMs, tenantWithAda } from "../conformance/store/given.ts";
import { fakeClock } from "../support/clock.ts";
import { postgresServer } from "../support/postgres.ts";
import { serverProcess } from "../support/server-process.ts";

const server = await postgresServer();
after(() => server[Symbol.asyncDispose]());

async function connected(url: string): Promise<Client & AsyncDisposable> {
  const client = new Client({ connectionString: url });
  await client.connect();
  return Object.assign(client, { [Symbol.asyncDispose]: () => client.end() });
}

async function aFolder(t: { after(done: () => Promise<void>): void }): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "signalbox-move-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

async function filled(folder: string): Promise<void> {
  await using opened = await openSqliteStore({ folder, clock: fakeClock(noonMs), log: silentLog });
  await changed(opened.store, ...tenantWithAda("acme"));
}

const rejects = (moving: Promise<unknown>, message: RegExp): Promise<void> =>
  assert.rejects(moving, (error) => error instanceof SignalboxError && message.test(error.message));

describe("a store", () => {
  it("is not moved from where there is none, nor where the old one could not be kept", async (t) => {
    const url = await server.database();
    await rejects(moveStore(url, await aFolder(t)), /no store in postgres:.*\/test_\d+$/);
    await using client = await connected(url);
    const named = async (): Promise<string[]> => {
      const { rows } = await client.query("SELECT nspname FROM pg_namespace WHERE nspname LIKE 'signalbox%'");
      return rows.map(({ nspname }) => String(nspname));
    };
    assert.deepEqual(await named(), [], "nothing was made");

    const folder = await aFolder(t);
    await filled(folder);
    await moveStore(folder, url);
    await moveStore(url, folder);
    await rejects(moveStore(url, await aFolder(t)), /it was moved, and what it was is its schema signalbox_moved/);
    await moveStore(folder, url);
    await rejects(moveStore(url, folder), /has the schema signalbox_moved of an earlier move/);
    assert.equal(existsSync(join(folder, "signalbox.db")), false, "there is one place still");
    await client.query("DROP SCHEMA signalbox_moved CASCADE");
    await moveStore(url, folder);
    assert.equal(existsSync(join(folder, "signalbox.db")), true);
  });

  it("is not moved from a database that a move has not finished", async (t) => {
    const folder = await aFolder(t);
    await filled(folder);
    const url = await server.database();
    const cut = new Error("cut off");
    const progress = ({ doing }: { readonly doing: string }): void => {
      if (doing === "comparing tenant") throw cut;
    };
    await assert.rejects(moveStore(folder, url, { progress }), cut);
    await rejects(moveStore(url, await aFolder(t)), /not finished/);
  });

  it("goes to a new folder where no bytes lie in the old one", async (t) => {
    const [folder, fresh] = [await aFolder(t), await aFolder(t)];
    {
      await using first = await serverProcess({ folder });
      await first.s3.send(new CreateBucketCommand({ Bucket: "kept" }));
      assert.equal(await first.stop(), 0);
    }
    const url = await server.database();
    await moveStore(folder, url);
    await moveStore(url, fresh);
    await copyFile(join(folder, "secret.key"), join(fresh, "secret.key"));
    await using there = await serverProcess({ folder: fresh });
    assert.equal(await there.stop(), 0);
    assert.equal(readFolderId(fresh, "blobs"), readFolderId(folder, "blobs"));
  });

  it("is not moved to where no server would start", async (t) => {
    const folder = await aFolder(t);
    await filled(folder);
    await server.run("CREATE DATABASE latin ENCODING 'LATIN1' TEMPLATE template0");
    await rejects(moveStore(folder, server.url("latin")), /LATIN1.*ENCODING 'UTF8'/);
    assert.equal(existsSync(join(folder, "signalbox.db")), true);
    await using client = await connected(server.url("latin"));
    const { rows } = await client.query("SELECT 1 FROM pg_namespace WHERE nspname = 'signalbox'");
    assert.equal(rows.length, 0, "nothing was made");
  });

  it("does not take the inbox of a platform along", async (t) => {
    const folder = await aFolder(t);
    await filled(folder);
    const url = await server.database();
    await moveStore(folder, url);
    await using client = await connected(url);
    await client.query(inboxSchema);
    await rejects(
      moveStore(url, folder),
      /has the inbox of a platform in the same schema.*DROP TABLE signalbox\.inbox/,
    );
    await client.query("DROP TABLE signalbox.inbox");
    await moveStore(url, folder);
    assert.equal(existsSync(join(folder, "signalbox.db")), true);
  });

  it("goes back only to the folder that has its bytes", async (t) => {
    const [folder, elsewhere, other] = [await aFolder(t), await aFolder(t), await aFolder(t)];
    {
      await using first = await serverProcess({ folder });
      await first.s3.send(new CreateBucketCommand({ Bucket: "kept" }));
      await first.s3.send(new PutObjectCommand({ Bucket: "kept", Key: "a", Body: "the bytes" }));
      assert.equal(await first.stop(), 0);
    }
    const url = await server.database();
    await moveStore(folder, url);
    await rejects(moveStore(url, elsewhere), /has not the bytes of the objects: name the data folder/);
    writeFolderId(other, "folder", "0123456789abcdef0123456789abcdef");
    await rejects(moveStore(url, other), /belongs to another store/);
    await moveStore(url, folder);
    await using back = await serverProcess({ folder });
    assert.equal(await back.stop(), 0);
  });
});

/** What becomes of the files of bytes when a server is killed, and when its database is put back from a backup. */
import assert from "node:assert/strict";
import { copyFileSync, existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { CreateBucketCommand, DeleteObjectCommand, GetObjectCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { postgresServer } from "../support/postgres.ts";
import { type OnPostgres, onPostgres } from "../support/postgres-server.ts";
import type { ServerProcess } from "../support/server-process.ts";
import { shared } from "../support/shared.ts";
import { until } from "../support/until.ts";

const Bucket = "photos";
const hex = /^[\da-f]{2}$/;

function filesOf({ folder }: OnPostgres): string[] {
  const blobs = join(folder, "blobs");
  const folders = readdirSync(blobs).filter((name) => hex.test(name));
  return folders.flatMap((name) => readdirSync(join(blobs, name))).toSorted();
}

function asideOf({ folder }: OnPostgres): string[] {
  const aside = join(folder, "blobs", "quarantine");
  return existsSync(aside) ? readdirSync(aside).flatMap((day) => readdirSync(join(aside, day))) : [];
}

/** Writes one object; gives the file of its bytes. */
async function put(on: OnPostgres, { s3 }: ServerProcess, Key: string): Promise<string> {
  const before = new Set(filesOf(on));
  await s3.send(new PutObjectCommand({ Bucket, Key, Body: `bytes of ${Key}` }));
  const [made = "", ...more] = filesOf(on).filter((name) => !before.has(name));
  assert.deepEqual(more, []);
  return made;
}

async function get({ s3 }: ServerProcess, Key: string): Promise<string | undefined> {
  return (await s3.send(new GetObjectCommand({ Bucket, Key }))).Body?.transformToString();
}

/** A file that a run wrote, and did not come to refer to. */
function leave({ folder }: OnPostgres, like: string): string {
  const name = `${like.slice(0, 2)}${"0".repeat(26)}${like.slice(28)}`;
  const at = (file: string): string => join(folder, "blobs", file.slice(0, 2), file);
  copyFileSync(at(like), at(name));
  return name;
}

describe("bytes beside a database in PostgreSQL", () => {
  const postgres = shared(() => postgresServer());

  it("that a killed run left without an object are put aside by the next one", async () => {
    await using on = await onPostgres(await postgres().database());
    const server = await on.start();
    await server.s3.send(new CreateBucketCommand({ Bucket }));
    const kept = await put(on, server, "kept");
    await server.kill();
    const left = leave(on, kept);
    await using again = await on.start();
    await until("it is put aside", () => asideOf(on).includes(left));
    assert.deepEqual(filesOf(on), [kept]);
    assert.equal(await get(again, "kept"), "bytes of kept");
  });

  it("that an older database does not know are kept, and are read again when the newer one is put back", async () => {
    await using on = await onPostgres(await postgres().database());
    const first = await on.start();
    await first.s3.send(new CreateBucketCommand({ Bucket }));
    const old = await put(on, first, "old");
    assert.equal(await first.stop(), 0);
    const backup = await postgres().database(new URL(on.url).pathname.slice(1));
    let lost: string;
    {
      await using second = await on.start();
      lost = await put(on, second, "lost");
      await second.kill();
    }
    {
      await using restored = await on.start({ SIGNALBOX_STORE: backup });
      assert.match(
        restored.log,
        /"known":\d+,"sequence":\d+,"msg":"the database is older than the bytes of the objects/,
      );
      await until("it is swept", () => restored.log.includes("were written by a run that this database does not know"));
      await restored.s3.send(new DeleteObjectCommand({ Bucket, Key: "old" }));
      await until("what is deleted is put aside", () => asideOf(on).includes(old));
      assert.deepEqual(filesOf(on), [lost]);
      await restored.stop();
    }
    await using newer = await on.start();
    assert.deepEqual(await Promise.all([get(newer, "old"), get(newer, "lost")]), ["bytes of old", "bytes of lost"]);
  });
});

/** A store on its way from a data folder to PostgreSQL and back. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { CreateBucketCommand, GetObjectCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { moveStore } from "../../src/check/move/move.ts";
import { SignalboxError } from "../../src/errors.ts";
import { silentLog } from "../../src/log.ts";
import { openPostgresStore } from "../../src/store/postgres/store.ts";
import { openSqliteStore } from "../../src/store/sqlite/store.ts";
import type { Store } from "../../src/store/store.ts";
import {
  aBucket,
  anEvent,
  anObject,
  aRecord,
  aSubscription,
  changed,
  committed,
  givenSubscription,
  noonMs,
  tenantWithAda,
} from "../conformance/store/given.ts";
import { addFunction, aFunction, anApp, anInvocation } from "../conformance/store/given-functions.ts";
import { aUser } from "../conformance/store/users.ts";
import { fakeClock } from "../support/clock.ts";
import { postgresServer } from "../support/postgres.ts";
import { type ServerProcess, serverProcess } from "../support/server-process.ts";

const server = await postgresServer();
after(() => server[Symbol.asyncDispose]());

const objects = 1_200;
const retries = 300;
const clock = fakeClock(noonMs);
const bin = new URL("../../src/cli/bin.js", import.meta.url).pathname;

async function aFolder(t: { after(done: () => Promise<void>): void }): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "signalbox-move-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** Of every kind some, and texts that a database may stumble over. */
async function filled(folder: string): Promise<{ readonly bucket: string; readonly last: number }> {
  await using opened = await openSqliteStore({ folder, clock, log: silentLog });
  const { store, feed } = opened;
  const bucket = aBucket({ name: "moved" });
  const app = anApp({ slug: "mover" });
  await changed(store, ...tenantWithAda("acme"), { do: "bucket.add", bucket }, { do: "app.add", app });
  const subscription = await givenSubscription(
    store,
    aSubscription(bucket.uuid, { filter: "WHERE `x` = 'ü\\\\\"'" as never }),
  );
  const keys = Array.from({ length: objects }, (_, at) => `folder/ключ ${at} \u{1f4e6}`);
  await changed(store, ...keys.map((key) => ({ do: "object.put", object: anObject(bucket.uuid, key) }) as const));
  await changed(store, addFunction(app.uuid, aFunction()));
  await changed(store, { do: "user.add", user: aUser("grace") });
  await changed(store, {
    do: "invocation.put",
    invocation: anInvocation(await store.invocations.reserveInvocations(1)),
  });
  const events = Array.from({ length: retries }, (_, at) =>
    anEvent(bucket.uuid, { data: { key: `\u0000 "${at}" \ud800` } }),
  );
  const sequences = await committed(store, { events });
  const signal = new AbortController().signal;
  for (let fed = 0; fed < retries; ) fed += (await feed.next(retries, signal)).length;
  const records = sequences.map((sequence, at) =>
    aRecord(sequence, subscription, at % 3 === 0 ? { status: "delivered" } : { status: "waiting", dueMs: noonMs + at }),
  );
  await feed.settle({ records, done: sequences });
  return { bucket: bucket.uuid, last: sequences.at(-1) ?? 0 };
}

async function seen(store: Store) {
  const bucket = await store.objects.bucket("acme", "moved");
  assert.ok(bucket !== undefined);
  const page = { max: 2_000 };
  const [subscription] = await store.subscriptions.list({ tenant: "acme" }, page);
  assert.ok(subscription !== undefined);
  return {
    bucket,
    subscription,
    objects: await store.objects.list({ bucket: bucket.uuid, prefix: "" }, page),
    due: await store.deliveries.due(subscription.number, Number.MAX_SAFE_INTEGER, 1_000),
    depth: await store.deliveries.depth(),
    events: await store.events.after(0, 1_000),
    usage: await store.events.usage({ tenant: "acme", fromDay: "2026-01-01", toDay: "2027-01-01" }, page),
    quotas: await store.quotas.of("acme"),
    users: await store.users.list({ tenant: "acme" }, page),
    app: await store.apps.app("acme", "mover"),
  };
}

const rejects = (moving: Promise<unknown>, message: RegExp): Promise<void> =>
  assert.rejects(moving, (error) => error instanceof SignalboxError && message.test(error.message));

describe("a store that is moved", () => {
  it("is the same in PostgreSQL, goes on there, and is the same after the way back", async (t) => {
    const folder = await aFolder(t);
    const back = folder;
    const { last } = await filled(folder);
    const before = await (async () => {
      await using opened = await openSqliteStore({ folder, clock, log: silentLog });
      return await seen(opened.store);
    })();
    assert.equal(before.objects.length, objects);
    assert.equal(before.due.length, retries - retries / 3);
    const url = await server.database();
    const { rows, left } = await moveStore(folder, url);
    assert.ok(rows > objects * 2 + retries * 2, String(rows));
    assert.match(left, /signalbox\.db\.moved/);
    assert.equal(existsSync(join(folder, "signalbox.db")), false);
    await rejects(moveStore(folder, await server.database()), /it was moved/);

    {
      await using opened = await openPostgresStore({ url, clock, log: silentLog, partitioned: { leastBytes: 1 } });
      assert.deepEqual(await seen(opened.store), before);
      // What comes from now on is in another partition.
      await opened.store.upkeep.prune({ beforeMs: noonMs - 1, deadBeforeMs: noonMs - 1, max: 1 });
      await rejects(moveStore(url, back), /in use/);
      const [sequence = 0] = await committed(opened.store, { events: [anEvent(before.bucket.uuid)] });
      assert.ok(sequence > last);
      await changed(opened.store, {
        do: "object.remove",
        bucket: before.bucket.uuid,
        key: before.objects[0]?.key ?? "",
      });
      const counted = (await opened.store.quotas.of("acme")).find(({ name }) => name === "objects");
      assert.equal(counted?.used, objects - 1, "counts go on");
    }
    const there = await (async () => {
      await using opened = await openPostgresStore({ url, clock, log: silentLog });
      return await seen(opened.store);
    })();
    assert.match((await moveStore(url, back)).left, /signalbox_moved/);
    await using opened = await openSqliteStore({ folder: back, clock, log: silentLog });
    assert.deepEqual(await seen(opened.store), there);
    const [sequence = 0] = await committed(opened.store, { events: [anEvent(before.bucket.uuid)] });
    assert.ok(sequence > (there.events.at(-1)?.sequence ?? 0));
  });

  it("goes on where it was cut off, and is no store before it is whole", async (t) => {
    const folder = await aFolder(t);
    await filled(folder);
    const url = await server.database();
    const cut = new Error("cut off");
    const progress = ({ doing, done }: { readonly doing: string; readonly done: number }): void => {
      if (doing === "moving object" && done > 0) throw cut;
    };
    await assert.rejects(moveStore(folder, url, { progress }), cut);
    await rejects(openPostgresStore({ url, clock, log: silentLog }), /not finished/);
    const again: string[] = [];
    const { rows } = await moveStore(folder, url, {
      progress: ({ doing, done }) => {
        if (doing === "moving object") again.push(String(done));
      },
    });
    assert.ok(Number(again[0]) >= 500, `begins at ${again[0]}`);
    assert.ok(rows > 0);
    await using opened = await openPostgresStore({ url, clock, log: silentLog });
    assert.equal((await seen(opened.store)).objects.length, objects);
  });

  it("can be started in one place at the most, wherever a move is cut off", async (t) => {
    const folder = await aFolder(t);
    await filled(folder);
    const url = await server.database();
    const cut = new Error("cut off");
    const progress = ({ doing }: { readonly doing: string }): void => {
      if (doing === "finishing") throw cut;
    };
    await assert.rejects(moveStore(folder, url, { progress }), cut);
    assert.equal(existsSync(join(folder, "signalbox.db")), false);
    await rejects(openPostgresStore({ url, clock, log: silentLog }), /not finished/);
    await rejects(moveStore(folder, await server.database()), /it was moved/);
    await moveStore(folder, url);
    {
      await using opened = await openPostgresStore({ url, clock, log: silentLog });
      assert.equal((await seen(opened.store)).objects.length, objects);
    }
    const withPassword = url.replace("signalbox@", "signalbox:hidden@");
    await assert.rejects(moveStore(withPassword, folder, { progress }), cut);
    assert.equal(existsSync(join(folder, "signalbox.db")), false);
    assert.doesNotMatch((await moveStore(withPassword, folder)).left, /hidden/);
    await rejects(
      moveStore("postgres://%zz:hidden@127.0.0.1/x", folder),
      /^(?!.*hidden).*postgres:..user:password@host/,
    );
    await using back = await openSqliteStore({ folder, clock, log: silentLog });
    assert.equal((await seen(back.store)).objects.length, objects);
  });

  it("is not moved into what holds something, nor from what a server uses", async (t) => {
    const folder = await aFolder(t);
    await filled(folder);
    const url = await server.database();
    {
      await using opened = await openPostgresStore({ url, clock, log: silentLog });
      await changed(opened.store, ...tenantWithAda("other"));
    }
    await rejects(moveStore(folder, url), /holds a store already/);
    await rejects(moveStore(folder, await aFolder(t)), /one of the two/);
    await using _used = await openSqliteStore({ folder, clock, log: silentLog });
    await rejects(moveStore(folder, await server.database()), /in use/);
  });

  it("keeps a server's tokens, secrets, objects and bytes, there and back", async (t) => {
    const folder = await aFolder(t);
    const Bucket = "kept";
    const text = async ({ s3 }: ServerProcess): Promise<string> =>
      (await (await s3.send(new GetObjectCommand({ Bucket, Key: "a" }))).Body?.transformToString()) ?? "";
    const rules = `/api/cloud/buckets/${Bucket}/notifications/`;
    let made: unknown;
    {
      await using first = await serverProcess({ folder });
      await first.s3.send(new CreateBucketCommand({ Bucket }));
      await first.s3.send(new PutObjectCommand({ Bucket, Key: "a", Body: "the bytes" }));
      const rule = { url: "https://hooks.example.org/", auth: { type: "bearer", token: "a secret of the target" } };
      await first.api("POST", rules, { name: "all", target: { type: "webhook", ...rule } }).catch(() => {});
      made = await first.api("GET", rules);
      assert.equal(await first.stop(), 0);
    }
    const env = {
      SIGNALBOX_STORE: await server.database(),
      SIGNALBOX_STORE_ASYNC: "accept-loss",
      SIGNALBOX_SECRET_KEY: (await readFile(join(folder, "secret.key"), "utf8")).trim(),
    };
    await moveStore(folder, env.SIGNALBOX_STORE);
    {
      await using there = await serverProcess({ folder, env });
      assert.equal(await text(there), "the bytes");
      assert.deepEqual(await there.api("GET", rules), made);
      await there.s3.send(new PutObjectCommand({ Bucket, Key: "a", Body: "other bytes" }));
      assert.equal(await there.stop(), 0);
    }
    await moveStore(env.SIGNALBOX_STORE, folder);
    await using back = await serverProcess({ folder });
    assert.equal(await text(back), "other bytes");
    assert.deepEqual(await back.api("GET", rules), made);
    assert.equal(await back.stop(), 0);
  });

  it("is moved by the command, which shows no password", async (t) => {
    const folder = await aFolder(t);
    await filled(folder);
    const url = (await server.database()).replace("signalbox@", "signalbox:hidden@");
    const child = spawn(process.execPath, [bin, "move", folder, "store"], {
      env: { ...process.env, SIGNALBOX_STORE: url },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let said = "";
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding("utf8").on("data", (text: string) => (said += text));
    const code = await new Promise((resolve) => child.once("close", resolve));
    assert.equal(code, 0, said);
    assert.match(said, /every row is the same in both/);
    assert.doesNotMatch(said, /hidden/);
  });
});

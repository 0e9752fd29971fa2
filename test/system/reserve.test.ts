/** A full disk is no dead end: room is kept for what makes room. Needs root, for a disk of its own. */
import assert from "node:assert/strict";
import { statSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, it } from "node:test";
import { CreateBucketCommand, DeleteObjectCommand } from "@aws-sdk/client-s3";
import { failure } from "../support/s3.ts";
import { type ServerProcess, serverProcess } from "../support/server-process.ts";
import { until } from "../support/until.ts";
import { Bucket, full, health, isReadable, put, putUntilFull, rules, type Scene, scene, withRule } from "./scene.ts";

/** A file of the folder, or 0. */
function sizeIn({ folder }: Scene, name: string): number {
  return statSync(join(folder, name), { throwIfNoEntry: false })?.size ?? 0;
}

async function metrics({ url }: ServerProcess): Promise<ReadonlyMap<string, number>> {
  const lines = (await (await fetch(`${url}/metrics`)).text()).split("\n").filter((line) => !line.startsWith("#"));
  return new Map(
    lines.map((line) => [line.slice(0, line.lastIndexOf(" ")), Number(line.slice(line.lastIndexOf(" ")))]),
  );
}

/** Neither a file nor a commit finds room, but for what is in reserve. */
async function fillUpToReserve(at: Scene, server: ServerProcess): Promise<Map<string, number>> {
  await until("there is a reserve", () => sizeIn(at, "reserve") >= 2 ** 20);
  await at.disk.fill("ballast", 1_000_000);
  const acknowledged = await putUntilFull(server, "filling/", 100_000);
  await at.disk.fill("crumbs");
  for (let count = 0; count < 5_000; count++) {
    const refused = await failure(server.s3.send(new CreateBucketCommand({ Bucket: `another-bucket-${count}` })));
    if (refused === full) return acknowledged;
    assert.equal(refused, "ok");
  }
  return assert.fail("commits can be made without end");
}

const deleted = (server: ServerProcess, Key: string): Promise<string> =>
  failure(server.s3.send(new DeleteObjectCommand({ Bucket, Key })));

describe("a full disk with a reserve", () => {
  it("is no dead end: what deletes and turns off goes on, growth is refused, and all is well with room again", async () => {
    await using at = await scene();
    await using server = await serverProcess({ folder: at.folder });
    await withRule(server, at.url);
    await put(server, "kept/one", 10);
    const written = await fillUpToReserve(at, server);
    const [rule] = (await server.api<{ rules: { id: number }[] }>("GET", rules)).rules;

    assert.equal(await failure(put(server, "refused/one", 10)), full);
    const [first = "", second = ""] = written.keys();
    assert.equal(await deleted(server, "kept/one"), "ok");
    assert.equal(sizeIn(at, "reserve"), 0, "it was given up for that");
    assert.equal((await metrics(server)).get("signalbox_disk_full"), 1);
    assert.equal(await failure(put(server, "refused/two", 10)), full, "growth does not eat what is left");
    await assert.rejects(server.api("POST", rules, { url: at.url }), /507 .*storage_full/);
    await server.api("PATCH", `${rules}${rule?.id}/`, { enabled: false });
    assert.equal((await health(server)).status, 503);
    for (const key of written.keys()) {
      if (key !== first && key !== second) assert.equal(await deleted(server, key), "ok", key);
    }
    await isReadable(server, new Map([...written].filter(([key]) => key === first || key === second)));
    const told = server.log.split("\n").filter((line) => line.includes("the disk is full"));
    assert.ok(
      told.some((line) => line.includes('"freeBytes":')),
      server.log,
    );

    await at.disk.free("ballast");
    await until("it accepts work", async () => (await health(server)).status === 200);
    await put(server, "after", 100_000);
    await until("there is a reserve again", () => sizeIn(at, "reserve") >= 2 ** 20);
    assert.equal((await metrics(server)).get("signalbox_disk_full"), 0);
    assert.match(server.log, /the disk has room again/);
    assert.equal(await server.stop(), 0);
  });

  it("stops with 0 while attempts cannot be recorded, and starts on what is in reserve, to delete", async () => {
    await using at = await scene();
    let written = new Map<string, number>();
    {
      await using server = await serverProcess({ folder: at.folder, env: { SIGNALBOX_SHUTDOWN_GRACE_MS: "1000" } });
      await withRule(server, at.url);
      const released = Promise.withResolvers<void>();
      at.before = () => released.promise;
      await put(server, "under way", 10);
      await until("it is under way", () => at.requests > 0);
      written = await fillUpToReserve(at, server);
      released.resolve();
      await until("outcomes wait", () => server.log.includes("outcomes are not yet durable"));
      assert.equal(await server.stop(), 0);
    }
    assert.ok(sizeIn(at, "reserve") > 0, "stopping takes none of it");
    // Whatever stopping freed is taken by somebody else.
    await at.disk.fill("more crumbs");
    await using server = await serverProcess({ folder: at.folder });
    assert.equal(sizeIn(at, "reserve"), 0, "starting does");
    await isReadable(server, written);
    assert.equal(await failure(put(server, "refused", 10)), full);
    for (const key of written.keys()) assert.equal(await deleted(server, key), "ok", key);
    await at.disk.free("ballast");
    await until("it accepts work", async () => (await health(server)).status === 200);
    assert.equal(await server.stop(), 0);
  });

  it("lets retention drop what is past its time, and give its room back", async () => {
    await using at = await scene();
    const env = { SIGNALBOX_RETENTION_DAYS: String(20 / 86_400) };
    await using server = await serverProcess({ folder: at.folder, env });
    await server.s3.send(new CreateBucketCommand({ Bucket }));
    await put(server, "first", 10);
    await fillUpToReserve(at, server);
    const database = new DatabaseSync(join(at.folder, "signalbox.db"), { readOnly: true, timeout: 5_000 });
    await until("old events are dropped", () => database.prepare("SELECT 1 FROM event").get() === undefined, 120_000);
    database.close();
    assert.equal(sizeIn(at, "reserve"), 0, "it was given up for that");
  });
});

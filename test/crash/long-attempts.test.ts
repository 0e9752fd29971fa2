/** Kills the server while a first attempt goes on that is recorded as waiting, and everything behind it is done. */
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, it } from "node:test";
import { CreateBucketCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { databaseFile } from "../../src/store/sqlite/open.ts";
import { bodyOf, httpListener } from "../support/listeners.ts";
import { serverProcess } from "../support/server-process.ts";
import { until } from "../support/until.ts";

const Bucket = "alpha";
const others = ["a", "b", "c", "d"] as const;

interface Heard {
  readonly id: string;
  readonly key: string;
}

/** Of the folder of a running server: how many deliveries wait in its database, and whether every event is done. */
function recorded(folder: string): { readonly waiting: number; readonly allDone: boolean } {
  using db = new DatabaseSync(join(folder, databaseFile), { readOnly: true });
  const waiting = db.prepare("SELECT count(*) AS n FROM delivery WHERE status = 0").get()?.["n"];
  const open = "SELECT count(*) AS n FROM event WHERE sequence > (SELECT value FROM meta WHERE key = 'watermark')";
  return { waiting: Number(waiting), allDone: db.prepare(open).get()?.["n"] === 0 };
}

describe("killed", () => {
  it("in a first attempt that takes long: it is made again, once, and nothing that came after it is", async () => {
    const folder = await mkdtemp(join(tmpdir(), "signalbox-crash-"));
    const heard: Heard[] = [];
    let hangs = true;
    await using cleanup = new AsyncDisposableStack();
    cleanup.defer(() => rm(folder, { recursive: true, force: true }));
    const listener = cleanup.use(
      await httpListener((request, response) => {
        void bodyOf(request).then((body) => {
          const { events } = JSON.parse(body) as { events: { object: { key: string } }[] };
          const key = events[0]?.object.key ?? "";
          heard.push({ id: String(request.headers["webhook-id"]), key });
          if (key !== "slow" || !hangs) response.end();
        });
      }),
    );
    const times = (key: string): number => heard.filter((one) => one.key === key).length;
    {
      await using server = await serverProcess({ folder });
      await server.s3.send(new CreateBucketCommand({ Bucket }));
      const rule = { url: `http://127.0.0.1:${listener.port}/hook`, timeout_ms: 60_000 };
      await server.api("POST", `/api/cloud/buckets/${Bucket}/notifications/`, rule);
      for (const Key of ["slow", ...others]) {
        await server.s3.send(new PutObjectCommand({ Bucket, Key, Body: "1" }));
      }
      await until("all are heard", () => heard.length === 1 + others.length);
      await until("it is recorded as waiting, and every event is done", () => {
        const { waiting, allDone } = recorded(folder);
        return waiting === 1 && allDone;
      });
      assert.equal(times("slow"), 1);
      await server.kill();
    }
    hangs = false;
    await using server = await serverProcess({ folder });
    const [first] = heard;
    assert.ok(first !== undefined);
    const path = `/api/cloud/deliveries/${first.id}/`;
    const look = () => server.api<{ status: string; attempts: readonly { number: number }[] }>("GET", path);
    await until("it is delivered", async () => (await look()).status === "delivered");
    assert.deepEqual(
      (await look()).attempts.map(({ number }) => number),
      [1],
      "what was cut off is not among its attempts",
    );
    await server.s3.send(new PutObjectCommand({ Bucket, Key: "last", Body: "1" }));
    await until("the last is heard", () => times("last") === 1);
    assert.equal(times("slow"), 2);
    assert.equal(new Set(heard.filter(({ key }) => key === "slow").map(({ id }) => id)).size, 1);
    for (const key of others) assert.equal(times(key), 1, key);
  });
});

/** Kills the server while batches are being gathered, sent and recorded: nothing that was accepted is lost, and each event keeps its id. */
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { CreateBucketCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { batchReceiver } from "../support/batch-receiver.ts";
import { type ServerProcess, serverProcess } from "../support/server-process.ts";
import { until } from "../support/until.ts";

const Bucket = "alpha";
const rounds = 4;
const writers = 24;

/** Writes until it is killed; adds the keys of what was acknowledged. */
async function write({ s3 }: ServerProcess, names: () => string, accepted: Set<string>, over: () => boolean) {
  while (!over()) {
    const Key = names();
    try {
      await s3.send(new PutObjectCommand({ Bucket, Key, Body: "1" }));
      accepted.add(Key);
    } catch {
      // It was killed in the middle: whether the write was made is not known.
      return;
    }
  }
}

describe("killed in the middle of batches", () => {
  it("every event that was accepted is delivered, under one id, and none is recorded that was not acknowledged", async () => {
    await using cleanup = new AsyncDisposableStack();
    const folder = await mkdtemp(join(tmpdir(), "signalbox-crash-"));
    cleanup.defer(() => rm(folder, { recursive: true, force: true }));
    const receiver = cleanup.use(await batchReceiver());
    const acknowledged = new Set<string>();
    receiver.answer = ({ events }) => {
      if (receiver.heard.length % 3 === 2) return 500;
      for (const { record } of events) acknowledged.add((record as { object: { key: string } }).object.key);
      return 200;
    };
    const accepted = new Set<string>();
    let named = 0;
    const name = (): string => `k${(named += 1)}`;

    for (let round = 0; round < rounds; round += 1) {
      await using server = await serverProcess({ folder });
      if (round === 0) {
        await server.s3.send(new CreateBucketCommand({ Bucket }));
        const batch = { max_events: 10, max_wait_ms: 50 };
        const rule = { url: receiver.url, batch, max_retries: 50, backoff: { schedule_ms: [20, 50] } };
        await server.api("POST", `/api/cloud/buckets/${Bucket}/notifications/`, rule);
      }
      let over = false;
      const writing = Array.from({ length: writers }, () => write(server, name, accepted, () => over));
      // The kill follows on a request that was heard, at another place in its life each time.
      const heard = receiver.heard.length + 5 + 4 * round;
      await until("there were some batches", () => receiver.heard.length >= heard);
      await server.kill();
      over = true;
      await Promise.all(writing);
    }
    await using server = await serverProcess({ folder });
    await until("every event is delivered", () => [...accepted].every((key) => acknowledged.has(key)));
    const waits = "/api/cloud/deliveries/?status=waiting&limit=1";
    const left = (): Promise<{ deliveries: readonly unknown[] }> => server.api("GET", waits);
    await until("nothing waits", async () => (await left()).deliveries.length === 0);
    const ids = new Map<string, Set<string>>();
    for (const { events } of receiver.heard) {
      for (const { delivery, record } of events) {
        const { key } = (record as { object: { key: string } }).object;
        ids.set(key, (ids.get(key) ?? new Set()).add(delivery));
      }
    }
    for (const [key, of] of ids) assert.equal(of.size, 1, `${key} has one id on every attempt and after each kill`);
    assert.ok(receiver.heard.some(({ events }) => events.length > 1));
    // Those that were written last before each kill are the ones that were in the middle of something.
    for (const [key, [id]] of [...ids].filter(([one]) => accepted.has(one)).slice(-100)) {
      const { status } = await server.api<{ status: string }>("GET", `/api/cloud/deliveries/${id}/`);
      assert.equal(status, "delivered", key);
    }
  });
});

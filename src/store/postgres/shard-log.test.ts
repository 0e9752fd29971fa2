import assert from "node:assert/strict";
import { it } from "node:test";
import type { Client } from "pg";
import { anEvent, uuid } from "../../../test/conformance/store/given.ts";
import type { Reads, Row } from "../sql/step.ts";
import { ShardLog } from "./shard-log.ts";
import { Shards } from "./shards.ts";

const shard = 3;
const sequence = 64 + shard;

/** Lets itself be asked by {@link Shards} alone. @param free whether the lock is to be had */
function database(free: () => boolean): Client {
  const query = async (text: string): Promise<{ readonly rows: readonly object[] }> => {
    if (text.includes("pg_try_advisory_lock")) return { rows: free() ? [{ id: shard }] : [] };
    if (text.startsWith("UPDATE shard SET owner = $3")) return { rows: [{ id: shard, epoch: 1, watermark: 0 }] };
    if (text.includes("last_event_sequence")) return { rows: [{ last: 63 }] };
    return { rows: [] };
  };
  return { query } as unknown as Client;
}

const event = { ...anEvent(uuid("bucket")), sequence, revision: 1 };

/** As a read of the store finds it. */
const row: Row = {
  sequence,
  revision: 1,
  id: event.id,
  tenant: event.tenant,
  resource: event.resource,
  names: "{}",
  origin: event.origin,
  time_ms: event.timeMs,
  data: "{}",
};

it("does not call an event done whose shard was lost before that was written, and comes back", async (t) => {
  let nowMs = 100_000;
  t.mock.method(performance, "now", () => nowMs);
  let isFree = true;
  let found: readonly Row[] = [];
  const shards = new Shards("a");
  const log = new ShardLog({ upTo: () => [...found] } as unknown as Reads, shards);
  const client = database(() => isFree);
  const take = (): Promise<void> => shards.take(client, [{ id: shard, owner: undefined, epoch: 0 }]);
  await take();
  assert.deepEqual(await log.take(9), []);
  log.committed(event, 1);
  assert.deepEqual(
    (await log.take(9)).map((one) => [one.event.sequence, one.again]),
    [[sequence, false]],
  );
  log.done(sequence);
  assert.deepEqual([...log.busy], [shard], "it is open as long as that is not written");
  isFree = false;
  await shards.resume(client);
  assert.equal(log.holds(sequence), false);
  assert.deepEqual([...log.stale(nowMs)], [shard]);

  nowMs += 30_000;
  assert.deepEqual([...log.stale(nowMs)], [], "what comes late of it has come");
  isFree = true;
  await take();
  found = [row];
  assert.deepEqual(
    (await log.take(9)).map((one) => [one.event.sequence, one.again]),
    [[sequence, true]],
  );
  log.recorded([sequence]);
  assert.deepEqual([...log.busy], [shard]);
  log.done(sequence);
  log.recorded([sequence]);
  assert.deepEqual([...log.busy], []);
});

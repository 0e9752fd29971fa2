/** A destination that 2,000 subscriptions name, the most that there may be: what a change of it costs everybody else. */
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { CreateBucketCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { systemClock } from "../../src/clock.ts";
import { maxDestinationUsers } from "../../src/domain/destination.ts";
import type { FilterText } from "../../src/domain/filter/index.ts";
import { parseUuid } from "../../src/domain/ids.ts";
import { silentLog } from "../../src/log.ts";
import { freshUuid } from "../../src/platform/deps.ts";
import { openSqliteStore } from "../../src/store/sqlite/store.ts";
import { busy, within } from "../support/cpu-limits.ts";
import { type RunningServer, runServer } from "../support/in-process.ts";
import { migrated } from "../support/migrated.ts";
import { until } from "../support/until.ts";
import { unwatched } from "../support/unwatched.ts";
import { webhookReceiver } from "../support/webhooks.ts";

const destination = "/api/cloud/destinations/orders/";

/** As many more as the rule `id` leaves room for, each of which wants a key of its own. Of a server that is stopped. */
async function addUsers(folder: string, id: string): Promise<void> {
  await using opened = await unwatched(() => openSqliteStore({ folder, clock: systemClock, log: silentLog }));
  const { store } = opened;
  const rule = (await store.subscriptions.get(parseUuid(id) ?? assert.fail())) ?? assert.fail();
  const { number: _, revision: __, fromRevision: ___, updatedMs: ____, ...kept } = rule;
  const changes = Array.from({ length: maxDestinationUsers - 1 }, (_, n) => ({
    do: "subscription.add" as const,
    subscription: {
      ...kept,
      uuid: freshUuid(systemClock, "subscription"),
      filter: `WHERE key = "k${n}"` as FilterText,
    },
  }));
  await store.commit({ changes });
}

function put({ s3 }: RunningServer, Key: string): Promise<unknown> {
  return s3.send(new PutObjectCommand({ Bucket: "photos", Key, Body: "x" }));
}

describe("a destination that 2,000 subscriptions name", () => {
  it("is changed for all of them at once, and holds no other caller up", async () => {
    const folder = await mkdtemp(join(tmpdir(), "signalbox-users-"));
    await using opened = new AsyncDisposableStack();
    opened.defer(() => rm(folder, { recursive: true, force: true }));
    await using ears = await webhookReceiver();
    const env = { SIGNALBOX_DATA: migrated(folder) };
    {
      await using first = await runServer(env);
      await first.s3.send(new CreateBucketCommand({ Bucket: "photos" }));
      const target = { type: "webhook", url: `${ears.url}/v1` };
      await first.api("POST", "/api/cloud/destinations/", { name: "orders", target });
      const { id } = await first.api<{ id: string }>("POST", "/api/cloud/buckets/photos/notifications/", {
        target: { type: "destination", name: "orders" },
        filter: "WHERE key = 'first'",
      });
      await first[Symbol.asyncDispose]();
      await addUsers(folder, id);
    }
    await using server = await runServer(env);
    assert.equal((await server.api<{ users: number }>("GET", destination)).users, maxDestinationUsers);
    await put(server, "k7");
    await until("an event before the change", () => ears.received.length === 1);
    for (const n of [2, 3, 4]) {
      const watch = busy();
      await server.api("PATCH", destination, { target: { url: `${ears.url}/v${n}` } });
      await put(server, `k${n * 400}`);
      await until("an event behind the change", () => ears.received.length === n);
      within(20, watch.stop());
    }
    assert.deepEqual(
      ears.received.map(({ path, events }) => [path, events[0]?.object.key]),
      [
        ["/v1", "k7"],
        ["/v2", "k800"],
        ["/v3", "k1200"],
        ["/v4", "k1600"],
      ],
    );
  });
});

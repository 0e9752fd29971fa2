/** Filters that cost much cost only their own tenant: through the real server, with a member's filters in its database. */
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { CreateBucketCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { systemClock } from "../../src/clock.ts";
import type { Uuid } from "../../src/domain/ids.ts";
import { silentLog } from "../../src/log.ts";
import { aSubscription } from "../../src/store/conformance/given.ts";
import { openSqliteStore } from "../../src/store/sqlite/store.ts";
import { type RunningServer, runServer } from "../support/in-process.ts";
import { until } from "../support/until.ts";
import { type WebhookReceiver, webhookReceiver } from "../support/webhooks.ts";

const Bucket = "alpha";
/** On which each costly filter follows 800 threads over 1,000 characters: 3 ms. */
const worstKey = "ab".repeat(500);

interface Tenant {
  readonly s3: S3Client;
  readonly api: <T>(method: string, path: string, body?: unknown) => Promise<T>;
}

/** A tenant with a bucket, made as operators make them. */
async function tenant(server: RunningServer, id: string): Promise<Tenant> {
  const api = async <T>(method: string, path: string, body?: unknown): Promise<T> => {
    const answer = await fetch(new URL(path, server.url), {
      method,
      headers: {
        authorization: `Bearer ${server.token}`,
        "x-signalbox-tenant": id,
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    assert.ok(answer.ok, `${method} ${path}: ${answer.status} ${text}`);
    return (JSON.parse(text) as { readonly data: T }).data;
  };
  await server.api("POST", "/api/cloud/tenants/", { id, name: id });
  await api("POST", "/api/cloud/tokens/", { principal: "ann", role: "admin" });
  const key = await api<{ readonly access_key_id: string; readonly secret_access_key: string }>(
    "POST",
    "/api/cloud/access-keys/",
    { principal: "ann", label: "test" },
  );
  const s3 = new S3Client({
    endpoint: server.s3Url,
    region: "us-east-1",
    forcePathStyle: true,
    credentials: { accessKeyId: key.access_key_id, secretAccessKey: key.secret_access_key },
    maxAttempts: 1,
  });
  await s3.send(new CreateBucketCommand({ Bucket }));
  return { s3, api };
}

function costly(index: number): string {
  return `key REGEXP '[ab]*[a${index}]b?[ab]{800}[^ab${index}]'`;
}

async function folder() {
  const path = await mkdtemp(join(tmpdir(), "signalbox-costly-"));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

/** Puts so many rules into the bucket of a server that is stopped. */
async function withFilters(path: string, count: number): Promise<{ readonly bucket: Uuid }> {
  await using opened = await openSqliteStore({ folder: path, clock: systemClock, log: silentLog });
  const bucket = (await opened.store.objects.bucket("costs", Bucket))?.uuid;
  assert.ok(bucket !== undefined);
  for (let from = 0; from < count; from += 1_000) {
    const some = Array.from({ length: Math.min(1_000, count - from) }, (_, index) => ({
      do: "subscription.add" as const,
      subscription: aSubscription(bucket, { tenant: "costs", owner: "ann", filter: costly(from + index) }),
    }));
    await opened.store.commit({ changes: some });
  }
  return { bucket };
}

/** The longest that this thread computed at one go since it was begun, in milliseconds of its CPU time. */
function busy(): { stop(): number } {
  let longest = 0;
  let going = true;
  let before = process.threadCpuUsage();
  const look = (): void => {
    const { user, system } = process.threadCpuUsage(before);
    before = process.threadCpuUsage();
    longest = Math.max(longest, (user + system) / 1_000);
    if (going) setImmediate(look);
  };
  setImmediate(look);
  return {
    stop: () => {
      going = false;
      return longest;
    },
  };
}

const keysOf = (receiver: WebhookReceiver): string[] =>
  receiver.received.flatMap(({ events }) => events.map(({ object }) => object.key));

describe("a member's costly filters", () => {
  for (const { count, waits } of [
    { count: 200, waits: true },
    { count: 10_000, waits: false },
  ]) {
    it(`${count} of them and three writes delay no other tenant`, async () => {
      await using data = await folder();
      await using receiver = await webhookReceiver();
      const env = { SIGNALBOX_DATA: data.path, SIGNALBOX_MATCH_MS_PER_SECOND: "1000" };
      {
        await using server = await runServer(env);
        const costs = await tenant(server, "costs");
        await costs.api("POST", `/api/cloud/buckets/${Bucket}/notifications/`, { url: `${receiver.url}/costs` });
        costs.s3.destroy();
      }
      const { bucket } = await withFilters(data.path, count);
      await using server = await runServer(env);
      const cheap = await tenant(server, "cheap");
      await cheap.api("POST", `/api/cloud/buckets/${Bucket}/notifications/`, {
        url: `${receiver.url}/cheap`,
        filter: "key REGEXP '^n[0-9]+$'",
      });
      const publish = (key: string): Promise<number> =>
        server.signalbox.publish({
          tenant: "costs",
          resource: bucket,
          scope: bucket,
          names: { objects: "OBJECT_CREATED_PUT" },
          data: { bucket: Bucket, key, size: 1, eTag: "", contentType: "text/plain", reason: "PutObject" },
        });
      await cheap.s3.send(new PutObjectCommand({ Bucket, Key: "n0", Body: "warm" }));
      await until("it arrives", () => keysOf(receiver).includes("n0"));
      const watch = busy();
      const worst = ["1", "2", "3"].map((last) => worstKey.slice(0, 999) + last);
      for (const key of worst) await publish(key);
      const neighbours: string[] = [];
      for (let turn = 1; turn <= 10; turn += 1) {
        const key = `n${turn}`;
        await cheap.s3.send(new PutObjectCommand({ Bucket, Key: key, Body: key }));
        await until(`${key} arrives`, () => keysOf(receiver).includes(key));
        neighbours.push(key);
      }
      const longest = watch.stop();
      assert.ok(longest < 100, `the thread computed for ${longest} ms at one go`);
      assert.deepEqual(
        keysOf(receiver).filter((key) => key.startsWith("n")),
        ["n0", ...neighbours],
      );
      if (waits) {
        await until("all arrive", () => worst.every((key) => keysOf(receiver).includes(key)));
        // In their order, as they were written.
        assert.deepEqual(
          keysOf(receiver).filter((key) => worst.includes(key)),
          worst,
        );
      } else {
        assert.ok(!keysOf(receiver).includes(worst[2] ?? ""), "its own events wait for its own filters");
        const metrics = await (await fetch(new URL("/metrics", server.url))).text();
        assert.match(metrics, /^signalbox_slow_matches_total [1-3]$/m);
      }
      cheap.s3.destroy();
    });
  }
});

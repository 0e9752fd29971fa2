/** A tenant's costly filters in a process that has little memory: it lives, and all events are dispatched, after a kill too. */
import assert from "node:assert/strict";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { it } from "node:test";
import { CreateBucketCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { systemClock } from "../../src/clock.ts";
import { silentLog } from "../../src/log.ts";
import { openSqliteStore } from "../../src/store/sqlite/store.ts";
import { aSubscription } from "../conformance/store/given.ts";
import { processEnv } from "../support/process-env.ts";
import { type ServerProcess, serverProcess } from "../support/server-process.ts";
import { stored } from "../support/stored.ts";
import { until } from "../support/until.ts";
import { webhookReceiver } from "../support/webhooks.ts";

const Bucket = "alpha";
const count = 1_800;
/** Compiled, and with the states that one such key takes, each has hundreds of KiB: more than the heap, all together. */
const costly = (index: number): string => `key REGEXP '[ab]*[a${index % 10}]b?[ab]{300}[^ab]${index}'`;
const keys = ["1", "2", "3", "4"].map((last) => `${"ab".repeat(511)}${last}`);
const mostMib = 600;

/** As many rules as a program that has the store can make: several buckets and owners come to the same. */
async function withFilters(folder: string, url: string): Promise<void> {
  await using opened = await openSqliteStore({ folder, clock: systemClock, log: silentLog });
  const bucket = await opened.store.objects.bucket("default", Bucket);
  const [rule] = await opened.store.subscriptions.list({ tenant: "default" }, { max: 1 });
  assert.ok(bucket !== undefined && rule?.target.kind === "webhook");
  const { owner, target } = rule;
  const some = Array.from({ length: count }, (_, index) => ({
    do: "subscription.add" as const,
    subscription: aSubscription(bucket.uuid, {
      tenant: "default",
      owner,
      filter: stored(costly(index)),
      target: { ...target, url: stored(url) },
    }),
  }));
  await opened.store.commit({ changes: some });
}

async function peakMib({ pid }: ServerProcess): Promise<number> {
  const [, kib = "0"] = /VmHWM:\s+(\d+)/.exec(await readFile(`/proc/${pid}/status`, "utf8")) ?? [];
  return Math.round(Number(kib) / 1_024);
}

it(`${count} costly filters of one tenant with a heap of 512 MiB`, async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "signalbox-costly-"));
  await using receiver = await webhookReceiver();
  const arrived = (): string[] =>
    receiver.received.flatMap(({ events }) => events.map(({ object }) => object.key)).toSorted();
  const env = {
    SIGNALBOX_MATCH_MS_PER_SECOND: "1000",
    NODE_OPTIONS: `${processEnv["NODE_OPTIONS"] ?? ""} --max-old-space-size=512`,
  };
  try {
    {
      await using server = await serverProcess({ folder, env });
      await server.s3.send(new CreateBucketCommand({ Bucket }));
      await server.api("POST", `/api/cloud/buckets/${Bucket}/notifications/`, { url: receiver.url });
      assert.equal(await server.stop(), 0);
    }
    await withFilters(folder, `${receiver.url}/never`);
    {
      await using server = await serverProcess({ folder, env });
      for (const Key of keys) await server.s3.send(new PutObjectCommand({ Bucket, Key, Body: "1" }));
      await until("the first arrives", () => arrived().length >= 1, 30_000);
      const mib = await peakMib(server);
      t.diagnostic(`${mib} MiB`);
      assert.ok(mib < mostMib, `${mib} MiB`);
      // The others wait: they are found when the next one starts.
      await server.kill();
    }
    await using server = await serverProcess({ folder, env });
    await until("all arrive", () => new Set(arrived()).size === keys.length, 60_000);
    const { matching } = await server.api<{
      readonly matching: { readonly filter_bytes: number; readonly limit_filter_bytes: number };
    }>("GET", "/api/cloud/usage/");
    assert.ok(matching.filter_bytes <= matching.limit_filter_bytes);
    const mib = await peakMib(server);
    t.diagnostic(`${mib} MiB after the restart`);
    assert.ok(mib < mostMib, `${mib} MiB`);
    assert.deepEqual([...new Set(arrived())], keys);
    assert.equal(await server.stop(), 0);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

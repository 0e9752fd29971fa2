/** An event that kills the process: twice, and no more. */
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { it } from "node:test";
import { CreateBucketCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { processEnv } from "../support/process-env.ts";
import { adminToken, credentials } from "../support/server-process.ts";
import { until } from "../support/until.ts";
import { webhookReceiver } from "../support/webhooks.ts";

const fixture = new URL("./poison.fixture.ts", import.meta.url).pathname;
const Bucket = "alpha";

/** Those that live when the test fails are killed with it. */
const children: ChildProcess[] = [];

interface Started {
  readonly url: string;
  readonly s3: S3Client;
  readonly ended: Promise<unknown>;
  end(signal: NodeJS.Signals): Promise<void>;
}

/** `undefined` when it ends before it is ready. */
async function started(folder: string, env: Readonly<Record<string, string>> = {}): Promise<Started | undefined> {
  const child = spawn(process.execPath, [fixture], {
    env: {
      ...processEnv,
      SIGNALBOX_DATA: folder,
      SIGNALBOX_PORT: "0",
      SIGNALBOX_S3_PORT: "0",
      SIGNALBOX_ADMIN_TOKEN: adminToken,
      SIGNALBOX_S3_ACCESS_KEY_ID: credentials.accessKeyId,
      SIGNALBOX_S3_SECRET_ACCESS_KEY: credentials.secretAccessKey,
      SIGNALBOX_EGRESS_ALLOW: "127.0.0.1",
      ...env,
    },
    stdio: ["ignore", "pipe", "inherit"],
  });
  children.push(child);
  const ended = once(child, "close");
  const said = new Promise<string>((resolve) => {
    let text = "";
    child.stdout.setEncoding("utf8").on("data", (piece: string) => {
      text += piece;
      if (text.includes("\n")) resolve(text);
    });
  });
  const ready = await Promise.race([said, ended.then(() => undefined)]);
  const [, url, s3Url] = /ready api=(\S+) s3=(\S+)(?: dashboard=\S+)?\n/.exec(ready ?? "") ?? [];
  if (url === undefined || s3Url === undefined) return undefined;
  const s3 = new S3Client({ endpoint: s3Url, region: "us-east-1", forcePathStyle: true, credentials, maxAttempts: 1 });
  return {
    url,
    s3,
    ended,
    end: async (signal) => {
      child.kill(signal);
      await ended;
      s3.destroy();
    },
  };
}

async function api<T>({ url }: Started, method: string, path: string, body?: unknown): Promise<T> {
  const answer = await fetch(`${url}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${adminToken}`,
      ...(body === undefined ? {} : { "content-type": "application/json" }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  assert.ok(answer.ok, `${method} ${path}: ${answer.status} ${text}`);
  return (JSON.parse(text) as { readonly data: T }).data;
}

/** Waits until that is recorded: what has arrived and was not recorded is sent again by the next process. */
async function delivered(server: Started, deliveries: number): Promise<void> {
  await until(`${deliveries} deliveries are recorded`, async () => {
    const { usage } = await api<{ usage: readonly { delivered: number }[] }>(server, "GET", "/api/cloud/usage/");
    return usage.some((row) => row.delivered === deliveries);
  });
}

interface Poisoned {
  readonly poisoned: readonly { readonly id: string; readonly names: Readonly<Record<string, string>> }[];
}

it("an event that killed two processes is set aside, listed and counted; the rest goes on, and it can be redriven", async () => {
  const folder = await mkdtemp(join(tmpdir(), "signalbox-poison-"));
  await using receiver = await webhookReceiver();
  const keys = (): string[] =>
    receiver.received.flatMap(({ events }) => events.map(({ object }) => object.key)).toSorted();
  try {
    const first = await started(folder);
    assert.ok(first !== undefined);
    await first.s3.send(new CreateBucketCommand({ Bucket }));
    await api(first, "POST", `/api/cloud/buckets/${Bucket}/notifications/`, { url: receiver.url });
    await first.s3.send(new PutObjectCommand({ Bucket, Key: "before", Body: "1" }));
    await delivered(first, 1);
    // It may be killed before it answers, but not before the event is durable.
    await Promise.allSettled([first.s3.send(new PutObjectCommand({ Bucket, Key: "poison", Body: "2" }))]);
    await first.ended;
    first.s3.destroy();
    // The same event kills the next process, before or after that is ready.
    const second = await started(folder);
    if (second !== undefined) {
      await second.ended;
      second.s3.destroy();
    }
    const third = await started(folder);
    assert.ok(third !== undefined, "the third process lives");
    await third.s3.send(new PutObjectCommand({ Bucket, Key: "behind", Body: "3" }));
    await delivered(third, 2);
    const { poisoned } = await api<Poisoned>(third, "GET", "/api/cloud/poisoned/");
    assert.deepEqual(
      poisoned.map(({ names }) => names["objects"]),
      ["OBJECT_CREATED_PUT"],
    );
    const metrics = await (await fetch(`${third.url}/metrics`)).text();
    assert.match(metrics, /^signalbox_events_aside\{state="poisoned"\} 1$/m);
    assert.ok(!keys().includes("poison"));
    await third.end("SIGTERM");
    const mended = await started(folder, { POISON_MENDED: "yes" });
    assert.ok(mended !== undefined);
    await api(mended, "POST", `/api/cloud/poisoned/${poisoned[0]?.id}/redrive/`);
    await until("it arrives when it is redriven", () => keys().includes("poison"));
    await until("it is no longer aside", async () => {
      const left = await (await fetch(`${mended.url}/metrics`)).text();
      return /^signalbox_events_aside\{state="waiting"\} 0$/m.test(left);
    });
    assert.deepEqual((await api<Poisoned>(mended, "GET", "/api/cloud/poisoned/")).poisoned, []);
    assert.deepEqual(keys(), ["before", "behind", "poison"]);
    await mended.end("SIGTERM");
  } finally {
    for (const child of children) child.kill("SIGKILL");
    await rm(folder, { recursive: true, force: true });
  }
});

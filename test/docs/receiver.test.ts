import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { describe, it } from "node:test";
import { CreateBucketCommand, DeleteObjectCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { receiver } from "../../examples/receiver/receiver.ts";
import { newSigningSecret, sign, signingKey } from "../../src/domain/signature.ts";
import { runServer } from "../support/in-process.ts";
import { httpListener, type Listener } from "../support/listeners.ts";
import { processEnv } from "../support/process-env.ts";

const secret = newSigningSecret(randomBytes(32));

interface Sent {
  readonly id: string;
  readonly sequence: number;
  readonly key?: string;
  readonly secret?: string;
  readonly test?: boolean;
}

/** Sends what Signalbox would, and gives the status. */
async function send({ port }: Listener, { id, sequence, key = "k", secret: by = secret, test }: Sent): Promise<number> {
  const event = { eventName: "OBJECT_CREATED_PUT", bucket: "b", object: { key }, ...(test === true ? { test } : {}) };
  const body = JSON.stringify({ events: [event] });
  const timestampS = Math.floor(Date.now() / 1000);
  const response = await fetch(`http://127.0.0.1:${port}/`, {
    method: "POST",
    body,
    headers: {
      "webhook-id": id,
      "webhook-timestamp": String(timestampS),
      "webhook-signature": sign([signingKey(by)], { id, timestampS, body }),
      "x-signalbox-sequence": sequence.toString(16).padStart(16, "0"),
    },
  });
  return response.status;
}

describe("examples/receiver", () => {
  it("applies what is signed, once, and in order", async () => {
    const applied: string[] = [];
    const outcomes: string[] = [];
    await using listener = await httpListener(
      receiver({
        secrets: [secret],
        apply: (_event, { id }) => void applied.push(id),
        told: (outcome, _event, { id }) => void outcomes.push(`${id} ${outcome}`),
      }),
    );
    assert.equal(await send(listener, { id: "first", sequence: 10 }), 200);
    assert.equal(await send(listener, { id: "first", sequence: 10 }), 200);
    assert.equal(await send(listener, { id: "third", sequence: 30 }), 200);
    assert.equal(await send(listener, { id: "second", sequence: 20 }), 200);
    assert.equal(await send(listener, { id: "other", sequence: 5, key: "other" }), 200);
    assert.equal(await send(listener, { id: "test", sequence: 1, test: true }), 200);
    assert.equal(await send(listener, { id: "forged", sequence: 99, secret: newSigningSecret(randomBytes(32)) }), 401);
    assert.deepEqual(outcomes, [
      "first applied",
      "first duplicate",
      "third applied",
      "second stale",
      "other applied",
      "test test",
    ]);
    assert.deepEqual(applied, ["first", "third", "other"]);
  });

  it("remembers nothing of what could not be applied, so that the next try does it", async () => {
    const failures: string[] = [];
    let broken = true;
    const applied: string[] = [];
    const apply = (_event: unknown, { id }: { readonly id: string }): void => {
      if (broken) throw new Error("the database is away");
      applied.push(id);
    };
    await using listener = await httpListener(
      receiver({ secrets: [secret], apply, failed: (why) => void failures.push(String(why)) }),
    );
    assert.equal(await send(listener, { id: "one", sequence: 1 }), 500);
    assert.deepEqual(failures, ["Error: the database is away"]);
    broken = false;
    assert.equal(await send(listener, { id: "one", sequence: 1 }), 200);
    assert.deepEqual(applied, ["one"]);
  });

  it("refuses a body that is too long to be true", async () => {
    await using listener = await httpListener(receiver({ secrets: [secret], apply: () => {} }));
    const response = await fetch(`http://127.0.0.1:${listener.port}/`, {
      method: "POST",
      body: "x".repeat(1024 * 1024 + 1),
    }).then(
      ({ status }) => status,
      // The answer may come while the body is still being sent.
      () => 413,
    );
    assert.equal(response, 413);
  });

  it("runs as its README says, against a server", async () => {
    await using server = await runServer();
    await server.s3.send(new CreateBucketCommand({ Bucket: "photos" }));
    const rules = "/api/cloud/buckets/photos/notifications/";
    const rule = { url: "http://127.0.0.1:3000/" };
    const made = await server.api<{ id: string; signing_secret: string }>("POST", rules, rule);
    const program = new URL("../../examples/receiver/receiver.ts", import.meta.url).pathname;
    const child = spawn(process.execPath, [program], {
      env: { ...processEnv, WEBHOOK_SECRET: made.signing_secret, PORT: "0" },
      stdio: ["ignore", "pipe", "inherit"],
    });
    try {
      const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
      const line = async (): Promise<string> => String((await lines.next()).value);
      const url = (await line()).replace("listening on ", "");
      await server.api("PATCH", `${rules}${made.id}/`, { url });
      await server.s3.send(new PutObjectCommand({ Bucket: "photos", Key: "cat.jpg", Body: "meow" }));
      assert.match(await line(), /^applied OBJECT_CREATED_PUT photos\/cat\.jpg [0-9a-f]{16}$/);
      await server.s3.send(new DeleteObjectCommand({ Bucket: "photos", Key: "cat.jpg" }));
      assert.match(await line(), /^applied OBJECT_DELETED photos\/cat\.jpg [0-9a-f]{16}$/);
    } finally {
      child.kill();
      await once(child, "close");
    }
  });
});

/** What filters cost is told to whom they belong: in all, and by subscription. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { CreateBucketCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { type RunningServer, runServer } from "../support/in-process.ts";
import { until } from "../support/until.ts";
import { webhookReceiver } from "../support/webhooks.ts";

/** A costly filter follows a thousand threads over as many characters: 3 ms of the 10 ms of a second. */
const costly = "key REGEXP '[ab]*a?b?[ab]{800}[^ab]'";
const worstKey = "ab".repeat(500);

interface Told {
  readonly limit_ms_per_second: number;
  readonly spent_ms: number;
  readonly waited_ms: number;
  readonly events_waiting: number;
  readonly refused: number;
  readonly filter_bytes: number;
  readonly costliest: readonly {
    readonly subscription: string;
    readonly face: string;
    readonly filter: string;
    readonly spent_ms: number;
    readonly instructions: number;
  }[];
}

interface Call {
  readonly method: string;
  readonly path: string;
  readonly body?: unknown;
}

async function as(server: RunningServer, token: string, { method, path, body }: Call) {
  const answer = await fetch(new URL(path, server.url), {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      ...(body === undefined ? {} : { "content-type": "application/json" }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  assert.ok(answer.ok, `${method} ${path}: ${answer.status} ${text}`);
  return (JSON.parse(text) as { readonly data: Record<string, unknown> }).data;
}

async function member(server: RunningServer, principal: string) {
  const { token } = await server.api<{ readonly token: string }>("POST", "/api/cloud/tokens/", {
    principal,
    role: "member",
  });
  const key = await as(server, token, { method: "POST", path: "/api/cloud/access-keys/", body: {} });
  const credentials = { accessKeyId: String(key["access_key_id"]), secretAccessKey: String(key["secret_access_key"]) };
  const s3 = new S3Client({ endpoint: server.s3Url, region: "us-east-1", forcePathStyle: true, credentials });
  await s3.send(new CreateBucketCommand({ Bucket: principal }));
  return {
    s3,
    token,
    matching: async () => (await as(server, token, { method: "GET", path: "/api/cloud/usage/" }))["matching"] as Told,
    rule: async (url: string, filter: string) => {
      const path = `/api/cloud/buckets/${principal}/notifications/`;
      return String((await as(server, token, { method: "POST", path, body: { url, filter } }))["id"]);
    },
    [Symbol.dispose]: () => s3.destroy(),
  };
}

describe("what a tenant's filters cost", () => {
  it("is told with the usage: that they are over the limit, what waits, and which of one's own to make simpler", async () => {
    await using receiver = await webhookReceiver();
    await using server = await runServer({ SIGNALBOX_MATCH_MS_PER_SECOND: "10" });
    using ann = await member(server, "ann");
    using ben = await member(server, "ben");
    const rules: string[] = [];
    for (let number = 0; number < 12; number += 1) {
      rules.push(await ann.rule(`${receiver.url}/ann`, `${costly} OR key = 'n${number}'`));
    }
    const plain = await ann.rule(`${receiver.url}/plain`, "key LIKE 'abab%'");
    const cheap = await ben.rule(`${receiver.url}/ben`, "key REGEXP '(a|b)+c?d'");
    const atRest = await ann.matching();
    assert.deepEqual([atRest.spent_ms, atRest.waited_ms, atRest.costliest], [0, 0, []]);
    assert.equal(atRest.limit_ms_per_second, 10);
    await ben.s3.send(new PutObjectCommand({ Bucket: "ben", Key: "abd", Body: "1" }));
    await until("ben's arrives", () => receiver.received.length === 1);
    for (const key of ["1", "2", "3"]) {
      await ann.s3.send(new PutObjectCommand({ Bucket: "ann", Key: `${worstKey}${key}`, Body: "1" }));
    }
    await until("events wait for the tenant's share", async () => (await ann.matching()).events_waiting > 0);
    await until("the first has waited", async () => (await ann.matching()).waited_ms > 0);
    const ofAnn = await ann.matching();
    assert.ok(ofAnn.spent_ms >= 10, `${ofAnn.spent_ms} ms`);
    assert.ok(ofAnn.filter_bytes > 0);
    assert.ok(ofAnn.costliest.length > 0 && ofAnn.costliest.length <= 10);
    for (const { subscription, face, filter, instructions } of ofAnn.costliest) {
      // What costs no more than a comparison is only in the sum.
      assert.ok(rules.includes(subscription) && subscription !== plain, subscription);
      assert.equal(face, "objects");
      assert.ok(filter.startsWith(costly));
      assert.ok(instructions > 800);
    }
    assert.deepEqual(
      ofAnn.costliest.map((one) => one.spent_ms),
      ofAnn.costliest.map((one) => one.spent_ms).toSorted((one, other) => other - one),
    );
    // The sums are the tenant's; whose filters cost, only who knows of them is told.
    const ofBen = await ben.matching();
    assert.deepEqual(
      ofBen.costliest.map(({ subscription }) => subscription),
      [cheap],
    );
    assert.ok(ofBen.spent_ms >= ofAnn.spent_ms);
    const { matching } = await server.api<{ readonly matching: Told }>("GET", "/api/cloud/usage/");
    assert.ok(rules.includes(matching.costliest[0]?.subscription ?? ""));
    for (const { subscription } of matching.costliest) assert.ok([...rules, cheap].includes(subscription));
  });
});

/** Searches that a caller chooses to be slow. The server runs in this process: what they cost its thread is measured. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { CreateBucketCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { costsAtMost } from "../support/cpu-limits.ts";
import { type RunningServer, runServer } from "../support/in-process.ts";

const face = "/notifications/v2/";

async function search(server: RunningServer, terms: Readonly<Record<string, string>>, path = face) {
  const response = await fetch(new URL(`${path}?${new URLSearchParams(terms).toString()}`, server.url), {
    headers: { authorization: `Bearer ${server.token}` },
  });
  const { message, result } = (await response.json()) as { readonly message: string; readonly result: unknown };
  return { status: response.status, message, found: Array.isArray(result) ? result.length : undefined };
}

async function subscribe(server: RunningServer, url: string): Promise<string> {
  const response = await fetch(new URL(face, server.url), {
    method: "POST",
    headers: { authorization: `Bearer ${server.token}`, "content-type": "application/json" },
    body: JSON.stringify({ url, event: "DELETED", associatedUuid: "*", persistent: true }),
  });
  const { result } = (await response.json()) as { readonly result: { readonly id: string } };
  assert.equal(response.status, 201);
  return result.id;
}

/** A path in which such a pattern has to look again and again, to no avail. */
const stubborn = `${Array.from({ length: 950 }, (_, index) => ((index * 7919) % 13 < 6 ? "a" : "b")).join("")}c`;
const slow = "a[ab]{900}cd?.";

describe("searches by pattern", () => {
  it("are done beside the thread of all, and other requests in between", async () => {
    await using server = await runServer();
    await Promise.all(
      Array.from({ length: 200 }, (_, index) => subscribe(server, `http://127.0.0.1/${index}/${stubborn}`)),
    );
    // It took this thread 8 s.
    await costsAtMost(700, async () => {
      const order: string[] = [];
      const costly = search(server, { "url.rlike": slow }).then(({ status, found }) =>
        order.push(`${status} ${found}`),
      );
      const light = (async () => {
        for (let asked = 0; asked < 3; asked += 1) await search(server, { limit: "1" });
        order.push("light");
      })();
      await Promise.all([costly, light]);
      assert.deepEqual(order, ["light", "200 0"]);
    });
    const { found } = await search(server, { "url.rlike": "/1[0-4]/a+b", limit: "250" });
    assert.equal(found, 5);
  });

  it("that would take too long over so much text say what to do", async () => {
    await using server = await runServer();
    await Promise.all(
      Array.from({ length: 350 }, (_, index) => subscribe(server, `http://127.0.0.1/${index}/${stubborn}`)),
    );
    const { status, message } = await search(server, { "url.rlike": slow });
    assert.equal(status, 400);
    assert.match(message, /^url.rlike: would take too long .* narrow the search by another field, or use a smaller/);
    const narrowed = await search(server, { "url.rlike": slow, "url.like": "http://127.0.0.1/7/*" });
    assert.deepEqual([narrowed.status, narrowed.found], [200, 0]);
  });
});

describe("checks of a filter", () => {
  it("against the newest events are made a little at a time, and other requests in between", async () => {
    await using server = await runServer();
    const { s3 } = server;
    await s3.send(new CreateBucketCommand({ Bucket: "photos" }));
    for (let put = 0; put < 100; put += 1) {
      const Key = `${put}/${stubborn.slice(0, 900)}c`;
      await s3.send(new PutObjectCommand({ Bucket: "photos", Key, Body: "x" }));
    }
    const pattern = "a[ab]{800}cd?.";
    // Each predicate alone is within what a filter may cost: one of these took this thread 2 s.
    const filter = Array.from({ length: 20 }, () => `key REGEXP "${pattern}"`).join(" OR ");
    const order: string[] = [];
    const check = server
      .api<{ matched: number }>("POST", "/api/cloud/buckets/photos/notifications/check/", { filter, last: 100 })
      .then(({ matched }) => order.push(`matched ${matched}`));
    const light = (async () => {
      for (let asked = 0; asked < 3; asked += 1) await server.api("GET", "/api/cloud/buckets/");
      order.push("light");
    })();
    await Promise.all([check, light]);
    assert.deepEqual(order, ["light", "matched 0"]);
    const { checks } = await server.api<{ checks: readonly { readonly reasons: readonly string[] }[] }>(
      "POST",
      "/api/cloud/buckets/photos/notifications/check/",
      { filter: `key REGEXP "${pattern}" AND size > 5`, last: 2 },
    );
    assert.deepEqual(
      checks.map(({ reasons }) => reasons.length),
      [2, 2],
    );
  });
});

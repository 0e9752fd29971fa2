import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { CreateBucketCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { putEvent } from "../../bench/support/events.ts";
import { EventStreamReader } from "../../src/domain/event-stream.ts";
import type { Uuid } from "../../src/index.ts";
import { type RunningServer, runServer } from "../support/in-process.ts";
import { follow } from "../support/live.ts";
import { until } from "../support/until.ts";
import { webhookReceiver } from "../support/webhooks.ts";

async function withBucket(env: Readonly<Record<string, string>> = {}) {
  const server = await runServer(env);
  await server.s3.send(new CreateBucketCommand({ Bucket: "photos" }));
  return server;
}

async function put(server: RunningServer, ...keys: readonly string[]): Promise<void> {
  await Promise.all(
    keys.map((Key) => server.s3.send(new PutObjectCommand({ Bucket: "photos", Key, Body: "x".repeat(Key.length) }))),
  );
}

async function tokenOf(server: RunningServer, principal: string, role: string): Promise<{ id: string; token: string }> {
  return server.api("POST", "/api/cloud/tokens/", { principal, role });
}

const numbered = (from: number, count: number): string[] =>
  Array.from({ length: count }, (_, index) => `k${String(from + index).padStart(4, "0")}`);

describe("the live stream", () => {
  it("gives events and what becomes of their deliveries, as the lists show them, and its first bytes at once", async () => {
    await using server = await withBucket();
    await using receiver = await webhookReceiver();
    const { id } = await server.api<{ id: string }>("POST", "/api/cloud/buckets/photos/notifications/", {
      url: `${receiver.url}/hook`,
    });
    await using live = await follow(server);
    await live.until("open", 1);
    assert.equal(live.headers.get("content-type"), "text/event-stream; charset=utf-8");
    assert.equal(live.headers.get("x-accel-buffering"), "no");
    await put(server, "a.jpg");
    await live.until("delivery", 1);
    const [event] = live.of("event").filter(({ data }) => data.key === "a.jpg");
    assert.equal(event?.data.names.objects, "OBJECT_CREATED_PUT");
    assert.equal(event?.data.data.size, 5);
    const [delivery] = live.of("delivery");
    assert.equal(delivery?.data.rule, id);
    assert.equal(delivery?.data.status, "delivered");
    const listed = await server.api<{ deliveries: unknown[] }>("GET", "/api/cloud/deliveries/");
    assert.deepEqual(delivery?.data, listed.deliveries[0]);
  });

  it("narrows by face, bucket, name, status and filter, each the topics that have it", async () => {
    await using server = await withBucket();
    await using receiver = await webhookReceiver(() => 500);
    await server.api("POST", "/api/cloud/buckets/photos/notifications/", {
      url: `${receiver.url}/hook`,
      max_retries: 0,
    });
    const long = { face: "objects", bucket: "photos", where: "size > 4 AND key LIKE 'long%'" };
    await using narrow = await follow({ ...server, query: { topics: "events", ...long } });
    await using dead = await follow({ ...server, query: { topics: "deliveries", status: "dead" } });
    await using delivered = await follow({ ...server, query: { topics: "deliveries", status: "delivered" } });
    await using costly = await follow({
      ...server,
      query: { topics: "events", where: "key REGEXP '(long|longer)er$'" },
    });
    await Promise.all([narrow, dead, delivered, costly].map((live) => live.until("open", 1)));
    await put(server, "s", "longer");
    await narrow.until("event", 1);
    await dead.until("delivery", 2);
    await costly.until("event", 1);
    assert.deepEqual(
      [narrow, costly].map((live) => live.of("event").map(({ data }) => data.key)),
      [["longer"], ["longer"]],
    );
    assert.equal(delivered.of("delivery").length, 0);
  });

  it("refuses what it cannot read, each by its name", async () => {
    await using server = await withBucket();
    for (const [query, status, code, path] of [
      ["topics=mails", 400, "invalid_request", "topics"],
      ["cursor=made-up", 400, "invalid_request", "cursor"],
      ["until=AAAA.0.0", 400, "invalid_request", "until"],
      ["where=nonsense%20%3D", 400, "invalid_filter", "where"],
      ["bucket=nothing", 404, "not_found", undefined],
      ["resource=x", 400, "invalid_request", "resource"],
    ] as const) {
      const answer = await fetch(`${server.url}/api/cloud/live/?${query}`, {
        headers: { authorization: `Bearer ${server.token}` },
      });
      const { code: said, fields } = (await answer.json()) as { code: string; fields?: { path: string }[] };
      assert.deepEqual([answer.status, said, fields?.[0]?.path], [status, code, path], query);
    }
  });

  it("goes on behind the last id, by header and by query, without a gap or a double, and ends where it is told to", async () => {
    await using server = await withBucket();
    const first = await follow({ ...server, query: { topics: "events" } });
    await first.until("open", 1);
    await put(server, ...numbered(0, 30));
    await first.until("event", 30);
    // In the middle of what was given together.
    const cut = first.of("event")[11];
    await first[Symbol.asyncDispose]();
    await put(server, ...numbered(30, 30));
    const sequences = first.of("event").map(({ data }) => data.sequence);
    await using byHeader = await follow({
      ...server,
      query: { topics: "events" },
      headers: { "last-event-id": cut?.id ?? "" },
    });
    await byHeader.until("event", 48);
    await using byQuery = await follow({ ...server, query: { topics: "events", cursor: cut?.id ?? "", until: "now" } });
    await byQuery.until("end", 1);
    for (const live of [byHeader, byQuery]) {
      const all = [...sequences.slice(0, 12), ...live.of("event").map(({ data }) => data.sequence)];
      assert.equal(all.length, 60);
      assert.deepEqual(all, [...new Set(all)].toSorted());
    }
    assert.equal(byQuery.of("end")[0]?.data.code, "done");
    assert.equal(byHeader.isOver(), false);
  });

  it("shows to each what the lists show them, and ends with the token within seconds", async () => {
    await using server = await withBucket();
    await using receiver = await webhookReceiver();
    await server.api("POST", "/api/cloud/buckets/photos/notifications/", { url: `${receiver.url}/hook` });
    const mia = await tokenOf(server, "mia", "member");
    const dev = await tokenOf(server, "dev", "developer");
    await using member = await follow({ ...server, token: mia.token });
    await using developer = await follow({ ...server, token: dev.token });
    await using all = await follow(server);
    await Promise.all([member, developer, all].map((live) => live.until("open", 1)));
    await put(server, "a.jpg");
    await developer.until("delivery", 1);
    await all.until("delivery", 1);
    assert.equal(developer.of("event").filter(({ data }) => data.key === "a.jpg").length, 1);
    const invocations = await follow({ ...server, token: mia.token, query: { topics: "invocations" } });
    assert.equal(invocations.status, 403);
    // What a member is shown comes in order: theirs would have come before this.
    const bucket = all.of("event").find(({ data }) => data.key === "a.jpg")?.data.scope ?? "";
    await server.api("PUT", `/api/cloud/resources/${bucket}/pems/mia/`, { permission: "read" });
    await put(server, "b.jpg");
    await until("what is shared is seen", () => member.of("event").some(({ data }) => data.key === "b.jpg"));
    assert.equal(
      member.of("event").some(({ data }) => data.key === "a.jpg"),
      false,
    );
    assert.equal(member.of("delivery").length, 0);
    await server.api("DELETE", `/api/cloud/tokens/${mia.id}/`);
    await member.until("end", 1);
    assert.equal(member.of("end")[0]?.data.code, "unauthenticated");
    await until("it is over", member.isOver);
    assert.equal(developer.isOver(), false);
  });

  it("ends with the session that it came by, which it does not keep from ending", async () => {
    await using server = await withBucket();
    const session = `${server.url}/api/cloud/session/`;
    const made = await fetch(session, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ token: server.token }),
    });
    const cookie = (made.headers.get("set-cookie") ?? "").split(";", 1)[0] ?? "";
    const response = await fetch(`${server.url}/api/cloud/live/`, { headers: { cookie } });
    assert.equal(response.status, 200);
    const text = response.text();
    await fetch(session, { method: "DELETE", headers: { cookie, "sec-fetch-site": "same-origin" } });
    assert.match(await text, /event: end\ndata: \{"code":"unauthenticated"/);
  });

  it("gives a reader that takes less than happens one gap with the number, which can be loaded", async () => {
    await using server = await withBucket();
    await using all = await follow({ ...server, query: { topics: "events" } });
    const stop = new AbortController();
    const slow = await fetch(`${server.url}/api/cloud/live/?topics=events`, {
      headers: { authorization: `Bearer ${server.token}` },
      signal: stop.signal,
    });
    await all.until("open", 1);
    // More than a connection takes before anyone reads.
    const total = 600;
    const { buckets } = await server.api<{ buckets: { uuid: Uuid; name: string }[] }>("GET", "/api/cloud/buckets/");
    const [bucket] = buckets;
    assert.ok(bucket);
    const filler = "z".repeat(30_000);
    for (let sent = 0; sent < total; sent += 50) {
      await Promise.all(
        Array.from({ length: 50 }, async () => {
          const event = putEvent(bucket, "a");
          await server.signalbox.publish({ ...event, data: { ...event.data, userMetadata: { filler } } });
        }),
      );
    }
    await until("all are given to who reads", () => all.of("event").length + missed(all.of("gap")) >= total);
    assert.equal(all.of("gap").length, 0);
    const reader = new EventStreamReader();
    const decoder = new TextDecoder();
    const sequences: string[] = [];
    const gaps: { missed: number; exact: boolean; cursor: string; until: string }[] = [];
    for await (const bytes of slow.body ?? []) {
      for (const { event, data } of reader.read(decoder.decode(bytes, { stream: true }))) {
        if (event === "event") sequences.push((JSON.parse(data) as { sequence: string }).sequence);
        if (event === "gap") gaps.push(JSON.parse(data) as (typeof gaps)[number]);
      }
      if (sequences.length + missedOf(gaps) >= total) break;
    }
    stop.abort();
    assert.equal(gaps.length, 1, `${gaps.length} gaps, ${sequences.length} events`);
    assert.equal(gaps[0]?.exact, true);
    await using loaded = await follow({
      ...server,
      query: { topics: "events", cursor: gaps[0]?.cursor ?? "", until: gaps[0]?.until ?? "" },
    });
    await loaded.until("end", 1);
    assert.equal(loaded.of("event").length, gaps[0]?.missed);
    const whole = [...sequences, ...loaded.of("event").map(({ data }) => data.sequence)].toSorted();
    assert.deepEqual(
      whole,
      all.of("event").map(({ data }) => data.sequence),
    );
  });

  it("ends when the server stops, says when to come back, and keeps no stop waiting", async () => {
    const server = await withBucket();
    await using live = await follow(server);
    await live.until("open", 1);
    const beganMs = performance.now();
    await server[Symbol.asyncDispose]();
    await until("it is over", live.isOver);
    assert.ok(performance.now() - beganMs < 10_000, "the grace was not waited for");
    const [end] = live.of("end");
    assert.equal(end?.data.code, "stopping");
    assert.equal(live.retryMs(), 1_000);
  });

  it("is refused to who has too many", async () => {
    await using server = await withBucket();
    await using streams = new AsyncDisposableStack();
    for (let count = 0; count < 32; count += 1) streams.use(await follow(server));
    const one = await follow(server);
    assert.equal(one.status, 429);
    await using another = await follow({ ...server, token: (await tokenOf(server, "mia", "member")).token });
    assert.equal(another.status, 200);
  });
});

function missed(gaps: readonly { readonly data: { readonly missed: number } }[]): number {
  return missedOf(gaps.map(({ data }) => data));
}

function missedOf(gaps: readonly { readonly missed: number }[]): number {
  return gaps.reduce((sum, gap) => sum + gap.missed, 0);
}

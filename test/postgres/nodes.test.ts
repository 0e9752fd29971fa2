import assert from "node:assert/strict";
import { after, describe, it } from "node:test";
import { anEvent, aRecord, givenBucket } from "../conformance/store/given.ts";
import { postgresServer } from "../support/postgres.ts";
import { type JoinedNode, joinNode, untilShared } from "../support/postgres-nodes.ts";
import { postgresProxy } from "../support/postgres-proxy.ts";

const server = await postgresServer();
after(() => server[Symbol.asyncDispose]());

describe("nodes on one database", () => {
  it("share the log, each writes to its own part, and each event is handed out by one of them", async () => {
    const url = await server.database();
    await using a = await joinNode(url);
    const bucket = await givenBucket(a.store);
    await using b = await joinNode(url);
    await untilShared(b, 2);
    const sent = await Promise.all(
      Array.from({ length: 40 }, async (_, index) => {
        const made = await [a, b][index % 2]?.store.commit({ events: [anEvent(bucket.uuid)] });
        assert.ok(made?.kind === "committed");
        return made.sequences[0] ?? 0;
      }),
    );
    assert.equal(new Set(sent).size, 40);
    const fed = await Promise.all([fedTo(a, 20), fedTo(b, 20)]);
    assert.deepEqual(new Set(fed.flat()), new Set(sent));
    assert.equal(fed.flat().length, sent.length);
  });

  it("take over what one leaves behind that is gone, and dispatch it again", async () => {
    const url = await server.database();
    await using a = await joinNode(url);
    const bucket = await givenBucket(a.store);
    const b = await joinNode(url);
    await untilShared(b, 2);
    const made = await b.store.commit({ events: [anEvent(bucket.uuid), anEvent(bucket.uuid)] });
    assert.ok(made.kind === "committed");
    const [first = 0, second = 0] = made.sequences;
    assert.deepEqual(await fedTo(b, 2), [first, second]);
    await b.feed.settle({
      records: [aRecord(first, { number: 1, tenant: bucket.tenant }, { status: "delivered" })],
      done: [first],
    });
    await b[Symbol.asyncDispose]();
    const again = await a.feed.next(9, AbortSignal.timeout(20_000));
    assert.deepEqual(
      again.map(({ event, again: isAgain }) => [event.sequence, isAgain]),
      [[second, true]],
    );
    await untilShared(a, 1);
  });

  it("write nothing more of what another has taken over while they were cut off, and come back", async () => {
    const url = await server.database();
    await using proxy = await postgresProxy(server.port);
    await using a = await joinNode(url);
    const bucket = await givenBucket(a.store);
    await using b = await joinNode(proxy.url(url));
    await untilShared(a, 2);
    const made = await b.store.commit({ events: [anEvent(bucket.uuid)] });
    assert.ok(made.kind === "committed");
    const [sequence = 0] = made.sequences;
    assert.deepEqual(await fedTo(b, 1), [sequence]);
    proxy.freeze();
    await untilShared(a, 1);
    assert.equal(await b.cluster.isGone(a.cluster.node).catch(() => "cut off"), "cut off");
    const [again] = await a.feed.next(9, AbortSignal.timeout(20_000));
    assert.deepEqual([again?.event.sequence, again?.again], [sequence, true]);
    assert.equal(await a.cluster.isGone(b.cluster.node), true);
    const late = b.feed.settle({
      records: [aRecord(sequence, { number: 1, tenant: bucket.tenant }, { status: "dead" })],
      done: [sequence],
    });
    const on = {
      records: [aRecord(sequence, { number: 1, tenant: bucket.tenant }, { status: "delivered" })],
      done: [sequence],
    };
    await a.feed.settle(on);
    proxy.thaw();
    await late;
    await untilShared(b, 2);
    const found = await a.store.deliveries.recorded({ from: sequence, to: sequence }, { max: 9 });
    assert.equal(found.length, 1);
    assert.equal((await a.store.deliveries.depth()).dead, 0);
    const next = await b.store.commit({ events: [anEvent(bucket.uuid)] });
    assert.ok(next.kind === "committed" && (next.sequences[0] ?? 0) > sequence);
    assert.deepEqual(await fedTo(b, 1), next.sequences);
  });
});

async function fedTo(node: JoinedNode, count: number): Promise<number[]> {
  const found: number[] = [];
  while (found.length < count) {
    const fed = await node.feed.next(count, AbortSignal.timeout(20_000));
    assert.ok(fed.length > 0, "nothing came");
    found.push(...fed.map(({ event }) => event.sequence));
  }
  return found;
}

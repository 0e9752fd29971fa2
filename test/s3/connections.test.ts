/** What clients cost that drip, do not read, or are refused. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { GetObjectCommand } from "@aws-sdk/client-s3";
import { byteClient } from "../support/byte-client.ts";
import { fakeClock } from "../support/clock.ts";
import { subscribe } from "../support/guard.ts";
import { Bucket, type S3Fixture, type S3FixtureOptions, withBucket } from "../support/s3.ts";
import { codeOf, head, raw } from "../support/sign.ts";
import { until } from "../support/until.ts";

/** A fixture whose time moves only when it is told to. */
async function still(options: S3FixtureOptions = {}) {
  const clock = fakeClock(Date.now());
  const fixture = await withBucket({ ...options, clock });
  return { fixture, clock };
}

/** Resolves when the server has read what was written before. */
async function read({ port }: S3Fixture): Promise<void> {
  await raw(port, ["GET / HTTP/1.1\r\nHost: x\r\n\r\n"]);
}

describe("an upload", () => {
  const put = (bytes: number) => ({
    method: "PUT",
    path: `/${Bucket}/k`,
    headers: { "content-length": String(bytes) },
  });

  it("that drips is answered RequestTimeout, and nothing is left of it", async () => {
    const { fixture, clock } = await still();
    await using _ = fixture;
    const client = byteClient(fixture.port);
    client.socket.write(head(fixture.port, fixture.admin.credentials, put(100_000)));
    for (let second = 0; second < 29; second += 1) {
      client.socket.write("x");
      await read(fixture);
      clock.advance(1_000);
    }
    assert.equal(client.text, "");
    clock.advance(2_000);
    await client.closed;
    assert.match(client.text, /^HTTP\/1\.1 400 [^]*<Code>RequestTimeout</);
    await until("nothing is left", async () => (await fixture.blobCount()) === 0);
    assert.deepEqual(await fixture.events(), []);
    assert.deepEqual(fixture.logged, []);
  });

  it("of two KiB a second takes as long as it needs", async () => {
    const { fixture, clock } = await still({ bounds: { anonymousPerSecond: 0 } });
    await using _ = fixture;
    const client = byteClient(fixture.port);
    const seconds = 200;
    client.socket.write(head(fixture.port, fixture.admin.credentials, put(seconds * 2_048)));
    for (let second = 0; second < seconds; second += 1) {
      client.socket.write(Buffer.alloc(2_048, "x"));
      await read(fixture);
      clock.advance(1_000);
    }
    await until("it is answered", () => client.text !== "");
    assert.match(client.text, /^HTTP\/1\.1 200 /);
    client.socket.destroy();
  });

  it("may be kept back as long as its client waits for 100 Continue", async () => {
    const asked = Promise.withResolvers<void>();
    const { fixture, clock } = await still();
    await using _ = fixture;
    subscribe(fixture.guard, "PRE_OBJECT_PUT", () => asked.promise);
    const client = byteClient(fixture.port);
    const { headers, ...request } = put(5);
    const expecting = { ...request, headers: { ...headers, expect: "100-continue" } };
    client.socket.write(head(fixture.port, fixture.admin.credentials, expecting));
    await read(fixture);
    clock.advance(60_000);
    asked.resolve();
    await until("it is let send", () => client.text.startsWith("HTTP/1.1 100 "));
    clock.advance(20_000);
    client.socket.write("hello");
    await until("it is answered", () => client.text.includes("HTTP/1.1 200 "));
    client.socket.destroy();
  });
});

describe("refused requests", () => {
  it("of 200 clients that go on sending are closed within some seconds", async () => {
    const { fixture, clock } = await still();
    await using _ = fixture;
    const clients = Array.from({ length: 200 }, () => byteClient(fixture.port));
    for (const [index, { socket }] of clients.entries()) {
      const length = index % 2 === 0 ? 1_000_000 : 1_000_000_000;
      socket.write(`PUT /${Bucket}/k HTTP/1.1\r\nHost: x\r\nContent-Length: ${length}\r\n\r\nx`);
    }
    await until("all are refused", () => clients.every(({ text }) => text.startsWith("HTTP/1.1 403 ")));
    for (let second = 0; second < 12; second += 1) {
      for (const { socket } of clients) socket.write("x");
      await read(fixture);
      clock.advance(1_000);
    }
    await Promise.all(clients.map(({ closed }) => closed));
  });
});

describe("connections", () => {
  it("that are too many are told to slow down", async () => {
    await using fixture = await withBucket({ bounds: { maxConnectionsPerAddress: 60 } });
    const { port, admin } = fixture;
    // Beside the one of the fixture's own client, whose caller is known.
    const busy = Array.from({ length: 59 }, () => byteClient(fixture.port));
    const upload = { method: "PUT", path: `/${Bucket}/k`, headers: { "content-length": "5", expect: "100-continue" } };
    for (const { socket } of busy) socket.write(head(port, admin.credentials, upload));
    await until("all are under way", () => busy.every(({ text }) => text.startsWith("HTTP/1.1 100 ")));
    const [refused] = await raw(port, ["GET / HTTP/1.1\r\nHost: x\r\n\r\n"]);
    assert.equal(`${refused?.status} ${refused === undefined ? "" : codeOf(refused)}`, "503 SlowDown");
    for (const { socket } of busy) socket.write("hello");
    await until("those under way are answered", () => busy.every(({ text }) => text.includes("HTTP/1.1 200 ")));
    for (const { socket } of busy) socket.destroy();
    await Promise.all(busy.map(({ closed }) => closed));
    await until("there is room", () =>
      admin.s3.send(new GetObjectCommand({ Bucket, Key: "k" })).then(
        () => true,
        () => false,
      ),
    );
  });
});

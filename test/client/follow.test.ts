/** The live stream by the client: on where it was cut, over servers that stop, until one may follow no more. */
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { SignalboxClient } from "../../src/client/index.ts";
import { runServer } from "../support/in-process.ts";
import { httpListener } from "../support/listeners.ts";
import { urlOf } from "../support/url-of.ts";

const keys = Array.from({ length: 9 }, (_, index) => `k${index}`);

async function put(client: SignalboxClient, names: readonly string[]): Promise<void> {
  for (const key of names) await client.api.putObject({ bucket: "photos", key, body: key });
}

/** Each stream is cut behind so many pieces. */
function cutting(pieces: number): typeof fetch & { streams: number } {
  const cut = async (...[input, init]: Parameters<typeof fetch>): Promise<Response> => {
    const response = await fetch(input, init);
    if (!urlOf(input).includes("/live/") || response.body === null) return response;
    cut.streams += 1;
    let left = pieces;
    const cutter = new TransformStream<Uint8Array, Uint8Array>({
      transform: (piece, control) => {
        control.enqueue(piece);
        left -= 1;
        // Not at the next piece: there may be none for as long as nothing happens.
        if (left === 0) setImmediate(() => control.error(new Error("cut")));
      },
    });
    return new Response(response.body.pipeThrough(cutter), response);
  };
  cut.streams = 0;
  return cut;
}

describe("following by the client", () => {
  it("gives what happened once each, however often the connection is cut, and ends where it is to", async () => {
    await using server = await runServer();
    const given = { url: server.url, token: server.token };
    const maker = new SignalboxClient(given);
    await maker.api.createBucket({ body: { name: "photos" } });
    const cut = cutting(2);
    const client = new SignalboxClient({ ...given, fetch: cut });
    const seen: string[] = [];
    let opened = 0;
    for await (const { event, data } of client.follow({ topics: "events", bucket: "photos" })) {
      if (event === "open") {
        const next = keys.slice(opened * 3, (opened += 1) * 3);
        await put(maker, next);
      } else if (event === "event" && data.key !== null) seen.push(data.key);
      if (seen.length === keys.length) break;
    }
    assert.deepEqual(seen, keys);
    assert.ok(cut.streams > 1, `${cut.streams} streams`);
    const all: string[] = [];
    for await (const { event, data } of maker.follow({ topics: "events", cursor: "oldest", until: "now" })) {
      if (event === "event" && data.key !== null) all.push(data.key);
    }
    assert.deepEqual(all, keys);
  });

  it("waits for a server that is stopped and started again, and misses nothing", async () => {
    const folder = await mkdtemp(join(tmpdir(), "signalbox-follow-"));
    try {
      const env = { SIGNALBOX_DATA: folder };
      let url: string;
      const client = new SignalboxClient({
        url: "http://signalbox",
        token: "operator-token-of-a-test",
        fetch: (input, init) => fetch(urlOf(input).replace("http://signalbox", url), init),
      });
      const first = await runServer(env);
      ({ url } = first);
      await client.api.createBucket({ body: { name: "photos" } });
      const stream = client.follow({ topics: "events", bucket: "photos" });
      assert.equal((await stream.next()).value?.event, "open");
      await put(client, ["before"]);
      const next = await stream.next();
      assert.ok(next.value?.event === "event" && next.value.data.key === "before");
      const coming = stream.next();
      await first[Symbol.asyncDispose]();
      await using second = await runServer(env);
      ({ url } = second);
      await put(client, ["after"]);
      assert.equal((await coming).value?.event, "open");
      const after = await stream.next();
      assert.ok(after.value?.event === "event" && after.value.data.key === "after");
      await stream.return();
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });

  it("ends its connection when it is left, and with the reason of its signal", async () => {
    await using server = await runServer();
    const signals: AbortSignal[] = [];
    const client = new SignalboxClient({
      url: server.url,
      token: server.token,
      fetch: (input, init) => {
        if (init?.signal) signals.push(init.signal);
        return fetch(input, init);
      },
    });
    for await (const { event } of client.follow()) {
      assert.equal(event, "open");
      break;
    }
    assert.deepEqual(
      signals.map(({ aborted }) => aborted),
      [true],
    );
    const stop = new AbortController();
    const stream = client.follow({}, { signal: stop.signal });
    await stream.next();
    const coming = stream.next();
    stop.abort(new Error("enough"));
    await assert.rejects(coming, /enough/);
  });

  it("is refused at first, and when it may go on no more", async () => {
    await using server = await runServer();
    const admin = new SignalboxClient({ url: server.url, token: server.token });
    await assert.rejects(admin.follow({ where: "WHERE nonsense" }).next(), { code: "invalid_filter", status: 400 });
    const made = await admin.api.createToken({ body: { principal: "ann", role: "member" } });
    const client = new SignalboxClient({ url: server.url, token: made.token });
    const stream = client.follow();
    await stream.next();
    await admin.api.deleteToken({ id: made.id });
    await assert.rejects(stream.next(), { code: "unauthenticated", status: 401 });
    await using page = await httpListener((_, response) => void response.end("<html>"));
    const lost = new SignalboxClient({ url: `http://127.0.0.1:${page.port}`, token: "t" });
    await assert.rejects(lost.follow().next(), { code: "unexpected_answer" });
  });
});

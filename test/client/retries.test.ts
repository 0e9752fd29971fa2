/** What the client tries again, and what it never does: against servers that answer, break off and wait as they are told. */
import assert from "node:assert/strict";
import type { IncomingMessage, ServerResponse } from "node:http";
import { describe, it } from "node:test";
import { type ClientOptions, SignalboxClient } from "../../src/client/index.ts";
import { bodyOf, httpListener } from "../support/listeners.ts";

type Step = (request: IncomingMessage, response: ServerResponse) => void;

interface Scripted extends AsyncDisposable {
  readonly client: SignalboxClient;
  readonly keys: readonly (string | undefined)[];
}

const answer =
  (status: number, body: object, headers: Readonly<Record<string, string>> = {}): Step =>
  (_, response) => {
    response.writeHead(status, { "content-type": "application/json", ...headers });
    response.end(JSON.stringify(body));
  };
const ok = answer(200, { success: true, message: "", data: { name: "x" } });
const unavailable = answer(503, { success: false, message: "stopping", code: "unavailable" }, { "retry-after": "0" });
const dropped: Step = (request) => request.socket.destroy();
const silent: Step = () => undefined;

/** Answers request by request as `steps` say; the last one again and again. */
async function scripted(steps: readonly Step[], options: Partial<ClientOptions> = {}): Promise<Scripted> {
  const keys: (string | undefined)[] = [];
  const listener = await httpListener((request, response) => {
    const { length: at } = keys;
    keys.push(request.headers["idempotency-key"] as string | undefined);
    void bodyOf(request).then(
      () => (steps[at] ?? steps.at(-1) ?? ok)(request, response),
      () => undefined,
    );
  });
  const client = new SignalboxClient({ url: `http://127.0.0.1:${listener.port}`, token: "t", ...options });
  return { client, keys, [Symbol.asyncDispose]: () => listener[Symbol.asyncDispose]() };
}

describe("the client tries again", () => {
  it("what may be done twice, when the server is stopping, full, or gone", async () => {
    const full = answer(429, { success: false, message: "later", code: "too_many_requests" }, { "retry-after": "0" });
    const proxy = answer(502, {});
    await using at = await scripted([unavailable, full, dropped, proxy, ok], { retries: 4 });
    assert.equal((await at.client.api.getApp({ app: "x" })).name, "x");
    assert.equal(at.keys.length, 5);
  });

  it("what makes something, under one key that it makes itself", async () => {
    await using at = await scripted([dropped, unavailable, ok]);
    await at.client.api.createApp({ body: { name: "x" } });
    const [first, ...others] = at.keys;
    assert.match(first ?? "", /^[0-9a-f-]{36}$/);
    assert.deepEqual(others, [first, first]);
    await at.client.api.createApp({ body: { name: "x" } });
    assert.notEqual(at.keys.at(-1), first);
  });

  it("so often and no more", async () => {
    await using at = await scripted([unavailable], { retries: 2 });
    await assert.rejects(at.client.api.getApp({ app: "x" }), { code: "unavailable", status: 503 });
    assert.equal(at.keys.length, 3);
    await assert.rejects(at.client.api.getApp({ app: "x" }, { retries: 0 }), { code: "unavailable" });
    assert.equal(at.keys.length, 4);
  });
});

describe("the client does not try again", () => {
  it("what takes no key and is no repeatable method", async () => {
    await using at = await scripted([unavailable]);
    await assert.rejects(at.client.api.createToken({ body: { principal: "x", role: "member" } }), {
      code: "unavailable",
    });
    await assert.rejects(at.client.api.updateApp({ app: "x", body: { name: "y" } }), { code: "unavailable" });
    const body = new Blob(["x"]).stream();
    await assert.rejects(at.client.api.putObject({ bucket: "b", key: "k", body }), { code: "unavailable" });
    assert.equal(at.keys.length, 3);
  });

  it("what is refused, or of which the server says that it takes long", async () => {
    for (const [step, code] of [
      [answer(400, { success: false, message: "no", code: "invalid_request" }), "invalid_request"],
      [answer(500, { success: false, message: "no", code: "internal" }), "internal"],
      [answer(502, { success: false, message: "no", code: "function_failed" }), "function_failed"],
      [answer(302, {}, { location: "http://example.com/" }), "network"],
      [answer(503, { success: false, message: "no", code: "unavailable" }, { "retry-after": "3600" }), "unavailable"],
    ] as const) {
      await using at = await scripted([step], code === "network" ? { retries: 0 } : {});
      await assert.rejects(at.client.api.getApp({ app: "x" }), { code });
      assert.equal(at.keys.length, 1, code);
    }
  });
});

describe("the client waits", () => {
  it("no longer than it is told, and says so", async () => {
    // Counted here: a server that is slow to take a connection may not have seen the first.
    let attempts = 0;
    const counted: typeof fetch = (...asked) => {
      attempts += 1;
      return fetch(...asked);
    };
    await using at = await scripted([silent], { timeoutMs: 20, retries: 1, fetch: counted });
    await assert.rejects(at.client.api.getApp({ app: "x" }), { code: "timeout", status: 0 });
    assert.equal(attempts, 2);
    const halfway: Step = (_, response) => void response.writeHead(200).write("{");
    await using slow = await scripted([halfway], { timeoutMs: 20, retries: 0 });
    await assert.rejects(slow.client.api.getApp({ app: "x" }), { code: "timeout" });
  });

  it("no longer than its caller does", async () => {
    await using at = await scripted([
      (_, response) => void response.writeHead(200).write(" ", () => stop.abort(new Error("enough"))),
    ]);
    const stop = new AbortController();
    await assert.rejects(at.client.api.getApp({ app: "x" }, { signal: stop.signal }), /enough/);
    await assert.rejects(at.client.api.getApp({ app: "x" }, { signal: stop.signal }), /enough/);
    assert.equal(at.keys.length, 1);
    await using down = await scripted([unavailable]);
    const gone = new AbortController();
    const asked = down.client.api.getApp({ app: "x" }, { signal: gone.signal, retries: 10 });
    gone.abort(new Error("gone"));
    await assert.rejects(asked, /gone/);
  });

  it("for nothing that is no Signalbox", async () => {
    await using at = await scripted([(_, response) => void response.end("<html>")]);
    await assert.rejects(at.client.api.getApp({ app: "x" }), { code: "unexpected_answer" });
    const nowhere = new SignalboxClient({ url: "http://127.0.0.1:1", token: "t", retries: 0 });
    await assert.rejects(nowhere.api.getApp({ app: "x" }), { code: "network" });
  });
});

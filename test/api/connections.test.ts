/** What clients cost that send without reading, drip, or come in numbers. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { TestApi } from "../support/api.ts";
import { asOperator, get, type OpenPort, openPort } from "../support/open-port.ts";
import { until } from "../support/until.ts";

describe("requests that are sent without waiting for answers", () => {
  it("are begun one at a time, and answered all, in their order", async () => {
    await using at = await openPort();
    const { api } = at;
    const held: (() => void)[] = [];
    const identities = api.deps.store.identities as { tenants: (...page: never[]) => Promise<unknown> };
    const tenants = identities.tenants.bind(api.deps.store.identities);
    identities.tenants = async (...page) => {
      await new Promise<void>((resolve) => void held.push(resolve));
      return tenants(...page);
    };
    const client = at.open();
    const paths = Array.from({ length: 50 }, (_, index) => `/api/cloud/tenants/?limit=${index + 1}`);
    client.socket.write(paths.map((path) => get(path, asOperator(api))).join(""));
    for (let begun = 1; begun <= 50; begun += 1) {
      await until(`request ${begun} is begun`, () => held.length === begun);
      const other = at.open();
      other.socket.write(get("/healthz"));
      await until("another client is answered", () => other.statuses.length === 1);
      assert.equal(held.length, begun, "no other has begun meanwhile");
      held.at(-1)?.();
    }
    await until("all are answered", () => client.statuses.length === 50);
    assert.deepEqual(new Set(client.statuses), new Set([200]));
  });

  it("wait in the client while it reads no answers", async () => {
    await using at = await openPort({ anonymousPerSecond: 0 });
    const client = at.open();
    client.socket.pause();
    client.socket.write(get("/openapi.json").repeat(40));
    await until("an answer waits to be read", () => (at.ends[0]?.writableLength ?? 0) > 0);
    const { text } = await at.api.ask("GET", "/openapi.json");
    assert.ok((at.ends[0]?.writableLength ?? 0) <= text.length + 1_000, "one answer, and no more");
    client.socket.resume();
    await until("all are answered", () => client.text.length > 40 * text.length);
    assert.equal(client.statuses.length, 40);
  });

  it("are read on behind a body, whatever its length and form", async () => {
    await using at = await openPort();
    const json = '{"id":"acme","name":"Acme\\r\\n\\r\\nLtd"}';
    const chunks = `5\r\n${json.slice(0, 5)}\r\n${(json.length - 5).toString(16)}\r\n${json.slice(5)}\r\n0\r\n\r\n`;
    const post = (how: string, body: string): string =>
      `POST /api/cloud/tenants/ HTTP/1.1\r\nHost: x\r\n${asOperator(at.api)}Content-Type: application/json\r\n${how}\r\n\r\n${body}`;
    const all = [
      post(`Content-Length: ${json.length}`, json),
      post("Transfer-Encoding: chunked", chunks),
      get("/healthz"),
    ];
    const [whole, single] = [at.open(), at.open()];
    whole.socket.write(all.join(""));
    await until("all are answered", () => whole.statuses.length === 3);
    assert.deepEqual(whole.statuses, [201, 409, 200]);
    for (const character of all.join("")) single.socket.write(character);
    await until("all are answered", () => single.statuses.length === 3);
    assert.deepEqual(single.statuses, [409, 409, 200]);
  });
});

describe("connections", () => {
  it("are refused when one address has too many under way; one that does nothing makes room", async () => {
    await using at = await openPort({ maxConnectionsPerAddress: 3 });
    const idle = [at.open(), at.open(), at.open()];
    await until("they are open", () => at.ends.length === 3);
    const busy = Array.from({ length: 3 }, () => at.open());
    await until("they took the place of the others", () => at.ends.length === 6);
    await Promise.all(idle.map(({ closed }) => closed));
    for (const { socket } of busy) {
      socket.write(
        `POST /api/cloud/tenants/ HTTP/1.1\r\nHost: x\r\n${asOperator(at.api)}Content-Type: application/json\r\nContent-Length: 9\r\n\r\n{`,
      );
    }
    await until("all have begun", () => at.ends.slice(3).every(({ bytesRead }) => bytesRead > 100));
    const refused = at.open();
    await refused.closed;
    assert.match(refused.text, /^HTTP\/1\.1 503 [^]*retry-after: 1\r\n[^]*"code":"unavailable"/);
    for (const { socket } of busy) socket.write('"id": 1}');
    await until("those under way are answered", () => busy.every(({ statuses }) => statuses[0] === 400));
    const next = at.open();
    next.socket.write(get("/healthz"));
    // Whose caller was known is not closed for a stranger.
    await next.closed;
    assert.deepEqual(next.statuses, [503]);
  });

  it("are bounded in all", async () => {
    await using at = await openPort({ maxConnections: 2 });
    const clients = Array.from({ length: 20 }, () => at.open());
    await until("all have come", () => at.ends.length === 20);
    await Promise.all(clients.slice(0, 18).map(({ closed }) => closed));
    assert.equal(at.api.deps.connections.size, 2);
  });

  it("give up the largest unread answers when they are too many together", async () => {
    await using at = await openPort({ maxUnreadBytes: 800_000, anonymousPerSecond: 0 });
    for (let count = 0; count < 6; count += 1) {
      const { socket } = at.open();
      socket.pause();
      socket.write(get("/openapi.json").repeat(1_400));
    }
    await until("all wait", () => at.ends.length === 6 && at.ends.every(({ writableLength }) => writableLength > 0));
    const unread = (): number =>
      at.ends.reduce((sum, { destroyed, writableLength }) => sum + (destroyed ? 0 : writableLength), 0);
    await until("what waits is too much", () => unread() > 800_000);
    at.clock.advance(1_000);
    assert.ok(unread() <= 800_000);
    assert.ok(
      at.ends.some(({ destroyed }) => !destroyed),
      "but no more than that",
    );
  });
});

describe("callers without a token", () => {
  it("wait when they ask too much, and keep no others waiting", async () => {
    await using at = await openPort({ anonymousPerSecond: 5 });
    const outsider = at.open();
    outsider.socket.write(get("/nothing").repeat(100));
    await until("ten are answered", () => outsider.statuses.length === 10);
    const guessing = at.open();
    guessing.socket.write(get("/api/cloud/tenants/", "Authorization: Bearer no\r\n").repeat(100));
    await until("a guess is answered", () => guessing.statuses.length === 1);
    const known = at.open();
    known.socket.write(get("/api/cloud/tenants/", asOperator(at.api)).repeat(100));
    await until("who is known is answered", () => known.statuses.length === 100);
    assert.deepEqual([outsider.statuses.length, guessing.statuses], [10, [401]]);
    at.clock.advance(2_000);
    await until("time has passed for more", () => outsider.statuses.length + guessing.statuses.length >= 20);
    assert.ok(outsider.statuses.length + guessing.statuses.length <= 22);
  });

  it("are refused before they have sent a body", async () => {
    await using at = await openPort();
    for (const path of ["/nothing", "/api/cloud/tenants/", "/notifications/v2/nothing", "/notifications/v2/"]) {
      const client = at.open();
      client.socket.write(
        `POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n`,
      );
      await until(`${path} is answered`, () => client.statuses.length === 1);
      assert.match(client.text, /^HTTP\/1\.1 40[14] /, path);
    }
  });
});

describe("a body", () => {
  const begin = (api: TestApi, length: number): string =>
    `POST /api/cloud/tenants/ HTTP/1.1\r\nHost: x\r\n${asOperator(api)}Content-Type: application/json\r\nContent-Length: ${length}\r\n\r\n`;
  /** Resolves when the server has read what was written before. */
  const read = async (at: OpenPort): Promise<void> => {
    const other = at.open();
    other.socket.write(get("/healthz"));
    await until("it is answered", () => other.statuses.length === 1);
    other.socket.destroy();
  };

  it("that drips is answered 408, and the connection closed", async () => {
    await using at = await openPort();
    const client = at.open();
    client.socket.write(begin(at.api, 100_000));
    for (let second = 0; second < 29; second += 1) {
      client.socket.write(" ");
      await read(at);
      at.clock.advance(1_000);
    }
    assert.equal(client.text, "");
    at.clock.advance(2_000);
    await client.closed;
    assert.match(client.text, /^HTTP\/1\.1 408 [^]*connection: close[^]*"code":"too_slow"/i);
  });

  it("that comes slowly but steadily is waited for", async () => {
    await using at = await openPort({ anonymousPerSecond: 0 });
    const client = at.open();
    const seconds = 90;
    client.socket.write(begin(at.api, seconds * 2_048));
    for (let second = 1; second < seconds; second += 1) {
      client.socket.write(" ".repeat(2_048));
      await read(at);
      at.clock.advance(1_000);
    }
    client.socket.write(`${" ".repeat(2_020)}${JSON.stringify({ id: "acme", name: "Acme" }).padEnd(28)}`);
    await until("it is answered", () => client.statuses.length === 1);
    assert.deepEqual(client.statuses, [201]);
  });

  it("that is long comes no faster than its tenant may bring them, on however many connections; a short one does", async () => {
    await using at = await openPort({ documentRate: 64 * 1_024, minBodyRate: 0 });
    const { api } = at;
    const document = (name: string, length: number): string =>
      `${begin(api, length)}${JSON.stringify({ id: name, name }).padEnd(length)}`;
    const long = [at.open(), at.open()];
    for (const [n, { socket }] of long.entries()) socket.write(document(`long-${n}`, 1_000_000));
    const short = at.open();
    short.socket.write(document("short", 10_000));
    await until("the short one is answered", () => short.statuses.length === 1);
    const pieces = 4;
    for (let piece = 0; piece < pieces; piece += 1) {
      await read(at);
      at.clock.advance(60_000);
    }
    assert.deepEqual([short.statuses, ...long.map(({ statuses }) => statuses)], [[201], [], []]);
    await until("they are answered once their time has come", () => {
      at.clock.advance(60_000);
      return long.every(({ statuses }) => statuses.length === 1);
    });
    assert.deepEqual(long.map(({ statuses }) => statuses).flat(), [201, 201]);
  });

  it("that came with its head is paid for as well, before it is taken apart", async () => {
    await using at = await openPort({ documentRate: 8 * 1_024 });
    const { api } = at;
    const document = (name: string): string => begin(api, 20_000) + JSON.stringify({ id: name, name }).padEnd(20_000);
    const clients = Array.from({ length: 4 }, () => at.open());
    for (const [n, { socket }] of clients.entries()) socket.write(document(`whole-${n}`));
    const answered = (): number => clients.filter(({ statuses }) => statuses.length === 1).length;
    for (let piece = 0; piece < 8; piece += 1) await read(at);
    assert.equal(answered(), 0);
    await until("they are answered once their time has come", () => {
      at.clock.advance(1_000);
      return answered() === clients.length;
    });
    assert.deepEqual(clients.map(({ statuses }) => statuses).flat(), [201, 201, 201, 201]);
  });

  it("of a request that was refused is read for ten seconds at the most", async () => {
    await using at = await openPort({ anonymousPerSecond: 0 });
    const clients = Array.from({ length: 200 }, () => at.open());
    for (const { socket } of clients) {
      socket.write("PUT /api/cloud/tenants/ HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\nx");
    }
    await until("all are refused", () => clients.every(({ statuses }) => statuses.length === 1));
    await read(at);
    at.clock.advance(9_000);
    for (const { socket } of clients) socket.write("x");
    await read(at);
    assert.ok(clients.every(({ socket }) => !socket.destroyed));
    at.clock.advance(2_000);
    await Promise.all(clients.map(({ closed }) => closed));
  });

  it("of a request that was refused is read to some length at the most", async () => {
    await using at = await openPort({ refusedBodyBytes: 100_000 });
    const client = at.open();
    client.socket.write("PUT /api/cloud/tenants/ HTTP/1.1\r\nHost: x\r\nContent-Length: 10000000000\r\n\r\n");
    await until("it is refused", () => client.statuses.length === 1);
    client.socket.write(Buffer.alloc(1_000_000));
    await client.closed;
    assert.ok((at.ends[0]?.bytesRead ?? 0) < 1_000_000);
  });
});

import assert from "node:assert/strict";
import type { Socket } from "node:net";
import { describe, it } from "node:test";
import { closed, httpListener, type Listener, tcpListener } from "../../test/support/listeners.ts";
import { systemClock } from "../clock.ts";
import { type EgressAnswer, egress, parseEgressAllow } from "./egress.ts";

const out = egress({ allow: parseEgressAllow(["127.0.0.1"]), clock: systemClock });
const post = (server: Listener): Promise<EgressAnswer> =>
  out.post({ url: new URL(`http://127.0.0.1:${server.port}/`), headers: [], body: "{}", timeoutMs: 10_000 });

/** A server that says this to its first bytes, then does that. */
function saying(bytes: string | Buffer, then: (socket: Socket) => void = () => {}): Promise<Listener> {
  return tcpListener((socket) => socket.once("data", () => socket.write(bytes, () => then(socket))));
}
const hangUp = (socket: Socket): void => void socket.end();

describe("the kept part of an answer", () => {
  const cases: readonly (readonly [what: string, body: Buffer, kept: string])[] = [
    ["nothing", Buffer.alloc(0), ""],
    ["text", Buffer.from("grün 💡"), "grün 💡"],
    ["bytes that are no text", Buffer.from([0x61, 0xff, 0xc3, 0x28]), "a\ufffd\ufffd("],
    ["NUL", Buffer.from("a\0b"), "a\ufffdb"],
    ["2 KiB", Buffer.alloc(2_048, "x"), "x".repeat(2_048)],
    ["more than 2 KiB", Buffer.alloc(2_049, "x"), "x".repeat(2_048)],
    ["a character cut at 2 KiB", Buffer.from(`x${"ü".repeat(2_000)}`), `x${"ü".repeat(1_023)}`],
    ["just 64 KiB", Buffer.alloc(65_536, "y"), "y".repeat(2_048)],
  ];
  for (const [what, body, kept] of cases) {
    it(`is ${what}`, async () => {
      await using server = await httpListener((_request, response) => void response.end(body));
      for (let nth = 0; nth < 2; nth += 1) {
        assert.deepEqual(await post(server), { kind: "answer", status: 200, snippet: kept });
      }
      assert.equal(server.sockets.length, 1);
    });
  }

  it("comes in pieces too", async () => {
    await using server = await httpListener((_request, response) => {
      response.write("a");
      setImmediate(() => {
        response.write("b");
        setImmediate(() => response.end("c"));
      });
    });
    assert.deepEqual(await post(server), { kind: "answer", status: 200, snippet: "abc" });
  });
});

describe("an answer too big to be read", () => {
  it("counts by its status, and its connection is closed", async () => {
    await using server = await httpListener((_request, response) => {
      response.writeHead(200, { "content-type": "text/plain" });
      const more = (): void => {
        while (response.write("z".repeat(16_384)));
        response.once("drain", more);
      };
      more();
    });
    assert.deepEqual(await post(server), { kind: "answer", status: 200, snippet: "z".repeat(2_048) });
    await closed(await server.socket(1));
    assert.deepEqual(await post(server), { kind: "answer", status: 200, snippet: "z".repeat(2_048) });
    assert.equal(server.sockets.length, 2);
  });
});

describe("an answer that is none", () => {
  const head = "HTTP/1.1 200 OK\r\n";
  const cases: readonly (readonly [what: string, reason: string, server: () => Promise<Listener>])[] = [
    ["not HTTP", "invalid_response", () => saying("220 mail.example ESMTP\r\n")],
    ["random bytes", "invalid_response", () => saying(Buffer.from([0x16, 0x03, 0x01, 0x00, 0xff, 0x00]))],
    ["HTTP/2", "invalid_response", () => saying("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")],
    ["no status", "invalid_response", () => saying("HTTP/1.1 abc\r\n\r\n")],
    ["headers without end", "invalid_response", () => saying(`${head}x-a: ${"a".repeat(20_000)}`)],
    ["too many headers", "invalid_response", () => saying(`${head}${"x-a: aaaaaaaaaaaaaa\r\n".repeat(1_000)}\r\n`)],
    ["two lengths", "invalid_response", () => saying(`${head}content-length: 1\r\ncontent-length: 2\r\n\r\nab`)],
    [
      "length and chunks",
      "invalid_response",
      () => saying(`${head}content-length: 1\r\ntransfer-encoding: chunked\r\n\r\n`),
    ],
    ["a bad chunk", "invalid_response", () => saying(`${head}transfer-encoding: chunked\r\n\r\nzz\r\n`)],
    [
      "an upgrade nobody wanted",
      "invalid_response",
      () => saying("HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n"),
    ],
    ["100 for no reason", "invalid_response", () => saying("HTTP/1.1 100 Continue\r\n\r\n")],
    ["nothing, and gone", "connection", () => saying("", hangUp)],
    ["gone in the headers", "connection", () => saying(`${head}content-le`, hangUp)],
    ["gone in the body", "connection", () => saying(`${head}content-length: 9\r\n\r\nabc`, hangUp)],
    ["gone in the chunks", "connection", () => saying(`${head}transfer-encoding: chunked\r\n\r\n5\r\nab`, hangUp)],
    [
      "reset in the body",
      "connection",
      () => saying(`${head}content-length: 9\r\n\r\nabc`, (socket) => socket.resetAndDestroy()),
    ],
  ];
  for (const [what, reason, listen] of cases) {
    it(`fails as ${reason}: ${what}`, async () => {
      await using server = await listen();
      const answer = await post(server);
      assert.equal(answer.kind, "failed", JSON.stringify(answer));
      assert.ok(answer.kind === "failed" && answer.message.length > 10);
      assert.equal(answer.reason, reason, answer.message);
      await closed(await server.socket(1));
    });
  }

  it("fails when nobody listens", async () => {
    const server = await tcpListener(() => {});
    await server[Symbol.asyncDispose]();
    assert.deepEqual(await post(server), { kind: "failed", reason: "connection", message: "connection refused" });
  });

  it("is no answer of the next request, when it comes unasked", async () => {
    await using server = await tcpListener((socket) =>
      socket.on("data", () => socket.write(`${head}content-length: 1\r\n\r\na${head}content-length: 1\r\n\r\nb`)),
    );
    for (let nth = 0; nth < 3; nth += 1) {
      assert.deepEqual(await post(server), { kind: "answer", status: 200, snippet: "a" });
    }
  });
});

describe("a server that speaks first", () => {
  it("is not connected to again and again", async () => {
    await using server = await tcpListener((socket) => socket.write("SSH-2.0-OpenSSH_9.6\r\n"));
    for (let nth = 0; nth < 5; nth += 1) assert.equal((await post(server)).kind, "failed");
    assert.ok(server.sockets.length <= 15, String(server.sockets.length));
  });

  it("is not connected to again and again when it only hangs up", async () => {
    await using server = await tcpListener((socket) => socket.destroy());
    for (let nth = 0; nth < 5; nth += 1) assert.equal((await post(server)).kind, "failed");
    assert.ok(server.sockets.length <= 15, String(server.sockets.length));
  });

  it("may refuse a body that it did not read", async () => {
    await using server = await tcpListener((socket) =>
      socket.once("data", () => socket.end("HTTP/1.1 413 Too Large\r\nconnection: close\r\n\r\nno")),
    );
    const url = new URL(`http://127.0.0.1:${server.port}/`);
    const answer = await out.post({ url, headers: [], body: Buffer.alloc(10_000), timeoutMs: 10_000 });
    assert.deepEqual(answer, { kind: "answer", status: 413, snippet: "no" });
  });
});

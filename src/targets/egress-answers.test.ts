import assert from "node:assert/strict";
import type { Socket } from "node:net";
import { after, describe, it } from "node:test";
import { ways } from "../../test/support/egress.ts";
import { closed, httpListener, type Listener, tcpListener } from "../../test/support/listeners.ts";
import { unseeing } from "../../test/support/unseen.ts";
import type { EgressAnswer } from "./egress.ts";

/** A server that says this to its first bytes, then does that. */
function saying(bytes: string | Buffer, then: (socket: Socket) => void = () => {}): Promise<Listener> {
  return tcpListener((socket) => socket.once("data", () => socket.write(bytes, () => then(socket))));
}
const hangUp = (socket: Socket): void => void socket.end();

for (const way of ways) {
  const out = unseeing(way.open({}));
  after(() => out.close());
  const post = (server: Listener): Promise<EgressAnswer> =>
    out.post({ url: new URL(`http://127.0.0.1:${server.port}/`), headers: [], body: "{}", timeoutMs: 10_000 });

  describe(`the kept part of an answer, ${way.name},`, () => {
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

  describe(`an answer too big to be read, ${way.name},`, () => {
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

  describe(`an answer that is none, ${way.name},`, () => {
    const head = "HTTP/1.1 200 OK\r\n";
    const cases: readonly (readonly [what: string, reason: string, server: () => Promise<Listener>])[] = [
      ["not HTTP", "invalid_response", () => saying("220 mail.example ESMTP\r\n")],
      ["random bytes", "invalid_response", () => saying(Buffer.from([0x16, 0x03, 0x01, 0x00, 0xff, 0x00]))],
      ["HTTP/2", "invalid_response", () => saying("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")],
      ["no status", "invalid_response", () => saying("HTTP/1.1 abc\r\n\r\n")],
      ["headers without end", "invalid_response", () => saying(`${head}x-a: ${"a".repeat(20_000)}`)],
      ["too many headers", "invalid_response", () => saying(`${head}${"x-a: aaaaaaaaaaaaaa\r\n".repeat(1_000)}\r\n`)],
      ["two lengths", "invalid_response", () => saying(`${head}content-length: 1\r\ncontent-length: 2\r\n\r\nab`)],
      ["two lengths in one line", "invalid_response", () => saying(`${head}content-length: 1, 2\r\n\r\nab`)],
      ["a length that is none", "invalid_response", () => saying(`${head}content-length: -1\r\n\r\nab`)],
      ["a bad chunk", "invalid_response", () => saying(`${head}transfer-encoding: chunked\r\n\r\nzz\r\n`)],
      [
        "an upgrade that was not asked for",
        "invalid_response",
        () => saying("HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n"),
      ],
      ["lines that end without CR", "invalid_response", () => saying("HTTP/1.1 200 OK\nx-a: 1\n\n")],
      ["100 and then nothing, and gone", "connection", () => saying("HTTP/1.1 100 Continue\r\n\r\n", hangUp)],
      ["100 and then no HTTP", "invalid_response", () => saying("HTTP/1.1 100 Continue\r\n\r\nnonsense")],
      ["100 without end", "invalid_response", () => saying("HTTP/1.1 100 Continue\r\n\r\n".repeat(4_000))],
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

    it("fails when nothing listens", async () => {
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

  describe(`an answer whose head says more than it has to, ${way.name},`, () => {
    const ok = "HTTP/1.1 200 OK\r\n";
    const goOn = "HTTP/1.1 100 Continue\r\n\r\n";
    const early = "HTTP/1.1 103 Early Hints\r\nlink: </a.css>; rel=preload\r\n\r\n";
    const whole = `${ok}content-length: 1\r\n\r\na`;
    const kept: readonly (readonly [what: string, bytes: string])[] = [
      ["100 before it", `${goOn}${whole}`],
      ["many 1xx before it", `${goOn}${early}HTTP/1.1 102 Processing\r\nx: y\r\n\r\n${goOn.repeat(20)}${whole}`],
      ["a length twice", `${ok}Content-Length: 1\r\nx: y\r\ncontent-length: 1\r\n\r\na`],
      ["a length twice in one line", `${ok}content-length: 1, 1\r\n\r\na`],
      ["a length and a language", `${ok}content-language: en, de\r\ncontent-length: 1\r\n\r\na`],
      [
        "a length, and that nothing was done to the body",
        `${ok}transfer-encoding: identity\r\ncontent-length: 1\r\n\r\na`,
      ],
    ];
    for (const [what, bytes] of kept) {
      it(`counts, and its connection is used again: ${what}`, async () => {
        await using server = await tcpListener((socket) => socket.on("data", () => socket.write(bytes)));
        for (let nth = 0; nth < 3; nth += 1) {
          assert.deepEqual(await post(server), { kind: "answer", status: 200, snippet: "a" });
        }
        assert.equal(server.sockets.length, 1);
      });

      it(`counts in pieces of any size: ${what}`, async () => {
        const half = Math.floor(bytes.length / 2);
        for (const cut of [1, 8, 9, half, bytes.length - 3, bytes.length - 1]) {
          await using server = await tcpListener((socket) =>
            socket.setNoDelay().once("data", () => {
              socket.write(bytes.slice(0, cut), () => setImmediate(() => socket.write(bytes.slice(cut))));
            }),
          );
          assert.deepEqual(await post(server), { kind: "answer", status: 200, snippet: "a" }, `cut at ${cut}`);
        }
      });
    }

    const chunks = "1\r\na\r\n0\r\n\r\n";
    const closing: readonly (readonly [what: string, bytes: string])[] = [
      ["a length and chunks", `${ok}content-length: 99\r\ntransfer-encoding: chunked\r\n\r\n${chunks}`],
      ["chunks and a length", `${goOn}${ok}Transfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n${chunks}`],
    ];
    for (const [what, bytes] of closing) {
      it(`is as long as its chunks, and its connection is not used again: ${what}`, async () => {
        await using server = await tcpListener((socket) => socket.once("data", () => socket.write(bytes)));
        for (let nth = 0; nth < 2; nth += 1) {
          assert.deepEqual(await post(server), { kind: "answer", status: 200, snippet: "a" });
          await closed(await server.socket(nth + 1));
        }
      });
    }

    it("is what it is when it has no body but tells a length", async () => {
      await using server = await saying("HTTP/1.1 204 No Content\r\ncontent-length: 5\r\n\r\n");
      assert.deepEqual(await post(server), { kind: "answer", status: 204, snippet: "" });
    });

    it("tells what was wrong with it", async () => {
      const problem = async (bytes: string): Promise<string> => {
        await using server = await saying(bytes);
        const answer = await post(server);
        return answer.kind === "failed" ? answer.message : "";
      };
      assert.match(
        await problem(`${ok}content-length: 1\r\ncontent-length: 2\r\n\r\nab`),
        /different lengths.* 1 and 2$/,
      );
      assert.match(
        await problem("HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n"),
        /protocol/,
      );
    });
  });

  describe(`a server that speaks first, ${way.name},`, () => {
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
}

import assert from "node:assert/strict";
import { once } from "node:events";
import { describe, it } from "node:test";
import type { FakeClock } from "../../test/support/clock.ts";
import { type Asked, type EgressRequest, type Names, ways } from "../../test/support/egress.ts";
import { bodyOf, closed, httpListener, tcpListener } from "../../test/support/listeners.ts";
import { unseeing } from "../../test/support/unseen.ts";
import type { EgressAnswer } from "./egress.ts";

const to = (port: number, more: Partial<EgressRequest> = {}): EgressRequest => ({
  url: new URL(`http://127.0.0.1:${port}/hook?a=1`),
  headers: ["content-type", "application/json"],
  body: '{"a":"ü"}',
  timeoutMs: 10_000,
  ...more,
});
const failure = (answer: EgressAnswer): string =>
  answer.kind === "failed" ? answer.reason : `answered ${answer.status}`;

for (const way of ways) {
  const open = (clock?: FakeClock, names?: Names): Asked => {
    return unseeing(way.open({ ...(clock === undefined ? {} : { clock }), ...(names === undefined ? {} : { names }) }));
  };

  describe(`post, ${way.name},`, () => {
    it("sends the body, headers, path and query as they are, and tells the answer", async () => {
      const seen: unknown[] = [];
      await using server = await httpListener((request, response) => {
        void bodyOf(request).then((body) => {
          const { host, "content-length": length, "x-a": own } = request.headers;
          seen.push([request.method, request.url, host, length, own, body]);
          response.writeHead(202, { "retry-after": "7" }).end("thanks");
        });
      });
      await using out = open();
      const url = new URL(`http://user:secret@127.0.0.1:${server.port}/h%20k/ü?q=a b#part`);
      const answer = await out.post(to(server.port, { url, headers: { "x-a": "1" }, body: Buffer.from("bytes") }));
      assert.deepEqual(answer, { kind: "answer", status: 202, retryAfterMs: 7_000, snippet: "thanks" });
      assert.deepEqual(seen, [["POST", "/h%20k/%C3%BC?q=a%20b", `127.0.0.1:${server.port}`, "5", "1", "bytes"]]);
    });

    for (const [what, byMs] of [
      ["the receiver's clock, whatever ours shows", 3_600_000],
      ["its own clock where the receiver tells no date", undefined],
    ] as const) {
      it(`reads Retry-After as a date by ${what}`, async () => {
        const clock = way.clock();
        const theirsMs = clock.now() + (byMs ?? 0);
        const date = byMs === undefined ? {} : { date: new Date(theirsMs).toUTCString() };
        const at = new Date(theirsMs + 90_000).toUTCString();
        await using server = await httpListener((_request, response) => {
          response.sendDate = false;
          response.writeHead(503, { "retry-after": at, ...date }).end();
        });
        await using out = open(clock);
        const answer = await out.post(to(server.port));
        assert.deepEqual(answer, { kind: "answer", status: 503, retryAfterMs: 90_000, snippet: "" });
      });
    }

    it("does not follow a redirect", async () => {
      const paths: (string | undefined)[] = [];
      await using server = await httpListener((request, response) => {
        paths.push(request.url);
        response.writeHead(307, { location: "/elsewhere" }).end();
      });
      await using out = open();
      assert.deepEqual(await out.post(to(server.port)), { kind: "answer", status: 307, snippet: "" });
      assert.deepEqual(paths, ["/hook?a=1"]);
    });

    it("passes over 1xx before the answer", async () => {
      await using server = await httpListener((_request, response) => {
        response.writeProcessing();
        response.writeEarlyHints({ link: "</a>; rel=preload" });
        response.end("done");
      });
      await using out = open();
      assert.deepEqual(await out.post(to(server.port)), { kind: "answer", status: 200, snippet: "done" });
    });
  });

  describe(`connections, ${way.name},`, () => {
    it("are used again, one after the other and many at once", async () => {
      await using server = await httpListener((request, response) => {
        request.resume();
        response.end("ok");
      });
      await using out = open();
      for (let nth = 0; nth < 20; nth += 1) await out.post(to(server.port));
      assert.equal(server.sockets.length, 1);
      await Promise.all(Array.from({ length: 10 }, () => out.post(to(server.port))));
      assert.equal(server.sockets.length, 10);
      await Promise.all(Array.from({ length: 10 }, () => out.post(to(server.port))));
      assert.equal(server.sockets.length, 10);
    });

    it("are not used again when the server says so", async () => {
      await using server = await httpListener(
        (_request, response) => void response.setHeader("connection", "close").end("ok"),
      );
      await using out = open();
      for (let nth = 0; nth < 3; nth += 1) assert.equal((await out.post(to(server.port))).kind, "answer");
      assert.equal(server.sockets.length, 3);
    });

    it("that the server closed just before a request are replaced without a failure", async () => {
      let answered = 0;
      await using server = await tcpListener((socket) => {
        let requests = 0;
        socket.on("data", () => {
          requests += 1;
          // The second request on a connection meets a server that has already given it up.
          if (requests > 1) socket.resetAndDestroy();
          else socket.write("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok", () => (answered += 1));
        });
      });
      await using out = open();
      for (let nth = 0; nth < 3; nth += 1) assert.equal(failure(await out.post(to(server.port))), "answered 200");
      assert.equal(answered, 3);
      assert.equal(server.sockets.length, 3);
    });

    it("that are new are not tried twice, nor those that began to answer", async () => {
      await using fresh = await tcpListener((socket) => socket.once("data", () => socket.resetAndDestroy()));
      await using halfway = await tcpListener((socket) => {
        let requests = 0;
        socket.on("data", () => {
          requests += 1;
          if (requests === 1) socket.write("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
          else socket.write("HTTP/1.1 2", () => socket.destroy());
        });
      });
      await using out = open();
      assert.equal(failure(await out.post(to(fresh.port))), "connection");
      assert.equal(fresh.sockets.length, 1);
      assert.equal(failure(await out.post(to(halfway.port))), "answered 200");
      assert.equal(failure(await out.post(to(halfway.port))), "connection");
      assert.equal(halfway.sockets.length, 1);
    });

    it("are all closed by close, which ends what is under way", async () => {
      await using server = await tcpListener(() => {});
      const out = open();
      const post = out.post(to(server.port));
      const socket = await server.socket(1);
      await once(socket, "data");
      await out.close();
      await out.close();
      assert.equal(failure(await post), "internal");
      await closed(socket);
      assert.equal(failure(await out.post(to(server.port))), "internal");
    });
  });

  describe(`the time limit, ${way.name},`, () => {
    const within = "within 10000 ms";

    /** Posts to a server that stays silent after `say`, lets the time pass once it said that, and sees the connection end. */
    async function outlast(say: string): Promise<EgressAnswer> {
      const clock = way.clock();
      await using server = await tcpListener((socket) => socket.once("data", () => socket.write(say)));
      await using out = open(clock);
      const post = out.post(to(server.port));
      const socket = await server.socket(1);
      await once(socket, "data");
      clock.advance(9_999);
      // What the server said has to arrive first: a second exchange on the same loop takes longer than the first one's bytes.
      await using other = await httpListener((_request, response) => void response.end());
      await out.post(to(other.port));
      await out.post(to(other.port));
      clock.advance(1);
      const answer = await post;
      await closed(socket);
      if (way.here) assert.equal(clock.pending, 0, "no timer stays");
      return answer;
    }

    it("covers waiting for the answer", async () => {
      assert.deepEqual(await outlast(""), { kind: "failed", reason: "timeout", message: `no answer ${within}` });
    });

    it("covers headers that never end, and endless 1xx", async () => {
      assert.equal(failure(await outlast("HTTP/1.1 200 OK\r\nx-a: ")), "timeout");
      assert.equal(failure(await outlast("HTTP/1.1 102 Processing\r\n\r\n".repeat(20))), "timeout");
    });

    it("covers the whole body", async () => {
      const message = `answer not complete ${within}`;
      const wanted = { kind: "failed", reason: "timeout", message };
      assert.deepEqual(await outlast("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n123"), wanted);
      assert.deepEqual(await outlast("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\na\r\n"), wanted);
    });

    it("covers the TLS handshake and the name", async () => {
      const clock = way.clock();
      await using server = await tcpListener(() => {});
      await using out = open(clock);
      const post = out.post(to(server.port, { url: new URL(`https://127.0.0.1:${server.port}/`) }));
      const socket = await server.socket(1);
      await once(socket, "data");
      clock.advance(10_000);
      assert.deepEqual(await post, { kind: "failed", reason: "timeout", message: `no connection ${within}` });
      await closed(socket);

      await using nameless = open(clock, { "*": "silent" });
      const unnamed = nameless.post(to(1, { url: new URL("http://name.example/") }));
      clock.advance(10_000);
      assert.deepEqual(await unnamed, { kind: "failed", reason: "timeout", message: `no connection ${within}` });
    });

    it("leaves the connections of other requests alone", async () => {
      const clock = way.clock();
      await using server = await httpListener((request, response) => {
        if (request.url !== "/never") response.end("ok");
      });
      await using out = open(clock);
      const never = out.post(to(server.port, { url: new URL(`http://127.0.0.1:${server.port}/never`) }));
      await server.socket(1);
      await out.post(to(server.port));
      clock.advance(10_000);
      assert.equal(failure(await never), "timeout");
      assert.equal(failure(await out.post(to(server.port))), "answered 200");
      assert.equal(server.sockets.length, 2);
    });
  });

  describe(`a signal, ${way.name},`, () => {
    it("ends the request and its connection", async () => {
      await using server = await tcpListener(() => {});
      await using out = open();
      const stop = new AbortController();
      const post = out.post(to(server.port, { signal: stop.signal }));
      const socket = await server.socket(1);
      await once(socket, "data");
      stop.abort();
      assert.equal(failure(await post), "internal");
      await closed(socket);
    });

    it("that has aborted already sends nothing", async () => {
      await using server = await tcpListener(() => {});
      await using out = open();
      assert.equal(failure(await out.post(to(server.port, { signal: AbortSignal.abort() }))), "internal");
      assert.equal(server.sockets.length, 0);
    });
  });
}

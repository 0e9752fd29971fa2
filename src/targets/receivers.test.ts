/** Deliveries to the servers of Node. Those of others are in `test/clients`. */
import assert from "node:assert/strict";
import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import { createServer } from "node:https";
import { describe, it } from "node:test";
import { selfSigned } from "../../test/support/certificate.ts";
import { assertConformance, type Exchanged } from "../../test/support/conformance.ts";
import { toLoopback, ways } from "../../test/support/egress.ts";
import { bodyOf, httpListener } from "../../test/support/listeners.ts";

const large = 300_000;

/** Each piece in a turn of the loop of its own. */
function inPieces(text: string, response: ServerResponse): void {
  if (text === "") response.end();
  else response.write(text.slice(0, 1), () => setImmediate(() => inPieces(text.slice(1), response)));
}

/** Answers by the path, with the length of the body. */
async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const length = String((await bodyOf(request)).length);
  switch (request.url) {
    case "/empty":
      response.writeHead(204).end();
      break;
    case "/sized":
      response.end(length);
      break;
    case "/closing":
      response.setHeader("connection", "close").end(length);
      break;
    case "/unsized":
      response.useChunkedEncodingByDefault = false;
      response.write(length);
      response.end();
      break;
    case "/interim":
      response.writeContinue();
      response.writeEarlyHints({ link: "</a>; rel=preload" });
      response.end(length);
      break;
    case "/trailing":
      response.writeHead(200, { trailer: "x-sum" }).write(length);
      response.addTrailers({ "x-sum": "1" });
      response.end();
      break;
    case "/pieces":
      inPieces(length, response);
      break;
    default:
      response.writeHead(500).end("x".repeat(60_000));
  }
}

const answering: RequestListener = (request, response) => void answer(request, response);

const table: readonly Exchanged[] = [
  { path: "/sized", status: 200, reused: true },
  { path: "/sized", status: 200, bytes: 0, reused: true },
  { path: "/sized", status: 200, bytes: large, reused: true },
  { path: "/empty", status: 204, snippet: "", reused: true },
  { path: "/pieces", status: 200, reused: true },
  { path: "/pieces", status: 200, bytes: large, reused: true },
  { path: "/trailing", status: 200, reused: true },
  { path: "/interim", status: 200, reused: true },
  { path: "/other", status: 500, snippet: "x".repeat(2_048), reused: true },
  { path: "/closing", status: 200, reused: false },
  { path: "/unsized", status: 200, reused: false },
  { path: "/sized", status: 200, reused: true },
];

for (const way of ways) {
  describe(`deliveries to Node, ${way.name},`, () => {
    it("arrive over HTTP, and their answers are understood", async () => {
      await using server = await httpListener(answering);
      await using out = way.open({});
      await assertConformance(out, `http://127.0.0.1:${server.port}`, table);
    });

    it("arrive over HTTPS, and their answers are understood", async () => {
      const certificate = selfSigned("hooks.example");
      const server = createServer(certificate, answering).listen(0, "127.0.0.1");
      await new Promise((resolve) => server.once("listening", resolve));
      const address = server.address();
      const port = typeof address === "object" ? address?.port : undefined;
      const resumed: boolean[] = [];
      server.on("secureConnection", (socket) => resumed.push(socket.isSessionReused()));
      await using out = way.open({ names: toLoopback, ca: certificate.cert });
      await assertConformance(out, `https://hooks.example:${port}`, table);
      assert.ok(resumed.includes(true), "with the session of a connection before");
      await out.close();
      await new Promise((resolve) => server.close(resolve));
    });
  });
}

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { setImmediate } from "node:timers/promises";
import { fakeClock } from "../../test/support/clock.ts";
import { closed, httpListener, type Listener, tcpListener } from "../../test/support/listeners.ts";
import { parseEgressAllow } from "./addresses.ts";
import { Connections } from "./connections.ts";
import { Connector } from "./connector.ts";
import type { EgressAnswer } from "./egress.ts";
import { Exchange } from "./exchange.ts";
import { EgressFailure } from "./failure.ts";

const clock = fakeClock();
/** Any name is the loopback. */
const connector = new Connector(
  parseEgressAllow(["127.0.0.1"]),
  (_name, _options, tell) => tell(null, [{ address: "127.0.0.1", family: 4 }]),
  undefined,
);

function post(connections: Connections, server: Listener, host = "127.0.0.1"): Promise<EgressAnswer> {
  const url = new URL(`http://${host}:${server.port}/`);
  const origin = connections.origin(url);
  if (origin instanceof EgressFailure) throw origin;
  const deps = { connections, clock, origin };
  return new Promise((resolve) => void new Exchange({ url, headers: [], body: "", timeoutMs: 1_000 }, deps, resolve));
}

/** Resolves when the last socket's end was noticed, which is some turns of the loop after the answer. */
async function emptied(connections: Connections): Promise<void> {
  while (connections.size.connections > 0) await setImmediate();
}

describe("connections", () => {
  it("are forgotten with their origin once they end: refused, failed, or closed by the server", async () => {
    const connections = new Connections(connector);
    const gone = await tcpListener(() => {});
    await gone[Symbol.asyncDispose]();
    await using garbage = await tcpListener((socket) => socket.once("data", () => socket.end("nonsense")));
    await using server = await httpListener(
      (_request, response) => void response.setHeader("connection", "close").end(),
    );
    for (let nth = 0; nth < 20; nth += 1) {
      await Promise.all([gone, garbage, server].map((listener) => post(connections, listener, `h${nth}.example`)));
    }
    await emptied(connections);
    assert.deepEqual(connections.size, { origins: 0, connections: 0, idle: 0 });
  });

  it("are closed when unused for as long as the server said", async () => {
    const connections = new Connections(connector);
    await using server = await tcpListener((socket) =>
      socket.once("data", () => socket.write("HTTP/1.1 200 OK\r\nkeep-alive: timeout=3\r\ncontent-length: 0\r\n\r\n")),
    );
    await post(connections, server);
    assert.deepEqual(connections.size, { origins: 1, connections: 1, idle: 1 });
    await closed(await server.socket(1));
    await emptied(connections);
    assert.deepEqual(connections.size, { origins: 0, connections: 0, idle: 0 });
  });

  it("are kept idle only so many, over all origins, the newest", async () => {
    const connections = new Connections(connector, 2);
    await using server = await httpListener((_request, response) => void response.end());
    for (const host of ["a.example", "b.example", "c.example"]) await post(connections, server, host);
    assert.deepEqual(connections.size, { origins: 2, connections: 2, idle: 2 });
    await closed(await server.socket(1));
    await post(connections, server, "c.example");
    assert.equal(server.sockets.length, 3);
    await connections.disposeAll();
    assert.deepEqual(connections.size, { origins: 0, connections: 0, idle: 0 });
  });
});

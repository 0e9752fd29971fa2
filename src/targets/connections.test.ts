import assert from "node:assert/strict";
import type { ServerResponse } from "node:http";
import { describe, it } from "node:test";
import { setImmediate } from "node:timers/promises";
import { fakeClock } from "../../test/support/clock.ts";
import { closed, httpListener, type Listener, tcpListener } from "../../test/support/listeners.ts";
import { until } from "../../test/support/until.ts";
import { parseEgressAllow } from "../domain/egress.ts";
import { Connections } from "./connections.ts";
import { Connector } from "./connector.ts";
import type { EgressAnswer } from "./egress.ts";
import { Exchange } from "./exchange.ts";
import { EgressFailure } from "./failure.ts";
import { RequestHead } from "./request-head.ts";

const clock = fakeClock();
/** Any name is the loopback. */
const connector = new Connector(
  parseEgressAllow(["127.0.0.1"]),
  (_name, _options, tell) => tell(null, [{ address: "127.0.0.1", family: 4 }]),
  undefined,
);

function post(connections: Connections, server: Listener, host = "127.0.0.1", by = clock): Promise<EgressAnswer> {
  const url = new URL(`http://${host}:${server.port}/`);
  const origin = connections.origin(url);
  if (origin instanceof EgressFailure) throw origin;
  const deps = { connections, clock: by, origin };
  const bytes = RequestHead.of(url, []).written({ lines: "", body: "" });
  return new Promise((answered) => {
    void new Exchange({ timeoutMs: 1_000, beganMs: by.steady(), answered }, bytes, deps);
  });
}

/** Resolves when the last socket's end was noticed, which is some turns of the loop after the answer. */
async function emptied(connections: Connections): Promise<void> {
  while (connections.size.connections > 0) await setImmediate();
}

describe("connections", () => {
  it("are forgotten with their origin once they end: refused, failed, or closed by the server", async () => {
    const connections = new Connections(connector, clock);
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
    const connections = new Connections(connector, clock);
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
    const connections = new Connections(connector, clock, 2);
    await using server = await httpListener((_request, response) => void response.end());
    for (const host of ["a.example", "b.example", "c.example"]) await post(connections, server, host);
    assert.deepEqual(connections.size, { origins: 2, connections: 2, idle: 2 });
    await closed(await server.socket(1));
    await post(connections, server, "c.example");
    assert.equal(server.sockets.length, 3);
    await connections.disposeAll();
    assert.deepEqual(connections.size, { origins: 0, connections: 0, idle: 0 });
  });

  it("are opened to one origin only so many at once as its server need not have accepted yet", async () => {
    const [passing, impatient] = [fakeClock(), fakeClock()];
    const connections = new Connections(connector, passing);
    const open: ServerResponse[] = [];
    await using server = await httpListener((_request, response) => void open.push(response));
    await using other = await httpListener((_request, response) => void response.end());
    const asked = Array.from({ length: 256 }, () => post(connections, server));
    const late = post(connections, server, "127.0.0.1", impatient);
    for (let more = 0; more < 400; more += 1) asked.push(post(connections, server));
    await until("as many as may be", () => open.length === 256);
    assert.equal(connections.size.connections, 256);
    assert.equal((await post(connections, other)).kind, "answer", "another origin does not wait");

    impatient.advance(1_000);
    const tooLate = await late;
    assert.equal(tooLate.kind === "failed" && tooLate.message, "no connection within 1000 ms");

    open[0]?.end();
    await until("one on the connection that is free, and one on a new one", () => open.length === 258);
    assert.equal(server.sockets.length, 257);
    assert.deepEqual((await asked[0])?.kind, "answer");

    passing.advance(1_000);
    await until("as many again as a second has passed", () => open.length === 258 + 256);
    assert.equal(server.sockets.length, 257 + 256);

    await connections.disposeAll();
    const kinds = Map.groupBy(await Promise.all(asked), ({ kind }) => kind);
    assert.deepEqual([kinds.get("answer")?.length, kinds.get("failed")?.length], [1, 655]);
    assert.deepEqual(connections.size, { origins: 0, connections: 0, idle: 0 });
  });
});

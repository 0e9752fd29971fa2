/** What of the network workerd alone decides: names, TLS, and what is no fetch. */
import assert from "node:assert/strict";
import { createServer } from "node:https";
import { describe, it } from "node:test";
import { body, told, value } from "../../../test/conformance/sandbox/kit.ts";
import { authority } from "../../../test/sandbox/authority.ts";
import { httpListener, tlsListener } from "../../../test/support/listeners.ts";
import { systemClock } from "../../clock.ts";
import { parseEgressAllow } from "../../domain/egress.ts";
import { silentLog } from "../../log.ts";
import type { Sandbox } from "../sandbox.ts";
import { workerdSandbox } from "./sandbox.ts";

const open = (allow: readonly string[], ca?: string): Promise<Sandbox> =>
  workerdSandbox({
    egressAllow: parseEgressAllow(allow),
    clock: systemClock,
    log: silentLog,
    ...(ca === undefined ? {} : { ca }),
  });

const fetching = (...egress: readonly string[]) =>
  body(
    "try { const answer = await fetch(...event); return [answer.status, await answer.text()]; } catch (error) { return error.message; }",
    { egress },
  );

describe("fetch", () => {
  it("reaches names that the operator opened wherever they lie, and their addresses only by these names", async () => {
    await using server = await httpListener((_request, response) => response.end("inside"));
    await using sandbox = await open(["localhost", "*.internal"]);
    const { port } = server;
    const asking = fetching(`localhost:${port}`, `127.0.0.1:${port}`, `*.localhost:${port}`);
    assert.deepEqual(await value(sandbox, asking, { event: [`http://localhost:${port}/`] }), [200, "inside"]);
    assert.deepEqual(await value(sandbox, asking, { event: [`http://LOCALHOST.:${port}/`] }), [200, "inside"]);
    for (const host of ["127.0.0.1", "x.localhost"]) {
      assert.match(await told(sandbox, asking, { event: [`http://${host}:${port}/`] }), /no connection to/);
    }
  });

  it("reaches what was opened at one port at that port alone, by address and by name", async () => {
    await using server = await httpListener((_request, response) => response.end("inside"));
    await using other = await httpListener((_request, response) => response.end("beside"));
    await using sandbox = await open([`127.0.0.1:${server.port}`, `localhost:${server.port}`, "10.0.0.0/8:8443"]);
    for (const host of ["127.0.0.1", "localhost"]) {
      const asking = fetching(`${host}:${server.port}`, `${host}:${other.port}`);
      assert.deepEqual(await value(sandbox, asking, { event: [`http://${host}:${server.port}/`] }), [200, "inside"]);
      assert.match(await told(sandbox, asking, { event: [`http://${host}:${other.port}/`] }), /no connection to/);
    }
    assert.equal(other.sockets.length, 0);
  });

  it("trusts the authorities it is configured to trust, for the names they vouch for", async () => {
    const ours = authority();
    const seen: string[] = [];
    const answer = createServer();
    answer.on("request", (request, response) => {
      seen.push(request.headers.host ?? "");
      response.end("secure");
    });
    await using server = await tlsListener(ours.sign("localhost"), (socket) => answer.emit("secureConnection", socket));
    await using other = await tlsListener(authority().sign("localhost"), (socket) =>
      answer.emit("secureConnection", socket),
    );
    await using misnamed = await tlsListener(ours.sign("elsewhere"), (socket) =>
      answer.emit("secureConnection", socket),
    );
    await using sandbox = await open(["localhost"], ours.cert);
    const at = async ({ port }: { readonly port: number }): Promise<unknown> =>
      value(sandbox, fetching(`localhost:${port}`), { event: [`https://localhost:${port}/`] });
    assert.deepEqual(await at(server), [200, "secure"]);
    assert.match(String(await at(other)), /certificate/);
    assert.match(String(await at(misnamed)), /certificate/);
    assert.deepEqual(seen, [`localhost:${server.port}`]);
    await using strict = await open(["localhost"]);
    const { port } = server;
    const asking = fetching(`localhost:${port}`);
    assert.match(await told(strict, asking, { event: [`https://localhost:${port}/`] }), /certificate/);
  });

  it("goes where its URL says, whatever its headers say", async () => {
    const hosts: (string | undefined)[] = [];
    await using server = await httpListener((request, response) => {
      hosts.push(request.headers.host);
      response.end();
    });
    await using sandbox = await open(["127.0.0.1"]);
    const host = `127.0.0.1:${server.port}`;
    await value(sandbox, fetching(host), { event: [`http://${host}/`, { headers: { host: "inner.example" } }] });
    assert.deepEqual(hosts, [host]);
  });

  it("is all there is: no WebSocket, no upgrade, no socket", async () => {
    await using server = await httpListener((_request, response) => response.end());
    await using sandbox = await open(["127.0.0.1"]);
    const host = `127.0.0.1:${server.port}`;
    const others = body(
      `const tries = [
        () => new Promise((go, fail) => { const socket = new WebSocket("ws://${host}/"); socket.onopen = go; socket.onerror = fail; socket.onclose = fail; }),
        async () => { const { webSocket } = await fetch("http://${host}/", { headers: { upgrade: "websocket" } }); if (webSocket === null) throw 1; },
        async () => { const { connect } = await import("cloudflare:sockets"); await connect("${host}").opened; },
        async () => { await fetch("https://${host}/", { method: "CONNECT" }); },
      ];
      let through = 0;
      for (const attempt of tries) { try { await attempt(); through += 1; } catch {} }
      return through;`,
      { egress: [host] },
    );
    assert.equal(await value(sandbox, others), 0);
    assert.equal(server.sockets.length, 0);
  });

  it("reaches a server again and again, over calls", async () => {
    let hits = 0;
    await using server = await httpListener((_request, response) => {
      hits += 1;
      response.end(String(hits));
    });
    await using sandbox = await open(["127.0.0.1"]);
    const host = `127.0.0.1:${server.port}`;
    const asking = fetching(host);
    for (let nth = 1; nth <= 20; nth += 1) {
      assert.deepEqual(await value(sandbox, asking, { event: [`http://${host}/`] }), [200, String(nth)]);
    }
  });
});

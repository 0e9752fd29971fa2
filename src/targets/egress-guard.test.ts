import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type Asked, type Names, ways } from "../../test/support/egress.ts";
import { httpListener, type Listener, tcpListener } from "../../test/support/listeners.ts";
import { unseeing } from "../../test/support/unseen.ts";
import type { EgressAnswer } from "./egress.ts";

const reason = (answer: EgressAnswer): string =>
  answer.kind === "failed" ? answer.reason : `answered ${answer.status}`;
const ok = (host?: string): Promise<Listener> => httpListener((_request, response) => void response.end("ok"), host);

/** A machine without IPv6 has nothing to connect to there either. */
const noIpv6 = (): undefined => undefined;

/** Every way to write an address that leads, or may lead, inside. */
const inside = [
  [
    "127.0.0.1",
    "127.1",
    "127.0.1",
    "127.255.255.254",
    "2130706433",
    "0x7f000001",
    "0x7f.1",
    "0177.0.0.1",
    "017700000001",
  ],
  [
    "0x7F.0x0.0x0.0x1",
    "127.0.0.1.",
    "127.000.000.001",
    "%31%32%37.0.0.1",
    "１２７.0.0.1",
    "127。0。0。1",
    "0",
    "0.0.0.0",
  ],
  [
    "10.0.0.1",
    "10.1",
    "167772161",
    "0xa000001",
    "012.0.0.1",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.0.1",
    "192.168.1",
  ],
  ["0xc0a80001", "3232235521", "169.254.1.1", "169.254.169.254", "2852039166", "0xa9fea9fe", "0251.0376.0251.0376"],
  [
    "100.64.0.1",
    "100.100.100.200",
    "168.63.129.16",
    "192.0.0.192",
    "192.0.2.1",
    "198.18.0.1",
    "198.51.100.1",
    "203.0.113.1",
  ],
  ["224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255", "4294967295"],
  [
    "[::]",
    "[::1]",
    "[0:0:0:0:0:0:0:1]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[::ffff:10.0.0.1]",
    "[::ffff:a9fe:a9fe]",
  ],
  ["[::127.0.0.1]", "[::ffff:0:127.0.0.1]", "[64:ff9b::127.0.0.1]", "[64:ff9b::a9fe:a9fe]", "[64:ff9b:1::10.0.0.1]"],
  ["[64:ff9b::8.8.8.8]", "[2002:7f00:1::]", "[2002:a9fe:a9fe::1]", "[2001::1]", "[2001:db8::1]", "[100::1]"],
  ["[fc00::1]", "[fd00:ec2::254]", "[fe80::1]", "[febf::1]", "[fec0::1]", "[ff02::1]", "[3fff::1]", "[5f00::1]"],
].flat();

/** Every name stands for these. */
const all = (...addresses: readonly string[]): Names => ({ "*": [addresses] });

interface Guarded {
  readonly allow?: readonly string[];
  readonly names?: Names;
}

for (const way of ways) {
  const open = ({ allow = [], names }: Guarded = {}): Asked =>
    unseeing(way.open({ allow, ...(names === undefined ? {} : { names }) }));
  const sent = (out: Asked, url: string): Promise<EgressAnswer> =>
    out.post({ url: new URL(url), headers: [], body: "{}", timeoutMs: 10_000 });
  const post = async (url: string, guarded?: Guarded): Promise<EgressAnswer> => {
    await using out = open(guarded);
    return await sent(out, url);
  };

  describe(`an address in the URL, ${way.name},`, () => {
    it("that leads inside is refused, however it is written, and nothing connects", async () => {
      await using v4 = await tcpListener(() => {}, "0.0.0.0");
      await using v6 = await tcpListener(() => {}, "::1").catch(noIpv6);
      await using out = open();
      for (const host of inside) {
        for (const scheme of ["http", "https"]) {
          for (const { port } of [v4, v6 ?? v4]) {
            assert.equal(
              reason(await sent(out, `${scheme}://${host}:${port}/`)),
              "egress_refused",
              `${scheme}://${host}`,
            );
          }
        }
      }
      assert.equal(v4.sockets.length + (v6?.sockets.length ?? 0), 0);
    });

    it("is refused with a message that names it", async () => {
      const answer = await post("http://0x7f.1/");
      assert.deepEqual(answer, {
        kind: "failed",
        reason: "egress_refused",
        message: "127.0.0.1 may not be sent to (loopback)",
      });
    });

    it("is sent to when it is listed, however it is written", async () => {
      await using v4 = await ok();
      await using v6 = await ok("::1").catch(noIpv6);
      await using out = open({ allow: ["127.0.0.0/8"] });
      for (const host of ["127.0.0.1", "127.1", "2130706433", "0x7f.1", "0177.0.0.1", "[::ffff:127.0.0.1]"]) {
        assert.equal(reason(await sent(out, `http://${host}:${v4.port}/`)), "answered 200", host);
      }
      assert.equal(reason(await post("http://[::1]:1/", { allow: ["127.0.0.0/8"] })), "egress_refused");
      if (v6 !== undefined)
        assert.equal(reason(await post(`http://[::1]:${v6.port}/`, { allow: ["::1"] })), "answered 200");
    });

    it("is sent to at the one port that is listed, and at no other; so is a name", async () => {
      await using open = await ok();
      await using closed = await tcpListener(() => {});
      const allow = [`127.0.0.1:${open.port}`, `hooks.example:${open.port}`];
      const names = all("127.0.0.2");
      assert.equal(reason(await post(`http://127.0.0.1:${open.port}/`, { allow })), "answered 200");
      assert.equal(reason(await post(`http://127.0.0.1:${closed.port}/`, { allow })), "egress_refused");
      assert.equal(reason(await post(`http://hooks.example:${closed.port}/`, { allow, names })), "egress_refused");
      assert.equal(reason(await post(`http://other.example:${open.port}/`, { allow, names })), "egress_refused");
      assert.notEqual(reason(await post(`http://hooks.example:${open.port}/`, { allow, names })), "egress_refused");
      assert.equal(closed.sockets.length, 0);
    });

    it("is judged once more by whom it reached: 0.0.0.0 is the loopback", async () => {
      let bytes = 0;
      await using server = await tcpListener((socket) => socket.on("data", (chunk) => (bytes += chunk.length)));
      const answer = await post(`http://0.0.0.0:${server.port}/`, { allow: ["0.0.0.0"] });
      assert.equal(reason(answer), "egress_refused");
      const socket = await server.socket(1);
      if (!socket.closed) await new Promise((resolve) => socket.once("close", resolve));
      assert.equal(bytes, 0);
    });

    it("is sent to by http and https only", async () => {
      for (const url of ["ftp://8.8.8.8/", "file:///etc/passwd", "data:,x", "ws://8.8.8.8/"]) {
        assert.equal(reason(await post(url)), "egress_refused", url);
      }
    });
  });

  describe(`a name, ${way.name},`, () => {
    const plain = (host: string): string => host.replaceAll(/[[\]]/g, "");

    it("that resolves inside is refused, and nothing connects", async () => {
      await using v4 = await tcpListener(() => {}, "0.0.0.0");
      await using v6 = await tcpListener(() => {}, "::1").catch(noIpv6);
      const addresses = inside.map((host) => plain(new URL(`http://${host}`).hostname));
      const names = Object.fromEntries(addresses.map((address, nth) => [`n${nth}.example`, [[address]]]));
      await using out = open({ names });
      for (const [nth, address] of addresses.entries()) {
        for (const { port } of [v4, v6 ?? v4]) {
          const answer = await sent(out, `http://n${nth}.example:${port}/`);
          assert.equal(reason(answer), "egress_refused", address);
          assert.ok(answer.kind === "failed" && !answer.message.includes(address), "inner addresses are not shown");
        }
      }
      assert.equal(v4.sockets.length + (v6?.sockets.length ?? 0), 0);
    });

    /** Listens on every IPv4 address, and says by which it was reached. */
    const everywhere = (): Promise<Listener> =>
      httpListener(({ socket }, response) => {
        response.setHeader("connection", "close").end(socket.localAddress);
      }, "0.0.0.0");

    it("that resolves to several goes to those permitted only", async () => {
      await using server = await everywhere();
      const names = all("127.0.0.2", "10.0.0.1", "::1", "127.0.0.1");
      const url = `http://hooks.example:${server.port}/`;
      const answer = await post(url, { allow: ["127.0.0.1"], names });
      assert.deepEqual(answer, { kind: "answer", status: 200, snippet: "127.0.0.1" });
      assert.equal(reason(await post(url, { names })), "egress_refused");
      assert.equal(server.sockets.length, 1);
    });

    it("that moves inside is refused from then on, and what was judged is what is connected to", async () => {
      await using server = await everywhere();
      // A second look, with the other answer, between judging and connecting is what rebinding lives from.
      const names = { "*": [["127.0.0.1"], ["127.0.0.2"]] };
      await using out = open({ allow: ["127.0.0.1"], names });
      const url = new URL(`http://hooks.example:${server.port}/`);
      const request = { url, headers: [], body: "{}", timeoutMs: 10_000 };
      assert.deepEqual(await out.post(request), { kind: "answer", status: 200, snippet: "127.0.0.1" });
      assert.equal(reason(await out.post(request)), "egress_refused");
      assert.equal(server.sockets.length, 1);
    });

    it("that is listed goes wherever it resolves to", async () => {
      await using server = await ok();
      const names = all("127.0.0.1");
      const url = (host: string): string => `http://${host}:${server.port}/`;
      assert.equal(reason(await post(url("hooks.internal"), { names, allow: ["hooks.internal"] })), "answered 200");
      assert.equal(reason(await post(url("HOOKS.internal."), { names, allow: ["hooks.internal"] })), "answered 200");
      assert.equal(reason(await post(url("a.b.internal"), { names, allow: ["*.internal"] })), "answered 200");
      assert.equal(reason(await post(url("internal"), { names, allow: ["*.internal"] })), "egress_refused");
      assert.equal(
        reason(await post(url("hooks.internal.example"), { names, allow: ["hooks.internal"] })),
        "egress_refused",
      );
    });

    it("that does not resolve fails as dns", async () => {
      assert.deepEqual(await post("http://nowhere.example/", { names: { "*": "missing" } }), {
        kind: "failed",
        reason: "dns",
        message: "no address found for nowhere.example (ENOTFOUND)",
      });
      assert.equal(reason(await post("http://nowhere.example/", { names: all() })), "dns");
      assert.equal(reason(await post("http://hooks.example/", { names: { "*": "old" } })), "egress_refused");
    });

    it("that the system knows is found by the usual lookup, and judged", async () => {
      await using server = await ok();
      assert.equal(reason(await post(`http://localhost:${server.port}/`)), "egress_refused");
      assert.equal(reason(await post(`http://localhost:${server.port}/`, { allow: ["127.0.0.1"] })), "answered 200");
      assert.equal(server.sockets.length, 1);
    });
  });
}

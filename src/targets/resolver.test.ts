import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { isIPv6, type LookupFunction } from "node:net";
import { describe, it } from "node:test";
import { dnsLookup } from "./resolver.ts";

/** The 16 bytes of `2001:4860::n`. */
const v6 = (last: number): Buffer => Buffer.from([0x20, 0x01, 0x48, 0x60, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, last]);

/** A name server that knows one name: two IPv4 addresses and one IPv6. */
async function nameServer(known: string) {
  const socket = createSocket("udp4");
  const asked: string[] = [];
  socket.on("message", (query, from) => {
    const labels: string[] = [];
    let at = 12;
    for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
      labels.push(query.toString("latin1", at + 1, at + 1 + length));
      at += 1 + length;
    }
    const type = query.readUInt16BE(at + 1);
    const name = labels.join(".").toLowerCase();
    asked.push(`${name} ${type}`);
    const addresses = type === 1 ? [Buffer.from([8, 8, 8, 8]), Buffer.from([8, 8, 4, 4])] : [v6(1)];
    const records = (name === known ? addresses : []).map((address) =>
      Buffer.concat([Buffer.from([0xc0, 12, 0, type, 0, 1, 0, 0, 0, 9, 0, address.length]), address]),
    );
    const head = Buffer.from([query[0] ?? 0, query[1] ?? 0, 0x81, 0x80, 0, 1, 0, records.length, 0, 0, 0, 0]);
    socket.send(Buffer.concat([head, query.subarray(12, at + 5), ...records]), from.port, from.address);
  });
  socket.bind(0, "127.0.0.1");
  await once(socket, "listening");
  return {
    asked,
    server: `127.0.0.1:${socket.address().port}`,
    async [Symbol.asyncDispose]() {
      socket.close();
      await once(socket, "close");
    },
  };
}

const ask = (lookup: LookupFunction, name: string): Promise<readonly string[]> =>
  new Promise((resolve, reject) => {
    lookup(name, { all: true }, (error, found) => {
      if (error !== null) reject(error);
      else resolve(typeof found === "string" ? [found] : found.map(({ address }) => address));
    });
  });

describe("dnsLookup", () => {
  it("asks DNS for both families, IPv4 first", async () => {
    await using dns = await nameServer("hooks.example");
    const found = await ask(dnsLookup([dns.server]), "hooks.example");
    assert.deepEqual(found, ["8.8.8.8", "8.8.4.4", "2001:4860::1"]);
    assert.deepEqual(dns.asked.sort(), ["hooks.example 1", "hooks.example 28"]);
  });

  it("asks once for those who want one name at one time", async () => {
    await using dns = await nameServer("hooks.example");
    const lookup = dnsLookup([dns.server]);
    await Promise.all(Array.from({ length: 10 }, () => ask(lookup, "hooks.example")));
    assert.equal(dns.asked.length, 2);
    await ask(lookup, "hooks.example");
    assert.equal(dns.asked.length, 4);
  });

  it("leaves localhost to the system", async () => {
    await using dns = await nameServer("localhost");
    for (const address of await ask(dnsLookup([dns.server]), "localhost")) {
      assert.ok(address === "127.0.0.1" || isIPv6(address), address);
    }
    assert.deepEqual(dns.asked, []);
  });
});

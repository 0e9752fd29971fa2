import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { SignalboxError } from "../errors.ts";
import {
  type EgressAllow,
  nameAllowed as nameAllowedAt,
  parseEgressAllow,
  egressRefusal as refusalAt,
} from "./egress.ts";

const refusal = (host: string, allow: EgressAllow, port = 443): string | undefined => refusalAt({ host, port }, allow);
const nameAllowed = (host: string, allow: EgressAllow, port = 443): boolean => nameAllowedAt({ host, port }, allow);

const nothing = parseEgressAllow([]);

describe("refusal", () => {
  it("knows each special kind at its first and last address, and stops there", () => {
    const kinds: readonly (readonly [kind: string, first: string, last: string])[] = [
      ["unspecified", "0.0.0.0", "0.255.255.255"],
      ["private", "10.0.0.0", "10.255.255.255"],
      ["shared (carrier NAT)", "100.64.0.0", "100.127.255.255"],
      ["loopback", "127.0.0.0", "127.255.255.255"],
      ["link-local", "169.254.0.0", "169.254.255.255"],
      ["private", "172.16.0.0", "172.31.255.255"],
      ["reserved", "192.0.0.0", "192.0.0.255"],
      ["documentation", "192.0.2.0", "192.0.2.255"],
      ["6to4 relay", "192.88.99.0", "192.88.99.255"],
      ["private", "192.168.0.0", "192.168.255.255"],
      ["benchmarking", "198.18.0.0", "198.19.255.255"],
      ["documentation", "198.51.100.0", "198.51.100.255"],
      ["documentation", "203.0.113.0", "203.0.113.255"],
      ["multicast", "224.0.0.0", "239.255.255.255"],
      ["reserved", "240.0.0.0", "255.255.255.254"],
      ["broadcast", "255.255.255.255", "255.255.255.255"],
      ["unspecified", "::", "::"],
      ["loopback", "::1", "::1"],
      ["IPv4-compatible", "::2", "::ffff:ffff"],
      ["IPv4-mapped", "::ffff:0:0", "::ffff:255.255.255.255"],
      ["IPv4-translated", "::ffff:0:0:0", "::ffff:0:255.255.255.255"],
      ["NAT64", "64:ff9b::", "64:ff9b::255.255.255.255"],
      ["NAT64", "64:ff9b:1::", "64:ff9b:1:ffff:ffff:ffff:ffff:ffff"],
      ["discard", "100::", "100::ffff:ffff:ffff:ffff"],
      ["Teredo", "2001::", "2001:0:ffff:ffff:ffff:ffff:ffff:ffff"],
      ["reserved", "2001:1::", "2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff"],
      ["documentation", "2001:db8::", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff"],
      ["6to4", "2002::", "2002:ffff:ffff:ffff:ffff:ffff:ffff:ffff"],
      ["documentation", "3fff::", "3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff"],
      ["private", "fc00::", "fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"],
      ["link-local", "fe80::", "febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff"],
      ["site-local", "fec0::", "feff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"],
      ["multicast", "ff00::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"],
    ];
    for (const [kind, first, last] of kinds) {
      assert.equal(refusal(first, nothing), kind, first);
      assert.equal(refusal(last, nothing), kind, last);
    }
  });

  it("names the addresses of cloud metadata, wherever they lie", () => {
    for (const address of ["169.254.169.254", "168.63.129.16", "100.100.100.200", "fd00:ec2::254", "fd20:ce::254"]) {
      assert.equal(refusal(address, nothing), "cloud metadata", address);
    }
  });

  it("lets the public internet through, up to each border", () => {
    const open = [
      ["1.0.0.0", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255", "128.0.0.0"],
      ["169.253.255.255", "169.255.0.0", "172.15.255.255", "172.32.0.0", "192.0.1.0", "192.0.3.0", "192.167.255.255"],
      ["192.169.0.0", "198.17.255.255", "198.20.0.0", "198.51.99.255", "203.0.114.0", "223.255.255.255", "8.8.8.8"],
      ["2000::", "2001:200::1", "2001:4860:4860::8888", "2003::", "2606:4700::1111", "3ffe:ffff::1", "2a00:1450::1"],
    ];
    for (const address of open.flat()) assert.equal(refusal(address, nothing), undefined, address);
  });

  it("takes what is not given out yet as reserved, and passes over zones", () => {
    for (const address of ["1::1", "4000::1", "5f00::1", "a000::", "fbff::1"]) {
      assert.equal(refusal(address, nothing), "reserved", address);
    }
    assert.equal(refusal("fe80::1%eth0", nothing), "link-local");
    assert.equal(refusal("", nothing), "no address");
    assert.equal(refusal("localhost", nothing), "no address");
  });

  it("refuses a public address wrapped in another", () => {
    for (const address of ["::ffff:8.8.8.8", "::8.8.8.8", "64:ff9b::8.8.8.8", "2002:808:808::", "::ffff:0:8.8.8.8"]) {
      assert.notEqual(refusal(address, nothing), undefined, address);
    }
  });
});

describe("the allow-list", () => {
  it("opens networks and single addresses, and nothing beside them", () => {
    const allow = parseEgressAllow(["10.1.0.0/16", "127.0.0.1", "fd12:3456::/32", "::1", "172.16.0.0/13"]);
    for (const address of ["10.1.0.0", "10.1.255.255", "127.0.0.1", "fd12:3456::9", "::1", "172.23.255.255"]) {
      assert.equal(refusal(address, allow), undefined, address);
    }
    for (const address of ["10.0.255.255", "10.2.0.0", "127.0.0.2", "fd12:3457::9", "::2", "172.24.0.0"]) {
      assert.notEqual(refusal(address, allow), undefined, address);
    }
  });

  it("opens the wrapped forms of an IPv4 address with it, where it is certain where that lies", () => {
    const allow = parseEgressAllow(["10.0.0.0/8"]);
    for (const address of [
      "::ffff:10.1.2.3",
      "::10.1.2.3",
      "64:ff9b::10.1.2.3",
      "2002:a01:203::",
      "::ffff:0:10.1.2.3",
    ]) {
      assert.equal(refusal(address, allow), undefined, address);
    }
    for (const address of ["::ffff:11.1.2.3", "64:ff9b:1::10.1.2.3", "2001::10.1.2.3"]) {
      assert.notEqual(refusal(address, allow), undefined, address);
    }
    assert.equal(refusal("64:ff9b:1::10.1.2.3", parseEgressAllow(["64:ff9b:1::/48"])), undefined);
  });

  it("can open everything", () => {
    const all = parseEgressAllow(["0.0.0.0/0", "::/0"]);
    for (const address of ["169.254.169.254", "::1", "255.255.255.255", "ff02::1"]) {
      assert.equal(refusal(address, all), undefined);
    }
    assert.equal(refusal("::1", parseEgressAllow(["0.0.0.0/0"])), "loopback");
  });

  it("opens names, exactly or under a suffix, in any case and with a final dot", () => {
    const allow = parseEgressAllow(["Hooks.Internal", "*.corp.example", "localhost", "bücher.example", "a_b.svc"]);
    for (const name of [
      "hooks.internal",
      "HOOKS.internal.",
      "a.corp.example",
      "a.b.corp.example",
      "localhost",
      "xn--bcher-kva.example",
      "a_b.svc",
    ]) {
      assert.equal(nameAllowed(name, allow), true, name);
    }
    for (const name of [
      "internal",
      "a.hooks.internal",
      "corp.example",
      "xcorp.example",
      "corp.example.evil.com",
      "localhost.evil.com",
    ]) {
      assert.equal(nameAllowed(name, allow), false, name);
    }
  });

  it("opens one port of a network, an address or a name when the entry names one", () => {
    const allow = parseEgressAllow([
      "127.0.0.1:3000",
      "[::1]:3000",
      "10.0.0.0/8:8443",
      "[fd00::/8]:8443",
      "[fd01::]/16:9",
      "host.example:8080",
      "*.corp.example:443",
      "192.168.0.1",
      "[fe80::1]",
    ]);
    for (const host of ["127.0.0.1", "::1", "::ffff:127.0.0.1"]) {
      assert.equal(refusal(host, allow, 3000), undefined, host);
      for (const port of [80, 443, 2999, 30_000]) assert.equal(typeof refusal(host, allow, port), "string", host);
    }
    for (const host of ["10.255.0.1", "fdff::1"]) {
      assert.equal(refusal(host, allow, 8443), undefined, host);
      assert.equal(refusal(host, allow, 443), "private", host);
    }
    assert.equal(refusal("fd01::1", allow, 9), undefined);
    for (const port of [1, 65_535]) {
      assert.equal(refusal("192.168.0.1", allow, port), undefined);
      assert.equal(refusal("fe80::1", allow, port), undefined);
    }
    assert.deepEqual(
      [443, 8080, 80].map((port) => nameAllowed("host.example", allow, port)),
      [false, true, false],
    );
    assert.deepEqual(
      [443, 8080].map((port) => nameAllowed("a.corp.example", allow, port)),
      [true, false],
    );
    assert.equal(refusal("8.8.8.8", allow, 1), undefined, "what is public needs no entry");
  });

  it("names a bad entry", () => {
    const bad = [
      ["", " ", "*", "*.", "**.a", "a.*.b", "http://a", "a/b", "a b", "-a", "a-", "a..b", "user@a"],
      [
        "a:0",
        "a:",
        "a:65536",
        "a:08",
        "a:80:80",
        "a:x",
        ":80",
        "[::1]:0",
        "[::1",
        "::1]",
        "[10.0.0.1]:80",
        "[a]:80",
        "10.0.0.0:80/8",
        "fd00::/8:443",
      ],
      [
        "10.0.0.0/33",
        "10.0.0.0/",
        "10.0.0.0/08",
        "10.0.0.0/-1",
        "10.0.0.0/8/8",
        "::/129",
        "10.0.0",
        "256.1.1.1",
        "a.1",
        "0x7f.1",
      ],
      ["10.0.0.1/8", "fd00::1/8", "fe80::1%eth0", "fe80::1%eth0/64"],
    ];
    for (const entry of bad.flat()) {
      assert.throws(
        () => parseEgressAllow(["127.0.0.1", entry]),
        (error) => error instanceof SignalboxError && error.message.includes(JSON.stringify(entry)),
        JSON.stringify(entry),
      );
    }
  });
});

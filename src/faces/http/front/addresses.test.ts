import assert from "node:assert/strict";
import { it } from "node:test";
import { Addresses, networkOf } from "./addresses.ts";

it("an IPv6 network is one address, and IPv4 is itself however it is written", () => {
  const table = [
    ["127.0.0.1", "127.0.0.1"],
    ["::ffff:127.0.0.1", "127.0.0.1"],
    ["::1", "0:0:0:0::/64"],
    ["2001:db8::1", "2001:db8:0:0::/64"],
    ["2001:0db8:0000:0000:ffff:ffff:ffff:ffff", "2001:db8:0:0::/64"],
    ["2001:db8:0:1::1", "2001:db8:0:1::/64"],
    ["fe80::1%eth0", "fe80:0:0:0::/64"],
    ["1:2:3:4:5:6:7:8", "1:2:3:4::/64"],
  ] as const;
  for (const [address, network] of table) assert.equal(networkOf(address), network, address);
  assert.equal(networkOf(undefined), "");
});

it("an allowance grows with time, up to two seconds' worth, and what is whole and gone is forgotten", () => {
  const addresses = new Addresses(10);
  const visitor = addresses.at("a", 0);
  assert.equal(visitor.allowance, 20);
  visitor.allowance -= 20;
  visitor.connections += 1;
  assert.equal(addresses.at("a", 500).allowance, 5);
  assert.equal(addresses.at("a", 60_000).allowance, 20);
  addresses.prune(60_000);
  assert.equal(addresses.size, 1, "it is still connected");
  visitor.connections -= 1;
  visitor.allowance = 0;
  addresses.prune(61_000);
  assert.equal(addresses.size, 1, "or it would begin anew");
  addresses.prune(62_000);
  assert.equal(addresses.size, 0);
});

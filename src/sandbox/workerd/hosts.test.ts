import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parseHostRule } from "./hosts.ts";

describe("parseHostRule", () => {
  it("reads names, names below one, addresses and ports, as URLs write them", () => {
    const rules: readonly (readonly [text: string, host: string, below: boolean, port: number])[] = [
      ["api.example.com", "api.example.com", false, 0],
      ["API.Example.COM.", "api.example.com", false, 0],
      ["api.example.com:8443", "api.example.com", false, 8_443],
      ["*.example.com", "example.com", true, 0],
      ["*.Example.com:443", "example.com", true, 443],
      ["localhost:80", "localhost", false, 80],
      ["bücher.example", "xn--bcher-kva.example", false, 0],
      ["192.0.2.1", "192.0.2.1", false, 0],
      ["0x7f.1:9000", "127.0.0.1", false, 9_000],
      ["[2001:DB8:0:0::1]", "[2001:db8::1]", false, 0],
      ["[::1]:8080", "[::1]", false, 8_080],
      ["a_b.example", "a_b.example", false, 0],
    ];
    for (const [text, host, below, port] of rules) assert.deepEqual(parseHostRule(text), { host, below, port }, text);
  });

  it("refuses everything else", () => {
    const bad = [
      ["", "*", "*.", "**.a", "a.*.b", "*a.b", "http://a.b", "a.b/", "a.b/c", "a.b?c", "a b", "user@a.b", "a.b#c"],
      [
        "a.b:0",
        "a.b:65536",
        "a.b:x",
        "a.b:",
        ":80",
        "a.b:80:80",
        "::1",
        "[::1",
        "[::1]x",
        "[a]",
        "*.127.0.0.1",
        "*.[::1]",
      ],
      ["a%00b", "256.1.1.1", "a\\b", "\n"],
    ];
    for (const text of bad.flat()) assert.equal(parseHostRule(text), undefined, JSON.stringify(text));
  });
});

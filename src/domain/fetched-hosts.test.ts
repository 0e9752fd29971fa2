import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { fetchedHosts, isListed } from "./fetched-hosts.ts";

function found(code: string) {
  const work = fetchedHosts(code);
  for (let steps = 1; ; steps += 1) {
    const { done, value } = work.next();
    if (done === true) return { hosts: value.map(({ host, at }) => [host, code.slice(at, at + 5)]), steps };
  }
}

describe("hosts that code fetches from", () => {
  const cases: readonly [what: string, code: string, hosts: readonly string[]][] = [
    ["a text", 'await fetch("https://api.example.com/v1?x=1")', ["api.example.com"]],
    ["a text of a host alone", "await fetch('http://api.example.com')", ["api.example.com"]],
    ["a template", "await fetch(`https://api.example.com/${id}`)", ["api.example.com"]],
    ["a request", 'await fetch(new Request("https://api.example.com:8443/"))', ["api.example.com:8443"]],
    ["the global one by name", 'await globalThis.fetch ( "https://API.example.com/")', ["api.example.com"]],
    [
      "a constant",
      'const base = "https://api.example.com"; fetch(`${base}/x`); fetch(base + "/y")',
      ["api.example.com"],
    ],
    [
      "a constant that comes later",
      'const go = () => fetch(BASE);\nconst BASE = "https://api.example.com/";',
      ["api.example.com"],
    ],
    ["a port that is the scheme's", 'fetch("https://api.example.com:443/")', ["api.example.com"]],
    [
      "each once",
      'fetch("https://a.example/1"), fetch("https://b.example/"), fetch("https://a.example/2")',
      ["a.example", "b.example"],
    ],
    ["nothing: a host that is put together", "fetch(`https://${name}.example.com/`)", []],
    [
      "nothing: a method of another",
      'store.fetch("https://api.example.com/"), prefetch("https://api.example.com/")',
      [],
    ],
    ["nothing: a variable", "const base = env.BASE; fetch(base)", []],
    ["nothing: a path", 'fetch("/api/"), fetch("ftp://api.example.com/")', []],
  ];
  for (const [what, code, hosts] of cases) {
    it(`are found in ${what}`, () => {
      assert.deepEqual(
        found(code).hosts.map(([host]) => host),
        hosts,
      );
    });
  }

  it("are told with the place of the call", () => {
    assert.deepEqual(found('const x = 1;\nfetch("https://a.example/")').hosts, [["a.example", "fetch"]]);
  });

  it("are looked for a little at a time, wherever they stand, whatever the code is", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 200_000 }), (blanks) => {
        const { hosts, steps } = found(`${" ".repeat(blanks)}fetch("https://a.example/")`);
        assert.deepEqual(hosts, [["a.example", "fetch"]]);
        assert.ok(steps > blanks / 65_536);
      }),
      { numRuns: 50 },
    );
    for (const hard of ["fetch(", "const a = ", "fetch(`${", 'fetch("https://', "fetch   (  "]) {
      const beganMs = performance.now();
      found(hard.repeat(100_000));
      assert.ok(performance.now() - beganMs < 2_000, hard);
    }
  });

  it("are compared with what a function lists", () => {
    const plain = { host: "api.example.com", port: 443 };
    const own = { host: "api.example.com:8443", port: 8443 };
    for (const entry of ["api.example.com", "api.example.com:443", "*.example.com"]) {
      assert.ok(isListed([entry], plain), entry);
      assert.ok(!isListed([entry], own), entry);
    }
    for (const entry of ["api.example.com:8443", "*.example.com:8443"]) assert.ok(isListed([entry], own), entry);
    assert.ok(!isListed(["*.example.com", "example.org"], { host: "example.com", port: 443 }));
  });
});

/** Bodies within the limit of bytes that are made to cost more than bytes do. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { testApi } from "../support/api.ts";
import { costsAtMost } from "../support/cpu-limits.ts";
import { shared } from "../support/shared.ts";

describe("a body that is made of too much", () => {
  const server = shared(async () => {
    const api = await testApi();
    await api.bucket("b");
    return api;
  });
  const rules = "/api/cloud/buckets/b/notifications/";
  const face = "/notifications/v2/";
  const many = (count: number): string => `{${Array.from({ length: count }, (_, index) => `"k${index}":1`).join()}}`;
  const part = '--x\r\nContent-Disposition: form-data; name="a"\r\n\r\nv\r\n';
  const form = "multipart/form-data; boundary=x";
  const named = 'Content-Disposition: form-data; name="a"';
  const end = "\r\n\r\nv\r\n";
  const table: readonly (readonly [what: string, path: string, type: string, body: string, message: RegExp])[] = [
    ["90,000 properties", rules, "application/json", many(90_000), /more than 3000 properties/],
    ["3,000 properties", rules, "application/json", many(3_000), /k0: is not a known property/],
    ["20,000 properties", rules, "application/json", `[${Array(8).fill(many(2_800)).join()}]`, /more than 20000 prop/],
    ["350,000 arrays", rules, "application/json", `[${"[],".repeat(340_000)}[]]`, /more than 200000 values/],
    ["500,000 levels", rules, "application/json", "[".repeat(500_000), /more than 200000 values/],
    ["90,000 properties", face, "application/json", many(90_000), /more than 3000 properties/],
    ["3,000 properties", face, "application/json", many(3_000), /k0: is not a known property/],
    ["500,000 fields", face, "application/x-www-form-urlencoded", "a&".repeat(500_000), /more than 256 fields/],
    [
      "15,000 parts",
      face,
      "multipart/form-data; boundary=x",
      `${part.repeat(15_000)}--x--\r\n`,
      /more than 256 fields/,
    ],
    [
      "15,000 parts behind a boundary that is not theirs",
      face,
      "multipart/form-data; xboundary=y; boundary=x",
      `${part.repeat(15_000)}--x--\r\n`,
      /more than 256 fields/,
    ],
    [
      "a part with 250,000 parameters",
      face,
      form,
      `--x\r\n${named}${";a=b".repeat(250_000)}${end}`,
      /headers of the body's parts/,
    ],
    [
      "a part with 150,000 headers",
      face,
      form,
      `--x\r\n${named}\r\n${"X: y\r\n".repeat(150_000)}\r\nv`,
      /headers of the body's parts/,
    ],
    [
      "250 parts with 1,000 parameters each",
      face,
      form,
      `--x\r\n${named}${";a=b".repeat(1_000)}${end}`.repeat(250),
      /headers of the body's parts/,
    ],
  ];
  for (const [what, path, type, body, message] of table) {
    it(`is refused, at little cost: ${what} to ${path}`, async () => {
      // It took up to three seconds.
      await costsAtMost(400, async () => {
        const answer = await server().ask("POST", path, body, { headers: { "content-type": type } });
        assert.equal(answer.status, 400, answer.text);
        assert.match(answer.message, message);
        assert.ok(answer.text.length < 10_000);
      });
    });
  }
});

import assert from "node:assert/strict";
import { it } from "node:test";
import fc from "fast-check";
import { tooMuchJson } from "./json-shape.ts";

it("what is within the bounds is read, whatever its strings hold", () => {
  fc.assert(fc.property(fc.json(), (text) => assert.equal(tooMuchJson(text), undefined)));
  for (const text of ["", "{", '{"a', '"\\\\\\"', ",,,", "]]]]"]) assert.equal(tooMuchJson(text), undefined);
  const tricky = JSON.stringify({ ['{[\\"'.repeat(200)]: '\\":,'.repeat(100_000) });
  assert.equal(tooMuchJson(tricky), undefined);
  assert.equal(tooMuchJson(`[${"1,".repeat(190_000)}1]`), undefined);
});

it("too many properties or values are not", () => {
  const properties = Array.from({ length: 3_001 }, (_, index) => `"k${index}":[{"a":1},2]`);
  assert.match(tooMuchJson(`[{"a":{${properties.join()}}}]`) ?? "", /an object with more than 3000 properties/);
  const object = `{${properties.slice(1).join()}}`;
  assert.equal(tooMuchJson(object), undefined);
  assert.equal(tooMuchJson(`[${Array(6).fill(object).join()}]`), undefined);
  assert.match(tooMuchJson(`[${Array(7).fill(object).join()}]`) ?? "", /more than 20000 properties/);
  assert.match(tooMuchJson(`[${"[],".repeat(200_000)}1]`) ?? "", /more than 200000 values/);
  assert.match(tooMuchJson("[".repeat(500_000)) ?? "", /more than 200000 values/);
});

it("escapes without end cost no more than others", () => {
  const before = process.threadCpuUsage();
  tooMuchJson(`["${'\\"'.repeat(500_000)}`);
  const { user } = process.threadCpuUsage(before);
  assert.ok(user < 200_000, `${user} µs`);
});

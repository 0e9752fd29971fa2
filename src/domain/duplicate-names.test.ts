import assert from "node:assert/strict";
import { it } from "node:test";
import fc from "fast-check";
import { hasDuplicateNames } from "./duplicate-names.ts";

it("finds two members of one name, however deep and however they are written", () => {
  for (const text of [
    '{"a":1,"a":2}',
    '{"a":1,"b":{"c":[{"d":1,"d":2}]}}',
    '{"sub":"x","\\u0073ub":"y"}',
    '{"a":{},"b":[],"a":null}',
    '[{"a":"}","a":"{"}]',
    '{"\\"":1,"\\"":2}',
  ]) {
    assert.equal(hasDuplicateNames(text), true, text);
  }
});

it("takes values, names of other objects and what lies in texts for what they are (property)", () => {
  for (const text of ['{"a":"a"}', '[{"a":1},{"a":1}]', '{"a":{"a":{"a":[]}}}', '{"a":"\\",\\"a\\":"}', "[]", '"a"']) {
    assert.equal(hasDuplicateNames(text), false, text);
  }
  fc.assert(fc.property(fc.json(), (text) => !hasDuplicateNames(JSON.stringify(JSON.parse(text)))));
});

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { fieldsText, fieldsWithin, pathText, pathWithin } from "./path.ts";

describe("paths", () => {
  it("read as people write them", () => {
    assert.equal(pathText([]), "");
    assert.equal(pathText(["attributes", "plan"]), "attributes.plan");
    assert.equal(pathText(["tags", 0, "name"]), "tags[0].name");
    assert.equal(pathText([0, 1]), "[0][1]");
    assert.equal(pathText(["tags", "cost.center"]), 'tags["cost.center"]');
    assert.equal(pathText(["", "a"]), '[""].a');
  });

  it("of a part get paths from the whole", () => {
    assert.equal(pathWithin("params", "email"), "params.email");
    assert.equal(pathWithin("params", "[0]"), "params[0]");
    assert.equal(pathWithin("params", ""), "params");
    assert.equal(pathWithin("", "email"), "email");
    const fields = fieldsWithin("params", [
      { path: "email", message: "is required" },
      { path: "", message: "is too long" },
    ]);
    assert.equal(fieldsText(fields), "params.email: is required; params: is too long");
    assert.equal(fieldsText([{ path: "", message: "is too long" }]), "is too long");
  });
});

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { attachmentOf } from "./attachment.ts";

describe("the name under which an object is saved", () => {
  it("is the last one of its key", () => {
    for (const [key, name] of [
      ["images/2026/cat.jpg", "cat.jpg"],
      ["folder/", "folder"],
      ["a b (1).txt", "a b (1).txt"],
      ["//", "object"],
      ["..", "_"],
      ["a/../../.bashrc", "_bashrc"],
      ['x";filename="y.exe', "x_;filename=_y.exe"],
      ["C:\\con.txt", "C__con.txt"],
      ["a\r\nset-cookie: x", "a__set-cookie_ x"],
      ["dots...", "dots"],
    ] as const) {
      assert.equal(attachmentOf(key), `attachment; filename="${name}"`, key);
    }
  });

  it("is said twice where it is more than ASCII, and shows how it ends", () => {
    assert.equal(attachmentOf("päper.pdf"), "attachment; filename=\"p_per.pdf\"; filename*=UTF-8''p%C3%A4per.pdf");
    assert.equal(attachmentOf("50%.txt"), "attachment; filename=\"50_.txt\"; filename*=UTF-8''50%25.txt");
    assert.equal(attachmentOf("gpj.\u202eexe"), 'attachment; filename="gpj._exe"');
    assert.match(attachmentOf(`${"x".repeat(900)}.jpeg`), /^attachment; filename="x{115}\.jpeg"$/);
  });

  it("is one header of ASCII, whatever the key is", () => {
    const form = /^attachment; filename="[ !#-[\]-~]+"(?:; filename\*=UTF-8''[A-Za-z0-9!#$&+^_`{}|~.%-]+)?$/;
    fc.assert(fc.property(fc.string({ unit: "binary", minLength: 1 }), (key) => assert.match(attachmentOf(key), form)));
  });
});

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { loadProblem, shimFree } from "./problems.ts";

describe("loadProblem", () => {
  it("finds the name, the message and the first place", () => {
    const output =
      "Failed to start Worker:\nUncaught TypeError: Cannot read properties of null (reading 'x')\n  at function.js:2:8 in f\n  at function.js:4:3\n";
    assert.deepEqual(loadProblem(output), {
      name: "TypeError",
      message: "Cannot read properties of null (reading 'x')",
      line: 2,
      column: 8,
    });
  });

  it("keeps a message of several lines, and one without a place or a name", () => {
    const output = "Failed to start Worker:\nUncaught Error: first\nsecond\n  at function.js:1:7";
    assert.deepEqual(loadProblem(output), { name: "Error", message: "first\nsecond", line: 1, column: 7 });
    assert.deepEqual(loadProblem("just text"), { name: "Error", message: "just text" });
    assert.deepEqual(loadProblem(""), { name: "Error", message: "" });
  });

  it("says in our own words what workerd says in its own", () => {
    const missing = loadProblem(
      'Failed to start Worker:\nUncaught Error: No such module "node:fs".\n  imported from "function.js"',
    );
    assert.equal(missing.message, 'it imports "node:fs", and a function can import nothing');
    const scope = loadProblem(
      "Failed to start Worker:\nUncaught Error: Disallowed operation called within global scope. Asynchronous…\n  at function.js:1:17",
    );
    assert.match(scope.message, /cannot use them while it is loaded/);
    assert.equal(scope.line, 1);
  });
});

describe("shimFree", () => {
  it("leaves out what called the function, and nothing else", () => {
    const stack = [
      "Error: at shim.js:1:1",
      "    at default (function.js:2:8)",
      "    at new Promise (<anonymous>)",
      "    at Call.run (shim.js:33:25)",
      "    at async shim.js:34:89",
      "    at console.<computed> [as log] (first.js:10:3)",
    ];
    assert.equal(shimFree(stack.join("\n")), stack.slice(0, 3).join("\n"));
  });
});

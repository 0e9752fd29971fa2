import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { renderPage } from "./page.ts";

describe("a page of a link in a mail", () => {
  it("holds nothing of what others wrote but text", () => {
    const bare = renderPage({ title: "", says: [""], button: "" });
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        const page = renderPage({ title: text, says: [text], button: text });
        for (const sign of ["<", ">", '"']) assert.equal(page.split(sign).length, bare.split(sign).length);
      }),
    );
  });

  it("has a button only where there is something to do", () => {
    assert.doesNotMatch(renderPage({ title: "Done", says: [] }), /<form|<button/);
    assert.match(
      renderPage({ title: "Ask", says: [], button: "Yes" }),
      /<form method="post"><button type="submit">Yes/,
    );
  });
});

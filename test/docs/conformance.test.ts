import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, it } from "node:test";
import { read } from "../support/markdown.ts";

/** docs/conformance.md says which test holds what is promised; here it is held to that. */

const page = "docs/conformance.md";
const root = new URL("../../", import.meta.url).pathname;

/** A title as it is written in a test file: between quotes of any sort, behind what makes it a title. */
function hasTest(source: string, title: string): boolean {
  const written = title.replaceAll("\\", "\\\\");
  const forms = [`"${written.replaceAll('"', '\\"')}"`, `'${written.replaceAll("'", "\\'")}'`, `\`${written}\``];
  return forms.some((form) =>
    ["it(", "test(", "describe(", "check("].some(
      (call) => source.includes(`${call}${form}`) || source.includes(`${call}\n${form}`),
    ),
  );
}

/** `[title](file)`; titles may have brackets of their own. */
function linksOf(text: string): readonly { readonly title: string; readonly path: string }[] {
  return [...text.matchAll(/\[((?:[^[\]]|\[[^\]]*\])+)\]\(([^)\s]+)\)/g)].map(([, title = "", path = ""]) => ({
    title,
    path,
  }));
}

describe(page, () => {
  it("names tests that there are, in the files that it links to", () => {
    const tests = linksOf(read(page)).filter(({ path }) => path.endsWith(".test.ts"));
    assert.ok(tests.length >= 180, `${tests.length} tests are named`);
    const missing: string[] = [];
    for (const { title, path } of tests) {
      const file = join(dirname(page), path);
      if (!existsSync(join(root, file))) missing.push(`${file} is not there`);
      else if (!hasTest(read(file).replaceAll(/\n\s*/g, ""), title)) missing.push(`${file} has no test "${title}"`);
    }
    assert.deepEqual(missing, []);
  });

  it("has a test for each promise", () => {
    const text = read(page);
    const promises = text.slice(text.indexOf("\n### ")).match(/^- .*$/gm) ?? [];
    assert.ok(promises.length >= 100, `${promises.length} promises`);
    const without = promises.filter((promise) => linksOf(promise).length === 0);
    assert.deepEqual(without, []);
  });
});

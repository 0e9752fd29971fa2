import assert from "node:assert/strict";
import { globSync } from "node:fs";
import { describe, it } from "node:test";
import { benches } from "../../bench/support/benches.ts";
import { atLeast, atMost, type Figure } from "../../bench/support/figure.ts";
import { type Measurement, withFigures } from "../../bench/support/table.ts";
import { read } from "../support/markdown.ts";

const [begin, end] = ["<!-- figures: written by npm run bench -->", "<!-- /figures -->"];
const empty = `# Before\n\n${begin}\n${end}\n\nAfter.\n`;
const names = ["deliver", "latency", "match"];
const first: Measurement = { machine: "On 2 × A, Linux 6, Node v24.0.0:", commit: "`aaaaaaa`", date: "2026-11-30" };
const later: Measurement = { ...first, commit: "`bbbbbbb` and changes", date: "2026-12-01" };

const match: Figure = { name: "match", value: 2.7, goal: atMost(10), of: "a million | a thousand" };
const rate: Figure = { name: "match rate", value: 133_000, unit: "/s", goal: atLeast(100_000) };
const deliver: Figure = { name: "deliver", value: 0.53, goal: atLeast(0.7), of: "20172/s, a bare loop 37862/s" };
const lasts: Figure = { name: "latency whole p99", value: 12.34, unit: "ms" };

/** Rows as they are, without what aligns them. */
function rows(page: string): string[] {
  return (page.match(/^\|.*$/gm) ?? []).slice(2).map((line) => line.replaceAll(/ +/g, " "));
}

describe("the table of figures", () => {
  it("is written between its markers, and leaves the rest of the page as it is", () => {
    const page = withFigures(empty, [deliver, lasts], first, names);
    assert.ok(page.startsWith(`# Before\n\n${begin}\n\n${first.machine}\n\n| figure `), page);
    assert.ok(page.endsWith(`|\n\n${end}\n\nAfter.\n`), page);
    assert.deepEqual(rows(page), [
      "| deliver | 0.53 | at least 0.7 | no | 20172/s, a bare loop 37862/s | `aaaaaaa`, 2026-11-30 |",
      "| latency whole p99 | 12.3 ms | | | | `aaaaaaa`, 2026-11-30 |",
    ]);
    assert.equal(new Set((page.match(/^\|.*$/gm) ?? []).map((line) => line.length)).size, 1, "the columns are aligned");
  });

  it("keeps what was not measured anew, in the order of the benches", () => {
    const before = withFigures(empty, [rate, match, deliver], first, names);
    const page = withFigures(before, [{ ...deliver, value: 0.71 }], later, names);
    assert.deepEqual(rows(page), [
      "| deliver | 0.71 | at least 0.7 | yes | 20172/s, a bare loop 37862/s | `bbbbbbb` and changes, 2026-12-01 |",
      "| match rate | 133000/s | at least 100000/s | yes | | `aaaaaaa`, 2026-11-30 |",
      "| match | 2.70 | at most 10 | yes | a million \\| a thousand | `aaaaaaa`, 2026-11-30 |",
    ]);
    assert.equal(withFigures(page, [{ ...deliver, value: 0.71 }], later, names), page, "twice is once");
  });

  it("drops all figures of a bench that was measured anew, and all of another machine", () => {
    const before = withFigures(empty, [rate, match, deliver], first, names);
    assert.equal(rows(withFigures(before, [match], later, names)).filter((row) => row.startsWith("| match")).length, 1);
    const elsewhere = withFigures(before, [match], { ...later, machine: "On 8 × B, Linux 6, Node v24.0.0:" }, names);
    assert.equal(rows(elsewhere).length, 1);
    assert.ok(!elsewhere.includes(first.machine));
  });

  it("is refused for a page without markers", () => {
    assert.throws(() => withFigures("# Before\n", [match], first, names), /has no <!-- figures/);
  });
});

describe("every bench", () => {
  const files = globSync("bench/*.ts", { cwd: new URL("../..", import.meta.url).pathname })
    .map((path) => path.slice("bench/".length, -".ts".length))
    .filter((name) => name !== "all");

  it("is run by npm run bench, and has a script", () => {
    assert.deepEqual(benches.map(({ name }) => name).toSorted(), files.toSorted());
    const { scripts } = JSON.parse(read("package.json")) as { readonly scripts: Readonly<Record<string, string>> };
    for (const name of files)
      assert.match(scripts[`bench:${name}`] ?? "", new RegExp(`^exec node (--[\\w-]+ )*bench/${name}\\.ts$`));
  });

  it("is told in docs/performance.md", () => {
    const page = read("docs/performance.md");
    for (const name of files) assert.ok(page.includes(`[\`${name}\`](../bench/${name}.ts)`), `${name} is not told`);
  });

  it("says its figures in the form that npm run bench reads", () => {
    for (const name of files)
      assert.ok(read(`bench/${name}.ts`).includes('from "./support/figure.ts"'), `${name} says none`);
  });
});

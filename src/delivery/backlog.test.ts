import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type Backlog, type BacklogNews, nextBacklog } from "./backlog.ts";

const news: readonly BacklogNews[] = ["due", "freed", "begun", "short", "all", "more"];

/** Each state, with what each of the news makes of it. */
const rows: Readonly<Record<Backlog, readonly Backlog[]>> = {
  clear: ["asked", "clear", "clear", "clear", "clear", "clear"],
  asked: ["asked", "asked", "claiming", "behind", "asked", "asked"],
  behind: ["asked", "asked", "behind", "behind", "behind", "behind"],
  claiming: ["outdated", "claiming", "claiming", "behind", "clear", "behind"],
  outdated: ["outdated", "outdated", "outdated", "behind", "asked", "asked"],
};

describe("a backlog", () => {
  for (const [from, expected] of Object.entries(rows) as [Backlog, readonly Backlog[]][]) {
    it(`that is ${from}`, () => {
      assert.deepEqual(
        news.map((one) => nextBacklog(from, one)),
        expected,
      );
    });
  }

  it("never loses what became due: from any state it leads to another look, unless a look is asked for already", () => {
    for (const from of Object.keys(rows) as Backlog[]) {
      const due = nextBacklog(from, "due");
      assert.ok(due === "asked" || nextBacklog(due, "all") === "asked", from);
    }
  });
});

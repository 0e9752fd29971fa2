import assert from "node:assert/strict";
import { it } from "node:test";
import { plannedStatements } from "../../../test/support/planned.ts";
import { news, newsOfRedrive, newsOfSettlement } from "../sql/news.ts";

const aSettlement = {
  deliveries: [[1, 1, "acme", 1, 1]],
  waiting: [],
  inLine: [],
  released: [],
  attempts: [],
  invocations: [],
  buried: [],
  outcomes: [],
  events: [],
  figures: { counts: [], reasons: [] },
  marks: { watermarks: [[0, 1] as const], losses: 0 },
};

it("what those ask who follow goes through no more than it says", async () => {
  const statements = plannedStatements();
  const followed = news(statements);
  const query = { tenants: new Set(["acme"]), max: 9 };
  await followed.newestEvent();
  await followed.newestNews();
  await followed.eventsAfter(1, query);
  await followed.countEvents(1, 9);
  await followed.countNews(1, 9);
  await followed.newsAfter(1, query);
  for (const { sql, params } of newsOfSettlement(aSettlement)) statements.prepare(sql).run(...params);
  statements.run(newsOfRedrive(""));
  assert.deepEqual(statements.scans, []);
});

import assert from "node:assert/strict";
import { it } from "node:test";
import { aBucket, aSubscription, tenantWithAda } from "../../../test/conformance/store/given.ts";
import {
  readDeliveries,
  readFigures,
  readFunctions,
  readHostOperations,
  readIdentities,
} from "../../../test/conformance/store/pinned-reads.ts";
import {
  unitOfFunctions,
  unitOfHostOperations,
  unitOfIdentities,
} from "../../../test/conformance/store/pinned-units.ts";
import { plannedStatements } from "../../../test/support/planned.ts";
import { insertEvent } from "../sql/events-sql.ts";
import { pruneStep } from "../sql/prune.ts";
import { runScript } from "../sql/script.ts";
import { unitSteps } from "../sql/units.ts";
import { RepeatedReads } from "./repeated-reads.ts";

for (const [what, read] of [
  ["identities, objects or subscriptions", readIdentities],
  ["functions, users or operations", readFunctions],
  ["figures", readFigures],
  ["operations of a platform and their resolvers", readHostOperations],
] as const) {
  it(`no read of ${what} goes through a whole table, or sorts`, async () => {
    const statements = plannedStatements();
    await read(statements, new RepeatedReads(statements, { writes: 0 }));
    assert.deepEqual(statements.scans, []);
  });
}

for (const [what, unit] of [
  ["identities, objects or subscriptions", unitOfIdentities],
  ["functions, users or operations", unitOfFunctions],
  ["operations of a platform and their resolvers", unitOfHostOperations],
] as const) {
  it(`no change and no condition of ${what} goes through a whole table, or sorts`, () => {
    const statements = plannedStatements();
    const { checks, steps } = unitSteps(unit());
    for (const step of [...checks, ...steps]) statements.run(step);
    assert.deepEqual(statements.scans, []);
  });
}

it("no list or count of deliveries, and no look at dead ones, goes through a whole table, or sorts", async () => {
  const statements = plannedStatements();
  const bucket = aBucket();
  const subscription = aSubscription(bucket.uuid);
  const changes = [
    ...tenantWithAda("acme"),
    { do: "bucket.add", bucket },
    { do: "subscription.add", subscription },
  ] as const;
  for (const step of unitSteps({ changes }).steps) statements.run(step);
  await readDeliveries(statements, subscription);
  assert.deepEqual(
    // Of a window's rows each is looked up in the others' tables.
    statements.scans.filter((scan) => !scan.startsWith("SCAN d:")),
    [],
  );
});

it("no step of retention goes through a whole table, or sorts", () => {
  const statements = plannedStatements();
  for (const sequence of [1, 2]) {
    const params = [sequence, 0, "", "acme", "", null, "{}", null, "", 1, "{}"];
    statements.run({ sql: insertEvent, params });
  }
  statements.run({ sql: "INSERT INTO meta (key, value) VALUES ('watermark', 2)", params: [] });
  const step = { beforeMs: 2, deadBeforeMs: 2, max: 9, nowMs: 2 };
  assert.deepEqual(runScript(statements, pruneStep(step)), { dropped: 2, more: false });
  assert.deepEqual(statements.scans, []);
});

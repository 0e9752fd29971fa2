import assert from "node:assert/strict";
import { it } from "node:test";
import { aBucket, aSubscription, tenantWithAda } from "../../../test/conformance/store/given.ts";
import { plannedStatements } from "../../../test/support/planned.ts";
import { deliveryLists } from "../sql/delivery-list.ts";
import { deadAhead } from "../sql/redrive-step.ts";
import { unitSteps } from "../sql/units.ts";
import type { Change } from "../unit.ts";

it("no list or count of deliveries, and no look at dead ones, goes through a whole table, or sorts", async () => {
  const statements = plannedStatements();
  const lists = deliveryLists(statements);
  const bucket = aBucket();
  const scope = bucket.uuid;
  const place = { sequence: 1, subscription: 1 };
  const subscription = aSubscription(scope);
  const changes: Change[] = [
    ...tenantWithAda("acme"),
    { do: "bucket.add", bucket },
    { do: "subscription.add", subscription },
  ];
  for (const step of unitSteps({ changes }).steps) statements.run(step);
  for (const order of ["newest", "oldest"] as const) {
    for (const narrowed of [
      {},
      { statuses: ["dead", "waiting"] as const },
      { scope },
      { subscription: subscription.uuid },
    ]) {
      const query = { tenant: "acme", order, ...narrowed };
      await lists.list(query, { max: 9 });
      await lists.list(query, { max: 9, after: place });
      await lists.count(query);
    }
  }
  await lists.newest();
  const { sql, params } = deadAhead({ tenant: "acme", filter: {}, after: place, toSequence: 9 }, 9);
  statements.all(sql, ...params);
  assert.deepEqual(
    // Of a window's rows each is looked up in the others' tables.
    statements.scans.filter((scan) => !scan.startsWith("SCAN d:")),
    [],
  );
});

import assert from "node:assert/strict";
import { it } from "node:test";
import { noonMs, tenantWithAda } from "../../../test/conformance/store/given.ts";
import { anEnded, anIntent } from "../../../test/conformance/store/operations.ts";
import { aResolver } from "../../../test/conformance/store/resolvers.ts";
import { plannedStatements } from "../../../test/support/planned.ts";
import { everyTenant } from "../resolvers.ts";
import { operations } from "../sql/operations.ts";
import { resolvers } from "../sql/resolvers.ts";
import { unitSteps } from "../sql/units.ts";
import type { Change, Condition } from "../unit.ts";

it("nothing about operations of a platform and their resolvers goes through a whole table, or sorts", async () => {
  const statements = plannedStatements();
  const changes: Change[] = [
    ...tenantWithAda("acme"),
    { do: "intent.add", intent: anIntent("a", { origin: "host", askMs: 1 }) },
    { do: "intent.unresolved", operation: "a", reason: "", askMs: 2 },
    { do: "intent.end", ended: anEnded("a") },
    { do: "remembered.answer", tenant: "acme", principal: "ada", key: "k", status: 200, body: null },
    { do: "resolver.put", resolver: aResolver() },
    { do: "resolver.put", resolver: aResolver({ tenant: everyTenant }) },
    { do: "resolver.remove", tenant: "acme" },
  ];
  const conditions: Condition[] = [
    { if: "resolver.unchanged", tenant: "acme", updatedMs: undefined },
    { if: "resolver.unchanged", tenant: "acme", updatedMs: noonMs },
  ];
  const { checks, steps } = unitSteps({ changes, conditions });
  for (const step of [...checks, ...steps]) statements.run(step);
  const done = operations(statements);
  await done.intents({ tenant: "acme", origin: "host", state: "open" }, { max: 9 });
  await done.dueIntents(0, 9);
  await done.nextDueMs();
  await done.ended("a");
  await resolvers(statements).of("acme");
  assert.deepEqual(statements.scans, []);
});

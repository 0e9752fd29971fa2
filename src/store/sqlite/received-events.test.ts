import assert from "node:assert/strict";
import { it } from "node:test";
import { plannedStatements } from "../../../test/support/planned.ts";
import { receivedEvents } from "../sql/received-events.ts";

it("no read of received events goes through a whole table, or sorts", async () => {
  const statements = plannedStatements();
  await receivedEvents(statements).known("acme", ["a", "b"]);
  assert.deepEqual(statements.scans, []);
});

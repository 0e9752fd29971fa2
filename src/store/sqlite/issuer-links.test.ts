import assert from "node:assert/strict";
import { it } from "node:test";
import { plannedStatements } from "../../../test/support/planned.ts";
import { issuerLinks } from "../sql/issuer-links.ts";

it("no read of links goes through a whole table, or sorts", async () => {
  const statements = plannedStatements();
  const links = issuerLinks(statements);
  await links.bySubject({ tenant: "acme", issuer: "https://login.example", subject: "17" });
  await links.byPrincipal("acme", "ada");
  assert.deepEqual(statements.scans, []);
});

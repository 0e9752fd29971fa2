import assert from "node:assert/strict";
import { it } from "node:test";
import { tenantWithAda } from "../../../test/conformance/store/given.ts";
import { plannedStatements } from "../../../test/support/planned.ts";
import type { Uuid } from "../../domain/ids.ts";
import { sessions } from "../sql/sessions.ts";
import { unitSteps } from "../sql/units.ts";

it("no read, change or condition of sessions goes through a whole table, or sorts", async () => {
  const statements = plannedStatements();
  const [uuid, token, other] = ["s", "t", "o"] as unknown as readonly [Uuid, Uuid, Uuid];
  const kept = { tenant: "acme", principal: "ada", hash: "h", createdMs: 1 };
  const login = { ...kept, token, expiresMs: 2 };
  const { checks, steps } = unitSteps({
    conditions: [{ if: "loginCode.open", hash: "h", nowMs: 1 }],
    changes: [
      ...tenantWithAda("acme"),
      { do: "token.put", token: { uuid: token, ...kept, label: "" } },
      { do: "session.add", session: { uuid, ...login, seenMs: 1 } },
      { do: "session.add", session: { uuid: other, ...kept, hash: "o", issuer: "i", expiresMs: 2, seenMs: 1 } },
      { do: "issuerLink.remove", tenant: "acme", principal: "ada" },
      { do: "session.seen", uuid, atMs: 2 },
      { do: "session.remove", uuid },
      { do: "loginCode.add", code: login },
      { do: "loginCode.remove", hash: "h" },
      { do: "token.revoke", tenant: "acme", uuid: token, atMs: 2 },
      { do: "principal.end", tenant: "acme", name: "ada", atMs: 2 },
    ],
  });
  for (const step of [...checks, ...steps]) statements.run(step);
  const logins = sessions(statements);
  await logins.session(uuid);
  await logins.sessionByHash("");
  await logins.sessions({ tenant: "acme" }, { max: 9 });
  await logins.sessions({ tenant: "acme", principal: "ada" }, { max: 9, after: uuid });
  await logins.loginCode("");
  // Nobody subscribes to anything here: how those pause is looked at elsewhere.
  assert.deepEqual(
    statements.scans.filter((scan) => /session|login_code|token/.test(scan)),
    [],
  );
});

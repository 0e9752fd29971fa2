/** Hostile functions that somebody waits for: hooks before the creation of a user. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { type Hostile, inThisForm } from "./hostile.ts";
import {
  type Attacked,
  assertHookError,
  assertHookFailed,
  assertWell,
  attacked,
  momentMs,
  sensibleHook,
  type Tenant,
} from "./tenants.ts";

const event = "PRE_USER_CREATE";
/** Of functions that something else ends, long before it. */
const limitMs = 120_000;

describe("as a hook, a function that", { concurrency: 3 }, () => {
  let server: Attacked;
  let neighbour: Tenant;
  let tenants = 0;
  before(async () => {
    server = await attacked();
    neighbour = await server.neighbour("neighbour");
  });
  after(() => server[Symbol.asyncDispose]());

  for (const one of inThisForm("hook")) {
    it(`${one.what} ends within its limits, and harms nobody`, async () => {
      tenants += 1;
      await endured(await server.tenant(`hostile-${tenants}`), one);
      await server.assertUnharmed();
    });
  }

  async function endured(tenant: Tenant, { code, reasons, own = false, timeoutMs = limitMs }: Hostile): Promise<void> {
    const hook = await tenant.hook(event, code, { settings: { timeout_ms: timeoutMs } });
    const answer = await tenant.createUser();
    await assertWell(neighbour);

    assert.ok(answer.tookMs < timeoutMs + momentMs, `it took ${answer.tookMs} ms`);
    const [invocation] = await tenant.invocations(hook);
    const users = await tenant.users();
    if (reasons.length === 0) {
      assert.equal(answer.status, 201, answer.text);
      assert.equal(invocation?.status, "succeeded");
      assert.equal(users, 1);
    } else {
      const reason = invocation?.error?.reason ?? "";
      assert.ok(reasons.includes(reason), `its invocation says ${JSON.stringify(invocation?.error)}`);
      if (own && reason === "threw") assertHookError(answer);
      else {
        assertHookFailed(answer);
        assert.equal(answer.data["reason"], reason);
      }
      assert.equal(users, 0);
    }
    const logged = JSON.stringify(invocation?.logs).length;
    assert.ok(logged < 200_000, `${logged} characters of logs were kept`);

    await tenant.unsubscribe(event, hook);
    await sensibleHook(tenant);
    await assertWell(tenant);
  }
});

/** Hostile functions that nobody waits for: on what has happened. Operations never fail because of them. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { until } from "../support/until.ts";
import { type Hostile, inThisForm } from "./hostile.ts";
import { type Attacked, assertWell, attacked, type Tenant } from "./tenants.ts";

const event = "POST_USER_CREATE";
/** Beyond what it takes to see a loop in a process that gets next to no processor time. */
const limitMs = 120_000;
/** Each is run once for an event, and these again. */
const retries: Readonly<Record<string, number>> = { loops: 1, "splits a huge text": 1, "returns too much": 2 };
/** Looking costs the server something, which is short of time. */
const lookMs = 50;

describe("on an event, a function that", { concurrency: 3 }, () => {
  let server: Attacked;
  let neighbour: Tenant;
  let tenants = 0;
  before(async () => {
    server = await attacked();
    neighbour = await server.neighbour("neighbour");
  });
  after(() => server[Symbol.asyncDispose]());

  for (const one of inThisForm("event")) {
    it(`${one.what} is tried as often as it may, and fails no operation`, async () => {
      tenants += 1;
      await endured(await server.neighbour(`hostile-${tenants}`), one);
      await server.assertUnharmed();
    });
  }

  async function endured(tenant: Tenant, { what, code, reasons, timeoutMs = limitMs }: Hostile): Promise<void> {
    const { [what]: more = 0 } = retries;
    const hook = await tenant.hook(event, code, {
      settings: { timeout_ms: timeoutMs },
      subscription: { max_retries: more, backoff: { schedule_ms: [10] } },
    });
    await assertWell(tenant);
    // While it runs, and once more when it has ended.
    await assertWell(tenant);
    await assertWell(neighbour);

    const status = reasons.length === 0 ? "delivered" : "dead";
    await until(`both deliveries are ${status}`, async () => {
      await pause(lookMs);
      const all = await deliveries(tenant);
      return all.length === 2 && all.every((one) => one === status);
    });
    const invocations = await tenant.invocations(hook);
    assert.equal(invocations.length, reasons.length === 0 ? 2 : 2 * (more + 1));
    for (const { error } of invocations) {
      const reason = error?.reason ?? "none";
      assert.ok(reasons.length === 0 ? error === null : reasons.includes(reason), `${reason}: ${error?.message}`);
    }
    await assertWell(tenant);
    await assertWell(neighbour);
  }

  async function deliveries(tenant: Tenant): Promise<readonly string[]> {
    const path = "/api/cloud/deliveries/";
    const { deliveries: all } = await tenant.api<{ deliveries: readonly { readonly status: string }[] }>("GET", path);
    return all.map(({ status }) => status);
  }
});

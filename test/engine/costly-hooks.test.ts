/** Hooks go on while another tenant's filters, those of its hooks too, cost all that they may: through the real server. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { HeadObjectCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { Bucket, folder, type Tenant, tenant, tenantAgain, withFilters, worstKey } from "../support/costly.ts";
import { hooked } from "../support/functions-api.ts";
import { runServer } from "../support/in-process.ts";
import { until } from "../support/until.ts";
import { webhookReceiver } from "../support/webhooks.ts";

const mark = 'export default () => ({ decision: "allow", patch: { attributes: { seen: "yes" } } });';
const tag = 'export default () => ({ decision: "allow", patch: { metadata: { seen: "yes" } } });';

/** A real function before each user, and one before each object that its filter wants. */
async function withHooks(of: Tenant): Promise<void> {
  await hooked(of, "PRE_USER_CREATE", mark, { name: "Mark", subscription: { filter: "username REGEXP '^n[0-9]+$'" } });
  await hooked(of, "PRE_OBJECT_PUT", tag, { name: "Tag", subscription: { filter: "key REGEXP '^(n|m)[0-9]+$'" } });
}

/** Makes a user and an object, of both of which the hooks were asked. */
async function operations({ api, s3 }: Tenant, number: number): Promise<void> {
  const username = `n${number}`;
  const user = await api<{ readonly attributes: unknown }>("POST", "/api/cloud/users/", {
    username,
    email: `${username}@example.com`,
  });
  assert.deepEqual(user.attributes, { seen: "yes" });
  await s3.send(new PutObjectCommand({ Bucket, Key: username, Body: "1" }));
  const { Metadata } = await s3.send(new HeadObjectCommand({ Bucket, Key: username }));
  assert.deepEqual(Metadata, { seen: "yes" });
}

describe("another tenant's hooks go on", () => {
  for (const count of [200, 10_000]) {
    it(`while writes meet ${count} costly filters`, async () => {
      await using data = await folder();
      await using receiver = await webhookReceiver();
      const env = { SIGNALBOX_DATA: data.path, SIGNALBOX_MATCH_MS_PER_SECOND: "10" };
      {
        await using server = await runServer(env);
        const costs = await tenant(server, "costs");
        await costs.api("POST", `/api/cloud/buckets/${Bucket}/notifications/`, { url: receiver.url });
        costs.s3.destroy();
      }
      await withFilters(data.path, count);
      await using server = await runServer(env);
      const calm = await tenant(server, "calm");
      await withHooks(calm);
      await operations(calm, 0);
      const costs = await tenantAgain(server, "costs");
      for (const last of ["1", "2", "3"]) {
        await costs.s3.send(new PutObjectCommand({ Bucket, Key: worstKey.slice(0, 999) + last, Body: "1" }));
      }
      await until("its events wait for its filters", async () => {
        const { matching } = await costs.api<{ readonly matching: { readonly events_waiting: number } }>(
          "GET",
          "/api/cloud/usage/",
        );
        return matching.events_waiting > 0;
      });
      for (let number = 1; number <= 8; number += 1) await operations(calm, number);
      // 10 ms of each second do not do for one of them yet: all of that came before.
      assert.deepEqual(receiver.received, []);
      calm.s3.destroy();
      costs.s3.destroy();
    });
  }

  it("while those of its hooks cost more than it has, of which only its own operations are refused", async () => {
    // Matching is measured by the time that passes: on a busy machine a moment without the processor used up 10 ms of the calm tenant.
    await using server = await runServer({ SIGNALBOX_MATCH_MS_PER_SECOND: "100" });
    const calm = await tenant(server, "calm");
    await withHooks(calm);
    await operations(calm, 0);
    const costs = await tenant(server, "costs");
    for (let number = 0; number < 8; number += 1) {
      const filter = `attributes.text REGEXP '[ab]*[a${number}]b?[ab]{800}[^ab]'`;
      await hooked(costs, "PRE_USER_CREATE", mark, { name: `Costly ${number}`, subscription: { filter } });
    }
    const refusals: string[] = [];
    const over = new AbortController();
    const attack = async (name: string): Promise<void> => {
      for (let number = 0; !over.signal.aborted; number += 1) {
        const username = `${name}${number}`;
        const user = { username, email: `${username}@example.com`, attributes: { text: "ab".repeat(5_000) } };
        await costs.api("POST", "/api/cloud/users/", user).catch((refused: Error) => refusals.push(refused.message));
      }
    };
    const attacks = [attack("a"), attack("b")];
    await until("its own are refused", () => refusals.length > 0);
    for (let number = 1; number <= 8; number += 1) await operations(calm, number);
    over.abort();
    await Promise.all(attacks);
    for (const refusal of refusals) assert.match(refusal, /429 .*GET \/api\/cloud\/usage\/ tells which cost most/);
    const { matching } = await costs.api<{
      readonly matching: { readonly refused: number; readonly costliest: readonly { readonly face: string }[] };
    }>("GET", "/api/cloud/usage/");
    assert.ok(matching.refused >= refusals.length);
    assert.ok(matching.costliest.length > 0 && matching.costliest.every(({ face }) => face === "lifecycle"));
    calm.s3.destroy();
    costs.s3.destroy();
  });
});

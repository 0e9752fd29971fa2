/** Filters that cost much cost only their own tenant: through the real server, with a member's filters in its database. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { PutObjectCommand } from "@aws-sdk/client-s3";
import { Bucket, folder, tenant, withFilters, worstKey } from "../support/costly.ts";
import { busy, within } from "../support/cpu-limits.ts";
import { runServer } from "../support/in-process.ts";
import { until } from "../support/until.ts";
import { type WebhookReceiver, webhookReceiver } from "../support/webhooks.ts";

const keysOf = (receiver: WebhookReceiver): string[] =>
  receiver.received.flatMap(({ events }) => events.map(({ object }) => object.key));

describe("a member's costly filters", () => {
  for (const { count, waits } of [
    { count: 200, waits: true },
    { count: 10_000, waits: false },
  ]) {
    it(`${count} of them and three writes delay no other tenant`, async () => {
      await using data = await folder();
      await using receiver = await webhookReceiver();
      const env = { SIGNALBOX_DATA: data.path, SIGNALBOX_MATCH_MS_PER_SECOND: "1000" };
      {
        await using server = await runServer(env);
        const costs = await tenant(server, "costs");
        await costs.api("POST", `/api/cloud/buckets/${Bucket}/notifications/`, { url: `${receiver.url}/costs` });
        costs.s3.destroy();
      }
      const { bucket } = await withFilters(data.path, count);
      await using server = await runServer(env);
      const cheap = await tenant(server, "cheap");
      await cheap.api("POST", `/api/cloud/buckets/${Bucket}/notifications/`, {
        url: `${receiver.url}/cheap`,
        filter: "key REGEXP '^n[0-9]+$'",
      });
      const publish = (key: string): Promise<number> =>
        server.signalbox.publish({
          tenant: "costs",
          resource: bucket,
          scope: bucket,
          names: { objects: "OBJECT_CREATED_PUT" },
          data: { bucket: Bucket, key, size: 1, eTag: "", contentType: "text/plain", reason: "PutObject" },
        });
      await cheap.s3.send(new PutObjectCommand({ Bucket, Key: "n0", Body: "warm" }));
      await until("it arrives", () => keysOf(receiver).includes("n0"));
      const watch = busy();
      const worst = ["1", "2", "3"].map((last) => worstKey.slice(0, 999) + last);
      for (const key of worst) await publish(key);
      const neighbours: string[] = [];
      for (let turn = 1; turn <= 10; turn += 1) {
        const key = `n${turn}`;
        await cheap.s3.send(new PutObjectCommand({ Bucket, Key: key, Body: key }));
        await until(`${key} arrives`, () => keysOf(receiver).includes(key));
        neighbours.push(key);
      }
      const longest = watch.stop();
      within(100, longest);
      assert.deepEqual(
        keysOf(receiver).filter((key) => key.startsWith("n")),
        ["n0", ...neighbours],
      );
      if (waits) {
        await until("all arrive", () => worst.every((key) => keysOf(receiver).includes(key)));
        // In their order, as they were written.
        assert.deepEqual(
          keysOf(receiver).filter((key) => worst.includes(key)),
          worst,
        );
      } else {
        assert.ok(!keysOf(receiver).includes(worst[2] ?? ""), "its own events wait for its own filters");
        const metrics = await (await fetch(new URL("/metrics", server.url))).text();
        assert.match(metrics, /^signalbox_slow_matches_total [1-3]$/m);
      }
      cheap.s3.destroy();
    });
  }
});

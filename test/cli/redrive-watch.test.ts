/** `signalbox redrive watch`: waits until a redrive has ended, and shows how far it is meanwhile. */
import assert from "node:assert/strict";
import { it } from "node:test";
import { CreateBucketCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { runCommand } from "../../src/cli/run.ts";
import { runServer } from "../support/in-process.ts";
import { until } from "../support/until.ts";
import { webhookReceiver } from "../support/webhooks.ts";

const deliveries = "/api/cloud/deliveries/";

for (const begins of ["elsewhere", "with it"]) {
  it(`a redrive that is begun ${begins} is watched to its end`, async () => {
    await using server = await runServer();
    let status = 500;
    await using receiver = await webhookReceiver(() => status);
    await server.s3.send(new CreateBucketCommand({ Bucket: "photos" }));
    await server.api("POST", "/api/cloud/buckets/photos/notifications/", { url: receiver.url, max_retries: 0 });
    for (let key = 0; key < 6; key += 1) {
      await server.s3.send(new PutObjectCommand({ Bucket: "photos", Key: String(key), Body: "x" }));
    }
    await until("all are dead", async () => {
      const { deliveries: dead } = await server.api<{ deliveries: readonly unknown[] }>(
        "GET",
        `${deliveries}?status=dead`,
      );
      return dead.length === 6;
    });
    status = 200;
    const argv =
      begins === "elsewhere"
        ? [
            "redrive",
            "watch",
            (await server.api<{ id: string }>("POST", `${deliveries}redrive/`, { per_second: 4 })).id,
          ]
        : ["delivery", "redrive", "--per-second", "4", "--watch"];
    const out: string[] = [];
    const steps: unknown[] = [];
    let ended = 0;
    const code = await runCommand(argv, {
      env: { SIGNALBOX_URL: server.url, SIGNALBOX_TOKEN: server.token },
      out: (text) => out.push(text),
      err: (text) => out.push(text),
      fetch,
      meter: { progress: (step) => steps.push(step), end: () => (ended += 1) },
    });
    assert.equal(code, 0, out.join("\n"));
    assert.match(out.join("\n"), /state: +done\nredriven: +6\n/);
    assert.ok(steps.length > 0);
    assert.equal(ended, 1);
  });
}

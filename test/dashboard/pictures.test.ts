/** The pictures of the documentation. They are kept when `PICTURES` says where: `PICTURES=docs/images npm run test:dashboard`. */
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { CreateBucketCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { runServer } from "../support/in-process.ts";
import { until } from "../support/until.ts";
import { webhookReceiver } from "../support/webhooks.ts";
import { visitor } from "./visitor.ts";

const mostBytes = 200 * 1_024;

describe("pictures of the dashboard", () => {
  it("show its main screens, and are small", async () => {
    await using server = await runServer();
    await using receiver = await webhookReceiver(({ path }) => (path === "/archive" ? 503 : 200));
    await server.s3.send(new CreateBucketCommand({ Bucket: "photos" }));
    const rules = "/api/cloud/buckets/photos/notifications/";
    await server.api("POST", rules, { url: `${receiver.url}/images`, filter: 'WHERE key REGEXP "^images/"' });
    await server.api("POST", rules, { url: `${receiver.url}/archive`, max_retries: 0 });
    for (const Key of ["images/cat.jpg", "notes/todo.txt", "images/dog.jpg"]) {
      await server.s3.send(new PutObjectCommand({ Bucket: "photos", Key, Body: "hello" }));
    }
    await until("what is sent", () => receiver.received.length >= 5);
    await using seen = await visitor(server);
    await seen.logIn(server.token);
    await seen.page.getByRole("figure", { name: "Attempts" }).locator("canvas").waitFor();
    await seen.page.getByRole("table", { name: "Newest failures" }).waitFor();
    await keep("overview", await seen.page.screenshot());
    await seen.open("t/default/buckets/photos/settings");
    await seen.click("button", "Send a test event");
    await seen.page.getByText("acknowledged").first().waitFor();
    await keep("bucket-settings", await seen.page.screenshot());
    await seen.open("t/default/deliveries");
    await seen.page.getByRole("grid").waitFor();
    await keep("deliveries", await seen.page.screenshot());
  });
});

async function keep(name: string, picture: Uint8Array): Promise<void> {
  assert.ok(picture.length <= mostBytes, `${name} has ${picture.length} bytes`);
  const folder = process.env["PICTURES"];
  if (folder !== undefined) writeFileSync(join(folder, `${name}.png`), picture);
}

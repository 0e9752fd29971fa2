/** The pictures of the documentation. They are kept when `PICTURES` says where: `PICTURES=docs/images npm run test:dashboard`. */
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { CreateBucketCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { type RunningServer, runServer } from "../support/in-process.ts";
import { until } from "../support/until.ts";
import { type WebhookReceiver, webhookReceiver } from "../support/webhooks.ts";
import { type Visitor, visitor } from "./visitor.ts";

const mostBytes = 200 * 1_024;
const checkEmail = `export default ({ params }, { log }) => {
  log("asked about", params.email);
  if (!params.email.endsWith("@example.com")) {
    return { decision: "deny", message: "only addresses of example.com" };
  }
};
`;

describe("pictures of the dashboard", () => {
  let server: RunningServer;
  let receiver: WebhookReceiver;
  let seen: Visitor;
  before(async () => {
    server = await runServer();
    receiver = await webhookReceiver(({ path }) => (path === "/archive" ? 503 : 200));
    await server.s3.send(new CreateBucketCommand({ Bucket: "photos" }));
    const rules = "/api/cloud/buckets/photos/notifications/";
    await server.api("POST", rules, { url: `${receiver.url}/images`, filter: 'WHERE key REGEXP "^images/"' });
    await server.api("POST", rules, { url: `${receiver.url}/archive`, max_retries: 0 });
    for (const key of ["images/cat.jpg", "notes/todo.txt", "images/dog.jpg"]) await put(key);
    await until("what is sent", () => receiver.received.length >= 5);
    await server.api("POST", "/api/apps/", { name: "Accounts" });
    const made = await server.api<{ readonly id: number }>("POST", "/api/apps/accounts/functions/", {
      name: "Check email domain",
      code: checkEmail,
    });
    await server.api("POST", "/api/cloud/events/PRE_USER_CREATE/subscribe/", { function_id: made.id });
    for (const [username, domain] of [
      ["ada", "example.com"],
      ["eve", "example.org"],
    ]) {
      const user = { username, email: `${username}@${domain}` };
      await server.api("POST", "/api/cloud/users/", user).catch(() => undefined);
    }
    seen = await visitor(server);
    await seen.logIn(server.token);
  });
  after(async () => {
    await seen[Symbol.asyncDispose]();
    await receiver[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  });

  const put = (Key: string) => server.s3.send(new PutObjectCommand({ Bucket: "photos", Key, Body: "hello" }));
  const shows = (text: string | RegExp): Promise<void> => seen.page.getByText(text).first().waitFor();

  /** Screens by the name of their picture; each comes to where it is worth one. */
  const screens: Readonly<Record<string, () => Promise<void>>> = {
    overview: async () => {
      await seen.open("t/default");
      await seen.page.getByRole("figure", { name: "Latency" }).locator("canvas").waitFor();
      await seen.page.getByRole("table", { name: "Newest failures" }).waitFor();
    },
    "bucket-settings": async () => {
      await seen.open("t/default/buckets/photos/settings");
      await seen.click("button", "Send a test event");
      await shows("acknowledged");
    },
    deliveries: async () => {
      await seen.open("t/default/deliveries");
      await seen.page
        .getByRole("row", { name: /archive|images/ })
        .or(seen.page.getByRole("gridcell"))
        .first()
        .waitFor();
    },
    event: async () => {
      await seen.open("t/default/events?face=objects&where=key+LIKE+%27notes%25%27");
      await seen.click("link", "OBJECT_CREATED_PUT");
      await shows("Who did not, and why");
    },
    live: async () => {
      await seen.open("t/default/live");
      await shows("● live");
      for (const key of ["images/bird.jpg", "notes/list.txt", "images/fish.jpg"]) await put(key);
      await seen.page
        .getByRole("link", { name: /fish\.jpg/ })
        .first()
        .waitFor();
    },
    function: async () => {
      await seen.open("t/default/functions/accounts/check-email-domain/code");
      await seen.page.locator(".cm-content").first().waitFor();
      await until("the sample", async () => (await seen.page.getByLabel("Its params").innerText()).includes("ada"));
      await seen.click("button", "Run");
      await shows("asked about");
    },
    operation: async () => {
      await seen.open("t/default/operations?outcome=denied");
      await seen.click("link", "PRE_USER_CREATE");
      await shows("asked about eve@example.org");
    },
    redrives: async () => {
      await server.api("POST", "/api/cloud/deliveries/redrive/", { bucket: "photos" });
      await seen.open("t/default/redrives");
      await seen.page.getByRole("cell", { name: "done" }).first().waitFor();
    },
  };

  for (const [name, show] of Object.entries(screens)) {
    it(`${name} is small`, async () => {
      await seen.page.setViewportSize({ width: 1_280, height: 900 });
      await show();
      await seen.settled();
      await keep(name, await seen.page.screenshot());
    });
  }

  async function keep(name: string, picture: Uint8Array): Promise<void> {
    assert.ok(picture.length <= mostBytes, `${name} has ${picture.length} bytes`);
    const folder = process.env["PICTURES"];
    if (folder !== undefined) writeFileSync(join(folder, `${name}.png`), picture);
  }
});

/** Lists of deliveries in a real browser: filters, keys, choices, and what comes while one reads. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { CreateBucketCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { type RunningServer, runServer } from "../support/in-process.ts";
import { until } from "../support/until.ts";
import { type WebhookReceiver, webhookReceiver } from "../support/webhooks.ts";
import { type Visitor, visitor } from "./visitor.ts";

describe("deliveries in the dashboard", () => {
  let server: RunningServer;
  let receiver: WebhookReceiver;
  let seen: Visitor;
  let isBroken = false;
  before(async () => {
    server = await runServer();
    receiver = await webhookReceiver(() => (isBroken ? 500 : 200));
    seen = await visitor(server);
    await seen.logIn(server.token);
  });
  after(async () => {
    await seen[Symbol.asyncDispose]();
    await receiver[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  });

  const makeBucket = (name: string): Promise<unknown> => server.s3.send(new CreateBucketCommand({ Bucket: name }));
  const put = (bucket: string, key: string): Promise<unknown> =>
    server.s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: "hello" }));
  const keysAt = (path: string): string[] =>
    receiver.received
      .filter((one) => one.path === path)
      .flatMap(({ events }) => events.map(({ object }) => object.key));
  const heading = (name: string | RegExp): Promise<void> => seen.page.getByRole("heading", { name }).first().waitFor();

  it("filters are chips in the address, and rows that are chosen are sent again, by keys alone", async () => {
    await makeBucket("keys");
    const rule = await server.api<{ readonly id: string }>("POST", "/api/cloud/buckets/keys/notifications/", {
      url: `${receiver.url}/keys`,
      max_retries: 0,
    });
    isBroken = true;
    for (const key of ["images/1", "images/2", "notes"]) await put("keys", key);
    const path = `/api/cloud/deliveries/?status=dead&rule=${rule.id}`;
    await until("three dead letters", async () => {
      return (await server.api<{ readonly deliveries: readonly unknown[] }>("GET", path)).deliveries.length === 3;
    });
    isBroken = false;
    await seen.open("t/default/deliveries");
    await seen.click("button", "+ filter");
    await seen.page.getByLabel("Narrow by").selectOption("Bucket");
    await seen.page.getByLabel("Bucket", { exact: true }).fill("keys");
    await seen.page.keyboard.press("Enter");
    await seen.page.waitForURL(/bucket=keys/);
    await seen.page.getByRole("button", { name: "dead", exact: true }).click();
    await seen.page.getByText("3 fit").waitFor();
    const grid = seen.page.getByRole("grid", { name: "Deliveries" });
    assert.equal(await grid.getAttribute("aria-rowcount"), "4");
    for (const key of ["j", "j", "x", "j", "x"]) await seen.page.keyboard.press(key);
    await seen.page.getByText("2 deliveries chosen").waitFor();
    assert.equal(await grid.getByRole("row", { selected: true }).count(), 2);
    await seen.page.getByLabel("Key begins with").fill("notes");
    await seen.page.keyboard.press("Enter");
    await seen.page.getByText("1 fits").waitFor();
    await seen.page.getByText("2 deliveries chosen").waitFor();
    await seen.click("button", "Send again…");
    await seen.page.getByRole("alertdialog").getByRole("button", { name: "Send them again" }).click();
    await seen.page.getByText("2 wait to be sent again").waitFor();
    await until("both", () => keysAt("/keys").length === 5);
    assert.deepEqual(keysAt("/keys").slice(3).toSorted(), ["images/1", "images/2"]);
    await grid.click();
    await seen.page.keyboard.press("j");
    await seen.page.keyboard.press("Enter");
    await heading("Delivery");
    await seen.page.goBack();
    await seen.page.getByText("1 fits").waitFor();
    await seen.click("button", "Take away the filter Bucket");
    await seen.page.waitForURL(/deliveries\?(?!.*bucket)/);
  });

  it("what came since a list was read is a number until it is asked for", async () => {
    await makeBucket("newer");
    await server.api("POST", "/api/cloud/buckets/newer/notifications/", { url: `${receiver.url}/newer` });
    await seen.page.clock.install();
    await seen.open("t/default/deliveries?bucket=newer");
    await seen.page.getByText("Nothing fits").waitFor();
    for (const key of ["1", "2"]) await put("newer", key);
    await until("both", () => keysAt("/newer").length === 2);
    await seen.page.clock.runFor(11_000);
    await seen.click("button", "↑ 2 new");
    await seen.page.getByText("2 fit").waitFor();
    assert.equal(await seen.page.getByRole("gridcell", { name: "OBJECT_CREATED_PUT" }).count(), 2);
    await seen.page.clock.resume();
  });

  it("a target that fails is found, mended, tried and sent everything again in six clicks", async () => {
    await makeBucket("wrong");
    await server.api("POST", "/api/cloud/buckets/wrong/notifications/", {
      url: `${receiver.url}/wrong`,
      max_retries: 0,
    });
    isBroken = true;
    for (const key of ["lost-1.txt", "lost-2.txt"]) await put("wrong", key);
    await until("two dead letters", async () => {
      const path = "/api/cloud/deliveries/?status=dead&bucket=wrong";
      return (await server.api<{ readonly deliveries: readonly unknown[] }>("GET", path)).deliveries.length === 2;
    });
    isBroken = false;
    await seen.open("t/default");
    const before = seen.clicks;
    await seen.click("link", /lost-2\.txt/);
    await seen.page.getByText("answered 500").first().waitFor();
    await seen.click("link", "wrong");
    await seen.click("button", "Edit");
    await seen.page.getByLabel("Webhook URL").fill(`${receiver.url}/right`);
    await seen.click("button", "Save and send a test event");
    await seen.page.getByText("acknowledged").first().waitFor();
    await seen.click("button", "Redrive dead letters…");
    await seen.page.getByRole("heading", { name: "Send 2 dead letters again?" }).waitFor();
    await seen.page.getByLabel("At most so many a second").fill("1");
    await seen.click("button", "Send them again");
    await heading("Redrives");
    assert.equal(seen.clicks - before, 6);
    await seen.page.getByRole("cell", { name: "1 a second" }).waitFor();
    await until("both", () => keysAt("/right").filter((key) => key.startsWith("lost")).length === 2);
    await seen.page.getByRole("cell", { name: "done" }).first().waitFor();
  });
});

/** What happened and what was refused, in a real browser: found, explained, sent. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { PutObjectCommand } from "@aws-sdk/client-s3";
import { type RunningServer, runServer } from "../support/in-process.ts";
import { until } from "../support/until.ts";
import { type WebhookReceiver, webhookReceiver } from "../support/webhooks.ts";
import { accessibilityFindings, type Visitor, visitor } from "./visitor.ts";

const hostile = "<img src=x onerror=alert(1)>\u202e.jpg";
const code = `export default (event, { log }) => {
  log("looked at " + event.params.email);
  if (!event.params.email.endsWith("@example.com")) return { decision: "deny", message: "only @example.com" };
};`;

describe("events and operations in the dashboard", () => {
  let server: RunningServer;
  let receiver: WebhookReceiver;
  let seen: Visitor;
  before(async () => {
    server = await runServer();
    receiver = await webhookReceiver(() => 200);
    await server.api("POST", "/api/cloud/buckets/", { name: "photos" });
    await server.api("POST", "/api/cloud/buckets/photos/notifications/", {
      url: `${receiver.url}/large`,
      filter: "WHERE size > 65536",
    });
    for (const Key of ["images/cat.jpg", hostile]) {
      await server.s3.send(new PutObjectCommand({ Bucket: "photos", Key, Body: "hello" }));
    }
    await server.api("POST", "/api/apps/", { name: "Users", slug: "users" });
    const fn = await server.api<{ id: number }>("POST", "/api/apps/users/functions/", { name: "Only ours", code });
    await server.api("POST", "/api/cloud/events/PRE_USER_CREATE/subscribe/", { function_id: fn.id });
    const eve = { username: "eve", email: "eve@example.org" };
    await assert.rejects(server.api("POST", "/api/cloud/users/", eve), /only @example\.com/);
    seen = await visitor(server);
    await seen.logIn(server.token);
  });
  after(async () => {
    await seen[Symbol.asyncDispose]();
    await receiver[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  });

  const shows = (text: string | RegExp): Promise<void> => seen.page.getByText(text).first().waitFor();

  it("a refused operation leads to the hook, its reason and its logs in two clicks", async () => {
    await seen.open("t/default");
    const before = seen.clicks;
    await seen.click("link", "Operations");
    await seen.click("link", "PRE_USER_CREATE");
    await seen.page.getByRole("heading", { name: "Operation" }).waitFor();
    await shows("Denied: Only ours denied, only @example.com");
    await shows(/looked at eve@example\.org/);
    assert.equal(seen.clicks - before, 2);
    assert.deepEqual(await accessibilityFindings(seen.page), []);
    await seen.click("link", "USER_CREATE_ABORTED");
    await seen.page.getByRole("heading", { name: "USER_CREATE_ABORTED", level: 1 }).waitFor();
  });

  it("a search finds what nobody wanted, the event says why, and is sent from there", async () => {
    await seen.open("t/default/events");
    await seen.page.locator(".cm-content").click();
    await seen.page.keyboard.type("key LIKE 'images/%'");
    await seen.page.keyboard.press("Enter");
    await seen.page.waitForURL(/face=objects/);
    await until("only what fits is there", async () => (await seen.page.locator("tbody tr").count()) === 1);
    await shows("no delivery");
    await seen.click("link", "OBJECT_CREATED_PUT");
    await shows(/`Content-Length` > 65536 is false: `Content-Length` is 5/);
    assert.deepEqual(await accessibilityFindings(seen.page), []);
    await seen.click("button", "Send it there");
    await seen.page.getByRole("heading", { name: "Delivery" }).waitFor();
    await until("it came", () => receiver.received.length > 0);
    assert.deepEqual(
      receiver.received.flatMap(({ events }) => events.map(({ object }) => object.key)),
      ["images/cat.jpg"],
    );
  });

  it("a search becomes a notification of its bucket", async () => {
    await seen.open(`t/default/events?face=objects&bucket=photos&where=${encodeURIComponent("key LIKE 'a%'")}`);
    await seen.click("link", "Save as notification");
    await seen.page.getByLabel("Webhook URL").waitFor();
    await shows("key LIKE 'a%'");
  });

  it("ids of events and of operations lead to their pages", async () => {
    const { events } = await server.api<{ events: { id: string }[] }>("GET", "/api/cloud/event-log/?bucket=photos");
    const { operations } = await server.api<{ operations: { operation_id: string }[] }>(
      "GET",
      "/api/cloud/operations/",
    );
    for (const [id, title] of [
      [events[0]?.id ?? "", "OBJECT_CREATED_PUT"],
      [operations[0]?.operation_id ?? "", "Operation"],
    ] as const) {
      await seen.open("t/default");
      await seen.page.keyboard.press("Control+k");
      await seen.page.getByRole("combobox", { name: "A page, or any id" }).fill(id);
      await seen.page.keyboard.press("Enter");
      await seen.page.getByRole("heading", { name: title, level: 1 }).waitFor();
    }
    await seen.open("t/default/go/0193489a-0000-7000-8000-000000000000");
    await shows("There is no event with this id");
  });

  it("the catalog simulates what hooks would say", async () => {
    await seen.open("t/default/catalog");
    await seen.click("link", "PRE_USER_CREATE");
    await seen.click("button", "Simulate…");
    await seen.page.getByLabel("Params, as JSON").fill('{"username": "eve", "email": "eve@example.net"}');
    await seen.click("button", "Simulate");
    await shows("only @example.com");
    await shows(/looked at eve@example\.net/);
    await seen.page.getByLabel("Params, as JSON").fill("{");
    await seen.click("button", "Simulate");
    await shows(/is no JSON/);
    assert.deepEqual(await accessibilityFindings(seen.page), []);
  });

  it("an event of a key that wants to be more than text fits into 320 px", async () => {
    await seen.page.setViewportSize({ width: 320, height: 900 });
    const search = `bucket=photos&face=objects&where=${encodeURIComponent("key LIKE '<img%'")}`;
    const { events } = await server.api<{ events: { id: string }[] }>("GET", `/api/cloud/event-log/?${search}`);
    for (const path of [
      `events?${search}`,
      `events/${events[0]?.id}`,
      "operations",
      "catalog/PRE_USER_CREATE?simulate=on",
    ]) {
      await seen.open(`t/default/${path}`);
      await seen.settled();
      const over = await seen.page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth",
      );
      assert.ok(Number(over) <= 0, `${path} is ${String(over)} px too wide`);
    }
    assert.deepEqual(seen.problems(), []);
  });
});

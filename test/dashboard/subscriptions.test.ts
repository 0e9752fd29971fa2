/** Subscriptions of every face in a browser: made, changed, their secrets rotated, resumed. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { CreateBucketCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { type RunningServer, runServer } from "../support/in-process.ts";
import { until } from "../support/until.ts";
import { type WebhookReceiver, webhookReceiver } from "../support/webhooks.ts";
import { type Visitor, visitor } from "./visitor.ts";

type Shown = Readonly<Record<string, unknown>>;

describe("subscriptions in the dashboard", () => {
  let server: RunningServer;
  let receiver: WebhookReceiver;
  let seen: Visitor;
  let isGone = false;
  before(async () => {
    server = await runServer();
    receiver = await webhookReceiver(() => (isGone ? 410 : 200));
    seen = await visitor(server);
    await seen.logIn(server.token);
  });
  after(async () => {
    await seen[Symbol.asyncDispose]();
    await receiver[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  });

  const stored = () => seen.page.getByRole("dialog").getByRole("button", { name: "I have stored it" }).click();
  const idShown = (): string => /subscriptions\/([^/?]+)/.exec(new URL(seen.page.url()).pathname)?.[1] ?? "";
  const subscription = (id: string) => server.api<Shown>("GET", `/api/cloud/subscriptions/${id}/`);
  const watching = (path: string) =>
    server.api<{ readonly id: string }>("POST", "/api/cloud/subscriptions/", {
      face: "notifications",
      event: "*",
      resource: "*",
      target: { type: "webhook", url: `${receiver.url}${path}` },
    });

  it("one of a resource is made, with its request as curl, and gets what happens", async () => {
    await server.s3.send(new CreateBucketCommand({ Bucket: "watched" }));
    const bucket = await server.api<{ readonly uuid: string }>("GET", "/api/cloud/buckets/watched/");
    await seen.open("t/default/subscriptions");
    await seen.click("link", "New subscription");
    await seen.page.getByRole("textbox", { name: "Resource" }).fill(bucket.uuid);
    await seen.page.getByText("A bucket.").waitFor();
    await seen.page.getByRole("radio", { name: "A webhook" }).check();
    await seen.page.getByLabel("Webhook URL").fill(`${receiver.url}/watched`);
    await seen.page.getByText("Advanced").click();
    await seen.page.getByLabel("Attempts a second, at most").fill("50");
    await seen.page.getByText("As curl").click();
    const command = await seen.page.getByLabel("The request as a command").textContent();
    assert.match(command ?? "", /^curl -X POST 'http.*\/api\/cloud\/subscriptions\/'/);
    const sent = /-d '(\{.*\})'/s.exec(command ?? "")?.[1] ?? "";
    await seen.click("button", "Save");
    await stored();
    await seen.page.getByRole("heading", { name: "Subscription", exact: true }).waitFor();
    const made = await subscription(idShown());
    const asked = JSON.parse(sent) as Shown;
    assert.deepEqual([asked["resource"], asked["max_per_second"]], [made["resource"], made["max_per_second"]]);
    await server.api("PUT", `/api/cloud/resources/${bucket.uuid}/pems/admin/`, { permission: "read" });
    await until("its event", () => receiver.received.some(({ path }) => path === "/watched"));
  });

  it("a hook is made of a function, with its stage and policy, and changed", async () => {
    await server.api("POST", "/api/apps/", { name: "Users", slug: "users" });
    const code = "export default () => ({ status: 'allow' })";
    await server.api("POST", "/api/apps/users/functions/", { name: "Check", code });
    await seen.open("t/default/subscriptions/new?face=lifecycle");
    await seen.page.getByLabel("Event", { exact: true }).selectOption("PRE_USER_CREATE");
    await seen.page.getByLabel("App", { exact: true }).selectOption("users");
    await seen.page.getByLabel("Function", { exact: true }).selectOption({ label: "Check" });
    await seen.page.getByRole("radio", { name: /^Validate/ }).check();
    await seen.page.getByLabel("Priority").fill("7");
    await seen.page.getByRole("radio", { name: "Let it go on" }).check();
    await seen.click("button", "Save");
    await seen.page.getByRole("heading", { name: "Subscription", exact: true }).waitFor();
    const id = idShown();
    const { target, event } = await subscription(id);
    const { stage, priority, failure_policy } = target as Shown;
    assert.deepEqual([event, stage, priority, failure_policy], ["PRE_USER_CREATE", "validate", 7, "open"]);
    await seen.click("link", "Settings");
    await seen.page.getByLabel("Priority").fill("x");
    await seen.page.getByLabel("Priority").fill("8");
    await seen.click("button", "Save");
    await seen.page.getByRole("heading", { name: "Subscription", exact: true }).waitFor();
    assert.equal(((await subscription(id))["target"] as Shown)["priority"], 8);
  });

  it("of objects are made in the bucket's settings", async () => {
    await server.s3.send(new CreateBucketCommand({ Bucket: "things" }));
    await seen.open("t/default/subscriptions/new?face=objects");
    await seen.click("link", "things");
    await seen.page.getByLabel("Webhook URL").waitFor();
  });

  it("what the server refuses stands at its field, and what was typed stays", async () => {
    await seen.open("t/default/subscriptions/new");
    await seen.page.getByRole("textbox", { name: "Resource" }).fill("nothing-101");
    await seen.page.getByRole("radio", { name: "A webhook" }).check();
    await seen.page.getByLabel("Webhook URL").fill(`${receiver.url}/typed`);
    await seen.click("button", "Save");
    await seen.page.getByRole("alert").first().waitFor();
    assert.equal(await seen.page.getByLabel("Webhook URL").inputValue(), `${receiver.url}/typed`);
  });

  it("one that mails a stranger says how far the question to them has come", async () => {
    const { id } = await server.api<{ readonly id: string }>("POST", "/api/cloud/subscriptions/", {
      face: "notifications",
      event: "*",
      resource: "*",
      target: { type: "email", address: "stranger@example.com" },
    });
    await seen.open(`t/default/subscriptions/${id}`);
    await seen.page.getByText("unconfirmed").first().waitFor();
    await seen.page.getByText("Waits for the owner of the address").waitFor();
  });

  it("a secret is rotated in two clicks, and the end of the old one counted down", async () => {
    const { id } = await watching("/rotated");
    await seen.open(`t/default/subscriptions/${id}`);
    await seen.page.getByRole("button", { name: "New secret" }).waitFor();
    const before = seen.clicks;
    await seen.click("button", "New secret");
    await seen.click("button", "Make a new one");
    await seen.page
      .getByRole("dialog")
      .getByText(/^whsec_/)
      .waitFor();
    assert.equal(seen.clicks - before, 2);
    await stored();
    const left = seen.page.getByRole("timer");
    await left.filter({ hasText: /23 h 59 min \d+ s left/ }).waitFor();
    const first = await left.textContent();
    await until("the next second", async () => (await left.textContent()) !== first);
    await seen.page.reload();
    await left.filter({ hasText: /23 h/ }).waitFor();
  });

  it("a gone target is resumed in two clicks at most, and gets what was kept", async () => {
    await server.s3.send(new CreateBucketCommand({ Bucket: "left" }));
    const { id } = await server.api<{ readonly id: string }>("POST", "/api/cloud/buckets/left/notifications/", {
      url: `${receiver.url}/gone`,
      ack: "2xx",
    });
    isGone = true;
    await server.s3.send(new PutObjectCommand({ Bucket: "left", Key: "a.txt", Body: "hello" }));
    await until("its pause", async () => (await subscription(id))["paused"] !== null);
    isGone = false;
    await seen.open(`t/default/subscriptions/${id}`);
    await seen.page.getByText("its receiver answered 410 Gone").waitFor();
    const [before, received] = [seen.clicks, receiver.received.length];
    await seen.click("button", "Resume");
    await seen.page.getByText("its receiver answered 410 Gone").waitFor({ state: "detached" });
    assert.equal((await subscription(id))["status"], "active");
    assert.ok(seen.clicks - before <= 2);
    await until("what was kept", () => receiver.received.slice(received).some(({ path }) => path === "/gone"));
  });
});

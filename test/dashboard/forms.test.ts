/** All that the API takes of a subscription, in the forms of its faces: typed, sent, and kept when something else is edited. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { until } from "../support/until.ts";
import { bucketScene } from "./bucket-scene.ts";
import { accessibilityFindings } from "./visitor.ts";

type Shown = Readonly<Record<string, unknown>>;

const scene = await bucketScene();
const { server, receiver, seen, makeBucket, put, keysAt } = scene;
const { page } = seen;
const kept = "••••••";

describe("forms of subscriptions", () => {
  before(() => seen.logIn(server.token));
  after(() => scene[Symbol.asyncDispose]());

  const stored = () => page.getByRole("dialog").getByRole("button", { name: "I have stored it" }).click();
  const requestOf = (path: string, key: string) =>
    receiver.received.find((one) => one.path === path && one.events.some(({ object }) => object.key === key));
  const advanced = () => page.getByText("Advanced", { exact: true }).click();
  const idShown = (): string => /subscriptions\/([^/?]+)/.exec(new URL(page.url()).pathname)?.[1] ?? "";

  it("of a bucket: headers, another Authorization, more in the payload, waits, pace and order, each kept by an edit of others", async () => {
    await makeBucket("sent");
    const rules = "/api/cloud/buckets/sent/notifications/";
    await seen.open("t/default/buckets/sent/settings?edit=new");
    await page.getByLabel("Webhook URL").fill(`${receiver.url}/sent`);
    await page.getByRole("radio", { name: /^Other/ }).check();
    await page.getByLabel("Value of Authorization").fill("ApiKey 0123abcd");
    await advanced();
    await page.getByLabel("Headers").fill("X-Environment: production\nX-Team: blue: 2");
    await page.getByRole("checkbox", { name: "sequence" }).check();
    await page.getByRole("checkbox", { name: "eventId" }).check();
    await page.getByLabel("Retries", { exact: true }).fill("2");
    await page.getByLabel("Waits before them, in seconds").fill("0.1, 90");
    await page.getByLabel("Share of a wait that is random").fill("0");
    await page.getByLabel("Attempts a second, at most").fill("50");
    await page.getByLabel("Attempts at once, at most").fill("3");
    await page.getByRole("checkbox", { name: /^In order/ }).check();
    assert.deepEqual(await accessibilityFindings(page), []);
    await seen.click("button", "Save");
    await stored();
    await put("sent", "a.txt");
    await until("the event", () => keysAt("/sent").includes("a.txt"));
    const first = requestOf("/sent", "a.txt");
    assert.deepEqual(
      ["authorization", "x-environment", "x-team"].map((name) => first?.headers[name]),
      ["ApiKey 0123abcd", "production", "blue: 2"],
    );
    assert.equal(typeof first?.events[0]?.eventId, "string");
    const listed = await server.api<{ readonly rules: readonly Shown[] }>("GET", rules);
    const [made] = listed.rules;
    assert.deepEqual(made?.["backoff"], { schedule_ms: [100, 90_000], jitter: 0 });
    assert.deepEqual(
      ["fields", "headers", "max_retries", "max_per_second", "max_concurrency", "ordered"].map((name) => made?.[name]),
      [["sequence", "eventId"], ["x-environment", "x-team"], 2, 50, 3, true],
    );

    await seen.click("button", "Edit");
    await advanced();
    assert.equal(await page.getByLabel("Headers").inputValue(), `x-environment: ${kept}\nx-team: ${kept}`);
    await page.getByLabel("Headers").fill(`X-Environment: ${kept}\nX-Owner: grace`);
    await page.getByRole("checkbox", { name: "sequence" }).uncheck();
    await page.getByLabel("Waits before them, in seconds").fill("");
    await page.getByLabel("Share of a wait that is random").fill("");
    await seen.click("button", "Save");
    await page.getByRole("heading", { name: "Edit the notification" }).waitFor({ state: "detached" });
    await put("sent", "b.txt");
    await until("the event", () => keysAt("/sent").includes("b.txt"));
    const second = requestOf("/sent", "b.txt");
    assert.deepEqual(
      ["authorization", "x-environment", "x-team", "x-owner"].map((name) => second?.headers[name]),
      ["ApiKey 0123abcd", "production", undefined, "grace"],
    );
    const after = await server.api<Shown>("GET", `${rules}${String(made?.["id"])}/`);
    assert.deepEqual(after["backoff"], { schedule_ms: [10_000, 120_000, 1_800_000], jitter: 0.2 });
    assert.deepEqual([after["fields"], after["max_concurrency"], after["ordered"]], [["eventId"], 3, true]);

    await seen.click("button", "Edit");
    await advanced();
    await page.getByRole("radio", { name: "S3 event records" }).check();
    await page.getByRole("radio", { name: "gzip" }).check();
    await page.getByRole("checkbox", { name: /^Post nothing before/ }).check();
    await seen.click("button", "Save");
    await page.getByRole("heading", { name: "Edit the notification" }).waitFor({ state: "detached" });
    const last = await server.api<Shown>("GET", `${rules}${String(made?.["id"])}/`);
    assert.deepEqual(
      ["format", "compression", "handshake", "fields"].map((name) => last[name]),
      ["s3", "gzip", true, []],
    );
  });

  it("a header that is not for them to set is refused at its field, and what was typed stays", async () => {
    await makeBucket("refused");
    await seen.open("t/default/buckets/refused/settings?edit=new");
    await page.getByLabel("Webhook URL").fill(`${receiver.url}/refused`);
    await advanced();
    await page.getByLabel("Headers").fill("Host: elsewhere.example");
    await seen.click("button", "Save");
    await until("it is marked", async () => (await page.getByLabel("Headers").getAttribute("aria-invalid")) === "true");
    assert.equal(await page.getByLabel("Headers").inputValue(), "Host: elsewhere.example");
  });

  it("a field that is out of view and keeps the form from being sent comes into view", async () => {
    await makeBucket("hidden");
    await seen.open("t/default/buckets/hidden/settings?edit=new");
    await page.getByLabel("Webhook URL").fill(`${receiver.url}/hidden`);
    await advanced();
    await page.getByLabel("Attempts at once, at most").fill("many");
    await advanced();
    await page.getByLabel("Attempts at once, at most").waitFor({ state: "hidden" });
    await seen.click("button", "Save and send a test event");
    await page.getByLabel("Attempts at once, at most").waitFor();
  });

  it("of a resource: its retry policy and headers; curl says no value of them", async () => {
    await seen.open("t/default/subscriptions/new");
    await page.getByRole("textbox", { name: "Resource" }).fill("*");
    await page.getByRole("radio", { name: "A webhook" }).check();
    await page.getByLabel("Webhook URL").fill(`${receiver.url}/policy`);
    await advanced();
    await page.getByLabel("Headers").fill("X-Key: of no concern to others");
    await page.getByLabel("Tried again").selectOption("DELAYED");
    await page.getByLabel("Retries", { exact: true }).fill("4");
    await page.getByLabel("Seconds before the first retry").fill("30");
    await page.getByLabel("Seconds between two retries").fill("60");
    await page.getByText("As curl").click();
    const command = (await page.getByLabel("The request as a command").textContent()) ?? "";
    assert.match(command, /"x-key":"…".*"retryDelay":30/);
    assert.doesNotMatch(command, /of no concern/);
    await seen.click("button", "Save");
    await stored();
    await page.getByRole("heading", { name: "Subscription", exact: true }).waitFor();
    const id = idShown();
    const shown = () => server.api<Shown>("GET", `/api/cloud/subscriptions/${id}/`);
    const { policy, target } = await shown();
    const asked = { retryStrategy: "DELAYED", retryLimit: 4, retryRate: 60, retryDelay: 30, saveOnFailure: false };
    assert.deepEqual([policy, (target as Shown)["headers"]], [asked, ["x-key"]]);
    await seen.click("link", "Settings");
    await advanced();
    assert.equal(await page.getByLabel("Seconds before the first retry").inputValue(), "30");
    await page.getByLabel("Tried again").selectOption("EXPONENTIAL");
    await page.getByLabel("Seconds before the first retry").waitFor({ state: "detached" });
    await seen.click("button", "Save");
    await page.getByRole("heading", { name: "Subscription", exact: true }).waitFor();
    const changed = (await shown())["policy"] as Shown;
    assert.deepEqual([changed["retryStrategy"], changed["retryLimit"], changed["retryDelay"]], ["EXPONENTIAL", 4, 0]);
  });

  it("of operations: a function by its id, known by its name wherever it is shown", async () => {
    await server.api("POST", "/api/apps/", { name: "Shop", slug: "shop" });
    const fn = await server.api<{ readonly id: number }>("POST", "/api/apps/shop/functions/", {
      name: "Count the orders",
      slug: "count",
      code: "export default () => 1;",
    });
    await seen.open("t/default/subscriptions/new?face=lifecycle");
    await page.getByLabel("Event", { exact: true }).selectOption("POST_USER_CREATE");
    await page.getByLabel("App", { exact: true }).selectOption({ label: "Any: by the function's id" });
    await page.getByLabel("Function's id").fill(String(fn.id));
    await page.getByRole("link", { name: "Count the orders" }).waitFor();
    await advanced();
    await page.getByLabel("Waits before them, in seconds").fill("1");
    await seen.click("button", "Save");
    await page.getByRole("heading", { name: "Subscription", exact: true }).waitFor();
    const id = idShown();
    await page.getByText("Count the orders").first().waitFor();
    const { backoff } = await server.api<Shown>("GET", `/api/cloud/subscriptions/${id}/`);
    assert.deepEqual((backoff as Shown)["schedule_ms"], [1_000]);

    const newUser = { username: "ada", email: "ada@example.com" };
    const made = await server.api<{ readonly uuid: string }>("POST", "/api/cloud/users/", newUser);
    const delivery = async () => {
      const path = `/api/cloud/deliveries/?rule=${id}&status=delivered`;
      return (await server.api<{ readonly deliveries: readonly { readonly id: string }[] }>("GET", path)).deliveries[0];
    };
    await until("its run", async () => (await delivery()) !== undefined);
    await seen.open("t/default/subscriptions");
    await page.getByRole("link", { name: "Count the orders" }).waitFor();
    await seen.open(`t/default/deliveries?function=${fn.id}`);
    await page.getByRole("button", { name: "Function: Count the orders" }).waitFor();
    await page.getByRole("row", { name: /Count the orders/ }).waitFor();
    await seen.open(`t/default/deliveries/${(await delivery())?.id}`);
    await page.getByRole("link", { name: "Count the orders" }).waitFor();
    await seen.open(`t/default/events?resource=${made.uuid}`);
    await seen.click("link", "POST_USER_CREATE");
    await page.getByRole("link", { name: "Count the orders" }).waitFor();
    await seen.open("t/default/usage");
    await page.getByRole("link", { name: "Count the orders" }).waitFor();
    await seen.open(`t/default/subscriptions/${id}/settings`);
    await seen.click("link", "Count the orders");
    await page.waitForURL(/functions\/shop\/count\/code$/);
  });
});

/** Named destinations in a browser: made, tried, gone to, changed, their secrets rotated, deleted. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { until } from "../support/until.ts";
import { bucketScene } from "./bucket-scene.ts";
import { keysOf } from "./keys.ts";
import { accessibilityFindings, visitor } from "./visitor.ts";

type Shown = Readonly<Record<string, unknown>>;

const scene = await bucketScene();
const { server, receiver, seen, makeBucket, put, keysAt, heading } = scene;
const { page } = seen;
const path = "/api/cloud/destinations/";

describe("destinations in the dashboard", () => {
  before(() => seen.logIn(server.token));
  after(() => scene[Symbol.asyncDispose]());

  const make = (name: string, more: object = {}) => {
    const target = { type: "webhook", url: `${receiver.url}/${name}`, ...more };
    return server.api<Shown>("POST", path, { name, target });
  };
  const goTo = (name: string, event = "POST_USER_DELETE") =>
    server.api<{ readonly id: string }>("POST", "/api/cloud/subscriptions/", {
      event,
      target: { type: "destination", name },
    });
  const stored = (name: string) => server.api<Shown>("GET", `${path}${name}/`);
  const field = (name: string) => page.getByLabel(name, { exact: true });
  const advanced = () => page.getByText("Advanced", { exact: true }).click();
  const save = () => seen.click("button", "Save");
  const settings = async (name: string): Promise<void> => {
    await seen.open(`t/default/destinations/${name}/settings`);
    await field("Webhook URL").waitFor();
  };
  const isOne = () => page.getByRole("heading", { name: "Destination", exact: true }).waitFor();
  /** Saves by a click, and answers the body of the change. */
  const changedBy = async (): Promise<unknown> => {
    const sent = page.waitForRequest((request) => request.method() === "PATCH");
    await save();
    const body: unknown = (await sent).postDataJSON();
    await isOne();
    return body;
  };

  it("one is made, with its request as curl and its secret shown once, and tried", async () => {
    await seen.click("link", "Destinations");
    await page.getByText("There is no destination yet").waitFor();
    await seen.click("button", "New destination");
    await field("Name").fill("a b");
    await field("Webhook URL").fill(`${receiver.url}/orders`);
    await page.getByRole("radio", { name: "Token" }).check();
    await page.getByLabel("Token", { exact: true }).and(page.locator("input[type=password]")).fill("hush-1");
    await advanced();
    await field("Headers").fill("X-Team: shop");
    await page.getByRole("radio", { name: "CloudEvents, structured" }).check();
    await field("Retries").fill("3");
    await save();
    await page
      .getByText(/1 to 100 letters, digits/)
      .first()
      .waitFor();
    assert.equal(await field("Name").getAttribute("aria-invalid"), "true");
    await field("Name").fill("orders");
    await page.getByText("As curl").click();
    const command = (await page.getByLabel("The request as a command").textContent()) ?? "";
    assert.match(command, /^curl -X POST 'http.*\/api\/cloud\/destinations\/'/);
    assert.doesNotMatch(command, /hush-1|shop/);
    await save();
    const dialog = page.getByRole("dialog", { name: "The signing secret" });
    await dialog.getByText(/^whsec_/).waitFor();
    assert.deepEqual(await accessibilityFindings(page), []);
    await dialog.getByRole("button", { name: "I have stored it" }).click();
    await isOne();
    const { target, max_retries } = await stored("orders");
    const { url, auth, headers, format, ack } = target as Shown;
    assert.deepEqual(
      [url, auth, headers, format, ack, max_retries],
      [`${receiver.url}/orders`, { type: "bearer" }, ["x-team"], "cloudevents", null, 3],
    );
    await seen.click("button", "Send a test");
    const cameOfIt = page.getByRole("region", { name: "Test event" });
    await cameOfIt.getByText("✓acknowledged").waitFor();
    const [test] = receiver.received.filter((one) => one.path === "/orders");
    assert.deepEqual([test?.headers["authorization"], test?.headers["x-team"]], ["Bearer hush-1", "shop"]);
    scene.isBroken = true;
    await seen.click("button", "Send a test");
    await cameOfIt.getByText("✗not acknowledged").waitFor();
    scene.isBroken = false;
    await seen.click("link", "All destinations");
    const row = page.getByRole("row").filter({ hasText: "orders" });
    await row.getByText("unused").waitFor();
    await row.getByText("CloudEvents, structured").waitFor();
  });

  it("a name that is taken is refused, and what was typed stays", async () => {
    await make("taken");
    await seen.open("t/default/destinations?edit=new");
    await field("Name").fill("taken");
    await field("Webhook URL").fill(`${receiver.url}/again`);
    await save();
    await page.getByRole("alert").filter({ hasText: "destination 'taken' is there already" }).waitFor();
    assert.equal(await field("Webhook URL").inputValue(), `${receiver.url}/again`);
    await seen.click("button", "Cancel");
    await field("Name").waitFor({ state: "detached" });
  });

  it("a bucket's notification and a subscription go there by its name, and are listed where they go", async () => {
    await make("going");
    await makeBucket("scans");
    await seen.open("t/default/buckets/scans/settings?edit=new");
    await page.getByRole("radio", { name: "A named destination" }).check();
    await page.getByRole("combobox", { name: "Destination" }).fill("none");
    await save();
    await until("it is refused at its field", async () => {
      return (await field("Destination").getAttribute("aria-invalid")) === "true";
    });
    await field("Destination").fill("going");
    await page.getByText(`It goes to ${receiver.url}/going`).waitFor();
    assert.deepEqual(await accessibilityFindings(page), []);
    await seen.click("button", "Save and send a test event");
    await page.getByRole("region", { name: "Test event" }).getByText("✓acknowledged").waitFor();
    await put("scans", "a.txt");
    await until("its event", () => keysAt("/going").includes("a.txt"));
    await seen.open("t/default/subscriptions/new?face=lifecycle");
    await page.getByLabel("Event", { exact: true }).selectOption("POST_USER_CREATE");
    await page.getByRole("radio", { name: "A named destination" }).check();
    await field("Destination").fill("going");
    await save();
    await heading("Subscription");
    await seen.click("link", "going");
    await isOne();
    await page.getByText("2 subscriptions do.").waitFor();
    const table = page.getByRole("table", { name: "Subscriptions that go there" });
    await table.getByRole("link", { name: "POST_USER_CREATE" }).waitFor();
    await table.getByRole("link", { name: "scans" }).click();
    await seen.click("link", "going");
    await table.getByRole("link", { name: "POST_USER_CREATE" }).click();
    await heading("Subscription");
  });

  it("a change says only what differs, is of everything that goes there, and takes away what is emptied", async () => {
    await make("moved", { auth: { type: "basic", username: "u", password: "p" }, headers: { "X-Team": "a" } });
    await settings("moved");
    await page.getByText("Nothing goes there yet.").waitFor();
    for (const event of ["POST_USER_DELETE", "POST_USER_CREATE"]) await goTo("moved", event);
    await field("Webhook URL").fill(`${receiver.url}/moved/2`);
    assert.deepEqual(await changedBy(), { target: { url: `${receiver.url}/moved/2` } });
    await settings("moved");
    await page.getByText("A change is one for all 2 subscriptions that go there.").waitFor();
    await advanced();
    await field("Retries").fill("4");
    await field("Headers").fill("X-Team: b");
    await page.getByRole("radio", { name: "gzip" }).check();
    await page.getByRole("radio", { name: "any 2xx", exact: true }).check();
    await page.getByRole("checkbox", { name: "What goes wrong there raises alerts" }).uncheck();
    await page.getByRole("checkbox", { name: "Send several events in one request" }).check();
    assert.deepEqual(await changedBy(), {
      target: {
        ack: "2xx",
        headers: { "x-team": "b" },
        compression: "gzip",
        batch: { max_events: 100, max_wait_ms: 1_000, max_bytes: 1_048_576, split_on_failure: true },
      },
      max_retries: 4,
      alerts: false,
    });
    await page.getByText("no alerts").waitFor();
    await settings("moved");
    await advanced();
    assert.equal(await page.getByRole("radio", { name: /^200 of objects/ }).count(), 0);
    await field("Time limit of an attempt, in ms").fill("");
    for (const name of ["Retries", "Waits before them, in seconds", "Share of a wait that is random"]) {
      await field(name).fill("");
    }
    await page.getByRole("radio", { name: "None", exact: true }).check();
    assert.deepEqual(await changedBy(), { target: { auth: null, timeout_ms: null }, max_retries: null });
    const { max_retries, backoff, alerts, target } = await stored("moved");
    assert.deepEqual([max_retries, backoff, alerts, (target as Shown)["auth"]], [null, null, false, null]);
  });

  it("credentials stay behind when the url goes elsewhere: the refusal says so", async () => {
    await make("guarded", { auth: { type: "bearer", token: "t" } });
    await settings("guarded");
    await field("Webhook URL").fill("https://elsewhere.example.com/in");
    await save();
    await page.getByRole("alert").filter({ hasText: "auth" }).first().waitFor();
    assert.equal(((await stored("guarded"))["target"] as Shown)["url"], `${receiver.url}/guarded`);
  });

  it("of two who change one the second sees who came between, and loses nothing of the first", async () => {
    await make("shared");
    const { token } = await server.api<{ readonly token: string }>("POST", "/api/cloud/tokens/", {
      principal: "grace",
      role: "developer",
    });
    await settings("shared");
    const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
    const body = JSON.stringify({ max_retries: 9 });
    await fetch(new URL(`${path}shared/`, server.url), { method: "PATCH", headers, body });
    await field("Webhook URL").fill(`${receiver.url}/mine`);
    await save();
    const asked = page.getByRole("dialog", { name: "This was changed while you edited it" });
    await asked.getByText("grace").waitFor();
    await asked.getByText("changed by them only").first().waitFor();
    await asked.getByRole("button", { name: "Keep mine" }).click();
    await isOne();
    const { target, max_retries } = await stored("shared");
    assert.deepEqual([(target as Shown)["url"], max_retries], [`${receiver.url}/mine`, 9]);
  });

  it("a new signing secret is shown once, and the end of the one before counted down", async () => {
    await make("rotated");
    await seen.open("t/default/destinations/rotated");
    await seen.click("button", "New secret");
    await page.getByRole("alertdialog").getByRole("button", { name: "Make a new one" }).click();
    const dialog = page.getByRole("dialog", { name: "The signing secret" });
    const secret = (await dialog.getByText(/^whsec_/).textContent()) ?? "";
    await dialog.getByRole("button", { name: "I have stored it" }).click();
    await dialog.waitFor({ state: "detached" });
    await page
      .getByText(/signs too until/)
      .getByRole("timer")
      .waitFor();
    assert.doesNotMatch(await page.content(), new RegExp(secret.slice(6, 20).replaceAll(/[+/]/g, ".")));
    // Of a state that is not shown any more.
    await server.api("PATCH", `${path}rotated/`, { alerts: false });
    await seen.click("button", "New secret");
    await page.getByRole("alertdialog").getByRole("button", { name: "Make a new one" }).click();
    await page.getByRole("alert").filter({ hasText: "this was changed by 'admin'" }).waitFor();
    await page.getByText("no alerts").waitFor();
  });

  it("by keys alone: one in use is not deleted, what goes there is named, and paused when it is deleted all the same", async () => {
    const { press, to: tabTo } = keysOf(page);
    await make("doomed");
    const ids = await Promise.all(["POST_USER_DELETE", "POST_USER_CREATE"].map((event) => goTo("doomed", event)));
    await seen.open("t/default/destinations/doomed");
    await tabTo(page.getByRole("button", { name: "Delete" }));
    await press("Enter");
    const first = page.getByRole("alertdialog", { name: "Delete this destination?" });
    await tabTo(first.getByRole("button", { name: "Delete" }));
    await press("Enter");
    const second = page.getByRole("alertdialog", { name: "It is in use" });
    await second.getByText("2 subscriptions go there:").waitFor();
    for (const { id } of ids) await second.getByRole("link", { name: new RegExp(id) }).waitFor();
    assert.deepEqual(await accessibilityFindings(page), []);
    const all = second.getByRole("button", { name: "Delete, and pause them" });
    assert.ok(await all.isDisabled());
    await press("Escape");
    await second.waitFor({ state: "detached" });
    assert.equal((await stored("doomed"))["users"], 2);
    await tabTo(page.getByRole("button", { name: "Delete" }));
    await press("Enter");
    await tabTo(first.getByRole("button", { name: "Delete" }));
    await press("Enter");
    await tabTo(second.getByLabel("Type doomed to go on"));
    await page.keyboard.type("doomed");
    await tabTo(all);
    await press("Enter");
    await heading("Destinations");
    await page.getByRole("table", { name: "Destinations" }).waitFor();
    assert.equal(await page.getByRole("link", { name: "doomed" }).count(), 0);
    await seen.open(`t/default/subscriptions/${ids[0]?.id}`);
    await page.getByText("its destination was deleted").waitFor();
  });

  it("what was paused so goes on once it is given another, be it of the same name", async () => {
    await make("back");
    const { id } = await goTo("back");
    await server.api("DELETE", `${path}back/?force=true`);
    await make("back");
    await seen.open(`t/default/subscriptions/${id}/settings`);
    assert.equal(await field("Destination").inputValue(), "");
    await field("Destination").fill("back");
    await save();
    await heading("Subscription");
    await seen.click("link", "back");
    await page.getByText("1 subscription does.").waitFor();
    assert.equal((await server.api<Shown>("GET", `/api/cloud/subscriptions/${id}/`))["paused"], null);
  });

  it("one that nothing goes to is deleted at once", async () => {
    await make("spare");
    await seen.open("t/default/destinations/spare");
    await seen.click("button", "Delete");
    await page.getByRole("alertdialog").getByRole("button", { name: "Delete" }).click();
    await heading("Destinations");
    await page.getByRole("link", { name: "orders" }).waitFor();
    assert.equal(await page.getByRole("link", { name: "spare" }).count(), 0);
  });

  it("members see them, and what of theirs goes there, and change nothing", async () => {
    await make("readable");
    await goTo("readable");
    const { token } = await server.api<{ readonly token: string }>("POST", "/api/cloud/tokens/", {
      principal: "mia",
      role: "member",
    });
    await using mia = await visitor(server);
    await mia.logIn(token);
    await mia.click("link", "Destinations");
    await mia.page.getByRole("link", { name: "readable" }).waitFor();
    assert.equal(await mia.page.getByRole("button", { name: "New destination" }).count(), 0);
    await mia.click("link", "readable");
    await mia.page.getByText("1 subscription does; yours are listed.").waitFor();
    await mia.settled();
    const main = mia.page.getByRole("main");
    assert.deepEqual(await main.getByRole("button").allTextContents(), ["Copy"]);
    assert.equal(await main.getByRole("link", { name: "Settings" }).count(), 0);
    assert.equal(await main.getByRole("table").count(), 0);
    await mia.open("t/default/destinations?edit=new");
    await mia.page.getByRole("link", { name: "readable" }).waitFor();
    assert.equal(await mia.page.getByLabel("Webhook URL").count(), 0);
    await mia.open("t/default/destinations/readable/settings");
    await mia.page.getByText("Developers change destinations").waitFor();
  });
});

/** Lists of deliveries in a real browser: filters, keys, choices, and what comes while one reads. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { until } from "../support/until.ts";
import { bucketScene } from "./bucket-scene.ts";

const scene = await bucketScene();
const { server, receiver, seen, makeBucket, put, keysAt, heading } = scene;

describe("deliveries in the dashboard", () => {
  before(async () => {
    await scene.seen.logIn(scene.server.token);
  });
  after(() => scene[Symbol.asyncDispose]());

  it("filters are chips in the address, and rows that are chosen are sent again, by keys alone", async () => {
    await makeBucket("keys");
    const rule = await server.api<{ readonly id: string }>("POST", "/api/cloud/buckets/keys/notifications/", {
      url: `${receiver.url}/keys`,
      max_retries: 0,
    });
    scene.isBroken = true;
    for (const key of ["images/1", "images/2", "notes"]) await put("keys", key);
    const path = `/api/cloud/deliveries/?status=dead&rule=${rule.id}`;
    await until("three dead letters", async () => {
      return (await server.api<{ readonly deliveries: readonly unknown[] }>("GET", path)).deliveries.length === 3;
    });
    scene.isBroken = false;
    await seen.open("t/default/deliveries");
    await seen.click("button", "+ filter");
    await seen.page.getByLabel("Narrow by").selectOption("Bucket");
    await seen.page.getByLabel("Bucket", { exact: true }).fill("keys");
    await seen.page.keyboard.press("Enter");
    await seen.page.waitForURL(/bucket=keys/);
    await seen.page.getByRole("button", { name: "dead", exact: true }).click();
    await seen.page.getByText("3 deliveries", { exact: true }).waitFor();
    const grid = seen.page.getByRole("grid", { name: "Deliveries" });
    assert.equal(await grid.getAttribute("aria-rowcount"), "4");
    for (const key of ["j", "j", "x", "j", "x"]) await seen.page.keyboard.press(key);
    await seen.page.getByText("2 deliveries chosen").waitFor();
    assert.equal(await grid.getByRole("row", { selected: true }).count(), 2);
    await seen.page.getByLabel("Key begins with").fill("notes");
    await seen.page.keyboard.press("Enter");
    await seen.page.getByText("1 delivery").waitFor();
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
    await seen.page.getByText("1 delivery").waitFor();
    await seen.click("button", "Take away the filter Bucket");
    await seen.page.waitForURL(/deliveries\?(?!.*bucket)/);
  });

  it("without single keys a list has those of a grid, once it has the focus", async () => {
    const single = async (isOn: boolean): Promise<void> => {
      await seen.page.getByRole("button", { name: "Keys", exact: true }).click();
      await seen.page.getByRole("checkbox", { name: "Single keys do something" }).setChecked(isOn);
      await seen.page.keyboard.press("Escape");
      await seen.page.getByRole("dialog").waitFor({ state: "detached" });
    };
    await seen.open("t/default/deliveries?bucket=keys");
    await seen.page.getByText("3 deliveries", { exact: true }).waitFor();
    const grid = seen.page.getByRole("grid", { name: "Deliveries" });
    await single(false);
    for (const key of ["j", "x"]) await seen.page.keyboard.press(key);
    assert.equal(await grid.getAttribute("aria-activedescendant"), null);
    await grid.focus();
    for (const key of ["ArrowDown", "ArrowDown", "ArrowUp", " "]) await seen.page.keyboard.press(key);
    await seen.page.getByText("1 delivery chosen").waitFor();
    await seen.page.keyboard.press("Enter");
    await heading("Delivery");
    await single(true);
  });

  it("what came since a list was read is a number until it is asked for", async () => {
    await makeBucket("newer");
    await server.api("POST", "/api/cloud/buckets/newer/notifications/", { url: `${receiver.url}/newer` });
    await seen.page.clock.install();
    let counts = 0;
    seen.page.on("request", (request) => {
      if (/\/count\/.*cursor=/.test(request.url())) counts += 1;
    });
    await seen.open("t/default/deliveries?bucket=newer");
    await seen.page.getByText("Nothing fits").waitFor();
    await seen.page.getByText("● live").waitFor();
    await seen.page.clock.runFor(5_000);
    await seen.settled();
    const before = counts;
    await seen.page.clock.runFor(60_000);
    await seen.settled();
    assert.equal(counts, before, "nothing is asked while nothing happens");
    for (const key of ["1", "2"]) await put("newer", key);
    await until("both", () => keysAt("/newer").length === 2);
    await until("both are counted", async () => {
      await seen.page.clock.runFor(500);
      return seen.page.getByRole("button", { name: "↑ 2 new" }).isVisible();
    });
    await seen.click("button", "↑ 2 new");
    await seen.page.getByText("2 deliveries", { exact: true }).waitFor();
    assert.equal(await seen.page.getByRole("gridcell", { name: "OBJECT_CREATED_PUT" }).count(), 2);
    await seen.page.clock.resume();
  });

  it("a target that fails is found, mended, tried and sent everything again in six clicks", async () => {
    await makeBucket("wrong");
    await server.api("POST", "/api/cloud/buckets/wrong/notifications/", {
      url: `${receiver.url}/wrong`,
      max_retries: 0,
    });
    scene.isBroken = true;
    for (const key of ["lost-1.txt", "lost-2.txt"]) await put("wrong", key);
    await until("two dead letters", async () => {
      const path = "/api/cloud/deliveries/?status=dead&bucket=wrong";
      return (await server.api<{ readonly deliveries: readonly unknown[] }>("GET", path)).deliveries.length === 2;
    });
    scene.isBroken = false;
    await seen.open("t/default");
    const before = seen.clicks;
    await seen.click("link", /lost-2\.txt/);
    await seen.page.getByText("HTTP 500").first().waitFor();
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

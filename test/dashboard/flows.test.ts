/** What people come to the dashboard for, in a real browser, against a real server, S3 client and receivers; each with its count of clicks. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { DeleteObjectCommand } from "@aws-sdk/client-s3";
import { until } from "../support/until.ts";
import { bucketScene } from "./bucket-scene.ts";
import { overwrite, type Visitor } from "./visitor.ts";

const scene = await bucketScene();
const { server, receiver, seen, makeBucket, put, keysAt, heading } = scene;

describe("in the dashboard", () => {
  before(async () => {
    await scene.seen.logIn(scene.server.token);
  });
  after(() => scene[Symbol.asyncDispose]());

  it("a bucket has a verified webhook after four clicks and one field", async () => {
    await makeBucket("photos");
    await seen.open("t/default");
    const before = seen.clicks;
    await seen.click("link", "Buckets");
    await seen.click("link", "photos");
    await seen.click("button", "Enable object notifications");
    await seen.page.getByLabel("Webhook URL").fill(`${receiver.url}/all`);
    await seen.click("button", "Save and send a test event");
    await seen.page.getByText("acknowledged").first().waitFor();
    assert.equal(seen.clicks - before, 4);
    assert.deepEqual(keysAt("/all"), ["signalbox/test-event.txt"]);

    const dialog = seen.page.getByRole("dialog");
    const secret = await dialog.locator("code").first().textContent();
    assert.match(secret ?? "", /^whsec_/);
    await dialog.getByRole("button", { name: "I have stored it" }).click();
    assert.equal(await seen.page.getByText(secret ?? "").count(), 0, "the page forgets the secret");

    await put("photos", "a.txt");
    await until("the real one", () => keysAt("/all").includes("a.txt"));
  });

  for (const { filter, path, wanted } of [
    { filter: 'WHERE key REGEXP "^images"', path: "/images", wanted: ["images/cat.jpg", "images/cat.jpg"] },
    { filter: 'WHERE "Event-Type" = "OBJECT_DELETED"', path: "/deleted", wanted: ["images/cat.jpg", "notes.txt"] },
  ]) {
    it(`the documented filter ${filter} is typed in and holds`, async () => {
      const bucket = `documented${path.slice(1)}`;
      await makeBucket(bucket);
      await seen.open(`t/default/buckets/${bucket}/settings?edit=new`);
      await seen.page.getByLabel("Webhook URL").fill(`${receiver.url}${path}`);
      await seen.page.getByRole("radio", { name: "Token" }).check();
      await seen.page.getByRole("textbox", { name: "Token" }).fill("the-token-of-the-receiver");
      // From here by keys alone.
      await seen.page.locator(".cm-content").focus();
      await seen.page.keyboard.type(filter);
      await seen.page.getByText("Nothing has happened there yet").waitFor();
      assert.equal(await seen.page.getByLabel("Filter").textContent(), filter);
      await seen.page.keyboard.press("Tab");
      await tabTo(seen, "Save");
      await seen.page.keyboard.press("Enter");
      await seen.page.getByRole("dialog").waitFor();
      await tabTo(seen, "I have stored it");
      await seen.page.keyboard.press("Enter");
      await seen.page.getByText(filter).waitFor();
      for (const key of ["images/cat.jpg", "notes.txt"]) await put(bucket, key);
      for (const Key of ["images/cat.jpg", "notes.txt"]) {
        await server.s3.send(new DeleteObjectCommand({ Bucket: bucket, Key }));
      }
      await until("what it lets through", () => keysAt(path).length >= wanted.length);
      assert.deepEqual(keysAt(path), wanted);
      const request = receiver.received.find((one) => one.path === path);
      assert.equal(request?.headers.authorization, "Bearer the-token-of-the-receiver");
    });
  }

  it("a bucket is made, and a file is put into it, looked at, fetched and deleted", async () => {
    await seen.open("t/default/buckets");
    await seen.click("button", "New bucket");
    await seen.page.getByLabel("Name").fill("Not A Name");
    await seen.click("button", "Make it");
    await seen.page.getByRole("alert").waitFor();
    await seen.page.getByLabel("Name").fill("handmade");
    await seen.click("button", "Make it");
    await seen.click("link", "handmade");
    await seen.click("link", "Objects");
    const file = { name: "hello world.txt", mimeType: "text/plain", buffer: Buffer.from("hello") };
    await seen.page.getByLabel("Files to upload").setInputFiles(file);
    await seen.page.getByRole("cell", { name: "hello world.txt" }).waitFor();
    const fetched = seen.page.waitForEvent("download");
    await seen.click("link", "Download");
    assert.equal((await fetched).suggestedFilename(), "hello world.txt");
    await seen.click("button", "Delete");
    await seen.page.getByRole("alertdialog").getByRole("button", { name: "Delete" }).click();
    await seen.page.getByText("There is nothing here").waitFor();
  });

  it("a filter is refused where it is typed, with the place and the remedy", async () => {
    await makeBucket("typed");
    await put("typed", "images/cat.jpg");
    await put("typed", "notes.txt");
    await seen.open("t/default/buckets/typed/settings?edit=new");
    const field = seen.page.getByLabel("Filter");
    await seen.page.locator(".cm-content").waitFor();
    await overwrite(field, 'WHERE key REGEXPP "^images"');
    await seen.page.getByRole("alert").filter({ hasText: "REGEXP" }).waitFor();
    assert.equal(await field.getAttribute("aria-invalid"), "true");
    await overwrite(field, 'WHERE key REGEXP "^images"');
    await seen.page.getByText(/Of the last 2 events 1 matches/).click();
    await seen.page.getByText('key is "notes.txt"').waitFor();
  });

  it("an edit changes what was edited, keeps what others change meanwhile, and outlives a deletion elsewhere", async () => {
    await makeBucket("edited");
    const rules = "/api/cloud/buckets/edited/notifications/";
    const { id } = await server.api<{ readonly id: string }>("POST", rules, { url: `${receiver.url}/before` });
    const filter = 'WHERE key REGEXP "^images"';
    const edit = async (): Promise<void> => {
      await seen.open("t/default/buckets/edited/settings");
      await seen.click("button", "Edit");
      await seen.page.getByLabel("Webhook URL").waitFor();
    };
    await edit();
    await server.api("PATCH", `${rules}${id}/`, { filter });
    await seen.page.getByLabel("Webhook URL").fill(`${receiver.url}/after`);
    await seen.click("button", "Save");
    await seen.click("button", "Keep mine");
    await seen.page.getByText(filter).waitFor();
    const rule = await server.api<Readonly<Record<string, unknown>>>("GET", `${rules}${id}/`);
    assert.deepEqual([rule["url"], rule["filter"]], [`${receiver.url}/after`, filter]);

    await edit();
    await seen.page.getByLabel("Webhook URL").fill(`${receiver.url}/typed`);
    await server.api("DELETE", `${rules}${id}/`);
    await seen.click("button", "Save");
    await seen.page.getByRole("alert").filter({ hasText: "Not found" }).waitFor();
    assert.equal(await seen.page.getByLabel("Webhook URL").inputValue(), `${receiver.url}/typed`);
  });

  it("what fails is found, mended and sent again", async () => {
    await makeBucket("failing");
    const rule = await server.api<{ readonly id: string }>("POST", "/api/cloud/buckets/failing/notifications/", {
      url: `${receiver.url}/failing`,
      max_retries: 0,
    });
    scene.isBroken = true;
    await put("failing", "lost.txt");
    const dead = async (): Promise<number> => {
      const path = `/api/cloud/deliveries/?status=dead&rule=${rule.id}`;
      return (await server.api<{ readonly deliveries: readonly unknown[] }>("GET", path)).deliveries.length;
    };
    await until("a dead letter", async () => (await dead()) === 1);
    scene.isBroken = false;

    await seen.open("t/default");
    const before = seen.clicks;
    await seen.click("link", /lost\.txt/);
    await heading("Delivery");
    await seen.page.getByText("HTTP 500").first().waitFor();
    await seen.click("button", "Send again");
    await seen.page.getByRole("heading", { name: "Delivered after 2 attempts" }).waitFor();
    assert.equal(seen.clicks - before, 2);
    assert.deepEqual(keysAt("/failing"), ["lost.txt", "lost.txt"]);

    await seen.page.getByRole("button", { name: "#1" }).click();
    const head = await seen.page.getByRole("region", { name: "The request's head" }).textContent();
    assert.match(head ?? "", /^POST http:\/\/127\.0\.0\.1:\d+\/failing\n/);
    const [first] = receiver.received.filter(({ path }) => path === "/failing");
    const body = await seen.page.getByRole("region", { name: "The request's body" }).textContent();
    assert.equal(body, first?.body, "byte for byte what the receiver got");

    await seen.page.getByLabel("Compare #1 with").selectOption("#2");
    await seen.page.getByRole("heading", { name: "Attempt 2" }).waitFor();
    await seen.page.getByRole("heading", { name: "Attempt 1" }).waitFor();
    await seen.page.waitForURL(/attempt=.*1.*beside=.*2/);
    const saved = seen.page.waitForEvent("download");
    await seen.page.getByRole("link", { name: "Save as a file" }).first().click();
    assert.match((await saved).suggestedFilename(), /-042\.json$/);
    await seen.page.getByRole("button", { name: "Copy as curl command" }).first().click();
    await seen.page.getByText("Copied").waitFor();
  });

  it("a list is narrowed when what was typed is whole, and the caret stays where it is", async () => {
    await seen.open("t/default/deliveries?key_prefix=photos");
    const field = seen.page.getByLabel("Key begins with", { exact: true });
    const lists: string[] = [];
    seen.page.on("request", (request) => {
      if (request.url().includes("/deliveries/?")) lists.push(request.url());
    });
    await field.press("Home");
    await field.pressSequentially("my-");
    assert.equal(await field.inputValue(), "my-photos");
    assert.deepEqual(lists, []);
    await field.press("Enter");
    await seen.page.waitForURL(/key_prefix=my-photos/);
    seen.page.removeAllListeners("request");
  });

  it("all dead letters that fit are sent again, after it was said how many they are", async () => {
    await makeBucket("bulk");
    const rule = await server.api<{ readonly id: string }>("POST", "/api/cloud/buckets/bulk/notifications/", {
      url: `${receiver.url}/bulk`,
      max_retries: 0,
    });
    scene.isBroken = true;
    for (const key of ["1", "2", "3"]) await put("bulk", key);
    await until("three dead letters", async () => {
      const path = `/api/cloud/deliveries/?status=dead&rule=${rule.id}`;
      return (await server.api<{ readonly deliveries: readonly unknown[] }>("GET", path)).deliveries.length === 3;
    });
    scene.isBroken = false;
    await seen.open(`t/default/deliveries?status=dead&rule=${rule.id}`);
    await seen.click("button", "Redrive all dead that fit…");
    await seen.page.getByRole("heading", { name: "Send 3 dead letters again?" }).waitFor();
    await seen.click("button", "Send them again");
    await heading("Redrives");
    await until("all three", () => keysAt("/bulk").length === 6);
    await seen.page.getByRole("cell", { name: "done" }).first().waitFor();
  });

  it("an id from a receiver's log leads to its attempts, by keys alone", async () => {
    const id = String(receiver.received.find(({ path }) => path === "/failing")?.headers["webhook-id"]);
    await seen.open("t/default");
    await seen.page.keyboard.press("Control+k");
    await seen.page.getByRole("combobox", { name: "A page, or any id" }).fill(id);
    await seen.page.keyboard.press("Enter");
    await heading("Delivery");
    await seen.page.getByRole("heading", { name: "2 attempts", exact: true }).waitFor();
  });

  it("why an object was not announced is told in three clicks", async () => {
    await makeBucket("silent");
    await server.api("POST", "/api/cloud/buckets/silent/notifications/", {
      url: `${receiver.url}/silent`,
      filter: 'WHERE key REGEXP "^images"',
    });
    await put("silent", "notes.txt");
    await seen.open("t/default/buckets");
    const before = seen.clicks;
    await seen.click("link", "silent");
    await seen.click("link", "Why was an object not announced?");
    await seen.page.getByLabel("Key of the object").fill("notes.txt");
    await seen.click("button", "Explain");
    await seen.page.getByText('key is "notes.txt"').first().waitFor();
    assert.ok(seen.clicks - before <= 3);
  });
});

/** Presses Tab until the button of this name has the focus. */
async function tabTo({ page }: Visitor, name: string): Promise<void> {
  const button = page.getByRole("button", { name, exact: true }).first();
  await until(`${name} has the focus`, async () => {
    if (await button.evaluate((element) => element === element.ownerDocument.activeElement)) return true;
    await page.keyboard.press("Tab");
    return false;
  });
}

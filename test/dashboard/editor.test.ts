/** The editors of the dashboard in a real browser: what they mark, what they offer, and that nothing that was typed is lost. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { CreateBucketCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { type RunningServer, runServer } from "../support/in-process.ts";
import { until } from "../support/until.ts";
import { accessibilityFindings, overwrite, type Visitor, visitor } from "./visitor.ts";

describe("the editor of filters", () => {
  let server: RunningServer;
  let seen: Visitor;
  before(async () => {
    server = await runServer();
    await server.s3.send(new CreateBucketCommand({ Bucket: "photos" }));
    await server.s3.send(
      new PutObjectCommand({
        Bucket: "photos",
        Key: "images/cat.jpg",
        Body: "x",
        Metadata: { owner: "me" },
        Tagging: "Team=blue",
      }),
    );
    await server.s3.send(new PutObjectCommand({ Bucket: "photos", Key: "notes.txt", Body: "hello" }));
    seen = await visitor(server);
    await seen.logIn(server.token);
  });
  after(async () => {
    await seen[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  });

  const open = async (): Promise<void> => {
    await seen.open("t/default/buckets/photos/settings?edit=new");
    await seen.page.locator(".cm-content").waitFor();
  };
  const field = () => seen.page.getByLabel("Filter");
  const written = (): Promise<string> =>
    field().evaluate((element) => (element as unknown as { innerText: string }).innerText);

  it("marks what the server would refuse, says why, and mends it", async () => {
    await open();
    await field().click();
    await seen.page.keyboard.type("WHERE size > 64KB");
    await seen.page.keyboard.press("Escape");
    const alert = seen.page.getByRole("alert").filter({ hasText: "64KB is not a number" });
    await alert.waitFor();
    assert.equal(await field().getAttribute("aria-invalid"), "true");
    assert.equal(await seen.page.locator(".cm-lintRange-error").textContent(), "64KB");
    assert.deepEqual(await accessibilityFindings(seen.page), []);
    await seen.click("button", /^Fix: write/);
    await alert.waitFor({ state: "detached" });
    assert.equal(await written(), "WHERE size > 65536");
    await seen.page.getByText("Of the last 2 events 0 match.").waitFor();
  });

  it("offers what could be written next, also what was seen lately, to the keyboard alone", async () => {
    await open();
    await field().focus();
    const choose = async (typed: string, wanted: string): Promise<void> => {
      await seen.page.keyboard.type(typed);
      const option = seen.page.getByRole("option", { name: wanted }).first();
      await until(`${wanted} is chosen`, async () => {
        if ((await option.getAttribute("aria-selected")) === "true") return true;
        await seen.page.keyboard.press("ArrowDown");
        return false;
      });
      await seen.page.keyboard.press("Enter");
    };
    await seen.page.keyboard.press("Control+Space");
    await choose("", "WHERE");
    await choose("x-amz", "x-amz-meta-owner");
    await choose("", "IS NOT NULL");
    await choose("A", "AND");
    await choose("tag", "tag:Team");
    await choose("", "!=");
    await seen.page.keyboard.type('"red" AND ');
    await choose("eve", "Event-Type");
    await choose("", "=");
    await choose("", "OBJECT_CREATED_PUT");
    const filter =
      'WHERE `x-amz-meta-owner` IS NOT NULL AND `tag:Team` != "red" AND `Event-Type` = "OBJECT_CREATED_PUT"';
    assert.equal(await written(), filter);
    await seen.page.getByText("Of the last 2 events 1 matches.").click();
    await seen.page.getByText("notes.txt").waitFor();
    assert.deepEqual(await accessibilityFindings(seen.page), []);
  });

  it("is left with Tab, and goes back with Shift and Tab", async () => {
    await open();
    await field().focus();
    await seen.page.keyboard.press("Tab");
    const isIn = (): Promise<unknown> => seen.page.evaluate("document.activeElement.classList.contains('cm-content')");
    assert.equal(await isIn(), false);
    await seen.page.keyboard.press("Shift+Tab");
    assert.equal(await isIn(), true);
  });

  it("is a plain field until its code is there, and what was typed goes over with caret and focus", async () => {
    const held = Promise.withResolvers<void>();
    await using slow = await visitor(server);
    await slow.logIn(server.token);
    await slow.page.route(/assets\/filter-mode/, async (route) => {
      await held.promise;
      await route.continue();
    });
    await slow.open("t/default/buckets/photos/settings?edit=new");
    const plain = slow.page.locator("textarea").first();
    await plain.click();
    await slow.page.keyboard.type("WHERE key = 'a'");
    await slow.page.getByText("Of the last 2 events 0 match.").waitFor();
    await slow.page.keyboard.press("ArrowLeft");
    held.resolve();
    await slow.page.locator(".cm-content").waitFor();
    await slow.page.keyboard.type("b");
    assert.equal(await slow.page.locator(".cm-content").textContent(), "WHERE key = 'ab'");
  });

  it("replaces what is selected without styles of the browser's own", async () => {
    await open();
    await overwrite(field(), "WHERE key = 'a' AND size > 1");
    await overwrite(field(), "WHERE key = 'b'");
    await seen.page.keyboard.press("Control+a");
    await seen.page.keyboard.type("size = 2");
    assert.equal(await written(), "size = 2");
    await overwrite(field(), "key = 'c'");
    assert.equal(await written(), "key = 'c'");
    assert.deepEqual(seen.problems(), []);
  });

  it("draws what hides, and runs nothing of what is written into it", async () => {
    await open();
    await overwrite(field(), "key = '<img src=x onerror=alert(1)>\u202e' AND `__proto__` = '</script>'");
    await seen.page.getByRole("alert").filter({ hasText: "there is no field __proto__" }).waitFor();
    assert.equal(await seen.page.locator(".cm-specialChar").count(), 1);
    assert.deepEqual(seen.problems(), []);
  });
});

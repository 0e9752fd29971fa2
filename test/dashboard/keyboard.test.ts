/** The dashboard without a mouse: its flows by keys alone, the focus always to be seen, and back where it was after a dialog. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { PutObjectCommand } from "@aws-sdk/client-s3";
import type { Locator } from "playwright-core";
import { until } from "../support/until.ts";
import { bucketScene } from "./bucket-scene.ts";
import { keysOf } from "./keys.ts";
import { visitor } from "./visitor.ts";

const scene = await bucketScene();
const { server, receiver, seen, heading } = scene;

describe("by keys alone", () => {
  before(async () => {
    await scene.makeBucket("photos");
  });
  after(() => scene[Symbol.asyncDispose]());

  const { press, to: tabTo, isAt: isFocused } = keysOf(seen.page);
  const button = (name: string | RegExp): Locator => seen.page.getByRole("button", { name }).first();
  const link = (name: string | RegExp): Locator => seen.page.getByRole("link", { name }).first();

  it("one logs in, and sets up a bucket's verified webhook", async () => {
    await seen.page.goto(new URL("/dashboard/", server.url).href);
    await seen.page.getByLabel("Token").waitFor();
    await seen.page.keyboard.type(server.token);
    await press("Enter");
    await heading("Overview");
    await press("g", "b");
    await heading("Buckets");
    await tabTo(link("photos"));
    await press("Enter");
    await tabTo(button("Enable object notifications"));
    await press("Enter");
    await tabTo(seen.page.getByLabel("Webhook URL"));
    await seen.page.keyboard.type(`${receiver.url}/keys`);
    await tabTo(button("Save and send a test event"));
    await press("Enter");
    await seen.page.getByText("acknowledged").first().waitFor();
    await tabTo(button("I have stored it"));
    await press("Enter");
    await seen.page.getByRole("dialog").waitFor({ state: "detached" });
  });

  it("what one types at once after Ctrl K is not lost", async () => {
    // Within one turn of the page's thread, as the keys of somebody quick come while the machine is busy.
    const focused = await seen.page.evaluate<string>(`(() => {
      window.dispatchEvent(new KeyboardEvent("keydown", { key: "k", ctrlKey: true }));
      return document.activeElement?.getAttribute("aria-label") ?? "";
    })()`);
    assert.equal(focused, "A page, or any id");
    await seen.page.keyboard.press("Escape");
    await seen.page.getByRole("dialog").waitFor({ state: "detached" });
  });

  it("one finds what failed, sees why, and sends it again", async () => {
    scene.isBroken = true;
    await server.api("POST", "/api/cloud/buckets/photos/notifications/", {
      url: `${receiver.url}/bad`,
      max_retries: 0,
    });
    await server.s3.send(new PutObjectCommand({ Bucket: "photos", Key: "a.txt", Body: "x" }));
    const dead = (): Promise<{ deliveries: readonly { id: string }[] }> =>
      server.api("GET", "/api/cloud/deliveries/?status=dead");
    await until("a dead letter", async () => (await dead()).deliveries.length > 0);
    const [first] = (await dead()).deliveries;
    scene.isBroken = false;
    // The id from the receiver's log.
    await press("Control+k");
    await seen.page.keyboard.type(first?.id ?? "");
    await press("Enter");
    await seen.page.getByText("500").first().waitFor();
    await tabTo(button(/^(Redrive|Send again)/));
    await press("Enter");
    await until("it is sent again", async () => (await dead()).deliveries.length === 0);
  });

  it("one learns why an object was not announced", async () => {
    await press("g", "b");
    await heading("Buckets");
    await tabTo(link("photos"));
    await press("Enter");
    await tabTo(link("Why was an object not announced?"));
    await press("Enter");
    await tabTo(
      seen.page
        .getByRole("textbox", { name: /key/i })
        .or(seen.page.getByRole("searchbox", { name: /key/i }))
        .first(),
    );
    await seen.page.keyboard.type("none.txt");
    await press("Enter");
    await seen.page.waitForURL(/key=none\.txt/);
    await seen.page.getByText("Nothing has happened to an object of this key").waitFor();
    // Out of the field, where letters are letters.
    await press("Tab");
  });

  it("one leaves a dialog, and is where one was", async () => {
    await press("g", "b");
    await heading("Buckets");
    const opener = button("New bucket");
    await tabTo(opener);
    await press("Enter");
    await seen.page.getByRole("dialog").waitFor();
    await press("Escape");
    await seen.page.getByRole("dialog").waitFor({ state: "detached" });
    await until("the focus is back", () => isFocused(opener));
  });

  it("one narrows a list, changes the theme, and sees which keys there are; while one types they are letters", async () => {
    await press("g", "u");
    await heading("Users");
    const field = seen.page.getByLabel("Username or email");
    await field.waitFor();
    await press("/");
    assert.ok(await isFocused(field));
    await seen.page.keyboard.type("t?g");
    assert.equal(await field.inputValue(), "t?g");
    await press("Tab");
    const theme = (): Promise<string> => seen.page.evaluate("document.documentElement.dataset.theme");
    assert.equal(await theme(), "light");
    await press("t");
    assert.equal(await theme(), "dark");
    await press("t", "?");
    const sheet = seen.page.getByRole("dialog", { name: "Keys" });
    await sheet.getByText("Go to Deliveries").waitFor();
    // In a dialog they do nothing.
    await press("t");
    assert.equal(await theme(), "light");
    await tabTo(sheet.getByRole("checkbox"));
    await press(" ", "Escape");
    await sheet.waitFor({ state: "detached" });
    await press("t", "g", "b");
    assert.equal(await theme(), "light", "they are switched off");
    assert.equal(await seen.page.getByRole("heading", { name: "Users" }).count(), 1);
    await tabTo(button("Keys"));
    await press("Enter");
    await tabTo(sheet.getByRole("checkbox"));
    await press(" ", "Escape");
  });

  it("one reads at 400 %, and nothing moves for those who want it calm", async () => {
    await using close = await visitor({ ...server, width: 320, height: 256, calm: true });
    await close.logIn(server.token);
    for (const path of ["", "buckets", "deliveries", "users", "access/sessions"]) {
      await close.open(`t/default/${path}`);
      await close.settled();
      const over = await close.page.evaluate("document.documentElement.scrollWidth - innerWidth");
      assert.ok(Number(over) <= 0, `${path} is ${String(over)} px too wide`);
      const moving = await close.page.evaluate(
        "document.getAnimations().filter((a) => a.effect.getComputedTiming().duration > 10).length",
      );
      assert.equal(moving, 0, path);
    }
    await close.click("button", "Menu");
    await close.click("link", "Buckets");
    await close.page.getByRole("heading", { name: "Buckets" }).waitFor();
  });
});

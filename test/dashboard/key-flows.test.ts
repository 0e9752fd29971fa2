/** What people come for, by keys alone: nothing of it needs a mouse. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { Locator } from "playwright-core";
import { until } from "../support/until.ts";
import { bucketScene } from "./bucket-scene.ts";
import { type Keys, keysOf } from "./keys.ts";

const scene = await bucketScene();
const { server, receiver, seen, makeBucket, put, keysAt, heading } = scene;

const code = `export default (event, { log }) => {
  log("asked about " + event.params.email);
  if (!event.params.email.endsWith("@example.com")) return { decision: "deny", message: "only @example.com" };
};`;

describe("by keys alone", () => {
  let keys: Keys;
  before(async () => {
    await seen.logIn(server.token);
    keys = keysOf(seen.page);
  });
  after(() => scene[Symbol.asyncDispose]());

  const shows = (text: string | RegExp): Promise<void> => seen.page.getByText(text).first().waitFor();
  const button = (name: string | RegExp): Locator =>
    seen.page.getByRole("button", { name, exact: typeof name === "string" }).first();
  const link = (name: string | RegExp): Locator =>
    seen.page.getByRole("link", { name, exact: typeof name === "string" }).first();
  const dialog = (name?: string): Locator =>
    seen.page.getByRole("dialog", name === undefined ? {} : { name }).or(seen.page.getByRole("alertdialog"));
  const watching = (path: string) =>
    server.api<{ readonly id: string }>("POST", "/api/cloud/subscriptions/", {
      face: "notifications",
      event: "*",
      resource: "*",
      target: { type: "webhook", url: `${receiver.url}${path}` },
    });
  const palette = async (text: string): Promise<void> => {
    await keys.press("Control+k");
    // It is drawn a moment before it has the focus.
    await seen.page.getByRole("combobox", { name: "A page, or any id" }).and(seen.page.locator(":focus")).waitFor();
    await keys.type(text);
    await keys.press("Enter");
  };

  it("a URL is mended, tried, and all that was lost is sent again", async () => {
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
    await seen.page.reload();
    await keys.use(link(/lost-2\.txt/));
    await shows("HTTP 500");
    await keys.use(link("wrong"));
    await keys.use(button("Edit"));
    await keys.fill(seen.page.getByLabel("Webhook URL"), `${receiver.url}/right`);
    await keys.use(button("Save and send a test event"));
    await shows("acknowledged");
    await keys.use(button("Redrive dead letters…"));
    await seen.page.getByRole("heading", { name: "Send 2 dead letters again?" }).waitFor();
    await keys.use(button("Send them again"));
    await heading("Redrives");
    await until("both", () => keysAt("/right").filter((key) => key.startsWith("lost")).length === 2);
  });

  it("a function is made, tried, changed, deployed, and asked by its trigger; who is refused finds out why", async () => {
    await palette("Functions");
    await heading("Functions");
    await keys.use(link("New function"));
    await keys.use(button(/^Check email domain/));
    const params = seen.page.getByLabel("Its params");
    await until("the sample", async () => (await params.innerText()).includes("ada@example.com"));
    await keys.use(button("Run"));
    await shows("✓allowed");
    await keys.use(button("Deploy"));
    await keys.use(button("Attach"));
    await seen.page.getByRole("cell", { name: "PRE_USER_CREATE", exact: true }).waitFor();

    await keys.use(link("Code"));
    const editor = seen.page.getByRole("textbox", { name: "Code", exact: true });
    await seen.page.locator(".cm-content").first().waitFor();
    await keys.to(editor);
    await keys.press("Control+a", "Delete");
    await seen.page.keyboard.insertText(code);
    await keys.press("Control+Enter");
    await shows("asked about ada@example.com");
    await keys.use(button("Deploy…"));
    await keys.use(dialog().getByRole("button", { name: "Deploy", exact: true }));
    await shows("version 2 is active");

    const eve = { username: "eve", email: "eve@example.org" };
    await assert.rejects(server.api("POST", "/api/cloud/users/", eve), /only @example\.com/);
    await palette("Operations");
    await heading("Operations");
    await keys.use(link("PRE_USER_CREATE"));
    await shows(/Denied: .*only @example\.com/);
    await shows(/asked about eve@example\.org/);
  });

  it("a secret is rotated, and is there until it is stored", async () => {
    const { id } = await watching("/rotated");
    await palette(id);
    await keys.use(button("New secret"));
    await keys.use(button("Make a new one"));
    await dialog()
      .getByText(/^whsec_/)
      .waitFor();
    await keys.press("Escape");
    await keys.use(button("I have stored it"));
    await seen.page.getByRole("timer").waitFor();
  });

  it("a subscription whose receiver was gone is resumed", async () => {
    await makeBucket("left");
    scene.isGone = true;
    const rule = await server.api<{ readonly id: string }>("POST", "/api/cloud/buckets/left/notifications/", {
      url: `${receiver.url}/gone`,
      ack: "2xx",
    });
    await put("left", "a.txt");
    await until("its pause", async () => {
      const { paused } = await server.api<{ readonly paused: unknown }>("GET", `/api/cloud/subscriptions/${rule.id}/`);
      return paused !== null;
    });
    scene.isGone = false;
    await palette(rule.id);
    await shows("its receiver answered 410 Gone");
    await keys.use(button("Resume"));
    await seen.page.getByText("its receiver answered 410 Gone").waitFor({ state: "detached" });
    await until("what was kept", () => keysAt("/gone").length > 1);
  });

  it("a filter is written with what is offered, mended where it is wrong, and saved", async () => {
    await makeBucket("filtered");
    await put("filtered", "images/cat.jpg");
    await palette("Buckets");
    await heading("Buckets");
    await keys.use(link("filtered"));
    await keys.use(button("Enable object notifications"));
    await keys.fill(seen.page.getByLabel("Webhook URL"), `${receiver.url}/filtered`);
    const editor = seen.page.getByRole("textbox", { name: "Filter" });
    await seen.page.locator(".cm-content").waitFor();
    await keys.to(editor);
    await keys.type("WHERE size > 64KB");
    await keys.press("Escape");
    await keys.use(button(/^Fix: write/));
    await shows(/Of the last 1 event 0 match/);
    await keys.use(button("Save"));
    await keys.use(button("I have stored it"));
    await shows("WHERE size > 65536");
  });

  it("whose edit counts is decided when two edit the same thing", async () => {
    const { id } = await watching("/conflict");
    await palette(id);
    await keys.use(link("Settings"));
    await keys.to(seen.page.getByLabel("Webhook URL"));
    const target = { type: "webhook", url: `${receiver.url}/theirs` };
    await server.api("PATCH", `/api/cloud/subscriptions/${id}/`, { target });
    await keys.fill(seen.page.getByLabel("Webhook URL"), `${receiver.url}/mine`);
    await keys.press("Enter");
    const asked = dialog("This was changed while you edited it");
    await asked.waitFor();
    await keys.use(asked.getByRole("button", { name: "Keep mine" }));
    await asked.waitFor({ state: "detached" });
    await until("it is saved", async () => {
      const shown = await server.api<{ readonly target: { readonly url: string } }>(
        "GET",
        `/api/cloud/subscriptions/${id}/`,
      );
      return shown.target.url === `${receiver.url}/mine`;
    });
  });
});

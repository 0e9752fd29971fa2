/** What a screen shows while things are on their way, fail, or are gone; nothing that was typed is lost by it. */
import assert from "node:assert/strict";
import { after, afterEach, before, describe, it } from "node:test";
import { CreateBucketCommand } from "@aws-sdk/client-s3";
import { type RunningServer, runServer } from "../support/in-process.ts";
import { type ReverseProxy, reverseProxy } from "../support/reverse-proxy.ts";
import { accessibilityFindings, type Visitor, visitor } from "./visitor.ts";

const bucket = "photos";

describe("a screen", () => {
  let server: RunningServer;
  let proxy: ReverseProxy;
  let seen: Visitor;
  before(async () => {
    server = await runServer();
    proxy = await reverseProxy({ to: server.url });
    await server.s3.send(new CreateBucketCommand({ Bucket: bucket }));
    seen = await visitor({ url: proxy.url });
    await seen.logIn(server.token);
  });
  after(async () => {
    await seen[Symbol.asyncDispose]();
    await proxy[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  });
  afterEach(() => proxy.fault(() => undefined));

  const banner = () => seen.page.getByRole("status").filter({ hasText: "does not answer" });

  it("says that the server is away and for how long, keeps what was typed, and goes on by itself", async () => {
    await seen.open(`t/default/buckets/${bucket}/settings?edit=new`);
    await seen.page.getByLabel("Webhook URL").fill("https://hooks.example.com/typed");
    proxy.fault(() => "hang up");
    await seen.click("button", "Save");
    await banner().waitFor();
    assert.match((await banner().textContent()) ?? "", /For \d+ s/);
    proxy.fault(() => undefined);
    await banner().waitFor({ state: "detached" });
    assert.equal(await seen.page.getByLabel("Webhook URL").inputValue(), "https://hooks.example.com/typed");
    await seen.click("button", "Save");
    await seen.page.getByRole("dialog").getByRole("button", { name: "I have stored it" }).click();
  });

  it("whose file was not fetched yet is waited for while the server is away", async () => {
    await seen.open("t/default");
    proxy.fault(() => "hang up");
    await seen.page.getByRole("link", { name: "Usage" }).click();
    await banner().waitFor();
    proxy.fault(() => undefined);
    await seen.page.getByRole("heading", { name: "Usage" }).waitFor();
    assert.equal(await banner().count(), 0);
  });

  it("whose file is gone since an upgrade is loaded anew, once, and then says so", async () => {
    // No file of a screen is in its cache.
    await using fresh = await visitor({ url: proxy.url });
    await fresh.logIn(server.token);
    const documents: string[] = [];
    proxy.fault((path) => {
      if (path.startsWith("/dashboard/t/")) documents.push(path);
      return path.startsWith("/dashboard/assets/mails") && documents.length === 0 ? { status: 404 } : undefined;
    });
    await fresh.page.getByRole("link", { name: "Mails" }).click();
    await fresh.page.getByRole("heading", { name: "Mails" }).waitFor();
    assert.deepEqual(documents, ["/dashboard/t/default/mails"]);

    proxy.fault((path) => (path.startsWith("/dashboard/assets/access") ? { status: 404 } : undefined));
    await fresh.page.getByRole("link", { name: "Access" }).click();
    await fresh.page.getByText("This screen's files cannot be had").waitFor();
    assert.deepEqual(await accessibilityFindings(fresh.page), []);
    proxy.fault(() => undefined);
    await fresh.click("button", "Load the page again");
    await fresh.page.getByRole("heading", { name: "Access", exact: true }).waitFor();
  });

  it("comes while nodes of another version are asked for its files, too, and says what to do where none has them", async () => {
    const asked = new Map<string, number>();
    const documents: string[] = [];
    proxy.fault((path) => {
      if (path === "/dashboard/") documents.push(path);
      if (!path.startsWith("/dashboard/assets/")) return undefined;
      const times = (asked.get(path) ?? 0) + 1;
      asked.set(path, times);
      return times <= 2 ? { status: 404 } : undefined;
    });
    await using fresh = await visitor({ url: proxy.url });
    await fresh.logIn(server.token);
    assert.deepEqual(documents, ["/dashboard/", "/dashboard/"], "it was loaded once more, with all that it needs");

    proxy.fault((path) => (path.startsWith("/dashboard/assets/main-") ? { status: 404 } : undefined));
    await using other = await visitor({ url: proxy.url });
    await other.page.goto(new URL("dashboard/", proxy.url).href);
    await other.page.getByRole("alert").filter({ hasText: "files cannot be had" }).waitFor();
    assert.deepEqual(await accessibilityFindings(other.page), []);
    proxy.fault(() => undefined);
    await other.page.getByRole("link", { name: "Load the page again" }).click();
    await other.page.getByLabel("Token").waitFor();
  });

  it("shows a skeleton only to those who wait, and an error with what can be done", async () => {
    let release: () => void = () => {};
    const held = new Promise<void>((resolve) => (release = resolve));
    proxy.fault((path) => (path.startsWith("/api/cloud/subscriptions") ? { waitFor: held } : undefined));
    await seen.open("t/default/subscriptions");
    await seen.page.getByText("Loading", { exact: true }).waitFor();
    release();
    await seen.page.getByText("Loading", { exact: true }).waitFor({ state: "detached" });

    const body = JSON.stringify({ success: false, code: "internal", message: "the disk made a noise" });
    proxy.fault((path) => (path.startsWith("/api/cloud/subscriptions") ? { status: 500, body } : undefined));
    await seen.open("t/default/subscriptions");
    const alert = seen.page.getByRole("alert").filter({ hasText: "the disk made a noise" });
    await alert.waitFor();
    proxy.fault(() => undefined);
    await alert.getByRole("button", { name: "Try again" }).click();
    await alert.waitFor({ state: "detached" });
  });

  it("names the request that was refused, and says that what is not there may be another's", async () => {
    await seen.open("t/default/subscriptions/01a0a0a0-0000-7000-8000-000000000000-011");
    const alert = seen.page.getByRole("alert");
    await alert.waitFor();
    assert.match(
      (await alert.textContent()) ?? "",
      /does not exist, or is not yours to see.*not_found · request [0-9a-f]{24}/,
    );
  });

  it("stands behind the login when the session ends in mid-edit, other dialogs too, and gets the focus back", async () => {
    await seen.open("t/default/buckets");
    await seen.click("button", "New bucket");
    const name = seen.page.getByLabel("Name");
    await name.fill("typed-before");
    await seen.page.context().clearCookies();
    await seen.page.keyboard.press("Enter");
    const login = seen.page.getByRole("dialog", { name: "Your session has ended" });
    await login.waitFor();
    assert.deepEqual(await accessibilityFindings(seen.page), []);
    for (const key of ["Escape", "Escape"]) await seen.page.keyboard.press(key);
    await login.getByLabel("Token").fill(server.token);
    await seen.page.keyboard.press("Enter");
    await login.waitFor({ state: "hidden" });
    assert.equal(await name.inputValue(), "typed-before");
    await name.and(seen.page.locator(":focus")).waitFor();
    await seen.page.keyboard.press("Enter");
    await seen.page.getByRole("link", { name: "typed-before" }).waitFor();
  });

  it("at an address of none says so, under its own title and with the menu", async () => {
    await seen.open("t/default/no/such/place");
    await seen.page.getByText("There is no page at this address").waitFor();
    assert.equal(await seen.page.title(), "Not found · Signalbox");
    await seen.click("link", "Buckets");
    await seen.page.getByRole("heading", { name: "Buckets" }).waitFor();
  });

  it("is of the tenant that the operator chose, and shows nothing of the one before", async () => {
    await server.api("POST", "/api/cloud/tenants/", { id: "other", name: "The other one" });
    await seen.open("t/default/buckets");
    await seen.page.getByRole("link", { name: bucket }).waitFor();
    await seen.page.getByRole("button", { name: "Tenant default" }).click();
    await seen.page.getByRole("dialog").getByLabel("Tenant").fill("the OTHER");
    await seen.click("link", /^other/);
    await seen.page.getByRole("button", { name: "Tenant other" }).waitFor();
    await seen.page.getByText("There is no bucket yet").waitFor();
    assert.equal(await seen.page.getByRole("link", { name: bucket }).count(), 0);
    await seen.page.goBack();
    await seen.page.getByRole("link", { name: bucket }).waitFor();
  });
});

/** Whose session it is, in which tenant it acts, and what stays of a screen when it ends or the server is away. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, describe, it } from "node:test";
import type { Page } from "playwright-core";
import { type RunningServer, runServer } from "../support/in-process.ts";
import { until } from "../support/until.ts";
import { type Visitor, visitor } from "./visitor.ts";

describe("a session in the dashboard", () => {
  let server: RunningServer;
  before(async () => {
    server = await runServer();
    for (const tenant of ["default", "acme"]) {
      if (tenant !== "default") await server.api("POST", "/api/cloud/tenants/", { id: tenant });
      await inTenant(tenant, "POST", "/api/cloud/buckets/", JSON.stringify({ name: "shared" }));
      await inTenant(tenant, "PUT", "/api/cloud/buckets/shared/objects/?key=%2Fwhose.txt", `of ${tenant}`);
    }
  });
  after(() => server[Symbol.asyncDispose]());

  async function inTenant(tenant: string, method: string, path: string, body?: string): Promise<unknown> {
    const answer = await fetch(new URL(path, server.url), {
      method,
      headers: {
        authorization: `Bearer ${server.token}`,
        "x-signalbox-tenant": tenant,
        "content-type": "application/json",
      },
      ...(body === undefined ? {} : { body }),
    });
    const said = (await answer.json()) as { readonly success: boolean; readonly message: string };
    assert.ok(said.success, said.message);
    return said;
  }

  async function endSessions(): Promise<void> {
    const path = "/api/cloud/sessions/";
    const { sessions } = await server.api<{ readonly sessions: readonly { readonly id: string }[] }>("GET", path);
    for (const { id } of sessions) await server.api("DELETE", `${path}${id}/`);
  }

  /** Comes back to the page after some minutes: it asks then who is logged in. */
  async function comeBack(page: Page): Promise<void> {
    await page.clock.fastForward("05:00");
    const asked = page.waitForEvent("requestfinished", (request) => request.url().endsWith("/api/cloud/session/"));
    const failed = page.waitForEvent("requestfailed", (request) => request.url().endsWith("/api/cloud/session/"));
    await page.evaluate("window.dispatchEvent(new Event('visibilitychange'))");
    await Promise.any([asked, failed]);
  }

  async function fillForm(seen: Visitor): Promise<void> {
    await seen.page.clock.install();
    await seen.logIn(server.token);
    await seen.open("t/default/buckets/shared/settings?edit=new");
    await seen.page.getByLabel("Webhook URL").fill("http://127.0.0.1:9/typed");
  }

  async function assertTyped({ page }: Visitor): Promise<void> {
    assert.equal(await page.getByLabel("Webhook URL").inputValue(), "http://127.0.0.1:9/typed");
  }

  it("acts in the tenant of the address, also after it was asked again who is logged in", async () => {
    await using seen = await visitor(server);
    await seen.page.clock.install();
    await seen.logIn(server.token);
    await seen.open("t/acme/buckets/shared/objects?prefix=/");
    await seen.page.getByRole("cell", { name: "whose.txt" }).waitFor();
    await comeBack(seen.page);
    const deleted = seen.page.waitForRequest((request) => request.method() === "DELETE");
    await seen.click("button", "Delete");
    await seen.page.getByRole("alertdialog").getByRole("button", { name: "Delete" }).click();
    assert.equal((await deleted).headers()["x-signalbox-tenant"], "acme");
    await seen.page.getByText("There is nothing here").waitFor();
    await inTenant("default", "GET", "/api/cloud/files/?bucket=shared&key=%2Fwhose.txt");
    await inTenant("acme", "PUT", "/api/cloud/buckets/shared/objects/?key=%2Fwhose.txt", "of acme");
  });

  it("downloads the object of the tenant of the address, not the one of the same name at home", async () => {
    await using seen = await visitor(server);
    await seen.logIn(server.token);
    for (const tenant of ["acme", "default"]) {
      await seen.open(`t/${tenant}/buckets/shared/objects?prefix=/`);
      const fetched = seen.page.waitForEvent("download");
      await seen.click("link", "Download");
      const download = await fetched;
      assert.equal(await readFile(await download.path(), "utf8"), `of ${tenant}`);
    }
  });

  it("leads up from a folder without a name", async () => {
    await using seen = await visitor(server);
    await seen.logIn(server.token);
    await seen.open("t/default/buckets/shared/objects?prefix=/");
    await seen.click("link", "Up");
    await seen.page.getByRole("link", { name: "/", exact: true }).waitFor();
  });

  it("that has ended is begun again over the form that was being filled", async () => {
    await using seen = await visitor(server);
    await fillForm(seen);
    await endSessions();
    await seen.click("button", "Save");
    const dialog = seen.page.getByRole("dialog", { name: "Your session has ended" });
    await dialog.getByLabel("Token").fill("wrong");
    await dialog.getByRole("button", { name: "Log in" }).click();
    await dialog.getByRole("alert").waitFor();
    await dialog.getByLabel("Token").fill(server.token);
    await dialog.getByRole("button", { name: "Log in" }).click();
    await dialog.waitFor({ state: "detached" });
    await assertTyped(seen);
    await seen.click("button", "Save");
    await seen.page.getByRole("dialog", { name: "The signing secret" }).waitFor();
  });

  it("that ended while nobody looked leaves the form as well", async () => {
    await using seen = await visitor(server);
    await fillForm(seen);
    await endSessions();
    await comeBack(seen.page);
    await seen.page.getByRole("dialog", { name: "Your session has ended" }).waitFor();
    await assertTyped(seen);
  });

  it("keeps what was typed when the server is away for a while", async () => {
    await using seen = await visitor(server);
    await fillForm(seen);
    await seen.page.context().setOffline(true);
    let failures = 0;
    seen.page.on("requestfailed", (request) => {
      if (request.url().endsWith("/api/cloud/session/")) failures += 1;
    });
    await comeBack(seen.page);
    await until("the page gave up asking who is logged in", async () => {
      await seen.page.clock.fastForward("00:10");
      return failures > 2;
    });
    await seen.click("button", "Save");
    await seen.page.getByText("What you typed is still here").first().waitFor();
    await assertTyped(seen);
  });

  it("shows another principal nothing of what was typed before", async () => {
    await using seen = await visitor(server);
    await fillForm(seen);
    await endSessions();
    await seen.click("button", "Save");
    const { token } = await server.api<{ readonly token: string }>("POST", "/api/cloud/tokens/", {
      principal: "someone",
      role: "admin",
    });
    const dialog = seen.page.getByRole("dialog", { name: "Your session has ended" });
    await dialog.getByLabel("Token").fill(token);
    await dialog.getByRole("button", { name: "Log in" }).click();
    await dialog.waitFor({ state: "detached" });
    assert.equal(await seen.page.getByLabel("Webhook URL").inputValue(), "");
  });

  it("of another tenant than the address is led to its own", async () => {
    const made = await inTenant("acme", "POST", "/api/cloud/tokens/", '{"principal":"mia","role":"member"}');
    await using seen = await visitor(server);
    await seen.page.goto(new URL("/dashboard/t/default/buckets", server.url).href);
    await seen.page.getByLabel("Token").fill((made as { readonly data: { readonly token: string } }).data.token);
    await seen.page.getByRole("button", { name: "Log in" }).click();
    await seen.page.getByText("This address is of another tenant").waitFor();
    await seen.click("link", "Buckets");
    await seen.page.getByRole("heading", { name: "Buckets" }).waitFor();
    assert.equal(new URL(seen.page.url()).pathname, "/dashboard/t/acme/buckets");
  });

  it("skips to the content by keys, and stays at its address", async () => {
    await using seen = await visitor(server);
    await seen.logIn(server.token);
    await seen.open("t/default/buckets");
    const address = seen.page.url();
    await seen.page.getByRole("link", { name: "Skip to the content" }).press("Enter");
    assert.equal(await seen.page.evaluate("document.activeElement?.id"), "main");
    assert.equal(seen.page.url(), address);
  });
});

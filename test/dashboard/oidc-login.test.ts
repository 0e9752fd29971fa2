/** How one comes into the dashboard by what the platform knows of one: the issuer is another site to the browser, as it is in life. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { type ProviderScene, providerScene } from "../support/oidc-provider.ts";
import { accessibilityFindings, visitor } from "./visitor.ts";

describe("the dashboard's login at an issuer", () => {
  let scene: ProviderScene;
  before(async () => {
    scene = await providerScene({ host: "localhost", issuer: { default_role: "admin" } });
  });
  after(() => scene[Symbol.asyncDispose]());

  it("leads there and back to the place that was opened, and logs out", async () => {
    await using seen = await visitor(scene.server);
    const { page } = seen;
    await page.goto(new URL("/dashboard/t/default/deliveries?status=dead", scene.server.url).href);
    const link = page.getByRole("link", { name: "Log in with Acme" });
    await link.waitFor();
    assert.deepEqual(await accessibilityFindings(page), []);
    await link.click();
    await page.getByRole("heading", { name: "Deliveries" }).waitFor();
    const { pathname, search } = new URL(page.url());
    assert.deepEqual([pathname, search], ["/dashboard/t/default/deliveries", "?status=dead"]);
    const cookies = await page.context().cookies(scene.server.url);
    assert.deepEqual(
      cookies.map(({ name, httpOnly, sameSite }) => [name.slice(0, 18), httpOnly, sameSite]),
      [["signalbox_session_", true, "Strict"]],
    );
    await seen.open("t/default/access/sessions");
    await page.getByRole("cell", { name: scene.issuer, exact: true }).waitFor();
    await page.getByRole("button", { name: "Log out" }).click();
    await page.getByRole("heading", { name: "Log in to Signalbox" }).waitFor();
  });

  it("tells who is refused why, with the way back", async () => {
    await using seen = await visitor(scene.server);
    const { page } = seen;
    scene.account = undefined;
    await page.goto(new URL("/dashboard/", scene.server.url).href);
    await page.getByRole("link", { name: "Log in with Acme" }).click();
    await page.getByRole("heading", { name: "You are not logged in" }).waitFor();
    await page.getByText("The issuer refused it (access_denied, not today)").waitFor();
    assert.deepEqual(await accessibilityFindings(page), []);
    scene.account = "ada";
    await page.getByRole("link", { name: "Log in with Acme again" }).click();
    await page.getByRole("heading", { name: "Overview" }).waitFor();
  });

  it("over a page whose session has ended happens in another tab, and counts here", async () => {
    await using seen = await visitor(scene.server);
    const { page } = seen;
    scene.account = "ada";
    await page.goto(new URL("/dashboard/", scene.server.url).href);
    await page.getByRole("link", { name: "Log in with Acme" }).click();
    await page.getByRole("heading", { name: "Overview" }).waitFor();
    const { sessions } = await scene.server.api<{ readonly sessions: readonly { readonly id: string }[] }>(
      "GET",
      "/api/cloud/sessions/",
    );
    for (const { id } of sessions) await scene.server.api("DELETE", `/api/cloud/sessions/${id}/`);
    await page.getByRole("link", { name: "Events", exact: true }).first().click();
    await page.getByRole("heading", { name: "Your session has ended" }).waitFor();
    const [tab] = await Promise.all([
      page.context().waitForEvent("page"),
      page.getByRole("link", { name: "Log in with Acme" }).click(),
    ]);
    await tab.getByRole("heading", { name: "Overview" }).waitFor();
    await tab.close();
    await page.bringToFront();
    await page.evaluate("window.dispatchEvent(new Event('visibilitychange'))");
    await page.getByRole("heading", { name: "Your session has ended" }).waitFor({ state: "detached" });
  });

  it("leads to the issuer to log out there, where the settings say so", async () => {
    await using other = await providerScene({ host: "localhost", login: { log_out: true } });
    await using seen = await visitor(other.server);
    const { page } = seen;
    await page.goto(new URL("/dashboard/", other.server.url).href);
    await page.getByRole("link", { name: "Log in with Acme" }).click();
    await page.getByRole("button", { name: "Log out" }).click();
    await page.waitForURL((url) => url.href.startsWith(`${other.issuer}/session/end?`));
    await page.getByRole("button", { name: "Yes, sign me out" }).click();
    await page.getByRole("heading", { name: "Log in to Signalbox" }).waitFor();
  });
});

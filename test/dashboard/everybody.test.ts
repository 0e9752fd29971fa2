/** Screens that have nothing to show, and screens that fail: fit for everybody, in both themes. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { type RunningServer, runServer } from "../support/in-process.ts";
import { type ReverseProxy, reverseProxy } from "../support/reverse-proxy.ts";
import { accessibilityFindings, visitor } from "./visitor.ts";

const failure = JSON.stringify({ success: false, code: "internal", message: "something went wrong here" });

describe("screens without anything", () => {
  let server: RunningServer;
  let proxy: ReverseProxy;
  before(async () => {
    server = await runServer();
    proxy = await reverseProxy({ to: server.url });
    await server.api("POST", "/api/cloud/tenants/", { id: "empty" });
  });
  after(async () => {
    await proxy[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  });

  for (const state of ["empty", "failing"] as const) {
    it(`${state} are fit for everybody, light and dark`, async () => {
      await using seen = await visitor({ url: proxy.url });
      const { page } = seen;
      await seen.logIn(server.token);
      const isFailing = state === "failing";
      proxy.fault((path) =>
        isFailing && path.startsWith("/api/") && !path.startsWith("/api/cloud/session/")
          ? { status: 500, body: failure }
          : undefined,
      );
      await seen.open("t/empty");
      const menu = page.getByRole("navigation", { name: "Main" }).getByRole("link");
      const names = await menu.allTextContents();
      assert.ok(names.length >= 8);
      for (const name of names) {
        await menu.filter({ hasText: name }).first().click();
        // The screen before it stands until the code of this one is there.
        await page.locator("h1").filter({ hasText: name }).waitFor();
        // A failure is tried again twice before it is shown.
        if (isFailing) await page.getByRole("button", { name: "Try again" }).first().waitFor();
        await page.locator("main [aria-busy=true]").first().waitFor({ state: "detached" });
        for (const colorScheme of ["light", "dark"] as const) {
          await page.emulateMedia({ colorScheme });
          assert.deepEqual(await accessibilityFindings(page), [], `${name}, ${colorScheme}`);
        }
      }
      proxy.fault(() => undefined);
    });
  }
});

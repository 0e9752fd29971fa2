/** What each screen shows when there is nothing, while it waits, when it is refused, and when the server fails or is away: fit for everybody, in both themes. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { Page } from "playwright-core";
import { type ReverseProxy, reverseProxy } from "../support/reverse-proxy.ts";
import { until } from "../support/until.ts";
import { type FullScene, fullScene } from "./full-scene.ts";
import { accessibilityFindings, tooWide, type Visitor, visitor } from "./visitor.ts";

const failing = { status: 500, body: answer("internal", "something went wrong here") };
/** What is refused, and what the page makes of it. */
const refusals = [
  { status: 403, body: answer("forbidden", "this needs the role admin"), said: /needs the role admin/ },
  { status: 404, body: answer("not_found", "it does not exist"), said: /it does not exist/i },
] as const;
/** Screens that ask nothing of the server before something is typed. */
const asksNothing = new Set([
  "buckets/photos/explain",
  "subscriptions/new",
  "go/01a0a0a0-0000-7000-8000-000000000000-999",
]);
/** Forms, which are there before the choices in them. */
const standsAtOnce = new Set(["subscriptions/new?face=lifecycle", "functions/new?template=check"]);
/** No mail is kept where mails are sent. */
const readsAbsence = new Set(["mails"]);
const isStream = (path: string): boolean => path.startsWith("live");

function answer(code: string, message: string): string {
  return JSON.stringify({ success: false, code, message });
}

describe("every screen", { concurrency: true }, () => {
  let scene: FullScene;
  const proxies: ReverseProxy[] = [];
  before(async () => {
    scene = await fullScene();
    await scene.server.api("POST", "/api/cloud/tenants/", { id: "empty" });
  });
  after(async () => {
    for (const proxy of proxies) await proxy[Symbol.asyncDispose]();
    await scene[Symbol.asyncDispose]();
  });

  /** Somebody who comes by a proxy, which lets who they are be asked. */
  async function visit(): Promise<{ seen: Visitor; faults: (by: Parameters<ReverseProxy["fault"]>[0]) => void }> {
    const proxy = await reverseProxy({ to: scene.server.url });
    proxies.push(proxy);
    const seen = await visitor(proxy);
    await seen.page.clock.install();
    await seen.logIn(scene.server.token);
    const isAsked = (path: string) => path.startsWith("/api/") && !path.startsWith("/api/cloud/session/");
    return { seen, faults: (by) => proxy.fault((path, method) => (isAsked(path) ? by(path, method) : undefined)) };
  }

  async function isFit(page: Page, what: string): Promise<void> {
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme });
      assert.deepEqual(await accessibilityFindings(page), [], `${what}, ${colorScheme}`);
    }
  }

  const asking = (): string[] => scene.screens.filter((path) => !asksNothing.has(path));

  it("waits, fails, is asked again, and keeps what it shows when it fails later", async () => {
    const { seen, faults } = await visit();
    await using _ = seen;
    const { page } = seen;
    const alert = page.getByRole("main").getByRole("alert").filter({ hasText: "something went wrong here" }).first();
    const again = page.getByRole("main").getByRole("button", { name: "Try again" });
    /** It is tried again twice before it is shown. */
    const fails = (path: string) =>
      until(`${path} says that it failed`, async () => {
        await page.clock.fastForward("00:05");
        return alert.isVisible();
      });
    for (const path of asking().filter((one) => !isStream(one))) {
      const held = Promise.withResolvers<void>();
      faults(() => ({ waitFor: held.promise }));
      await seen.open(`t/default/${path}`);
      if (!standsAtOnce.has(path)) await page.locator("main [aria-busy=true]").first().waitFor();
      held.resolve();
      await seen.settled();
      assert.equal(await alert.count(), 0, path);

      faults(() => failing);
      await page.reload();
      await fails(path);
      await page.locator("main [aria-busy=true]").first().waitFor({ state: "detached" });
      await isFit(page, `${path}, failing`);
      assert.equal(await tooWide(page), 0, path);
      faults(() => undefined);
      while ((await again.count()) > 0) {
        await again.first().click();
        await seen.settled();
      }
      assert.equal(await alert.count(), 0, path);
      assert.deepEqual(seen.problems(), [], path);
    }
  });

  it("says who may, and that what is not there may be another's", async () => {
    const { seen, faults } = await visit();
    await using _ = seen;
    const { page } = seen;
    for (const { status, body, said } of refusals) {
      for (const path of asking().filter((one) => status !== 404 || !readsAbsence.has(one))) {
        faults(() => ({ status, body }));
        await seen.open(`t/default/${path}`);
        const alert = page.getByRole("main").getByRole("alert").filter({ hasText: said }).first();
        await until(`${path} says what it was refused with: ${status}`, () => alert.isVisible());
        assert.deepEqual(seen.problems(), [], `${path}, ${status}`);
      }
    }
  });

  it("says that the server is away, goes on by itself, and shows until then what it showed", async () => {
    const { seen, faults } = await visit();
    await using _ = seen;
    const { page } = seen;
    const banner = page.getByRole("status").filter({ hasText: "does not answer" });
    for (const path of asking().filter((one) => !isStream(one))) {
      await seen.open(`t/default/${path}`);
      await seen.settled();
      const rows = await page.locator("main tbody tr, main dd").count();
      faults(() => "hang up");
      // Coming back to the page after a while asks again for what it shows.
      await page.clock.fastForward("01:00");
      await until(`${path} says that the server is away`, async () => {
        await page.evaluate("window.dispatchEvent(new Event('visibilitychange'))");
        await page.clock.fastForward("00:05");
        return banner.isVisible();
      });
      assert.equal(await page.locator("main tbody tr, main dd").count(), rows, path);
      faults(() => undefined);
      await until(`${path} goes on`, async () => {
        await page.clock.fastForward("00:05");
        return (await banner.count()) === 0;
      });
      assert.deepEqual(seen.problems(), [], path);
    }
  });

  it("without anything begins with a sentence, fit for everybody", async () => {
    const { seen } = await visit();
    await using _ = seen;
    const { page } = seen;
    await seen.open("t/empty");
    const menu = page.getByRole("navigation", { name: "Main" }).getByRole("link");
    const names = await menu.allTextContents();
    assert.ok(names.length >= 14);
    for (const name of names) {
      await menu.filter({ hasText: name }).first().click();
      // The screen before it stands until the code of this one is there.
      await page.locator("h1").filter({ hasText: name }).waitFor();
      await seen.settled();
      await isFit(page, `${name}, empty`);
      assert.equal(await tooWide(page), 0, name);
    }
    assert.deepEqual(seen.problems(), []);
  });
});

/** Every screen, for every role, in both themes: nothing that browsers or axe complain about, and no width at which something is cut off. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { type FullScene, fullScene, roles } from "./full-scene.ts";
import { accessibilityFindings, tooWide, visitor } from "./visitor.ts";

describe("screens", { concurrency: true }, () => {
  let scene: FullScene;
  before(async () => {
    scene = await fullScene();
  });
  after(() => scene[Symbol.asyncDispose]());

  for (const role of roles) {
    it(`for the role ${role} bring no complaint of the browser`, async () => {
      await using seen = await visitor(scene.server);
      await seen.logIn(scene.tokens[role]);
      for (const path of scene.screens) {
        await seen.open(`t/default/${path}`);
        await seen.settled();
        assert.deepEqual(seen.problems(), [], path);
      }
    });
  }

  it("are fit for everybody, light and dark, at 320 px and at 400 %", async () => {
    await using seen = await visitor(scene.server);
    const { page } = seen;
    const fits = async (path: string): Promise<void> => {
      for (const colorScheme of ["light", "dark"] as const) {
        await page.emulateMedia({ colorScheme });
        assert.deepEqual(await accessibilityFindings(page), [], `${path}, ${colorScheme}`);
      }
      // What 1280 by 1024 px are when they are enlarged four times.
      await page.setViewportSize({ width: 320, height: 256 });
      assert.equal(await tooWide(page), 0, path);
      await page.setViewportSize({ width: 1_280, height: 1_024 });
    };
    await page.goto(new URL("/dashboard/", scene.server.url).href);
    await page.getByRole("heading", { name: "Log in to Signalbox" }).waitFor();
    await fits("login");
    await seen.logIn(scene.server.token);
    for (const path of scene.screens) {
      await seen.open(`t/default/${path}`);
      await seen.settled();
      await fits(path);
    }
  });
});

/** 100,000 deliveries in the list of a real browser: how soon its first rows are there, how much it keeps, how smoothly it scrolls. */
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { CreateBucketCommand } from "@aws-sdk/client-s3";
import { slowness } from "../support/cpu-limits.ts";
import { runServer } from "../support/in-process.ts";
import { fillDeliveries } from "../support/many-deliveries.ts";
import { migrated } from "../support/migrated.ts";
import { quantile, sum, workDuring } from "./page-work.ts";
import { visitor } from "./visitor.ts";

const count = 100_000;
/** Of the page's thread, from the address to the rows. */
const firstRowsMs = 300;
/** Of the page's thread in each of 95 frames of a hundred: as long as two of them last. */
const frameMs = 34;
const mostRows = 5_000;
const mostBytes = 100 * 1_024 * 1_024;

/** `rows` resolves with when they were there, in milliseconds since the address was opened. */
const noteFirstRows = `window.rows = new Promise((resolve) => {
  const look = () => {
    const { length } = document.querySelectorAll("[role=grid] [role=row]");
    if (length > 10) requestAnimationFrame(() => setTimeout(() => resolve(performance.now())));
    else requestAnimationFrame(look);
  };
  look();
})`;

describe("100,000 deliveries in the dashboard", () => {
  it("are there at once, keep 5,000 rows and 100 MB, and are gone through far and back", async (t) => {
    const folder = await mkdtemp(join(tmpdir(), "signalbox-test-"));
    await using _ = { [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) };
    const env = { SIGNALBOX_DATA: migrated(folder) };
    const rules: string[] = [];
    {
      await using server = await runServer(env);
      await server.s3.send(new CreateBucketCommand({ Bucket: "photos" }));
      const path = "/api/cloud/buckets/photos/notifications/";
      const made = await server.api<{ readonly id: string }>("POST", path, { url: "https://receiver.example/" });
      rules.push(made.id);
    }
    await fillDeliveries({ folder, bucket: "photos", rules, count });
    await using server = await runServer(env);
    await using seen = await visitor(server);
    await seen.logIn(server.token);
    const { page } = seen;
    await page.addInitScript(noteFirstRows);
    const asked: string[] = [];
    page.on("request", (request) => asked.push(new URL(request.url()).pathname));
    const open = async (): Promise<number> => {
      asked.length = 0;
      await seen.open("t/default/deliveries");
      return page.evaluate<number>("rows");
    };
    // After that the browser has the files, and what it has made of them.
    for (let visit = 0; visit < 3; visit++) await open();
    let atMs = 0;
    const { tasks } = await workDuring(page, async () => {
      atMs = await open();
    });
    t.diagnostic(`first rows after ${atMs.toFixed(0)} ms, the page's thread worked ${sum(tasks).toFixed(0)} ms`);
    assert.ok(sum(tasks) <= firstRowsMs * slowness(), `the page's thread worked ${sum(tasks)} ms until the first rows`);
    const named = await page.evaluate<string[]>(
      "[...document.querySelectorAll('link[href], script[src]')].map((one) => new URL(one.href || one.src).pathname)",
    );
    assert.deepEqual(
      asked.filter((path) => path.includes("/assets/") && !named.includes(path)),
      [],
      "the document names all files, so that none is waited for to learn of the next",
    );
    assert.deepEqual(
      asked.filter((path) => path.startsWith("/api/")).slice(0, 2),
      ["/api/cloud/session/", "/api/cloud/deliveries/"],
      "the rows are asked for as soon as it is known for whom",
    );
    const grid = page.getByRole("grid", { name: "Deliveries" });
    await page.getByText("100,000 deliveries", { exact: true }).waitFor();

    // Three times as far as what is kept.
    await page.evaluate(`(async () => {
      const grid = document.querySelector("[role=grid]");
      while (grid.scrollHeight < ${3 * mostRows * 36}) {
        grid.scrollTop = grid.scrollHeight;
        await new Promise(requestAnimationFrame);
      }
    })()`);
    const { kept, rows } = await page.evaluate<{ readonly kept: number; readonly rows: number }>(`({
      kept: Number(document.querySelector("[role=grid]").dataset.kept),
      rows: document.querySelectorAll("[role=grid] [role=row]").length,
    })`);
    assert.ok(kept > mostRows / 2 && kept <= mostRows, `${kept} rows are kept`);
    assert.ok(rows < 100, "what is in view is in the page");
    let took: readonly number[] = [];
    const { frames } = await workDuring(page, async () => {
      took = await page.evaluate<number[]>(`(async () => {
        const grid = document.querySelector("[role=grid]");
        const frames = [];
        let last = performance.now();
        while (frames.length < 300) {
          grid.scrollTop -= 1200;
          await new Promise(requestAnimationFrame);
          const now = performance.now();
          frames.push(now - last);
          last = now;
        }
        return frames;
      })()`);
    });
    const [p95Ms, workMs] = [quantile(took, 0.95), quantile(frames, 0.95)];
    t.diagnostic(`a frame at 1,200 px each: p95 ${p95Ms.toFixed(1)} ms, of work ${workMs.toFixed(1)} ms`);
    assert.ok(frames.length >= 300, `${frames.length} frames are known`);
    assert.ok(workMs <= frameMs * slowness(), `the page's thread works ${workMs} ms for a frame`);

    const session = await page.context().newCDPSession(page);
    await session.send("HeapProfiler.collectGarbage");
    const { usedSize } = (await session.send("Runtime.getHeapUsage")) as { readonly usedSize: number };
    t.diagnostic(`${(usedSize / 1_024 / 1_024).toFixed(1)} MB of heap`);
    assert.ok(usedSize <= mostBytes, `${usedSize} bytes of heap`);
    await page.evaluate("document.querySelector('[role=grid]').scrollTop = 0");
    const newest = grid.getByRole("link", { name: /099999\.jpg/ });
    await newest.focus();
    await page.evaluate("document.querySelector('[role=grid]').scrollTop = 36_000");
    await newest.waitFor({ state: "detached" });
    const focused = await page.evaluate<string>("document.activeElement.getAttribute('role')");
    assert.equal(focused, "grid", "the focus does not go over to another row");
    await seen.open("t/default/deliveries?order=oldest");
    await grid.getByRole("link", { name: /000000\.jpg/ }).waitFor();
    await seen.open("t/default/deliveries?http_status=404");
    await page.getByText("Nothing fits").first().waitFor();
    await page.getByText("0 deliveries", { exact: true }).waitFor();
  });
});

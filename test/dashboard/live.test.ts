/** What happens, on the page as it happens: quickly, without a gap or a double, and only where somebody looks. */
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { CreateBucketCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { putEvent } from "../../bench/support/events.ts";
import type { Uuid } from "../../src/index.ts";
import { slowness } from "../support/cpu-limits.ts";
import { runServer } from "../support/in-process.ts";
import { adminToken, type ServerProcess, serverProcess } from "../support/server-process.ts";
import { until } from "../support/until.ts";
import { sum, workDuring } from "./page-work.ts";
import { visitor } from "./visitor.ts";

/** Of the page's thread, in one task: what is drawn and typed meanwhile waits no longer. */
const longestMs = 50;
/** Of the page's thread, of all the time. */
const mostBusy = 0.3;

/** What the page did since it was watched. */
interface Watched {
  readonly repaints: number;
  readonly seconds: number;
}

const watching = `(() => {
  const seen = { repaints: 0, since: performance.now() };
  const list = document.querySelector("main ul");
  new MutationObserver(() => { seen.repaints += 1; }).observe(list, { childList: true });
  window.watched = seen;
})()`;

const keysOf = (from: number, count: number): string[] =>
  Array.from({ length: count }, (_, index) => `k${String(from + index).padStart(3, "0")}`);

async function put(server: Pick<ServerProcess, "s3">, keys: readonly string[]): Promise<void> {
  for (const Key of keys) await server.s3.send(new PutObjectCommand({ Bucket: "photos", Key, Body: Key }));
}

describe("the live screen", () => {
  it("shows a thousand events a second in four repaints, stands still when paused, and opens what happened", async (t) => {
    await using server = await runServer();
    await server.s3.send(new CreateBucketCommand({ Bucket: "photos" }));
    const { buckets } = await server.api<{ buckets: { uuid: Uuid; name: string }[] }>("GET", "/api/cloud/buckets/");
    const [bucket] = buckets;
    assert.ok(bucket);
    await using visits = await visitor(server);
    const { page } = visits;
    await visits.logIn(server.token);
    await visits.open("t/default/live?topics=events");
    await page.getByText("● live").waitFor();
    await server.signalbox.publish(putEvent(bucket, "first"));
    await page.getByRole("link", { name: "photos/first" }).waitFor();
    await page.evaluate(watching);
    const { tasks } = await workDuring(page, async () => {
      let published = 0;
      const beganMs = performance.now();
      while (performance.now() - beganMs < 4_000) {
        const due = Math.floor(performance.now() - beganMs) - published;
        published += due;
        await Promise.all(Array.from({ length: due }, () => server.signalbox.publish(putEvent(bucket, "many"))));
      }
      await server.signalbox.publish(putEvent(bucket, "last"));
      await page.getByRole("link", { name: "photos/last" }).waitFor();
    });
    const watched = await page.evaluate<Watched>(
      "({ ...window.watched, seconds: (performance.now() - window.watched.since) / 1000 })",
    );
    assert.ok(watched.repaints / watched.seconds <= 4.2, `${watched.repaints} repaints in ${watched.seconds} s`);
    const [longest, busy] = [Math.max(...tasks), sum(tasks) / 1_000 / watched.seconds];
    t.diagnostic(
      `the longest task worked ${longest.toFixed(1)} ms, the thread ${(busy * 100).toFixed(0)} % of the time`,
    );
    assert.ok(tasks.length > 0, "the page worked");
    const slower = slowness();
    assert.ok(longest <= longestMs * slower, `one task of the page's thread worked ${longest} ms`);
    assert.ok(busy <= mostBusy * slower, `the page's thread worked ${busy * 100} % of the time`);
    assert.ok((await page.locator("main li").count()) <= 500);
    await page.locator("h1").focus();
    await page.keyboard.press("Space");
    await page.getByRole("button", { name: "Go on" }).waitFor();
    await server.signalbox.publish(putEvent(bucket, "while-paused"));
    await page.getByText(/paused, 1 new/).waitFor();
    assert.equal(await page.getByRole("link", { name: "photos/while-paused" }).count(), 0);
    await visits.click("button", "Go on");
    await page.getByRole("link", { name: "photos/while-paused" }).click();
    await page.getByRole("heading", { name: "OBJECT_CREATED_PUT", level: 1 }).waitFor();
    assert.match(page.url(), /\/events\/[0-9a-f-]{36}$/);
    await page.getByText("while-paused").first().waitFor();
  });

  it("goes on without a gap or a double when the server is killed under it", async () => {
    const folder = await mkdtemp(join(tmpdir(), "signalbox-live-"));
    await using cleaned = new AsyncDisposableStack();
    cleaned.defer(() => rm(folder, { recursive: true, force: true }));
    let server = await serverProcess({ folder });
    cleaned.defer(() => server.kill());
    const env = { SIGNALBOX_PORT: new URL(server.url).port };
    await server.s3.send(new CreateBucketCommand({ Bucket: "photos" }));
    await using visits = await visitor(server);
    const { page } = visits;
    await visits.logIn(adminToken);
    await visits.open("t/default/live?topics=events");
    await page.getByText("● live").waitFor();
    const shown = async (): Promise<string[]> =>
      (await page.locator("main li").allTextContents()).flatMap((text) => /photos\/(k\d{3})/.exec(text)?.[1] ?? []);
    for (let round = 0; round < 2; round += 1) {
      await put(server, keysOf(round * 20, 10));
      await until("the page shows some", async () => (await shown()).length > round * 20);
      await put(server, keysOf(round * 20 + 10, 10));
      await server.kill();
      server = await serverProcess({ folder, env });
    }
    await put(server, ["k999"]);
    await until("the last is shown", async () => (await shown()).includes("k999"));
    assert.deepEqual((await shown()).toReversed(), [...keysOf(0, 40), "k999"]);
    // The browser says of each try that nobody answered.
    visits.problems();
  });
});

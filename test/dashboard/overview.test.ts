/** The overview: how all fares, figures over time, what needs attention and what can be done about it, and a beginning where there is nothing yet. */
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { CreateBucketCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { type RunningServer, runServer } from "../support/in-process.ts";
import { until } from "../support/until.ts";
import { webhookReceiver } from "../support/webhooks.ts";
import { accessibilityFindings, type Visitor, visitor } from "./visitor.ts";

/** Kept where `PICTURES` says. */
async function keep({ page }: Visitor, name: string): Promise<void> {
  const folder = process.env["PICTURES"];
  if (folder !== undefined) writeFileSync(join(folder, `${name}.png`), await page.screenshot({ fullPage: true }));
}

interface Rules {
  readonly good: string;
  readonly bad: string;
  readonly gone: string;
}

/** A bucket with three notifications: one is acknowledged, one fails, one is told that it is gone. */
async function sending(server: RunningServer, url: string): Promise<Rules> {
  await server.s3.send(new CreateBucketCommand({ Bucket: "photos" }));
  const path = "/api/cloud/buckets/photos/notifications/";
  const rule = async (of: string, more: object = {}): Promise<string> =>
    (await server.api<{ readonly id: string }>("POST", path, { url: `${url}/${of}`, max_retries: 0, ...more })).id;
  const rules = { good: await rule("good"), bad: await rule("bad"), gone: await rule("gone", { ack: "2xx" }) };
  for (let at = 0; at < 4; at += 1) {
    await server.s3.send(new PutObjectCommand({ Bucket: "photos", Key: `images/${at}.jpg`, Body: "hello" }));
  }
  const states = async () => {
    const { subscriptions, dead } = await server.api<{
      readonly dead: number;
      readonly subscriptions: Readonly<Record<string, number>>;
    }>("GET", "/api/cloud/overview/");
    return subscriptions["failing"] === 1 && subscriptions["paused"] === 1 && subscriptions["ok"] === 1 && dead === 4;
  };
  await until("all of it is sent", states);
  return rules;
}

describe("the overview", () => {
  it("says in a sentence how it is, draws what was sent, and leads from a bar to its deliveries", async () => {
    await using server = await runServer();
    await using receiver = await webhookReceiver(({ path }) => ({ "/bad": 503, "/gone": 410 })[path] ?? 200);
    await sending(server, receiver.url);
    await using seen = await visitor(server);
    await seen.logIn(server.token);
    const { page } = seen;
    await page.getByText("3 subscriptions, 1 failing, 1 paused · 4 dead letters").waitFor();
    const attempts = page.getByRole("figure", { name: "Attempts" });
    await attempts.locator("canvas").waitFor();
    assert.match((await attempts.getByRole("listitem").allInnerTexts()).join(), /failed \d+,acknowledged 4/);
    assert.equal(await page.getByRole("figure", { name: "Events" }).getByRole("listitem").innerText(), "accepted 4");
    assert.match(await page.getByRole("figure", { name: "Latency" }).innerText(), /p50 [\d.]+ ms/);
    await page.mouse.move(700, 250);
    await keep(seen, "overview");
    await seen.click("link", "24 hours");
    await page.waitForURL(/range=24h/);
    await attempts.getByText("As a table").click();
    await attempts.getByRole("row").nth(1).getByRole("link").click();
    await page.waitForURL(/deliveries\?since=.*until=/);
    await page.getByRole("heading", { name: "Deliveries" }).waitFor();
    await page.goBack();
    await page.waitForURL(/range=24h/);
    await attempts.locator("canvas").waitFor();
    const box = await attempts.locator(".u-over").boundingBox();
    assert.ok(box);
    // The present step is the last.
    await page.mouse.move(box.x + box.width - 4, box.y + box.height / 2);
    await page.mouse.click(box.x + box.width - 4, box.y + box.height / 2);
    await page.waitForURL(/deliveries\?since=.*until=/);
  });

  it("has the action beside what needs attention", async () => {
    await using server = await runServer();
    let ofGone = 410;
    await using receiver = await webhookReceiver(({ path }) => ({ "/bad": 503, "/gone": ofGone })[path] ?? 200);
    const { bad } = await sending(server, receiver.url);
    await using seen = await visitor(server);
    await seen.logIn(server.token);
    const { page } = seen;
    const table = page.getByRole("table", { name: "Needs attention" });
    await table.getByRole("row", { name: /failing .*\/bad HTTP 503, 4 in a row,/ }).waitFor();
    const row = table.getByRole("row", { name: /paused .*\/gone 410 Gone/ });
    ofGone = 200;
    await row.getByRole("button", { name: "Resume" }).click();
    await row.waitFor({ state: "detached" });
    const failures = page.getByRole("table", { name: "Newest failures" });
    await failures.getByRole("row", { name: /images\/0.jpg HTTP 503 1 dead/ }).waitFor();
    await table.getByRole("link", { name: "Dead letters" }).click();
    await page.waitForURL((url) => url.search.includes(bad) && url.search.includes("status=dead"));
  });

  it("begins where there is nothing: a bucket and its notification, with the values that stand there", async () => {
    await using server = await runServer();
    await using seen = await visitor({ ...server, width: 400, theme: "dark" });
    await seen.logIn(server.token);
    const { page } = seen;
    await page.getByText("There is no subscription yet.").waitFor();
    assert.deepEqual(await accessibilityFindings(page), []);
    await keep(seen, "overview-empty-400-dark");
    const card = page.getByRole("region", { name: "Tell a webhook about objects" });
    await card.getByText("As curl").click();
    assert.match(await card.innerText(), /curl -X POST 'http.*\/api\/cloud\/buckets\/photos\/notifications\/'/);
    await card.getByRole("button", { name: "Make both" }).click();
    await page
      .getByRole("dialog")
      .getByRole("button", { name: /stored/ })
      .click();
    await page.waitForURL(/buckets\/photos\/settings/);
    await page.getByText("http://localhost:3000/hook").first().waitFor();
  });

  it("shows members what is theirs, in charts too", async () => {
    await using server = await runServer();
    await using receiver = await webhookReceiver(() => 200);
    const { token } = await server.api<{ readonly token: string }>("POST", "/api/cloud/tokens/", {
      principal: "ann",
      role: "member",
    });
    await sendingGood(server, receiver.url);
    await using seen = await visitor(server);
    await seen.logIn(token);
    await seen.page.getByText("There is no subscription yet.").waitFor();
    assert.equal(await seen.page.getByRole("figure", { name: "Events" }).count(), 0);
    assert.match(await seen.page.getByRole("figure", { name: "Attempts" }).innerText(), /acknowledged 0/);
  });
});

async function sendingGood(server: RunningServer, url: string): Promise<void> {
  await server.s3.send(new CreateBucketCommand({ Bucket: "photos" }));
  const path = "/api/cloud/buckets/photos/notifications/";
  const { id } = await server.api<{ readonly id: string }>("POST", path, { url });
  await server.s3.send(new PutObjectCommand({ Bucket: "photos", Key: "a", Body: "hello" }));
  const total = async () => {
    const { series } = await server.api<{ readonly series: readonly { readonly total: number }[] }>(
      "GET",
      `/api/cloud/stats/?rule=${id}&measure=delivered`,
    );
    return series[0]?.total === 1;
  };
  await until("it is sent", total);
}

describe("health", () => {
  it("is with subscriptions, one alone and a bucket's notifications; usage is exported", async () => {
    await using server = await runServer();
    await using receiver = await webhookReceiver(({ path }) => ({ "/bad": 503, "/gone": 410 })[path] ?? 200);
    const { bad } = await sending(server, receiver.url);
    await using seen = await visitor(server);
    await seen.logIn(server.token);
    const { page } = seen;
    await seen.open("t/default/subscriptions");
    await page.getByRole("row", { name: /failing HTTP 503, 4 in a row, .*4 dead/ }).waitFor();
    await keep(seen, "subscriptions");
    await seen.open(`t/default/subscriptions/${bad}`);
    const health = page.getByRole("region", { name: "Health" });
    await health.getByText("HTTP 503").first().waitFor();
    assert.match(await health.innerText(), /Dead letters\s+4/);
    await page.getByRole("figure", { name: "Attempts" }).locator("canvas").waitFor();
    await keep(seen, "subscription");
    await seen.open("t/default/buckets/photos/settings");
    await page.getByText("4 in a row").first().waitFor();
    await keep(seen, "settings");
    await seen.open("t/default/usage");
    await page.getByRole("table", { name: "Usage by day" }).waitFor();
    const download = page.waitForEvent("download");
    await seen.click("button", "Export (NDJSON)");
    assert.match((await download).suggestedFilename(), /^usage-.*\.ndjson$/);
    await keep(seen, "usage");
  });
});

/** Nothing jumps while a screen comes: what is on its way has the height of what comes. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { PutObjectCommand } from "@aws-sdk/client-s3";
import type { Route } from "playwright-core";
import { until } from "../support/until.ts";
import { bucketScene } from "./bucket-scene.ts";

const scene = await bucketScene();
const { server, receiver, seen, makeBucket, keysAt } = scene;
const { page } = seen;

/** Of the whole page; what a user did moves things, too, and is left out by browsers themselves. */
const watching = `
  window.shifts = [];
  new PerformanceObserver((list) => {
    for (const { value, hadRecentInput, sources } of list.getEntries()) {
      if (!hadRecentInput) window.shifts.push({ value, of: sources.map(({ node }) => node?.outerHTML?.slice(0, 120)) });
    }
  }).observe({ type: "layout-shift", buffered: true });
`;

interface Shift {
  readonly value: number;
  readonly of: readonly string[];
}

/** More than this is what browsers call a jump. */
const most = 0.1;
/** What the page has asked for. */
const held: Route[] = [];

/** The answers come one at a time, each once the page has drawn what it has so far; what was asked for last comes first. */
async function comeSlowly(): Promise<void> {
  const settled = seen.settled().then(() => true);
  await until("all has come", async () => {
    await page.evaluate("new Promise((is) => requestAnimationFrame(() => setTimeout(is)))");
    await held.pop()?.continue();
    return Promise.race([settled, Promise.resolve(false)]);
  });
}

describe("the layout", () => {
  let id = "";
  before(async () => {
    await makeBucket("photos");
    const rules = "/api/cloud/buckets/photos/notifications/";
    ({ id } = await server.api<{ readonly id: string }>("POST", rules, { url: `${receiver.url}/all` }));
    for (let n = 0; n < 60; n += 1) {
      await server.s3.send(new PutObjectCommand({ Bucket: "photos", Key: `images/${n}.jpg`, Body: "hello" }));
    }
    await until("all of them", () => keysAt("/all").length === 60);
    await server.api("POST", "/api/apps/", { name: "Main" });
    const code = "export default () => ({ decision: 'allow' });";
    const fn = await server.api<{ readonly id: number }>("POST", "/api/apps/main/functions/", { name: "Hello", code });
    await server.api("POST", "/api/cloud/events/PRE_USER_CREATE/subscribe/", { function_id: fn.id });
    const target = { type: "webhook", url: `${receiver.url}/orders` };
    await server.api("POST", "/api/cloud/destinations/", { name: "orders", target });
    const going = { event: "POST_USER_DELETE", target: { type: "destination", name: "orders" } };
    await server.api("POST", "/api/cloud/subscriptions/", going);
    await server.api("POST", "/api/cloud/users/", { username: "ada", email: "ada@example.com" });
    await seen.logIn(server.token);
    await page.addInitScript(watching);
    await page.route(/\/api\/cloud\//, (route) => {
      if (/\/(session|live)\//.test(route.request().url())) return route.continue();
      held.push(route);
    });
  });
  after(async () => {
    await page.unrouteAll({ behavior: "ignoreErrors" });
    await scene[Symbol.asyncDispose]();
  });

  for (const path of [
    "",
    "buckets",
    "buckets/photos/settings",
    "buckets/photos/objects",
    "buckets/photos/explain?key=images/1.jpg",
    "deliveries",
    "events",
    "operations",
    "subscriptions",
    "subscriptions/:id",
    "subscriptions/:id/settings",
    "destinations",
    "destinations/orders",
    "destinations/orders/settings",
    "functions",
    "functions/main/hello/triggers",
    "functions/main/hello/settings",
    "catalog",
    "catalog/PRE_USER_CREATE",
    "users",
    "usage",
    "nodes",
    "access",
    "redrives",
  ]) {
    it(`stays where it is while ${path === "" ? "the overview" : path} comes`, async () => {
      await seen.open(`t/default/${path.replace(":id", id)}`);
      await comeSlowly();
      const shifts = await page.evaluate<Shift[]>("window.shifts");
      const sum = shifts.reduce((total, { value }) => total + value, 0);
      assert.ok(sum <= most, `${sum.toFixed(3)}: ${JSON.stringify(shifts, null, 2)}`);
    });
  }
});

/** Every screen, for every role, in both themes: nothing that browsers or axe complain about, and no width at which something is cut off. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { CreateBucketCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { type RunningServer, runServer } from "../support/in-process.ts";
import { until } from "../support/until.ts";
import { type WebhookReceiver, webhookReceiver } from "../support/webhooks.ts";
import { accessibilityFindings, visitor } from "./visitor.ts";

const bucket = "photos";
/** Names and bodies that want to be more than text. */
const hostile = [
  "<img src=x onerror=alert(1)>.jpg",
  "</script><script>alert(1)</script>",
  "javascript:alert(1)",
  "__proto__",
  "\u202etxt.exe",
  "zero\u200bwidth",
  "{{7*7}}${7*7}",
  "k".repeat(1_000),
];

const screens: string[] = [
  "",
  "?range=7d",
  "buckets",
  `buckets/${bucket}/settings`,
  `buckets/${bucket}/settings?edit=new`,
  `buckets/${bucket}/objects`,
  `buckets/${bucket}/explain?key=__proto__`,
  "deliveries",
  "deliveries?status=dead",
  "live",
  "live?topics=deliveries&where=size%20%3E%201",
  "subscriptions",
  "functions",
  "functions/new?template=check",
  ...["code", "test", "runs", "versions", "triggers", "settings"].map((tab) => `functions/main/hello/${tab}` as const),
  "subscriptions/new",
  "subscriptions/new?face=lifecycle",
  "subscriptions/new?face=objects",
  "events",
  "events?face=objects&where=key+LIKE+%27%25%3Cimg%25%27",
  "operations",
  "catalog",
  "catalog/PRE_USER_CREATE?simulate=on",
  "redrives",
  "users",
  "users?find=none",
  "access",
  "access/sessions",
  "access/principals",
  "access/tenants",
  "go/01a0a0a0-0000-7000-8000-000000000000-999",
  "mails",
  "usage",
];

describe("screens", () => {
  let server: RunningServer;
  let receiver: WebhookReceiver;
  const tokens = new Map<string, string>();
  before(async () => {
    server = await runServer();
    receiver = await webhookReceiver(({ path }) => (path === "/bad" ? 500 : 200));
    await server.s3.send(new CreateBucketCommand({ Bucket: bucket }));
    const { id } = await server.api<{ readonly id: string }>("POST", `/api/cloud/buckets/${bucket}/notifications/`, {
      url: `${receiver.url}/good`,
    });
    screens.push(`subscriptions/${id}`, `subscriptions/${id}/settings`);
    await server.api("POST", `/api/cloud/buckets/${bucket}/notifications/`, {
      url: `${receiver.url}/bad`,
      filter: 'WHERE key NOT REGEXP "^nothing"',
      max_retries: 0,
    });
    for (const key of hostile) await server.s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: "hello" }));
    await until("all of them", () => receiver.received.length >= 2 * hostile.length);
    await server.api("POST", "/api/apps/", { name: "Main" });
    const hello = await server.api<{ readonly id: number }>("POST", "/api/apps/main/functions/", {
      name: "Hello",
      code: `export default (event, { log }) => log(${JSON.stringify(hostile.join(" "))});`,
    });
    await server.api("POST", "/api/cloud/events/POST_USER_CREATE/subscribe/", { function_id: hello.id });
    await server.api("POST", "/api/apps/main/functions/hello/invoke/", { params: { "<b>": hostile } });
    tokens.set("operator", server.token);
    for (const role of ["admin", "developer", "member"]) {
      const made = await server.api<{ readonly token: string }>("POST", "/api/cloud/tokens/", {
        principal: `a-${role}`,
        role,
      });
      tokens.set(role, made.token);
    }
  });
  after(async () => {
    await receiver[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  });

  for (const role of ["operator", "admin", "developer", "member"]) {
    it(`for the role ${role} bring no complaint of the browser`, async () => {
      await using seen = await visitor(server);
      await seen.logIn(tokens.get(role) ?? "");
      for (const path of screens) {
        await seen.open(`t/default/${path}`);
        await seen.settled();
        assert.deepEqual(seen.problems(), [], path);
        assert.equal(await seen.page.evaluate("Object.hasOwn(window, 'x')"), false);
      }
    });
  }

  for (const theme of ["light", "dark"] as const) {
    it(`are fit for everybody, ${theme}`, async () => {
      await using seen = await visitor({ ...server, theme });
      await seen.page.goto(new URL("/dashboard/", server.url).href);
      await seen.page.getByRole("heading", { name: "Log in to Signalbox" }).waitFor();
      assert.deepEqual(await accessibilityFindings(seen.page), [], "login");
      await seen.logIn(server.token);
      for (const path of screens) {
        await seen.open(`t/default/${path}`);
        await seen.settled();
        assert.deepEqual(await accessibilityFindings(seen.page), [], path);
      }
    });
  }

  it("fit into 320 px", async () => {
    await using seen = await visitor({ ...server, width: 320 });
    await seen.logIn(server.token);
    for (const path of screens) {
      await seen.open(`t/default/${path}`);
      await seen.settled();
      const over = await seen.page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth",
      );
      assert.ok(Number(over) <= 0, `${path} is ${String(over)} px too wide`);
    }
  });
});

/** The ways by which browsers come to the dashboard: plain http under a name, below a prefix, by a slow link, beside another server. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { CreateBucketCommand } from "@aws-sdk/client-s3";
import { runServer } from "../support/in-process.ts";
import { reverseProxy } from "../support/reverse-proxy.ts";
import { type Visitor, visitor } from "./visitor.ts";

const name = "signalbox.test";

async function makeBucket({ page }: Visitor, bucket: string): Promise<void> {
  await page.getByRole("link", { name: "Buckets" }).first().click();
  await page.getByRole("button", { name: "New bucket" }).click();
  await page.getByLabel("Name").fill(bucket);
  await page.keyboard.press("Enter");
  await page.getByRole("link", { name: bucket }).waitFor();
}

describe("the dashboard", () => {
  it("works on plain http under a name: login, changes and copies", async () => {
    await using server = await runServer();
    await using seen = await visitor({
      url: server.url.replace("127.0.0.1", name).replace("localhost", name),
      names: [name],
    });
    await seen.logIn(server.token);
    assert.equal(await seen.page.evaluate("isSecureContext"), false);
    // Browsers leave Sec-Fetch-Site out there, so that Origin tells whose page it was.
    await makeBucket(seen, "plain");
    await server.api("POST", "/api/cloud/users/", { username: "ann" });
    await seen.page.getByRole("link", { name: "Users" }).first().click();
    await seen.page.getByRole("link", { name: "ann" }).click();
    await seen.page.getByRole("button", { name: "Copy the user's id" }).click();
    await seen.page.getByRole("button", { name: "Copy the user's id" }).filter({ hasText: "Copied" }).waitFor();
    const field = seen.page.getByLabel("First name");
    await field.fill("");
    await field.press("Control+v");
    assert.match(await field.inputValue(), /^[0-9a-f-]{36}-001$/);
  });

  for (const keepsHost of [true, false]) {
    it(`works below a prefix that a proxy takes off, ${keepsHost ? "with" : "without"} the host's name`, async () => {
      let to = "";
      await using proxy = await reverseProxy({ to: () => to, prefix: "/signalbox", keepsHost });
      await using server = await runServer({ SIGNALBOX_PUBLIC_URL: proxy.url });
      to = server.url;
      await server.s3.send(new CreateBucketCommand({ Bucket: "photos" }));
      await using seen = await visitor({ url: proxy.url });
      await seen.page.goto(`${proxy.url}dashboard/`);
      await seen.page.getByLabel("Token").fill(server.token);
      await seen.page.keyboard.press("Enter");
      await makeBucket(seen, "below");
      await seen.page.reload();
      await seen.page.getByRole("link", { name: "below" }).waitFor();
      if (!keepsHost) return;
      // The proxy makes a slash of it, and so one more step of the path.
      await seen.page.goto(`${proxy.url}dashboard/t/default/buckets/a%2Fb/objects`);
      await seen.page.getByRole("heading", { level: 1 }).waitFor();
    });
  }

  it("keeps its session while one logs in to another server on the same host", async () => {
    await using first = await runServer();
    await using second = await runServer({ SIGNALBOX_ADMIN_TOKEN: "operator-token-of-another" });
    await using seen = await visitor(first);
    await seen.logIn(first.token);
    await seen.page.goto(new URL("/dashboard/", second.url).href);
    await seen.page.getByLabel("Token").fill(second.token);
    await seen.page.keyboard.press("Enter");
    await seen.page.getByRole("heading", { name: "Overview" }).waitFor();
    for (const { url } of [first, second]) {
      await seen.page.goto(new URL("/dashboard/", url).href);
      await seen.page.getByRole("heading", { name: "Overview" }).waitFor();
    }
  });

  it("by a slow link shows where one went last, and nothing of where one was going before", async () => {
    await using server = await runServer();
    await using proxy = await reverseProxy({ to: server.url });
    await using seen = await visitor({ url: proxy.url });
    await seen.logIn(server.token);
    const slow = Promise.withResolvers<void>();
    proxy.fault((path) => (/redrive/.test(path) ? { waitFor: slow.promise } : undefined));
    await seen.page.getByRole("link", { name: "Redrives" }).first().click();
    await seen.page.getByRole("link", { name: "Usage" }).first().click();
    await seen.page.getByRole("heading", { name: "Usage" }).waitFor();
    slow.resolve();
    await seen.settled();
    assert.equal(await seen.page.locator("h1").textContent(), "Usage");
    assert.match(seen.page.url(), /\/usage$/);
  });

  it("is shown how far an upload is, and stops it", async () => {
    await using server = await runServer();
    await using proxy = await reverseProxy({ to: server.url });
    await server.s3.send(new CreateBucketCommand({ Bucket: "photos" }));
    await using seen = await visitor({ url: proxy.url });
    await seen.logIn(server.token);
    await seen.open("t/default/buckets/photos/objects");
    const held = Promise.withResolvers<void>();
    proxy.fault((_path, method) => (method === "PUT" ? { waitFor: held.promise } : undefined));
    const files = ["first.bin", "second.bin"].map((file) => ({
      name: file,
      mimeType: "",
      buffer: Buffer.alloc(8_000_000),
    }));
    await seen.page.getByLabel("Files to upload").setInputFiles(files);
    const first = seen.page.getByRole("progressbar", { name: "first.bin" });
    await first.waitFor();
    await seen.page.getByRole("button", { name: "Cancel" }).first().click();
    await first.waitFor({ state: "detached" });
    held.resolve();
    await seen.page.getByRole("cell", { name: "second.bin" }).waitFor();
    assert.equal(await seen.page.getByRole("cell", { name: "first.bin" }).count(), 0);
    await seen.page.getByRole("progressbar").waitFor({ state: "detached" });
  });

  it("leads downloads of another tenant to the disk", async () => {
    await using server = await runServer();
    await server.api("POST", "/api/cloud/tenants/", { id: "other" });
    const asOther = { authorization: `Bearer ${server.token}`, "x-signalbox-tenant": "other" };
    const api = (method: string, path: string, body: string, type: string): Promise<Response> =>
      fetch(new URL(path, server.url), { method, headers: { ...asOther, "content-type": type }, body });
    assert.equal((await api("POST", "/api/cloud/buckets/", '{"name": "far"}', "application/json")).status, 201);
    assert.equal((await api("PUT", "/api/cloud/buckets/far/objects/?key=a.txt", "far away", "text/plain")).status, 200);
    await using seen = await visitor(server);
    await seen.logIn(server.token);
    await seen.open("t/other/buckets/far/objects");
    const download = seen.page.waitForEvent("download");
    await seen.click("link", "Download");
    const stream = await (await download).createReadStream();
    assert.equal(Buffer.concat(await stream.toArray()).toString(), "far away");
  });
});

/** Users, principals, sessions and tenants in the dashboard. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { CreateBucketCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { type RunningServer, runServer } from "../support/in-process.ts";
import { nodeCount } from "../support/test-store.ts";
import { type Visitor, visitor } from "./visitor.ts";

const schema = {
  type: "object",
  properties: {
    plan: { enum: ["free", "paid"], description: "What they pay." },
    seats: { type: "integer", minimum: 1 },
    beta: { type: "boolean" },
    address: { type: "object" },
  },
  required: ["plan"],
};

describe("people in the dashboard", () => {
  let server: RunningServer;
  let seen: Visitor;
  before(async () => {
    server = await runServer();
    await server.api("PUT", "/api/cloud/users/schema/", { schema });
    seen = await visitor(server);
    await seen.logIn(server.token);
  });
  after(async () => {
    await seen[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  });

  it("are made, found, changed by the tenant's schema, and deleted", async () => {
    const { page } = seen;
    await seen.open("t/default/users");
    await page.getByText("There is no user yet").waitFor();
    await seen.click("button", "New user");
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("Username").fill("ann");
    await dialog.getByLabel("Email").fill("ann@example.com");
    await dialog.getByLabel("seats").fill("2");
    await seen.click("button", "Make the user");
    await dialog.getByRole("alert").first().waitFor();
    await dialog.getByLabel("plan").selectOption("free");
    await seen.click("button", "Make the user");
    await page.getByRole("heading", { name: "User", exact: true }).waitFor();

    await seen.click("link", "All users");
    await page.getByLabel("Username or email").fill("ann@example.com");
    await page.keyboard.press("Enter");
    await seen.click("link", "ann");
    await page.getByLabel("plan").selectOption("paid");
    await page.getByLabel("seats").fill("");
    await page.getByLabel("Other attributes").fill('{"address": {"city": "Zürich"}}');
    await seen.click("button", "Save");
    await page.getByText("Saved.").waitFor();
    const { users } = await server.api<{ users: { attributes: unknown; email: string }[] }>("GET", "/api/cloud/users/");
    assert.deepEqual(users[0]?.attributes, { plan: "paid", address: { city: "Zürich" } });

    await page.getByLabel("seats").fill("0");
    await seen.click("button", "Save");
    await page.getByRole("alert").filter({ hasText: "seats" }).first().waitFor();
    await seen.click("button", "Delete");
    await page.getByRole("alertdialog").getByRole("button", { name: "Delete" }).click();
    await page.getByText("There is no user yet").waitFor();
  });

  it("have roles, which are changed, and an end, which is undone", async () => {
    await server.api("POST", "/api/cloud/tokens/", { principal: "bob", role: "member" });
    await seen.open("t/default/access/principals");
    const row = seen.page.getByRole("row").filter({ hasText: "bob" });
    await row.getByRole("button", { name: "Change role" }).click();
    await seen.page.getByRole("radio", { name: "developer" }).check();
    await seen.page.getByRole("dialog").getByRole("button", { name: "Change" }).click();
    await row.getByRole("cell", { name: "developer" }).waitFor();
    await row.getByRole("button", { name: "End" }).click();
    await seen.page.getByRole("alertdialog").getByRole("button", { name: "End" }).click();
    await row.getByRole("button", { name: "Restore" }).click();
    await row.getByRole("button", { name: "End" }).waitFor();
  });

  it("are logged in, and are not when their session was ended", async () => {
    const { token } = await server.api<{ token: string }>("POST", "/api/cloud/tokens/", {
      principal: "eve",
      role: "member",
    });
    await using other = await visitor(server);
    await other.logIn(token);
    await seen.open("t/default/access/sessions");
    const mine = seen.page.getByRole("row").filter({ hasText: "this one" });
    await mine.getByRole("cell", { name: "operator" }).waitFor();
    await seen.click("button", "End the session of eve");
    await seen.page.getByRole("alertdialog").getByRole("button", { name: "End it" }).click();
    await seen.page.getByRole("button", { name: "End the session of eve" }).waitFor({ state: "detached" });
    await other.page.getByRole("link", { name: "Buckets" }).first().click();
    await other.page.getByRole("dialog", { name: "Your session has ended" }).waitFor();
  });

  it("have tenants, made by operators", async () => {
    await seen.open("t/default/access/tenants");
    await seen.page.getByLabel("Id", { exact: true }).fill("Not Good");
    await seen.click("button", "Make a tenant");
    await seen.page.getByRole("alert").first().waitFor();
    await seen.page.getByLabel("Id", { exact: true }).fill("made-here");
    await seen.click("button", "Make a tenant");
    await seen.click("link", "made-here");
    await seen.page.getByRole("button", { name: "Tenant made-here" }).waitFor();
  });

  it("see the nodes that work on the store, as operators", async () => {
    await seen.page.getByRole("link", { name: "Nodes" }).first().click();
    const table = seen.page.getByRole("table", { name: "Nodes" });
    await table.getByRole("row").filter({ hasText: "answers you" }).waitFor();
    for (const url of server.upstreams.api) {
      const row = table.getByRole("row").filter({ hasText: url });
      await row.getByText("works").waitFor();
      await row.getByRole("cell", { name: nodeCount === 1 ? /^64$/ : /^2[0-2]$/ }).waitFor();
    }
    const { token } = await server.api<{ token: string }>("POST", "/api/cloud/tokens/", {
      principal: "adam",
      role: "admin",
    });
    await using other = await visitor(server);
    await other.logIn(token);
    await other.page.getByRole("link", { name: "Usage" }).first().waitFor();
    assert.equal(await other.page.getByRole("link", { name: "Nodes" }).count(), 0);
  });

  it("open any id", async () => {
    await server.s3.send(new CreateBucketCommand({ Bucket: "photos" }));
    await server.s3.send(new PutObjectCommand({ Bucket: "photos", Key: "a b.txt", Body: "x" }));
    const { files } = await server.api<{ files: { uuid: string }[] }>("GET", "/api/cloud/files/?bucket=photos");
    const { buckets } = await server.api<{ buckets: { uuid: string }[] }>("GET", "/api/cloud/buckets/");
    const open = async (id: string): Promise<void> => {
      await seen.open("t/default");
      await seen.page.keyboard.press("Control+k");
      await seen.page.keyboard.type(id);
      await seen.page.keyboard.press("Enter");
    };
    await open(files[0]?.uuid ?? "");
    await seen.page.waitForURL(/buckets\/photos\/explain\?key=a(%20|\+)b\.txt/);
    await open(buckets[0]?.uuid ?? "");
    await seen.page.waitForURL(/buckets\/photos\/settings/);
    await open("01a0a0a0-0000-7000-8000-000000000000-555");
    await seen.page.getByText("555, are of no kind").waitFor();
    await open("01a0a0a0-0000-7000-8000-000000000000-102");
    await seen.page.getByText("It is the id of a function, which does not exist").waitFor();
  });
});

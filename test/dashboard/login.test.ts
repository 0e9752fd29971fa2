/** How one comes into the dashboard, and out of it. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { type RunningServer, runServer } from "../support/in-process.ts";
import { visitor } from "./visitor.ts";

describe("the dashboard's login", () => {
  let server: RunningServer;
  before(async () => {
    server = await runServer();
  });
  after(() => server[Symbol.asyncDispose]());

  it("is led to from the server's own address", async () => {
    await using seen = await visitor(server);
    await seen.page.goto(server.url);
    await seen.page.getByRole("heading", { name: "Log in to Signalbox" }).waitFor();
    assert.equal(new URL(seen.page.url()).pathname, "/dashboard/");
  });

  it("takes a token, refuses a wrong one, and is needed again after a log out", async () => {
    await using seen = await visitor(server);
    await seen.page.goto(new URL("/dashboard/", server.url).href);
    await seen.page.getByLabel("Token").fill("wrong");
    await seen.page.getByRole("button", { name: "Log in" }).click();
    await seen.page.getByRole("alert").waitFor();
    await seen.logIn(server.token);
    const cookies = await seen.page.context().cookies();
    assert.deepEqual(
      cookies.map(({ httpOnly, sameSite, path }) => ({ httpOnly, sameSite, path })),
      [{ httpOnly: true, sameSite: "Strict", path: "/" }],
    );
    assert.equal(await seen.page.evaluate("JSON.stringify(localStorage).includes('token')"), false);
    await seen.page.getByRole("button", { name: "Log out" }).click();
    await seen.page.getByRole("heading", { name: "Log in to Signalbox" }).waitFor();
    await seen.page.goto(new URL("/dashboard/t/default/deliveries", server.url).href);
    await seen.page.getByRole("heading", { name: "Log in to Signalbox" }).waitFor();
  });

  it("takes a login link, once, and leaves no code in the address", async () => {
    const { url } = await server.api<{ readonly url: string }>("POST", "/api/cloud/login-links/", {});
    await using seen = await visitor(server);
    await seen.page.goto(url);
    await seen.page.getByRole("button", { name: "Log in with the link" }).click();
    await seen.page.getByRole("heading", { name: "Overview" }).waitFor();
    assert.ok(!seen.page.url().includes("code"));
    await using other = await visitor(server);
    await other.page.goto(url);
    await other.page.getByRole("button", { name: "Log in with the link" }).click();
    await other.page.getByRole("alert").waitFor();
    await other.page.getByRole("button", { name: "Use a token instead" }).click();
    await other.page.getByLabel("Token").waitFor();
  });
});

/** Those who click twice, go back and forth, and type anything into the address. */
import assert from "node:assert/strict";
import { after, before, beforeEach, describe, it } from "node:test";
import { until } from "../support/until.ts";
import { bucketScene } from "./bucket-scene.ts";
import { visitor } from "./visitor.ts";

const scene = await bucketScene();
const { server, receiver, seen, makeBucket, put, keysAt } = scene;
const { page } = seen;

type Shown = Readonly<Record<string, unknown>>;

describe("the dashboard in clumsy hands", () => {
  let sent: string[] = [];
  before(async () => {
    await seen.logIn(server.token);
    page.on("request", (request) => {
      if (request.method() !== "GET") sent.push(`${request.method()} ${new URL(request.url()).pathname}`);
    });
  });
  beforeEach(() => {
    sent = [];
  });
  after(() => scene[Symbol.asyncDispose]());

  const stored = () => page.getByRole("dialog").getByRole("button", { name: "I have stored it" }).click();
  const tokens = async (principal: string): Promise<number> => {
    const path = "/api/cloud/tokens/?limit=100";
    const listed = await server.api<{ readonly tokens: readonly { readonly principal: string }[] }>("GET", path);
    return listed.tokens.filter((token) => token.principal === principal).length;
  };
  /** While the page is busy with something else, so that nothing is drawn between them. */
  const whileBusy = async (does: () => Promise<unknown>[]): Promise<void> => {
    await page.evaluate("void setTimeout(() => { const end = Date.now() + 500; while (Date.now() < end); })");
    await Promise.all(does());
  };

  it("a double click, or Enter thrice, sends once", async () => {
    await seen.open("t/default/access");
    await page.getByLabel("Principal").fill("clicked");
    await page.getByRole("button", { name: "Make a token" }).dblclick();
    await stored();
    await seen.settled();
    assert.equal(await tokens("clicked"), 1);
    await page.getByLabel("Principal").fill("entered");
    await page.getByLabel("Principal").focus();
    await whileBusy(() => ["Enter", "Enter", "Enter"].map((key) => page.keyboard.press(key)));
    await stored();
    await seen.settled();
    assert.equal(await tokens("entered"), 1);
    sent = [];
    await page.getByRole("button", { name: "Make a key pair" }).dblclick();
    await stored();
    await seen.settled();
    assert.deepEqual(sent, ["POST /api/cloud/access-keys/"]);
  });

  it("two buttons of a form, one after the other, make one notification, and a double click sends one test event", async () => {
    await makeBucket("twice");
    await seen.open("t/default/buckets/twice/settings?edit=new");
    await page.getByLabel("Webhook URL").fill(`${receiver.url}/twice`);
    const names = ["Save", "Save and send a test event"];
    await page.evaluate(
      `for (const name of ${JSON.stringify(names)}) [...document.querySelectorAll("main button")].find((one) => one.textContent === name).click()`,
    );
    await stored();
    await seen.settled();
    const rules = "/api/cloud/buckets/twice/notifications/";
    assert.equal((await server.api<{ readonly rules: readonly unknown[] }>("GET", rules)).rules.length, 1);
    sent = [];
    await page.getByRole("button", { name: "Send a test event" }).dblclick();
    await seen.settled();
    assert.equal(sent.length, 1, sent.join(", "));
  });

  it("what is typed while something is sent stays", async () => {
    await seen.open("t/default/access");
    const held = Promise.withResolvers<void>();
    await page.route("**/api/cloud/tokens/", async (route) => {
      if (route.request().method() === "POST") await held.promise;
      await route.continue();
    });
    await page.getByLabel("Principal").fill("slow");
    await page.getByLabel("Principal").press("Enter");
    await page.getByLabel("Label").fill("for the next one");
    held.resolve();
    await stored();
    await page.unroute("**/api/cloud/tokens/");
    assert.equal(await page.getByLabel("Principal").inputValue(), "");
    assert.equal(await page.getByLabel("Label").inputValue(), "for the next one");
  });

  it("an edit that outlives a session writes over nothing that another saved meanwhile", async () => {
    await makeBucket("outlived");
    const rules = "/api/cloud/buckets/outlived/notifications/";
    const { id } = await server.api<{ readonly id: string }>("POST", rules, { url: `${receiver.url}/before` });
    await seen.open(`t/default/buckets/outlived/settings?edit=${id}`);
    await page.getByLabel("Webhook URL").fill(`${receiver.url}/mine`);
    await server.api("PATCH", `${rules}${id}/`, { filter: "WHERE size > 5" });
    const path = "/api/cloud/sessions/";
    const { sessions } = await server.api<{ readonly sessions: readonly { readonly id: string }[] }>("GET", path);
    for (const session of sessions) await server.api("DELETE", `${path}${session.id}/`);
    await seen.click("button", "Save");
    const dialog = page.getByRole("dialog", { name: "Your session has ended" });
    await dialog.getByLabel("Token").fill(server.token);
    await dialog.getByRole("button", { name: "Log in" }).click();
    await dialog.waitFor({ state: "detached" });
    await seen.settled();
    await seen.click("button", "Save");
    const asked = page.getByRole("dialog", { name: "This was changed while you edited it" });
    await asked.getByRole("button", { name: "Keep mine" }).click();
    await asked.waitFor({ state: "detached" });
    const { url, filter } = await server.api<Shown>("GET", `${rules}${id}/`);
    assert.deepEqual([url, filter], [`${receiver.url}/mine`, "WHERE size > 5"]);
  });

  it("a form that one comes back to begins with what there is then", async () => {
    await makeBucket("back");
    const rules = "/api/cloud/buckets/back/notifications/";
    const { id } = await server.api<{ readonly id: string }>("POST", rules, { url: `${receiver.url}/before` });
    await seen.open("t/default/buckets/back/settings");
    await seen.click("button", "Edit");
    await page.getByLabel("Webhook URL").waitFor();
    await page.goBack();
    await page.getByLabel("Webhook URL").waitFor({ state: "detached" });
    await server.api("PATCH", `${rules}${id}/`, { url: `${receiver.url}/theirs` });
    await page.goForward();
    assert.equal(await page.getByLabel("Webhook URL").inputValue(), `${receiver.url}/theirs`);
  });

  it("an address means what stands in it, digit by digit", async () => {
    for (const text of ["1e5", "12345678901234567890", "1.0", "true", "null", '{"a":1}', '"quoted"', "a+b c&d=é%"]) {
      await seen.open(`t/default/deliveries?key_prefix=${encodeURIComponent(text)}`);
      assert.equal(await page.getByLabel("Key begins with").inputValue(), text);
      await seen.settled();
      await page.getByRole("button", { name: "dead", exact: true }).click();
      await page.waitForURL(/status=dead/);
      await page.reload();
      assert.equal(await page.getByLabel("Key begins with").inputValue(), text);
    }
  });

  it("a name that leads out of its folder is of nothing", async () => {
    await makeBucket("folder");
    for (const name of ["..", "."]) {
      await seen.open(`t/default/buckets/folder/settings?edit=${name}`);
      await page.getByRole("alert").filter({ hasText: "not yours to see" }).waitFor();
    }
  });

  it("a day is that of the reader's time zone, and of this year", async () => {
    await makeBucket("days");
    await server.api("POST", "/api/cloud/buckets/days/notifications/", { url: `${receiver.url}/days` });
    await put("days", "a");
    await until("it is delivered", () => keysAt("/days").includes("a"));
    await using far = await visitor({ url: server.url, timeZone: "Asia/Kolkata" });
    await far.logIn(server.token);
    const dayMs = 86_400_000;
    const aheadMs = 5.5 * 3_600_000;
    // Ten minutes into the next day there.
    const midnightMs = Math.ceil((Date.now() + aheadMs) / dayMs) * dayMs - aheadMs;
    const shown = async (nowMs: number): Promise<string> => {
      await far.page.clock.setFixedTime(nowMs);
      await far.open("t/default/deliveries?bucket=days");
      return far.page.getByRole("grid", { name: "Deliveries" }).getByRole("row").last().innerText();
    };
    assert.match(await shown(midnightMs + 600_000), /\d+ \w{3} \d\d:\d\d:\d\d/);
    const year = new Date(Date.now() + aheadMs).getUTCFullYear();
    assert.match(await shown(Date.now() + 365 * dayMs), new RegExp(`\\d+ \\w{3} ${year} \\d\\d:`));
  });
});

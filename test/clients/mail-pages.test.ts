/** The pages behind links in mails, as a person meets them: in Debian's Chromium. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { launchChromium, type TestBrowser } from "../support/chromium.ts";
import { type RunningServer, runServer } from "../support/in-process.ts";
import { until } from "../support/until.ts";

interface Mail {
  readonly name: string;
  readonly subject: string;
  readonly text: string | null;
}

describe("the pages of mail links", () => {
  let server: RunningServer;
  let browser: TestBrowser;
  before(async () => {
    server = await runServer();
    browser = await launchChromium();
  });
  after(async () => {
    await browser[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  });

  const mails = async (): Promise<Mail[]> => {
    const { mails: all } = await server.api<{ readonly mails: readonly Mail[] }>("GET", "/api/cloud/mails/");
    return Promise.all(all.map(({ name }) => server.api<Mail>("GET", `/api/cloud/mails/${name}/`)));
  };
  const linkIn = ({ text }: Mail): string =>
    /http:\/\/\S+\/notifications\/v2\/mail\/\S+/.exec(text ?? "")?.[0] ?? assert.fail(`no link in ${text}`);

  it("ask, do it at the press of a button, and say so; a mail can be ended the same way", async () => {
    const resources = server.signalbox.resources("default");
    const { uuid } = await resources.register({ kind: "job", owner: "admin", data: { name: "<b>demo</b>" } });
    const made = await server.api<{ readonly id: string }>("POST", "/api/cloud/subscriptions/", {
      event: "FINISHED",
      resource: uuid,
      target: { type: "email", address: "friend@elsewhere.example" },
    });
    const status = async (): Promise<string> =>
      (await server.api<{ readonly status: string }>("GET", `/api/cloud/subscriptions/${made.id}/`)).status;
    await until("the question", async () => (await mails()).length === 1);
    const [asked = assert.fail()] = await mails();

    const page = await browser.context.newPage();
    const problems: string[] = [];
    page.on("console", (message) => problems.push(message.text()));
    page.on("pageerror", (error) => problems.push(error.message));
    await page.goto(linkIn(asked));
    assert.match((await page.textContent("main")) ?? "", /admin asks that you get mail: .*FINISHED/);
    assert.equal(await status(), "unconfirmed", "looking at the page changes nothing");
    await page.getByRole("button", { name: "Agree" }).click();
    await page.getByRole("heading", { name: "You agreed" }).waitFor();
    assert.equal(await status(), "active");
    await page.reload();
    await page.getByRole("heading", { name: "You agreed" }).waitFor();

    await resources.raise(uuid, "FINISHED");
    await until("the news", async () => (await mails()).length === 2);
    const news = (await mails()).find(({ name }) => name !== asked.name) ?? assert.fail();
    await page.goto(linkIn(news));
    await page.getByRole("button", { name: "Unsubscribe" }).click();
    await page.getByRole("heading", { name: "You are unsubscribed" }).waitFor();
    await assert.rejects(status(), /404/);

    await page.goto(linkIn(news).replace(/.\/$/, "!/"));
    await page.getByRole("heading", { name: "This link does not work" }).waitFor();
    assert.deepEqual(
      problems.filter((text) => !text.includes("404")),
      [],
      "nothing is blocked or broken in it",
    );
    await page.close();
  });
});

/** Two who edit the same thing in a browser: nobody's edit is lost in silence. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { CreateBucketCommand } from "@aws-sdk/client-s3";
import { type RunningServer, runServer } from "../support/in-process.ts";
import { type WebhookReceiver, webhookReceiver } from "../support/webhooks.ts";
import { accessibilityFindings, type Visitor, visitor } from "./visitor.ts";

type Shown = Readonly<Record<string, unknown>>;

describe("two editors in the dashboard", () => {
  let server: RunningServer;
  let receiver: WebhookReceiver;
  let one: Visitor;
  let other: Visitor;
  before(async () => {
    server = await runServer();
    receiver = await webhookReceiver(() => 200);
    const { token } = await server.api<{ readonly token: string }>("POST", "/api/cloud/tokens/", {
      principal: "grace",
      role: "admin",
    });
    one = await visitor(server);
    await one.logIn(server.token);
    other = await visitor(server);
    await other.logIn(token);
  });
  after(async () => {
    await one[Symbol.asyncDispose]();
    await other[Symbol.asyncDispose]();
    await receiver[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  });

  const conflict = ({ page }: Visitor) => page.getByRole("dialog", { name: "This was changed while you edited it" });
  const fillFilter = async ({ page }: Visitor, text: string): Promise<void> => {
    const field = page.getByRole("textbox", { name: "Filter" });
    await field.click();
    await field.fill(text);
  };

  it("of a bucket's notification: the second sees who came between and both texts, keeps their own, and loses nothing of the first", async () => {
    await server.s3.send(new CreateBucketCommand({ Bucket: "shared" }));
    const rules = "/api/cloud/buckets/shared/notifications/";
    const { id } = await server.api<{ readonly id: string }>("POST", rules, { url: `${receiver.url}/before` });
    const settings = `t/default/buckets/shared/settings?edit=${id}`;
    for (const visiting of [one, other]) {
      await visiting.open(settings);
      await visiting.page.getByLabel("Webhook URL").waitFor();
    }
    await fillFilter(other, 'WHERE key REGEXP "^images"');
    await other.click("button", "Save");
    await other.page.getByText('WHERE key REGEXP "^images"').waitFor();

    await one.page.getByLabel("Webhook URL").fill(`${receiver.url}/mine`);
    await one.click("button", "Save");
    const asked = conflict(one);
    await asked.waitFor();
    await asked.getByText("grace").waitFor();
    await asked.getByText("changed by them only").waitFor();
    await asked.getByText('WHERE key REGEXP "^images"').waitFor();
    await asked.getByText(`${receiver.url}/mine`).waitFor();
    assert.deepEqual(await accessibilityFindings(one.page), []);
    assert.equal((await server.api<Shown>("GET", `${rules}${id}/`))["url"], `${receiver.url}/before`);
    await asked.getByRole("button", { name: "Keep mine" }).click();
    await asked.waitFor({ state: "detached" });
    await one.page.getByText(`${receiver.url}/mine`).first().waitFor();
    const rule = await server.api<Shown>("GET", `${rules}${id}/`);
    assert.deepEqual([rule["url"], rule["filter"]], [`${receiver.url}/mine`, 'WHERE key REGEXP "^images"']);
  });

  it("of a subscription: the second takes what the first has made of it, and goes on from there", async () => {
    const { id } = await server.api<{ readonly id: string }>("POST", "/api/cloud/subscriptions/", {
      face: "notifications",
      event: "*",
      resource: "*",
      target: { type: "webhook", url: `${receiver.url}/before` },
    });
    const settings = `t/default/subscriptions/${id}/settings`;
    for (const visiting of [one, other]) {
      await visiting.open(settings);
      await visiting.page.getByLabel("Webhook URL").waitFor();
    }
    await other.page.getByLabel("Webhook URL").fill(`${receiver.url}/theirs`);
    await other.click("button", "Save");
    await other.page.getByRole("heading", { name: "Subscription", exact: true }).waitFor();

    await one.page.getByLabel("Webhook URL").fill(`${receiver.url}/mine`);
    await one.click("button", "Save");
    const asked = conflict(one);
    await asked.getByText("changed by both").waitFor();
    await asked.getByRole("button", { name: "Go on editing" }).click();
    assert.equal(await one.page.getByLabel("Webhook URL").inputValue(), `${receiver.url}/mine`);
    await one.click("button", "Save");
    await asked.getByRole("button", { name: "Take theirs" }).click();
    await asked.waitFor({ state: "detached" });
    assert.equal(await one.page.getByLabel("Webhook URL").inputValue(), `${receiver.url}/theirs`);
    await one.page.getByLabel("Webhook URL").fill(`${receiver.url}/agreed`);
    await one.click("button", "Save");
    await one.page.getByRole("heading", { name: "Subscription", exact: true }).waitFor();
    const shown = await server.api<{ readonly target: Shown }>("GET", `/api/cloud/subscriptions/${id}/`);
    assert.equal(shown.target["url"], `${receiver.url}/agreed`);
  });

  it("of a subscription: what one does to an older state is refused with who came between, and shown anew", async () => {
    const { id } = await server.api<{ readonly id: string }>("POST", "/api/cloud/subscriptions/", {
      face: "notifications",
      event: "*",
      resource: "*",
      target: { type: "webhook", url: `${receiver.url}/acted` },
    });
    await one.open(`t/default/subscriptions/${id}`);
    await one.page.getByRole("button", { name: "Disable" }).waitFor();
    await server.api("PATCH", `/api/cloud/subscriptions/${id}/`, { max_per_second: 5 });
    await one.click("button", "Disable");
    await one.page.getByRole("alert").filter({ hasText: "this was changed by 'admin'" }).waitFor();
    await one.click("button", "Disable");
    await one.page.getByRole("button", { name: "Enable" }).waitFor();
  });

  it("of a bucket's notification: what one does to an older state is refused with who came between, and shown anew", async () => {
    await server.s3.send(new CreateBucketCommand({ Bucket: "acted" }));
    const rules = "/api/cloud/buckets/acted/notifications/";
    const { id } = await server.api<{ readonly id: string }>("POST", rules, { url: `${receiver.url}/acted` });
    await one.open("t/default/buckets/acted/settings");
    await one.page.getByRole("button", { name: "Disable" }).waitFor();
    await other.open(`t/default/buckets/acted/settings?edit=${id}`);
    await fillFilter(other, "WHERE size > 5");
    await other.click("button", "Save");
    await other.page.getByText("WHERE size > 5").waitFor();
    for (const [button, action] of [
      ["Disable", undefined],
      ["Delete", "Delete"],
    ] as const) {
      await one.click("button", button);
      if (action !== undefined) await one.page.getByRole("alertdialog").getByRole("button", { name: action }).click();
      await one.page.getByRole("alert").filter({ hasText: "this was changed by 'grace'" }).waitFor();
      await one.page.getByText("WHERE size > 5").waitFor();
      // Unseen again.
      if (action === undefined) {
        await one.page.reload();
        await one.page.getByRole("button", { name: "Disable" }).waitFor();
        await other.click("button", "Disable");
        await other.page.getByRole("button", { name: "Enable" }).waitFor();
        await other.click("button", "Enable");
        await other.page.getByRole("button", { name: "Disable" }).waitFor();
      }
    }
    const { enabled, filter } = await server.api<Shown>("GET", `${rules}${id}/`);
    assert.deepEqual([enabled, filter], [true, "WHERE size > 5"]);
    await one.click("button", "Disable");
    await one.page.getByRole("button", { name: "Enable" }).waitFor();
  });

  it("of a function's trigger: the second sees both, and keeps theirs and the first's", async () => {
    await server.api("POST", "/api/apps/", { name: "Mill", slug: "mill" });
    const code = "export default () => 1;";
    const fn = await server.api<{ readonly id: number }>("POST", "/api/apps/mill/functions/", { name: "Grind", code });
    const event = "/api/cloud/events/POST_USER_CREATE/";
    const { uuid } = await server.api<{ readonly uuid: string }>("POST", `${event}subscribe/`, { function_id: fn.id });
    for (const visiting of [one, other]) {
      await visiting.open("t/default/functions/mill/grind/triggers");
      await visiting.click("button", "Edit POST_USER_CREATE");
      await visiting.page.getByText("Advanced", { exact: true }).click();
    }
    await other.page.getByLabel("Retries", { exact: true }).fill("2");
    await other.click("button", "Save");
    await other.page.getByRole("cell", { name: "2 retries" }).waitFor();
    await one.page.getByLabel("Attempts at once, at most").fill("4");
    await one.page.getByLabel("Waits before them, in seconds").fill("1, 2");
    await one.click("button", "Save");
    const asked = conflict(one);
    await asked.getByText("grace").waitFor();
    await asked.getByText("changed by them only").waitFor();
    await asked.getByRole("button", { name: "Keep mine" }).click();
    await one.page.getByRole("cell", { name: "2 retries" }).waitFor();
    const { max_retries, max_concurrency, backoff } = await server.api<Shown>(
      "GET",
      `/api/cloud/subscriptions/${uuid}/`,
    );
    assert.deepEqual([max_retries, max_concurrency, (backoff as Shown)["schedule_ms"]], [2, 4, [1_000, 2_000]]);
  });

  it("of a function's limits: the second sees both, and keeps theirs and the first's", async () => {
    await server.api("POST", "/api/apps/", { name: "Shop", slug: "shop" });
    const code = "export default () => ({ decision: 'allow' });";
    await server.api("POST", "/api/apps/shop/functions/", { name: "Check", slug: "check", code });
    const settings = "t/default/functions/shop/check/settings";
    for (const visiting of [one, other]) {
      await visiting.open(settings);
      await visiting.page.getByLabel("Time limit of a run, in ms").waitFor();
    }
    const limits = ({ page }: Visitor) => page.getByRole("region", { name: "General" });
    await limits(other).getByLabel("Name").fill("Hers");
    await limits(other).getByRole("button", { name: "Save" }).click();
    await limits(other).getByText("Saved.").waitFor();
    await limits(one).getByLabel("Time limit of a run, in ms").fill("1234");
    await limits(one).getByRole("button", { name: "Save" }).click();
    const asked = conflict(one);
    await asked.getByText("grace").waitFor();
    await asked.getByText("Hers").waitFor();
    await asked.getByText("1234").waitFor();
    await asked.getByRole("button", { name: "Keep mine" }).click();
    await limits(one).getByText("Saved.").waitFor();
    const { name, timeout_ms } = await server.api<Shown>("GET", "/api/apps/shop/functions/check/");
    assert.deepEqual([name, timeout_ms], ["Hers", 1234]);
    // Their own next change begins with what they made.
    await limits(one).getByLabel("Time limit of a run, in ms").fill("2345");
    await limits(one).getByRole("button", { name: "Save" }).click();
    await limits(one).getByText("Saved.").waitFor();
    assert.equal(await conflict(one).count(), 0);
  });

  it("of a function's code: a draft is not deployed over a version that came between, unless its author says so", async () => {
    const fn = "/api/apps/shop/functions/check/";
    for (const [end, wanted] of [
      ["Take theirs", "theirs 1"],
      ["Keep mine", "mine 2"],
    ] as const) {
      const round = wanted.slice(-1);
      await one.open("t/default/functions/shop/check/code");
      const editor = one.page.getByRole("textbox", { name: "Code" });
      await editor.click();
      await one.page.keyboard.press("ControlOrMeta+a");
      await one.page.keyboard.insertText(`export default () => ({ decision: 'allow' }); // mine ${round}`);
      await one.click("button", "Deploy…");
      await one.page.getByRole("dialog").getByRole("button", { name: "Deploy", exact: true }).waitFor();
      const { token } = await server.api<{ readonly token: string }>("POST", "/api/cloud/tokens/", {
        principal: "grace",
      });
      const code = `export default () => ({ decision: 'allow' }); // theirs ${round}`;
      const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
      await fetch(new URL(fn, server.url), { method: "PATCH", headers, body: JSON.stringify({ code }) });
      await one.page.getByRole("dialog").getByRole("button", { name: "Deploy", exact: true }).click();
      const asked = conflict(one);
      await asked.getByText("grace").waitFor();
      await asked.getByText(`// theirs ${round}`).waitFor();
      await asked.getByRole("button", { name: end }).click();
      await one.page.getByRole("dialog").waitFor({ state: "detached" });
      const { version } = await server.api<Shown>("GET", fn);
      const running = await server.api<Shown>("GET", `${fn}versions/${String(version)}/`);
      assert.match(String(running["code"]), new RegExp(`// ${wanted}$`));
    }
  });

  it("of a user: what is typed outlives what others save, and both edits count", async () => {
    const { uuid } = await server.api<{ readonly uuid: string }>("POST", "/api/cloud/users/", {
      username: "ada",
      email: "ada@example.com",
      attributes: { team: "blue" },
    });
    for (const visiting of [one, other]) await visiting.open(`t/default/users/${uuid}`);
    await one.page.getByLabel("First name").fill("Ada");
    await other.page.getByLabel("Attributes").fill('{ "team": "red" }');
    await other.click("button", "Save");
    await other.page.getByText("Saved.").waitFor();
    // Coming back to the page asks again for what it shows.
    await one.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))");
    await one.settled();
    await one.click("button", "Save");
    const asked = conflict(one);
    await asked.getByText("grace").waitFor();
    assert.deepEqual(await accessibilityFindings(one.page), []);
    await asked.getByRole("button", { name: "Keep mine" }).click();
    await one.page.getByText("Saved.").waitFor();
    const user = await server.api<Shown>("GET", `/api/cloud/users/${uuid}/`);
    assert.deepEqual([user["first_name"], user["attributes"]], ["Ada", { team: "red" }]);
  });
});

/** Several events in one request, in the forms of every face: saved by its fields, refused at them, taken away. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { Locator } from "playwright-core";
import { until } from "../support/until.ts";
import { bucketScene } from "./bucket-scene.ts";
import { accessibilityFindings } from "./visitor.ts";

type Shown = Readonly<Record<string, unknown>>;

const scene = await bucketScene();
const { server, receiver, seen, makeBucket, put, keysAt } = scene;
const { page } = seen;

describe("batches in forms of subscriptions", () => {
  before(() => seen.logIn(server.token));
  after(() => scene[Symbol.asyncDispose]());

  const stored = () => page.getByRole("dialog").getByRole("button", { name: "I have stored it" }).click();
  const advanced = () => page.getByText("Advanced", { exact: true }).click();
  const idShown = (): string => /subscriptions\/([^/?]+)/.exec(new URL(page.url()).pathname)?.[1] ?? "";
  const field = (name: string) => page.getByLabel(name);
  const several = page.getByRole("checkbox", { name: "Send several events in one request" });
  const handshake = page.getByRole("checkbox", { name: /^Post nothing before/ });
  // Filters are checked by posts, too.
  const isOfOne = (url: string): boolean => /\/(notifications|subscriptions)\/([\w-]+\/)?$/.test(new URL(url).pathname);
  /** Saves by a click, and answers what was sent. */
  const sentBy = async (method: string): Promise<Shown> => {
    const sent = page.waitForRequest((request) => request.method() === method && isOfOne(request.url()));
    await seen.click("button", "Save");
    return (await sent).postDataJSON() as Shown;
  };
  /** Waits for a field to be refused, and answers what is said of it. */
  const refusalOf = async (control: Locator): Promise<string> => {
    await until("it is marked", async () => (await control.getAttribute("aria-invalid")) === "true");
    const ids = (await control.getAttribute("aria-describedby")) ?? "";
    const parts = ids.split(" ").map((id) => page.locator(`[id="${id}"]`).textContent());
    return (await Promise.all(parts)).join(" ");
  };

  it("of a bucket: several events in one request, each field of that kept, and off again", async () => {
    await makeBucket("together");
    await seen.open("t/default/buckets/together/settings?edit=new");
    await field("Webhook URL").fill(`${receiver.url}/together`);
    await advanced();
    await several.focus();
    await page.keyboard.press("Space");
    const shown = [
      "Events in a request, at most",
      "Wait of the first for others, in ms",
      "Bytes of a request, at most",
    ];
    const defaults = await Promise.all(shown.map((name) => field(name).inputValue()));
    assert.deepEqual(defaults, ["100", "1000", "1048576"]);
    assert.ok(await page.getByRole("checkbox", { name: /^Once they have failed twice/ }).isChecked());
    await field("Events in a request, at most").fill("2");
    await field("Wait of the first for others, in ms").fill("60000");
    assert.deepEqual(await accessibilityFindings(page), []);
    assert.deepEqual((await sentBy("POST"))["batch"], { max_events: 2, max_wait_ms: 60_000 });
    await stored();
    for (const key of ["1", "2"]) await put("together", key);
    await until("both", () => keysAt("/together").length === 2);
    const requests = receiver.received.filter(({ path }) => path === "/together");
    assert.equal(requests.length, 1);
    const { deliveries } = await server.api<{ readonly deliveries: readonly { readonly id: string }[] }>(
      "GET",
      "/api/cloud/deliveries/?bucket=together",
    );
    await seen.open(`t/default/deliveries/${deliveries[0]?.id}`);
    await page
      .getByText("One of 2 events in the request")
      .getByText(String(requests[0]?.headers["webhook-id"]))
      .waitFor();

    const edit = async (change: () => Promise<void>): Promise<unknown> => {
      await seen.click("button", "Edit");
      await advanced();
      await change();
      const { batch, ...rest } = await sentBy("PATCH");
      assert.deepEqual(rest, {});
      await page.getByRole("heading", { name: "Edit the notification" }).waitFor({ state: "detached" });
      return batch;
    };
    const stores = async () => {
      const path = "/api/cloud/buckets/together/notifications/";
      return (await server.api<{ readonly rules: readonly Shown[] }>("GET", path)).rules[0]?.["batch"];
    };
    await seen.open("t/default/buckets/together/settings");
    const bytesAndSplit = await edit(async () => {
      assert.equal(await field("Events in a request, at most").inputValue(), "2");
      await field("Bytes of a request, at most").fill("2048");
      await page.getByRole("checkbox", { name: /^Once they have failed twice/ }).uncheck();
    });
    assert.deepEqual(bytesAndSplit, { max_bytes: 2_048, split_on_failure: false });
    const changed = { max_events: 2, max_wait_ms: 60_000, max_bytes: 2_048, split_on_failure: false };
    assert.deepEqual(await stores(), changed);
    const usualWait = await edit(() => field("Wait of the first for others, in ms").fill(""));
    assert.deepEqual(usualWait, { max_wait_ms: 1_000 });
    assert.deepEqual(await stores(), { ...changed, max_wait_ms: 1_000 });
    assert.equal(await edit(() => several.uncheck()), null);
    assert.equal(await stores(), null);
  });

  it("what does not go with several events in a request is refused at its field, also when that was out of view", async () => {
    await makeBucket("alone");
    await seen.open("t/default/buckets/alone/settings?edit=new");
    await field("Webhook URL").fill(`${receiver.url}/alone`);
    await advanced();
    await several.check();
    await page.getByRole("radio", { name: "CloudEvents, binary" }).check();
    await seen.click("button", "Save");
    assert.match(await refusalOf(several), /has room for one event: choose cloudevents/);
    await page.getByRole("radio", { name: "CloudEvents, structured" }).check();
    await field("Events in a request, at most").fill("1001");
    await seen.click("button", "Save");
    assert.match(await refusalOf(field("Events in a request, at most")), /must be at most 1000$/);
    assert.equal(await several.getAttribute("aria-invalid"), null);
    await field("Events in a request, at most").fill("1000");
    await seen.click("button", "Save");
    await stored();
  });

  for (const face of ["notifications", "lifecycle"]) {
    it(`of ${face}: several events in one request, refused with macros in the url, and off again`, async () => {
      await seen.open(`t/default/subscriptions/new?face=${face}`);
      await page.getByRole("radio", { name: "A webhook" }).check();
      if (face === "notifications") await page.getByRole("textbox", { name: "Resource" }).fill("*");
      else await page.getByLabel("Event", { exact: true }).selectOption("*");
      await field("Webhook URL").fill(`${receiver.url}/several`);
      await advanced();
      await several.check();
      await field("Events in a request, at most").fill("0");
      await seen.click("button", "Save");
      assert.match(await refusalOf(field("Events in a request, at most")), /must be at least 1$/);
      await field("Events in a request, at most").fill("7");
      const made = await sentBy("POST");
      assert.deepEqual((made["target"] as Shown)["batch"], { max_events: 7 });
      await stored();
      await page.getByRole("heading", { name: "Subscription", exact: true }).waitFor();
      const stores = async () => {
        const { target } = await server.api<Shown>("GET", `/api/cloud/subscriptions/${idShown()}/`);
        return (target as Shown)["batch"];
      };
      const all = { max_events: 7, max_wait_ms: 1_000, max_bytes: 1_048_576, split_on_failure: true };
      assert.deepEqual(await stores(), all);
      await seen.click("link", "Settings");
      await field("Webhook URL").fill(`${receiver.url}/several?of=\${EVENT}`);
      await seen.click("button", "Save");
      await several.waitFor();
      assert.match(await refusalOf(several), /a url without macros/);
      await field("Webhook URL").fill(`${receiver.url}/several`);
      await several.uncheck();
      assert.deepEqual(await sentBy("PATCH"), { target: { type: "webhook", batch: null } });
      await page.getByRole("heading", { name: "Subscription", exact: true }).waitFor();
      assert.equal(await stores(), null);
      await seen.click("link", "Settings");
      await field("Webhook URL").fill(`${receiver.url}/several?of=\${EVENT}`);
      await advanced();
      await handshake.check();
      await seen.click("button", "Save");
      assert.match(await refusalOf(handshake), /agrees to one url/);
      await handshake.uncheck();
      await field("Webhook URL").fill(`${receiver.url}/several`);
      await several.check();
      assert.deepEqual(await sentBy("PATCH"), {
        target: { type: "webhook", batch: { ...all, max_events: 100 } },
      });
    });
  }
});

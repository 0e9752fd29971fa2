/** The client against a running server: what its functions take and give, lists, states, errors, and what is no JSON. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { ApiError, SignalboxClient } from "../../src/client/index.ts";
import { type RunningServer, runServer } from "../support/in-process.ts";

describe("the client", () => {
  let server: RunningServer;
  let client: SignalboxClient;
  before(async () => {
    server = await runServer();
    client = new SignalboxClient({ url: `${server.url}/`, token: async () => server.token });
    await client.api.createBucket({ body: { name: "photos" } });
  });
  after(() => server[Symbol.asyncDispose]());

  it("has a function for each operation, typed, which gives what is in the envelope", async () => {
    const rule = await client.api.createRule({ bucket: "photos", body: { url: "https://hooks.example.com/" } });
    assert.match(rule.signing_secret ?? "", /^whsec_/);
    const { rules } = await client.api.listRules({ bucket: "photos", limit: 5 });
    assert.deepEqual(
      rules.map(({ id }) => id),
      [rule.id],
    );
    // @ts-expect-error A bucket has to be named.
    await assert.rejects(client.api.listRules({}), /bucket must be given/);
    // @ts-expect-error There is no such property.
    await assert.rejects(client.api.createApp({ body: { nam: "x" } }), { code: "invalid_request" });
    const same = await client.api.getRule({ bucket: "photos", id: rule.id });
    assert.equal(same.id, rule.id);
  });

  it("encodes what it is given into paths and queries", async () => {
    await assert.rejects(client.api.getUser({ id: "a/../b?c#d" }), { code: "not_found" });
    await assert.rejects(client.api.getUser({ id: ".." }), TypeError);
    await client.api.createUser({ body: { username: "a&b=c" } });
    const { users } = await client.api.listUsers({ username: "a&b=c" });
    assert.equal(users.length, 1);
  });

  it("lists page by page, as far as it is asked", async () => {
    for (const name of ["one", "two", "three"]) await client.api.createApp({ body: { name, slug: name } });
    const slugs: string[] = [];
    for await (const { slug } of client.each("listApps", { limit: 1 })) slugs.push(slug);
    assert.deepEqual(slugs.toSorted(), ["one", "three", "two"]);
    for await (const { slug } of client.each("listApps", { limit: 2 })) {
      assert.equal(slug, slugs[0]);
      break;
    }
    // @ts-expect-error It lists nothing.
    await assert.rejects(client.each("getApp", { app: "one" }).next(), TypeError);
  });

  it("lists subscriptions of the notifications face, which are numbered", async () => {
    const made = await Promise.all(
      [1, 2, 3].map((number) =>
        client.api.createNotification({
          body: { url: `https://hooks.example.com/${number}`, event: "*", associatedUuid: "*" },
        }),
      ),
    );
    const found: string[] = [];
    for await (const { id } of client.each("listNotifications", { limit: 2 })) found.push(id);
    assert.deepEqual(found.toSorted(), made.map(({ id }) => id).toSorted());
  });

  it("tells the state of what can be edited, and changes no other than that", async () => {
    const { data, etag } = await client.call("getApp", { app: "one" });
    assert.equal(data.name, "one");
    assert.ok(etag !== undefined);
    await client.api.updateApp({ app: "one", body: { name: "One" } }, { ifMatch: etag });
    await assert.rejects(client.api.updateApp({ app: "one", body: { name: "Uno" } }, { ifMatch: etag }), {
      code: "precondition_failed",
      status: 412,
    });
  });

  it("does once what is asked for twice under one key", async () => {
    const options = { idempotencyKey: "make-zoe" };
    const body = { username: "zoe" };
    const first = await client.call("createUser", { body }, options);
    const again = await client.call("createUser", { body }, options);
    assert.deepEqual([first.replayed, again.replayed], [false, true]);
    assert.deepEqual(again.data, first.data);
  });

  it("fails with a code, the fields and the id of the request", async () => {
    const failed = await client.api
      .createUser({ body: { username: "", email: "nowhere" } })
      .catch((thrown: unknown) => thrown);
    assert.ok(failed instanceof ApiError);
    assert.deepEqual([failed.code, failed.status], ["invalid_request", 400]);
    assert.ok(failed.fields.some(({ path }) => path === "username"));
    assert.match(failed.requestId ?? "", /^\S+$/);
    await assert.rejects(client.api.getNotification({ uuid: "none-011" }), { code: "not_found", status: 404 });
    const stranger = new SignalboxClient({ url: server.url, token: "sbx_wrong" });
    await assert.rejects(stranger.api.getSelf(), { code: "unauthenticated" });
    const nowhere = new SignalboxClient({ url: `${server.url}/elsewhere`, token: "x" });
    await assert.rejects(nowhere.api.getSelf(), { status: 404 });
  });

  it("uploads bytes and streams, and gives what is no JSON as it comes", async () => {
    await client.api.putObject({ bucket: "photos", key: "a.txt", body: "hello" });
    await client.api.putObject({ bucket: "photos", key: "b.bin", body: new Uint8Array([1, 2, 3]) });
    await client.api.putObject({
      bucket: "photos",
      key: "c.json",
      body: new Blob(["{}"], { type: "application/json" }),
    });
    await client.api.putObject({ bucket: "photos", key: "d.txt", body: new Blob(["stream"]).stream() });
    const text = async (key: string): Promise<string> => {
      const response = await client.api.getObject({ bucket: "photos", key });
      return response.text();
    };
    assert.deepEqual(await Promise.all(["a.txt", "c.json", "d.txt"].map(text)), ["hello", "{}", "stream"]);
    const metrics = await client.api.getMetrics();
    assert.match(await metrics.text(), /signalbox_/);
  });

  it("acts in the tenant that is chosen", async () => {
    await client.api.createTenant({ body: { id: "other", name: "Other" } });
    await client.api.createApp({ body: { name: "there", slug: "there" } }, { tenant: "other" });
    await assert.rejects(client.api.getApp({ app: "there" }), { code: "not_found" });
    const other = new SignalboxClient({ url: server.url, token: server.token, tenant: "other" });
    assert.equal((await other.api.getApp({ app: "there" })).slug, "there");
  });

  it("refuses options that cannot be meant", () => {
    for (const options of [{ url: "ftp://x" }, { url: "nowhere" }, { url: "http://a:b@x" }]) {
      assert.throws(() => new SignalboxClient({ token: "x", ...options }), TypeError);
    }
    for (const options of [{ retries: -1 }, { retries: 11 }, { timeoutMs: Number.NaN }, { timeoutMs: 2 ** 31 }]) {
      assert.throws(() => new SignalboxClient({ url: "http://x", token: "x", ...options }), RangeError);
    }
  });
});

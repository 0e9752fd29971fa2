/** What becomes of subscriptions after they were made, and that the lists of their faces stay in order. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type Answer, type TestApi, testApi } from "../support/api.ts";
import { makeApp, makeFunction } from "../support/functions.ts";

const path = "/api/cloud/subscriptions/";
const hook = { type: "webhook", url: "https://receiver.example/hook" };

interface Made {
  readonly id: string;
  readonly at: string;
  readonly data: Answer["data"];
}

async function make(api: TestApi, body: object): Promise<Made> {
  const { status, data, text } = await api.ask("POST", path, body);
  assert.equal(status, 201, text);
  return { id: String(data["id"]), at: `${path}${String(data["id"])}/`, data };
}

async function bucketApi(): Promise<TestApi> {
  const api = await testApi();
  await api.bucket("photos");
  return api;
}

describe("PATCH /api/cloud/subscriptions/{id}/", () => {
  it("changes what is said and leaves the rest", async () => {
    await using api = await bucketApi();
    const url = "https://a:b@receiver.example/${EVENT}";
    const target = { type: "webhook", url, headers: { "x-a": "1", "x-b": "2" }, fields: ["reason"], timeout_ms: 5 };
    const { at, data } = await make(api, { event: "*", bucket: "photos", filter: 'key = "a"', target });
    const { signing_secret: _, updated_at: __, ...before } = data;
    api.clock.advance(1_000);
    const changed = await api.ask("PATCH", at, {
      enabled: false,
      max_retries: 7,
      backoff: { schedule_ms: [1] },
      target: { headers: { "x-a": null, "x-c": "3" }, ack: "2xx" },
    });
    assert.equal(changed.status, 200, changed.text);
    const { updated_at: later, ...after } = changed.data;
    assert.notEqual(later, data["updated_at"]);
    assert.deepEqual(after, {
      ...before,
      enabled: false,
      status: "inactive",
      max_retries: 7,
      backoff: { schedule_ms: [1], jitter: 0.2 },
      target: { ...(before["target"] as object), headers: ["x-b", "x-c"], ack: "2xx" },
    });
    const back = await api.ask("PATCH", at, {
      filter: null,
      backoff: null,
      target: { auth: null, headers: null, timeout_ms: null },
    });
    assert.deepEqual([back.data["filter"], (back.data["backoff"] as { jitter: number }).jitter], [null, 0.2]);
    const { auth, headers, timeout_ms } = back.data["target"] as Readonly<Record<string, unknown>>;
    assert.deepEqual([auth, headers, timeout_ms], [null, [], 10_000]);
    // What was read can be sent back.
    const { face, event, resource, enabled, persistent, filter } = back.data;
    assert.equal((await api.ask("PATCH", at, { face, event, resource, enabled, persistent, filter })).status, 200);
    assert.equal((await api.ask("PATCH", at, {})).status, 200);
  });

  it("refuses what would make another subscription of it, or is not for its target", async () => {
    await using api = await bucketApi();
    const { at, data } = await make(api, { event: "OBJECT_DELETED", bucket: "photos", target: hook });
    const wrong: readonly (readonly [object, RegExp])[] = [
      [{ event: "*" }, /^event: stays "OBJECT_DELETED": make another/],
      [{ resource: "*" }, /^resource: stays/],
      [{ face: "lifecycle" }, /^face: stays "objects"/],
      [{ bucket: "other" }, /^bucket: is not a known property/],
      [{ target: { type: "email", address: "a@b.example" } }, /^target.type: stays webhook/],
      [{ target: { address: "a@b.example" } }, /^target.address: is not for a target of type webhook/],
      [{ target: { function_id: 1 } }, /^target.function_id: is not for/],
      [{ target: { stage: "prepare" } }, /^target.stage: is not for/],
      [{ target: { url: "http://10.0.0.1/" } }, /^target.url: the address 10/],
      [{ target: { url: "https://a.example/${NOPE}" } }, /^target.url: .*NOPE/],
      [{ policy: { retryLimit: 1 } }, /^policy: is for the notifications face/],
      [{ filter: "WHERE" }, /^filter: /],
    ];
    for (const [body, said] of wrong) {
      const { status, message } = await api.ask("PATCH", at, body);
      assert.equal(status, 400);
      assert.match(message, said);
    }
    const { signing_secret: _, ...before } = data;
    assert.deepEqual((await api.ask("GET", at)).data, before);
  });

  it("sends no credentials to another origin than they were given for, by whichever face it is changed", async () => {
    await using api = await bucketApi();
    const url = "https://ann:geheim@receiver.example/${EVENT}";
    const target = { type: "webhook", url, headers: { "X-Key": "verborgen" } };
    const bucket = await api.bucket("watched");
    const { at, id } = await make(api, { event: "*", face: "notifications", resource: bucket.uuid, target });
    const change = (to: object) => api.ask("PATCH", at, { target: to });
    const moved = await change({ url: "https://evil.example/${EVENT}" });
    assert.deepEqual(
      [moved.status, ...moved.fields.map(({ path }) => path)],
      [400, "target.auth", "target.headers.x-key"],
    );
    const said = await change({ url: "https://me:too@evil.example/" });
    assert.deepEqual([said.status, ...said.fields.map(({ path }) => path)], [400, "target.headers.x-key"]);
    assert.equal((await change({ url: "https://receiver.example/other" })).status, 200);
    const v2 = await api.ask("PATCH", `/notifications/v2/${id}/`, { url: "https://evil.example/" });
    assert.equal(v2.status, 200);
    const { data } = await api.ask("GET", at);
    const { auth, headers } = data["target"] as { auth: unknown; headers: unknown };
    assert.deepEqual(
      [auth, headers],
      [null, []],
      "the words of that face say all of a target, so nothing of the old one stays",
    );
  });

  it("keeps what many say at once", async () => {
    await using api = await bucketApi();
    const { at } = await make(api, { event: "*", bucket: "photos", target: hook });
    const names = ["x-a", "x-b", "x-c", "x-d", "x-e"];
    const answers = await Promise.all([
      ...names.map((name) => api.ask("PATCH", at, { target: { headers: { [name]: "1" } } })),
      api.ask("PATCH", at, { enabled: false }),
    ]);
    for (const { status, text } of answers) assert.equal(status, 200, text);
    const { data } = await api.ask("GET", at);
    assert.deepEqual([(data["target"] as { headers: string[] }).headers.toSorted(), data["enabled"]], [names, false]);
  });

  it("races with a deletion: changed, or not found, and gone afterwards", async () => {
    await using api = await bucketApi();
    const { at } = await make(api, { event: "*", bucket: "photos", target: hook });
    const [deleted, ...changed] = await Promise.all([
      api.ask("DELETE", at),
      ...[1, 2, 3].map((max_retries) => api.ask("PATCH", at, { max_retries })),
    ]);
    assert.equal(deleted.status, 200);
    for (const { status } of changed) assert.ok(status === 200 || status === 404);
    assert.equal((await api.ask("GET", at)).status, 404);
    assert.equal((await api.ask("DELETE", at)).status, 404);
  });

  it("of a one-shot subscription that had its event changes `persistent` no more", async () => {
    await using api = await bucketApi();
    const { at, id } = await make(api, { event: "*", bucket: "photos", persistent: false, target: hook });
    assert.equal((await api.ask("PATCH", at, { persistent: true })).data["persistent"], true);
    assert.equal((await api.ask("PATCH", at, { persistent: false })).data["persistent"], false);
    const { store } = api.deps;
    const found = (await store.subscriptions.newest({ tenant: "default" }, { max: 1 }))[0];
    assert.equal(found?.uuid, id);
    const take = { tenant: "default", sequence: 1, subscriptions: [found?.number ?? 0], dueMs: 0 };
    await store.commit({ changes: [{ do: "subscription.take", ...take }] });
    const late = await api.ask("PATCH", at, { persistent: true });
    assert.deepEqual([late.status, late.code], [409, "conflict"]);
    assert.equal((await api.ask("PATCH", at, { persistent: false, enabled: false })).status, 200);
  });

  it("asks the owner of another address anew, but not for another tag", async () => {
    await using api = await testApi();
    const { at, data } = await make(api, {
      event: "*",
      resource: "*",
      target: { type: "email", address: "a@b.example" },
    });
    assert.deepEqual([data["status"], data["confirmed"]], ["unconfirmed", false]);
    const uuid = String(data["id"]);
    const change = { do: "subscription.change", uuid: uuid as never, patch: { unconfirmed: false }, atMs: 1 } as const;
    await api.deps.store.commit({ changes: [change] });
    const tagged = await api.ask("PATCH", at, { target: { address: "a+${EVENT}@b.example" } });
    assert.deepEqual([tagged.data["status"], tagged.data["confirmed"]], ["active", true]);
    const other = await api.ask("PATCH", at, { target: { address: "c@b.example" } });
    assert.deepEqual([other.data["status"], other.data["confirmed"]], ["unconfirmed", false]);
    const asked = (await api.deps.store.events.after(0, 100)).filter(({ addressee }) => addressee === uuid);
    assert.deepEqual(
      asked.map(({ names }) => names.notifications),
      ["CONFIRMATION_REQUESTED", "CONFIRMATION_REQUESTED"],
    );
  });

  it("changes the policy of the notifications face in its own words", async () => {
    await using api = await testApi();
    const policy = { retryStrategy: "DELAYED", retryLimit: 3, retryRate: 4, retryDelay: 5, saveOnFailure: true };
    const { at, data } = await make(api, { event: "*", resource: "*", policy, target: hook });
    assert.deepEqual([data["policy"], data["max_retries"]], [policy, 3]);
    assert.deepEqual(data["backoff"], { schedule_ms: [5_000, 4_000], jitter: 0 });
    const changed = await api.ask("PATCH", at, { policy: { retryStrategy: "NONE" } });
    assert.deepEqual(
      [(changed.data["policy"] as { retryStrategy: string }).retryStrategy, changed.data["max_retries"]],
      ["NONE", 0],
    );
    assert.equal((await api.ask("PATCH", at, { policy: null })).data["max_retries"], 5);
  });
});

describe("resume and rotate-secret", () => {
  it("resume what 410 has paused, and nothing else", async () => {
    await using api = await bucketApi();
    const { at, id } = await make(api, { event: "*", bucket: "photos", target: { ...hook, ack: "2xx" } });
    assert.match((await api.ask("POST", `${at}resume/`)).message, /is not paused$/);
    const patch = { paused: { reason: "gone", sinceMs: 1 } } as const;
    await api.deps.store.commit({ changes: [{ do: "subscription.change", uuid: id as never, patch, atMs: 1 }] });
    assert.equal((await api.ask("GET", at)).data["status"], "paused");
    const resumed = await api.ask("POST", `${at}resume/`);
    assert.deepEqual([resumed.status, resumed.data["status"], resumed.data["paused"]], [200, "active", null]);
    await api.deps.store.commit({ changes: [{ do: "subscription.change", uuid: id as never, patch, atMs: 1 }] });
    assert.equal((await api.ask("PATCH", at, { max_retries: 4 })).data["status"], "paused");
    assert.equal((await api.ask("PATCH", at, { enabled: true })).data["status"], "active");
  });

  it("leave what waits for its function to that", async () => {
    await using api = await testApi();
    await makeApp(api);
    const fn = await makeFunction(api, { enabled: false });
    const { at, data } = await make(api, {
      event: "POST_USER_CREATE",
      target: { type: "function", function_id: fn.id },
    });
    assert.equal(data["status"], "paused");
    const { status, message } = await api.ask("POST", `${at}resume/`);
    assert.equal(status, 409);
    assert.match(message, /waits for its function/);
    assert.equal((await api.ask("PATCH", fn.path, { enabled: true })).status, 200);
    assert.equal((await api.ask("GET", at)).data["status"], "active");
    assert.match((await api.ask("POST", `${at}rotate-secret/`)).message, /no signing secret/);
  });

  it("rotate the secret of a webhook", async () => {
    await using api = await bucketApi();
    const { at, data } = await make(api, { event: "*", bucket: "photos", target: hook });
    const { data: rotated, status } = await api.ask("POST", `${at}rotate-secret/`);
    assert.equal(status, 200);
    assert.match(String(rotated["signing_secret"]), /^whsec_/);
    assert.notEqual(rotated["signing_secret"], data["signing_secret"]);
    assert.equal(Date.parse(String(rotated["previous_secret_until"])), api.clock.now() + 86_400_000);
  });
});

describe("lists", () => {
  it("are newest first, in pages, of what fits", async () => {
    await using api = await bucketApi();
    const made: string[] = [];
    for (const persistent of [true, false, true, true, false]) {
      made.unshift((await make(api, { event: "*", bucket: "photos", persistent, target: hook })).id);
    }
    const mail = await make(api, {
      event: "CREATED",
      resource: "*",
      target: { type: "email", address: "a@b.example" },
    });
    const all = await api.all(path, "subscriptions", 2);
    assert.deepEqual(
      all.map(({ id }) => id),
      [mail.id, ...made],
    );
    const of = async (query: string): Promise<readonly unknown[]> =>
      ((await api.ask("GET", `${path}?${query}`)).data["subscriptions"] as readonly { id: string }[]).map(
        ({ id }) => id,
      );
    assert.deepEqual(await of("target=email"), [mail.id]);
    assert.deepEqual(await of("face=notifications"), [mail.id]);
    assert.deepEqual(await of("event=CREATED"), [mail.id]);
    assert.deepEqual(await of("status=unconfirmed"), [mail.id]);
    assert.deepEqual(await of("resource=*"), [mail.id]);
    assert.deepEqual(await of("face=objects&status=active"), made);
    assert.deepEqual(await of("face=lifecycle"), []);
    for (const query of ["face=s3", "status=dead", "target=sms", "limit=0", "cursor=x", "resource=..", "x=1"]) {
      assert.equal((await api.ask("GET", `${path}?${query}`)).status, 400, query);
    }
  });

  it("of rules hold the bucket's webhooks, in whole pages, and nothing else", async () => {
    await using api = await bucketApi();
    const rules = "/api/cloud/buckets/photos/notifications/";
    const first = (await api.ask("POST", rules, { url: hook.url })).data["id"];
    for (const n of [1, 2, 3]) {
      await make(api, { event: "*", bucket: "photos", target: { type: "email", address: `a${n}@b.example` } });
    }
    const second = await make(api, { event: "*", bucket: "photos", target: hook });
    const mail = await make(api, { event: "*", bucket: "photos", target: { type: "email", address: "a@b.example" } });
    assert.deepEqual(
      (await api.all(rules, "rules", 1)).map(({ id }) => id),
      [first, second.id],
    );
    assert.equal((await api.ask("GET", `${rules}${mail.id}/`)).status, 404);
    assert.equal((await api.ask("PATCH", `${rules}${second.id}/`, { max_retries: 9 })).status, 200);
    assert.equal((await api.ask("GET", second.at)).data["max_retries"], 9);
    // And the other way.
    assert.equal((await api.ask("PATCH", `${path}${String(first)}/`, { max_retries: 8 })).status, 200);
    assert.equal((await api.ask("GET", `${rules}${String(first)}/`)).data["max_retries"], 8);
  });

  it("of subscribers hold the functions, and nothing else", async () => {
    await using api = await testApi();
    await makeApp(api);
    const { id: fn } = await makeFunction(api);
    const { id: other } = await makeFunction(api, { name: "Other" });
    const event = "POST_USER_CREATE";
    const subscribed = await api.ask("POST", `/api/cloud/events/${event}/subscribe/`, { function_id: fn });
    await make(api, { event, target: hook });
    await make(api, { event, target: { type: "email", address: "a@b.example" } });
    const made = await make(api, { event, app: "user-management", target: { type: "function", function_id: other } });
    for (const at of [`/api/cloud/events/${event}/`, `/api/apps/user-management/events/${event}/`]) {
      const { data } = await api.ask("GET", at);
      const functions = (data["subscribers"] as readonly { function_id: number }[]).map(({ function_id: id }) => id);
      assert.deepEqual([data["total_subscribers"], functions], [2, [fn, other]]);
    }
    const counts = await api.ask("GET", "/api/apps/user-management/events/");
    assert.equal((counts.data["subscriber_counts"] as Record<string, number>)[event], 2);
    const uuid = String(subscribed.data["uuid"]);
    assert.equal((await api.ask("PATCH", `${path}${uuid}/`, { filter: "username = 'a'" })).status, 200);
    assert.equal(
      (await api.ask("POST", `/api/cloud/events/${event}/unsubscribe/`, { function_id: other })).status,
      200,
    );
    assert.equal((await api.ask("GET", made.at)).status, 404);
  });
});

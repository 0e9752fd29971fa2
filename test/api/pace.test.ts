/** `max_per_second`, `max_concurrency` and `ordered`, of rules and of subscriptions of every face and target. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type TestApi, testApi } from "../support/api.ts";
import { makeApp, makeFunction } from "../support/functions.ts";

const url = "https://receiver.example/hook";
const hook = { type: "webhook", url };
const paced = { max_per_second: 2.5, max_concurrency: 1, ordered: true };
const unpaced = { max_per_second: null, max_concurrency: null, ordered: false };
const rules = "/api/cloud/buckets/photos/notifications/";
const subscriptions = "/api/cloud/subscriptions/";

function paceOf({ max_per_second, max_concurrency, ordered }: Readonly<Record<string, unknown>>): unknown {
  return { max_per_second, max_concurrency, ordered };
}

/** Everything that has a pace: how it is made, and where it is then. */
async function places(
  api: TestApi,
): Promise<readonly { readonly at: string; readonly body: object; readonly to: string }[]> {
  await api.bucket("photos");
  await makeApp(api);
  const [one, other] = [await makeFunction(api, { name: "one" }), await makeFunction(api, { name: "other" })];
  const post = "/api/cloud/events/POST_USER_CREATE/";
  return [
    { at: rules, body: { url }, to: rules },
    { at: subscriptions, body: { event: "*", bucket: "photos", target: hook }, to: subscriptions },
    { at: subscriptions, body: { event: "CREATED", resource: "*", target: hook }, to: subscriptions },
    {
      at: subscriptions,
      body: { event: "CREATED", resource: "*", target: { type: "email", address: "a@b.example" } },
      to: subscriptions,
    },
    { at: subscriptions, body: { event: "POST_USER_CREATE", target: hook }, to: subscriptions },
    {
      at: subscriptions,
      body: { event: "POST_USER_CREATE", target: { type: "function", function_id: one.id } },
      to: subscriptions,
    },
    { at: `${post}subscribe/`, body: { function_id: other.id }, to: `${post}subscribers/` },
  ];
}

describe("the pace of a subscription", () => {
  it("is said when it is made or changed, shown, and taken away, on every face and for every target", async () => {
    await using api = await testApi();
    for (const { at, body, to } of await places(api)) {
      const made = await api.ask("POST", at, { ...body, ...paced });
      assert.ok(made.status < 300, made.text);
      assert.deepEqual(paceOf(made.data), paced, at);
      const here = `${to}${String(made.data["id"])}/`;
      const changed = await api.ask("PATCH", here, { max_concurrency: null, max_per_second: 10 });
      assert.deepEqual(paceOf(changed.data), { ...paced, max_concurrency: null, max_per_second: 10 }, changed.text);
      const other = await api.ask("PATCH", here, { enabled: false });
      assert.deepEqual(paceOf(other.data), paceOf(changed.data), "what is not spoken of stays");
      const cleared = await api.ask("PATCH", here, unpaced);
      assert.deepEqual(paceOf(cleared.data), unpaced, cleared.text);
    }
  });

  it("is none by default", async () => {
    await using api = await testApi();
    for (const { at, body } of await places(api)) {
      assert.deepEqual(paceOf((await api.ask("POST", at, body)).data), unpaced, at);
    }
  });

  it("is refused where it is none, naming the field", async () => {
    await using api = await testApi();
    const wrong = [
      { max_per_second: 0 },
      { max_per_second: -1 },
      { max_per_second: 1_001 },
      { max_per_second: "5" },
      { max_concurrency: 0 },
      { max_concurrency: 65 },
      { max_concurrency: 1.5 },
      { ordered: "key" },
      { ordered: null },
    ];
    for (const { at, body } of await places(api)) {
      for (const one of wrong) {
        const { status, fields } = await api.ask("POST", at, { ...body, ...one });
        assert.deepEqual(
          [status, fields?.map(({ path }) => path)],
          [400, Object.keys(one)],
          `${at} ${JSON.stringify(one)}`,
        );
      }
    }
  });

  it("is refused for hooks, which their operations wait for", async () => {
    await using api = await testApi();
    await makeApp(api);
    const fn = await makeFunction(api);
    const target = { type: "function", function_id: fn.id };
    for (const [field, value] of Object.entries(paced)) {
      for (const [at, body] of [
        [subscriptions, { event: "PRE_USER_CREATE", target }],
        ["/api/cloud/events/PRE_USER_CREATE/subscribe/", { function_id: fn.id }],
      ] as const) {
        const { status, message } = await api.ask("POST", at, { ...body, [field]: value });
        assert.equal(status, 400);
        assert.match(message, new RegExp(`^${field}.*waits`));
      }
    }
  });
});

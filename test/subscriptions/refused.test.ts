/** What is wrong with a subscription is said of its field, with the remedy, and nothing is made. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type TestApi, testApi } from "../support/api.ts";
import { makeApp, makeFunction } from "../support/functions.ts";

const path = "/api/cloud/subscriptions/";
const hook = { type: "webhook", url: "https://receiver.example/hook" };
const mail = { type: "email", address: "ada@example.com" };

async function refused(api: TestApi, body: unknown): Promise<string> {
  const { status, code, message, fields } = await api.ask("POST", path, body);
  assert.equal(status, 400, message);
  assert.ok(code === "invalid_request" || code === "invalid_filter", message);
  return fields.map((field) => `${field.path}: ${field.message}`).join("; ");
}

async function bucketApi(): Promise<TestApi> {
  const api = await testApi();
  await api.bucket("photos");
  return api;
}

/** By what is said, what is answered. */
const wrong: readonly (readonly [string, object, RegExp])[] = [
  ["no event", { bucket: "photos", target: hook }, /^event: is required$/],
  ["no target", { event: "*", bucket: "photos" }, /^target: is required$/],
  [
    "a target of no type",
    { event: "*", bucket: "photos", target: { url: hook.url } },
    /^target: must be an object whose type is/,
  ],
  ["a target of another type", { event: "*", bucket: "photos", target: { type: "sms", to: "1" } }, /^target: must be/],
  [
    "two targets in one",
    { event: "*", bucket: "photos", target: { ...hook, address: "a@b.example" } },
    /^target.address: is not a known/,
  ],
  [
    "an unknown member",
    { event: "*", bucket: "photos", target: hook, filters: "x" },
    /^filters: .*Did you mean "filter"/,
  ],
  ["a number for a text", { event: 7, bucket: "photos", target: hook }, /^event: must be a string/],
  ["a list for an object", { event: "*", bucket: "photos", target: [hook] }, /^target: must be/],
  ["an empty url", { event: "*", bucket: "photos", target: { ...hook, url: "" } }, /^target.url: must not be empty/],
  [
    "an endless url",
    { event: "*", bucket: "photos", target: { ...hook, url: `https://a.example/${"x".repeat(3000)}` } },
    /^target.url: must have at most 2048/,
  ],
  [
    "another scheme",
    { event: "*", bucket: "photos", target: { ...hook, url: "ftp://a.example/" } },
    /^target.url: must begin with http/,
  ],
  [
    "a private address",
    { event: "*", bucket: "photos", target: { ...hook, url: "http://169.254.169.254/${EVENT}" } },
    /^target.url: the address 169/,
  ],
  [
    "a macro for a host",
    { event: "*", bucket: "photos", target: { ...hook, url: "https://${OWNER}.example/" } },
    /^target.url: must not hold macros in the host/,
  ],
  [
    "an unknown macro",
    { event: "*", bucket: "photos", target: { ...hook, url: "https://a.example/${JOB_ID}" } },
    /^target.url: .*JOB_ID.* is not a macro/,
  ],
  [
    "an open macro",
    { event: "*", bucket: "photos", target: { ...hook, url: "https://a.example/${EVENT" } },
    /^target.url: has a \$\{ without/,
  ],
  [
    "login twice",
    {
      event: "*",
      bucket: "photos",
      target: { ...hook, url: "https://u:p@a.example/", auth: { type: "bearer", token: "t" } },
    },
    /^target.auth: goes without/,
  ],
  [
    "a header of ours",
    { event: "*", bucket: "photos", target: { ...hook, headers: { Authorization: "x" } } },
    /^target.headers.Authorization: .*set by Signalbox/,
  ],
  [
    "a header of the other face",
    { event: "*", bucket: "photos", target: { ...hook, headers: { "X-Agave-Notification": "x" } } },
    /^target.headers.X-Agave-Notification: .*set by Signalbox/,
  ],
  [
    "a header with a line break",
    { event: "*", bucket: "photos", target: { ...hook, headers: { "x-a": "a\r\nb: c" } } },
    /^target.headers.x-a: /,
  ],
  [
    "no address",
    { event: "*", bucket: "photos", target: { ...mail, address: "nobody" } },
    /^target.address: must be an e-mail address/,
  ],
  [
    "two addresses",
    { event: "*", bucket: "photos", target: { ...mail, address: "a@b.example,c@d.example" } },
    /^target.address: must be one/,
  ],
  [
    "a line break in an address",
    { event: "*", bucket: "photos", target: { ...mail, address: "a@b.example\r\nbcc: c@d.example" } },
    /^target.address: /,
  ],
  [
    "a macro for a mailbox",
    { event: "*", bucket: "photos", target: { ...mail, address: "${OWNER}@b.example" } },
    /^target.address: may hold macros only behind/,
  ],
  [
    "a filter of another face",
    { event: "*", bucket: "photos", filter: "username = 'a'", target: hook },
    /^filter: .*username/s,
  ],
  [
    "a filter that the event has no field for",
    { event: "POST_USER_CREATE", filter: "usrname = 'a'", target: hook },
    /^filter: .*username/s,
  ],
  [
    "half a filter",
    { event: "*", face: "notifications", resource: "*", filter: "WHERE a =", target: hook },
    /^filter: /,
  ],
  [
    "an event of another face",
    { event: "POST_USER_CREATE", face: "objects", bucket: "photos", target: hook },
    /^event: must be one of OBJECT_CREATED_PUT/,
  ],
  [
    "an object's event as an operation",
    { event: "OBJECT_DELETED", face: "lifecycle", target: hook },
    /^event: is no event type/,
  ],
  [
    "a resource's event as an operation",
    { event: "PRE_USER_CREAT", face: "lifecycle", target: hook },
    /^event: .*Did you mean "PRE_USER_CREATE"/,
  ],
  ["an unspeakable event", { event: "no blanks", resource: "*", target: hook }, /^event: must be \* or 1 to 65/],
  ["no resource", { event: "CREATED", target: hook }, /^resource: is required/],
  ["no bucket", { event: "OBJECT_DELETED", target: hook }, /^bucket: is required/],
  [
    "bucket and resource",
    { event: "OBJECT_DELETED", bucket: "photos", resource: "*", target: hook },
    /^resource: goes without bucket/,
  ],
  [
    "bucket on the notifications face",
    { event: "CREATED", bucket: "photos", target: hook },
    /^bucket: is for the objects face/,
  ],
  ["app on the objects face", { event: "OBJECT_DELETED", app: "a", target: hook }, /^app: is for the lifecycle face/],
  ["no uuid", { event: "CREATED", resource: "../../etc/passwd", target: hook }, /^resource: must be a resource's uuid/],
  ["an endless uuid", { event: "CREATED", resource: "a".repeat(65), target: hook }, /^resource: must have at most 64/],
  [
    "a webhook before an operation",
    { event: "PRE_USER_CREATE", target: hook },
    /^target.type: must be function, not webhook: the operation waits/,
  ],
  [
    "an address before an operation",
    { event: "PRE_USER_CREATE", target: mail },
    /^target.type: must be function, not email/,
  ],
  [
    "additive fields of objects elsewhere",
    { event: "POST_USER_CREATE", target: { ...hook, fields: ["reason"] } },
    /^target.fields: is for the objects face/,
  ],
  [
    "a policy on the objects face",
    { event: "*", bucket: "photos", policy: {}, target: hook },
    /^policy: is for the notifications face/,
  ],
  [
    "max_retries on the notifications face",
    { event: "*", resource: "*", max_retries: 1, target: hook },
    /^max_retries: is not for the notifications/,
  ],
  [
    "a policy that contradicts itself",
    { event: "*", resource: "*", policy: { retryStrategy: "NONE", retryDelay: 5 }, target: hook },
    /^policy.retryDelay: must be 0/,
  ],
  [
    "a policy without end",
    { event: "*", resource: "*", policy: { retryLimit: 1e9 }, target: hook },
    /^policy.retryLimit: must be a whole number/,
  ],
  [
    "retries of mail",
    { event: "*", bucket: "photos", max_retries: 1, target: mail },
    /^max_retries: is not for e-mail/,
  ],
  [
    "too long a wait",
    { event: "*", bucket: "photos", target: { ...hook, timeout_ms: 60_001 } },
    /^target.timeout_ms: must be at most 60000/,
  ],
  [
    "a function that is not there",
    { event: "*", bucket: "photos", target: { type: "function", function_id: 99 } },
    /^target.function_id: there is no function 99/,
  ],
  [
    "a function by a negative number",
    { event: "*", bucket: "photos", target: { type: "function", function_id: -1 } },
    /^target.function_id: must be at least 1/,
  ],
];

describe("POST /api/cloud/subscriptions/ refuses", () => {
  it("what is wrong, by its field", async () => {
    await using api = await bucketApi();
    for (const [what, body, said] of wrong) assert.match(await refused(api, body), said, what);
    assert.deepEqual((await api.ask("GET", path)).data["subscriptions"], []);
  });

  it("__proto__, and what is no JSON", async () => {
    await using api = await bucketApi();
    for (const body of ['{"__proto__": {"event": "*"}}', "{", "[]", "null", "7", '"*"']) {
      assert.equal((await api.ask("POST", path, body)).status, 400, body);
    }
    const polluted = `{"event": "*", "bucket": "photos", "target": {"type": "webhook", "url": "https://a.example/", "__proto__": {}}}`;
    assert.equal((await api.ask("POST", path, polluted)).status, 400);
  });

  it("what is for PRE events elsewhere, and what is not for them there", async () => {
    await using api = await bucketApi();
    await makeApp(api);
    const { id: fn } = await makeFunction(api);
    const target = { type: "function", function_id: fn };
    const stage = { ...target, stage: "prepare" };
    assert.match(
      await refused(api, { event: "*", bucket: "photos", target: stage }),
      /^target.stage: is for PRE events/,
    );
    const policy = { ...target, failure_policy: "open" };
    assert.match(
      await refused(api, { event: "POST_USER_CREATE", target: policy }),
      /^target.failure_policy: is for PRE/,
    );
    assert.match(
      await refused(api, { event: "PRE_USER_CREATE", max_retries: 1, target }),
      /^max_retries: is not for PRE_/,
    );
    assert.match(
      await refused(api, { event: "PRE_USER_CREATE", persistent: false, target }),
      /^persistent: must be true/,
    );
  });

  it("a function that is subscribed to the event type already, and one too many", async () => {
    await using api = await testApi({ maxHooksPerEvent: 1, maxFunctionsPerEvent: 2 });
    await makeApp(api);
    const { id: fn } = await makeFunction(api);
    const event = "POST_USER_CREATE";
    const target = { type: "function", function_id: fn };
    // Webhooks and addresses count as no hooks.
    for (const other of [hook, mail]) assert.equal((await api.ask("POST", path, { event, target: other })).status, 201);
    assert.equal((await api.ask("POST", path, { event, target })).status, 201);
    const again = await api.ask("POST", path, { event, target });
    assert.deepEqual([again.status, again.code], [409, "conflict"]);
    const [other, third] = [await makeFunction(api, { name: "Other" }), await makeFunction(api, { name: "Third" })];
    const ask = (event: string, id: number) => api.ask("POST", path, { event, target: { ...target, function_id: id } });
    assert.equal((await ask(event, other.id)).status, 201);
    assert.match((await ask(event, third.id)).message, /SIGNALBOX_MAX_FUNCTIONS_PER_EVENT/);
    assert.equal((await ask("PRE_USER_CREATE", fn)).status, 201);
    assert.match((await ask("PRE_USER_CREATE", other.id)).message, /SIGNALBOX_MAX_HOOKS_PER_EVENT/);
    // On another face it may hear the same as often as it likes.
    const watching = { event: "CREATED", resource: "*", target };
    for (const _ of [1, 2]) assert.equal((await api.ask("POST", path, watching)).status, 201);
  });

  it("one more than a bucket may have, also when many are asked for at once", async () => {
    await using api = await testApi({ maxRulesPerBucket: 3 });
    await api.bucket("photos");
    const rules = "/api/cloud/buckets/photos/notifications/";
    const asked = [1, 2, 3, 4].flatMap(() => [
      api.ask("POST", path, { event: "*", bucket: "photos", target: hook }),
      api.ask("POST", rules, { url: hook.url }),
    ]);
    const statuses = (await Promise.all(asked)).map(({ status }) => status);
    assert.deepEqual(
      statuses.toSorted((one, other) => one - other),
      [201, 201, 201, 409, 409, 409, 409, 409],
    );
  });
});

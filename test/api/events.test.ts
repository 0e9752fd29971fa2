import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type TestApi, testApi } from "../support/api.ts";
import { app, makeApp, makeFunction } from "../support/functions.ts";

/**
 * The documented examples, by the sections that they stand in. Their ids and instants are whatever they are here; beyond their
 * members answers have others, which come after them.
 */

const documented = ["PRE_USER_CREATE", "POST_USER_CREATE"];
const events = "/api/cloud/events/";

async function withFunctions(): Promise<{ readonly api: TestApi; readonly first: number; readonly second: number }> {
  const api = await testApi();
  await makeApp(api);
  const { id: first } = await makeFunction(api, { name: "Validate User Data" });
  const { id: second } = await makeFunction(api, { name: "Check Email Domain" });
  return { api, first, second };
}

/** The members that are documented, in their order. */
function members(data: Readonly<Record<string, unknown>>, names: readonly string[]): Record<string, unknown> {
  assert.deepEqual(Object.keys(data).slice(0, names.length), names);
  return Object.fromEntries(names.map((name) => [name, data[name]]));
}

const instant = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/;

describe("List All Events", () => {
  it("answers with the documented names first, for every member", async () => {
    await using api = await testApi();
    const token = await api.tokenOf("member");
    const { status, text, data } = await api.ask("GET", events, undefined, { token });
    assert.equal(status, 200);
    assert.deepEqual(JSON.parse(text), {
      success: true,
      message: "Events retrieved successfully",
      data: { events: data["events"] },
    });
    assert.deepEqual((data["events"] as string[]).slice(0, 2), documented);
  });
});

describe("Subscribe to Event", () => {
  it("answers 200 with the subscription", async () => {
    const { api, first } = await withFunctions();
    await using _ = api;
    const answer = await api.ask("POST", `${events}PRE_USER_CREATE/subscribe/`, { function_id: first });
    const { id, created_at: created, updated_at: updated } = answer.data;
    assert.ok(Number.isSafeInteger(id));
    assert.match(String(created), instant);
    assert.match(String(updated), instant);
    const { success, message, data } = JSON.parse(answer.text) as Record<string, unknown>;
    const full = {
      id,
      event: "PRE_USER_CREATE",
      function: first,
      function_name: "Validate User Data",
      function_slug: "validate-user-data",
      app_name: "User Management",
      app_slug: "user-management",
      created_at: created,
      updated_at: updated,
    };
    assert.deepEqual(
      [answer.status, success, message],
      [200, true, `Function ${first} subscribed to event 'PRE_USER_CREATE' successfully`],
    );
    assert.deepEqual(members(data as Record<string, unknown>, Object.keys(full)), full);
  });

  it("400 Bad Request - Invalid event type", async () => {
    const { api, first } = await withFunctions();
    await using _ = api;
    const names = (await api.ask("GET", events)).data["events"] as string[];
    const message = `Invalid event type 'INVALID_EVENT'. Must be one of: ${names.join(", ")}`;
    assert.ok(
      message.startsWith("Invalid event type 'INVALID_EVENT'. Must be one of: PRE_USER_CREATE, POST_USER_CREATE"),
    );
    for (const body of [{ function_id: first }, { function_id: "x" }, "{", undefined]) {
      const { status, text } = await api.ask("POST", `${events}INVALID_EVENT/subscribe/`, body);
      assert.equal(status, 400);
      assert.deepEqual(JSON.parse(text), { success: false, message, code: "invalid_request" }, "whatever the body is");
    }
  });

  it("400 Bad Request - Function already subscribed", async () => {
    const { api, first } = await withFunctions();
    await using _ = api;
    const ask = () => api.ask("POST", `${events}PRE_USER_CREATE/subscribe/`, { function_id: first });
    await ask();
    const { status, text } = await ask();
    const message = `Function ${first} is already subscribed to event 'PRE_USER_CREATE'`;
    assert.deepEqual([status, JSON.parse(text)], [400, { success: false, message, code: "invalid_request" }]);
  });

  it("400 Bad Request - Function doesn't exist", async () => {
    await using api = await testApi();
    const { status, text } = await api.ask("POST", `${events}PRE_USER_CREATE/subscribe/`, { function_id: 123 });
    const message = "Function with id 123 does not exist";
    assert.deepEqual([status, JSON.parse(text)], [400, { success: false, message, code: "invalid_request" }]);
  });
});

describe("Unsubscribe from Event", () => {
  it("answers 200 with nothing", async () => {
    const { api, first } = await withFunctions();
    await using _ = api;
    const { data } = await api.ask("POST", `${events}PRE_USER_CREATE/subscribe/`, { function_id: first });
    const { status, text } = await api.ask("POST", `${events}PRE_USER_CREATE/unsubscribe/`, { function_id: first });
    assert.equal(status, 200);
    assert.deepEqual(JSON.parse(text), {
      success: true,
      message: `Function ${first} unsubscribed from event 'PRE_USER_CREATE' successfully`,
      data: {},
    });
    assert.equal(api.woken.at(-1), data["id"], "what waits for it becomes dead letters");
    const again = await api.ask("POST", `${events}PRE_USER_CREATE/subscribe/`, { function_id: first });
    assert.equal(again.status, 200);
    assert.notEqual(again.data["id"], data["id"]);
  });

  it("404 Not Found - Subscription doesn't exist", async () => {
    const { api, first } = await withFunctions();
    await using _ = api;
    await api.ask("POST", `${events}POST_USER_CREATE/subscribe/`, { function_id: first });
    for (const fn of [first, 123]) {
      const { status, text } = await api.ask("POST", `${events}PRE_USER_CREATE/unsubscribe/`, { function_id: fn });
      const message = `Function ${fn} was not subscribed to event 'PRE_USER_CREATE'`;
      assert.deepEqual([status, JSON.parse(text)], [404, { success: false, message, code: "not_found" }]);
    }
  });

  it("tells of an unknown event type as subscribing does", async () => {
    const { api, first } = await withFunctions();
    await using _ = api;
    const answers = await Promise.all(
      ["subscribe", "unsubscribe"].map((verb) => api.ask("POST", `${events}NOPE/${verb}/`, { function_id: first })),
    );
    assert.equal(answers[1]?.text, answers[0]?.text);
    assert.equal(answers[1]?.status, 400);
  });
});

describe("Get App Event Details", () => {
  it("answers with the event, the app and the app's subscribers", async () => {
    const { api, first, second } = await withFunctions();
    await using _ = api;
    await makeApp(api, { name: "Other" });
    const { id: elsewhere } = await makeFunction(api, {}, { app: "other" });
    for (const fn of [first, elsewhere, second]) {
      await api.ask("POST", `${events}PRE_USER_CREATE/subscribe/`, { function_id: fn });
      api.clock.advance(1000);
    }
    await api.ask("POST", `${events}POST_USER_CREATE/subscribe/`, { function_id: first });
    const token = await api.tokenOf("member");
    const answer = await api.ask("GET", `/api/apps/${app.slug}/events/PRE_USER_CREATE/`, undefined, { token });
    assert.deepEqual(
      [answer.status, answer.success, answer.message],
      [200, true, "Event 'PRE_USER_CREATE' details retrieved successfully"],
    );
    const { id: appId } = (await api.ask("GET", `/api/apps/${app.slug}/`)).data;
    const shown = answer.data["subscribers"] as Record<string, unknown>[];
    const names = [
      ["Validate User Data", "validate-user-data"],
      ["Check Email Domain", "check-email-domain"],
    ];
    const expected = shown.map(({ subscriber_id: id, created_at: created }, index) => ({
      subscriber_id: id,
      event: "PRE_USER_CREATE",
      function_id: [first, second][index],
      function_name: names[index]?.[0],
      function_slug: names[index]?.[1],
      app_id: appId,
      app_name: "User Management",
      app_slug: "user-management",
      created_at: created,
    }));
    assert.deepEqual(answer.data, {
      event: "PRE_USER_CREATE",
      app: { id: appId, name: "User Management", slug: "user-management" },
      total_subscribers: 2,
      subscribers: shown,
    });
    assert.deepEqual(Object.keys(answer.data), ["event", "app", "total_subscribers", "subscribers"]);
    assert.equal(shown.length, 2);
    assert.deepEqual(
      shown.map((one) => members(one, Object.keys(expected[0] ?? {}))),
      expected,
    );
    assert.deepEqual(
      shown.map(({ created_at: created }) => created),
      ["2026-01-01T00:00:00.000Z", "2026-01-01T00:00:02.000Z"],
    );
  });

  it("knows neither other apps nor other events", async () => {
    await using api = await testApi();
    await makeApp(api);
    const unknown = await api.ask("GET", "/api/apps/other/events/PRE_USER_CREATE/");
    assert.deepEqual([unknown.status, unknown.code], [404, "not_found"]);
    const invalid = await api.ask("GET", `/api/apps/${app.slug}/events/INVALID_EVENT/`);
    assert.equal(invalid.status, 400);
    assert.match(
      invalid.message,
      /^Invalid event type 'INVALID_EVENT'\. Must be one of: PRE_USER_CREATE, POST_USER_CREATE/,
    );
  });
});

describe("Base URL Structure", () => {
  it("has App-Scoped Events too: the list, with how many of the app's functions are subscribed to each", async () => {
    const { api, first, second } = await withFunctions();
    await using _ = api;
    await api.ask("POST", `${events}PRE_USER_CREATE/subscribe/`, { function_id: first });
    await api.ask("POST", `${events}PRE_USER_CREATE/subscribe/`, { function_id: second });
    await api.ask("POST", `${events}POST_USER_CREATE/subscribe/`, { function_id: second });
    const names = (await api.ask("GET", events)).data["events"] as string[];
    const token = await api.tokenOf("member");
    const { message, data } = await api.ask("GET", `/api/apps/${app.slug}/events/`, undefined, { token });
    const { id } = (await api.ask("GET", `/api/apps/${app.slug}/`)).data;
    const none = Object.fromEntries(names.map((name) => [name, 0]));
    assert.equal(message, "Events retrieved successfully");
    assert.deepEqual(data, {
      events: names,
      app: { id, ...app },
      subscriber_counts: { ...none, PRE_USER_CREATE: 2, POST_USER_CREATE: 1 },
    });
  });
});

describe("an event type", () => {
  it("is shown with what it is and who in the tenant is subscribed", async () => {
    const { api, first } = await withFunctions();
    await using _ = api;
    await makeApp(api, { name: "Other" });
    const { id: elsewhere } = await makeFunction(api, {}, { app: "other" });
    for (const fn of [elsewhere, first]) {
      await api.ask("POST", `${events}PRE_USER_CREATE/subscribe/`, { function_id: fn });
    }
    const { status, message, data } = await api.ask("GET", `${events}PRE_USER_CREATE/`);
    assert.deepEqual([status, message], [200, "Event 'PRE_USER_CREATE' details retrieved successfully"]);
    const { schema, changeable, sensitive, subscribers, description, ...rest } = data;
    assert.deepEqual(rest, {
      event: "PRE_USER_CREATE",
      phase: "pre",
      resource: "user",
      source: "built_in",
      total_subscribers: 2,
    });
    assert.equal((schema as Record<string, unknown>)["type"], "object");
    assert.ok((changeable as string[]).includes("attributes.*"));
    assert.ok(Array.isArray(sensitive) && typeof description === "string");
    assert.deepEqual(
      (subscribers as Record<string, unknown>[]).map((one) => one["function_id"]),
      [elsewhere, first],
    );
    assert.equal((await api.ask("GET", `${events}POST_USER_CREATE/`)).data["phase"], "post");
    for (const name of ["NOPE", "pre_user_create", "__proto__", "constructor", "*", "PRE_USER_CREATE%00"]) {
      const { status, message } = await api.ask("GET", `${events}${name}/`);
      assert.equal(status, 400);
      assert.ok(message.startsWith(`Invalid event type '${decodeURIComponent(name)}'. Must be one of: `), message);
    }
  });
});

describe("types of an event", () => {
  it("are declared for an editor, with the tenant's attributes and a sample", async () => {
    await using api = await testApi();
    const schema = { type: "object", properties: { plan: { enum: ["free", "pro"] } } };
    await api.ask("PUT", "/api/cloud/users/schema/", { schema });
    const token = await api.tokenOf("developer", "dev");
    const { status, data } = await api.ask("GET", `${events}PRE_USER_CREATE/types/`, undefined, { token });
    assert.deepEqual([status, data["event"], data["params_type"]], [200, "PRE_USER_CREATE", "PreUserCreateParams"]);
    assert.match(
      String(data["declarations"]),
      /readonly plan\?: "free" \| "pro"[^]*readonly attributes\?: UserAttributes/,
    );
    assert.equal((data["sample"] as Record<string, unknown>)["username"], "ada");
    assert.equal((await api.ask("GET", `${events}NOT_THERE/types/`)).status, 400);
  });
});

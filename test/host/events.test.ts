import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type ApiOptions, type TestApi, testApi } from "../support/api.ts";
import { orderEvents } from "../support/library.ts";

const path = "/host/v1/events/";
const order = { event_type: "POST_ORDER_CREATE", params: { id: 7, item: "a pen" } };
const options: ApiOptions = { events: orderEvents };

async function committed({ deps }: TestApi) {
  return deps.store.events.after(0, 100);
}

async function twoTenants(api: TestApi): Promise<void> {
  await api.deps.store.commit({ changes: [{ do: "tenant.add", tenant: { id: "acme", name: "Acme", createdMs: 0 } }] });
}

describe("publishing an event by the host interface", () => {
  it("makes it durable, and answers the documented result as it stands there", async () => {
    await using api = await testApi(options);
    const { status, text } = await api.askHost("POST", path, { ...order, user: "ada" });
    assert.equal(status, 200);
    assert.deepEqual(JSON.parse(text), {
      status: "success",
      message: "Event published successfully",
      data: { event: "POST_ORDER_CREATE", task_ids: [], total_subscribers: 0 },
    });
    const [event, ...others] = await committed(api);
    assert.deepEqual(others, []);
    assert.deepEqual(
      [event?.tenant, event?.names, event?.actor, event?.origin],
      ["default", { lifecycle: "POST_ORDER_CREATE" }, "ada", "library"],
    );
  });

  it("names what is wrong, and does nothing then", async () => {
    await using api = await testApi(options);
    const cases: readonly (readonly [object | string, number, string, string])[] = [
      [{ params: {} }, 400, "invalid_request", "event_type"],
      [{ event_type: "POST_ORDER_CREATE" }, 400, "invalid_request", "params"],
      [{ ...order, event_type: "POST_ORDER_EATEN" }, 400, "invalid_request", "event_type"],
      [{ ...order, event_type: "post order" }, 400, "invalid_request", "event_type"],
      [{ ...order, params: { id: "seven", item: "a pen" } }, 400, "invalid_request", "params.id"],
      [{ ...order, params: [] }, 400, "invalid_request", "params"],
      [{ ...order, user: {} }, 400, "invalid_request", "user"],
      [{ ...order, user: 7 }, 400, "invalid_request", "user"],
      [{ ...order, resource: "nonsense" }, 400, "invalid_request", "resource"],
      [{ ...order, more: 1 }, 400, "invalid_request", "more"],
      [{ ...order, app: "nowhere" }, 404, "not_found", ""],
    ];
    for (const [body, wanted, code, field] of cases) {
      const answer = await api.askHost("POST", path, body);
      const told = [answer.status, answer.code, ...(field === "" ? [] : [answer.fields[0]?.path])];
      assert.deepEqual(told, [wanted, code, ...(field === "" ? [] : [field])], answer.text);
    }
    assert.deepEqual(await committed(api), []);
  });

  it("is done once for one Idempotency-Key", async () => {
    await using api = await testApi(options);
    const token = await api.hostToken();
    const asking = { token, headers: { "idempotency-key": "order-7" } };
    const first = await api.askHost("POST", path, order, asking);
    const again = await api.askHost("POST", path, order, asking);
    assert.deepEqual([again.status, again.text], [200, first.text]);
    assert.equal(again.headers["idempotency-replayed"], "true");
    assert.equal((await committed(api)).length, 1);
    const other = await api.askHost("POST", path, { ...order, params: { id: 8, item: "a pen" } }, asking);
    assert.equal(other.status, 409, other.text);
  });

  it("happens in the token's tenant, and with a token of all tenants in the one that is named", async () => {
    await using api = await testApi(options);
    await twoTenants(api);
    const ofOne = await api.hostToken({}, "billing", "acme");
    const ofAll = await api.hostToken({ allTenants: true }, "platform");
    for (const [token, tenant, wanted] of [
      [ofOne, undefined, "acme"],
      [ofOne, "acme", "acme"],
      [ofOne, "default", 404],
      [ofOne, "nowhere", 404],
      [ofAll, undefined, "default"],
      [ofAll, "acme", "acme"],
      [ofAll, "nowhere", 404],
    ] as const) {
      const before = (await committed(api)).length;
      const { status } = await api.askHost("POST", path, order, { token, ...(tenant === undefined ? {} : { tenant }) });
      const event = (await committed(api))[before];
      if (typeof wanted === "number") assert.deepEqual([status, event], [wanted, undefined]);
      else assert.deepEqual([status, event?.tenant], [200, wanted]);
    }
  });

  it("keeps one host's answers from another of the same name in another tenant", async () => {
    await using api = await testApi(options);
    await twoTenants(api);
    const headers = { "idempotency-key": "same" };
    const ofAll = await api.hostToken({ allTenants: true }, "billing");
    const ofOne = await api.hostToken({}, "billing", "acme");
    await api.askHost("POST", path, order, { token: ofAll, tenant: "acme", headers });
    const own = await api.askHost("POST", path, order, { token: ofOne, headers });
    assert.deepEqual([own.status, own.headers["idempotency-replayed"]], [200, undefined]);
    assert.equal((await committed(api)).length, 2);
  });

  it("is kept to the event types that the token is for", async () => {
    await using api = await testApi(options);
    for (const [eventTypes, wanted] of [
      [["POST_ORDER_CREATE"], 200],
      [["POST_ORDER_*"], 200],
      [["PRE_*", "*"], 200],
      [["POST_ORDER"], 403],
      [["POST_ORDER_CREATE_*", "PRE_ORDER_CREATE"], 403],
    ] as const) {
      const token = await api.hostToken({ eventTypes }, `of-${eventTypes.join("-").replaceAll("*", "all")}`);
      const answer = await api.askHost("POST", path, order, { token });
      assert.deepEqual([answer.status, answer.code], [wanted, wanted === 403 ? "forbidden" : undefined], answer.text);
      if (wanted === 403) assert.match(answer.message, /POST_ORDER_CREATE.*it is for /);
    }
    assert.equal((await committed(api)).length, 3);
  });
});

describe("publishing many events at once", () => {
  const one = (id: number) => ({ event_type: "POST_ORDER_CREATE", params: { id, item: "a pen" }, user: "ada" });

  it("commits a thousand in their order, and answers each", async () => {
    await using api = await testApi(options);
    const events = Array.from({ length: 1_000 }, (_, id) => one(id));
    const { status, text } = await api.askHost("POST", path, { events });
    assert.equal(status, 200, text);
    const answer = JSON.parse(text) as { message: string; data: { results: readonly object[] } };
    assert.equal(answer.message, "1,000 events published successfully");
    assert.equal(answer.data.results.length, 1_000);
    assert.deepEqual(answer.data.results[7], { event: "POST_ORDER_CREATE", task_ids: [], total_subscribers: 0 });
    const kept = await api.deps.store.events.after(0, 1_001);
    assert.deepEqual(
      kept.map(({ data }) => (data as { params: { id: number } }).params.id),
      events.map(({ params }) => params.id),
    );
  });

  it("publishes none when one is wrong, and names it and what is wrong with it", async () => {
    await using api = await testApi(options);
    const cases: readonly (readonly [readonly object[], string])[] = [
      [[], "events"],
      [Array.from({ length: 1_001 }, (_, id) => one(id)), "events"],
      [[one(1), { ...one(2), params: { id: "two", item: "a pen" } }], "events[1].params.id"],
      [[one(1), { ...one(2), event_type: "POST_NOTHING" }], "events[1].event_type"],
      [[one(1), { event_type: "PRE_ORDER_CREATE", params: { item: "a pen" } }], "events[1].event_type"],
      [[one(1), { ...one(2), user: {} }], "events[1].user"],
      [[one(1), { ...one(2), resource: "nonsense" }], "events[1].resource"],
      [[one(1), { ...one(2), more: 1 }], "events[1].more"],
      [[one(1), { params: {} }], "events[1].event_type"],
    ];
    for (const [events, field] of cases) {
      const answer = await api.askHost("POST", path, { events });
      assert.deepEqual([answer.status, answer.fields[0]?.path], [400, field], answer.text);
    }
    const unknown = await api.askHost("POST", path, { events: [one(1), { ...one(2), app: "nowhere" }] });
    assert.deepEqual([unknown.status, unknown.fields[0]?.path], [404, "events[1]"], unknown.text);
    const token = await api.hostToken({ eventTypes: ["POST_ORDER_CREATE"] });
    const beyond = await api.askHost(
      "POST",
      path,
      { events: [one(1), { ...one(2), event_type: "POST_X_Y" }] },
      { token },
    );
    assert.equal(beyond.status, 403, beyond.text);
    assert.deepEqual(await committed(api), []);
  });
});

describe("hostile bodies", () => {
  it("are refused with what is wrong, and nothing is published", async () => {
    await using api = await testApi(options);
    const token = await api.hostToken();
    const deep = `{"event_type":"POST_ORDER_CREATE","params":${'{"a":'.repeat(5_000)}1${"}".repeat(5_000)}}`;
    const wide = JSON.stringify({
      ...order,
      params: Object.fromEntries(Array.from({ length: 30_000 }, (_, at) => [`p${at}`, 1])),
    });
    const huge = JSON.stringify({
      events: Array.from({ length: 999 }, () => ({ ...order, params: { id: 1, item: "x".repeat(2_000) } })),
    });
    const json = "application/json";
    const cases: readonly (readonly [string, string, number, string])[] = [
      [deep, json, 400, "invalid_request"],
      [wide, json, 400, "invalid_request"],
      [huge, json, 413, "too_large"],
      ['{"event_type"', json, 400, "invalid_request"],
      ["[]", json, 400, "invalid_request"],
      ["null", json, 400, "invalid_request"],
      ['{"__proto__": {}}', json, 400, "invalid_request"],
      [
        '{"event_type":"POST_ORDER_CREATE","params":{"id":12345678901234567890,"item":"a pen"}}',
        json,
        400,
        "invalid_request",
      ],
      [JSON.stringify(order), "text/plain", 415, "unsupported_media_type"],
      [JSON.stringify(order), "application/x-www-form-urlencoded", 415, "unsupported_media_type"],
      [JSON.stringify(order), "application/json; charset=utf-16", 415, "unsupported_media_type"],
    ];
    for (const [body, type, wanted, code] of cases) {
      const answer = await api.askHost("POST", path, body, { token, headers: { "content-type": type } });
      assert.deepEqual(
        [answer.status, answer.code],
        [wanted, code],
        `${body.slice(0, 60)}: ${answer.text.slice(0, 300)}`,
      );
    }
    assert.deepEqual(await committed(api), []);
  });

  it("are not even read of who may not ask", async () => {
    await using api = await testApi(options);
    const answer = await api.askHost("POST", path, "{", { token: "sbx_nothing" });
    assert.deepEqual([answer.status, answer.code], [401, "unauthenticated"]);
  });
});

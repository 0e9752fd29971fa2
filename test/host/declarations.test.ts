/** Event types and kinds that a platform declares by the host interface. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type Answer, type Asking, type TestApi, testApi } from "../support/api.ts";
import { hooked, invocationsOf } from "../support/functions-api.ts";
import { subscribed } from "../support/hooks.ts";
import { askHost } from "../support/host-listener.ts";
import { runServer } from "../support/in-process.ts";
import { until } from "../support/until.ts";

const types = "/host/v1/event-types/";
const kinds = "/host/v1/kinds/";
const shipped = `${types}POST_PARCEL_SHIP/`;

const schema = (properties: object) => ({ type: "object", properties, required: ["carrier"] });
const carrier = { type: "string" };
const parcel = {
  phase: "post",
  resource: "parcel",
  description: "After a parcel was shipped.",
  schema: schema({ carrier, grams: { type: "integer" } }),
} as const;
const lighter = { ...parcel, schema: schema({ carrier }) };

interface Broken {
  readonly total: number;
  readonly subscriptions: readonly { readonly id: string; readonly filter: string; readonly message: string }[];
}

async function declaredFrom(answer: Promise<Answer>): Promise<Answer> {
  const done = await answer;
  assert.equal(done.status, 200, done.text);
  return done;
}

async function statusesOf(api: TestApi, asked: readonly (readonly [string, string, unknown?])[], asking: Asking) {
  const codes: (readonly [number, string | undefined])[] = [];
  for (const [method, path, body] of asked) {
    const { status, code } = await api.askHost(method, path, body, asking);
    codes.push([status, code]);
  }
  return codes;
}

/** A function is subscribed with that filter; answers the path of its subscription. */
async function filtered(api: TestApi, filter: string): Promise<string> {
  await subscribed(api, "POST_PARCEL_SHIP", "export default () => true;", { filter });
  const query = { event: "POST_PARCEL_SHIP", filtered: true };
  const found = await api.deps.store.declarations.subscribed(query, { max: 9 });
  return `/api/cloud/subscriptions/${found.at(-1)?.uuid ?? "none"}/`;
}

describe("event types by the host interface", () => {
  it("are declared, shown, listed, changed and removed, each with its version and ETag", async () => {
    await using api = await testApi();
    const made = await declaredFrom(api.askHost("PUT", shipped, parcel));
    assert.deepEqual(
      [made.data["result"], made.data["version"], made.data["source"], made.data["declared_by"], made.data["paused"]],
      ["declared", 1, "declared", "host-of-all", 0],
    );
    const shown = await declaredFrom(api.askHost("GET", shipped));
    assert.deepEqual([shown.data["schema"], shown.data["phase"]], [parcel.schema, "post"]);
    assert.equal(shown.headers.etag, made.headers.etag);
    const again = await declaredFrom(api.askHost("PUT", shipped, parcel));
    assert.deepEqual(
      [again.data["result"], again.data["version"], again.headers.etag],
      ["unchanged", 1, made.headers.etag],
    );

    const ifMatch = { headers: { "if-match": String(made.headers.etag) } };
    const changed = await declaredFrom(api.askHost("PUT", shipped, lighter, ifMatch));
    assert.deepEqual([changed.data["result"], changed.data["version"]], ["changed", 2]);
    assert.notEqual(changed.headers.etag, made.headers.etag);
    for (const [method, body] of [
      ["PUT", parcel],
      ["DELETE", undefined],
    ] as const) {
      const late = await api.askHost(method, shipped, body, ifMatch);
      assert.deepEqual([late.status, late.code], [412, "precondition_failed"], late.text);
    }

    const { data } = await declaredFrom(api.askHost("GET", types));
    const listed: string[] = [];
    for (let page = data; ; ) {
      for (const { name } of page["event_types"] as readonly { readonly name: string }[]) listed.push(name);
      if (typeof page["next_cursor"] !== "string") break;
      page = (await declaredFrom(api.askHost("GET", `${types}?limit=10&cursor=${page["next_cursor"]}`))).data;
    }
    assert.deepEqual(listed, [...api.deps.catalog.names].toSorted());
    assert.ok(listed.includes("POST_PARCEL_SHIP"));

    await declaredFrom(api.askHost("DELETE", shipped));
    assert.equal((await api.askHost("GET", shipped)).status, 404);
    assert.equal((await api.askHost("DELETE", shipped)).status, 404);
    const gone = await api.askHost("PUT", shipped, parcel, { headers: { "if-match": "*" } });
    assert.equal(gone.status, 412, gone.text);
  });

  it("are refused by the field that is wrong, and nothing is kept then", async () => {
    await using api = await testApi();
    const wrong: readonly (readonly [path: string, body: unknown, field: string])[] = [
      [shipped, { ...parcel, schema: undefined }, "schema"],
      [shipped, { ...parcel, schema: { type: "string" } }, "schema.type"],
      [shipped, { ...parcel, schema: schema({ carrier: { type: "text" } }) }, "schema.properties.carrier.type"],
      [
        shipped,
        { ...parcel, schema: schema({ carrier: { type: "string", pattern: "(a{1,100}){1,100}" } }) },
        "schema.properties.carrier.pattern",
      ],
      [
        shipped,
        { ...parcel, schema: schema({ carrier: { $ref: "http://127.0.0.1/" } }) },
        "schema.properties.carrier.$ref",
      ],
      [shipped, { ...parcel, schema: { ...parcel.schema, description: "x".repeat(20_000) } }, "schema"],
      [shipped, { ...parcel, phase: "during" }, "phase"],
      [shipped, { ...parcel, phase: "pre" }, "name"],
      [shipped, { ...parcel, resource: "A parcel" }, "resource"],
      [shipped, { ...parcel, changeable: ["carrier"] }, "changeable[0]"],
      [shipped, { ...parcel, sensitive: ["nothing"] }, "sensitive[0]"],
      [shipped, { ...parcel, colour: "red" }, "colour"],
      [`${types}parcel/`, parcel, "name"],
      [`${types}POST_USER_CREATE/`, parcel, "name"],
      [`${kinds}parcel/`, { events: [] }, "events"],
      [`${kinds}parcel/`, { events: ["MADE"], parents: ["crate"] }, "parents[0]"],
      [`${kinds}parcel/`, { events: ["MADE"], code: "7" }, "code"],
      [`${kinds}bucket/`, { events: ["MADE"] }, "name"],
    ];
    for (const [path, body, field] of wrong) {
      const { status, fields, text } = await api.askHost("PUT", path, body);
      assert.deepEqual([status, fields[0]?.path], [400, field], text);
    }
    assert.equal(await api.deps.store.declarations.revision(), 0);
    const builtIn = await api.askHost("DELETE", `${types}POST_USER_CREATE/`);
    assert.deepEqual([builtIn.status, builtIn.code], [409, "conflict"]);
  });

  it("are changed by hosts of all tenants alone, whose tokens are for them; every host reads them", async () => {
    await using api = await testApi();
    await declaredFrom(api.askHost("PUT", shipped, parcel));
    await declaredFrom(api.askHost("PUT", `${kinds}parcel/`, { events: ["LOST"] }));
    const changes = [
      ["PUT", shipped, lighter],
      ["DELETE", shipped],
      ["PUT", `${kinds}parcel/`, { events: ["FOUND"] }],
      ["DELETE", `${kinds}parcel/`],
    ] as const;
    const looks = [
      ["GET", types],
      ["GET", shipped],
      ["GET", kinds],
      ["GET", `${kinds}parcel/`],
    ] as const;
    const all = <T>(value: T): T[] => Array.from({ length: 4 }, () => value);
    const member = { token: await api.tokenOf("member") };
    assert.deepEqual(await statusesOf(api, [...changes, ...looks], member), [
      ...all([401, "unauthenticated"]),
      ...all([401, "unauthenticated"]),
    ]);
    const ofOne = { token: await api.hostToken() };
    assert.deepEqual(await statusesOf(api, [...changes, ...looks], ofOne), [
      ...all([403, "forbidden"]),
      ...all([200, undefined]),
    ]);
    const scope = { allTenants: true, eventTypes: ["POST_ORDER_*"], kinds: ["job"] };
    const ofOrders = { token: await api.hostToken(scope, "orders") };
    assert.deepEqual(await statusesOf(api, changes, ofOrders), all([403, "forbidden"]));
    assert.equal((await api.askHost("GET", shipped)).data["version"], 1);
  });

  it("keep the filters of subscriptions: a change that breaks some is refused with them, or pauses them", async () => {
    await using api = await testApi();
    await declaredFrom(api.askHost("PUT", shipped, parcel));
    const heavy = await filtered(api, "grams > 500");
    const dhl = await filtered(api, "carrier = 'dhl'");
    const refused = await api.askHost("PUT", shipped, lighter);
    assert.deepEqual([refused.status, refused.code], [409, "breaks_filters"]);
    const { total, subscriptions } = refused.data as unknown as Broken;
    assert.deepEqual([total, subscriptions.map(({ filter }) => filter)], [1, ["grams > 500"]]);
    assert.match(subscriptions[0]?.message ?? "", /grams/);
    assert.ok(refused.message.includes(subscriptions[0]?.id ?? "none"));
    assert.equal((await api.askHost("GET", shipped)).data["version"], 1);

    const forced = await declaredFrom(api.askHost("PUT", `${shipped}?force=true`, lighter));
    assert.deepEqual([forced.data["result"], forced.data["version"], forced.data["paused"]], ["changed", 2, 1]);
    const now = async (path: string) => (await api.ask("GET", path)).data["status"];
    assert.deepEqual([await now(heavy), await now(dhl)], ["paused", "active"]);

    // It goes on when its filter can be read again: by another filter, or by another declaration.
    const early = [await api.ask("POST", `${heavy}resume/`, {}), await api.ask("PATCH", heavy, { enabled: true })];
    for (const { status, code, text } of early) {
      assert.deepEqual([status, code], [400, "invalid_filter"], text);
      assert.match(text, /grams/);
    }
    assert.equal(await now(heavy), "paused");
    await declaredFrom(api.askHost("PUT", shipped, parcel));
    await declaredFrom(api.ask("POST", `${heavy}resume/`, {}));
    assert.equal(await now(heavy), "active");
    await declaredFrom(api.askHost("PUT", `${shipped}?force=true`, lighter));
    await declaredFrom(api.ask("PATCH", heavy, { enabled: true, filter: "carrier = 'ups'" }));
    assert.equal(await now(heavy), "active");

    const used = await api.askHost("DELETE", shipped);
    assert.deepEqual([used.status, used.code, (used.data as unknown as Broken).total], [409, "in_use", 2]);
    await declaredFrom(api.askHost("DELETE", `${shipped}?force=true`));
  });

  it("are in effect at once: a hook changes what is changeable, and a filter by params decides what is delivered", async () => {
    await using server = await runServer({ SIGNALBOX_HOST_LISTEN: "127.0.0.1:0" });
    const made = { principal: "platform", role: "host", all_tenants: true };
    const { token } = await server.api<{ readonly token: string }>("POST", "/api/cloud/tokens/", made);
    const host = async (method: string, path: string, body?: unknown) => {
      const asked = { method, path, token, ...(body === undefined ? {} : { body }) };
      const { status, json, text } = await askHost(server.signalbox.hostUrl ?? "", asked);
      assert.equal(status, 200, text);
      return json["data"] as Readonly<Record<string, unknown>>;
    };
    await host("PUT", `${types}PRE_PARCEL_SHIP/`, { ...parcel, phase: "pre", changeable: ["grams"] });
    await host("PUT", shipped, parcel);
    const weighing = "export default () => ({ decision: 'allow', patch: { grams: 900 } });";
    await hooked(server, "PRE_PARCEL_SHIP", weighing, { name: "Weigh" });
    const code = "export default ({ params }) => ({ grams: params.grams });";
    const told = await hooked(server, "POST_PARCEL_SHIP", code, {
      name: "Tell of heavy ones",
      subscription: { filter: "grams > 500" },
    });

    const asked = await host("POST", "/host/v1/events/", { event_type: "PRE_PARCEL_SHIP", params: { carrier: "dhl" } });
    const [task] = asked["task_ids"] as readonly { readonly task_id: string }[];
    const verdict = await host("GET", `/host/v1/tasks/${task?.task_id ?? ""}/?wait_ms=60000`);
    assert.deepEqual(verdict["result"], { decision: "allow", patch: { grams: 900 } });
    for (const grams of [100, 900]) {
      await host("POST", "/host/v1/events/", { event_type: "POST_PARCEL_SHIP", params: { carrier: "dhl", grams } });
    }
    const results = async () =>
      (await invocationsOf(server, told)).filter(({ status }) => status === "succeeded").map(({ result }) => result);
    await until("the heavy one was told of", async () => (await results()).length > 0);
    assert.deepEqual(await results(), [{ grams: 900 }]);
    assert.equal((await invocationsOf(server, told)).length, 1, "the light one was asked of its filter before");
  });
});

describe("kinds by the host interface", () => {
  it("are declared, used, changed as far as resources let them, and removed", async () => {
    await using api = await testApi();
    const path = `${kinds}parcel/`;
    const made = await declaredFrom(
      api.askHost("PUT", path, { events: ["SHIPPED", "LOST"], code: "321", macros: { CARRIER: "carrier" } }),
    );
    assert.deepEqual([made.data["result"], made.data["version"], made.data["code"]], ["declared", 1, "321"]);
    const resource = { kind: "parcel", owner: "ada" };
    assert.equal((await api.askHost("PUT", "/host/v1/resources/box-321/", resource)).status, 200);
    const raised = await api.askHost("POST", "/host/v1/resources/box-321/events/", { event: "LOST" });
    assert.equal(raised.status, 200, raised.text);
    const fewer = { events: ["SHIPPED"], code: "321", macros: { CARRIER: "carrier" } };
    const refused = await api.askHost("PUT", path, fewer);
    assert.deepEqual([refused.status, refused.code, refused.data], [409, "in_use", { resources: 1 }]);
    assert.match(refused.message, /its event LOST/);
    const changed = await declaredFrom(api.askHost("PUT", `${path}?force=true`, fewer));
    assert.deepEqual([changed.data["version"], changed.data["declared"]], [2, fewer]);
    assert.equal((await api.askHost("GET", path)).headers.etag, changed.headers.etag);
    assert.equal((await api.askHost("DELETE", path)).code, "in_use");
    await declaredFrom(api.askHost("DELETE", `${path}?force=true`));
    assert.equal((await api.askHost("GET", path)).status, 404);
  });

  it("add to the documented ones, and are listed page by page with them", async () => {
    await using api = await testApi();
    await declaredFrom(api.askHost("PUT", `${kinds}job/`, { events: ["PREEMPTED"] }));
    const { data } = await declaredFrom(api.askHost("GET", `${kinds}job/`));
    const events = data["events"] as readonly string[];
    assert.ok(events.includes("PREEMPTED") && events.includes("FINISHED"));
    assert.deepEqual([data["source"], data["declared"]], ["declared", { events: ["PREEMPTED"] }]);
    const listed: string[] = [];
    for (let cursor = ""; ; ) {
      const { data: page } = await declaredFrom(api.askHost("GET", `${kinds}?limit=5${cursor}`));
      for (const { name } of page["kinds"] as readonly { readonly name: string }[]) listed.push(name);
      if (typeof page["next_cursor"] !== "string") break;
      cursor = `&cursor=${page["next_cursor"]}`;
    }
    assert.deepEqual(listed, api.deps.kinds.all.map(({ name }) => name).toSorted());
  });
});

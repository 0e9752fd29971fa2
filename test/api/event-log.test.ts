import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type Event, type FaceNames, type NewEvent, objectEventNames } from "../../src/domain/event.ts";
import { newUuid, sequenceText, uuidV7 } from "../../src/domain/ids.ts";
import { type TestApi, testApi } from "../support/api.ts";
import { subscribed } from "../support/hooks.ts";
import { ruleOn, sent } from "../support/sent.ts";

const log = "/api/cloud/event-log/";

interface Logged {
  readonly id: string;
  readonly sequence: string;
  readonly name: string;
  readonly key: string | null;
  readonly names: FaceNames;
  readonly deliveries: Readonly<Record<string, unknown>>;
}

const [put, deleted] = objectEventNames;

/** An event past the engine, dispatched to nobody. */
async function happened(api: TestApi, over: Partial<NewEvent> = {}): Promise<Event> {
  api.clock.advance(1_000);
  const moment = { nowMs: api.clock.now(), bytes: api.clock.bytes(10) };
  const event: NewEvent = {
    id: uuidV7(moment),
    tenant: "default",
    resource: newUuid("file", moment),
    names: { objects: put, notifications: "UPLOADED", lifecycle: "POST_OBJECT_PUT" },
    actor: "ann",
    origin: "s3",
    timeMs: moment.nowMs,
    data: { bucket: "photos", key: "a.txt", size: 5, reason: "PutObject" },
    ...over,
  };
  const commit = await api.deps.store.commit({ events: [event] });
  const sequence = commit.kind === "committed" ? (commit.sequences[0] ?? 0) : assert.fail();
  return (await api.deps.store.events.get(sequence)) ?? assert.fail();
}

async function asked(api: TestApi, query: string, token = api.operator): Promise<readonly Logged[]> {
  const { status, data, text } = await api.ask("GET", `${log}?${query}`, undefined, { token });
  assert.equal(status, 200, text);
  return data["events"] as Logged[];
}

const keysOf = (events: readonly Logged[]): readonly unknown[] => events.map(({ key }) => key);
const where = (text: string): string => `face=objects&where=${encodeURIComponent(text)}`;

describe("the event log", () => {
  it("has every event, newest first, those that nobody wanted included, with what became of them", async () => {
    await using api = await testApi();
    const bucket = await api.bucket("photos");
    const rule = await ruleOn(api, bucket);
    const lone = await happened(api, { scope: bucket.uuid });
    api.clock.advance(1_000);
    await sent(api, bucket, rule, "dead");
    await sent(api, bucket, rule, "delivered");
    const nothing = { waiting: 0, delivered: 0, dead: 0, paused: 0, more: false };
    const photos = await asked(api, "bucket=photos");
    assert.deepEqual(
      photos.map(({ deliveries }) => deliveries),
      [{ ...nothing, delivered: 1 }, { ...nothing, dead: 1 }, nothing],
    );
    assert.deepEqual(photos[2], {
      id: lone.id,
      sequence: sequenceText(lone.sequence),
      time: "2026-01-01T00:00:01.000Z",
      name: put,
      names: { objects: put, notifications: "UPLOADED", lifecycle: "POST_OBJECT_PUT" },
      resource: lone.resource,
      bucket: "photos",
      key: "a.txt",
      app: null,
      actor: "ann",
      origin: "s3",
      deliveries: nothing,
    });
    assert.deepEqual(keysOf(await asked(api, "deliveries=none&bucket=photos")), ["a.txt"]);
    assert.equal((await asked(api, "deliveries=some")).length, 2);
    const every = (await api.all(log, "events", 1)).map(({ id }) => id);
    assert.deepEqual(
      every,
      (await asked(api, "limit=100")).map(({ id }) => id),
    );
  });

  it("is narrowed by a filter of a face, by name, resource and time", async () => {
    await using api = await testApi();
    const bucket = await api.bucket("photos");
    const scope = bucket.uuid;
    const data = { bucket: "photos", size: 5, reason: "PutObject" };
    const first = await happened(api, { scope, data: { ...data, key: "images/a.jpg" } });
    await happened(api, { scope, data: { ...data, key: "images/b.jpg" }, names: { objects: deleted } });
    await happened(api, { scope, data: { ...data, key: "notes/c" } });
    const params = { operation: "o", params: { plan: "pro", number: 12 } };
    await happened(api, { data: params, names: { lifecycle: "POST_ORDER_CREATE" } });
    const newest = ["notes/c", "images/b.jpg", "images/a.jpg"];
    assert.deepEqual(keysOf(await asked(api, "face=objects")), newest);
    assert.deepEqual(keysOf(await asked(api, where("WHERE key LIKE 'images/%'"))), newest.slice(1));
    assert.deepEqual(keysOf(await asked(api, where(`WHERE key REGEXP "^images/" AND "Event-Type" = "${deleted}"`))), [
      newest[1],
    ]);
    assert.deepEqual(keysOf(await asked(api, `event=${deleted}`)), [newest[1]]);
    assert.deepEqual(keysOf(await asked(api, `face=objects&event=${put}`)), [newest[0], newest[2]]);
    assert.deepEqual(keysOf(await asked(api, `resource=${first.resource}`)), [newest[2]]);
    assert.deepEqual(keysOf(await asked(api, "face=objects&since=2026-01-01T00:00:02Z&until=2026-01-01T00:00:03Z")), [
      newest[1],
    ]);
    const pro = `face=lifecycle&where=${encodeURIComponent("plan = 'pro' AND number > 11")}`;
    assert.deepEqual(
      (await asked(api, pro)).map(({ name }) => name),
      ["POST_ORDER_CREATE"],
    );
  });

  it("tells what is wrong with a search, where and with which remedy", async () => {
    await using api = await testApi();
    const refused = async (query: string) => {
      const { status, code, fields, data } = await api.ask("GET", `${log}?${query}`);
      return { status, code, path: fields[0]?.path, data };
    };
    const unread = await refused(where("WHERE kye = 'a'"));
    assert.deepEqual([unread.status, unread.code, unread.path], [400, "invalid_filter", "where"]);
    assert.equal(unread.data["column"], 7);
    for (const [query, path] of [
      [`where=${encodeURIComponent("key = 'a'")}`, "face"],
      ["resource=nothing", "resource"],
      ["since=2026-01-02T00:00:00Z&until=2026-01-01T00:00:00Z", "until"],
      ["face=nothing", "face"],
      ["deliveries=many", "deliveries"],
    ] as const) {
      const { status, path: about } = await refused(query);
      assert.deepEqual([status, about], [400, path], query);
    }
    assert.equal((await refused("bucket=missing")).status, 404);
  });

  it("looks through a bounded number of events for one answer, and says how far it came", async () => {
    await using api = await testApi();
    const wanted = await happened(api, { data: { bucket: "photos", key: "wanted" } });
    const template = { ...wanted, data: { bucket: "photos", key: "other" } };
    for (let made = 0; made < 10_500; made += 1_500) {
      await api.deps.store.commit({ events: Array.from({ length: 1_500 }, () => template) });
    }
    const search = `${log}?${where("key = 'wanted'")}`;
    const first = await api.ask("GET", search);
    assert.deepEqual([first.status, first.data["events"]], [200, []]);
    assert.equal(typeof first.data["next_cursor"], "string");
    assert.equal(typeof first.data["searched_to"], "string");
    const cursor = encodeURIComponent(String(first.data["next_cursor"]));
    const second = await api.ask("GET", `${search}&cursor=${cursor}`);
    assert.deepEqual(keysOf(second.data["events"] as Logged[]), ["wanted"]);
    assert.deepEqual([second.data["next_cursor"], second.data["searched_to"]], [undefined, null]);
  });

  it("shows members what they see, developers objects and operations too, and nobody another tenant", async () => {
    await using api = await testApi();
    await api.ask("POST", "/api/cloud/tenants/", { id: "acme" });
    const bucket = await api.bucket("photos", "ann");
    const about = { scope: bucket.uuid, owners: ["ann"] };
    await happened(api, { ...about, data: { bucket: "photos", key: "anns" } });
    await happened(api, {
      data: { operation: "o", params: { secretly: true } },
      names: { lifecycle: "POST_ORDER_CREATE" },
      owners: ["ben"],
    });
    const job = await happened(api, {
      names: { notifications: "UPLOADED" },
      resource: "0-0-0-0-007" as never,
      owners: ["ben"],
      data: { kind: "job", resource: { name: "bens" } },
    });
    const [ann, ben] = [await api.tokenOf("member", "ann"), await api.tokenOf("member", "ben")];
    const developer = await api.tokenOf("developer", "dev");
    const names = async (token: string): Promise<readonly string[]> =>
      (await asked(api, "", token)).map(({ name, key }) => key ?? name);
    assert.deepEqual(await names(ann), ["anns"]);
    assert.deepEqual(await names(ben), ["UPLOADED"]);
    assert.deepEqual(await names(developer), ["POST_ORDER_CREATE", "anns"]);
    assert.deepEqual(await names(api.operator), ["UPLOADED", "POST_ORDER_CREATE", "anns"]);
    const one = async (token: string, tenant?: string) =>
      (await api.ask("GET", `${log}${job.id}/`, undefined, { token, ...(tenant === undefined ? {} : { tenant }) }))
        .status;
    assert.deepEqual([await one(ben), await one(ann), await one(developer)], [200, 404, 404]);
    assert.deepEqual([await one(api.operator), await one(api.operator, "acme")], [200, 404]);
    assert.deepEqual((await api.ask("GET", log, undefined, { tenant: "acme" })).data["events"], []);
  });
});

interface Whole extends Logged {
  readonly data: Readonly<Record<string, unknown>>;
  readonly operation: unknown;
  readonly dispatch: string;
  readonly subscriptions: readonly {
    readonly rule: string;
    readonly matched: boolean | null;
    readonly reasons: readonly string[];
    readonly said: string;
    readonly delivery: { readonly status: string } | null;
  }[];
}

describe("an event of the log", () => {
  it("tells who wanted it and who did not, and why, by its id and by its sequence", async () => {
    await using api = await testApi();
    const bucket = await api.bucket("photos");
    const rules = "/api/cloud/buckets/photos/notifications/";
    const make = async (filter: string): Promise<string> =>
      String((await api.ask("POST", rules, { url: "https://receiver.example/", filter })).data["id"]);
    const [small, large] = [await make("WHERE size < 10"), await make("WHERE size > 65536")];
    const data = { bucket: "photos", key: "a.txt", size: 5, userMetadata: { color: "blue", password: "hidden" } };
    const { id, sequence } = await happened(api, { scope: bucket.uuid, data });
    const { data: shown, status, text } = await api.ask("GET", `${log}${id}/`);
    assert.equal(status, 200, text);
    const whole = shown as unknown as Whole;
    assert.deepEqual(
      whole.subscriptions.map(({ rule, matched, reasons }) => [rule, matched, reasons]),
      [
        [small, true, []],
        [large, false, ["`Content-Length` > 65536 is false: `Content-Length` is 5"]],
      ],
    );
    assert.equal(whole.dispatch, "waiting");
    assert.equal(whole.operation, null);
    assert.deepEqual(whole.data["metadata"], { color: "blue" });
    assert.ok(!text.includes("hidden"));
    assert.deepEqual((await api.ask("GET", `${log}${sequenceText(sequence)}/`)).data, shown);
    for (const none of [
      "nothing",
      "%00",
      uuidV7({ nowMs: 5, bytes: api.clock.bytes(10) }),
      "f".repeat(16),
      `${id}-002`,
    ]) {
      assert.equal((await api.ask("GET", `${log}${none}/`)).status, 404, none);
    }
  });

  it("leads to the operation that it came of, for developers, and that leads back", async () => {
    await using api = await testApi();
    await subscribed(api, "PRE_USER_CREATE", "export default () => {}", { name: "Agrees" });
    const { fn } = await subscribed(api, "POST_USER_CREATE", "export default () => {}", { name: "Greets" });
    const made = await api.ask("POST", "/api/cloud/users/", { username: "ada", email: "ada@example.com" });
    const operation = String(made.data["operation_id"]);
    const { data } = await api.ask("GET", `/api/cloud/operations/${operation}/`);
    const [raised] = data["events"] as { id: string; name: string }[];
    assert.deepEqual([data["outcome"], data["state"], raised?.name], ["allowed", "over", "POST_USER_CREATE"]);
    const { data: event } = await api.ask("GET", `${log}${raised?.id}/`);
    const whole = event as unknown as Whole;
    assert.deepEqual(whole.operation, { id: operation, event: "PRE_USER_CREATE", outcome: "allowed" });
    assert.equal(whole.data["username"], "ada");
    // Of functions only those that run on this event are told of.
    assert.deepEqual(
      whole.subscriptions.map(({ matched }) => matched),
      [true],
    );
    assert.ok(fn > 0);
  });
});

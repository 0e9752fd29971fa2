import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { uuidV7 } from "../../src/domain/ids.ts";
import type { Bucket } from "../../src/store/records.ts";
import { type TestApi, testApi } from "../support/api.ts";
import { shared } from "../support/shared.ts";

const rules = "/api/cloud/buckets/photos/notifications/";

async function happened(api: TestApi, bucket: Bucket, key: string, size: number): Promise<void> {
  const timeMs = api.clock.now();
  await api.deps.store.commit({
    events: [
      {
        id: uuidV7({ nowMs: timeMs, bytes: api.clock.bytes(10) }),
        tenant: bucket.tenant,
        resource: bucket.uuid,
        scope: bucket.uuid,
        names: { objects: "OBJECT_CREATED_PUT" },
        origin: "s3",
        timeMs,
        data: { bucket: bucket.name, key, size },
      },
    ],
  });
}

describe("testing a rule", () => {
  it("sends one marked event and answers with the attempt", async () => {
    await using api = await testApi();
    await api.bucket("photos");
    const { data } = await api.ask("POST", rules, { url: "https://receiver.example/", enabled: false });
    const path = `${rules}${String(data["id"])}/test/`;
    const first = await api.ask("POST", path);
    const { request, ...attempt } = first.data;
    assert.equal(JSON.parse((request as { body: string }).body).events[0].test, true);
    assert.deepEqual(attempt, {
      outcome: "delivered",
      number: 1,
      started_at: "2026-01-01T00:00:00.000Z",
      duration_ms: 12,
      status: 200,
      reason: null,
      error: null,
      snippet: "ok",
      batch: null,
      answer: null,
    });
    api.attemptResult = {
      outcome: { kind: "failed", reason: "status" },
      startedMs: api.clock.now(),
      durationMs: 3,
      status: 500,
      message: "answered 500",
    };
    const second = await api.ask("POST", path);
    assert.deepEqual(
      [second.status, second.data["outcome"], second.data["reason"], second.data["error"], second.data["status"]],
      [200, "failed", "status", "answered 500", 500],
    );
    const [one, two] = api.sent;
    assert.ok(one && two);
    assert.equal(one.delivery.test, true);
    assert.notEqual(one.delivery.uuid, two.delivery.uuid, "a receiver that drops what it saw would drop the second");
    assert.equal(one.delivery.event.data["bucket"], "photos");
    assert.deepEqual((await api.ask("GET", "/api/cloud/deliveries/")).data["deliveries"], [], "it is not recorded");
  });
});

describe("checking a filter", () => {
  const withBucket = shared(async () => {
    const api = await testApi();
    await api.bucket("photos");
    return api;
  });

  it("against one event, in the payload's own form, says what would match and why not", async () => {
    await using api = await testApi();
    await api.bucket("photos");
    const event = {
      eventVersion: "1",
      eventSource: "signalbox",
      eventName: "OBJECT_DELETED",
      eventTime: "2023-05-15T11:45:00.000Z",
      bucket: "my-bucket",
      object: { key: "path/to/anotherfile.jpg", size: 2048, eTag: "c4ca4238a0b923820dcc509a6f75849b" },
    };
    const check = async (filter: string, given: unknown = event) =>
      api.ask("POST", `${rules}check/`, { filter, event: given });
    const hit = await check('WHERE "Event-Type" = "OBJECT_DELETED" AND size > 1000');
    assert.deepEqual(hit.data, {
      checks: [
        {
          matches: true,
          reasons: [],
          rules: [],
          event: {
            event_id: null,
            sequence: null,
            event_name: "OBJECT_DELETED",
            event_time: null,
            key: event.object.key,
          },
        },
      ],
      matched: 1,
    });
    const miss = await check('key REGEXP "^images" AND `Content-Type` = "a/b"');
    const [checked] = miss.data["checks"] as { reasons: string[] }[];
    assert.equal(miss.data["matched"], 0);
    assert.equal(checked?.reasons.length, 2);
    assert.match(checked?.reasons[0] ?? "", /REGEXP .* is false: key is "path\/to\/anotherfile\.jpg"/);
    assert.match(checked?.reasons[1] ?? "", /is unknown: the event has no `Content-Type`/);
    const full = { ...event, object: { ...event.object, lastModified: "2023-05-15T11:45:00+02:00", tags: { a: "b" } } };
    assert.equal((await check('`Last-Modified` = "2023-05-15T09:45:00Z"', full)).data["matched"], 1);
  });

  it("against the last events, newest first, leaves no trace", async () => {
    await using api = await testApi();
    const bucket = await api.bucket("photos");
    const other = await api.bucket("videos");
    for (let index = 0; index < 5; index++) await happened(api, bucket, `images/${index}`, index);
    await happened(api, other, "images/of-others", 9);
    const all = await api.ask("POST", `${rules}check/`, { filter: "size >= 3" });
    const checks = all.data["checks"] as { matches: boolean; event: { key: string; sequence: string } }[];
    assert.deepEqual(
      checks.map(({ event, matches }) => [event.key, matches]),
      [4, 3, 2, 1, 0].map((index) => [`images/${index}`, index >= 3]),
    );
    assert.match(checks[0]?.event.sequence ?? "", /^[0-9a-f]{16}$/);
    const two = await api.ask("POST", `${rules}check/`, { filter: "size >= 3", last: 2 });
    assert.equal((two.data["checks"] as unknown[]).length, 2);
  });

  it("of a rule says what it wanted as it stood then, not as it is now", async () => {
    await using api = await testApi();
    const bucket = await api.bucket("photos");
    const write = async (key: string) => {
      api.clock.advance(1_000);
      await happened(api, bucket, key, 1);
      api.clock.advance(1_000);
    };
    await write("before");
    const { data } = await api.ask("POST", rules, { url: "https://receiver.example/", filter: 'key REGEXP "."' });
    const rule = String(data["id"]);
    const patch = async (body: object) => assert.equal((await api.ask("PATCH", `${rules}${rule}/`, body)).status, 200);
    await write("live");
    await patch({ enabled: false });
    await write("off");
    await patch({ enabled: true });
    await write("on");
    await patch({ filter: 'key = "nothing"' });
    const check = async (body: object) => {
      const { data } = await api.ask("POST", `${rules}check/`, body);
      return data["checks"] as {
        matches: boolean;
        reasons: string[];
        rules: { standing: string }[];
        event: { key: string };
      }[];
    };
    const asItStood = await check({ rule });
    assert.deepEqual(
      asItStood.map(({ event, matches }) => [event.key, matches]),
      [
        ["on", true],
        ["off", false],
        ["live", true],
        ["before", false],
      ],
    );
    assert.match(asItStood[1]?.reasons[0] ?? "", /^it was off: it had been disabled/);
    assert.match(asItStood[3]?.reasons[0] ?? "", /^it was not there yet: it was made at 2026-01-01T00:00:02/);
    await patch({ filter: 'key REGEXP "."' });
    const asText = await check({ filter: 'key REGEXP "."' });
    assert.deepEqual(
      asText.map(({ matches, rules: [of] }) => [matches, of?.standing]),
      [
        [true, "live"],
        [true, "disabled"],
        [true, "live"],
        [true, "not_made"],
      ],
    );
    const event = { eventName: "OBJECT_CREATED_PUT", object: { key: "a" } };
    assert.deepEqual(
      (await check({ rule, event })).map(({ matches }) => matches),
      [true],
    );
    await patch({ enabled: false });
    const [disabled] = await check({ rule, event });
    assert.deepEqual(
      [disabled?.matches, disabled?.reasons],
      [false, ["the rule is off: it is disabled, and matches nothing"]],
    );
    const none = await api.ask("POST", `${rules}check/`, { rule: "x" });
    assert.deepEqual([none.status, none.message], [404, "rule 'x' does not exist"]);
  });

  const bad: readonly (readonly [string, unknown, string])[] = [
    ["no filter", {}, "filter"],
    ["a filter and a rule", { filter: "size > 1", rule: "x" }, "rule"],
    [
      "an event and last",
      { filter: "size > 1", last: 1, event: { eventName: "OBJECT_DELETED", object: { key: "a" } } },
      "last",
    ],
    ["last of nought", { filter: "size > 1", last: 0 }, "last"],
    ["last of too many", { filter: "size > 1", last: 101 }, "last"],
    [
      "an event without a key",
      { filter: "size > 1", event: { eventName: "OBJECT_DELETED", object: {} } },
      "event.object.key",
    ],
    [
      "an unknown event",
      { filter: "size > 1", event: { eventName: "OBJECT_GONE", object: { key: "a" } } },
      "event.eventName",
    ],
    [
      "a day that is not",
      { filter: "size > 1", event: { eventName: "OBJECT_DELETED", object: { key: "a", lastModified: "2023-02-30" } } },
      "event.object.lastModified",
    ],
  ];
  for (const [what, body, path] of bad) {
    it(`is refused with ${what}`, async () => {
      const { status, fields } = await withBucket().ask("POST", `${rules}check/`, body);
      assert.deepEqual([status, fields[0]?.path], [400, path]);
    });
  }
});

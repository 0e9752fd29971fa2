import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { deliveryUuid, parseUuid } from "../../src/domain/ids.ts";
import { testApi } from "../support/api.ts";
import { ruleOn, sent } from "../support/sent.ts";

const deliveries = "/api/cloud/deliveries/";

const idsOf = (data: Readonly<Record<string, unknown>>): string[] =>
  (data["deliveries"] as { id: string }[]).map(({ id }) => id);

describe("deliveries", () => {
  it("are listed newest first, page by page, and narrowed", async () => {
    await using api = await testApi();
    const [photos, videos] = [await api.bucket("photos"), await api.bucket("videos")];
    const [one, two] = [await ruleOn(api, photos), await ruleOn(api, videos)];
    const ids: string[] = [];
    for (const status of ["dead", "delivered", "waiting"] as const) {
      ids.push(await sent(api, photos, one, status), await sent(api, videos, two, status));
      api.clock.advance(1000);
    }
    const newest = ids.toReversed();
    const found = (await api.all(deliveries, "deliveries", 4)).map(({ id }) => id);
    assert.deepEqual(found, newest);
    const ask = async (query: string) => idsOf((await api.ask("GET", `${deliveries}?${query}`)).data);
    assert.deepEqual(await ask("status=dead"), [ids[1], ids[0]]);
    assert.deepEqual(await ask("bucket=photos&status=waiting"), [ids[4]]);
    assert.deepEqual(await ask(`rule=${two.uuid}`), [ids[5], ids[3], ids[1]]);
    assert.deepEqual(await ask("since=2026-01-01T00:00:01Z&until=2026-01-01T00:00:02Z"), [ids[3], ids[2]]);
    assert.deepEqual(await ask("status=paused"), []);
  });

  it("are narrowed by whatever is known of them, in either order, and counted", async () => {
    await using api = await testApi();
    const photos = await api.bucket("photos");
    const rule = await ruleOn(api, photos);
    const ids: string[] = [];
    for (const status of ["dead", "delivered", "waiting"] as const) {
      ids.push(await sent(api, photos, rule, status));
      api.clock.advance(1000);
    }
    const [dead, delivered, waiting] = ids;
    const ask = async (query: string) => (await api.ask("GET", `${deliveries}?${query}`)).data;
    const cases: readonly (readonly [string, readonly (string | undefined)[]])[] = [
      ["status=dead&status=waiting", [waiting, dead]],
      ["order=oldest", [dead, delivered, waiting]],
      ["http_status=5xx", [waiting, dead]],
      ["http_status=200", [delivered]],
      ["http_status=404", []],
      ["reason=status", [waiting, dead]],
      ["face=objects&event=OBJECT_CREATED_PUT", [waiting, delivered, dead]],
      ["event=OBJECT_DELETED", []],
      ["key_prefix=a.&target_host=RECEIVER.example", [waiting, delivered, dead]],
      ["key_prefix=b", []],
      ["target_host=example", []],
      [`resource=${photos.uuid}`, [waiting, delivered, dead]],
      ["function=1", []],
      ["min_attempts=2", []],
    ];
    for (const [query, wanted] of cases) {
      assert.deepEqual(idsOf(await ask(query)), wanted, query);
      const counted = await api.ask("GET", `${deliveries}count/?${query}`);
      assert.deepEqual([counted.status, counted.data], [200, { count: wanted.length }], query);
    }
    const dry = async (body: object) =>
      (await api.ask("POST", `${deliveries}redrive/`, { ...body, dry_run: true })).data;
    const narrow = { http_status: "5xx", reason: "status", key_prefix: "a", target_host: "receiver.example" };
    const { dead_letters: fit, filter } = await dry({ ...narrow, min_attempts: 1, event: "OBJECT_CREATED_PUT" });
    assert.equal(fit, 1);
    assert.deepEqual({ ...(filter as object), ...narrow }, filter);
    assert.equal((await dry({ min_attempts: 2 }))["dead_letters"], 0);
  });

  it("that came after a list was asked for are found by its `newer_cursor`", async () => {
    await using api = await testApi();
    const photos = await api.bucket("photos");
    const rule = await ruleOn(api, photos);
    const newerThan = async () => String((await api.ask("GET", `${deliveries}?limit=1`)).data["newer_cursor"]);
    const fromNothing = await newerThan();
    const ids = [await sent(api, photos, rule, "dead"), await sent(api, photos, rule, "delivered")];
    const fromTwo = await newerThan();
    ids.push(await sent(api, photos, rule, "dead"));
    const newer = async (cursor: string, query = "") =>
      idsOf((await api.ask("GET", `${deliveries}?order=oldest&cursor=${cursor}${query}`)).data);
    assert.deepEqual(await newer(fromNothing), ids);
    assert.deepEqual(await newer(fromTwo), [ids[2]]);
    assert.deepEqual(await newer(await newerThan()), []);
    assert.deepEqual(await newer(fromNothing, "&status=dead"), [ids[0], ids[2]]);
    const count = (query: string) => api.ask("GET", `${deliveries}count/?order=oldest&${query}`);
    assert.deepEqual((await count(`cursor=${fromNothing}`)).data, { count: 3 });
    assert.deepEqual((await count("cursor=x")).status, 400);
  });

  it("are shown with their attempts", async () => {
    await using api = await testApi();
    const bucket = await api.bucket("photos");
    const rule = await ruleOn(api, bucket);
    const id = await sent(api, bucket, rule, "waiting");
    const { data } = await api.ask("GET", `${deliveries}${id}/`);
    const attempt = {
      number: 1,
      started_at: "2026-01-01T00:00:00.000Z",
      duration_ms: 3,
      status: 500,
      reason: "status",
      error: "answered 500",
      snippet: "no",
    };
    const { event, last_attempt, ...rest } = data;
    assert.deepEqual(rest, {
      id,
      status: "waiting",
      rule: rule.uuid,
      target: "receiver.example",
      function_id: null,
      bucket: "photos",
      attempt_count: 1,
      next_attempt_at: "2026-01-01T00:00:05.000Z",
      reason: null,
      attempts: [{ ...attempt, batch: null }],
    });
    assert.equal((event as { key: string }).key, "a.txt");
    assert.ok(last_attempt === null || (last_attempt as { status: number }).status === 500);
    await api.ask("PATCH", `/api/cloud/buckets/photos/notifications/${rule.uuid}/`, { enabled: false });
    const held = await api.ask("GET", `${deliveries}${id}/`);
    assert.deepEqual([held.data["status"], held.data["next_attempt_at"]], ["paused", null]);
  });

  it("are seen by members only of buckets that they own: a grant is for objects", async () => {
    await using api = await testApi();
    const [own, granted, foreign] = [
      await api.bucket("own", "ann"),
      await api.bucket("granted"),
      await api.bucket("foreign"),
    ];
    const token = await api.tokenOf("member", "ann");
    await api.ask("PUT", `/api/cloud/resources/${granted.uuid}/pems/ann/`, { permission: "read" });
    const ids: string[] = [];
    for (const bucket of [own, granted, foreign]) ids.push(await sent(api, bucket, await ruleOn(api, bucket)));
    const list = await api.ask("GET", deliveries, undefined, { token });
    assert.deepEqual(idsOf(list.data), [ids[0]]);
    const statuses = await Promise.all(ids.map((id) => api.ask("GET", `${deliveries}${id}/`, undefined, { token })));
    assert.deepEqual(
      statuses.map(({ status }) => status),
      [200, 404, 404],
    );
    assert.equal((await api.ask("GET", `${deliveries}?bucket=foreign`, undefined, { token })).status, 404);
    const redriven = await Promise.all(
      ids.map((id) => api.ask("POST", `${deliveries}${id}/redrive/`, undefined, { token })),
    );
    assert.deepEqual(
      redriven.map(({ status }) => status),
      [200, 404, 404],
    );
    assert.equal((await api.ask("GET", "/api/cloud/buckets/", undefined, { token })).text.includes("foreign"), false);
  });

  it("that do not exist are 404, whatever their id looks like", async () => {
    await using api = await testApi();
    const bucket = await api.bucket("photos");
    const rule = await ruleOn(api, bucket);
    await sent(api, bucket, rule);
    const none = deliveryUuid(1, rule.uuid);
    for (const id of [none, "x", "redrive-", `${"f".repeat(16)}-x-042`, rule.uuid, "%00", "a".repeat(200)]) {
      assert.equal((await api.ask("GET", `${deliveries}${id}/`)).status, 404, id);
    }
  });

  const bad: readonly (readonly [string, string])[] = [
    ["status=lost", "status[0]"],
    ["status=", "status[0]"],
    ["http_status=6xx", "http_status"],
    ["http_status=5x", "http_status"],
    ["resource=x", "resource"],
    ["target_host=a/b", "target_host"],
    ["reason=none", "reason"],
    ["function=abc", "function"],
    ["min_attempts=0", "min_attempts"],
    ["order=up", "order"],
    ["key_prefix=", "key_prefix"],
    ["key=a", "key"],
    ["since=yesterday", "since"],
    ["since=2026-01-01T00:00:00Z&until=2026-01-01T00:00:00Z", "until"],
    ["until=2026-02-30T00:00:00Z", "until"],
    ["limit=0", "limit"],
    ["cursor=%00", "cursor"],
  ];
  for (const [query, path] of bad) {
    it(`are refused to be listed with ${query}`, async () => {
      await using api = await testApi();
      const { status, fields } = await api.ask("GET", `${deliveries}?${query}`);
      assert.deepEqual([status, fields[0]?.path], [400, path]);
    });
  }
});

describe("sending again", () => {
  it("is for finished deliveries, under the same id", async () => {
    await using api = await testApi();
    const bucket = await api.bucket("photos");
    const rule = await ruleOn(api, bucket);
    for (const status of ["dead", "delivered"] as const) {
      const id = await sent(api, bucket, rule, status);
      const again = await api.ask("POST", `${deliveries}${id}/redrive/`);
      assert.deepEqual(
        [again.status, again.data["id"], again.data["status"], again.data["attempt_count"]],
        [200, id, "waiting", 1],
      );
      const twice = await api.ask("POST", `${deliveries}${id}/redrive/`);
      assert.deepEqual([twice.status, twice.code], [409, "conflict"]);
    }
    assert.deepEqual(api.woken, [rule.number, rule.number]);
    const racing = await sent(api, bucket, rule);
    const answers = await Promise.all([1, 2, 3].map(() => api.ask("POST", `${deliveries}${racing}/redrive/`)));
    assert.deepEqual(
      answers.map(({ status }) => status).toSorted((a, b) => a - b),
      [200, 409, 409],
    );
  });

  it("is refused once the rule is deleted", async () => {
    await using api = await testApi();
    const bucket = await api.bucket("photos");
    const rule = await ruleOn(api, bucket);
    const id = await sent(api, bucket, rule);
    await api.ask("DELETE", `/api/cloud/buckets/photos/notifications/${rule.uuid}/`);
    const { status, message } = await api.ask("POST", `${deliveries}${id}/redrive/`);
    assert.equal(status, 409);
    assert.match(message, /nobody left to send to/);
    assert.equal((await api.ask("POST", `${deliveries}redrive/`, { rule: rule.uuid })).status, 409);
  });

  it("of many is a job that is begun, and shown to who began it and who manages the tenant", async () => {
    await using api = await testApi();
    const bucket = await api.bucket("photos", "ann");
    const rule = await ruleOn(api, bucket);
    await sent(api, bucket, rule);
    const [ann, ben] = [await api.tokenOf("member", "ann"), await api.tokenOf("member", "ben")];
    const body = { bucket: "photos", rule: rule.uuid, since: "2026-01-01T00:00:00Z", until: "2026-01-02T00:00:00Z" };
    const { status, data } = await api.ask("POST", `${deliveries}redrive/`, body, { token: ann });
    assert.equal(status, 202);
    const id = String(data["id"]);
    assert.deepEqual(api.redrives, [id]);
    const asked = Object.entries(data["filter"] as object).filter(([, value]) => value !== null);
    assert.deepEqual(Object.fromEntries(asked), {
      bucket_uuid: bucket.uuid,
      rule: rule.uuid,
      since: "2026-01-01T00:00:00.000Z",
      until: "2026-01-02T00:00:00.000Z",
    });
    const uuid = parseUuid(id);
    assert.ok(uuid);
    await api.deps.store.redrives.advanceRedrive(uuid, { max: 10, nowMs: api.clock.now() });
    for (const [token, expected] of [
      [ann, 200],
      [ben, 404],
      [api.operator, 200],
    ] as const) {
      const shown = await api.ask("GET", `${deliveries}redrive/${id}/`, undefined, { token });
      assert.equal(shown.status, expected);
      if (expected === 200) assert.deepEqual([shown.data["state"], shown.data["redriven"]], ["done", 1]);
    }
    assert.equal((await api.ask("GET", `${deliveries}redrive/nothing/`)).status, 404);
  });

  it("of many is for members only within what they manage", async () => {
    await using api = await testApi();
    const granted = await api.bucket("granted");
    const rule = await ruleOn(api, granted);
    const token = await api.tokenOf("member", "ann");
    const ask = async (body: unknown) => (await api.ask("POST", `${deliveries}redrive/`, body, { token })).status;
    assert.equal(await ask({}), 400);
    assert.equal(await ask({ bucket: "granted" }), 404);
    await api.ask("PUT", `/api/cloud/resources/${granted.uuid}/pems/ann/`, { permission: "write" });
    assert.equal(await ask({ bucket: "granted" }), 404, "a grant is for objects, not for the owner's receivers");
    assert.equal(await ask({ rule: rule.uuid }), 404);
    assert.equal(await ask({ bucket: "nothing" }), 404);
    assert.equal(await ask({ status: "dead" }), 400);
    assert.deepEqual(api.redrives, []);
  });
});

describe("usage", () => {
  it("is counted by day, bucket and rule, and members see their part of it", async () => {
    await using api = await testApi();
    const [photos, videos] = [await api.bucket("photos", "ann"), await api.bucket("videos")];
    const [one, two] = [await ruleOn(api, photos), await ruleOn(api, videos)];
    await sent(api, photos, one, "delivered");
    await sent(api, photos, one, "dead");
    await sent(api, videos, two, "delivered");
    const row = { day: "2026-01-01", bucket: "photos", bucket_uuid: photos.uuid };
    const wanted = [
      { ...row, rule: null, accepted: 2, attempts: 0, delivered: 0, dead: 0 },
      { ...row, rule: one.uuid, accepted: 0, attempts: 2, delivered: 1, dead: 1 },
    ];
    const token = await api.tokenOf("member", "ann");
    const own = await api.ask("GET", "/api/cloud/usage/", undefined, { token });
    assert.deepEqual([own.data["from"], own.data["to"], own.data["usage"]], ["2025-12-03", "2026-01-01", wanted]);
    assert.deepEqual((await api.ask("GET", "/api/cloud/usage/?bucket=photos")).data["usage"], wanted);
    assert.equal(((await api.ask("GET", "/api/cloud/usage/")).data["usage"] as unknown[]).length, 4);
    assert.deepEqual((await api.ask("GET", "/api/cloud/usage/?from=2025-01-01&to=2025-12-31")).data["usage"], []);
    const ofRule = await api.ask("GET", `/api/cloud/usage/?rule=${one.uuid}`);
    assert.equal((ofRule.data["usage"] as unknown[]).length, 1);
    assert.equal((await api.ask("GET", "/api/cloud/usage/?bucket=videos", undefined, { token })).status, 404);
  });

  for (const [query, path] of [
    ["from=2026-1-1", "from"],
    ["from=2026-02-30", "from"],
    ["from=2026-02-01&to=2026-01-01", "to"],
    ["from=2020-01-01&to=2026-01-01", "from"],
    ["to=yesterday", "to"],
  ] as const) {
    it(`is refused with ${query}`, async () => {
      await using api = await testApi();
      const { status, fields } = await api.ask("GET", `/api/cloud/usage/?${query}`);
      assert.deepEqual([status, fields[0]?.path], [400, path]);
    });
  }
});

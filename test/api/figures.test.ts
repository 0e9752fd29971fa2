import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type TestApi, testApi } from "../support/api.ts";
import { ruleOn, sent } from "../support/sent.ts";

type Shown = Readonly<Record<string, unknown>>;

interface Told {
  readonly counted_since: string | null;
  readonly to: string;
  readonly at: readonly string[];
  readonly series: readonly {
    readonly name: string | null;
    readonly total: number | null;
    readonly values: readonly (number | null)[];
  }[];
}

async function stats(api: TestApi, query: string, token?: string): Promise<Told> {
  const asking = token === undefined ? {} : { token };
  const { status, data, text } = await api.ask("GET", `/api/cloud/stats/?${query}`, undefined, asking);
  assert.equal(status, 200, text);
  return data as unknown as Told;
}

const totals = ({ series }: Told) => Object.fromEntries(series.map(({ name, total }) => [String(name), total]));

/** Ann's bucket and another, each with a rule: two delivered and one dead there, one waiting here. */
async function scene(api: TestApi) {
  const [photos, videos] = [await api.bucket("photos", "ann"), await api.bucket("videos")];
  const [one, two] = [await ruleOn(api, photos), await ruleOn(api, videos)];
  for (const status of ["delivered", "delivered", "dead"] as const) await sent(api, photos, one, status);
  await sent(api, videos, two, "waiting");
  return { one, two, ann: await api.tokenOf("member", "ann") };
}

describe("health", () => {
  it("is told with subscriptions and rules when it is asked for, and not otherwise", async () => {
    await using api = await testApi();
    const { one } = await scene(api);
    for (const [path, of] of [
      ["/api/cloud/subscriptions/", "subscriptions"],
      ["/api/cloud/buckets/photos/notifications/", "rules"],
    ] as const) {
      const found = async (query: string) =>
        ((await api.ask("GET", `${path}${query}`)).data[of] as Shown[]).find(({ id }) => id === one.uuid);
      assert.equal("health" in ((await found("")) ?? {}), false);
      const single = (await api.ask("GET", `${path}${one.uuid}/?include=health`)).data["health"];
      assert.deepEqual((await found("?include=health"))?.["health"], single);
      const { state, waiting, dead, failures, last_failure: failure } = single as Shown;
      assert.deepEqual([state, waiting, dead, failures], ["ok", 0, 1, 1]);
      assert.deepEqual(failure, { at: "2026-01-01T00:00:00.003Z", reason: "status", status: 500 });
      assert.equal("health" in (await api.ask("GET", `${path}${one.uuid}/`)).data, false);
      assert.equal((await api.ask("GET", `${path}?include=secrets`)).status, 400);
    }
  });

  it("is failing when nothing is acknowledged, and what its owner has switched off is disabled", async () => {
    await using api = await testApi();
    const { two } = await scene(api);
    const path = `/api/cloud/subscriptions/${two.uuid}/`;
    const health = async () => (await api.ask("GET", `${path}?include=health`)).data["health"] as Shown;
    const {
      state,
      waiting,
      oldest_waiting_at: oldest,
      failing_since: since,
      last_acknowledged_at: last,
    } = await health();
    assert.deepEqual([state, waiting, last], ["failing", 1, null]);
    assert.deepEqual([oldest, since], ["2026-01-01T00:00:00.000Z", "2026-01-01T00:00:00.003Z"]);
    await api.ask("PATCH", path, { enabled: false });
    assert.equal((await health())["state"], "disabled");
  });
});

describe("the overview", () => {
  it("counts what one sees by state, with what needs attention first", async () => {
    await using api = await testApi();
    const { one, two, ann } = await scene(api);
    const ask = async (token?: string) =>
      (await api.ask("GET", "/api/cloud/overview/", undefined, token === undefined ? {} : { token })).data;
    const attention = (data: Shown) =>
      (data["needs_attention"] as { subscription: Shown; health: Shown }[]).map(({ subscription, health }) => [
        subscription["id"],
        health["state"],
      ]);
    const all = await ask();
    const { total, ok, failing, more } = all["subscriptions"] as Shown;
    assert.deepEqual([total, ok, failing, more], [2, 1, 1, false]);
    assert.deepEqual([all["waiting"], all["dead"], all["oldest_waiting_at"]], [1, 1, "2026-01-01T00:00:00.000Z"]);
    assert.deepEqual(attention(all), [[two.uuid, "failing"]]);
    const own = await ask(ann);
    assert.deepEqual([own["waiting"], own["dead"], own["oldest_waiting_at"]], [0, 1, null]);
    assert.equal((own["subscriptions"] as Shown)["total"], 1);
    assert.deepEqual(attention(own), []);
    assert.doesNotMatch(JSON.stringify(own), new RegExp(two.uuid));
    await api.ask("PATCH", `/api/cloud/subscriptions/${one.uuid}/`, { enabled: false });
    const { ok: none, disabled } = (await ask(ann))["subscriptions"] as Shown;
    assert.deepEqual([none, disabled], [0, 1]);
    const nobody = await ask(await api.tokenOf("member", "ben"));
    assert.equal((nobody["subscriptions"] as Shown)["total"], 0);
  });
});

describe("figures over time", () => {
  it("are told of the tenant by minute, in as many steps as were asked for", async () => {
    await using api = await testApi();
    await scene(api);
    const told = await stats(api, "from=2025-12-31T23:58:30Z&to=2026-01-01T00:01:00Z&by=outcome");
    assert.deepEqual(told.at, ["2025-12-31T23:58:00.000Z", "2025-12-31T23:59:00.000Z", "2026-01-01T00:00:00.000Z"]);
    assert.deepEqual(
      told.series.map(({ name, values }) => [name, values]),
      [
        ["acknowledged", [0, 0, 2]],
        ["failed", [0, 0, 2]],
      ],
    );
    assert.equal(told.counted_since, null);
    const range = "from=2025-12-31T23:00:00Z&to=2026-01-01T01:00:00Z";
    for (const step of ["1m", "5m", "1h", "1d"]) {
      const total = async (query: string) => totals(await stats(api, `${range}&step=${step}&${query}`));
      assert.deepEqual(await total("measure=events"), { null: 4 }, step);
      assert.deepEqual(await total("measure=attempts"), { null: 4 }, step);
      assert.deepEqual(await total("measure=dead"), { null: 1 }, step);
      assert.deepEqual(await total("measure=dead&by=reason"), { status: 1 }, step);
      assert.deepEqual(await total("measure=attempts&by=reason"), { status: 2 }, step);
      assert.deepEqual(await total("measure=delivered&by=face"), { objects: 2 }, step);
      const { null: p50 = 0 } = await total("measure=latency_p50");
      assert.ok((p50 ?? 0) > 2 && (p50 ?? 0) <= 3, `${step}: ${p50}`);
    }
  });

  it("are the same, counted from the deliveries of one subscription, and of those that a member sees", async () => {
    await using api = await testApi();
    const { one, two, ann } = await scene(api);
    const range = "from=2025-12-31T23:30:00Z&to=2026-01-01T00:30:00Z";
    for (const step of ["1m", "5m", "1h"]) {
      for (const [whose, token] of [
        [`&rule=${one.uuid}`, undefined],
        [`&rule=${one.uuid}`, ann],
        ["", ann],
      ] as const) {
        const total = async (query: string) =>
          totals(await stats(api, `${range}&step=${step}&${query}${whose}`, token));
        const who = `${step} ${whose} ${token === ann}`;
        assert.deepEqual(await total("by=outcome"), { acknowledged: 2, failed: 1 }, who);
        assert.deepEqual(await total("measure=dead&by=reason"), { status: 1 }, who);
        assert.deepEqual(await total("measure=delivered&by=face"), { objects: 2 }, who);
        const { null: p99 = 0 } = await total("measure=latency_p99");
        assert.ok((p99 ?? 0) > 2 && (p99 ?? 0) <= 3, `${who}: ${p99}`);
      }
    }
    const path = `/api/cloud/stats/?rule=${two.uuid}`;
    assert.equal((await api.ask("GET", path, undefined, { token: ann })).status, 404);
    const by = await stats(api, `${range}&step=1h&by=subscription`);
    assert.deepEqual(totals(by), { [one.uuid]: 3, [two.uuid]: 1 });
    assert.deepEqual(totals(await stats(api, `${range}&step=1h&by=subscription`, ann)), { [one.uuid]: 3 });
  });

  it("say since when they have counted all", async () => {
    await using api = await testApi();
    const told = await stats(api, "from=2025-12-30T12:00:00Z&to=2026-01-01T00:00:00Z");
    assert.equal(told.counted_since, null);
    const older = await stats(api, "from=2025-12-29T23:00:00Z&to=2025-12-31T00:00:00Z&step=5m");
    assert.equal(older.counted_since, "2025-12-30T00:00:00.000Z");
    const oldest = await stats(api, "from=2025-09-01T00:00:00Z&to=2026-01-01T00:00:00Z&step=1d");
    assert.equal(oldest.counted_since, "2025-10-03T00:00:00.000Z");
  });

  it("of events that were accepted are for admins", async () => {
    await using api = await testApi();
    const { ann } = await scene(api);
    const path = "/api/cloud/stats/?measure=events";
    const { status, code } = await api.ask("GET", path, undefined, { token: ann });
    assert.deepEqual([status, code], [403, "forbidden"]);
  });

  it("of the last days that have a name are told like others, and years of five digits nowhere", async () => {
    await using api = await testApi();
    const told = await stats(api, "from=9999-12-30T00:00:00Z&to=9999-12-30T23:59:59Z&step=1d");
    assert.deepEqual([told.at, told.to], [["9999-12-30T00:00:00.000Z"], "9999-12-31T00:00:00.000Z"]);
    for (const path of [
      "deliveries/?since=9999-12-31T23:59:59Z",
      "deliveries/count/?until=9999-12-31T23:59:59-01:00",
      "event-log/?since=9999-12-31T23:59:59Z",
      "operations/?until=9999-12-31T23:59:59Z",
      "explain/?bucket=photos&key=a&at=9999-12-31T23:59:59Z",
      "usage/?to=0000-01-01",
    ]) {
      const { status, fields, text } = await api.ask("GET", `/api/cloud/${path}`);
      assert.equal(status, 400, `${path}: ${text}`);
      assert.match(fields[0]?.message ?? "", /to 9999-12-30T23:59:59.999Z|is not a day of the calendar/, path);
    }
  });

  for (const [query, path] of [
    ["from=yesterday", "from"],
    ["from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z", "to"],
    ["from=2025-12-01T00:00:00Z", "step"],
    ["from=9999-12-31T00:00:00Z&to=9999-12-31T23:59:59Z&step=1d", "to"],
    ["from=9999-12-31T23:30:00-12:00", "from"],
    ["to=0000-12-31T23:59:59Z", "to"],
    ["by=subscription", "step"],
    ["measure=events&by=face", "by"],
    ["measure=delivered&by=outcome", "by"],
    ["measure=events&rule=0-011", "rule"],
    ["measure=sum", "measure"],
    ["step=2m", "step"],
  ] as const) {
    it(`are refused with ${query}`, async () => {
      await using api = await testApi();
      const { status, fields } = await api.ask("GET", `/api/cloud/stats/?${query}`);
      assert.deepEqual([status, fields[0]?.path], [400, path]);
    });
  }
});

describe("usage", () => {
  it("is listed page by page", async () => {
    await using api = await testApi();
    await scene(api);
    const whole = (await api.ask("GET", "/api/cloud/usage/")).data["usage"];
    assert.deepEqual(await api.all("/api/cloud/usage/", "usage", 1), whole);
    assert.deepEqual(await api.all("/api/cloud/usage/", "usage", 3), whole);
    assert.equal((await api.ask("GET", "/api/cloud/usage/?cursor=x")).status, 400);
  });
});

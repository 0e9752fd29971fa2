/** Resources of a platform by the host interface: kept, listed, shared, told of, and what is refused as a whole. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { resourceOf } from "../../src/domain/notifications/view.ts";
import { type TestApi, testApi } from "../support/api.ts";

const path = "/host/v1/resources/";
const job = { kind: "job", owner: "ada", data: { status: "PENDING" } };

async function raised({ deps }: TestApi) {
  return deps.store.events.after(0, 5_000);
}

async function names(api: TestApi): Promise<readonly string[]> {
  return (await raised(api)).map((event) => event.names.notifications ?? "");
}

const manyJobs = (count: number) => Array.from({ length: count }, (_, index) => ({ ...job, uuid: `j${index}-007` }));

describe("a resource of the platform", () => {
  it("is registered, changed and told of by PUT, which does nothing the second time", async () => {
    await using api = await testApi();
    const put = (body: object) => api.askHost("PUT", `${path}42-007/`, body);
    const made = await put({ ...job, user: "scheduler" });
    assert.equal(made.status, 200, made.text);
    const { created_at, updated_at, ...facts } = made.data;
    assert.deepEqual(facts, { uuid: "42-007", ...job, result: "registered" });
    assert.equal(created_at, updated_at);
    assert.equal((await put(job)).data["result"], "unchanged");
    const changed = await put({ kind: "job", owner: "ben", data: { status: "RUNNING" } });
    assert.deepEqual([changed.data["result"], changed.data["owner"]], ["changed", "ben"]);
    const quiet = await put({ ...job, announce: false });
    assert.equal(quiet.data["result"], "changed");
    const shown = await api.askHost("GET", `${path}42-007`);
    assert.deepEqual([shown.data["owner"], shown.data["data"]], ["ada", job.data]);
    assert.deepEqual(await names(api), ["CREATED", "UPDATED"]);
    const [created] = await raised(api);
    assert.deepEqual([created?.actor, created?.origin, created?.owners], ["scheduler", "library", ["ada"]]);
    const other = await put({ ...job, kind: "system" });
    assert.deepEqual([other.status, other.fields[0]?.path], [400, "uuid"]);
  });

  it("ends with DELETED, and is not there any more", async () => {
    await using api = await testApi();
    await api.askHost("PUT", `${path}42-007/`, job);
    const ended = await api.askHost("DELETE", `${path}42-007/?user=ada`);
    assert.deepEqual([ended.status, ended.data["owner"]], [200, "ada"]);
    for (const [method, at, body] of [
      ["GET", "42-007/", undefined],
      ["DELETE", "42-007/", undefined],
      ["POST", "42-007/events/", { event: "RUNNING" }],
      ["GET", "42-007/grants/", undefined],
      ["GET", "nonsense/", undefined],
    ] as const) {
      const { status, code } = await api.askHost(method, path + at, body);
      assert.deepEqual([status, code], [404, "not_found"], `${method} ${at}`);
    }
    assert.deepEqual(await names(api), ["CREATED", "DELETED"]);
    assert.equal((await raised(api)).at(-1)?.actor, "ada");
  });

  it("is listed by kind and owner, page by page", async () => {
    await using api = await testApi();
    const resources = manyJobs(5).map((one, index) => ({ ...one, owner: index % 2 === 0 ? "ada" : "ben" }));
    await api.askHost("POST", path, { resources });
    const listed = async (query: string): Promise<readonly string[]> => {
      const found: string[] = [];
      for (let cursor = ""; ; ) {
        const { data, text } = await api.askHost("GET", `${path}?limit=2&${query}${cursor}`);
        assert.ok(data !== undefined, text);
        found.push(...(data["resources"] as readonly { readonly uuid: string }[]).map(({ uuid }) => uuid));
        const next = data["next_cursor"];
        if (typeof next !== "string") return found;
        cursor = `&cursor=${next}`;
      }
    };
    assert.deepEqual(await listed("kind=job"), ["j0-007", "j1-007", "j2-007", "j3-007", "j4-007"]);
    assert.deepEqual(await listed("kind=job&owner=ada"), ["j0-007", "j2-007", "j4-007"]);
    assert.deepEqual(await listed("kind=system"), []);
    assert.equal((await api.askHost("GET", path)).fields[0]?.path, "kind");
  });

  it("is shared by grants", async () => {
    await using api = await testApi();
    await api.tokenOf("member", "ben");
    await api.askHost("PUT", `${path}42-007/`, job);
    const given = await api.askHost("PUT", `${path}42-007/grants/ben/`, { permission: "read", user: "ada" });
    assert.deepEqual([given.status, given.data], [200, { principal: "ben", permission: "read" }], given.text);
    const { data } = await api.askHost("GET", `${path}42-007/grants/`);
    assert.deepEqual(data["grants"], [{ principal: "ben", permission: "read" }]);
    assert.equal((await api.askHost("DELETE", `${path}42-007/grants/ben/`)).status, 200);
    assert.equal((await api.askHost("DELETE", `${path}42-007/grants/ben/`)).status, 404);
    assert.equal((await api.askHost("PUT", `${path}42-007/grants/nemo/`, { permission: "read" })).status, 404);
    assert.equal((await api.askHost("PUT", `${path}42-007/grants/ben/`, { permission: "own" })).status, 400);
    assert.deepEqual(await names(api), ["CREATED", "PERMISSION_GRANT", "PERMISSION_REVOKE"]);
  });

  it("tells what happens to it, with what is merged into it", async () => {
    await using api = await testApi();
    await api.askHost("PUT", `${path}42-007/`, job);
    const body = { event: "running", data: { status: "RUNNING", cores: 4 } };
    const { status, data } = await api.askHost("POST", `${path}42-007/events/`, body);
    assert.equal(status, 200);
    const event = (await raised(api)).at(-1);
    assert.ok(event !== undefined);
    assert.deepEqual(
      [event.names.notifications, Number.parseInt(String(data["sequence"]), 16), resourceOf(event)["cores"]],
      ["RUNNING", event.sequence, 4],
    );
    const wrong = await api.askHost("POST", `${path}42-007/events/`, { event: "NOT-ONE" });
    assert.deepEqual([wrong.status, wrong.fields[0]?.path], [400, "event"]);
  });
});

describe("many resources of the platform", () => {
  it("are registered in one commit, under one key once", async () => {
    await using api = await testApi();
    const asking = { token: await api.hostToken(), headers: { "idempotency-key": "night" } };
    const resources = [{ ...job, kind: "system", uuid: "s-006" }, ...manyJobs(999)].map((one) =>
      one.kind === "job" ? { ...one, parents: ["s-006"] } : one,
    );
    const first = await api.askHost("POST", path, { resources }, asking);
    assert.equal(first.status, 201, first.text);
    const done = first.data["resources"] as readonly object[];
    assert.deepEqual([done.length, done[0]], [1_000, { uuid: "s-006", result: "registered" }]);
    const again = await api.askHost("POST", path, { resources }, asking);
    assert.deepEqual([again.status, again.data], [201, first.data]);
    assert.equal((await raised(api)).length, 1_000);
    const kept = await api.askHost("POST", path, { resources, existing: "change" });
    assert.ok(
      (kept.data["resources"] as readonly { readonly result: string }[]).every((one) => one.result === "unchanged"),
    );
    assert.equal((await raised(api)).length, 1_000);
  });

  it("are refused as a whole, each wrong row by its place", async () => {
    await using api = await testApi();
    const wrong = [
      ...manyJobs(3),
      { ...job, uuid: "x-002" },
      { ...job, parents: ["none-006"] },
      { ...job, uuid: "j1-007" },
    ];
    const { status, fields } = await api.askHost("POST", path, { resources: wrong });
    assert.equal(status, 400);
    assert.deepEqual(
      fields.map((field) => field.path),
      ["resources[3].uuid", "resources[4].parents[0]", "resources[5].uuid"],
    );
    for (const resources of [[], manyJobs(1_001), {}, [7], undefined]) {
      const refused = await api.askHost("POST", path, { resources });
      assert.deepEqual([refused.status, refused.fields[0]?.path.startsWith("resources")], [400, true], refused.text);
    }
    assert.deepEqual(await raised(api), []);
    await api.askHost("PUT", `${path}j1-007/`, job);
    const taken = await api.askHost("POST", path, { resources: manyJobs(3) });
    assert.deepEqual([taken.status, taken.fields[0]?.path], [409, "resources[1].uuid"]);
    const { data } = await api.askHost("GET", `${path}?kind=job`);
    assert.equal((data["resources"] as readonly unknown[]).length, 1);
  });

  it("tell of 1,000 events in one commit, or of none", async () => {
    await using api = await testApi();
    await api.askHost("POST", path, { resources: manyJobs(500), announce: false });
    const events = ["RUNNING", "FINISHED"].flatMap((event) =>
      manyJobs(500).map(({ uuid }) => ({ uuid, event, data: { status: event } })),
    );
    const wrong = [...events.slice(0, 5), { uuid: "none-007", event: "RUNNING" }];
    const refused = await api.askHost("POST", `${path}events/`, { events: wrong });
    assert.deepEqual([refused.status, refused.fields[0]?.path], [404, "events[5]"]);
    assert.deepEqual(await raised(api), []);
    const { status, data } = await api.askHost("POST", `${path}events/`, { events, user: "scheduler" });
    assert.equal(status, 200);
    assert.equal(new Set(data["sequences"] as readonly string[]).size, 1_000);
    const told = await raised(api);
    assert.deepEqual(
      told.map((event) => resourceOf(event)["status"]),
      events.map(({ event }) => event),
    );
  });

  it("by two callers at once are each done once", async () => {
    await using api = await testApi();
    const asking = { token: await api.hostToken() };
    const resources = manyJobs(20);
    const both = await Promise.all([1, 2].map(() => api.askHost("POST", path, { resources }, asking)));
    assert.deepEqual(new Set(both.map(({ status }) => status)), new Set([201, 409]));
    const puts = await Promise.all(
      [1, 2, 3, 4].map((owner) => api.askHost("PUT", `${path}j1-007/`, { ...job, owner: `o${owner % 2}` }, asking)),
    );
    assert.ok(puts.every(({ status }) => status === 200));
  });
});

describe("a host's token", () => {
  it("of some kinds uses no others, whatever it asks", async () => {
    await using api = await testApi();
    await api.askHost("POST", path, {
      resources: [
        { ...job, uuid: "j-007" },
        { kind: "system", owner: "ada", uuid: "s-006" },
      ],
    });
    const token = await api.hostToken({ kinds: ["job"] });
    const before = await raised(api);
    for (const [method, at, body] of [
      ["PUT", "s-006/", { kind: "system", owner: "ben" }],
      ["POST", "", { resources: [job, { kind: "system", owner: "ben" }] }],
      ["GET", "s-006/", undefined],
      ["GET", "?kind=system", undefined],
      ["DELETE", "s-006/", undefined],
      ["POST", "s-006/events/", { event: "UPDATED" }],
      [
        "POST",
        "events/",
        {
          events: [
            { uuid: "j-007", event: "RUNNING" },
            { uuid: "s-006", event: "UPDATED" },
          ],
        },
      ],
      ["GET", "s-006/grants/", undefined],
      ["PUT", "s-006/grants/*/", { permission: "read" }],
      ["DELETE", "s-006/grants/*/", undefined],
    ] as const) {
      const { status, code } = await api.askHost(method, path + at, body, { token });
      assert.deepEqual([status, code], [403, "forbidden"], `${method} ${at}`);
    }
    assert.equal((await raised(api)).length, before.length);
    assert.equal((await api.askHost("GET", `${path}j-007/`, undefined, { token })).status, 200);
  });

  it("of one tenant finds nothing of another's", async () => {
    await using api = await testApi();
    const tenant = { id: "acme", name: "Acme", createdMs: 0 };
    await api.deps.store.commit({ changes: [{ do: "tenant.add", tenant }] });
    await api.askHost("PUT", `${path}j-007/`, job);
    const token = await api.hostToken({}, "acmes", "acme");
    for (const [method, at, body] of [
      ["GET", "j-007/", undefined],
      ["DELETE", "j-007/", undefined],
      ["POST", "j-007/events/", { event: "RUNNING" }],
      ["POST", "events/", { events: [{ uuid: "j-007", event: "RUNNING" }] }],
      ["GET", "j-007/grants/", undefined],
    ] as const) {
      assert.equal((await api.askHost(method, path + at, body, { token })).status, 404, `${method} ${at}`);
    }
    const put = await api.askHost("PUT", `${path}j-007/`, job, { token });
    assert.deepEqual([put.status, put.code], [409, "conflict"]);
    assert.deepEqual((await api.askHost("GET", `${path}?kind=job`, undefined, { token })).data["resources"], []);
  });
});

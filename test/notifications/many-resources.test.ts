/** Many resources of the host's own in one commit: registering them, raising events of them, and what is refused as a whole. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { resourceOf } from "../../src/domain/notifications/view.ts";
import type { NewResource, TenantResources } from "../../src/index.ts";
import { type Stage, stage } from "../support/library.ts";
import { failsWith } from "../support/users.ts";
import { raisedSince } from "./hearing.ts";

const job = (index: number): NewResource => ({ kind: "job", id: `j${index}-007`, owner: "ada", data: { index } });
const manyJobs = (count: number): NewResource[] => Array.from({ length: count }, (_, index) => job(index));

async function withJobs(): Promise<Stage & { readonly jobs: TenantResources }> {
  const at = await stage({ dispatching: false });
  return Object.assign(at, { jobs: at.library.resources("acme") });
}

describe("many resources of the host's own", () => {
  it("are registered and told of in one commit, in their order", async () => {
    await using at = await withJobs();
    const made = await at.jobs.registerMany(manyJobs(1_000), { user: "ada" });
    assert.deepEqual(
      made.map(({ uuid }) => uuid),
      manyJobs(1_000).map(({ id }) => id),
    );
    const events = await raisedSince(at.store);
    assert.deepEqual(
      events.map(({ resource, names, actor }) => [resource, names.notifications, actor]),
      made.map(({ uuid }) => [uuid, "CREATED", "ada"]),
    );
    assert.equal((await at.jobs.list({ kind: "job", max: 1_000 })).length, 1_000);
    const unannounced = await at.jobs.registerMany([{ kind: "job", owner: "ben" }], { announce: false });
    assert.equal((await raisedSince(at.store)).length, events.length);
    assert.deepEqual(await at.jobs.list({ kind: "job", owner: "ben" }), unannounced);
  });

  it("may lie in those that come earlier in the same call, and their events are told there", async () => {
    await using at = await withJobs();
    const id = "cluster-006";
    const system = { kind: "system", owner: "ada" };
    await at.jobs.registerMany([
      { ...system, id },
      { ...job(1), parents: [id] },
    ]);
    const [, created] = await raisedSince(at.store);
    assert.deepEqual(created?.parents, [{ uuid: id, kind: "system", owner: "ada" }]);
    await assert.rejects(
      at.jobs.registerMany([
        { ...job(2), parents: ["later-006"] },
        { ...system, id: "later-006" },
      ]),
      failsWith("invalid_request", /^resources\[0\]\.parents\[0\]: there is no resource/),
    );
  });

  it("are refused as a whole, with every row that is wrong by its place", async () => {
    await using at = await withJobs();
    const rows = manyJobs(20);
    const wrong = [
      ...rows,
      { ...job(20), owner: "" },
      { ...job(21), kind: "order" },
      { ...job(3) },
      { ...job(22), data: { at: Number.NaN } },
    ];
    await assert.rejects(
      at.jobs.registerMany(wrong),
      (thrown: { readonly fields: readonly { readonly path: string }[]; readonly code: string }) => {
        assert.equal(thrown.code, "invalid_request");
        assert.deepEqual(
          thrown.fields.map(({ path }) => path),
          ["resources[20].owner", "resources[21].kind", "resources[22].id", "resources[23].data.at"],
        );
        return true;
      },
    );
    for (const [many, message] of [
      [[], /^resources: must be a list of 1 to 1,000/],
      [manyJobs(1_001), /^resources: must be a list of 1 to 1,000/],
      [{}, /^resources: must be a list/],
      [[null], /^resources\[0\]: must be an object/],
    ] as const) {
      await assert.rejects(at.jobs.registerMany(many as NewResource[]), failsWith("invalid_request", message));
    }
    assert.deepEqual([await at.jobs.list({ kind: "job" }), await raisedSince(at.store)], [[], []]);

    await at.jobs.register(job(7));
    await assert.rejects(
      at.jobs.registerMany(rows),
      failsWith("conflict", /^resources\[7\]\.id: is taken; choose another/),
    );
    assert.equal((await at.jobs.list({ kind: "job" })).length, 1);
    await assert.rejects(
      at.jobs.registerMany([job(1), { ...job(2), app: "none" }]),
      failsWith("not_found", /^resources\[1\]: app 'none' does not exist/),
    );
  });

  it("are registered once by two who register the same at once", async () => {
    await using at = await withJobs();
    const results = await Promise.allSettled([
      at.jobs.registerMany(manyJobs(50)),
      at.jobs.registerMany(manyJobs(50).toReversed()),
    ]);
    assert.deepEqual(results.map(({ status }) => status).toSorted(), ["fulfilled", "rejected"]);
    assert.equal((await raisedSince(at.store)).length, 50);
  });
});

describe("events of many resources", () => {
  it("are raised in one commit, each of what the earlier ones have left", async () => {
    await using at = await withJobs();
    await at.jobs.registerMany(manyJobs(3), { announce: false });
    const sequences = await at.jobs.raiseMany(
      [
        { uuid: "j0-007", event: "RUNNING", data: { status: "RUNNING" } },
        { uuid: "j1-007", event: "RUNNING" },
        { uuid: "j0-007", event: "FINISHED", data: { status: "FINISHED", index: null } },
      ],
      { user: "scheduler" },
    );
    const events = await raisedSince(at.store);
    assert.deepEqual(
      events.map(({ resource, names, sequence, actor }) => [resource, names.notifications, sequence, actor]),
      [
        ["j0-007", "RUNNING", sequences[0], "scheduler"],
        ["j1-007", "RUNNING", sequences[1], "scheduler"],
        ["j0-007", "FINISHED", sequences[2], "scheduler"],
      ],
    );
    assert.deepEqual(
      events.map((event) => resourceOf(event)["status"]),
      ["RUNNING", undefined, "FINISHED"],
    );
    assert.deepEqual((await at.jobs.get("j0-007")).data, { status: "FINISHED" });
  });

  it("are refused as a whole, with every row that is wrong by its place", async () => {
    await using at = await withJobs();
    await at.jobs.registerMany(manyJobs(2), { announce: false });
    const right = { uuid: "j0-007", event: "RUNNING", data: { status: "RUNNING" } };
    await assert.rejects(
      at.jobs.raiseMany([right, { ...right, event: "NOT-ONE" }, { ...right, data: [] }]),
      failsWith("invalid_request", /^events\[1\]\.event: .*; events\[2\]\.data: must be a JSON object/),
    );
    await assert.rejects(
      at.jobs.raiseMany([right, { ...right, uuid: "none-007" }]),
      failsWith("not_found", /^events\[1\]: resource 'none-007' does not exist/),
    );
    assert.deepEqual([(await at.jobs.get("j0-007")).data, await raisedSince(at.store)], [{ index: 0 }, []]);
  });

  it("by many callers at once lose nothing", async () => {
    await using at = await withJobs();
    await at.jobs.registerMany(manyJobs(10), { announce: false });
    const ids = manyJobs(10).map(({ id = "" }) => id);
    await Promise.all(
      Array.from({ length: 12 }, (_, caller) =>
        at.jobs.raiseMany(
          (caller % 2 === 0 ? ids : ids.toReversed()).map((uuid) => ({
            uuid,
            event: "HEARTBEAT",
            data: { [`by${caller}`]: true },
          })),
        ),
      ),
    );
    for (const { data } of await at.jobs.list({ kind: "job" })) assert.equal(Object.keys(data).length, 13);
    assert.equal((await raisedSince(at.store)).length, 120);
  });
});

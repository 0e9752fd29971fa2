/** Resources that a host keeps itself: registering, raising, sharing, and what is refused. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { resourceOf } from "../../src/domain/notifications/view.ts";
import type { NewResource, TenantResources } from "../../src/index.ts";
import { anObject, uuid } from "../conformance/store/given.ts";
import { runServer } from "../support/in-process.ts";
import { type Stage, stage } from "../support/library.ts";
import { bodyOf, httpListener } from "../support/listeners.ts";
import { until } from "../support/until.ts";
import { failsWith } from "../support/users.ts";
import { raisedSince } from "./hearing.ts";

const job: NewResource = { kind: "job", owner: "ada", data: { name: "sums", status: "PENDING" } };

async function withJobs(): Promise<Stage & { readonly jobs: TenantResources }> {
  const at = await stage({ dispatching: false });
  return Object.assign(at, { jobs: at.library.resources("acme") });
}

describe("a resource of the host's own", () => {
  it("is registered, told of, changed by what is raised, and removed", async () => {
    await using at = await withJobs();
    const made = await at.jobs.register(job, { user: "ada" });
    assert.match(made.uuid, /^[0-9a-f-]{36}-007$/);
    const { uuid: id, ...facts } = made;
    assert.deepEqual(facts, { ...job, createdMs: at.clock.now(), updatedMs: at.clock.now() });
    assert.deepEqual(await at.jobs.get(id), made);

    at.clock.advance(5);
    const data = { status: "RUNNING", name: null, host: { cores: 4 } };
    const sequence = await at.jobs.raise(id, "RUNNING", { data });
    await at.jobs.raise(id, "HEARTBEAT");
    const now = await at.jobs.get(id);
    assert.deepEqual(now.data, { status: "RUNNING", host: { cores: 4 } });
    assert.deepEqual([now.createdMs, now.updatedMs], [made.createdMs, made.createdMs + 5]);
    await at.jobs.remove(id);
    await assert.rejects(at.jobs.get(id), failsWith("not_found", /resource '.*' does not exist/));
    await assert.rejects(at.jobs.remove(id), failsWith("not_found", /does not exist/));
    await assert.rejects(at.jobs.raise(id, "HEARTBEAT"), failsWith("not_found", /does not exist/));

    const events = await raisedSince(at.store);
    assert.deepEqual(
      events.map(({ names, owners, origin, resource }) => [names.notifications, owners, origin, resource]),
      ["CREATED", "RUNNING", "HEARTBEAT", "DELETED"].map((name) => [name, ["ada"], "library", id]),
    );
    assert.deepEqual([events[0]?.actor, events[1]?.actor, events[1]?.sequence], ["ada", undefined, sequence]);
    const told = events.map((event) => resourceOf(event));
    assert.deepEqual(
      told.map(({ status }) => status),
      ["PENDING", "RUNNING", "RUNNING", "RUNNING"],
    );
    assert.deepEqual([told[0]?.["uuid"], told[0]?.["owner"], told[0]?.["name"]], [id, "ada", "sums"]);
  });

  it("has nothing that calls itself a secret", async () => {
    await using at = await withJobs();
    const { uuid: id } = await at.jobs.register({
      ...job,
      data: { name: "sums", env: { DB_PASSWORD: "hunter2", N: 1 } },
    });
    await at.jobs.raise(id, "RUNNING", { data: { accessToken: "hunter2", status: "RUNNING" } });
    assert.deepEqual((await at.jobs.get(id)).data, { name: "sums", env: { N: 1 }, status: "RUNNING" });
    assert.doesNotMatch(JSON.stringify(await raisedSince(at.store)), /hunter2/);
  });

  it("has an id that the host brings, or nobody has", async () => {
    await using at = await withJobs();
    const id = "7554973644402463206-242ac114-0001-007";
    assert.equal((await at.jobs.register({ ...job, id })).uuid, id);
    await assert.rejects(at.jobs.register({ ...job, id }), failsWith("conflict", /exists already/));
    const bucket = { uuid: uuid("bucket"), tenant: "acme", name: "photos", owner: "ada", createdMs: 0 };
    const object = anObject(bucket.uuid, "k", { uuid: uuid("job") });
    await at.store.commit({
      changes: [
        { do: "bucket.add", bucket },
        { do: "object.put", object },
      ],
    });
    await assert.rejects(at.jobs.register({ ...job, id: object.uuid }), failsWith("conflict", /exists already/));
    await at.jobs.remove(id);
    assert.equal((await at.jobs.register({ ...job, id })).uuid, id);
    const many = await Promise.allSettled([1, 2, 3].map(() => at.jobs.register({ ...job, id: "x-007" })));
    assert.deepEqual(many.map(({ status }) => status).toSorted(), ["fulfilled", "rejected", "rejected"]);
  });

  it("is not seen by who saw one that had its id before", async () => {
    await using at = await withJobs();
    const id = "x-007";
    const { uuid: resource } = await at.jobs.register({ ...job, id });
    await at.jobs.share(resource, "ada", "read");
    await at.jobs.remove(id);
    await at.jobs.register({ ...job, id, owner: "ben" });
    const known = (await raisedSince(at.store)).at(-1)?.resource ?? assert.fail();
    assert.deepEqual(await at.store.grants.grants(known), []);
  });

  it("need not be announced, and lies in an app where that is said", async () => {
    await using at = await withJobs();
    const { uuid: id, app } = await at.jobs.register({ ...job, app: at.app.slug }, { announce: false });
    assert.equal(app, at.app.slug);
    assert.deepEqual(await raisedSince(at.store), []);
    assert.deepEqual((await at.jobs.get(id)).app, at.app.slug);
    await assert.rejects(at.jobs.register({ ...job, app: "none" }), failsWith("not_found", /app 'none'/));
  });

  const wrong: readonly (readonly [string, object, RegExp])[] = [
    ["no kind", { kind: undefined }, /^kind: 'undefined' is not known/],
    ["an unknown kind", { kind: "order" }, /^kind: 'order' is not known: declare it before \(PUT/],
    ["a kind called after a property", { kind: "__proto__" }, /^kind: /],
    ["a kind that only Signalbox makes", { kind: "bucket" }, /^kind: bucket is a kind of Signalbox's own/],
    ["an id of another kind", { id: "x-002" }, /^id: must end in -007/],
    ["an id that is none", { id: "x y-007" }, /^id: must be at most 60/],
    ["an id that is too long", { id: `${"x".repeat(61)}-007` }, /^id: must be at most 60/],
    ["an id that is no text", { id: 7 }, /^id: /],
    ["no owner", { owner: undefined }, /^owner: /],
    ["an empty owner", { owner: "" }, /^owner: /],
    ["half a character in the owner", { owner: "nry\ud800" }, /^owner: must not hold half a character/],
    ["an endless owner", { owner: "a".repeat(151) }, /^owner: must have at most 150/],
    ["data that is a list", { data: [] }, /^data: must be a JSON object/],
    ["data that JSON would change", { data: { at: new Map() } }, /^data.at: must be JSON, not a Map/],
    ["too much data", { data: { a: "x".repeat(65_536) } }, /^data: is \d+ bytes long as JSON; at most 65536/],
  ];
  for (const [what, over, message] of wrong) {
    it(`is refused with ${what}`, async () => {
      await using at = await withJobs();
      await assert.rejects(at.jobs.register({ ...job, ...over }), failsWith("invalid_request", message));
      assert.deepEqual(await at.jobs.list({ kind: "job" }), []);
    });
  }

  it("is of a tenant that exists, and of no other", async () => {
    await using at = await withJobs();
    await assert.rejects(at.library.resources("nobody").register(job), failsWith("not_found", /tenant 'nobody'/));
    const { uuid: id } = await at.jobs.register(job);
    const tenant = { id: "other", name: "Other", createdMs: 0 };
    await at.store.commit({ changes: [{ do: "tenant.add", tenant }] });
    const others = at.library.resources("other");
    for (const ask of [() => others.get(id), () => others.remove(id), () => others.raise(id, "RUNNING")]) {
      await assert.rejects(ask(), failsWith("not_found", /does not exist/));
    }
    await assert.rejects(others.register({ ...job, id }), failsWith("conflict", /exists already/));
  });

  it("is listed with those of its kind, by uuid, in pages", async () => {
    await using at = await withJobs();
    for (const id of ["c-007", "a-007", "b-007"]) await at.jobs.register({ ...job, id });
    await at.jobs.register({ kind: "system", owner: "ada" });
    const ids = async (query: object): Promise<readonly string[]> =>
      (await at.jobs.list({ kind: "job", ...query })).map((one) => one.uuid);
    assert.deepEqual(await ids({}), ["a-007", "b-007", "c-007"]);
    assert.deepEqual(await ids({ max: 2 }), ["a-007", "b-007"]);
    assert.deepEqual(await ids({ max: 2, after: "b-007" }), ["c-007"]);
    assert.deepEqual(await ids({ max: -5 }), ["a-007"]);
  });
});

describe("raising", () => {
  it("takes the names that the kind has; a job's scripts call theirs what they like", async () => {
    await using at = await withJobs();
    const { uuid: id } = await at.jobs.register(job);
    await at.jobs.raise(id, "HALF_WAY");
    for (const name of ["", "HALF-WAY", "1ST", "X".repeat(33), "*"]) {
      await assert.rejects(at.jobs.raise(id, name), failsWith("invalid_request", /^event: must be 1 to 32/));
    }
    const { uuid: system } = await at.jobs.register({ kind: "system", owner: "ada" });
    await at.jobs.raise(system, "STATUS_CHANGE");
    await assert.rejects(
      at.jobs.raise(system, "STATUS_CHANG"),
      failsWith("invalid_request", /^event: "STATUS_CHANG" is no event .* Did you mean "STATUS_CHANGE"\?/),
    );
  });

  it("keeps nothing of data that cannot be kept, and raises nothing then", async () => {
    await using at = await withJobs();
    const { uuid: id } = await at.jobs.register({ ...job, data: { kept: "x".repeat(40_000) } });
    const before = await raisedSince(at.store);
    for (const data of [{ more: "x".repeat(40_000) }, { more: Number.NaN }, [], "text"]) {
      await assert.rejects(
        at.jobs.raise(id, "RUNNING", { data: data as object }),
        failsWith("invalid_request", /^data/),
      );
    }
    assert.deepEqual(await raisedSince(at.store), before);
  });

  it("by many at once loses nobody's data", async () => {
    await using at = await withJobs();
    const { uuid: id } = await at.jobs.register({ ...job, data: {} });
    const sequences = await Promise.all(
      Array.from({ length: 20 }, (_, index) => at.jobs.raise(id, "RUNNING", { data: { [`k${index}`]: index } })),
    );
    assert.equal(new Set(sequences).size, 20);
    assert.equal(Object.keys((await at.jobs.get(id)).data).length, 20);
  });

  it("is possible of what Signalbox keeps, but for its subscriptions and what is told of it", async () => {
    await using at = await withJobs();
    const bucket = { uuid: uuid("bucket"), tenant: "acme", name: "photos", owner: "ada", createdMs: 0 };
    const file = anObject(bucket.uuid, "k");
    const { subscription } = await at.subscribe("Told", "POST_ORDER_SHIP");
    await at.store.commit({
      changes: [
        { do: "bucket.add", bucket },
        { do: "object.put", object: file },
      ],
    });
    await at.jobs.raise(file.uuid, "STAGING_QUEUED");
    const told = (await raisedSince(at.store)).at(-1) ?? assert.fail();
    assert.deepEqual([told.resource, told.scope, resourceOf(told)["path"]], [file.uuid, bucket.uuid, "k"]);
    await assert.rejects(at.jobs.raise(file.uuid, "NO_SUCH"), failsWith("invalid_request", /no event of .* file/));
    await assert.rejects(
      at.jobs.raise(file.uuid, "STAGING", { data: {} }),
      failsWith("invalid_request", /^data: goes with resources of the host's own/),
    );
    await assert.rejects(at.jobs.raise(subscription.uuid, "SUCCESS"), failsWith("invalid_request", /Signalbox alone/));
    await assert.rejects(at.jobs.get(file.uuid), failsWith("not_found", /does not exist/));
  });
});

describe("sharing", () => {
  it("is announced with who may what", async () => {
    await using at = await withJobs();
    const { uuid: id } = await at.jobs.register(job);
    await at.jobs.share(id, "ada", "write", { user: "boss" });
    await at.jobs.unshare(id, "ada");
    await assert.rejects(at.jobs.unshare(id, "ada"), failsWith("not_found", /a grant for user 'ada'/));
    await assert.rejects(at.jobs.share(id, "nobody", "read"), failsWith("not_found", /user 'nobody'/));
    await assert.rejects(at.jobs.share(id, "ada", "all" as "read"), failsWith("invalid_request", /^permission/));
    const [, granted, revoked, ...others] = await raisedSince(at.store);
    assert.deepEqual([granted?.names.notifications, granted?.actor], ["PERMISSION_GRANT", "boss"]);
    assert.deepEqual([revoked?.names.notifications, revoked?.actor, others], ["PERMISSION_REVOKE", undefined, []]);
  });
});

describe("kinds of a host", () => {
  it("are declared at the start, and reach webhooks", async () => {
    const bodies: string[] = [];
    await using listener = await httpListener((request, response) => {
      void bodyOf(request).then((body) => {
        bodies.push(body);
        response.end();
      });
    });
    const kinds = [{ name: "order", events: ["SHIPPED"], macros: { ORDER_STATE: "state" } }];
    await using server = await runServer({}, { kinds });
    const orders = server.signalbox.resources("default");
    const id = "2026-11-20-0042-900";
    await orders.register({ kind: "order", id, owner: "admin", data: { state: "new" } });
    await assert.rejects(orders.raise(id, "SHIPED"), failsWith("invalid_request", /Did you mean "SHIPPED"/));
    const response = await fetch(`${server.url}/notifications/v2/`, {
      method: "POST",
      headers: { authorization: `Bearer ${server.token}`, "content-type": "application/json" },
      body: JSON.stringify({
        url: `http://127.0.0.1:${listener.port}/?state=\${ORDER_STATE}`,
        event: "SHIPPED",
        associatedUuid: id,
      }),
    });
    assert.equal(response.status, 201, await response.text());
    await orders.raise(id, "SHIPPED", { data: { state: "on its way" } });
    await until("the webhook came", () => bodies.length === 1);
    const body = JSON.parse(bodies[0] ?? "") as { readonly order: Readonly<Record<string, unknown>> };
    assert.deepEqual([body.order["state"], body.order["uuid"]], ["on its way", id]);
  });
});

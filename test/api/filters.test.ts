import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { EventName, NewEvent } from "../../src/domain/event.ts";
import { newUuid, type Uuid, uuidV7 } from "../../src/domain/ids.ts";
import { type TestApi, testApi } from "../support/api.ts";
import { shared } from "../support/shared.ts";

const check = "/api/cloud/filters/check/";
const fields = "/api/cloud/filters/fields/";

interface Checked {
  readonly matches: boolean;
  readonly reasons: readonly string[];
  readonly event: { readonly event_name: string | null; readonly key: string | null; readonly resource: string | null };
}

async function happened(api: TestApi, event: Partial<NewEvent> & Pick<NewEvent, "names" | "data">): Promise<void> {
  api.clock.advance(1_000);
  const timeMs = api.clock.now();
  const moment = { nowMs: timeMs, bytes: api.clock.bytes(10) };
  const commit = await api.deps.store.commit({
    events: [
      { id: uuidV7(moment), tenant: "default", resource: newUuid("file", moment), origin: "s3", timeMs, ...event },
    ],
  });
  assert.equal(commit.kind, "committed");
}

async function written(api: TestApi, bucket: { uuid: Uuid; name: string; owner: string }, more: object): Promise<void> {
  await happened(api, {
    scope: bucket.uuid,
    owners: [bucket.owner],
    names: { objects: "OBJECT_CREATED_PUT", notifications: "UPLOADED" },
    data: { bucket: bucket.name, key: "a.txt", size: 1, lastModifiedMs: 0, userMetadata: {}, tags: {}, ...more },
  });
}

async function tried(api: TestApi, body: object, token = api.operator): Promise<readonly Checked[]> {
  const { status, data, text } = await api.ask("POST", check, { filter: "", ...body }, { token });
  assert.equal(status, 200, text);
  return data["checks"] as readonly Checked[];
}

describe("a filter that is tried", () => {
  it("on what happened in a bucket, matches as one of its rules would", async () => {
    await using api = await testApi();
    const bucket = await api.bucket("photos");
    await written(api, bucket, { key: "one", size: 1 });
    await written(api, bucket, { key: "two", size: 2 });
    await written(api, await api.bucket("other"), { key: "three", size: 3 });
    const of = { face: "objects", bucket: "photos" };
    const { data } = await api.ask("POST", check, { ...of, filter: "size > 1 AND key REGEXP 't[wv]o'" });
    assert.deepEqual(
      (data["checks"] as Checked[]).map(({ matches, event: { key, event_name: name } }) => [matches, key, name]),
      [
        [true, "two", "OBJECT_CREATED_PUT"],
        [false, "one", "OBJECT_CREATED_PUT"],
      ],
    );
    assert.equal(data["matched"], 1);
    assert.deepEqual(data["cost"], { instructions: 5, visits: 5 * 1024, most_visits: 2_048_000 });
    assert.equal((await tried(api, { ...of, last: 1 })).length, 1);
    assert.equal((await tried(api, { ...of, event: "OBJECT_DELETED" })).length, 0);
    assert.equal((await tried(api, { face: "objects", resource: "*" })).length, 3);
  });

  it("on none only says whether it can be read, and what is odd", async () => {
    await using api = await testApi();
    await api.bucket("photos");
    const body = { face: "objects", bucket: "photos", last: 0 };
    const odd = await api.ask("POST", check, { ...body, filter: 'key LIKE "images/"' });
    assert.deepEqual(odd.data["checks"], []);
    assert.match(String(odd.data["warnings"]), /LIKE without % or _/);
    const wrong = await api.ask("POST", check, { ...body, filter: "size > 64KB" });
    assert.deepEqual([wrong.status, wrong.code], [400, "invalid_filter"]);
    const { offset, length, hint } = wrong.data;
    assert.deepEqual([offset, length, hint], [7, 4, "sizes are written in bytes, without a unit: 65536"]);
  });

  it("on operations asks their params, by the schema of the event type", async () => {
    await using api = await testApi();
    const data = (email: string) => ({ params: { email, username: "ada" }, operation: "op" });
    await happened(api, { names: { lifecycle: "POST_USER_CREATE" }, data: data("ada@example.com") });
    await happened(api, { names: { lifecycle: "POST_USER_DELETE" }, data: data("bob@example.com") });
    const of = { face: "lifecycle", event: "POST_USER_CREATE" };
    const [only, ...none] = await tried(api, { ...of, filter: "email LIKE 'bob%'" });
    assert.deepEqual([only?.matches, only?.event.event_name, none], [false, "POST_USER_CREATE", []]);
    assert.match(String(only?.reasons), /email is "ada@example.com"/);
    assert.equal((await tried(api, { face: "lifecycle" })).length, 2);
    const unknown = await api.ask("POST", check, { ...of, filter: "emial = 'a'" });
    assert.deepEqual([unknown.code, unknown.data["hint"]], ["invalid_filter", "did you mean `email`?"]);
    const given = { ...of, event: "PRE_USER_CREATE", against: { params: { email: "x@y.z" } } };
    assert.equal((await tried(api, { ...given, filter: "email = 'x@y.z'" }))[0]?.matches, true);
  });

  it("on a resource shows what one sees, and nothing of what lies in it that one does not", async () => {
    await using api = await testApi();
    const mia = await api.tokenOf("member", "mia");
    const wil = await api.tokenOf("member", "wil");
    const bucket = await api.bucket("photos", "mia");
    await written(api, bucket, { key: "hers", contentType: "text/plain" });
    const of = { face: "notifications", resource: bucket.uuid };
    const [hers] = await tried(api, { ...of, filter: "mimeType = 'text/plain'" }, mia);
    assert.deepEqual([hers?.matches, hers?.event.event_name], [true, "UPLOADED"]);
    const hidden = await api.ask("POST", check, { ...of, filter: "" }, { token: wil });
    assert.deepEqual([hidden.status, hidden.message], [404, "a resource with that uuid does not exist"]);
    // Something of another's in a thing of hers.
    await happened(api, {
      names: { notifications: "RUNNING" as EventName },
      data: { kind: "job", resource: { name: "secret" } },
      owners: ["wil"],
      parents: [{ uuid: bucket.uuid, kind: "bucket", owner: "mia" }],
    });
    assert.equal((await tried(api, of, mia)).length, 1);
    assert.equal((await tried(api, of)).length, 2, "an admin sees both");
    assert.equal((await tried(api, { ...of, event: "FILE_UPLOADED" })).length, 1);
    const against = { resource: { name: "x" } };
    assert.equal((await tried(api, { ...of, against, filter: "name = 'x'" }, mia))[0]?.matches, true);
  });

  const withBucket = shared(async () => {
    const api = await testApi();
    await api.bucket("photos");
    return api;
  });
  const photos = { face: "objects", bucket: "photos" };
  const bad: readonly (readonly [what: string, body: object, path: string])[] = [
    ["no face", { filter: "" }, "face"],
    ["an unknown face", { face: "object", filter: "" }, "face"],
    ["no filter", photos, "filter"],
    ["no bucket", { face: "objects", filter: "" }, "bucket"],
    ["a bucket on another face", { face: "lifecycle", bucket: "photos", filter: "" }, "bucket"],
    ["an event of another face", { ...photos, event: "DELETED", filter: "" }, "event"],
    ["no resource", { face: "notifications", filter: "" }, "resource"],
    ["an event and last", { ...photos, filter: "", last: 1, against: {} }, "last"],
    ["last of too many", { ...photos, filter: "", last: 101 }, "last"],
    [
      "an event without a key",
      { ...photos, filter: "", against: { eventName: "OBJECT_DELETED", object: {} } },
      "against.object.key",
    ],
    [
      "a day that is not",
      {
        ...photos,
        filter: "",
        against: { eventName: "OBJECT_DELETED", object: { key: "a", lastModified: "2023-02-30T00:00:00Z" } },
      },
      "against.object.lastModified",
    ],
    ["params that are none", { face: "lifecycle", filter: "", against: { params: [] } }, "against.params"],
    ["no resource in it", { face: "notifications", resource: "*", filter: "", against: {} }, "against.resource"],
  ];
  for (const [what, body, path] of bad) {
    it(`is refused with ${what}`, async () => {
      const { status, fields, text } = await withBucket().ask("POST", check, body);
      assert.deepEqual([status, fields[0]?.path], [400, path], text);
    });
  }
});

describe("what a filter may ask", () => {
  interface Field {
    readonly name: string;
    readonly type: string;
    readonly operators: readonly string[];
    readonly values?: readonly string[];
    readonly seen?: readonly string[];
  }
  const listed = async (api: TestApi, query: string): Promise<ReadonlyMap<string, Field>> => {
    const { status, data, text } = await api.ask("GET", `${fields}?${query}`);
    assert.equal(status, 200, text);
    return new Map((data["fields"] as Field[]).map((field) => [field.name, field]));
  };

  it("of objects is what they have, and what the bucket's newest had", async () => {
    await using api = await testApi();
    const bucket = await api.bucket("photos");
    await written(api, bucket, { contentType: "image/png", userMetadata: { owner: "x" }, tags: { Team: "y" } });
    await written(api, bucket, { contentType: "text/css", tags: { Team: "z", "cost center": "1" } });
    await written(api, bucket, { tags: Object.fromEntries(Array.from({ length: 70 }, (_, n) => [`t${n}`, ""])) });
    await written(api, await api.bucket("other"), { contentType: "of/others" });
    const of = await listed(api, "face=objects&bucket=photos");
    assert.deepEqual(of.get("Content-Type")?.seen, ["text/css", "image/png"]);
    assert.deepEqual(of.get("x-amz-meta-<name>")?.seen, ["owner"]);
    assert.equal(of.get("tag:<key>")?.seen?.length, 64);
    assert.deepEqual(of.get("Event-Type")?.values, ["OBJECT_CREATED_PUT", "OBJECT_DELETED"]);
    const types = [...of.values()].map(({ name, type }) => `${name}: ${type}`);
    assert.deepEqual(
      types.join(", "),
      "key: string, Content-Type: string, Content-Length: number, size: number, Last-Modified: instant, Event-Type: string, ETag: string, bucket: string, Reason: string, x-amz-meta-<name>: map, tag:<key>: map",
    );
    assert.ok(of.get("key")?.operators.includes("REGEXP"));
    assert.ok(!of.get("size")?.operators.includes("LIKE"));
  });

  it("of an event type is what its schema declares, and what is declared nowhere", async () => {
    const events = [
      {
        name: "POST_ORDER",
        phase: "post" as const,
        resource: "order",
        schema: {
          type: "object",
          properties: {
            total: { type: "number" },
            paid: { type: "boolean" },
            state: { enum: ["new", "sent"] },
            secret: { type: "string" },
            labels: { type: "object", additionalProperties: { type: "string" } },
          },
          additionalProperties: false,
        },
        sensitive: ["secret"],
      },
    ];
    await using api = await testApi({ events });
    const params = { total: 1, paid: true, state: "new", labels: { colour: "red" } };
    await happened(api, { names: { lifecycle: "POST_ORDER" }, data: { params, operation: "op" } });
    const of = await listed(api, "face=lifecycle&event=POST_ORDER");
    assert.deepEqual(
      [...of.values()].map(({ name, type, values = [], seen = [] }) => [name, type, ...values, ...seen]),
      [
        ["total", "number"],
        ["paid", "boolean", "true", "false"],
        ["state", "string", "new", "sent"],
        ["labels.<name>", "map", "colour"],
      ],
    );
  });

  it("of a resource is what it held", async () => {
    await using api = await testApi();
    const bucket = await api.bucket("photos");
    await written(api, bucket, { userMetadata: { camera: "x" } });
    const of = await listed(api, `face=notifications&resource=${bucket.uuid}`);
    assert.equal(of.size, 1);
    const seen = of.get("<name>")?.seen ?? [];
    for (const path of ["path", "systemId", "metadata.camera", "_links.self.href"])
      assert.ok(seen.includes(path), path);
  });
});

/** Buckets that are made, shown and deleted through the API. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { anObject } from "../conformance/store/given.ts";
import { type TestApi, testApi } from "../support/api.ts";

const path = "/api/cloud/buckets/";

async function put(api: TestApi, bucket: Parameters<typeof anObject>[0], keys: readonly string[]): Promise<void> {
  const changes = keys.map((key) => ({ do: "object.put", object: anObject(bucket, key) }) as const);
  await api.deps.store.commit({ changes });
}

describe("buckets", () => {
  it("are made by their owner, announced, and taken once", async () => {
    await using api = await testApi();
    const ann = { token: await api.tokenOf("member", "ann") };
    const ben = { token: await api.tokenOf("member", "ben") };
    const made = await api.ask("POST", path, { name: "ann.photos-2026" }, ann);
    assert.equal(made.status, 201);
    const { name, owner, uuid } = made.data;
    assert.deepEqual([name, owner], ["ann.photos-2026", "ann"]);
    const [event] = await api.deps.store.events.after(0, 9);
    assert.deepEqual(
      [event?.names, event?.resource, event?.origin, event?.actor],
      [{ notifications: "CREATED" }, uuid, "api", "ann"],
    );
    for (const asking of [ann, ben]) {
      const again = await api.ask("POST", path, { name: "ann.photos-2026" }, asking);
      assert.deepEqual([again.status, again.code], [409, "conflict"]);
      assert.doesNotMatch(again.text, new RegExp(String(uuid)));
    }
    assert.equal((await api.deps.store.objects.bucket("default", "ann.photos-2026"))?.uuid, uuid);
  });

  it("have S3's names, and nothing else is asked for", async () => {
    await using api = await testApi();
    for (const name of ["ab", "A-bucket", "-a-", "a..b", "1.2.3.4", "a/b", "a".repeat(64), "a_b", "", "ä-ö-ü"]) {
      const { status, code, fields } = await api.ask("POST", path, { name });
      assert.deepEqual([status, code, fields[0]?.path], [400, "invalid_request", "name"], name);
    }
    assert.equal((await api.ask("POST", path, {})).status, 400);
    assert.equal((await api.ask("POST", path, { name: "fine", region: "x" })).fields[0]?.path, "region");
    assert.deepEqual((await api.ask("GET", path)).data["buckets"], []);
  });

  it("are made once for all requests with one idempotency key", async () => {
    await using api = await testApi();
    const headers = { "idempotency-key": "one" };
    const [first, second] = await Promise.all([
      api.ask("POST", path, { name: "photos" }, { headers }),
      api.ask("POST", path, { name: "photos" }, { headers }),
    ]);
    assert.deepEqual([first.status, second.status], [201, 201]);
    assert.equal(first.data["uuid"], second.data["uuid"]);
  });

  it("tell how much is in them, as long as that is counted", async () => {
    await using api = await testApi();
    const { uuid } = await api.bucket("photos", "ann");
    const ben = { token: await api.tokenOf("member", "ben") };
    const shown = async (asking = {}) => (await api.ask("GET", `${path}photos/`, undefined, asking)).data;
    const facts = ({ objects, bytes, rules }: Awaited<ReturnType<typeof shown>>) => [objects, bytes, rules];
    assert.deepEqual(facts(await shown()), [0, 0, 0]);
    await put(api, uuid, ["a", "b/1", "é"]);
    await api.ask("POST", `${path}photos/notifications/`, { url: "https://receiver.example/" });
    assert.deepEqual(facts(await shown()), [3, 9, 1]);
    await api.ask("PUT", `/api/cloud/resources/${uuid}/pems/ben/`, { permission: "read" });
    assert.deepEqual(facts(await shown(ben)), [3, 9, null]);

    const many = Array.from({ length: 10_000 }, (_, index) => `many/${index}`);
    for (let at = 0; at < many.length; at += 1_000) await put(api, uuid, many.slice(at, at + 1_000));
    assert.deepEqual(facts(await shown()), [null, null, 1]);
  });

  it("are deleted when nothing is in them, by who manages them", async () => {
    await using api = await testApi();
    const { uuid } = await api.bucket("photos", "ann");
    const [ann, ben] = [{ token: await api.tokenOf("member", "ann") }, { token: await api.tokenOf("member", "ben") }];
    const remove = (asking: object) => api.ask("DELETE", `${path}photos/`, undefined, asking);
    await put(api, uuid, ["a"]);
    const full = await remove(ann);
    assert.deepEqual([full.status, full.code], [409, "conflict"]);
    assert.match(full.message, /still has objects/);
    assert.equal((await remove(ben)).status, 404);
    await api.ask("PUT", `/api/cloud/resources/${uuid}/pems/ben/`, { permission: "write" });
    assert.deepEqual([(await remove(ben)).status, (await remove(ben)).code], [403, "forbidden"]);
    await api.deps.store.commit({ changes: [{ do: "object.remove", bucket: uuid, key: "a" }] });
    assert.equal((await remove(ann)).status, 200);
    assert.equal((await remove(ann)).status, 404);
    assert.equal((await api.ask("GET", `${path}photos/`)).status, 404);
  });
});

describe("folders of a bucket", () => {
  const folders = "/api/cloud/files/?bucket=photos&delimiter=/";
  const listed = (data: Readonly<Record<string, unknown>>) => {
    const files = data["files"] as readonly { readonly path: string }[];
    return [data["folders"], files.map(({ path }) => path)];
  };

  it("are what keys begin with, up to the delimiter", async () => {
    await using api = await testApi();
    const { uuid } = await api.bucket("photos");
    await put(api, uuid, ["/root", "a", "a/1", "a/2/3", "b", "b//x", "c/", "ü/é", "z"]);
    const of = async (query: string) => listed((await api.ask("GET", `${folders}${query}`)).data);
    assert.deepEqual(await of(""), [
      ["/", "a/", "b/", "c/", "ü/"],
      ["a", "b", "z"],
    ]);
    assert.deepEqual(await of("&prefix=a/"), [["a/2/"], ["a/1"]]);
    assert.deepEqual(await of("&prefix=b/"), [["b//"], []]);
    assert.deepEqual(await of("&prefix=c/"), [[], ["c/"]]);
    assert.deepEqual(await of("&prefix=%C3%BC/"), [[], ["ü/é"]]);
    const plain = (await api.ask("GET", "/api/cloud/files/?bucket=photos")).data;
    assert.equal(plain["folders"], undefined, "only where they are asked for");
  });

  it("come in pages with the files, each once", async () => {
    await using api = await testApi();
    const { uuid } = await api.bucket("photos");
    const keys = ["a/1", "a/2", "b", "c/1", "c/2", "d", "e/1"];
    await put(api, uuid, keys);
    for (const limit of [1, 2, 3]) {
      const found: string[] = [];
      for (let cursor = ""; ; ) {
        const { data } = await api.ask("GET", `${folders}&limit=${limit}${cursor}`);
        const page = listed(data).flat();
        assert.ok(page.length <= limit);
        found.push(...page.map(String));
        const next = data["next_cursor"];
        if (typeof next !== "string") break;
        cursor = `&cursor=${next}`;
      }
      assert.deepEqual(found.toSorted(), ["a/", "b", "c/", "d", "e/"]);
    }
    const { data } = await api.ask("GET", "/api/cloud/files/?bucket=photos&limit=1");
    const other = await api.ask("GET", `${folders}&cursor=${String(data["next_cursor"])}`);
    assert.deepEqual([other.status, other.fields[0]?.path], [400, "cursor"]);
  });

  it("are asked for with what can be", async () => {
    await using api = await testApi();
    await api.bucket("photos");
    for (const [query, path] of [
      ["delimiter=", "delimiter"],
      ["delimiter=/&key=a", "delimiter"],
      ["delimiter=%00", "delimiter"],
      ["delimiter=/&prefix=%00", "prefix"],
    ]) {
      const { status, fields } = await api.ask("GET", `/api/cloud/files/?bucket=photos&${query}`);
      assert.deepEqual([status, fields[0]?.path], [400, path], query);
    }
  });
});

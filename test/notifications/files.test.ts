/** Objects as files with uuids, over HTTP. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { CreateBucketCommand, GetObjectCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { anObject, uuid } from "../conformance/store/given.ts";
import { type TestApi, testApi } from "../support/api.ts";
import { runServer } from "../support/in-process.ts";

const files = "/api/cloud/files/";

async function put(api: TestApi, bucket: Parameters<typeof anObject>[0], ...keys: string[]): Promise<string[]> {
  const objects = keys.map((key) => anObject(bucket, key, { owner: "ann", userMetadata: { m: "1" } }));
  await api.deps.store.commit({ changes: objects.map((object) => ({ do: "object.put", object })) });
  return objects.map((object) => object.uuid);
}

function paths(data: Readonly<Record<string, unknown>>): unknown[] {
  return (data["files"] as readonly Readonly<Record<string, unknown>>[]).map(({ path }) => path);
}

describe("files", () => {
  it("are listed by key, in pages, and found by key or what it begins with", async () => {
    await using api = await testApi();
    const { uuid: bucket } = await api.bucket("photos", "ann");
    await put(api, bucket, "b/2", "a", "b/1", "é");
    const of = async (query: string): Promise<unknown[]> => paths((await api.ask("GET", `${files}?${query}`)).data);
    assert.deepEqual(await of("bucket=photos"), ["a", "b/1", "b/2", "é"]);
    assert.deepEqual(await of("bucket=photos&prefix=b/"), ["b/1", "b/2"]);
    assert.deepEqual(await of("bucket=photos&key=b/1"), ["b/1"]);
    assert.deepEqual(await of("bucket=photos&key=b/"), []);
    const first = await api.ask("GET", `${files}?bucket=photos&limit=3`);
    const next = String(first.data["next_cursor"]);
    assert.deepEqual(
      [paths(first.data), await of(`bucket=photos&limit=3&cursor=${next}`)],
      [["a", "b/1", "b/2"], ["é"]],
    );
  });

  it("are shown as events tell them", async () => {
    await using api = await testApi();
    const { uuid: bucket } = await api.bucket("photos", "ann");
    const [file] = await put(api, bucket, "2026/lake.jpg");
    const { status, data } = await api.ask("GET", `${files}${String(file)}/`);
    assert.equal(status, 200);
    const { name, path, systemId, owner, length, metadata, _links } = data;
    assert.deepEqual(
      { name, path, systemId, owner, length, metadata, uuid: data["uuid"] },
      {
        name: "lake.jpg",
        path: "2026/lake.jpg",
        systemId: "photos",
        owner: "ann",
        length: 3,
        metadata: { m: "1" },
        uuid: file,
      },
    );
    assert.match(JSON.stringify(_links), new RegExp(`associatedUuid=${String(file)}`));
  });

  it("are found by who sees them, and for everybody else do not exist", async () => {
    await using api = await testApi();
    const { uuid: bucket } = await api.bucket("photos", "ann");
    const [file] = await put(api, bucket, "a");
    const [ann, ben] = [{ token: await api.tokenOf("member", "ann") }, { token: await api.tokenOf("member", "ben") }];
    const one = `${files}${String(file)}/`;
    const rename = (asking: object) => api.ask("POST", `${one}rename/`, { key: "b" }, asking);
    const unseen = await api.ask("GET", one, undefined, ben);
    const missing = await api.ask("GET", `${files}${uuid("file")}/`, undefined, ben);
    assert.deepEqual([unseen.status, unseen.message], [404, missing.message]);
    assert.deepEqual([(await rename(ben)).status, (await rename(ben)).message], [404, missing.message]);
    assert.equal((await api.ask("GET", `${files}?bucket=photos`, undefined, ben)).status, 404);

    await api.ask("PUT", `/api/cloud/resources/${String(file)}/pems/ben/`, { permission: "write" });
    assert.equal((await api.ask("GET", one, undefined, ben)).status, 200);
    assert.equal((await rename(ben)).status, 404, "a bucket that they do not see");
    await api.ask("PUT", `/api/cloud/resources/${bucket}/pems/ben/`, { permission: "read" });
    assert.equal((await rename(ben)).status, 403, "a bucket that they may read only");
    assert.equal((await rename(ann)).status, 200);
  });

  it("are asked for with what can be", async () => {
    await using api = await testApi();
    const { uuid: bucket } = await api.bucket("photos");
    const [file] = await put(api, bucket, "a", "b");
    for (const [query, path] of [
      ["", "bucket"],
      ["bucket=", "bucket"],
      ["bucket=photos&key=a&prefix=a", "prefix"],
      ["bucket=photos&key=%00", "key"],
      [`bucket=photos&prefix=${"x".repeat(1025)}`, "prefix"],
      ["bucket=photos&cursor=no", "cursor"],
      ["bucket=photos&limit=0", "limit"],
    ] as const) {
      const { status, fields } = await api.ask("GET", `${files}?${query}`);
      assert.deepEqual([status, fields[0]?.path], [400, path], query);
    }
    for (const [body, answer] of [
      [{}, "400 key"],
      [{ key: "a" }, "400 key"],
      [{ key: "" }, "400 key"],
      [{ key: "é".repeat(513) }, "400 key"],
      [{ key: "\0" }, "400 key"],
      [{ key: "\ud800" }, "400 "],
      [{ key: 7 }, "400 key"],
      [{ key: "c", overwrite: "yes" }, "400 overwrite"],
      [{ key: "c", path: "d" }, "400 path"],
      [{ bucket: "photos" }, "400 key"],
      [{ bucket: "nowhere" }, "404 "],
      [{ key: "b" }, "409 "],
    ] as const) {
      const { status, fields } = await api.ask("POST", `${files}${String(file)}/rename/`, body);
      assert.equal(`${status} ${fields[0]?.path ?? ""}`, answer, JSON.stringify(body));
    }
    for (const wrong of ["x", uuid("file"), bucket]) {
      assert.equal((await api.ask("GET", `${files}${wrong}/`)).status, 404);
      assert.equal((await api.ask("POST", `${files}${wrong}/rename/`, { key: "z" })).status, 404);
    }
    assert.deepEqual(paths((await api.ask("GET", `${files}?bucket=photos`)).data), ["a", "b"]);
  });

  it("are renamed once for all requests with one Idempotency-Key", async () => {
    await using api = await testApi();
    const { uuid: bucket } = await api.bucket("photos");
    const [file] = await put(api, bucket, "a");
    const asking = { headers: { "idempotency-key": "once" } };
    const rename = () => api.ask("POST", `${files}${String(file)}/rename/`, { key: "b" }, asking);
    assert.deepEqual([(await rename()).status, (await rename()).status], [200, 200]);
  });

  it("are read under their new name through S3, with the bytes that they had", async () => {
    await using server = await runServer();
    for (const Bucket of ["one", "two"]) await server.s3.send(new CreateBucketCommand({ Bucket }));
    await server.s3.send(new PutObjectCommand({ Bucket: "one", Key: "a.txt", Body: "hello", ContentType: "text/x" }));
    const { files: found } = await server.api<{ files: { uuid: string }[] }>("GET", `${files}?bucket=one&key=a.txt`);
    const file = found[0]?.uuid ?? assert.fail();
    const moved = await server.api<object>("POST", `${files}${file}/rename/`, { bucket: "two", key: "b/c.txt" });
    assert.deepEqual(await server.api("GET", `${files}${file}/`), moved);
    const { Body, ContentType } = await server.s3.send(new GetObjectCommand({ Bucket: "two", Key: "b/c.txt" }));
    assert.deepEqual([await Body?.transformToString(), ContentType], ["hello", "text/x"]);
    await assert.rejects(server.s3.send(new GetObjectCommand({ Bucket: "one", Key: "a.txt" })), { name: "NoSuchKey" });
  });
});

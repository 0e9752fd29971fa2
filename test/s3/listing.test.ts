import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  CreateBucketCommand,
  DeleteObjectsCommand,
  ListObjectsCommand,
  type ListObjectsCommandInput,
  ListObjectsV2Command,
  type ListObjectsV2CommandInput,
  type S3Client,
} from "@aws-sdk/client-s3";
import { freshId, freshUuid } from "../../src/platform/deps.ts";
import type { Change } from "../../src/store/unit.ts";
import { failure, type S3Fixture, s3Fixture } from "../support/s3.ts";
import { send } from "../support/sign.ts";

const Bucket = "alpha";

/** A bucket with objects that have no bytes: listings never ask for them. */
async function withKeys(keys: readonly string[]): Promise<S3Fixture> {
  const fixture = await s3Fixture();
  const { store, clock } = fixture.deps;
  await fixture.admin.s3.send(new CreateBucketCommand({ Bucket }));
  const bucket = await store.objects.bucket("default", Bucket);
  assert.ok(bucket);
  const changes = keys.map(
    (key): Change => ({
      do: "object.put",
      object: {
        bucket: bucket.uuid,
        key,
        uuid: freshUuid(clock, "file"),
        owner: "root",
        version: freshId(clock),
        size: 0,
        eTag: "d41d8cd98f00b204e9800998ecf8427e",
        modifiedMs: clock.now(),
        pieces: [],
        checksums: {},
        contentType: "text/plain",
        headers: {},
        userMetadata: {},
        tags: {},
      },
    }),
  );
  await store.commit({ changes });
  return fixture;
}

interface Told {
  readonly keys: string[];
  readonly prefixes: string[];
  readonly pages: number;
}

async function pagesV2(s3: S3Client, input: Partial<ListObjectsV2CommandInput> = {}): Promise<Told> {
  const told: Told = { keys: [], prefixes: [], pages: 0 };
  let pages = 0;
  for (let token: string | undefined; ; ) {
    const page = await s3.send(
      new ListObjectsV2Command({ Bucket, ...input, ...(token === undefined ? {} : { ContinuationToken: token }) }),
    );
    pages += 1;
    told.keys.push(...(page.Contents ?? []).map(({ Key = "" }) => Key));
    told.prefixes.push(...(page.CommonPrefixes ?? []).map(({ Prefix = "" }) => Prefix));
    assert.equal(page.KeyCount, (page.Contents?.length ?? 0) + (page.CommonPrefixes?.length ?? 0));
    token = page.NextContinuationToken;
    assert.equal(page.IsTruncated, token !== undefined);
    if (token === undefined) return { ...told, pages };
  }
}

async function pagesV1(s3: S3Client, input: Partial<ListObjectsCommandInput> = {}): Promise<Told> {
  const told: Told = { keys: [], prefixes: [], pages: 0 };
  let pages = 0;
  for (let marker = input.Marker; ; ) {
    const page = await s3.send(
      new ListObjectsCommand({ Bucket, ...input, ...(marker === undefined ? {} : { Marker: marker }) }),
    );
    pages += 1;
    told.keys.push(...(page.Contents ?? []).map(({ Key = "" }) => Key));
    told.prefixes.push(...(page.CommonPrefixes ?? []).map(({ Prefix = "" }) => Prefix));
    if (page.IsTruncated !== true) return { ...told, pages };
    marker = page.NextMarker ?? told.keys.at(-1);
  }
}

const byBytes = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));

describe("listing 2,500 keys", () => {
  const keys = [
    ...Array.from({ length: 1500 }, (_, index) => `logs/${index % 3}/${String(index).padStart(5, "0")}`),
    ...Array.from({ length: 900 }, (_, index) => `z${String(index).padStart(4, "0")}`),
    ...Array.from({ length: 100 }, (_, index) => `dir${String(index).padStart(3, "0")}/only`),
  ];

  it("gives all, in order, in pages of at most 1,000", async () => {
    await using fixture = await withKeys(keys);
    const { s3 } = fixture.admin;
    const sorted = [...keys].sort(byBytes);
    const all = await pagesV2(s3);
    assert.deepEqual(all.keys, sorted);
    assert.equal(all.pages, 3);
    assert.equal((await pagesV2(s3, { MaxKeys: 5000 })).pages, 3);
    assert.deepEqual((await pagesV1(s3)).keys, sorted);
    const few = await pagesV2(s3, { Prefix: "logs/1/", MaxKeys: 200 });
    assert.deepEqual([few.keys.length, few.pages], [500, 3]);
  });

  it("tells what lies behind a delimiter as one", async () => {
    await using fixture = await withKeys(keys);
    const { s3 } = fixture.admin;
    const folders = [...Array.from({ length: 100 }, (_, index) => `dir${String(index).padStart(3, "0")}/`), "logs/"];
    for (const pages of [pagesV2, pagesV1]) {
      for (const MaxKeys of [1000, 7]) {
        const told = await pages(s3, { Delimiter: "/", MaxKeys });
        assert.deepEqual(told.prefixes, folders);
        assert.equal(told.keys.length, 900);
        assert.equal(told.pages, Math.ceil((101 + 900) / MaxKeys));
      }
      const below = await pages(s3, { Delimiter: "/", Prefix: "logs/" });
      assert.deepEqual([below.prefixes, below.keys], [["logs/0/", "logs/1/", "logs/2/"], []]);
      const cut = await pages(s3, { Delimiter: "/", Prefix: "lo" });
      assert.deepEqual([cut.prefixes, cut.keys], [["logs/"], []]);
      const other = await pages(s3, { Delimiter: "5", Prefix: "z05" });
      assert.deepEqual(other.prefixes.slice(0, 2), ["z0505", "z0515"]);
    }
  });

  it("costs what it tells, not what lies below a common prefix", async () => {
    await using fixture = await withKeys(keys);
    const { objects } = fixture.deps.store;
    const list = objects.list.bind(objects);
    let rows = 0;
    Object.assign(objects, {
      list: async (...args: Parameters<typeof list>) => {
        const found = await list(...args);
        rows += found.length;
        return found;
      },
    });
    const told = await pagesV2(fixture.admin.s3, { Delimiter: "/", Prefix: "l" });
    assert.deepEqual(told.prefixes, ["logs/"]);
    assert.ok(rows <= 16, `${rows} rows for one prefix over 1,500 keys`);
  });

  it("goes on after any key or prefix", async () => {
    await using fixture = await withKeys(keys);
    const { s3 } = fixture.admin;
    assert.equal((await pagesV2(s3, { StartAfter: "z0889" })).keys.length, 10);
    assert.equal((await pagesV1(s3, { Marker: "z0889" })).keys.length, 10);
    const after = await pagesV1(s3, { Marker: "logs/", Delimiter: "/" });
    assert.deepEqual([after.prefixes, after.keys.length], [[], 900]);
    const within = await pagesV1(s3, { Marker: "dir098/only", Delimiter: "/" });
    assert.deepEqual(within.prefixes, ["dir099/", "logs/"]);
  });

  it("deletes a thousand at once", async () => {
    await using fixture = await withKeys(keys);
    const { s3 } = fixture.admin;
    const Objects = keys.slice(0, 1000).map((Key) => ({ Key }));
    const { Deleted } = await s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects } }));
    assert.equal(Deleted?.length, 1000);
    assert.equal((await fixture.events()).length, 1000);
    const tooMany = { Objects: keys.slice(0, 1001).map((Key) => ({ Key })) };
    assert.equal(await failure(s3.send(new DeleteObjectsCommand({ Bucket, Delete: tooMany }))), "400 MalformedXML");
  });
});

describe("a listing", () => {
  it("may be empty, or of nothing", async () => {
    await using fixture = await withKeys(["a"]);
    const { s3 } = fixture.admin;
    const none = await s3.send(new ListObjectsV2Command({ Bucket, MaxKeys: 0 }));
    assert.deepEqual([none.KeyCount, none.IsTruncated, none.MaxKeys], [0, false, 0]);
    assert.deepEqual(await pagesV2(s3, { Prefix: "b" }), { keys: [], prefixes: [], pages: 1 });
  });

  it("says whose the objects are when asked", async () => {
    await using fixture = await withKeys(["a"]);
    const { s3 } = fixture.admin;
    const withOwner = await s3.send(new ListObjectsV2Command({ Bucket, FetchOwner: true }));
    assert.equal(withOwner.Contents?.[0]?.Owner?.ID, "root");
    const without = await s3.send(new ListObjectsV2Command({ Bucket }));
    assert.equal(without.Contents?.[0]?.Owner, undefined);
    assert.equal((await s3.send(new ListObjectsCommand({ Bucket }))).Contents?.[0]?.Owner?.ID, "root");
  });

  it("orders by bytes, beyond the basic plane too", async () => {
    const keys = ["a", "Z", "ä", "\uffff", "\u{1f600}", "\u{10ffff}", "a\u{10ffff}b", "~", "ue/\u{1f600}/x"];
    await using fixture = await withKeys(keys);
    const { s3 } = fixture.admin;
    // Some of these are no characters of XML 1.0: as in S3, they can be listed only in their URL form.
    const told = await pagesV2(s3, { MaxKeys: 1, EncodingType: "url" });
    assert.deepEqual(
      told.keys.map((key) => decodeURIComponent(key.replaceAll("+", " "))),
      [...keys].sort(byBytes),
    );
    const folders = await pagesV2(s3, { Delimiter: "\u{10ffff}", EncodingType: "url" });
    assert.deepEqual(folders.prefixes.map(decodeURIComponent), ["a\u{10ffff}", "\u{10ffff}"]);
  });

  it("writes keys in URL form when asked, as boto does", async () => {
    await using fixture = await withKeys(["a b/c+d&é", "a b/<e>"]);
    const { port, admin } = fixture;
    const query = { "list-type": "2", "encoding-type": "url", prefix: "a b/", delimiter: "/" };
    const answer = await send(port, admin.credentials, { method: "GET", path: `/${Bucket}/`, query });
    assert.equal(answer.status, 200);
    assert.match(answer.body, /<EncodingType>url<\/EncodingType>/);
    const written = [...answer.body.matchAll(/<Key>([^<]*)<\/Key>/g)].map(([, key = ""]) => key);
    assert.deepEqual(
      written.map((key) => decodeURIComponent(key.replaceAll("+", " "))),
      ["a b/<e>", "a b/c+d&é"],
    );
    assert.doesNotMatch(written.join(), /[ &é<]/);
    const v1 = { "encoding-type": "url", marker: "a b/<e>", "max-keys": "1" };
    const old = await send(port, admin.credentials, { method: "GET", path: `/${Bucket}`, query: v1 });
    assert.match(old.body, /<Marker>a(%20|\+)b\/%3Ce%3E<\/Marker>/);
  });

  it("refuses what it cannot understand", async () => {
    await using fixture = await withKeys(["a"]);
    const { port, admin } = fixture;
    for (const query of [
      { "max-keys": "x" },
      { "max-keys": "-1" },
      { "encoding-type": "base64" },
      { "list-type": "3" },
      { "list-type": "2", "continuation-token": "junk" },
    ]) {
      const answer = await send(port, admin.credentials, { method: "GET", path: `/${Bucket}`, query });
      assert.equal(answer.status, 400, JSON.stringify(query));
      assert.match(answer.body, /<Code>InvalidArgument</);
    }
  });
});

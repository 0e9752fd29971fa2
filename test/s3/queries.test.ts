import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ListObjectsV2Command, type ListObjectsV2CommandInput, PutObjectCommand } from "@aws-sdk/client-s3";
import { asking, hour, noon, site, told, withObjects } from "../support/queries.ts";
import { Bucket } from "../support/s3.ts";
import { head, raw, send } from "../support/sign.ts";

describe("X-Tigris-Query on ListObjectsV2", () => {
  const queries: readonly (readonly [query: string, keys: readonly string[]])[] = [
    // Those of the vendor's pages.
    ['`Content-Type` = "text/javascript"', ["js/app.js"]],
    ['WHERE `Content-Type` = "text/javascript"', ["js/app.js"]],
    ['`Content-Type` >= "text/c" AND `Content-Type` < "text/j"', ["css/a.css", "css/b.css"]],
    [
      "`Content-Length` > 0 ORDER BY `Content-Length` ASC",
      ["img/dog.png", "css/a.css", "js/app.js", "img/cat.png", "readme.txt", "css/b.css"],
    ],
    ['`Content-Length` != 65536 AND `Content-Type` = "text/plain"', ["notes.txt"]],
    ["`Content-Length` < 65536 ORDER BY `Content-Type`", ["img/dog.png", "css/a.css", "js/app.js", "notes.txt"]],
    [`\`Last-Modified\` > ${noon}`, ["js/app.js", "notes.txt", "readme.txt"]],
    ['`Last-Modified` > "2024-06-23T12:00:00Z"', ["js/app.js", "notes.txt", "readme.txt"]],
    ['`Last-Modified` < "2999-01-01T00:00:00Z" AND `Content-Type` = "text/javascript"', ["js/app.js"]],
    ['`Content-Type` = "text/plain" ORDER BY `Last-Modified`', ["notes.txt", "readme.txt"]],
    [String.raw`WHERE ${"`Content-Type`"} = "text/plain" AND key REGEXP ".*\.txt$"`, ["notes.txt", "readme.txt"]],
    ['WHERE `Content-Length` > 1024 AND `Content-Type` IN ("text/javascript", "text/css")', ["css/b.css", "js/app.js"]],
    [
      'WHERE `Content-Length` != 65536 AND `Content-Type` NOT IN ("text/plain", "text/css")',
      ["img/dog.png", "js/app.js"],
    ],
    [
      'WHERE `Last-Modified` > "2023-08-14T11:30:00Z" AND `Content-Length` < 65536 ORDER BY `Content-Type`',
      ["img/dog.png", "css/a.css", "js/app.js", "notes.txt"],
    ],
    // The rest of the language.
    ["", Object.keys(site)],
    ['key LIKE "img/%"', ["img/cat.png", "img/dog.png"]],
    ['key = "img/cat.png" OR key = "notes.txt"', ["img/cat.png", "notes.txt"]],
    ['NOT key REGEXP "^(img|css)/"', ["js/app.js", "notes.txt", "readme.txt"]],
    ["`x-amz-meta-owner` = 'me' OR `tag:status` = 'final'", ["img/cat.png", "img/dog.png"]],
    ['bucket = "alpha" AND size BETWEEN 1 AND 300', ["css/a.css", "img/dog.png"]],
    ['bucket = "beta"', []],
    ['key LIKE "img/%" AND key LIKE "css/%"', []],
    // Orders.
    ["ORDER BY key", Object.keys(site)],
    ["ORDER BY key DESC", Object.keys(site).toReversed()],
    ["ORDER BY `Last-Modified` DESC", Object.keys(site).toReversed()],
    [
      "size > 0 ORDER BY size DESC, `Last-Modified` DESC",
      ["css/b.css", "readme.txt", "img/cat.png", "js/app.js", "css/a.css", "img/dog.png"],
    ],
    // What lacks the field comes last, in either direction.
    ["key LIKE 'img/%' ORDER BY `x-amz-meta-owner`", ["img/dog.png", "img/cat.png"]],
    ["key LIKE 'img/%' ORDER BY `x-amz-meta-owner` DESC", ["img/dog.png", "img/cat.png"]],
    ["key LIKE 'img/%' ORDER BY `tag:status` DESC", ["img/cat.png", "img/dog.png"]],
  ];

  it("lists what the query wants, in its order, in pages of any size", async () => {
    await using fixture = await withObjects(site);
    for (const [query, keys] of queries) {
      assert.deepEqual((await told(fixture, query)).keys, keys, query);
      for (const MaxKeys of [1, 2, 3]) assert.deepEqual((await told(fixture, query, { MaxKeys })).keys, keys, query);
    }
  });

  it("goes with prefix, start-after and delimiter", async () => {
    await using fixture = await withObjects(site);
    const list = (query: string, input: Partial<ListObjectsV2CommandInput>) => told(fixture, query, input);
    assert.deepEqual((await list("size > 0", { Prefix: "css/" })).keys, ["css/a.css", "css/b.css"]);
    assert.deepEqual((await list('key LIKE "css/b%"', { Prefix: "css/" })).keys, ["css/b.css"]);
    assert.deepEqual((await list('key LIKE "css/b%"', { Prefix: "img/" })).keys, []);
    assert.deepEqual((await list("size > 0", { StartAfter: "js/app.js" })).keys, ["readme.txt"]);
    assert.deepEqual((await list("size > 0 ORDER BY size", { StartAfter: "img/cat.png", MaxKeys: 1 })).keys, [
      "img/dog.png",
      "js/app.js",
      "readme.txt",
    ]);
    for (const MaxKeys of [1000, 1]) {
      const folders = await list("size = 65536", { Delimiter: "/", MaxKeys });
      assert.deepEqual([folders.prefixes, folders.keys], [["img/"], ["readme.txt"]]);
      const ordered = await list("size < 1000 ORDER BY key", { Delimiter: "/", MaxKeys });
      assert.deepEqual([ordered.prefixes, ordered.keys], [["css/", "img/"], ["notes.txt"]]);
    }
  });

  it("tells each object's own facts, and no key with max-keys=0", async () => {
    await using fixture = await withObjects(site);
    const client = asking(fixture, "ORDER BY size DESC");
    const page = await client.send(new ListObjectsV2Command({ Bucket, MaxKeys: 1, FetchOwner: true }));
    assert.deepEqual(page.Contents, [
      {
        Key: "css/b.css",
        Size: 70_000,
        ETag: '"d41d8cd98f00b204e9800998ecf8427e"',
        LastModified: new Date(noon - 2 * hour),
        Owner: { ID: "root", DisplayName: "root" },
        StorageClass: "STANDARD",
      },
    ]);
    const none = await client.send(new ListObjectsV2Command({ Bucket, MaxKeys: 0 }));
    assert.deepEqual([none.KeyCount, none.IsTruncated], [0, false]);
  });

  it("finds what was really put, and orders it by the time that its events have", async () => {
    await using fixture = await withObjects({});
    const { s3 } = fixture.admin;
    for (const Key of ["b", "c", "a"]) {
      await s3.send(
        new PutObjectCommand({ Bucket, Key, Body: Key.repeat(5), ContentType: "text/x", Metadata: { k: Key } }),
      );
    }
    assert.deepEqual((await told(fixture, "`x-amz-meta-k` IN ('a', 'b') AND size = 5")).keys, ["a", "b"]);
    const { Contents = [] } = await asking(fixture, "ORDER BY `Last-Modified`").send(
      new ListObjectsV2Command({ Bucket }),
    );
    const events = await fixture.events();
    const times = new Map(events.map(({ data, timeMs }) => [data["key"], timeMs]));
    assert.deepEqual(
      Contents.map(({ Key = "", LastModified }) => [Key, LastModified?.getTime()]),
      Contents.map(({ Key = "" }) => [Key, times.get(Key)]),
    );
  });

  it("takes a header that is not signed", async () => {
    await using fixture = await withObjects(site);
    const { port, admin } = fixture;
    const signed = head(port, admin.credentials, { method: "GET", path: `/${Bucket}`, query: { "list-type": "2" } });
    const [answer] = await raw(port, [signed.replace(/\r\n\r\n$/, '\r\nX-Tigris-Query: key = "notes.txt"\r\n\r\n')]);
    assert.equal(answer?.status, 200);
    assert.deepEqual(answer.body.match(/<Key>[^<]*/g), ["<Key>notes.txt"]);
  });

  it("reads texts beyond ASCII as UTF-8, and as RFC 2047 words", async () => {
    await using fixture = await withObjects({ "bäume.txt": {}, "😀.txt": {}, z: {} });
    const { port, admin } = fixture;
    const keysOf = async (query: string): Promise<string[]> => {
      const { status, body } = await send(port, admin.credentials, {
        method: "GET",
        path: `/${Bucket}`,
        query: { "list-type": "2" },
        headers: { "x-tigris-query": query },
      });
      assert.equal(status, 200, body);
      return Array.from(body.matchAll(/<Key>([^<]*)<\/Key>/g), ([, key = ""]) => key);
    };
    const word = `=?UTF-8?B?${Buffer.from('key = "😀.txt"').toString("base64")}?=`;
    assert.deepEqual(await keysOf(word), ["😀.txt"]);
    assert.deepEqual(await keysOf('key LIKE "%.txt"'), ["bäume.txt", "😀.txt"]);
  });
});

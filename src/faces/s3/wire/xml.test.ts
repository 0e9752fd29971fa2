import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { parseCompleteMultipart, parseDeleteObjects } from "../../../../test/support/parsed-xml.ts";
import { errorXml, S3Error, s3ErrorTable } from "./errors.ts";
import { parseCreateBucket, parseTagging, writeXml } from "./xml.ts";

const declaration = '<?xml version="1.0" encoding="UTF-8"?>\n';
const deletes = (xml: string) => parseDeleteObjects(Buffer.from(xml));
const completes = (xml: string) => parseCompleteMultipart(Buffer.from(xml));
const tagging = (xml: string) => parseTagging(Buffer.from(xml));

describe("writeXml", () => {
  it("repeats lists, leaves out what is undefined, keeps empty elements", () => {
    const xml = writeXml(
      "Root",
      { A: [1, "two"], B: undefined, C: "", D: { E: true, F: [] }, G: [{ H: 1 }, {}] },
      { xmlns: "urn:x" },
    );
    const inside = "<A>1</A><A>two</A><C/><D><E>true</E></D><G><H>1</H></G><G/>";
    assert.equal(xml, `${declaration}<Root xmlns="urn:x">${inside}</Root>`);
    assert.equal(writeXml("Root", {}), `${declaration}<Root/>`);
    assert.equal(writeXml("L", "eu", { xmlns: "urn:x" }), `${declaration}<L xmlns="urn:x">eu</L>`);
  });

  it("writes attributes and escapes them", () => {
    const xml = writeXml("Grantee", { "@xmlns:xsi": "urn:i", "@xsi:type": 'a"<&>', ID: "x" });
    assert.equal(xml, `${declaration}<Grantee xmlns:xsi="urn:i" xsi:type="a&quot;&lt;&amp;&gt;"><ID>x</ID></Grantee>`);
  });

  it("is XML 1.0 whatever a text holds", () => {
    assert.equal(
      writeXml("K", "a<b>&\"'\r\n\t\u0000\u0001\u001f\uffff😀"),
      `${declaration}<K>a&lt;b&gt;&amp;&quot;'&#13;\n\t\ufffd\ufffd\ufffd\ufffd😀</K>`,
    );
    assert.equal(writeXml("K", "\ud800a\udc00\ufffe"), `${declaration}<K>\ufffda\ufffd\ufffd</K>`);
    // oxlint-disable-next-line no-control-regex -- what XML 1.0 allows
    const legal = /^[\t\n\r\x20-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]*$/u;
    const anything = fc.string({ unit: fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code)) });
    fc.assert(fc.property(anything, (text) => assert.match(writeXml("K", { "@a": text, Key: text }), legal)));
  });

  it("refuses names that are none", () => {
    for (const name of ["", "a b", "<a", "1a", "a:b:c", 'a"']) {
      assert.throws(() => writeXml(name, ""), TypeError);
      assert.throws(() => writeXml("a", { [`@${name}`]: "" }), TypeError);
    }
  });

  it("is read back as it was", () => {
    // oxlint-disable-next-line no-control-regex -- what XML 1.0 forbids
    const forbidden = /[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/;
    const text = fc.string({ unit: "binary", minLength: 1 }).filter((t) => !forbidden.test(t));
    fc.assert(
      fc.property(text, (key) => {
        const xml = writeXml("Delete", { Object: { Key: key } });
        assert.deepEqual(deletes(xml).objects, [{ key, conditions: {} }]);
      }),
    );
  });
});

describe("errors", () => {
  it("all have an HTTP status and a message", () => {
    for (const [code, [status, message]] of Object.entries(s3ErrorTable)) {
      assert.ok((status >= 400 && status <= 599) || code === "NotModified", code);
      assert.notEqual(message, "");
    }
  });

  it("are written as S3 writes them", () => {
    const error = new S3Error("NoSuchKey", undefined, { extra: { Key: "a&b" } });
    assert.equal(error.status, 404);
    assert.equal(
      errorXml(error, { resource: "/b/a&b", requestId: "r", hostId: "h" }),
      `${declaration}<Error><Code>NoSuchKey</Code><Message>The specified key does not exist.</Message><Key>a&amp;b</Key><Resource>/b/a&amp;b</Resource><RequestId>r</RequestId><HostId>h</HostId></Error>`,
    );
    const own = new S3Error("AccessDenied", "No.", { resource: "/other" });
    assert.match(errorXml(own, { resource: "/b", requestId: "r", hostId: "h" }), /<Message>No\.<.*<Resource>\/other</);
  });
});

describe("DeleteObjects", () => {
  it("is a list, also of one", () => {
    const one = deletes(
      '<Delete xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Object><Key>k</Key></Object></Delete>',
    );
    assert.deepEqual(one, { quiet: false, objects: [{ key: "k", conditions: {} }] });
    const two = deletes(
      `${declaration}<Delete>\n <Object><VersionId>null</VersionId><Key>1</Key></Object>\n <Quiet>true</Quiet><Object><Key>007.50</Key><ETag>"e"</ETag><Size>1</Size></Object></Delete>`,
    );
    assert.deepEqual(two, {
      quiet: true,
      objects: [
        { key: "1", versionId: "null", conditions: {} },
        { key: "007.50", conditions: { ifMatch: "e", ifSize: 1 } },
      ],
    });
  });

  it("keeps keys to the letter", () => {
    for (const [xml, key] of [
      [" a  b ", " a  b "],
      [" ", " "],
      ["true", "true"],
      ["1e5", "1e5"],
      ["0x1F", "0x1F"],
      ["a&amp;amp;b", "a&amp;b"],
      ["&lt;&gt;&quot;&apos;&#34;&#x22;&#128512;", '<>"\'""😀'],
      ["&#13;&#10;&#9;&#x10ffff;", "\r\n\t\u{10ffff}"],
      ["<![CDATA[<a>&amp;]]>b", "<a>&amp;b"],
      ["a<!-- c -->b", "ab"],
      ["é€", "é€"],
      ["__proto__", "__proto__"],
    ] as const) {
      assert.deepEqual(
        deletes(`<Delete><Object><Key>${xml}</Key></Object></Delete>`).objects,
        [{ key, conditions: {} }],
        xml,
      );
    }
  });

  it("does not mind prefixes, attributes and instructions", () => {
    const xml =
      '\ufeff<?xml version="1.0"?><?x y?><s3:Delete xmlns:s3="u"><s3:Object a="1"><s3:Key>k</s3:Key></s3:Object></s3:Delete>';
    assert.deepEqual(deletes(xml).objects, [{ key: "k", conditions: {} }]);
    for (const encoding of ["utf-8", "UTF8", "us-ascii", "ASCII"]) {
      const said = `<?xml version='1.0' encoding='${encoding}' standalone="yes"?>${xml.replace(/^.*?\?>/, "")}`;
      assert.deepEqual(deletes(said).objects, [{ key: "k", conditions: {} }]);
    }
  });

  it("names 1 to 1000 objects", () => {
    const many = (n: number): string => `<Delete>${"<Object><Key>k</Key></Object>".repeat(n)}</Delete>`;
    assert.equal(deletes(many(1000)).objects.length, 1000);
    for (const n of [0, 1001]) assert.throws(() => deletes(many(n)), { code: "MalformedXML" });
  });
});

describe("CompleteMultipartUpload", () => {
  const part = (inside: string): string => `<CompleteMultipartUpload><Part>${inside}</Part></CompleteMultipartUpload>`;

  it("reads etags quoted in any way, elements in any order, checksums", () => {
    for (const etag of ["abc", '"abc"', "&#34;abc&#34;", "&quot;abc&quot;", " &#x22;abc&#x22;\n"]) {
      const expected = [{ partNumber: 1, etag: "abc", checksums: {} }];
      assert.deepEqual(completes(part(`<PartNumber>1</PartNumber><ETag>${etag}</ETag>`)), expected, etag);
      assert.deepEqual(completes(part(`<ETag>${etag}</ETag><PartNumber> 1 </PartNumber>`)), expected, etag);
    }
    const full = completes(
      part(
        "<ETag>12e3</ETag><PartNumber>10000</PartNumber><ChecksumCRC32>a=</ChecksumCRC32><ChecksumCRC64NVME>b=</ChecksumCRC64NVME>",
      ),
    );
    assert.deepEqual(full, [{ partNumber: 10_000, etag: "12e3", checksums: { crc32: "a=", crc64nvme: "b=" } }]);
  });

  it("has parts in ascending order", () => {
    const parts = (...numbers: number[]): string =>
      `<CompleteMultipartUpload>${numbers.map((n) => `<Part><PartNumber>${n}</PartNumber><ETag>e</ETag></Part>`).join("")}</CompleteMultipartUpload>`;
    assert.deepEqual(
      completes(parts(1, 3, 10)).map(({ partNumber }) => partNumber),
      [1, 3, 10],
    );
    for (const wrong of [
      [2, 1],
      [1, 2, 1],
    ])
      assert.throws(() => completes(parts(...wrong)), { code: "InvalidPartOrder" });
    assert.throws(() => completes(parts()), { code: "MalformedXML" });
  });

  it("takes the last of a part that is named twice", () => {
    const named = [1, 2, 2, 2, 3].map((n, at) => `<Part><PartNumber>${n}</PartNumber><ETag>e${at}</ETag></Part>`);
    const read = completes(`<CompleteMultipartUpload>${named.join("")}</CompleteMultipartUpload>`);
    assert.deepEqual(
      read.map(({ partNumber, etag }) => `${partNumber} ${etag}`),
      ["1 e0", "2 e3", "3 e4"],
    );
  });

  it("passes over nothing that it does not know", () => {
    for (const more of ["<ChecksumSHA512>a=</ChecksumSHA512>", "<Size>1</Size>"]) {
      const xml = part(`<PartNumber>1</PartNumber><ETag>e</ETag>${more}`);
      assert.throws(() => completes(xml), { code: "MalformedXML" }, more);
    }
  });

  it("refuses numbers that are none", () => {
    for (const number of ["0", "10001", "-1", "1.0", "a", "", "١"]) {
      const xml = part(`<PartNumber>${number}</PartNumber><ETag>e</ETag>`);
      assert.throws(() => completes(xml), { code: "MalformedXML" }, number);
    }
    assert.throws(() => completes(part("<PartNumber>1</PartNumber>")), { code: "MalformedXML" });
  });
});

describe("Tagging", () => {
  const set = (...tags: [string, string][]): string =>
    `<Tagging><TagSet>${tags.map(([k, v]) => `<Tag><Key>${k}</Key><Value>${v}</Value></Tag>`).join("")}</TagSet></Tagging>`;

  it("is none, one or ten tags", () => {
    assert.deepEqual(tagging(set()), []);
    assert.deepEqual(tagging("<Tagging><TagSet/></Tagging>"), []);
    assert.deepEqual(tagging(set(["a b", ""])), [{ key: "a b", value: "" }]);
    assert.deepEqual(tagging(set(["1", "2.0"])), [{ key: "1", value: "2.0" }]);
    const ten = Array.from({ length: 10 }, (_, i): [string, string] => [`k${i}`, "v"]);
    assert.equal(tagging(set(...ten)).length, 10);
    assert.throws(() => tagging(set(...ten, ["k10", "v"])), { code: "InvalidTag" });
  });

  it("passes over nothing that it does not know", () => {
    const one = set(["a", "b"]);
    for (const [before, after] of [
      ["<TagSet>", "<Foo/><TagSet>"],
      ["<Tag>", "<Foo/><Tag>"],
      ["<Key>", "<Foo/><Key>"],
    ] as const) {
      assert.throws(() => tagging(one.replace(before, after)), { code: "MalformedXML" }, after);
    }
  });

  it("keeps the limits of tags", () => {
    assert.ok(tagging(set(["k".repeat(128), "v".repeat(256)])));
    for (const tags of [
      [["k".repeat(129), ""]],
      [["k", "v".repeat(257)]],
      [
        ["a", "1"],
        ["a", "2"],
      ],
      [["", "v"]],
    ]) {
      assert.throws(() => tagging(set(...(tags as [string, string][]))), { code: "InvalidTag" });
    }
    for (const xml of ["<Tagging/>", "<Tagging><TagSet><Tag><Key>k</Key></Tag></TagSet></Tagging>"]) {
      assert.throws(() => tagging(xml), { code: "MalformedXML" });
    }
  });
});

describe("CreateBucketConfiguration", () => {
  it("may be empty", () => {
    const location = (xml: string) => parseCreateBucket(Buffer.from(xml)).location;
    assert.equal(location(""), undefined);
    assert.equal(location("<CreateBucketConfiguration/>"), undefined);
    const inside = "<LocationConstraint>eu-west-1</LocationConstraint>";
    assert.equal(location(`<CreateBucketConfiguration xmlns="x">${inside}</CreateBucketConfiguration>`), "eu-west-1");
    assert.throws(() => location(declaration), { code: "MalformedXML" });
  });
});

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { errorXml, S3Error, type S3ErrorCode, s3ErrorTable } from "../errors.ts";
import { parseCompleteMultipart, parseCreateBucket, parseDeleteObjects, parseTagging, writeXml } from "./xml.ts";
import { readXml } from "./xml-read.ts";

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

  it("numbers the characters that XML forbids", () => {
    assert.equal(
      writeXml("K", "a<b>&\"'\r\n\t\u0000\u0001\u001f\uffff😀"),
      `${declaration}<K>a&lt;b&gt;&amp;&quot;'&#13;\n\t&#0;&#1;&#31;&#65535;😀</K>`,
    );
  });

  it("refuses names that are none", () => {
    for (const name of ["", "a b", "<a", "1a", "a:b:c", 'a"']) {
      assert.throws(() => writeXml(name, ""), TypeError);
      assert.throws(() => writeXml("a", { [`@${name}`]: "" }), TypeError);
    }
  });

  it("is read back as it was", () => {
    const text = fc.string({ unit: "binary", minLength: 1 }).filter((t) => !t.includes("\0"));
    fc.assert(
      fc.property(text, (key) => {
        const xml = writeXml("Delete", { Object: { Key: key } });
        assert.deepEqual(deletes(xml).objects, [{ key }]);
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
    assert.deepEqual(one, { quiet: false, objects: [{ key: "k" }] });
    const two = deletes(
      `${declaration}<Delete>\n <Object><VersionId>null</VersionId><Key>1</Key></Object>\n <Quiet>true</Quiet><Object><Key>007.50</Key><ETag>"e"</ETag><Size>1</Size></Object></Delete>`,
    );
    assert.deepEqual(two, {
      quiet: true,
      objects: [
        { key: "1", versionId: "null" },
        { key: "007.50", etag: "e" },
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
      ["&#13;&#10;&#1;", "\r\n\u0001"],
      ["<![CDATA[<a>&amp;]]>b", "<a>&amp;b"],
      ["a<!-- c -->b", "ab"],
      ["é€", "é€"],
      ["__proto__", "__proto__"],
    ] as const) {
      assert.deepEqual(deletes(`<Delete><Object><Key>${xml}</Key></Object></Delete>`).objects, [{ key }], xml);
    }
  });

  it("does not mind prefixes, attributes and instructions", () => {
    const xml =
      '\ufeff<?xml version="1.0"?><?x y?><s3:Delete xmlns:s3="u"><s3:Object a="1"><s3:Key>k</s3:Key></s3:Object></s3:Delete>';
    assert.deepEqual(deletes(xml).objects, [{ key: "k" }]);
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
      [1, 1],
    ])
      assert.throws(() => completes(parts(...wrong)), { code: "InvalidPartOrder" });
    assert.throws(() => completes(parts()), { code: "MalformedXML" });
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

describe("XML that is none, or that means harm", () => {
  const laughs = `<!DOCTYPE d [<!ENTITY a "ha">${"bcdefghij".replace(/./g, (name) => `<!ENTITY ${name} "${`&${String.fromCharCode(name.charCodeAt(0) - 1)};`.repeat(10)}">`)}]><Delete><Object><Key>&j;</Key></Object></Delete>`;
  const code: S3ErrorCode = "MalformedXML";

  it("is refused", () => {
    for (const xml of [
      ["", " ", "text", declaration, "<Delete>", "</Delete>", "<Delete/><Delete/>", "<Other/>", "<Delete></delete>"],
      ["<Delete><Object></Delete></Object>", "<Delete a=1/>", "<Delete", "<Delete><![CDATA[", "<Delete><!--"],
      [
        "<__proto__/>",
        "<constructor><prototype/></constructor>",
        "<Delete><__proto__><Key>a</Key></__proto__></Delete>",
      ],
      [laughs, '<!doctype x SYSTEM "file:///etc/passwd"><Delete/>', '<!ENTITY x "y"><Delete/>'],
    ].flat()) {
      assert.throws(() => deletes(xml), { name: "S3Error", code }, xml);
    }
    for (const key of [
      "&j;",
      "&nbsp;",
      "&",
      "&#;",
      "&#x;",
      "&#0;",
      "&#xD800;",
      "&#x110000;",
      "&#99999999;",
      "a\0b",
      "<b/>",
    ]) {
      assert.throws(() => deletes(`<Delete><Object><Key>${key}</Key></Object></Delete>`), { code }, key);
    }
    assert.throws(() => deletes("<Delete><Object><Key>a</Key><Key>b</Key></Object></Delete>"), { code });
    assert.throws(() => parseDeleteObjects(Buffer.from([0x3c, 0x44, 0xff, 0x3e])), { code });
    assert.equal(({} as Record<string, unknown>).Key, undefined);
  });

  it("is refused when it is too deep or too much", () => {
    const deep = (n: number): Buffer => Buffer.from(`<D>${"<a>".repeat(n)}${"</a>".repeat(n)}</D>`);
    assert.equal(readXml(deep(12), "D").name, "D");
    for (const n of [13, 1000, 90_000]) assert.throws(() => readXml(deep(n), "D"), { code });
    assert.throws(() => readXml(Buffer.from(`<D>${"<a/>".repeat(200_000)}</D>`), "D"), { code });
  });

  it("never gives anything but MalformedXML", () => {
    const piece = fc.constantFrom(
      "<Delete>",
      "</Delete>",
      "<Object>",
      "</Object>",
      "<Key>",
      "</Key>",
      "k",
      "&amp;",
      "<",
      ">",
      "&",
      '"',
      "<![CDATA[",
      "]]>",
      "<!--",
      "-->",
      "<?",
      "?>",
      "/>",
      "=",
      " ",
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 20 }), (pieces) => {
        try {
          deletes(pieces.join(""));
        } catch (error) {
          assert.ok(error instanceof S3Error && error.code === code, String(error));
        }
      }),
      { numRuns: 500 },
    );
  });
});

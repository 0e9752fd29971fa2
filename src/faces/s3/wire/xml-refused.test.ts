import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { parseDeleteObjects } from "../../../../test/support/parsed-xml.ts";
import { S3Error, type S3ErrorCode } from "./errors.ts";
import { readXml } from "./xml-read.ts";

const declaration = '<?xml version="1.0" encoding="UTF-8"?>\n';
const deletes = (xml: string) => parseDeleteObjects(Buffer.from(xml));

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
      "&#1;",
      "&#x1f;",
      "&#xFFFE;",
      "\u0001",
      "\u000b",
      "\ufffe",
      "\uffff",
      "]]>",
      "<!-- -- -->",
      "<!--->",
      '<?xml version="1.0"?>',
      "<?>",
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
    const whole = "<Delete><Object><Key>k</Key></Object></Delete>";
    for (const before of [" ", "\n", "<!-- -->"]) assert.throws(() => deletes(before + declaration + whole), { code });
    for (const said of ["<?xml?>", '<?xml encoding="utf-8"?>', '<?XML version="1.0"?>', '<?xml version="2.0"?>']) {
      assert.throws(() => deletes(said + whole), { code }, said);
    }
    for (const attributes of [' a="1" a="2"', ' a="&b;"', ' a="&#1;"']) {
      assert.throws(() => deletes(whole.replace("<Key", `<Key${attributes}`)), { code }, attributes);
    }
    for (const more of [
      "<Foo>1</Foo>",
      "<Size>x</Size>",
      "<Size></Size>",
      "<LastModifiedTime>soon</LastModifiedTime>",
    ]) {
      assert.throws(() => deletes(whole.replace("<Key>", `${more}<Key>`)), { code }, more);
    }
    assert.equal(({} as Record<string, unknown>).Key, undefined);
  });

  it("is refused in another charset than UTF-8", () => {
    const other = { code: "UnsupportedMediaType", status: 415 };
    for (const encoding of ["ISO-8859-1", "windows-1252", "UTF-16"]) {
      const xml = `<?xml version="1.0" encoding="${encoding}"?><Delete><Object><Key>k</Key></Object></Delete>`;
      assert.throws(() => deletes(xml), other, encoding);
    }
    const utf16 = Buffer.from("\ufeff<Delete/>", "utf16le");
    assert.throws(() => parseDeleteObjects(utf16), { code });
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

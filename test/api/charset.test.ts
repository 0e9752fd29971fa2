/** Text comes in UTF-8: bytes that are none are refused on every port and face, never altered. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { gzipSync } from "node:zlib";
import { CreateBucketCommand } from "@aws-sdk/client-s3";
import { type RunningServer, runServer } from "../support/in-process.ts";
import { codeOf, send } from "../support/sign.ts";

const latin1 = (text: string): Buffer => Buffer.from(text, "latin1");
const utf8 = (text: string): Buffer => Buffer.from(text, "utf8");

describe("a body that is not UTF-8", () => {
  let server: RunningServer;
  before(async () => {
    server = await runServer();
    await server.s3.send(new CreateBucketCommand({ Bucket: "alpha" }));
  });
  after(() => server[Symbol.asyncDispose]());

  const ask = async (path: string, body: Buffer, type = "application/json", method = "POST"): Promise<string> => {
    const headers = { authorization: `Bearer ${server.token}`, "content-type": type };
    const answer = await fetch(new URL(path, server.url), { method, headers, body: new Uint8Array(body) });
    const { code, result } = (await answer.json()) as { code?: string; result?: { code?: string } };
    return `${answer.status} ${code ?? result?.code ?? ""}`.trim();
  };
  const rules = "/api/cloud/buckets/alpha/notifications/";
  const face = "/notifications/v2/";
  const rule = (name: string): string =>
    JSON.stringify({ url: `https://a.example/${name}`, filter: `WHERE key = "${name}"` });

  const escaped = (escape: string): string => rule("NAME").replaceAll("NAME", escape);

  it("is refused on the API, and what it is said to be", async () => {
    for (const path of [rules, face]) {
      assert.equal(await ask(path, latin1(rule("é"))), "400 invalid_request");
      assert.equal(await ask(path, Buffer.concat([utf8("\ufeff"), latin1(rule("é"))])), "400 invalid_request");
      assert.equal(await ask(path, Buffer.from(rule("é"), "utf16le")), "400 invalid_request");
      assert.equal(await ask(path, utf8(escaped("\\ud800"))), "400 invalid_request");
      assert.equal(await ask(path, utf8('{"\\udc00":1}')), "400 invalid_request");
      for (const charset of ["iso-8859-1", "latin1", '"windows-1252"', "UTF-16", "utf-8; charset=latin1", ""]) {
        const type = `application/json; charset=${charset}`;
        assert.equal(await ask(path, utf8(rule("é")), type), "415 unsupported_media_type", type);
      }
    }
    assert.equal(await ask(rules, latin1('{"quota":"é"}'), "application/merge-patch+json"), "400 invalid_request");
  });

  it("is refused by its name when it is compressed, and when that is only said", async () => {
    const sent = async (path: string, coding: string, body: Buffer): Promise<string> => {
      const form = path === face ? "application/x-www-form-urlencoded" : "application/json";
      const headers = { authorization: `Bearer ${server.token}`, "content-type": form, "content-encoding": coding };
      const answer = await fetch(new URL(path, server.url), { method: "POST", headers, body: new Uint8Array(body) });
      return `${answer.status} ${await answer.text()}`;
    };
    for (const path of [rules, face]) {
      for (const body of [utf8(rule("a")), gzipSync(rule("a"))])
        assert.match(await sent(path, "gzip", body), /^415 .*Content-Encoding: gzip\): send it as it is/);
    }
    assert.match(await sent(rules, "identity", utf8("{}")), /^400 .*url: is required/);
  });

  it("is refused in forms", async () => {
    const form = "application/x-www-form-urlencoded";
    for (const body of [latin1("url=é"), utf8("url=%E9"), utf8("url=%ed%a0%80"), utf8("%ff=1")]) {
      assert.equal(await ask(face, body, form), "400 invalid_request", body.toString());
    }
    assert.equal(await ask(face, utf8("url=x"), `${form}; charset=latin1`), "415 unsupported_media_type");
    const part = (head: string): string =>
      `--b\r\nContent-Disposition: form-data; name="url"${head}\r\n\r\né\r\n--b--\r\n`;
    const parts = "multipart/form-data; boundary=b";
    assert.equal(await ask(face, latin1(part("")), parts), "400 invalid_request");
    const said = "\r\nContent-Type: text/plain; charset=iso-8859-1";
    assert.equal(await ask(face, utf8(part(said)), parts), "415 unsupported_media_type");
  });

  it("is refused in URLs", async () => {
    for (const path of [`${rules}?cursor=%ff`, `/api/cloud/buckets/%e9/notifications/`, `${face}?filter=%C3%28`]) {
      const headers = { authorization: `Bearer ${server.token}` };
      const answer = await fetch(new URL(path, server.url), { headers });
      assert.equal(answer.status, 400, path);
      assert.match(await answer.text(), /UTF-8/, path);
    }
  });

  it("is refused in the XML of S3", async () => {
    const port = Number(new URL(server.s3Url).port);
    const xml = (declared: string): string =>
      `${declared}<Tagging><TagSet><Tag><Key>é</Key><Value>x</Value></Tag></TagSet></Tagging>`;
    const put = async (body: Buffer, type = "application/xml"): Promise<string> => {
      const request = {
        method: "PUT",
        path: "/alpha",
        query: { tagging: "" },
        headers: { "content-type": type },
        body,
      };
      const answer = await send(port, server.credentials, request);
      return `${answer.status} ${codeOf(answer) ?? ""}`.trim();
    };
    assert.equal(await put(latin1(xml(""))), "400 MalformedXML");
    assert.equal(await put(utf8(xml("")), "application/xml; charset=ISO-8859-1"), "415 UnsupportedMediaType");
    assert.equal(await put(utf8(xml('<?xml version="1.0" encoding="ISO-8859-1"?>'))), "415 UnsupportedMediaType");
    assert.equal(await put(Buffer.from(`\ufeff${xml("")}`, "utf16le")), "400 MalformedXML");
    assert.equal(await put(utf8(xml('<?xml version="1.0" encoding="utf-8"?>')), "text/xml;charset=UTF-8"), "200");
  });

  it("is what it was when it is UTF-8", async () => {
    for (const [name, type] of [
      ["é", "application/json"],
      ["日本", "application/json; charset=utf-8"],
      ["💥", 'application/json;charset="UTF-8"'],
      ["x", "application/json; charset=utf8"],
    ] as const) {
      assert.equal(await ask(rules, utf8(rule(name)), type), "201");
    }
    assert.equal(await ask(rules, utf8(escaped("\\ud83d\\udca5"))), "201");
    assert.equal(await ask(rules, utf8(`\ufeff${rule("bom")}`)), "201");
    const { rules: kept } = await server.api<{ rules: readonly { filter: string }[] }>("GET", rules);
    const names = kept.map(({ filter }) => filter.replace(/^.*"(.*)"$/, "$1"));
    assert.deepEqual(names.toSorted(), ["bom", "x", "é", "日本", "💥", "💥"].toSorted());
  });
});

import { describe, it } from "node:test";
import {
  authorization,
  host,
  lookup,
  refuses,
  sign,
  signedGet,
  signedMs,
  withHeaders,
} from "../../../../test/support/signed-requests.ts";
import { verifySignature } from "./sigv4.ts";

describe("what clients do differently", () => {
  it("separates the parts of Authorization by a comma and a space, or many", async () => {
    for (const separator of [", ", " ,  "]) {
      const signature = "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41";
      const spaced = authorization("host;range;x-amz-content-sha256;x-amz-date", signature, separator);
      await verifySignature(withHeaders(signedGet, { authorization: spaced }), lookup, signedMs);
    }
  });

  it("encodes a path in any way", async () => {
    const canonical = "/b/a%20b%28c%29%2Bd%21~%C3%A9%2A\n";
    for (const sent of [
      "/b/a%20b(c)+d!~%C3%A9*",
      "/b/a%20b%28c%29%2bd%21%7E%c3%a9%2a",
      "/b/a%20b(c)%2Bd!~\u00c3\u00a9*",
    ]) {
      await verifySignature(sign("GET", sent, {}, canonical), lookup, signedMs);
    }
  });

  it("signs a slash in a key as %2F, and a path just as it is sent", async () => {
    await verifySignature(sign("GET", "/b/a%2Fb", {}, "/b/a%2Fb\n"), lookup, signedMs);
    await verifySignature(sign("GET", "/b/a%2fb(1)", {}, "/b/a%2fb(1)\n"), lookup, signedMs);
  });

  it("keeps dots and empty segments of a path", async () => {
    await verifySignature(sign("GET", "/b/../a//./c", {}, "/b/../a//./c\n"), lookup, signedMs);
  });

  it("leaves out the = of an empty parameter, repeats names, writes a space as +", async () => {
    const canonical = "/b\na=&a=1&a=10&a=2&a-b=&prefix=x%20y%2Fz&uploads=";
    await verifySignature(sign("GET", "/b?uploads&prefix=x+y/z&a=2&a=10&a=1&a&a-b=", {}, canonical), lookup, signedMs);
  });

  it("sorts parameters by their encoded names", async () => {
    await verifySignature(
      sign("GET", "/b?b=1&%C3%A9=2&B=3&a%5B=4", {}, "/b\n%C3%A9=2&B=3&a%5B=4&b=1"),
      lookup,
      signedMs,
    );
  });

  it("sends headers twice, with blanks around and inside", async () => {
    const signed = sign("GET", "/b", { "x-amz-meta-a": "one two,three" }, "/b\n");
    const rawHeaders = signed.rawHeaders.flatMap((text, i, all) => {
      if (all[i - 1] === "x-amz-meta-a") return [" one \t two ", "X-Amz-Meta-A", "three"];
      return [text];
    });
    await verifySignature({ ...signed, rawHeaders }, lookup, signedMs);
  });

  it("signs metadata as the UTF-8 or the Latin-1 bytes of its text", async () => {
    const bytes = Buffer.from("café", "utf8").toString("latin1");
    const asBytes = sign("PUT", "/b/k", { "x-amz-meta-a": "café" }, "/b/k\n");
    await verifySignature(withHeaders(asBytes, { "x-amz-meta-a": bytes }), lookup, signedMs);
    await verifySignature(asBytes, lookup, signedMs);
  });

  it("signs an Expect that a proxy then answers", async () => {
    const signed = sign("PUT", "/b/k", { expect: "100-continue" }, "/b/k\n");
    await verifySignature(withHeaders(signed, { expect: undefined }), lookup, signedMs);
  });

  it("sends the absolute form of the target through a proxy", async () => {
    await verifySignature(sign("GET", `http://${host}/b?a=1`, {}, "/b\na=1"), lookup, signedMs);
  });

  it("sends a Date header and no x-amz-date", async () => {
    const signed = sign("GET", "/b", { date: "Fri, 24 May 2013 00:00:00 GMT", "x-amz-date": undefined }, "/b\n");
    await verifySignature(signed, lookup, signedMs);
    await refuses(withHeaders(signed, { date: undefined }), "AccessDenied");
    await refuses(withHeaders(signed, { date: "yesterday" }), "AccessDenied");
  });
});

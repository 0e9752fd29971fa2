import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import nodemailer from "nodemailer";
import { plainTextOf } from "./plain-text.ts";

async function mail(text: string): Promise<string> {
  const writer = nodemailer.createTransport({ streamTransport: true, buffer: true, newline: "windows" });
  const { message } = await writer.sendMail({ from: "a@example.com", to: "b@example.com", text, html: "<p>html</p>" });
  return Buffer.isBuffer(message) ? message.toString("utf8") : assert.fail("it was written as a stream");
}

describe("the text of a mail", () => {
  it("is what was written, however it was encoded", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.string({ unit: "grapheme-composite", maxLength: 120 })), async (lines) => {
        const text = ["begin", ...lines].map((line) => line.replaceAll(/[\p{C}\p{Z}]/gu, "x")).join("\n");
        assert.equal(plainTextOf(await mail(text))?.trim(), text.trim());
      }),
      { numRuns: 100 },
    );
  });

  it("is not there in a mail without one", () => {
    assert.equal(plainTextOf("Content-Type: text/html\r\n\r\n<p>"), undefined);
    assert.equal(plainTextOf("Content-Type: multipart/mixed; boundary=x\r\n\r\n--y\r\n"), undefined);
    assert.equal(plainTextOf(""), "");
  });
});

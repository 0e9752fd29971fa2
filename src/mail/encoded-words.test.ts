import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import nodemailer from "nodemailer";
import { headerOf } from "./encoded-words.ts";

const writer = nodemailer.createTransport({ streamTransport: true, buffer: true, newline: "windows" });

describe("headerOf", () => {
  it("reads back each subject that is written", async () => {
    const unit = fc.constantFrom("a", "B", " ", "é", "ß", "漢", "😀", "=", "?", "_", ",", '"');
    await fc.assert(
      fc.asyncProperty(fc.string({ unit, minLength: 1, maxLength: 120 }), async (text) => {
        const subject = `s${text.replaceAll(/ +/g, " ").replaceAll("=?", "= ?")}e`;
        const { message } = await writer.sendMail({ from: "a@example.com", to: "b@example.com", subject, text: "x" });
        assert.equal(headerOf(String(message as Buffer), "subject"), subject);
      }),
    );
  });

  it("finds the first header of a name, in any case, and none in the body", () => {
    const head = "To: a@example.com\r\nSUBJECT: one\r\n two\r\nSubject: three\r\n\r\nCc: body\r\n";
    assert.equal(headerOf(head, "subject"), "one two");
    assert.equal(headerOf(head, "cc"), undefined);
    assert.equal(headerOf("", "cc"), undefined);
  });

  it("leaves what is broken", () => {
    for (const value of ["=?utf-8?Q?abc", "=?utf-8?X?abc?=", "=?latin1?Q?=E9?=", "=?=?=?"]) {
      assert.equal(headerOf(`Subject: ${value}`, "subject"), value);
    }
    assert.equal(headerOf("Subject: =?UTF-8?Q?=C3=A9=ZZ?=", "subject"), "é=ZZ");
  });
});

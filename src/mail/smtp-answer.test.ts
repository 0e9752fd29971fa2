import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { failureOutcome } from "./smtp-answer.ts";

describe("failureOutcome", () => {
  const kindOf = (responseCode: number | undefined, command: string, code = "EENVELOPE"): string =>
    failureOutcome({ message: "no", code, command, responseCode }).kind;

  it("refuses for good what a server says about the recipient, the text or its size", () => {
    for (const status of [500, 501, 550, 551, 552, 553, 554, 556]) {
      assert.equal(kindOf(status, "RCPT TO"), "refused", `${status} to RCPT TO`);
      assert.equal(kindOf(status, "DATA", "EMESSAGE"), "refused", `${status} to DATA`);
    }
    assert.equal(kindOf(552, "MAIL FROM"), "refused");
    assert.equal(kindOf(undefined, "API"), "refused");
    assert.equal(kindOf(undefined, "MAIL FROM", "EMESSAGE"), "refused");
  });

  it("tries again after 4xx, and after whatever is not about the mail", () => {
    for (const command of ["CONN", "EHLO", "AUTH PLAIN", "MAIL FROM", "RCPT TO", "DATA"]) {
      for (const status of [421, 450, 451, 452, 503, 530, 535]) assert.equal(kindOf(status, command), "later");
    }
    for (const command of ["CONN", "EHLO", "AUTH PLAIN", "MAIL FROM"]) {
      for (const status of [521, 550, 554]) assert.equal(kindOf(status, command), "later");
    }
    for (const code of ["EDNS", "ETLS", "EAUTH", "ETIMEDOUT", "ECONNECTION", "ESOCKET", "EPROTOCOL", "ENEW"]) {
      assert.equal(kindOf(undefined, "CONN", code), "later");
    }
  });

  it("says what to mend, in one line of bounded length", () => {
    const answer = `535 bad\r\npassword ${"x".repeat(1_000_000)}`;
    const outcome = failureOutcome({ message: answer, code: "EAUTH", command: "AUTH PLAIN", responseCode: 535 });
    assert.ok(outcome.kind === "later");
    assert.match(outcome.message, /SIGNALBOX_SMTP_URL.*535 bad password x+…$/);
    assert.ok(outcome.message.length < 700);
  });
});

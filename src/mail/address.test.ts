import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { SignalboxError } from "../errors.ts";
import { parseSender, plainAddress } from "./address.ts";

describe("plainAddress", () => {
  it("takes what people have", () => {
    for (const address of ["ada@example.com", "a.b+job-1@sub.example.co.uk", "root@localhost", "jürgen@example.com"]) {
      assert.equal(plainAddress(address), address);
    }
    assert.equal(plainAddress("me+${JOB_ID}@example.com"), "me+${JOB_ID}@example.com");
    assert.equal(plainAddress("ada@Bücher.example"), "ada@xn--bcher-kva.example");
  });

  it("takes nothing that is more than one address, or another than it looks", () => {
    const none = [
      [
        "",
        "@",
        "ada",
        "ada@",
        "@example.com",
        "a b@example.com",
        "ada@exa mple.com",
        "ada@[127.0.0.1]",
        "ada@127.0.0.1",
      ],
      ["a@example.com,b@example.com", "a@x.com;b@y.com", "Ada <ada@example.com>", "<ada@example.com>", "a@b@c.com"],
      ["ada@example.com\r\nBcc: eve@example.com", "ada\r\n@example.com", "ada@example.com\0", "ada\u202e@example.com"],
      [
        '"a b"@example.com',
        "a(b)@example.com",
        "ada@-x.com",
        "ada@x..com",
        "ada@x.com>",
        "ada@x.com SIZE=1",
        "a..b@x.com",
      ],
      [
        `${"a".repeat(65)}@example.com`,
        `a@${"b".repeat(64)}.com`,
        `a@${"b.".repeat(130)}com`,
        "ada@x.com/y",
        "ada@x.com%0a",
      ],
    ];
    for (const text of none.flat()) assert.equal(plainAddress(text), undefined, JSON.stringify(text));
  });
});

describe("parseSender", () => {
  it("reads an address with and without a name", () => {
    assert.deepEqual(parseSender("noreply@example.com"), { name: "", address: "noreply@example.com" });
    assert.deepEqual(parseSender("Signalbox <noreply@example.com>"), {
      name: "Signalbox",
      address: "noreply@example.com",
    });
    assert.deepEqual(parseSender('"Box, Signal" <n@example.com> '), { name: "Box, Signal", address: "n@example.com" });
  });

  it("names the setting when it is neither", () => {
    for (const text of [
      "",
      "Signalbox",
      "<>",
      "a@x.com, b@x.com",
      "A <a@x.com>, B <b@x.com>",
      "A\r\nBcc: b@x.com <a@x.com>",
    ]) {
      assert.throws(
        () => parseSender(text),
        (error) => error instanceof SignalboxError && error.message.startsWith("SIGNALBOX_MAIL_FROM: "),
        text,
      );
    }
  });
});

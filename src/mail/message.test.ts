import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { type ParsedMail, simpleParser } from "mailparser";
import nodemailer from "nodemailer";
import { hostileTexts, unseenInTerminal } from "../../test/support/hostile-texts.ts";
import { silentLog } from "../log.ts";
import type { Mail } from "./mailer.ts";
import { messageOf } from "./message.ts";
import { renderMail } from "./templates.ts";

const sender = { name: "Signalbox", address: "noreply@example.org" };
const writer = nodemailer.createTransport({ streamTransport: true, buffer: true, newline: "windows" });

function mail(given: Partial<Mail> = {}): Mail {
  return { to: "ada@example.com", subject: "s", text: "t", html: "<p>t</p>", id: "one", headers: {}, ...given };
}

async function sent(
  given: Partial<Mail>,
): Promise<{ readonly raw: string; readonly head: string; readonly parsed: ParsedMail }> {
  const message = messageOf(mail(given), sender, Date.UTC(2026, 0, 1));
  assert.ok(message.kind === "message", JSON.stringify(message));
  const { message: bytes } = await writer.sendMail(message.options);
  assert.ok(Buffer.isBuffer(bytes));
  const raw = bytes.toString("utf8");
  return { raw, head: raw.slice(0, raw.indexOf("\r\n\r\n")), parsed: await simpleParser(bytes) };
}

/** Names of all headers, in lower case. */
function names(head: string): readonly string[] {
  return head
    .split(/\r\n(?![ \t])/)
    .map((line) => line.slice(0, line.indexOf(":")).toLowerCase())
    .sort();
}

describe("messageOf", () => {
  it("has a stable Message-ID, text and HTML, and nothing that names the program", async () => {
    const { head, parsed } = await sent({ id: "00ff-0189-042", headers: { "X-Agave-Delivery": "00ff-0189-042" } });
    assert.deepEqual(names(head), [
      "content-type",
      "date",
      "from",
      "message-id",
      "mime-version",
      "subject",
      "to",
      "x-agave-delivery",
    ]);
    assert.equal(parsed.messageId, "<00ff-0189-042@example.org>");
    assert.equal(parsed.from?.text, '"Signalbox" <noreply@example.org>');
    assert.equal(parsed.text?.trim(), "t");
    assert.equal(parsed.html, "<p>t</p>");
    assert.match(head, /Content-Type: multipart\/alternative/);
    assert.match(head, /Date: Thu, 01 Jan 2026 00:00:00 \+0000/);
  });

  it("tells how to unsubscribe with one click, in one line", async () => {
    const url = `https://box.example/notifications/v2/mail/${"aZ-_".repeat(200)}/`;
    const { head } = await sent({ unsubscribe: url });
    const lines = head.split("\r\n");
    assert.ok(lines.includes(`List-Unsubscribe: <${url}>`));
    assert.ok(lines.includes("List-Unsubscribe-Post: List-Unsubscribe=One-Click"));
    const hostile = await sent({ unsubscribe: "https://example.com/>\r\nBcc: x" });
    assert.ok(hostile.head.split("\r\n").includes("List-Unsubscribe: <https://example.com/%3EBcc:%20x>"));
  });

  it("lets no subject add a header, whatever it is", async () => {
    const { head, parsed } = await sent({ subject: "hi\r\nBcc: eve@example.com\r\n\r\nbody" });
    assert.equal(names(head).includes("bcc"), false);
    assert.equal(parsed.subject, "hi Bcc: eve@example.com body");
    const encoded = await sent({ subject: "=?utf-8?Q?a=0D=0ABcc:_eve?= é =?utf-8?B?QQ==?=" });
    assert.equal(encoded.parsed.subject, "= ?utf-8?Q?a=0D=0ABcc:_eve?= é = ?utf-8?B?QQ== ?=");
    const usual = names((await sent({})).head);
    const unit = fc.oneof(fc.constantFrom("\r", "\n", "\r\n", "\0", ":", "é", "😀", "=?", " "), fc.string());
    await fc.assert(
      fc.asyncProperty(fc.string({ unit, maxLength: 60 }), async (subject) => {
        assert.deepEqual(names((await sent({ subject: `x${subject}` })).head), usual);
      }),
    );
  });

  it("holds words of strangers about what happened as text, and no header more", async () => {
    const usual = names((await sent({})).head);
    for (const text of hostileTexts) {
      const resource = { path: text, systemId: text, [text]: text };
      const view = {
        kind: "file",
        uuid: "1-002",
        event: "OVERWRITTEN",
        actor: text,
        owner: text,
        time: "",
        resource,
      } as const;
      const subscription = { uuid: "2-011", event: "*", persistent: true };
      const unsubscribe = "https://box.example/u/";
      for (const kind of ["file", "job", "queue"]) {
        const context = { view: { ...view, kind }, subscription, links: { unsubscribe }, platform: "Acme" };
        const { head, parsed } = await sent(renderMail({}, context, silentLog));
        assert.deepEqual(names(head), usual, JSON.stringify(text));
        assert.doesNotMatch(parsed.subject ?? "", /[\p{Cc}\p{Zl}\p{Zp}]|(?![\u200c\u200d])\p{Cf}/u);
        assert.doesNotMatch(parsed.text ?? "", unseenInTerminal);
        assert.doesNotMatch(String(parsed.html), /<img|<script/);
      }
    }
  });

  it("carries any text as it is, and huge ones", async () => {
    const text = `${"x".repeat(200_000)}\n.\n..\nFrom here\n\${UUID} é 😀\n`;
    const { parsed, raw } = await sent({ text });
    assert.equal(parsed.text?.trimEnd(), text.trimEnd());
    for (const line of raw.split("\r\n")) assert.ok(line.length <= 998, "a line that servers may refuse");
  });

  it("refuses what cannot be sent as one mail to one address", () => {
    const bad: readonly Partial<Mail>[] = [
      { to: "" },
      { to: "ada@example.com, eve@example.com" },
      { to: "ada@example.com\r\nBcc: eve@example.com" },
      { to: "ada@example.com> RCPT TO:<eve@example.com" },
      { id: "" },
      { id: "a@b> x" },
      { id: "x".repeat(121) },
      { text: "x".repeat(512 * 1024 + 1) },
      { html: "é".repeat(256 * 1024 + 1) },
      { headers: { "X-A\r\nBcc": "eve@example.com" } },
      { headers: { "X-A": "b\r\nBcc: eve@example.com" } },
      { headers: { "X-A": "é" } },
      { headers: { "X-A": "x".repeat(901) } },
      { headers: { Bcc: "eve@example.com" } },
      { headers: { "Content-Type": "text/plain" } },
      { headers: { "list-unsubscribe": "<x>" } },
      { unsubscribe: "javascript:alert(1)" },
      { unsubscribe: "/notifications" },
      { unsubscribe: `https://example.com/${"x".repeat(1_000)}` },
    ];
    for (const given of bad) {
      assert.equal(messageOf(mail(given), sender, 0).kind, "refused", JSON.stringify(given).slice(0, 80));
    }
  });
});

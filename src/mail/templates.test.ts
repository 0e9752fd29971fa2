import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import type { Json } from "../domain/event.ts";
import type { EventView } from "../domain/notifications/view.ts";
import { type Log, silentLog } from "../log.ts";
import type { MailContext, MailTemplate } from "./template.ts";
import { type RenderedMail, renderMail } from "./templates.ts";
import { escapeHtml } from "./text.ts";

const uuid = "01890a5d-ac96-774b-bcce-b302099a8057-002";
const unsubscribe = "https://box.example/notifications/v2/mail/u/";
const confirm = "https://box.example/notifications/v2/mail/c/";

function context(view: Partial<EventView>, links: MailContext["links"] = { unsubscribe }): MailContext {
  return {
    view: {
      kind: "file",
      uuid,
      event: "OVERWRITTEN",
      actor: "bob",
      owner: "ada",
      time: "2026-01-01T00:00:00.000Z",
      resource: { path: "a/b.txt", systemId: "pictures", length: 12 },
      ...view,
    },
    subscription: { uuid: "0189-011", event: "*", persistent: true },
    links,
    platform: "Acme",
  };
}

function render(view: Partial<EventView>, links?: MailContext["links"]): RenderedMail {
  return renderMail({}, context(view, links), silentLog);
}

function listening(): { readonly log: Log; readonly lines: string[] } {
  const lines: string[] = [];
  return {
    lines,
    log: { ...silentLog, error: (fields, message) => lines.push(`${message} ${JSON.stringify(fields)}`) },
  };
}

describe("mails about files", () => {
  it("say in one sentence what happened", () => {
    const permission = { id: "1", permission: "READ", username: "eve", lastUpdated: "" };
    const moved = { path: "a/c.txt", systemId: "pictures", source: "pictures/a/b.txt" };
    const sentences: readonly (readonly [Partial<EventView>, string])[] = [
      [{ event: "UPLOADED" }, 'The file "a/b.txt" in "pictures" was uploaded by bob.'],
      [{}, 'The file "a/b.txt" in "pictures" was overwritten by bob.'],
      [{ event: "DELETED", actor: undefined }, 'The file "a/b.txt" in "pictures" was deleted.'],
      [
        { event: "RENAME", resource: moved },
        'The file "pictures/a/b.txt" was renamed to "a/c.txt" in "pictures" by bob.',
      ],
      [{ event: "MOVED", resource: moved }, 'The file "pictures/a/b.txt" was moved to "a/c.txt" in "pictures" by bob.'],
      [{ event: "MOVED" }, 'The file "a/b.txt" in "pictures" was moved by bob.'],
      [
        { event: "PERMISSION_GRANT", permission },
        'The permission READ on the file "a/b.txt" in "pictures" was granted to eve by bob.',
      ],
      [
        { event: "PERMISSION_REVOKE", permission },
        'The permission READ on the file "a/b.txt" in "pictures" was taken from eve by bob.',
      ],
      [{ event: "STAGING", resource: {}, actor: undefined }, `The file ${uuid} received a STAGING event.`],
    ];
    for (const [view, sentence] of sentences) {
      const { text, html } = render(view);
      assert.equal(text.split("\n")[0], sentence);
      assert.ok(html.includes(`<p>${escapeHtml(sentence)}</p>`), html);
    }
    assert.equal(render({}).subject, "Acme: OVERWRITTEN a/b.txt");
  });
});

describe("mails about jobs and everything else", () => {
  it("name what is known of a job, and leave out what is not", () => {
    const { subject, text } = render({
      kind: "job",
      event: "FINISHED",
      uuid: "1-007",
      resource: {
        name: "render",
        appId: "r-1",
        endTime: "2026-01-01T00:00:00Z",
        archivePath: null,
        lastStatusMessage: "",
      },
    });
    assert.equal(subject, "Job 1-007 received a FINISHED event");
    assert.match(
      text,
      /^The job "render" received a FINISHED event\.\n\nJob: 1-007\nName: render\nApp: r-1\nEnded: 2026/,
    );
    assert.doesNotMatch(text, /Archive|Message/);
  });

  it("list the fields of a kind that has no words of its own", () => {
    const { subject, text } = render({
      kind: "queue",
      uuid: "9-900",
      resource: { depth: 3, tags: { a: [1] }, _links: {} },
    });
    assert.equal(subject, "Acme: queue 9-900 received a OVERWRITTEN event");
    assert.match(text, /\nOwner: ada\ndepth: 3\ntags: \{"a":\[1\]\}\n/);
    assert.doesNotMatch(text, /_links/);
    assert.match(render({ kind: "", resource: {} }).subject, /^Acme: resource /);
  });
});

describe("mails that ask for a confirmation", () => {
  it("say who wants to send what, and hold the link", () => {
    const { subject, text, html } = render(
      { event: "CONFIRMATION_REQUESTED", resource: { associatedUuid: uuid } },
      { confirm },
    );
    assert.equal(subject, "Acme: confirm notifications to this address");
    assert.match(
      text,
      /^The user "ada" of Acme wants to send notifications of events about \S+-002 to this address\.\n\nNothing is sent/,
    );
    assert.ok(text.includes(`\n${confirm}\n`));
    assert.ok(html.includes(`<a href="${confirm}">Confirm</a>`));
    assert.doesNotMatch(text + html, /[Uu]nsubscribe/);
  });

  it("carry no words of strangers", () => {
    const owner = "Win at https://evil.example/?a=<b> now\r\nwww.evil.example".padEnd(9_000, "!");
    const { text } = render({ owner, resource: { associatedUuid: "see http://evil.example" } }, { confirm });
    assert.match(
      text,
      /^The user "Win at https evil example a b now www evil example" of Acme wants to send notifications of events to this/,
    );
  });
});

describe("renderMail", () => {
  it("says why, and how to end it, in text and HTML", () => {
    const { text, html } = render({});
    assert.ok(
      text.endsWith(
        `\n-- \nYou get this because Acme was asked to tell this address of every event of ${uuid} (subscription 0189-011).\n` +
          `To get no more of them: ${unsubscribe}\n`,
      ),
    );
    assert.ok(html.includes(`<a href="${unsubscribe}">Unsubscribe</a></p>\n</body></html>`));
  });

  it("takes the host's template for a kind, and adds what every mail has", () => {
    const template: MailTemplate = ({ view }) => ({ subject: `${view.event}!`, text: "a <b>\n c" });
    const { subject, text, html } = renderMail({ file: template }, context({}), silentLog);
    assert.equal(subject, "OVERWRITTEN!");
    assert.ok(text.startsWith("a <b>\n c\n\n-- \nYou get this"));
    assert.ok(html.includes('<div style="white-space:pre-wrap">a &lt;b&gt;\n c</div>'));
    const own: MailTemplate = ({ links }) => ({ subject: "s", text: `t ${links.unsubscribe}`, html: `<body>h</BODY>` });
    const mail = renderMail({ file: own }, context({}), silentLog);
    assert.equal(mail.text, `t ${unsubscribe}`);
    assert.match(mail.html, /^<body>h<hr>[^]*Unsubscribe<\/a><\/p>\n<\/BODY>$/);
  });

  it("falls back to ours, and says so, when the host's fails or gives no mail", () => {
    const bad: readonly unknown[] = [
      undefined,
      null,
      "text",
      { subject: "s" },
      { subject: "", text: "t" },
      { subject: "s", text: " \n" },
      { subject: 1, text: "t" },
      { subject: "s", text: "t", html: 1 },
      Promise.resolve({ subject: "s", text: "t" }),
    ];
    const failing: MailTemplate = () => {
      throw new Error("no\r\nway");
    };
    for (const template of [...bad.map((result) => (() => result) as MailTemplate), failing]) {
      const { log, lines } = listening();
      assert.deepEqual(renderMail({ file: template }, context({}), log), render({}));
      assert.equal(lines.length, 1);
      assert.match(lines[0] ?? "", /^a mail template of the host .* the built-in one is used \{"kind":"file"/);
    }
    const { log, lines } = listening();
    const silent = renderMail({ confirmation: () => ({ subject: "s", text: "t" }) }, context({}, { confirm }), log);
    assert.ok(silent.text.includes(confirm));
    assert.equal(lines.length, 1);
  });

  it("bounds what a template makes, without breaking characters or HTML", () => {
    const template: MailTemplate = () => ({
      subject: `a\r\nBcc: x@example.com ${"😀".repeat(1_000)}`,
      text: `x${"😀".repeat(1_000_000)}`,
      html: "<p>".repeat(1_000_000),
    });
    const { subject, text, html } = renderMail({ file: template }, context({}), silentLog);
    assert.match(subject, /^a Bcc: x@example.com (?:😀)+…$/);
    assert.ok(subject.length <= 200);
    assert.ok(Buffer.byteLength(text) < 257 * 1024 && text.isWellFormed() && text.includes(unsubscribe));
    assert.ok(Buffer.byteLength(html) < 257 * 1024 && html.includes("😀") && html.includes(unsubscribe));
  });

  it("shows keys of 1,024 characters whole, and cuts what is far longer", () => {
    const key = "k".repeat(1_024);
    const { text, subject } = render({ resource: { path: key, systemId: "b" } });
    assert.ok(text.includes(`"${key}"`));
    assert.ok(subject.length <= 200);
    const facts = Object.fromEntries(Array.from({ length: 5_000 }, (_, index) => [`f${index}`, "v".repeat(100_000)]));
    const huge = render({ kind: "queue", resource: facts });
    assert.ok(Buffer.byteLength(huge.text) < 257 * 1024, String(huge.text.length));
    assert.match(huge.text, /f0: v{2047}…\n/);
  });

  it("lets no value become HTML, another line, or another value", () => {
    const hostile = `"><script>alert(1)</script>\r\nBcc: eve@example.com\r\n\r\n-- \n\${UUID} \${OWNER} {{owner}} %s`;
    for (const kind of ["file", "job", "queue"]) {
      const resource = { name: hostile, path: hostile, systemId: hostile, source: hostile, [hostile]: hostile };
      const permission = { id: hostile, permission: hostile, username: hostile, lastUpdated: hostile };
      for (const event of ["RENAME", "PERMISSION_GRANT", "CUSTOM"]) {
        const mail = render({ kind, event, resource, permission, actor: hostile, owner: hostile });
        assert.doesNotMatch(mail.html, /<script/);
        assert.doesNotMatch(mail.text, /^Bcc/m);
        assert.doesNotMatch(mail.subject, /[\r\n]/);
        assert.ok(mail.text.includes("${UUID} ${OWNER} {{owner}} %s"));
        assert.equal(mail.text.split("\n-- \n").length, 2);
      }
    }
  });

  it("makes a mail of whatever an event holds", () => {
    const kind = fc.constantFrom("file", "job", "queue", "", "__proto__", "constructor", "confirmation");
    fc.assert(
      fc.property(kind, fc.string(), fc.dictionary(fc.string(), fc.jsonValue()), (kind, event, resource) => {
        const mail = render({ kind, event, resource: resource as { [key: string]: Json } });
        assert.ok(mail.subject !== "" && mail.subject.length <= 200);
        assert.ok(mail.text.includes(unsubscribe) && mail.html.includes(unsubscribe));
      }),
    );
  });
});

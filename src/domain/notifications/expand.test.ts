import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import type { Json } from "../event.ts";
import { parseTemplate } from "../template.ts";
import { checkPlaces } from "../webhook-url.ts";
import { expandUrl, longestExpandedUrl } from "./expand.ts";
import { resourceKinds } from "./resource-kinds.ts";
import type { EventView } from "./view.ts";

const kinds = resourceKinds([
  { name: "order", open: true, macros: { A: "a", B: "b", C: "c", DEEP: "deep.list.1.name", ALL: "*" } },
]);

function order(resource: Readonly<Record<string, Json>>, more: Partial<EventView> = {}): EventView {
  return {
    kind: "order",
    uuid: "0190-900",
    event: "SHIPPED",
    actor: "ada",
    owner: "bob",
    time: "2026-11-20T10:30:00.000Z",
    resource,
    ...more,
  };
}

const checkWebhookTemplate = (url: string): void => checkPlaces(parseTemplate(url));
const expanded = (text: string, view: EventView): string => expandUrl(parseTemplate(text), view, kinds);

describe("the url of a webhook", () => {
  for (const url of [
    "https://a.example/${A}",
    "HTTP://user:pass@a.example:8080/x?job=${A}&${B}=1",
    "https://[::1]/${A}",
    "http://a.example?${A}",
    "https://bücher.example/ü?ü",
    "https://a.example/%20${A}%7E",
    "https://a.example/a@b:c/${A}",
    "https://a.example",
  ]) {
    it(`may be ${url}`, () => checkWebhookTemplate(url));
  }

  const refused: readonly (readonly [string, RegExp])[] = [
    ["${A}://a.example/", /^url: must begin with http:\/\/ or https:\/\/, without macros/],
    ["http${A}://a.example/", /must begin with http/],
    ["ftp://a.example/", /must begin with http/],
    ["//a.example/", /must begin with http/],
    ["https://${A}/", /must not hold macros in the host: only in path and query/],
    ["https://a.${A}.example/", /in the host/],
    ["https://a.example${A}", /in the host/],
    ["https://a.example:${A}/", /in the port/],
    ["https://a.example:80${A}/", /in the port/],
    ["https://${A}@a.example/", /in the user name or password/],
    ["https://user:${A}@a.example/", /in the user name or password/],
    ["https://a.example:${A}@b.example/", /in the user name or password/],
    ["https:///${A}", /must name a host/],
    ["https:///a.example/${A}", /must name a host/],
    ["https://\\${A}", /must name a host/],
    ["https://@/${A}", /its host or port cannot be one/],
    ["https://?${A}", /must name a host/],
    ["https://a.example/#${A}", /must not have a fragment/],
    ["https://a.example/#", /must not have a fragment/],
    ["https://a.example:99999/", /its host or port cannot be one/],
    ["https://a b.example/", /neither blanks nor/],
    ["https://a.example/\t${A}", /neither blanks nor/],
    ["https://a.example/\u200b", /neither blanks nor/],
    ["https://a.example/\u0000", /neither blanks nor/],
    ["https://a.example/%${A}", /% that is no whole escape before a macro/],
    ["https://a.example/%2${A}", /% that is no whole escape before a macro/],
    ["https://a.example/${", /without its/],
  ];
  for (const [url, message] of refused) {
    it(`may not be ${JSON.stringify(url)}`, () => {
      assert.throws(() => checkWebhookTemplate(url), { code: "invalid_request", message });
    });
  }
});

describe("the macros in a url", () => {
  it("stand for what the event says", () => {
    const view = order({ a: "x", deep: { list: [{}, { name: "n" }] } });
    assert.equal(
      expanded("https://h/${EVENT}/${UUID}?by=${OWNER}&at=${TIME}&a=${A}&d=${DEEP}", view),
      "https://h/SHIPPED/0190-900?by=ada&at=2026-11-20T10%3A30%3A00.000Z&a=x&d=n",
    );
    assert.equal(expanded("https://h/?${RAW_JSON}", order({ a: "ü" })), "https://h/?%7B%22a%22%3A%22%C3%BC%22%7D");
    assert.equal(expanded("https://h/?${ALL}", order({ a: [1] })), "https://h/?%7B%22a%22%3A%5B1%5D%7D");
  });

  const rows: readonly (readonly [Json, string])[] = [
    ["", ""],
    [null, ""],
    [0, "0"],
    [1.5, "1.5"],
    [false, "false"],
    [{ b: [1] }, "%7B%22b%22%3A%5B1%5D%7D"],
    [[], "%5B%5D"],
    ["a b&c=d+e/f?g#h", "a%20b%26c%3Dd%2Be%2Ff%3Fg%23h"],
    ["'()*!", "%27%28%29%2A%21"],
    ["100%", "100%25"],
    ["a\r\nHost: evil", "a%0D%0AHost%3A%20evil"],
    ["ü😀", "%C3%BC%F0%9F%98%80"],
    ["\ud800", "%EF%BF%BD"],
    ["${B}", "%24%7BB%7D"],
    ["..", ".."],
  ];
  for (const [value, text] of rows) {
    it(`are encoded: ${JSON.stringify(value)}`, () => {
      assert.equal(expanded("https://h/?${A}", order({ a: value, b: "leak" })), `https://h/?${text}`);
    });
  }

  it("are empty when there is no such thing", () => {
    assert.equal(expanded("https://h/${A}/${DEEP}/${NOPE}/", order({ deep: { list: "text" } })), "https://h////");
    assert.equal(expanded("https://h/?${OWNER}${PERMISSION_ID}", order({}, { actor: undefined })), "https://h/?");
    assert.equal(expanded("https://h/?${A}", order({ a: "x" }, { kind: "" })), "https://h/?");
    const inherited = resourceKinds([{ name: "order", open: true, macros: { A: "constructor.name", B: "__proto__" } }]);
    assert.equal(expandUrl(parseTemplate("https://h/?${A}${B}"), order({}), inherited), "https://h/?");
  });

  it("tell of grants", () => {
    const permission = { id: "7", permission: "READ", username: "eve", lastUpdated: "2026-11-20T00:00:00Z" };
    assert.equal(
      expanded("https://h/?${PERMISSION_PERMISSION}=${PERMISSION_USERNAME}", order({}, { permission })),
      "https://h/?READ=eve",
    );
    assert.match(expanded("https://h/?${PERMISSION_JSON}", order({}, { permission })), /%22username%22%3A%22eve%22/);
  });

  it("never step out of the path", () => {
    const step = (text: string, a: string, b = ""): string => expanded(text, order({ a, b }));
    assert.equal(step("https://h/x/${A}/y", ".."), "https://h/x//y");
    assert.equal(step("https://h/x/${A}", "."), "https://h/x/");
    assert.equal(step("https://h/x/${A}${B}/y", ".", "."), "https://h/x//y");
    assert.equal(step("https://h/x/.${A}?/..", "."), "https://h/x/?/..");
    assert.equal(step("https://h/x/%2E${A}/y", "."), "https://h/x//y");
    assert.equal(step("https://h/x\\${A}\\y", ".."), "https://h/x\\\\y");
    assert.equal(step("https://h/x/${A}/y", "..."), "https://h/x/.../y");
    assert.equal(step("https://h/x/../${A}", "a"), "https://h/x/../a");
  });

  it("are cut between characters when they are too long, the short ones last", () => {
    const url = expanded("https://h/?${A}&${B}&${EVENT}", order({ a: "😀".repeat(5000), b: "x".repeat(20_000) }));
    assert.ok(url.length <= longestExpandedUrl && url.length > longestExpandedUrl - 12);
    assert.match(url, /^https:\/\/h\/\?(?:%F0%9F%98%80)+&x+&SHIPPED$/);
    const [a = "", b = ""] = url.slice("https://h/?".length).split("&");
    assert.ok(Math.abs(a.length - b.length) < 24);
  });

  it("change nothing but path and query, whatever they are worth (property)", () => {
    const piece = fc.oneof(
      fc.constantFrom(
        "${A}",
        "${B}",
        "${A}",
        "/",
        "\\",
        "?",
        "#",
        "@",
        ":",
        ".",
        "%",
        "%2e",
        "//",
        "h.example",
        "$",
        "80",
      ),
      fc.string({ maxLength: 5 }),
    );
    const value = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.constantFrom("..", ".", "@evil.example", "/", "//evil.example", "#", "?", ":1", "%2e", "${B}"),
    );
    fc.assert(
      fc.property(
        fc.constantFrom("http://", "https://h.example/"),
        fc.array(piece),
        value,
        value,
        (start, pieces, a, b) => {
          const text = start + pieces.join("");
          try {
            checkWebhookTemplate(text);
          } catch {
            return;
          }
          const plain = new URL(expanded(text, order({ a: "x", b: "x" })));
          const url = new URL(expanded(text, order({ a, b })));
          assert.equal(url.origin, plain.origin);
          assert.deepEqual([url.username, url.password, url.hash], [plain.username, plain.password, ""]);
          const depth = ({ pathname }: URL): number => pathname.split("/").length;
          assert.equal(depth(url), depth(plain));
        },
      ),
      { numRuns: 2000 },
    );
  });

  it("come back from the query as they were (property)", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), fc.string({ unit: "grapheme" }), (a, b) => {
        const { searchParams } = new URL(expanded("https://h/?a=${A}&b=${B}", order({ a, b })));
        assert.deepEqual(
          [...searchParams],
          [
            ["a", a],
            ["b", b],
          ],
        );
      }),
    );
  });
});

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { checkMacros, filled, parseTemplate } from "../template.ts";
import { commonMacros, hostKinds, ownKinds } from "./known-kinds.ts";
import { macroNames } from "./macros.ts";
import { resourceKinds } from "./resource-kinds.ts";

const kinds = resourceKinds([{ name: "order", events: ["SHIPPED"], macros: { ORDER_ID: "id" } }]);

describe("a template", () => {
  it("is taken apart into literals and macros", () => {
    assert.deepEqual(parseTemplate("https://a/${EVENT}?u=${UUID}&x").parts, [
      { kind: "literal", text: "https://a/" },
      { kind: "macro", name: "EVENT" },
      { kind: "literal", text: "?u=" },
      { kind: "macro", name: "UUID" },
      { kind: "literal", text: "&x" },
    ]);
    assert.deepEqual(parseTemplate("").parts, []);
    assert.deepEqual(parseTemplate("${A}${B_1}").parts, [
      { kind: "macro", name: "A" },
      { kind: "macro", name: "B_1" },
    ]);
  });

  it("has no escape: a dollar sign is itself unless a brace follows", () => {
    assert.deepEqual(parseTemplate("$$${A}$ {}$").parts, [
      { kind: "literal", text: "$$" },
      { kind: "macro", name: "A" },
      { kind: "literal", text: "$ {}$" },
    ]);
  });

  const refused: readonly (readonly [string, RegExp])[] = [
    ["a${", /^url: has a \$\{ without its \}/],
    ["a${EVENT", /^url: has a \$\{ without its \}/],
    ["${A${B}}", /^url: the macro \$\{A\$\{B\} must have a name of A–Z|without its/],
    ["${}", /must have a name of A–Z, 0–9 and _$/],
    ["${event}", /must have a name of A–Z, 0–9 and _; write \$\{EVENT\}$/],
    ["${A B}", /must have a name/],
    ["${A.B}", /must have a name/],
    ["${Ä}", /must have a name/],
    [`\${${"a".repeat(1000)}}`, /^.{1,250}$/],
  ];
  for (const [text, message] of refused) {
    it(`is refused: ${text.slice(0, 20)}`, () => {
      assert.throws(() => parseTemplate(text), { code: "invalid_request", message });
    });
  }

  it("loses nothing of what was written (property)", () => {
    const piece = fc.oneof(fc.constantFrom("${A}", "${EVENT}", "$", "}", "{", "$$"), fc.string());
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        const text = pieces.join("");
        fc.pre(pieces.every((part) => /^\$\{[A-Z]+\}$/.test(part) || !part.includes("${")));
        fc.pre(!/\$\{(?![A-Z]+\})/.test(text));
        assert.equal(
          filled(parseTemplate(text), (name) => `\${${name}}`),
          text,
        );
      }),
    );
  });
});

describe("the macros that may be used", () => {
  it("are those of every kind, the kind's own and those of grants", () => {
    const names = macroNames("file", kinds);
    for (const name of [
      "UUID",
      "EVENT",
      "OWNER",
      "TIME",
      "RAW_JSON",
      "PATH",
      "FILE_NAME",
      "SYSTEM_ID",
      "PERMISSION_ID",
    ]) {
      assert.ok(names.includes(name), name);
    }
    assert.ok(!names.includes("JOB_ID"));
    assert.ok(macroNames("order", kinds).includes("ORDER_ID"));
  });

  it("are only the common ones for any resource, and for one of a kind that is no more", () => {
    assert.deepEqual(macroNames(undefined, kinds), commonMacros);
    assert.deepEqual(macroNames("gone", kinds), commonMacros);
    assert.deepEqual(macroNames("constructor", kinds), commonMacros);
  });

  it("are those that are documented", () => {
    const rows: readonly (readonly [string, string])[] = [
      ["app", "APP_ID APP_NAME APP_DEFAULT_MAX_RUN_TIME JOB_ID SYSTEM_ID SYSTEM_STORAGE_HOST"],
      [
        "job",
        "JOB_STATUS JOB_URL JOB_ID JOB_SYSTEM JOB_NAME JOB_START_TIME JOB_END_TIME JOB_SUBMIT_TIME JOB_ARCHIVE_PATH",
      ],
      [
        "job",
        "JOB_ARCHIVE_URL JOB_ERROR APP_ID JOB_MAX_RUNTIME_MILLISECONDS JOB_APPID JOB_ARCHIVEURL STATUS PERMISSION_JSON",
      ],
      ["file", "TYPE FORMAT PATH SYSTEM NAME SOURCE FILE_UUID FILE_ASSOCIATEDIDS FILE_JSON"],
      ["metadata", "METADATA_ID METADATA_LASTUPDATED"],
      ["schema", "METADATA_SCHEMA_ID METADATA_SCHEMA_SCHEMA"],
      [
        "monitor",
        "ID OWNER TARGET ACTIVE UPDATE_SYSTEM_STATUS INTERNAL_USERNAME CREATED LAST_SUCCESS NEXT_CHECK FREQUENCY",
      ],
      ["subscription", "URL ATTEMPTS RESPONSE_CODE LAST_UPDATED ASSOCIATED_ID CREATED STATUS USERNAME"],
      ["postit", "NONCE CREATED RENEWED EXPIRES TARGET_URL TARGET_METHOD REMAINING_USES POSTIT"],
      [
        "profile",
        "USERNAME EMAIL FIRST_NAME LAST_NAME POSITION PHONE RESEARCH_AREA COUNTRY GENDER ACTIVE LAST_UPDATED",
      ],
      [
        "system",
        "SYSTEM_ID STATUS PUBLIC GLOBAL_DEFAULT STORAGE_ROOT_DIR LOGIN_AUTH_TYPE SYSTEM_LOGIN_PORT ROLE_JSON JOB_ID",
      ],
      ["transfer", "SOURCE DESTINATION STATUS TOTAL_TRANSFER TOTAL_TRANSFERRED TRANSFER_RATE ATTEMPTS"],
      ["tag", "TAG_ID TAG_JSON"],
      ["realtime_channel", "REALTIMECHANNEL_ID REALTIMECHANNEL_JSON"],
      ["bucket", "BUCKET_NAME BUCKET_JSON"],
      ["function", "FUNCTION_SLUG FUNCTION_ENABLED"],
    ];
    for (const [kind, names] of rows) {
      for (const name of names.split(" ")) assert.ok(macroNames(kind, kinds).includes(name), `${kind} ${name}`);
    }
  });

  it("are named once each, and do not hide the common ones", () => {
    for (const { name } of [...ownKinds, ...hostKinds]) {
      const names = macroNames(name, kinds);
      assert.equal(new Set(names).size, names.length, name);
      for (const macro of names) assert.match(macro, /^[A-Z][A-Z0-9_]{0,63}$/);
    }
  });

  it("are listed when another one is used, with the nearest", () => {
    checkMacros(parseTemplate("https://a/${FILE_NAME}/${PERMISSION_USERNAME}"), macroNames("file", kinds));
    assert.throws(() => checkMacros(parseTemplate("https://a/${EVENT}/${FILE_NAM}"), macroNames("file", kinds)), {
      code: "invalid_request",
      message:
        /^url: \$\{FILE_NAM\} is not a macro for this resource\. Did you mean "FILE_NAME"\? There are UUID, EVENT, OWNER/,
    });
    assert.throws(
      () => checkMacros(parseTemplate("a${JOB_ID}"), macroNames(undefined, kinds)),
      /UUID, EVENT, OWNER, TIME, RAW_JSON$/,
    );
    assert.throws(
      () => checkMacros(parseTemplate(`\${${"A".repeat(1000)}}`), commonMacros),
      ({ message }: Error) => message.length < 200,
    );
    assert.throws(() => checkMacros(parseTemplate("${"), commonMacros), /without its/);
  });
});

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Answer } from "../support/api.ts";
import { apiWithFunction, functionsPath } from "../support/functions.ts";
import { shared } from "../support/shared.ts";

interface Problem {
  readonly severity: string;
  readonly rule: string;
  readonly message: string;
  readonly line: number | null;
  readonly column: number | null;
  readonly length: number | null;
  readonly hint: string | null;
}

const problemsOf = ({ data }: Answer) => data["problems"] as readonly Problem[];

describe("checking code", () => {
  const server = shared(() => apiWithFunction({ egress: ["api.example.com"] }));
  const check = (body: object): Promise<Answer> => server().api.ask("POST", `${functionsPath}check/`, body);

  it("tells that all is well, with what the code takes and fetches", async () => {
    const code = 'export default async () => { await fetch("https://api.example.com/x"); };';
    const { status, data } = await check({ code, egress: ["*.example.com"] });
    assert.equal(status, 200);
    const bytes = Buffer.byteLength(code);
    assert.deepEqual(data, { ok: true, bytes, most_bytes: 1_048_576, problems: [], fetches: ["api.example.com"] });
  });

  it("tells everything that is wrong, with places in what was written", async () => {
    const code = "interface A { b: string }\nconst ä = 1;\nexport default (e: A) => { if (ä === NaN) };";
    const checked = await check({ code, language: "typescript", slug: "welcome" });
    assert.equal(checked.data["ok"], false);
    assert.deepEqual(problemsOf(checked), [
      {
        severity: "error",
        rule: "syntax",
        message: 'Unexpected "}"',
        line: 3,
        column: 43,
        length: null,
        hint: null,
      },
    ]);
    const twice = problemsOf(await check({ code: "const ä = 1; const a = 1; const a = 2;" }));
    assert.deepEqual(twice[0], {
      severity: "error",
      rule: "syntax",
      message: 'The symbol "a" has already been declared',
      line: 1,
      column: 33,
      length: null,
      hint: 'The symbol "a" was originally declared here (line 1)',
    });
  });

  it("warns of what compiles and will not do what it says", async () => {
    const code = 'export default ({ params }) =>\n  typeof params.a === "strin" ? 1 : { b: 1, b: 2 };';
    const checked = await check({ code });
    assert.equal(checked.data["ok"], true);
    assert.deepEqual(
      problemsOf(checked).map(({ severity, rule, line, column, length }) => [severity, rule, line, column, length]),
      [
        ["warning", "impossible-typeof", 2, 23, 7],
        ["warning", "duplicate-object-key", 2, 45, null],
      ],
    );
  });

  it("warns of hosts that the function does not list, at the call", async () => {
    const code = [
      "type Url = string;",
      '// fetch("https://comment.example/")',
      'const base: Url = "https://other.example/v1";',
      "export default async (): Promise<number> => {",
      "  await fetch(`https://api.example.com/${1}`);",
      "  return (await fetch(`${base}/x`)).status;",
      "};",
    ].join("\n");
    const language = "typescript";
    const checked = await check({ code, language, slug: "validate-user-data" });
    assert.deepEqual([checked.data["ok"], checked.data["fetches"]], [true, ["api.example.com", "other.example"]]);
    assert.deepEqual(problemsOf(checked), [
      {
        severity: "warning",
        rule: "egress",
        message: "fetches from other.example, which egress does not list: it will be refused",
        line: 6,
        column: 17,
        length: null,
        hint: 'add "other.example" to the function\'s egress',
      },
    ]);
    const unknown = problemsOf(await check({ code, language, slug: "not-made-yet" }));
    assert.equal(unknown.length, 2);
    assert.deepEqual(problemsOf(await check({ code, language, egress: ["api.example.com", "other.example"] })), []);
  });

  const refused: readonly (readonly [what: string, code: string, rule: string, place: readonly unknown[]])[] = [
    ["an import", '\nimport fs from "node:fs";', "import", [2, 16, 9]],
    ["no default export", "export const a = 1;", "load", [null, null, null]],
    ["no code", "", "load", [null, null, null]],
    ["what throws while it is loaded", "\n\n  throw new Error('no');", "load", [3, 9, null]],
    ["too much", `export default () => 1; // ${"x".repeat(2 ** 20)}`, "size", [null, null, null]],
    ["what cannot be compiled", `export default ${"!".repeat(200_000)}1`, "syntax", [null, null, null]],
  ];
  for (const [what, code, rule, place] of refused) {
    it(`tells of ${what}`, async () => {
      const checked = await check({ code });
      assert.equal(checked.status, 200, checked.text);
      const [problem] = problemsOf(checked);
      assert.deepEqual(
        [checked.data["ok"], problem?.severity, problem?.rule],
        [false, "error", rule],
        problem?.message,
      );
      assert.deepEqual([problem?.line, problem?.column, problem?.length], place);
    });
  }

  it("keeps nothing, and is refused with hosts that are none and apps that there are not", async () => {
    const { api, path } = server();
    await check({ code: "export default () => 2;", slug: "validate-user-data" });
    assert.equal((await api.all(`${path}versions/`, "versions", 100)).length, 1);
    const bad = await check({ code: "", egress: ["https://x"] });
    assert.deepEqual([bad.status, bad.fields[0]?.path], [400, "egress[0]"]);
    assert.equal((await api.ask("POST", "/api/apps/none/functions/check/", { code: "" })).status, 404);
  });
});

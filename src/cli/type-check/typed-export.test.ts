import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { typedExport } from "./typed-export.ts";

const typed = (source: string, language: "javascript" | "typescript" = "typescript"): string | undefined =>
  typedExport(source, "T", language)?.text;

describe("the type of a default export", () => {
  it("is given where the export is, of whatever it is, and nothing else moves to another line", () => {
    const source = 'import a from "a";\n\n  export default async ({ params }) => a(params);\nconst b = 1;\n';
    const found = typedExport(source, "T", "typescript");
    const line = "  const $signalboxFunction: T = async ({ params }) => a(params);";
    assert.equal(found?.text, `import a from "a";\n\n${line}\nconst b = 1;\n\nexport default $signalboxFunction;\n`);
    assert.equal(found?.line, 3);
    assert.equal(found?.moved, line.indexOf("async") - (source.split("\n")[2] ?? "").indexOf("async"));
    assert.match(
      typed("export default handler;\n", "javascript") ?? "",
      /^\/\*\* @type \{T\} \*\/ const \S+ = handler;/,
    );
    assert.match(typed("export default function f() {}\n") ?? "", /^const \S+: T = function f\(\) \{\}/);
  });

  it("is not looked for in comments and texts", () => {
    for (const other of [
      "/*\nexport default 1;\n*/",
      "`\nexport default 1;\n`",
      "// export default 1;",
      '"export default 1;"',
    ]) {
      const text = typed(`${other}\nexport default () => {};\n`) ?? "";
      assert.ok(text.startsWith(`${other}\nconst $signalboxFunction: T = () => {};`), text);
    }
  });

  it("is not given to what cannot have one: its source then stays as it is", () => {
    for (const source of [
      "const f = () => {};\nexport { f as default };\n",
      "export default function f() {}\nf.calls = 0;\n",
      "export default class F {}\nnew F();\n",
      "export default 1;\nexport default 2;\n",
      "const $signalboxFunction = 1;\nexport default $signalboxFunction;\n",
    ])
      assert.equal(typed(source), undefined, source);
  });
});

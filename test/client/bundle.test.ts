/** The client as others load it: for browsers without anything of Node, small, and made of the documents as they are. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { isBuiltin } from "node:module";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { modules, operationsModule } from "../../scripts/api-types.ts";

const root = new URL("../../", import.meta.url);
const at = (path: string): string => fileURLToPath(new URL(path, root));

describe("the client's file", () => {
  it("holds nothing of Node, and is small", async () => {
    const { outputFiles, metafile } = await build({
      entryPoints: [at("src/client/index.ts")],
      bundle: true,
      write: false,
      metafile: true,
      format: "esm",
      platform: "browser",
      target: "es2022",
      minify: true,
    });
    const imports = Object.values(metafile.inputs).flatMap((input) => input.imports.map(({ path }) => path));
    assert.deepEqual(imports.filter(isBuiltin), []);
    const [file] = outputFiles;
    const text = file?.text ?? "";
    assert.doesNotMatch(text, /\bBuffer\b|\bprocess\.|\brequire\(/);
    const kilobytes = gzipSync(text).length / 1_024;
    assert.ok(kilobytes < 10, `it weighs ${kilobytes} KB`);
  });

  it("knows each interface as it is documented", () => {
    const read = (path: string): string => readFileSync(at(path), "utf8");
    const tokens = (text: string): string => text.replaceAll(/[\s;,()|]+/g, "");
    for (const [document, module] of modules) {
      const made = operationsModule(JSON.parse(read(document)) as Parameters<typeof operationsModule>[0]);
      assert.equal(tokens(read(module)), tokens(made), "run npx node scripts/api-types.ts");
    }
  });
});

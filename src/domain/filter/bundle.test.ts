import assert from "node:assert/strict";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

/** Of it 46 KB are RE2's. */
const mostKilobytes = 66;

test("what an editor needs can be bundled for a browser, and is small", async () => {
  const names = "parseFilter, formatFilterError, complete, tokensOf, objectFields, listedFields, paramFields";
  const { outputFiles, metafile } = await build({
    stdin: { contents: `export { ${names} } from "./index.ts";`, resolveDir: import.meta.dirname, loader: "ts" },
    bundle: true,
    format: "esm",
    platform: "browser",
    minify: true,
    write: false,
    metafile: true,
    logLevel: "silent",
  });
  assert.deepEqual(
    Object.keys(metafile.inputs).filter((path) => path.startsWith("node:")),
    [],
  );
  const kilobytes = gzipSync(outputFiles[0]?.contents ?? "", { level: 9 }).length / 1024;
  assert.ok(kilobytes > 10 && kilobytes <= mostKilobytes, `${kilobytes} KB`);
});

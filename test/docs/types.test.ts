/** What docs/lifecycle-events.md says of types, done as it stands there: by the command, in a project that has TypeScript. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { it } from "node:test";
import { fileURLToPath } from "node:url";
import { runServer } from "../support/in-process.ts";
import { blocksOf, codesOf, read, rowsOf, sectionOf } from "../support/markdown.ts";
import { processEnv } from "../support/process-env.ts";

const page = "docs/lifecycle-events.md";
const bin = fileURLToPath(new URL("../../src/cli/bin.js", import.meta.url));
const installed = fileURLToPath(new URL("../../node_modules/typescript", import.meta.url));

it(`${page} writes types, and checks a right and a wrong function`, async () => {
  await using cleanup = new AsyncDisposableStack();
  const server = cleanup.use(await runServer());
  const folder = await mkdtemp(join(tmpdir(), "signalbox-docs-"));
  cleanup.defer(() => rm(folder, { recursive: true, force: true }));
  await mkdir(join(folder, "functions"));
  await mkdir(join(folder, "node_modules"));
  await symlink(installed, join(folder, "node_modules/typescript"));
  const env = { ...processEnv, SIGNALBOX_URL: server.url, SIGNALBOX_TOKEN: server.token };
  const run = (script: string): Promise<string> =>
    new Promise((resolve) => {
      const defined = `npx() { shift; "${process.execPath}" "${bin}" "$@"; }\n`;
      execFile("bash", ["-c", defined + script], { cwd: folder, env }, (_, stdout) => resolve(stdout));
    });
  const blocks = blocksOf(read(page));
  for (const { info, text } of blocks) {
    if (info.startsWith("ts file ")) await writeFile(join(folder, info.replace("ts file ", "")), text);
  }
  const said: string[] = [];
  for (const { text } of blocks.filter(({ info }) => info === "sh types")) said.push(await run(text));
  const [wanted] = blocks.filter(({ info }) => info === "text types");
  assert.equal(said.join(""), wanted?.text.replace(/\n?$/, "\n"));

  const [types, python, schema] = await Promise.all(
    ["functions/events.ts", "signalbox_events.py", "pre-user-create.schema.json"].map((name) =>
      readFile(join(folder, name), "utf8"),
    ),
  );
  const named = rowsOf(sectionOf(read(page), "### Types of events")).flatMap(([cell = ""]) => codesOf(cell));
  assert.ok(named.length > 15);
  for (const name of named) {
    assert.match(types ?? "", new RegExp(`^export type ${name} = `, "m"));
    assert.match(python ?? "", new RegExp(`^(class ${name}\\(|${name} = )`, "m"));
  }
  assert.ok("PreUserCreateParams" in (JSON.parse(schema ?? "") as { readonly $defs: object }).$defs);
});

/** The TypeScript of docs/clients.md, as one program, against a running server. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { it } from "node:test";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { runServer } from "../support/in-process.ts";
import { blocksOf, read } from "../support/markdown.ts";

const root = pathToFileURL(`${new URL("../../", import.meta.url).pathname}src/client/`);

it("docs/clients.md makes a rule, lists, changes, fails, follows and receives as it says", async () => {
  await using cleanup = new AsyncDisposableStack();
  const server = cleanup.use(await runServer());
  const folder = await mkdtemp(join(tmpdir(), "signalbox-docs-"));
  cleanup.defer(() => rm(folder, { recursive: true, force: true }));
  const blocks = blocksOf(read("docs/clients.md")).filter(({ info }) => info === "ts");
  assert.equal(blocks.length, 6);
  const imports = new Set<string>();
  const body = blocks
    .map(({ text }) => text.replaceAll(/^import .*;\n/gm, (line) => (imports.add(line), "")))
    .join("\n");
  const program = [...imports, body, "server.listen(0, () => server.close());"]
    .join("\n")
    .replaceAll('"signalbox/client/node"', JSON.stringify(new URL("node.ts", root)))
    .replaceAll('"signalbox/client"', JSON.stringify(new URL("index.ts", root)));
  const file = join(folder, "program.ts");
  await writeFile(file, program);
  const env = { ...process.env, SIGNALBOX_URL: server.url, SIGNALBOX_TOKEN: server.token };
  const { stdout } = await promisify(execFile)(process.execPath, [file], { env });
  const [secret, ...problems] = stdout.trim().split("\n");
  assert.match(secret ?? "", /^whsec_/);
  assert.deepEqual(
    problems.map((line) => line.split(":", 1)[0]),
    ["email"],
  );
  const rules = await server.api<{ readonly rules: readonly { readonly enabled: boolean }[] }>(
    "GET",
    "/api/cloud/buckets/photos/notifications/",
  );
  assert.deepEqual(
    rules.rules.map(({ enabled }) => enabled),
    [false],
  );
});

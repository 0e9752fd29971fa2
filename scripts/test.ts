/**
 * Runs test files in lanes: processes that each run one file after another (test/support/lane.ts), as many as there are processors.
 * Arguments are patterns of files; by default all that need nothing but npm. `--lanes=N` says how many lanes, `--seed=N` shuffles the files.
 */
import { createHash } from "node:crypto";
import { chmodSync, existsSync, globSync, mkdirSync, mkdtempSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "node:test";
import { spec } from "node:test/reporters";
import { parseArgs } from "node:util";
import { bundledProgram } from "./bundle.ts";

/** What needs programs, or a machine, that npm does not bring, or takes a server of its own. */
const notByDefault = [
  "test/clients/**",
  "test/cluster/chaos/**",
  "test/dashboard/**",
  "test/namespaces/**",
  "test/postgres/**",
  "test/system/**",
  "test/upgrade/**",
];
/** Of memory, for what tests write: what they keep on a disk is seconds of waiting for it. */
const roomBytes = 8 * 2 ** 30;

/** Files that start processes. They take longest, so they come first: no lane is left with one of them when the others have ended. */
const longest = /^(?:src\/sandbox|test\/(?:attack|cli|crash|docs|package))\/|^test\/library\/(?:documented|orders)\./;

const root = new URL("..", import.meta.url).pathname;
process.chdir(root);
const { values, positionals } = parseArgs({
  options: { lanes: { type: "string" }, seed: { type: "string" } },
  allowPositionals: true,
});
const found =
  positionals.length > 0 ? globSync(positionals) : globSync("{src,test}/**/*.test.ts", { exclude: notByDefault });
const files = inOrder(found, values.seed);
if (files.length === 0) throw new Error(`there are no test files at ${positionals.join(" ")}`);

const folder = mkdtempSync(join(hasRoom("/dev/shm") ? "/dev/shm" : tmpdir(), "sbx-"));
// Sandboxes run as nobody, who has to get through.
chmodSync(folder, 0o711);
const lanes = Math.min(files.length, values.lanes === undefined ? availableParallelism() : Number(values.lanes));
const taken = join(folder, "taken");
mkdirSync(taken);
writeFileSync(join(folder, "files.json"), JSON.stringify(files));
process.env["TMPDIR"] = folder;
process.env["TESTED_PROGRAM"] = await bundledProgram();
process.env["NODE_COMPILE_CACHE"] ??= join(root, "node_modules/.cache/node");

run({
  files: Array.from({ length: lanes }, () => "test/support/lane.ts"),
  argv: [join(folder, "files.json"), taken],
  concurrency: lanes,
})
  .on("test:fail", () => {
    process.exitCode = 1;
  })
  .compose(spec)
  .pipe(process.stdout);

process.on("exit", () => {
  const left = files.filter((_, index) => !existsSync(join(taken, String(index))));
  if (left.length > 0) {
    process.stderr.write(`not run, since all lanes had ended: ${left.join(" ")}\n`);
    process.exitCode = 1;
  }
  rmSync(folder, { recursive: true, force: true });
});

function hasRoom(path: string): boolean {
  if (!existsSync(path)) return false;
  const { bavail, bsize } = statfsSync(path);
  return bavail * bsize >= roomBytes;
}

/** The longest first, and by name, so that a run is like the one before; with a seed in an order of its own. */
function inOrder(all: readonly string[], seed: string | undefined): string[] {
  const keyOf = (file: string): string =>
    seed === undefined
      ? `${longest.test(file) ? 0 : 1} ${file}`
      : createHash("sha256").update(`${seed} ${file}`).digest("hex");
  return all.toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
}

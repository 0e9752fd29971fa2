/**
 * Replaces three nodes of another version by those of these sources, and back again, under load (test/upgrade). The argument is the revision of that
 * version. By default it is the newest tag before this commit; without one, the commit before the newest migration of PostgreSQL came.
 */
import { execFileSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "node:test";
import { spec } from "node:test/reporters";
import { parseArgs } from "node:util";

const root = new URL("..", import.meta.url).pathname;
process.chdir(root);
const { positionals } = parseArgs({ allowPositionals: true });
const revision = positionals[0] ?? versionBefore();
const commit = git("rev-parse", "--verify", `${revision}^{commit}`);
const [subject] = git("log", "-1", "--format=%h %ad %s", "--date=iso", commit).split("\n");
process.stdout.write(`the version before is ${subject}\n`);

const checkout = mkdtempSync(join(tmpdir(), "signalbox-before-"));
process.on("exit", () => rmSync(checkout, { recursive: true, force: true }));
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(1));
// Its functions run as nobody, who has to get through.
chmodSync(checkout, 0o755);
execFileSync("tar", ["-x", "-C", checkout], {
  input: execFileSync("git", ["archive", "--format=tar", commit], { maxBuffer: 2 ** 30 }),
});
if (git("diff", "--name-only", commit, "--", "package-lock.json") !== "") {
  process.stdout.write("its packages are those of this version, and not the ones of its own package-lock.json\n");
}
symlinkSync(join(root, "node_modules"), join(checkout, "node_modules"));

process.env["UPGRADE_FROM"] = checkout;
process.env["NODE_COMPILE_CACHE"] ??= join(root, "node_modules/.cache/node");
run({ files: ["test/upgrade/upgrade.test.ts"], concurrency: 1 })
  .on("test:fail", () => {
    process.exitCode = 1;
  })
  .compose(spec)
  .pipe(process.stdout);

function git(...args: readonly string[]): string {
  return execFileSync("git", args, { encoding: "utf8", maxBuffer: 2 ** 20 }).trim();
}

function versionBefore(): string {
  const [tag] = git("tag", "--sort=-creatordate", "--merged", "HEAD").split("\n").filter(Boolean);
  if (tag !== undefined) return tag;
  const [migration] = git("log", "-1", "--diff-filter=A", "--format=%H", "--", "src/store/migrations/postgres").split(
    "\n",
  );
  return `${migration}^`;
}

import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { cpus, release, type } from "node:os";
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";
import { type Bench, benches } from "./support/benches.ts";
import { type Figure, figureLine, isMet, parseFigure } from "./support/figure.ts";
import { type Measurement, withFigures } from "./support/table.ts";

/**
 * Runs the benches one after the other, each in a process of its own, and writes what they found into docs/performance.md. Wants a machine that
 * does nothing else, and most of an hour.
 *
 *   npm run bench -- [--quick] [deliver latency …]    those only; quick: a smoke test, which writes nothing
 *   npm run bench -- history -- --folder F            with arguments of its own
 *
 * Ends with 1 when a bench failed or found nothing; a goal that was missed is only told.
 */

const [args, given] = halves(process.argv.slice(2));
const { values, positionals } = parseArgs({ args, options: { quick: { type: "boolean" } }, allowPositionals: true });
const quick = values.quick === true;
const root = new URL("..", import.meta.url);
const page = new URL("docs/performance.md", root);
const { scripts } = JSON.parse(readFileSync(new URL("package.json", root), "utf8")) as {
  readonly scripts: Readonly<Record<string, string>>;
};

const unknown = positionals.filter((name) => !benches.some((bench) => bench.name === name));
if (unknown.length > 0)
  throw new Error(`no bench is named ${unknown.join(", ")}; there are ${benches.map(({ name }) => name).join(", ")}`);
const chosen = positionals.length === 0 ? benches : benches.filter(({ name }) => positionals.includes(name));

/** What stands before a `--`, and behind it. */
function halves(all: string[]): readonly [string[], string[] | undefined] {
  const at = all.indexOf("--");
  return at === -1 ? [all, undefined] : [all.slice(0, at), all.slice(at + 1)];
}

/** What it found. Passes on what it prints. */
async function run({ name, full = [], quick: short }: Bench): Promise<readonly Figure[]> {
  const [, , ...argv] = (scripts[`bench:${name}`] ?? "").split(" ");
  if (argv.length === 0) throw new Error(`package.json has no script bench:${name}`);
  console.log(`\n# ${name}`);
  const child = spawn(process.execPath, [...argv, ...(given ?? (quick ? short : full))], {
    cwd: root,
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = once(child, "exit");
  const figures: Figure[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    console.log(line);
    const figure = parseFigure(line);
    if (figure !== undefined) figures.push(figure);
  }
  const [code] = (await ended) as [number | null];
  if (code === 0 && figures.length > 0) return figures;
  console.log(`${name} ${code === 0 ? "found nothing" : "failed"}`);
  process.exitCode = 1;
  return [];
}

function measurement(): Measurement {
  const git = (...args: string[]): string => execFileSync("git", args, { cwd: root, encoding: "utf8" }).trim();
  // The page itself changes with every bench.
  const isClean = git("status", "--porcelain", "--untracked-files=no", "--", ".", ":!docs/performance.md") === "";
  const processors = cpus();
  return {
    machine: `On ${processors.length} × ${processors[0]?.model.trim() ?? "processors"}, ${type()} ${release()}, Node ${process.version}:`,
    commit: `\`${git("rev-parse", "--short", "HEAD")}\`${isClean ? "" : " and changes"}`,
    date: new Date().toISOString().slice(0, 10),
  };
}

const about = measurement();
const all: Figure[] = [];
for (const bench of chosen) {
  const figures = await run(bench);
  all.push(...figures);
  if (!quick && figures.length > 0) {
    // After each, so that a run that is ended early keeps what was found.
    const names = benches.map(({ name }) => name);
    writeFileSync(page, withFigures(readFileSync(page, "utf8"), figures, about, names));
  }
}
console.log("\n# all");
for (const figure of all) console.log(figureLine(figure));
const judged = all.map(isMet).filter((met) => met !== undefined);
console.log(`${judged.filter(Boolean).length} of ${judged.length} goals met`);

/**
 * Format, lint, layers, names and types, beside each other: `npm run check`. What a program says is printed when it ends; the exit
 * code is 1 when one of them was not content.
 */
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const names = [
  "check:format",
  "check:lint",
  "check:layers",
  "check:names",
  "check:types",
  "check:guest",
  "check:dashboard",
] as const;

const root = fileURLToPath(new URL("..", import.meta.url));
const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
  readonly scripts: Readonly<Record<string, string>>;
};
/** As npm would run them: npm itself takes longer than most of them. */
const env = { ...process.env, PATH: `${join(root, "node_modules/.bin")}:${process.env["PATH"] ?? ""}` };

/** Resolves with whether all is well; never rejects. */
async function check(): Promise<boolean> {
  const results = await Promise.all(names.map(checked));
  return results.every(Boolean);
}

function checked(name: string): Promise<boolean> {
  const child = spawn("/bin/sh", ["-c", scripts[name] ?? "exit 1"], {
    cwd: root,
    env,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const said: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (bytes: Buffer) => void said.push(bytes));
  return new Promise((resolve) => {
    child.once("error", (error) => {
      process.stderr.write(`${name}: ${error.message}\n`);
      resolve(false);
    });
    child.once("close", (code) => {
      if (said.length > 0 || code !== 0)
        process.stderr.write(`${name}: exit code ${code}\n${Buffer.concat(said).toString()}`);
      resolve(code === 0);
    });
  });
}

if (import.meta.main && !(await check())) process.exitCode = 1;

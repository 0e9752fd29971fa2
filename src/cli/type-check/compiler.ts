import { spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";

/** The TypeScript of the project that a function is in. Signalbox brings none: who writes functions in it has one, of the version that is wanted. */

/** `module: preserve` came with it. */
const leastVersion = [5, 4] as const;
const install = "npm install --save-dev typescript";

/** @returns the file that runs the compiler. @throws Error with how to install it. */
export async function compilerFor(file: string): Promise<string> {
  const found = locate(file);
  if (found === undefined) {
    throw new Error(`types are checked by the TypeScript of your project, and none is found from ${file}: ${install}`);
  }
  const { version, bin } = JSON.parse(await readFile(found, "utf8")) as {
    readonly version: string;
    readonly bin: Readonly<Record<string, string>>;
  };
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const [leastMajor, leastMinor] = leastVersion;
  if (major < leastMajor || (major === leastMajor && minor < leastMinor)) {
    const least = leastVersion.join(".");
    throw new Error(
      `types are checked by TypeScript ${least} or later, and that of your project is ${version}: ${install}`,
    );
  }
  return join(dirname(found), bin["tsc"] ?? "bin/tsc");
}

function locate(file: string): string | undefined {
  try {
    return createRequire(pathToFileURL(file)).resolve("typescript/package.json");
  } catch {
    return undefined;
  }
}

/** A problem at its place; lines and columns from 1. */
export interface TypeProblem {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly code: string;
  readonly message: string;
}

const placed = /^(.+)\((\d+),(\d+)\): error (TS\d+): (.*)$/;
const mostBytes = 4_194_304;

/** @param folder in which the compiler runs: files are named from there. @throws Error for what is wrong with no file in particular. */
export async function compiled(compiler: string, folder: string): Promise<readonly TypeProblem[]> {
  const said = await outputOf(compiler, folder);
  const problems: TypeProblem[] = [];
  for (const text of said.split(/\r?\n/)) {
    const [, file, line, column, code, message] = placed.exec(text) ?? [];
    if (file !== undefined && code !== undefined && message !== undefined) {
      problems.push({ file: join(folder, file), line: Number(line), column: Number(column), code, message });
      continue;
    }
    const last = problems.at(-1);
    if (last !== undefined && /^\s+\S/.test(text))
      problems[problems.length - 1] = { ...last, message: `${last.message}\n${text}` };
    else if (/^error TS\d+/.test(text)) throw new Error(`TypeScript cannot check this: ${text}`);
  }
  return problems;
}

async function outputOf(compiler: string, folder: string): Promise<string> {
  const args = [compiler, "--project", join(folder, "tsconfig.json"), "--pretty", "false"];
  const child = spawn(process.execPath, args, { cwd: folder, stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  let wrong = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    if (said.length < mostBytes) said += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    if (wrong.length < mostBytes) wrong += text;
  });
  const status = await new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  // It ends with 1 or 2 where it has found something.
  if (status === 0 || (status !== null && status <= 2 && said !== "")) return said;
  throw new Error(`TypeScript ended with ${status}: ${(wrong || said).slice(0, 2_000)}`);
}

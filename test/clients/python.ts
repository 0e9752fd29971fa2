/** The Python that the tests of the Python client run: with the package, and with what its tests need besides. */
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** Where the package is. */
export const packageFolder = fileURLToPath(new URL("../../clients/python/", import.meta.url));

const place = "clients/python/.venv";
const installLine = `python3 -m venv ${place} && ${place}/bin/pip install -e 'clients/python[test]'`;

/** Throws with the line that makes it. `SIGNALBOX_TEST_PYTHON` names another one. */
export function packagePython(): string {
  const python = process.env["SIGNALBOX_TEST_PYTHON"] ?? `${packageFolder}.venv/bin/python`;
  if (!existsSync(python)) throw new Error(`${python} is not there; on Debian with python3-venv: ${installLine}`);
  return python;
}

export interface PythonOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** Where it runs: the folder of the package unless given. */
  readonly folder?: string;
}

/** What a process of Python has of this one's environment, and the package itself, whether it is installed or not. */
export function pythonEnv(env: Readonly<Record<string, string>> = {}): Readonly<Record<string, string>> {
  return {
    PATH: process.env["PATH"] ?? "",
    LANG: "C.UTF-8",
    PYTHONDONTWRITEBYTECODE: "1",
    PYTHONPATH: `${packageFolder}src`,
    ...env,
  };
}

/** Runs Python to its end; what it wrote to standard output. Throws with all that it wrote when it fails. */
export async function python(
  args: readonly string[],
  { env, folder = packageFolder }: PythonOptions = {},
): Promise<string> {
  const child = spawn(packagePython(), args, { cwd: folder, env: pythonEnv(env), stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  let errors = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (output += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (errors += text));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  if (code !== 0) throw new Error(`python ${args.join(" ")} ended with ${code}:\n${errors}${output}`);
  return output;
}

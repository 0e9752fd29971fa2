/** examples/django as a process of its own, to be killed and started again over the same database. */
import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { packagePython, python, pythonEnv } from "./python.ts";

const example = fileURLToPath(new URL("../../examples/django/", import.meta.url));
const script = fileURLToPath(new URL("./django_server.py", import.meta.url));

export interface Platform extends AsyncDisposable {
  readonly url: string;
  /** Whether a request waits at the place where this was told to halt. */
  readonly halted: () => boolean;
  /** Makes a user; status and body of the answer. */
  post(
    path: string,
    body: unknown,
  ): Promise<{ readonly status: number; readonly body: Readonly<Record<string, unknown>> }>;
  kill(): Promise<void>;
}

/** Runs a command of the project, and gives what it wrote. */
export function manage(env: Readonly<Record<string, string>>, ...command: readonly string[]): Promise<string> {
  return python(["manage.py", ...command], { env, folder: example });
}

export async function platform(env: Readonly<Record<string, string>>): Promise<Platform> {
  const child = spawn(packagePython(), [script], { env: pythonEnv(env), stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  let errors = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (errors += text));
  const port = await new Promise<string>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", () => reject(new Error(`the platform ended: ${errors}`)));
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      output += text;
      const listening = /^listening (\d+)$/m.exec(output)?.[1];
      if (listening !== undefined) resolve(listening);
    });
  });
  const url = `http://127.0.0.1:${port}`;
  return {
    url,
    halted: () => output.includes("halted "),
    post: async (path, body) => {
      const answer = await fetch(`${url}${path}`, { method: "POST", body: JSON.stringify(body) });
      const text = await answer.text();
      if (!answer.headers.get("content-type")?.includes("json")) throw new Error(`${answer.status}: ${text}${errors}`);
      return { status: answer.status, body: JSON.parse(text) as Readonly<Record<string, unknown>> };
    },
    kill: () => ended(child),
    [Symbol.asyncDispose]: () => ended(child),
  };
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const closed = new Promise((resolve) => child.once("close", resolve));
  child.kill("SIGKILL");
  await closed;
}

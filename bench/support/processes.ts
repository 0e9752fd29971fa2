import { type ChildProcess, fork, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { benchSettings, benchToken } from "./server.ts";

/** A server in a process of its own. */
export interface Served extends AsyncDisposable {
  readonly port: number;
  /** Seconds of processors that its threads have used; not a number where the system does not tell. */
  cpuSeconds(): number;
}

/** As an operator starts it: `signalbox serve`, with the flags that it sets itself, on free ports. */
export interface ServedSignalbox extends Served {
  /** Of the S3 endpoint. */
  readonly port: number;
  /** Calls the API as the operator; throws on anything but 2xx. */
  readonly api: (method: string, path: string, body?: unknown) => Promise<unknown>;
}

const bin = new URL("../../src/cli/bin.js", import.meta.url).pathname;

export async function servedSignalbox(folder: string): Promise<ServedSignalbox> {
  const child = spawn(process.execPath, [bin, "serve"], {
    env: {
      PATH: process.env["PATH"],
      ...benchSettings(folder),
    },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [, url = "", s3 = ""] = await new Promise<RegExpExecArray>((resolve, reject) => {
    let said = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      said += text;
      const ready = /ready api=(\S+) s3=(\S+)/.exec(said);
      if (ready !== null) resolve(ready);
    });
    child.once("exit", (code) => reject(new Error(`signalbox ended (${code}) before it was ready`)));
  });
  return {
    ...servedBy(child, Number(new URL(s3).port)),
    api: async (method, path, body) => {
      const headers = { authorization: `Bearer ${benchToken}`, "content-type": "application/json" };
      const answer = await fetch(`${url}${path}`, { method, headers, body: JSON.stringify(body) });
      if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
      return answer.json();
    },
  };
}

/** One that tells its parent its port. */
export async function forked(module: URL, ...args: readonly string[]): Promise<Served> {
  const child = fork(module, args);
  const { port } = await new Promise<{ readonly port: number }>((resolve) => {
    child.once("message", (message) => resolve(message as { readonly port: number }));
  });
  return servedBy(child, port);
}

function servedBy(child: ChildProcess, port: number): Served {
  return {
    port,
    cpuSeconds: () => {
      try {
        // Behind the name, which may hold blanks; user and system time are the 14th and 15th field, in hundredths of a second.
        const fields = readFileSync(`/proc/${child.pid}/stat`, "latin1")
          .replace(/^.*\) /s, "")
          .split(" ");
        return (Number(fields[11]) + Number(fields[12])) / 100;
      } catch {
        return Number.NaN;
      }
    },
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        child.once("exit", () => resolve());
        child.kill("SIGKILL");
      }),
  };
}

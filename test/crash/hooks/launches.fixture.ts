/**
 * A process that is killed by itself as it starts a process of functions: at once, while the launcher does not run yet, or when a
 * shell does. That one, which is to watch over the process of functions, is stopped before, so that it finds itself alone.
 */

import { readFileSync } from "node:fs";
import { setImmediate as turn } from "node:timers/promises";
import { systemClock } from "../../../src/clock.ts";
import { parseEgressAllow } from "../../../src/domain/egress.ts";
import { silentLog } from "../../../src/log.ts";
import { workerdSandbox } from "../../../src/sandbox/workerd/sandbox.ts";

const [, , when] = process.argv;

function read(path: string): string {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return "";
  }
}

const children = (pid: string): string[] =>
  read(`/proc/${pid}/task/${pid}/children`)
    .split(" ")
    .filter((child) => child !== "");

/** Those that watch over a process of functions: not what is about to become one, nor those that try out what the system allows. */
const shells = (): string[] =>
  children(String(process.pid))
    .flatMap(children)
    .filter((pid) => /^\/bin\/sh\0-c\0\s*trap /.test(read(`/proc/${pid}/cmdline`)));

const sandbox = await workerdSandbox({ egressAllow: parseEgressAllow([]), clock: systemClock, log: silentLog });
sandbox.warm("default", "pre");
if (when === "shell") {
  while (shells().length === 0) await turn();
  for (const pid of shells()) process.kill(Number(pid), "SIGSTOP");
}
process.kill(process.pid, "SIGKILL");

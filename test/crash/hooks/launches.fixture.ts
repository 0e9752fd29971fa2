/**
 * A process that is killed by itself as it starts a process of functions. The shell that is to watch over that is stopped before, so
 * that it finds itself alone.
 */
import { readFileSync } from "node:fs";
import { systemClock } from "../../../src/clock.ts";
import { silentLog } from "../../../src/log.ts";
import { workerdSandbox } from "../../../src/sandbox/workerd/sandbox.ts";
import { parseEgressAllow } from "../../../src/targets/egress.ts";

const sandbox = await workerdSandbox({ egressAllow: parseEgressAllow([]), clock: systemClock, log: silentLog });
sandbox.warm("default", "pre");
const children = readFileSync(`/proc/self/task/${process.pid}/children`, "latin1").trim().split(" ");
for (const child of children) process.kill(Number(child), "SIGSTOP");
process.kill(process.pid, "SIGKILL");

/** What Linux tells about a process; 0 when it has ended, and on other systems, where there is nothing to read. */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { setPriority } from "node:os";

const read = (path: string): string => {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return "";
  }
};

/** Whether it runs no more, although its parent may not have taken notice. `false` where there is nothing to read. */
export function hasEnded(pid: number): boolean {
  const state = read(`/proc/${pid}/stat`).split(") ").at(-1)?.[0];
  return state === undefined ? read("/proc/self/stat") !== "" : state === "Z" || state === "X";
}

/** Resident bytes. */
export function memoryBytes(pid: number): number {
  return Number(/^VmRSS:\s+(\d+)/m.exec(read(`/proc/${pid}/status`))?.[1] ?? 0) * 1_024;
}

/** Milliseconds that all threads of a process have computed, in steps of 10. */
export function cpuMs(pid: number): number {
  // The second field is a name in parentheses, which may hold spaces and more of those.
  const fields = read(`/proc/${pid}/stat`).split(") ").at(-1)?.split(" ");
  return (Number(fields?.[11] ?? 0) + Number(fields?.[12] ?? 0)) * 10;
}

/**
 * Lets others go first. Linux counts niceness by thread, and where sessions are scheduled as groups (`autogroup`), by session
 * as well: all of these, as far as this system has them, and 19 at the most. Where only root may take niceness back, it stays.
 */
export function makeNice(pid: number, wanted: number): void {
  const nice = Math.min(wanted, 19);
  const attempt = (act: () => void): void => {
    try {
      act();
    } catch {
      // It has ended, or this system does not have it.
    }
  };
  attempt(() => setPriority(pid, nice));
  attempt(() => {
    for (const thread of readdirSync(`/proc/${pid}/task`)) setPriority(Number(thread), nice);
  });
  attempt(() => writeFileSync(`/proc/${pid}/autogroup`, String(nice)));
}

/** What a demo says that happened must have happened: otherwise it ends with exit code 1, and says what did not. */
import { setTimeout as wait } from "node:timers/promises";
import { bad, good } from "./story.ts";

export const stopSignals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

export interface Telling {
  readonly check: (holds: boolean, what: string) => void;
  readonly until: (what: string, isSo: () => boolean | Promise<boolean>) => Promise<void>;
}

interface Teller extends Telling {
  /**
   * Tells it to its end, or until a signal comes, and sets the exit code.
   * @param isKept whether signals are not for this any more. Default: never
   */
  readonly tell: (demo: () => Promise<void>, isKept?: () => boolean) => Promise<void>;
}

/** @param patienceMs for each thing that is waited for: far beyond what it takes */
export function telling(patienceMs: number): Teller {
  const problems: string[] = [];
  return {
    check: (holds, what) => {
      if (!holds) problems.push(what);
    },
    until: async (what, isSo) => {
      const endMs = Date.now() + patienceMs;
      while (!(await isSo())) {
        if (Date.now() > endMs) throw new Error(`waited ${patienceMs / 1000} s in vain for ${what}`);
        await wait(20);
      }
    },
    tell: async (demo, isKept = () => false) => {
      const interrupted = new Promise<never>((_resolve, reject) => {
        for (const signal of stopSignals) process.once(signal, () => isKept() || reject(new Error("interrupted")));
      });
      try {
        await Promise.race([demo(), interrupted]);
      } catch (error) {
        problems.push(error instanceof Error ? error.message : String(error));
      }
      for (const problem of problems) console.error(`\n${bad("✖")} ${problem}`);
      if (problems.length === 0) console.log(`\n${good("✔")} everything happened as told`);
      process.exitCode = problems.length === 0 ? 0 : 1;
    },
  };
}

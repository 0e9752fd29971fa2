import { invalidField } from "../../src/errors.ts";
import { serve } from "../../src/offload/serve.ts";

/** A thread whose task does what a test asks of it. */
serve({ checkAttributeSchema: ({ schema }: { readonly schema: AskedOfThread }) => granted(schema) });

export type AskedOfThread =
  | { readonly say: string }
  /** Adds one to the first cell, and then waits until the second is set, without giving way. */
  | { readonly hold: SharedArrayBuffer }
  | { readonly spend: number }
  | { readonly refuse: string }
  | { readonly hoard: true }
  | { readonly exit: true };

function granted(asked: AskedOfThread): readonly { readonly path: string; readonly message: string }[] {
  if ("hold" in asked) {
    const cells = new Int32Array(asked.hold);
    Atomics.add(cells, 0, 1);
    Atomics.notify(cells, 0);
    Atomics.wait(cells, 1, 0);
  }
  if ("spend" in asked) spend(asked.spend);
  if ("refuse" in asked) throw invalidField("schema", asked.refuse);
  if ("hoard" in asked) hoard();
  if ("exit" in asked) process.exit(3);
  return [{ path: "", message: "say" in asked ? asked.say : "done" }];
}

/** Milliseconds of this thread's share of the processor. */
function spend(ms: number): void {
  const before = process.threadCpuUsage();
  const spentMs = (): number => {
    for (let turns = 0; turns < 100_000; turns += 1);
    const { user, system } = process.threadCpuUsage(before);
    return (user + system) / 1_000;
  };
  while (spentMs() < ms);
}

function hoard(): never {
  for (const kept: number[][] = []; ; ) kept.push(Array.from({ length: 100_000 }, (_, index) => index + kept.length));
}

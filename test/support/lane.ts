/**
 * Runs test files one after another in this process, each as a suite of its name, until none is left. Other lanes take from the same list: what a
 * lane takes, it marks with an empty file in a folder that they share. So the modules are loaded once for many files, and no
 * lane ends long before the others.
 */
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, describe } from "node:test";
import { shareHeap, watchFile } from "./stalls.ts";

const [list = "", taken = ""] = process.argv.slice(2);
const files = JSON.parse(readFileSync(list, "utf8")) as readonly string[];

shareHeap();
// A test may wait for a thread, or a timer, that would not keep a process alive: with a server it does.
const alive = setInterval(() => {}, 2 ** 30);
for (const [index, file] of files.entries()) {
  if (!isMine(index)) continue;
  await describe(file, async () => {
    const verdict = watchFile(file);
    await import(new URL(`../../${file}`, import.meta.url).href);
    after(() => {
      const stalls = verdict();
      assert.ok(stalls === undefined, stalls);
    });
  });
}
clearInterval(alive);

function isMine(index: number): boolean {
  try {
    writeFileSync(join(taken, String(index)), "", { flag: "wx" });
    return true;
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw thrown;
  }
}

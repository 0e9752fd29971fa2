import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { blocksOf, read } from "../support/markdown.ts";
import { processEnv } from "../support/process-env.ts";

/** A line without what differs from run to run. */
function unvaried(line: string): string {
  return line
    .replace(/[0-9a-f]{8}-[0-9a-f-]{27}-\d{3}/g, "#")
    .replace(/[0-9a-f]{16}/g, "#")
    .replace(/\d+(\.\d+)? (ms|s)\b/g, "#");
}

const root = new URL("../../", import.meta.url).pathname;

interface Ended {
  readonly code: number | null;
  readonly said: string;
  readonly complained: string;
}

/** Runs what `npm run demo` runs. */
async function demo(env: Readonly<Record<string, string>>): Promise<Ended> {
  const child = spawn(process.execPath, ["examples/demo/main.ts"], {
    cwd: root,
    env: { ...processEnv, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  let complained = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (said += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (complained += text));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  return { code, said, complained };
}

describe("npm run demo", () => {
  it("tells what happened, without colours when nobody looks, and cleans up", async () => {
    const folder = await mkdtemp(join(tmpdir(), "signalbox-test-"));
    try {
      const { code, said, complained } = await demo({ TMPDIR: folder });
      assert.equal(code, 0, complained + said);
      assert.equal(complained, "");
      const lines = [
        /PUT {5}images\/cat\.jpg/,
        /images {3}created images\/dog\.jpg {2}500 ✔ signature seq [0-9a-f]{16}\n/,
        /images {3}created images\/dog\.jpg {2}200 ✔ signature seq [0-9a-f]{16} {2}attempt 2, same webhook-id\n/,
        /cleaner {2}deleted notes\/todo\.txt/,
        /images\/dog\.jpg was answered with 500 and came again after \d+ ms/,
        /images {3}created notes\/todo\.txt {2}key REGEXP "\^images" is false: key is "notes\/todo\.txt"/,
        /images {3}created images\/dog\.jpg {2}delivered 2 attempts/,
        /5 events accepted, 5 deliveries acknowledged, 6 attempts, 0 dead letters/,
        /✔ everything happened as told\n$/,
      ];
      for (const line of lines) assert.match(said, line);
      const told = new Set(said.split("\n").map(unvaried));
      const transcript = blocksOf(read("README.md")).find(({ info }) => info === "text");
      for (const line of transcript?.text.split("\n") ?? []) {
        assert.ok(told.has(unvaried(line)) || line.trim() === "…", `the README has a line that was not said: ${line}`);
      }
      assert.ok(!said.includes("\u001b"), "no colours in a pipe");
      assert.deepEqual(await readdir(folder), []);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });

  it("ends with exit code 1 and the reason when it cannot", async () => {
    const { code, complained } = await demo({ TMPDIR: "/nowhere" });
    assert.equal(code, 1);
    assert.match(complained, /✖ ENOENT/);
  });
});

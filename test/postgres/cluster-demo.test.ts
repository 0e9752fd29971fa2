import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { it } from "node:test";
import { processEnv } from "../support/process-env.ts";

const root = new URL("../../", import.meta.url).pathname;

it("npm run demo:cluster tells how two nodes go on with what a third had accepted", async () => {
  const child = spawn(process.execPath, ["scripts/cluster-demo.ts"], {
    cwd: root,
    env: processEnv,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  let complained = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (said += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (complained += text));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once("error", reject).once("close", resolve);
  });
  assert.equal(code, 0, complained + said);
  const lines = [
    /ada {4}holds 2[012] of 64 parts/,
    /PUT {4}ben\/… {4}10 objects, acknowledged by ben/,
    /ben {4}kill -9/,
    /10 webhooks of what ben had accepted came from the others, \d+\.\d s later/,
    /cleo {3}holds 32 of 64 parts/,
    /30 events accepted, 30 arrived, none lost/,
    /✔ everything happened as told\n$/,
  ];
  for (const line of lines) assert.match(said, line);
});

/** `npm start` as a supervisor and as a terminal end it: no server is left behind. */
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { processEnv } from "../support/process-env.ts";
import { until } from "../support/until.ts";

const repository = new URL("../../", import.meta.url).pathname;
const root = mkdtempSync(join(tmpdir(), "signalbox-npm-"));
after(() => rmSync(root, { recursive: true, force: true }));

interface Started {
  readonly child: ChildProcess;
  readonly url: string;
  readonly ended: Promise<unknown[]>;
}

async function started(folder: string, ...command: readonly [string, ...string[]]): Promise<Started> {
  const [program, ...args] = command;
  const env = {
    ...processEnv,
    HOME: root,
    npm_config_update_notifier: "false",
    SIGNALBOX_DATA: join(root, folder),
    SIGNALBOX_PORT: "0",
    SIGNALBOX_S3_PORT: "0",
  };
  const child = spawn(program, args, { cwd: repository, env, stdio: ["ignore", "pipe", "inherit"] });
  const ended = once(child, "exit");
  let out = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    out += text;
  });
  await until("it is ready", () => /ready api=(\S+)/.test(out));
  return { child, ended, url: /ready api=(\S+)/.exec(out)?.[1] ?? "" };
}

function isGone(url: string): Promise<boolean> {
  return fetch(`${url}/healthz`).then(
    () => false,
    () => true,
  );
}

describe("npm start", () => {
  it("ends with SIGTERM to npm, the server first", async () => {
    const { child, ended, url } = await started("terminated", "npm", "start");
    child.kill("SIGTERM");
    await ended;
    assert.ok(await isGone(url), "no orphan answers");
  });

  it("ends with its terminal", async () => {
    // `script` holds the terminal; when it is gone, so is that.
    const { child, ended, url } = await started("hung-up", "script", "-qfc", "exec npm start", "/dev/null");
    child.kill("SIGKILL");
    await ended;
    await until("the server is gone", () => isGone(url));
    // In a folder of its own: what does not listen any more may still be ending.
    const again = await started("told", process.execPath, "src/cli/bin.js", "serve");
    again.child.kill("SIGHUP");
    assert.deepEqual(await again.ended, [0, null], "gracefully");
  });
});

/** A server whose log is not read, or cannot be written, serves on and ends. */
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdtempSync, openSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { GetObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { processEnv } from "../support/process-env.ts";
import { credentials } from "../support/server-process.ts";

const bin = new URL("../../src/cli/bin.js", import.meta.url).pathname;
const root = mkdtempSync(join(tmpdir(), "signalbox-log-reader-"));
after(() => rmSync(root, { recursive: true, force: true }));

interface Started {
  readonly child: ChildProcess;
  readonly s3Url: string;
  readonly ended: Promise<unknown[]>;
}

/** @param stderr where the log goes. */
async function started(folder: string, stderr: number | "pipe"): Promise<Started> {
  const env = {
    ...processEnv,
    SIGNALBOX_DATA: join(root, folder),
    SIGNALBOX_LOG_LEVEL: "debug",
    SIGNALBOX_S3_ACCESS_KEY_ID: credentials.accessKeyId,
    SIGNALBOX_S3_SECRET_ACCESS_KEY: credentials.secretAccessKey,
  };
  const argv = [bin, "serve", "--port", "0", "--s3-port", "0"];
  const child = spawn(process.execPath, argv, { env, stdio: ["ignore", "pipe", stderr] });
  const ended = once(child, "exit");
  let out = "";
  const s3Url = await new Promise<string>((resolve, reject) => {
    child.stdout?.setEncoding("utf8").on("data", (text: string) => {
      out += text;
      const [, url] = /ready api=\S+ s3=(\S+)/.exec(out) ?? [];
      if (url !== undefined) resolve(url);
    });
    void ended.then(() => reject(new Error(`it ended: ${out}`)));
  });
  return { child, s3Url, ended };
}

describe("a server", () => {
  it("ends in order when its log cannot be written, as that of a terminal that is gone", async () => {
    const full = openSync("/dev/full", "w");
    const { child, s3Url, ended } = await started("full", full);
    closeSync(full);
    assert.equal((await fetch(`${s3Url}/photos`)).status, 403);
    child.kill("SIGTERM");
    assert.deepEqual(await ended, [0, null]);
  });

  it("serves on while nobody reads its log, and ends", async () => {
    const { child, s3Url, ended } = await started("unread", "pipe");
    const s3 = new S3Client({
      endpoint: s3Url,
      region: "us-east-1",
      forcePathStyle: true,
      credentials,
      maxAttempts: 1,
    });
    // More than a pipe or a socket holds, in lines of a thousand bytes each.
    for (let at = 0; at < 600; at += 1) {
      const Key = String(at).padStart(1_000, "0");
      await assert.rejects(s3.send(new GetObjectCommand({ Bucket: "photos", Key })), { name: "NoSuchBucket" });
    }
    s3.destroy();
    child.kill("SIGTERM");
    assert.deepEqual(await ended, [null, "SIGKILL"], "the system would let it wait for its reader");
  });
});

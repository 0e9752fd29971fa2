/** A backup is made while a server works, cut off at any moment, and restored: what it refers to is there, and is what was written. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createHash, randomInt } from "node:crypto";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import {
  CreateBucketCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
} from "@aws-sdk/client-s3";
import { processEnv } from "../support/process-env.ts";
import { type ServerProcess, serverProcess } from "../support/server-process.ts";

const root = mkdtempSync(join(tmpdir(), "signalbox-backup-"));
const bin = new URL("../../src/cli/bin.js", import.meta.url).pathname;
const Bucket = "backed-up";
after(() => rmSync(root, { recursive: true, force: true }));

let folders = 0;
const fresh = (): string => join(root, `folder-${folders++}`);

function run(
  args: readonly string[],
  killAfterMs?: number,
): Promise<{ readonly code: number | null; readonly said: string }> {
  const child = spawn(process.execPath, [bin, ...args], { env: processEnv, stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text: string) => (said += text));
  if (killAfterMs !== undefined) setTimeout(() => child.kill("SIGKILL"), killAfterMs);
  return new Promise((resolve) => child.once("close", (code) => resolve({ code, said })));
}

/** Bytes that say by themselves whether they are whole. */
function body(text: string): Buffer {
  const digest = createHash("sha256").update(text).digest("hex");
  return Buffer.from(`${digest} ${text}`);
}

async function put({ s3 }: ServerProcess, Key: string, text: string): Promise<void> {
  await s3.send(new PutObjectCommand({ Bucket, Key, Body: body(text) }));
}

/** Overwrites and deletes until it is told to stop, so that blobs go all the time. */
function churn(server: ServerProcess): () => Promise<number> {
  const stopped = new AbortController();
  let rounds = 0;
  const one = async (worker: number): Promise<void> => {
    while (!stopped.signal.aborted) {
      const Key = `churn/${worker}/${randomInt(6)}`;
      if (randomInt(4) === 0) await server.s3.send(new DeleteObjectCommand({ Bucket, Key }));
      else await put(server, Key, `${Key} ${"x".repeat(randomInt(5_000))} ${rounds}`);
      rounds += 1;
    }
  };
  const workers = Promise.all([0, 1, 2].map(one));
  // A test that has failed stops its server first.
  workers.catch(() => {});
  return async () => {
    stopped.abort();
    await workers;
    return rounds;
  };
}

/** Every object that a server on the folder lists, read whole. */
async function readAll(folder: string): Promise<Set<string>> {
  await using server = await serverProcess({ folder });
  const { Contents = [] } = await server.s3.send(new ListObjectsV2Command({ Bucket }));
  for (const { Key } of Contents) {
    const { Body } = await server.s3.send(new GetObjectCommand({ Bucket, Key }));
    const text = (await Body?.transformToString()) ?? "";
    assert.ok(body(text.slice(65)).equals(Buffer.from(text)), Key);
  }
  assert.doesNotMatch(server.log, /"level":50/, "a start finds nothing wrong");
  assert.equal(await server.stop(), 0);
  return new Set(Contents.map(({ Key }) => Key ?? ""));
}

const source = fresh();
const kept = ["kept/a", "kept/b", "kept/c"];
/** Of the folder at rest. */
const backup = fresh();

before(async () => {
  {
    await using server = await serverProcess({ folder: source });
    await server.s3.send(new CreateBucketCommand({ Bucket }));
    for (const key of kept) await put(server, key, key);
    await server.kill();
  }
  const made = await run(["backup", backup, source, "--with-key"]);
  assert.equal(made.code, 0, made.said);
});

describe("signalbox backup", () => {
  it("copies a folder while a server overwrites and deletes in it, and brings it up to date later", async () => {
    const [folder, target] = [fresh(), fresh()];
    cpSync(source, folder, { recursive: true });
    await using server = await serverProcess({ folder });
    const stop = churn(server);
    // Cut off at some moments first: whatever it leaves, the next one goes on from there.
    for (let round = 0; round < 4; round++) await run(["backup", target, folder], randomInt(300, 1_500));
    // On a fast disk one of them may have ended, and what it made lacks nothing but the key.
    const half = await run(["restore", target, fresh()]);
    if (half.code !== 0) assert.match(half.said, /no finished backup|there is no folder|the key .* is missing/);
    const first = await run(["backup", target, folder]);
    assert.equal(first.code, 0, first.said);
    assert.match(first.said, /is a sound backup .*\n.*the key is not in it: keep a copy of /);
    await put(server, "later", "later");
    const second = await run(["backup", target, folder, "--with-key"]);
    assert.equal(second.code, 0, second.said);
    assert.ok((await stop()) > 0);
    const copied = /(\d+) blobs, (\d+) of them copied now/.exec(second.said)?.slice(1).map(Number) ?? [];
    assert.ok((copied[1] ?? 0) <= (copied[0] ?? 0) - kept.length, "what was there is not copied again");
    assert.ok(!existsSync(join(folder, "backup.hold")));
    const restored = fresh();
    const done = await run(["restore", target, restored]);
    assert.equal(done.code, 0, done.said);
    const keys = await readAll(restored);
    for (const key of [...kept, "later"]) assert.ok(keys.has(key), key);
    assert.equal(await server.stop(), 0);
  });

  it("refuses places that hold something else, or lie in one another, and changes nothing there", async () => {
    const other = fresh();
    mkdirSync(other);
    writeFileSync(join(other, "a-letter"), "dear");
    for (const [target, says] of [
      [other, "is no folder of Signalbox"],
      [join(source, "inside"), "lie in one another"],
      [source, "lie in one another"],
    ] as const) {
      const { code, said } = await run(["backup", target, source]);
      assert.equal(code, 1);
      assert.ok(said.includes(says) && said.includes(target), said);
    }
    assert.deepEqual(readdirSync(other), ["a-letter"]);
    const none = await run(["backup", fresh(), join(root, "nothing")]);
    assert.match(none.said, /there is no folder/);
  });
});

describe("signalbox restore", () => {
  it("is cut off by kill -9 at any moment, and made again", async () => {
    const folder = fresh();
    for (let round = 0; round < 5; round++) await run(["restore", backup, folder], randomInt(150, 700));
    if (!existsSync(join(folder, "signalbox.db")) || existsSync(join(folder, "restore.unfinished"))) {
      const { code, said } = await run(["restore", backup, folder]);
      assert.equal(code, 0, said);
    }
    assert.deepEqual(await readAll(folder), new Set(kept));
  });

  it("refuses a folder that is not empty, and names what of the backup is not sound, or that its key is missing", async () => {
    const full = await run(["restore", backup, source]);
    assert.deepEqual([full.code, full.said.includes(`${source} is not empty`)], [1, true], full.said);
    const spoiled = fresh();
    cpSync(backup, spoiled, { recursive: true });
    const [blob = ""] = readdirSync(join(spoiled, "blobs"), { recursive: true, encoding: "utf8" }).filter((name) =>
      /[\da-f]{40}$/.test(name),
    );
    truncateSync(join(spoiled, "blobs", blob), 3);
    const folder = fresh();
    const unsound = await run(["restore", spoiled, folder]);
    assert.equal(unsound.code, 1);
    assert.ok(unsound.said.includes("not sound") && unsound.said.includes(blob.slice(-40)), unsound.said);
    assert.ok(!existsSync(join(folder, "signalbox.db")), "no server starts on that");
    const keyless = fresh();
    cpSync(backup, keyless, { recursive: true });
    rmSync(join(keyless, "secret.key"));
    const without = await run(["restore", keyless, fresh()]);
    assert.equal(without.code, 1);
    assert.match(without.said, /secret\.key is missing/);
  });
});

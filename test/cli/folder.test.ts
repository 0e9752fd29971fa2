/** `signalbox check` and `signalbox adopt` on folders that a server left. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { CreateBucketCommand, GetObjectCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { processEnv } from "../support/process-env.ts";
import { serverProcess } from "../support/server-process.ts";
import { until } from "../support/until.ts";

const root = mkdtempSync(join(tmpdir(), "signalbox-check-"));
const sound = join(root, "sound");
const Bucket = "checked";
const bin = new URL("../../src/cli/bin.js", import.meta.url).pathname;

after(() => rmSync(root, { recursive: true, force: true }));

before(async () => {
  await using server = await serverProcess({ folder: sound });
  await server.s3.send(new CreateBucketCommand({ Bucket }));
  for (const Key of ["a", "b"])
    await server.s3.send(new PutObjectCommand({ Bucket, Key, Body: `the bytes of ${Key}` }));
  await server.kill();
});

function copy(name: string): string {
  const folder = join(root, name);
  cpSync(sound, folder, { recursive: true });
  return folder;
}

function run(...args: readonly string[]): Promise<{ readonly code: number | null; readonly said: string }> {
  const child = spawn(process.execPath, [bin, ...args], { env: processEnv, stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text: string) => (said += text));
  return new Promise((resolve) => child.once("close", (code) => resolve({ code, said })));
}

/** The file of some blob. */
function aBlob(folder: string): string {
  const files = readdirSync(join(folder, "blobs"), { recursive: true, encoding: "utf8" });
  const [blob = ""] = files.filter((file) => /^[\da-f]{2}\/[\da-f]{40}$/.test(file));
  return join(folder, "blobs", blob);
}

describe("signalbox check", () => {
  it("finds nothing wrong with what a killed server left, and changes nothing in it", async () => {
    const folder = copy("fine");
    const { code, said } = await run("check", folder);
    assert.equal(code, 0, said);
    assert.match(said, /is sound/);
    for (const name of ["signalbox.db", "signalbox.db-wal"]) {
      assert.deepEqual(readFileSync(join(folder, name)), readFileSync(join(sound, name)), name);
    }
  });

  it("tells bytes that are cut, changed or missing, by file and with the remedy", async () => {
    const folder = copy("bytes");
    const blob = aBlob(folder);
    const bytes = readFileSync(blob);
    const spoils: readonly [() => void, string][] = [
      [() => truncateSync(blob, 3), `${blob} of object`],
      [
        () =>
          writeFileSync(
            blob,
            bytes.map((byte) => byte ^ 1),
          ),
        "are not those that its ETag",
      ],
      [() => rmSync(blob), `${blob} of object`],
    ];
    for (const [spoil, what] of spoils) {
      spoil();
      const { code, said } = await run("check", folder, "--json");
      assert.equal(code, 1);
      const { findings } = JSON.parse(said) as { findings: readonly { level: string; what: string; remedy: string }[] };
      assert.equal(findings.length, 1, said);
      assert.equal(findings[0]?.level, "damage");
      assert.ok(findings[0]?.what.includes(what), said);
      assert.match(findings[0]?.remedy ?? "", /put back this file from a backup/);
    }
  });

  it("tells a key that opens nothing, a database that is gone, and a folder that is in use", async () => {
    const folder = copy("others");
    rmSync(join(folder, "secret.key"));
    const keyless = await run("check", folder);
    assert.equal(keyless.code, 1);
    assert.match(keyless.said, /damage: .*secret.key is missing.*put it back/);
    assert.ok(!existsSync(join(folder, "secret.key")));
    rmSync(join(folder, "signalbox.db"));
    const gone = await run("check", folder);
    assert.equal(gone.code, 1);
    assert.match(gone.said, /signalbox.db is missing.*put the database back/);
    const used = copy("used");
    await using _server = await serverProcess({ folder: used });
    assert.match((await run("check", used)).said, /is in use by another Signalbox/);
  });
});

describe("a damaged blob", () => {
  it("is never read as if it were whole", async () => {
    const folder = copy("read");
    truncateSync(aBlob(folder), 3);
    await using server = await serverProcess({ folder });
    const answers = await Promise.allSettled(
      ["a", "b"].map((Key) => server.s3.send(new GetObjectCommand({ Bucket, Key }))),
    );
    assert.equal(answers.filter(({ status }) => status === "rejected").length, 1);
    const refusal = answers.find((answer) => answer.status === "rejected")?.reason as Error;
    assert.match(refusal.message, /missing or cut on the server's disk/);
  });
});

describe("signalbox adopt", () => {
  it("makes a folder of parts that belong together, and lets what the database does not know be swept", async () => {
    const folder = copy("adopted");
    rmSync(join(folder, "blobs", "folder.id"));
    rmSync(join(folder, "secret.check"));
    const stray = join(folder, "blobs", "aa", `aa${"0".repeat(38)}`);
    cpSync(aBlob(folder), stray);
    assert.equal((await run("check", folder)).code, 1);
    const adopted = await run("adopt", folder);
    assert.equal(adopted.code, 0, adopted.said);
    assert.equal((await run("check", folder)).code, 0);
    await using server = await serverProcess({ folder });
    await until("the stray blob is put aside", () => !existsSync(stray));
    assert.ok(readdirSync(join(folder, "blobs", "quarantine"), { recursive: true }).length > 0);
    await server.s3.send(new GetObjectCommand({ Bucket, Key: "a" }));
  });

  it("changes nothing when the key is not that of the folder", async () => {
    const folder = copy("wrong-key");
    writeFileSync(join(folder, "secret.key"), `${Buffer.alloc(32).toString("base64")}\n`);
    const { code, said } = await run("adopt", folder);
    assert.equal(code, 1);
    assert.match(said, /sealed with another key/);
    assert.deepEqual(readFileSync(join(folder, "secret.check")), readFileSync(join(sound, "secret.check")));
  });
});

/** Every refusal to start is one line that names what, where and the remedy, and comes by itself: nothing hangs. */
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import {
  chmodSync,
  chownSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { processEnv } from "../support/process-env.ts";
import { serverProcess } from "../support/server-process.ts";

const bin = new URL("../../src/cli/bin.js", import.meta.url).pathname;
const root = mkdtempSync(join(tmpdir(), "signalbox-refused-"));
const isRoot = process.getuid?.() === 0;
/** Root may do everything, unless the rights are taken from it that make it so. */
const withoutRights = isRoot ? ["setpriv", "--bounding-set=-all", "--inh-caps=-all"] : [];

after(() => rmSync(root, { recursive: true, force: true }));

interface Ended {
  readonly code: number | null;
  readonly said: string;
}

function serve(env: Readonly<Record<string, string>>, before: readonly string[] = []): Promise<Ended> {
  return run(["serve"], env, before);
}

function run(
  command: readonly string[],
  env: Readonly<Record<string, string>> = {},
  before: readonly string[] = [],
): Promise<Ended> {
  const [program = "", ...args] = [...before, process.execPath, bin, ...command];
  const child = spawn(program, args, {
    env: { ...processEnv, SIGNALBOX_PORT: "0", SIGNALBOX_S3_PORT: "0", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    said += text;
  });
  child.stdout.once("data", () => child.kill("SIGKILL"));
  return new Promise((resolve) => child.once("close", (code) => resolve({ code, said })));
}

async function refused(env: Readonly<Record<string, string>>, ...says: readonly (string | RegExp)[]): Promise<void> {
  const { code, said } = await serve(env, withoutRights);
  assert.equal(code, 1, said);
  assert.equal(said.trimEnd().split("\n").length, 1, said);
  for (const part of says) assert.ok(typeof part === "string" ? said.includes(part) : part.test(said), said);
  assert.doesNotMatch(said, /in use by another Signalbox/);
}

/** A folder that a server used. */
const used = join(root, "used");
before(async () => {
  await using server = await serverProcess({ folder: used });
  await server.stop();
});

let made = 0;
function folder(spoil: (folder: string) => void = () => {}): string {
  const path = join(root, `folder-${made++}`);
  mkdirSync(path, { mode: 0o700 });
  spoil(path);
  return path;
}

function usedFolder(spoil: (folder: string) => void): string {
  return folder((path) => {
    cpSync(used, path, { recursive: true });
    spoil(path);
  });
}

describe("a refused start", () => {
  it("names a folder whose file system makes none, at once", { timeout: 60_000 }, async () => {
    await refused({ SIGNALBOX_DATA: "/proc/nope" }, "/proc/nope", "SIGNALBOX_DATA");
    await refused({ SIGNALBOX_DATA: "/proc/nope/deeper/still" }, "/proc/nope", "SIGNALBOX_DATA");
  });

  it("names a folder that may not be used, whose it is, who asks, and how to give it", async () => {
    const uid = String(process.getuid?.());
    const theirs = folder((path) => {
      if (isRoot) chownSync(path, 12_345, 12_345);
      chmodSync(path, isRoot ? 0o700 : 0o500);
    });
    for (const data of [theirs, join(theirs, "below"), join(theirs, "far", "below")]) {
      await refused({ SIGNALBOX_DATA: data }, theirs, `uid ${uid} `, "chown", "SIGNALBOX_DATA", /mode 0[57]00/);
    }
  });

  it("leaves a folder of something else as it is, the places of a backup and of what is restored too", async () => {
    const modes = (path: string): string[] =>
      [".", ...readdirSync(path)].map((name) => `${name} ${(statSync(join(path, name)).mode & 0o777).toString(8)}`);
    const shared = folder((path) => {
      chmodSync(path, 0o755);
      writeFileSync(join(path, "program"), "", { mode: 0o755 });
      mkdirSync(join(path, "share"), { mode: 0o755 });
    });
    const as = modes(shared);
    await refused({ SIGNALBOX_DATA: shared }, `${shared} is no folder of Signalbox`, "(program)", "a folder inside it");
    for (const args of [
      ["backup", shared, used],
      ["restore", used, shared],
    ]) {
      const { code, said } = await run(args);
      assert.equal(code, 1, said);
      assert.ok(said.includes(`${shared} is no`), said);
    }
    assert.deepEqual(modes(shared), as);
  });

  it("names a secret's file that is none, and does not wait for it", { timeout: 60_000 }, async () => {
    const pipe = join(root, "pipe");
    execFileSync("mkfifo", [pipe]);
    for (const path of [pipe, "/dev/zero"]) {
      await refused(
        { SIGNALBOX_DATA: join(root, "none"), SIGNALBOX_SECRET_KEY_FILE: path },
        `SIGNALBOX_SECRET_KEY_FILE: ${path} is no regular file`,
      );
    }
  });

  const lost: readonly [name: string, file: string][] = [
    ["the lock", "lock.db"],
    ["the database", "signalbox.db"],
    ["the key", "secret.key"],
    ["the check of the key", "secret.check"],
    ["the marks of dispatch", "dispatch.marks"],
    ["the identity", "folder.id"],
  ];
  for (const [name, file] of lost) {
    it(`names ${name} where it may not be read`, async () => {
      const data = usedFolder((path) => {
        if (isRoot) chownSync(join(path, file), 12_345, 12_345);
        chmodSync(join(path, file), isRoot ? 0o600 : 0o000);
      });
      await refused({ SIGNALBOX_DATA: data }, join(data, file), `uid ${process.getuid?.()}`, "chown");
    });

    it(`names ${name} where a folder is in its place`, async () => {
      const data = usedFolder((path) => {
        rmSync(join(path, file));
        mkdirSync(join(path, file));
      });
      await refused({ SIGNALBOX_DATA: data }, join(data, file), "is a folder where a file is needed");
    });
  }

  it("names a file where a folder is needed, wherever it is", async () => {
    const file = join(folder(), "file");
    writeFileSync(file, "");
    await refused({ SIGNALBOX_DATA: file }, `${file} is a file`, "SIGNALBOX_DATA");
    await refused({ SIGNALBOX_DATA: join(file, "data") }, `${file} is a file`, "SIGNALBOX_DATA");
    const data = folder((path) => writeFileSync(join(path, "blobs"), ""));
    await refused({ SIGNALBOX_DATA: data }, join(data, "blobs"));
  });

  it("names links that lead nowhere or round, and names that are too long", async () => {
    const at = folder();
    symlinkSync(join(at, "gone"), join(at, "nowhere"));
    symlinkSync(join(at, "round"), join(at, "round"));
    await refused({ SIGNALBOX_DATA: join(at, "nowhere") }, join(at, "nowhere"), "SIGNALBOX_DATA");
    await refused({ SIGNALBOX_DATA: join(at, "round") }, join(at, "round"), "SIGNALBOX_DATA");
    await refused({ SIGNALBOX_DATA: join(at, "x".repeat(300)) }, "too long", "SIGNALBOX_DATA");
  });

  it("names ports and addresses that cannot be had, by their settings", async () => {
    const squatter = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => squatter.once("listening", resolve));
    const address = squatter.address();
    const port = String(typeof address === "object" ? address?.port : 0);
    const data = folder();
    await refused({ SIGNALBOX_DATA: data, SIGNALBOX_PORT: port }, `127.0.0.1:${port}`, "SIGNALBOX_PORT");
    await refused({ SIGNALBOX_DATA: data, SIGNALBOX_S3_PORT: port }, `127.0.0.1:${port}`, "SIGNALBOX_S3_PORT");
    squatter.close();
    await refused({ SIGNALBOX_DATA: data, SIGNALBOX_HOST: "192.0.2.1" }, "has no address 192.0.2.1", "SIGNALBOX_HOST");
    await refused({ SIGNALBOX_DATA: data, SIGNALBOX_HOST: "nobody.invalid" }, "nobody.invalid", "SIGNALBOX_HOST");
  });
});

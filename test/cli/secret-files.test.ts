/** Secrets in files, and whether a server is healthy, as containers ask. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { parseConfig } from "../../src/config/config.ts";
import { SignalboxError } from "../../src/errors.ts";
import { processEnv } from "../support/process-env.ts";
import { serverProcess } from "../support/server-process.ts";

const bin = new URL("../../src/cli/bin.js", import.meta.url).pathname;
const root = mkdtempSync(join(tmpdir(), "signalbox-secrets-"));
after(() => rmSync(root, { recursive: true, force: true }));

function file(name: string, text: string): string {
  const path = join(root, name);
  writeFileSync(path, text);
  return path;
}

function run(
  env: Readonly<Record<string, string>>,
  ...args: readonly string[]
): Promise<{ readonly code: number | null; readonly said: string }> {
  const child = spawn(process.execPath, [bin, ...args], {
    env: { ...processEnv, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text: string) => (said += text));
  return new Promise((resolve) => child.once("close", (code) => resolve({ code, said })));
}

function problemOf(env: Readonly<Record<string, string>>, argv: readonly string[] = []): string {
  try {
    parseConfig(env, argv);
    return "none";
  } catch (thrown) {
    return thrown instanceof SignalboxError ? thrown.message : String(thrown);
  }
}

const key = Buffer.alloc(32, 7).toString("base64");
const secrets = {
  ADMIN_TOKEN: ["adminToken", "operator-token-of-the-tests"],
  S3_SECRET_ACCESS_KEY: ["s3SecretAccessKey", "secret-of-the-tests"],
  SECRET_KEY: ["secretKey", key],
  SMTP_URL: ["smtpUrl", "smtp://user:password@mail.example:587"],
} as const;

describe("a secret in a file", () => {
  for (const [name, [setting, text]] of Object.entries(secrets)) {
    it(`is read for SIGNALBOX_${name}, without its last line break`, () => {
      const id = name === "S3_SECRET_ACCESS_KEY" ? { SIGNALBOX_S3_ACCESS_KEY_ID: "AKTESTS" } : {};
      const path = file(name, `${text}\n`);
      assert.equal(parseConfig({ ...id, [`SIGNALBOX_${name}_FILE`]: path }, [])[setting], text);
      const flag = `--${name.toLowerCase().replaceAll("_", "-")}-file`;
      assert.equal(parseConfig(id, [flag, path])[setting], text);
      assert.equal(parseConfig(id, [`${flag}=${path}`])[setting], text);
      const twice = problemOf({ ...id, [`SIGNALBOX_${name}_FILE`]: path, [`SIGNALBOX_${name}`]: text });
      assert.equal(twice, `SIGNALBOX_${name}_FILE: SIGNALBOX_${name} is set too: give one of the two`);
      assert.equal(
        parseConfig({ ...id, [`SIGNALBOX_${name}`]: text }, [flag, path])[setting],
        text,
        "a flag goes first",
      );
    });
  }

  it("that cannot be read, is empty, or holds what the setting may not be, is named", () => {
    const of = (path: string) => problemOf({ SIGNALBOX_ADMIN_TOKEN_FILE: path });
    assert.equal(of(join(root, "none")), `SIGNALBOX_ADMIN_TOKEN_FILE: there is no file ${join(root, "none")}`);
    mkdirSync(join(root, "folder"));
    assert.match(of(join(root, "folder")), /_FILE: .*folder is a folder: name the file in it$/);
    assert.match(of(file("empty", "\n")), /_FILE: .*empty is empty: write the secret into it$/);
    assert.match(of(file("large", "x".repeat(70_000))), /_FILE: .*large has more than 65536 bytes/);
    const short = of(file("short", "tiny-secret"));
    assert.match(short, /^SIGNALBOX_ADMIN_TOKEN_FILE: the value given is not at least 16 characters$/);
    assert.doesNotMatch(short, /tiny-secret/);
    assert.match(problemOf({ SIGNALBOX_ADMIN_TOKN_FILE: "x" }), /Did you mean SIGNALBOX_ADMIN_TOKEN_FILE\?/);
    assert.match(problemOf({}, ["--port-file", "x"]), /--port-file: there is no such flag/);
  });
});

describe("signalbox health", () => {
  it("is 0 for a server that accepts work, found by its own settings, and 1 with the reason otherwise", async () => {
    const token = file("token", "operator-token-of-the-tests\n");
    const folder = join(root, "data");
    let port = "";
    {
      await using server = await serverProcess({ folder });
      port = new URL(server.url).port;
      assert.deepEqual(await run({ SIGNALBOX_PORT: port }, "health"), { code: 0, said: "Ready\n" });
      assert.deepEqual(await run({ SIGNALBOX_URL: `${server.url}/` }, "health"), { code: 0, said: "Ready\n" });
      const listed = await run({ SIGNALBOX_URL: server.url, SIGNALBOX_TOKEN_FILE: token }, "tenant", "list");
      assert.equal(listed.code, 0, listed.said);
      const other = await run({ SIGNALBOX_URL: server.s3Url }, "health");
      assert.equal(other.code, 1, other.said);
      assert.equal(await server.stop(), 0);
    }
    const gone = await run({ SIGNALBOX_PORT: port }, "health");
    assert.equal(gone.code, 1);
    assert.match(gone.said, new RegExp(`^signalbox: no answer from http://127.0.0.1:${port}: .*ECONNREFUSED`));
  });
});

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { SignalboxError } from "../errors.ts";
import { openVault } from "./secret-key.ts";

async function emptyFolder(): Promise<{ readonly path: string } & AsyncDisposable> {
  const path = await mkdtemp(join(tmpdir(), "signalbox-key-"));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

function isWrongKey(error: unknown): boolean {
  return error instanceof SignalboxError && error.code === "conflict" && error.message.includes("SIGNALBOX_SECRET_KEY");
}

const given = randomBytes(32).toString("base64");

describe("the secret key", () => {
  it("is made at the first start, for its owner's eyes only, and used from then on", async () => {
    await using folder = await emptyFolder();
    const sealed = openVault(folder.path, undefined).seal("a secret");
    assert.equal(openVault(folder.path, undefined).open(sealed), "a secret");
    for (const name of ["secret.key", "secret.check"]) {
      assert.equal((await stat(join(folder.path, name))).mode & 0o777, 0o600, name);
    }
    assert.equal(Buffer.from(await readFile(join(folder.path, "secret.key"), "utf8"), "base64").length, 32);
  });

  it("is the configured one, of which nothing is written", async () => {
    await using folder = await emptyFolder();
    const sealed = openVault(folder.path, given).seal("a secret");
    assert.equal(openVault(folder.path, given).open(sealed), "a secret");
    await assert.rejects(stat(join(folder.path, "secret.key")), { code: "ENOENT" });
    assert.ok(!(await readFile(join(folder.path, "secret.check"), "utf8")).includes(given));
  });

  it("is refused when the folder's secrets were sealed with another, or are sealed with none", async () => {
    await using configured = await emptyFolder();
    openVault(configured.path, given);
    assert.throws(() => openVault(configured.path, randomBytes(32).toString("base64")), isWrongKey);
    assert.throws(() => openVault(configured.path, undefined), isWrongKey);

    await using made = await emptyFolder();
    openVault(made.path, undefined);
    assert.throws(() => openVault(made.path, given), isWrongKey);
    await rm(join(made.path, "secret.key"));
    assert.throws(() => openVault(made.path, undefined), isWrongKey);
  });

  it("is refused when the check value was damaged", async () => {
    await using folder = await emptyFolder();
    openVault(folder.path, given);
    await writeFile(join(folder.path, "secret.check"), "v1.AAAA");
    assert.throws(() => openVault(folder.path, given), isWrongKey);
  });

  it("survives a crash at any step of its making", async () => {
    // Each state that a crash may leave: nothing whole under a final name but what was finished.
    for (const left of [["secret.key.new"], ["secret.key", "secret.check.new"]]) {
      await using folder = await emptyFolder();
      for (const name of left) {
        const text = name.endsWith(".new") ? "half of i" : `${given}\n`;
        await writeFile(join(folder.path, name), text, { mode: 0o644 });
      }
      const sealed = openVault(folder.path, undefined).seal("a secret");
      assert.equal(openVault(folder.path, undefined).open(sealed), "a secret");
      assert.equal((await stat(join(folder.path, "secret.check"))).mode & 0o777, 0o600);
    }
  });
});

import assert from "node:assert/strict";
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { loadProgram, moduleParameters } from "./compiled-program.ts";

const root = mkdtempSync(join(tmpdir(), "signalbox-compiled-"));
after(() => rmSync(root, { recursive: true, force: true }));
let made = 0;

function placed(source: string): { readonly path: string; readonly folder: string; readonly files: () => string[] } {
  const folder = join(root, String(made++));
  mkdirSync(folder);
  const path = join(root, `${made}.cjs`);
  writeFileSync(path, source);
  return { path, folder, files: () => readdirSync(folder).map((name) => join(folder, name)) };
}

const adder = `(function (${moduleParameters}) { exports.add = (a, b) => a + b; exports.at = [__filename, __dirname, typeof require]; })`;

function sum(loaded: { readonly exports: unknown }): unknown {
  return (loaded.exports as { add(a: number, b: number): unknown }).add(2, 3);
}

describe("a program in one file", () => {
  it("is what its source says, and keeps its compiled code, which the next run takes as it is", () => {
    const { path, folder, files } = placed(adder);
    const first = loadProgram(path, folder);
    assert.equal(sum(first), 5);
    assert.deepEqual((first.exports as { at: unknown }).at, [path, root, "function"]);
    first.keep();
    const [file = "", ...others] = files();
    assert.deepEqual(others, []);
    assert.equal(statSync(file).mode & 0o777, 0o600);
    const { mtimeMs, ino } = statSync(file);
    const second = loadProgram(path, folder);
    assert.equal(sum(second), 5);
    second.keep();
    assert.deepEqual([statSync(file).mtimeMs, statSync(file).ino], [mtimeMs, ino], "not written again");
  });

  it("is never that of another source, of the same length too", () => {
    const { path, folder } = placed(adder);
    loadProgram(path, folder).keep();
    writeFileSync(path, adder.replace("a + b", "a * b"));
    const changed = loadProgram(path, folder);
    assert.equal(sum(changed), 6);
    changed.keep();
    assert.equal(sum(loadProgram(path, folder)), 6);
  });

  it("is compiled anew when what was kept is damaged, at any place, or cut off", () => {
    const { path, folder, files } = placed(adder);
    const loaded = loadProgram(path, folder);
    sum(loaded);
    loaded.keep();
    const [file = ""] = files();
    const whole = readFileSync(file);
    for (let at = 0; at < whole.length; at += 7) {
      const damaged = Buffer.from(whole);
      damaged[at] = (damaged[at] ?? 0) ^ 0x10;
      writeFileSync(file, damaged);
      assert.equal(sum(loadProgram(path, folder)), 5);
    }
    for (const length of [0, 5, 12, whole.length - 1]) {
      writeFileSync(file, whole.subarray(0, length));
      assert.equal(sum(loadProgram(path, folder)), 5);
    }
  });

  it("runs without a place to keep anything, and where that cannot be written", () => {
    const { path, folder, files } = placed(adder);
    loadProgram(path, undefined).keep();
    chmodSync(folder, 0o500);
    loadProgram(path, join(folder, "not-there")).keep();
    assert.equal(sum(loadProgram(path, join(folder, "not-there"))), 5);
    assert.deepEqual(files(), []);
  });
});

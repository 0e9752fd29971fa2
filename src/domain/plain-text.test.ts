import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { describe, it } from "node:test";
import { plainText } from "./plain-text.ts";

describe("text for a terminal", () => {
  it("holds nothing that a terminal obeys or that turns the writing round", () => {
    const code = (from: number, to = from): string[] =>
      Array.from({ length: to - from + 1 }, (_, at) => String.fromCodePoint(from + at));
    const bad = [
      code(0, 0x1f),
      code(0x7f, 0x9f),
      code(0x061c),
      code(0x200b),
      code(0x200e, 0x200f),
      code(0x2028, 0x202e),
      code(0x2060),
      code(0x2066, 0x2069),
      code(0xfeff),
      code(0xe0001),
      code(0xe0041),
    ].flat();
    for (const character of bad) {
      const plain = plainText(`a${character}b`);
      assert.match(plain, /^a(?:\\u[0-9a-f]{4}){1,2}b$/, JSON.stringify(plain));
      // In JSON it is still the same text.
      assert.equal(JSON.parse(`"${plain}"`), `a${character}b`);
    }
  });

  it("keeps everything else, and line breaks where lines are many", () => {
    for (const text of ["plain", "Ünï 日本 👩‍👩‍👧 می‌خواهم", "a\u00a0b", "שלום"]) assert.equal(plainText(text), text);
    assert.equal(plainText("a\nb\tc", "many"), "a\nb\\u0009c");
  });
});

describe("the log", () => {
  it("is JSON that means the same and holds nothing that a terminal obeys", () => {
    const key = "\u202egpj.exe \u009b31m \u001b]0;x\u0007 \u2028 plain";
    const script = `
      const { jsonLog } = await import(${JSON.stringify(new URL("../log.ts", import.meta.url).href)});
      jsonLog("info").warn({ key: ${JSON.stringify(key)} }, "a line");`;
    const { stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", script], { encoding: "utf8" });
    assert.equal((JSON.parse(stderr) as { readonly key: string }).key, key);
    assert.doesNotMatch(stderr.trimEnd(), /[\p{Cc}\p{Cf}\p{Zl}]/u);
  });

  it("has lines of a bounded length, whatever is logged", () => {
    const script = `
      const { jsonLog } = await import(${JSON.stringify(new URL("../log.ts", import.meta.url).href)});
      const log = jsonLog("info");
      log.warn({ key: "k".repeat(1e6), status: 200 }, "long");
      log.warn({ list: Array.from({ length: 1e5 }, () => "entry") }, "many");
      log.warn({}, "after");`;
    const { stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", script], { encoding: "utf8" });
    const lines = stderr.trimEnd().split("\n");
    for (const line of lines) assert.ok(line.length <= 32_768);
    const [long, many, last] = lines.map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>);
    assert.deepEqual([String(long?.["key"]).slice(0, 3), long?.["status"], long?.["cut"]], ["kkk", 200, true]);
    assert.deepEqual([many?.["msg"], many?.["list"], many?.["cut"]], ["many", undefined, true]);
    assert.deepEqual([last?.["msg"], last?.["cut"]], ["after", undefined]);
  });
});

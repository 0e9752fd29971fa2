import assert from "node:assert/strict";
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { LineWriter } from "./log-writer.ts";

const folder = mkdtempSync(join(tmpdir(), "signalbox-lines-"));
after(() => rmSync(folder, { recursive: true, force: true }));

const gap = (lines: number): string => `${lines} left out\n`;

describe("lines of a log", () => {
  it("are written whole and in order, those at the end of the process too", async () => {
    const path = join(folder, "all");
    const fd = openSync(path, "w");
    const writer = new LineWriter(fd, gap);
    const lines = Array.from({ length: 1_000 }, (_, at) => `line ${at} ü\n`);
    for (const line of lines.slice(0, 900)) writer.write(line);
    assert.equal(await writer.finish(60_000), true);
    assert.equal(await writer.finish(0), true, "nothing waits");
    writer.write(lines[900] ?? "");
    await writer.finish(60_000);
    for (const line of lines.slice(901)) writer.write(line);
    await writer.finish(60_000);
    writer.finishNow();
    closeSync(fd);
    assert.equal(readFileSync(path, "utf8"), lines.join(""));
  });

  it("are left out when more wait than are kept, and counted", async () => {
    const path = join(folder, "many");
    const fd = openSync(path, "w");
    const writer = new LineWriter(fd, gap);
    const [count, line] = [100, `${"x".repeat(100_000)}\n`];
    for (let at = 0; at < count; at += 1) writer.write(line);
    await writer.finish(60_000);
    writer.write("behind\n");
    await writer.finish(60_000);
    closeSync(fd);
    const written = readFileSync(path, "utf8").split("\n");
    const kept = written.filter((text) => text.startsWith("x")).length;
    assert.ok(kept > 0 && kept < count, `${kept} kept`);
    assert.deepEqual(written.slice(kept), [`${count - kept} left out`, "behind", ""]);
  });

  it("that cannot be written hold up neither what comes after them nor the end", async () => {
    const fd = openSync("/dev/full", "w");
    const writer = new LineWriter(fd, gap);
    writer.write("to a disk that is full\n");
    writer.write("and another\n");
    assert.equal(await writer.finish(60_000), true);
    writer.write("at the end\n");
    writer.finishNow();
    await writer.finish(60_000);
    closeSync(fd);
  });
});

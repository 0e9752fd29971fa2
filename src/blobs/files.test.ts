import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { type BlobsUnderTest, describeBlobs, from, readAll } from "../../test/conformance/blobs.ts";
import { systemClock } from "../clock.ts";
import type { BlobId, FolderBlobs } from "./blobs.ts";
import { fileBlobs } from "./files.ts";
import { FolderSync } from "./folder-sync.ts";

const run = promisify(execFile);
const probe = fileURLToPath(new URL("../../test/support/blobs-probe.ts", import.meta.url));

async function temporary(): Promise<{ folder: string } & AsyncDisposable> {
  const folder = await mkdtemp(join(tmpdir(), "blobs-"));
  return { folder, [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) };
}

async function files(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

async function opened(): Promise<{ readonly blobs: FolderBlobs; reopen(): Promise<FolderBlobs> } & AsyncDisposable> {
  const { folder, [Symbol.asyncDispose]: dispose } = await temporary();
  const blobs = await fileBlobs(folder, systemClock);
  return {
    blobs,
    reopen: async () => {
      await blobs.close();
      return fileBlobs(folder, systemClock);
    },
    [Symbol.asyncDispose]: async () => {
      await blobs.close();
      await dispose();
    },
  };
}

const never = new AbortController().signal;

async function ids(blobs: FolderBlobs, signal = never): Promise<BlobId[]> {
  const all: BlobId[] = [];
  for await (const page of blobs.older(signal)) {
    assert.ok(page.length > 0);
    all.push(...page);
  }
  return all.sort();
}

describeBlobs("blobs as files", async (): Promise<BlobsUnderTest> => {
  const place = await opened();
  return {
    blobs: place.blobs,
    swept: async () => {},
    left: async () => (await ids(await place.reopen())).length,
    [Symbol.asyncDispose]: () => place[Symbol.asyncDispose](),
  };
});

describe("the sweep of blobs as files", () => {
  it("lists what an earlier process left, and never what this one made", async () => {
    await using place = await opened();
    const first = await place.blobs.write(from("a"));
    const second = await place.blobs.write(from("b"));
    assert.deepEqual(await ids(place.blobs), []);
    const next = await place.reopen();
    await next.write(from("c"));
    // A new name of old bytes may not be committed yet, so it is as new as they are old.
    await next.link(first.id);
    assert.deepEqual(await ids(next), [first.id, second.id].sort());
    await next.delete([first.id]);
    assert.deepEqual(await ids(next), [second.id]);
    const gone = new AbortController();
    gone.abort();
    assert.deepEqual(await ids(next, gone.signal), []);
  });

  it("puts aside what is deleted while it is held, and deletes that when it is not", async () => {
    await using place = await opened();
    const { blobs } = place;
    const { id, size } = await blobs.write(from("held"));
    const { id: after } = await blobs.write(from("not held"));
    const aside = async (): Promise<string[]> => {
      const all: string[] = [];
      for await (const page of blobs.quarantined(never)) all.push(...page.map((blob) => blob.id));
      return all;
    };
    const [first, second] = [blobs.hold(), blobs.hold()];
    await blobs.delete([id]);
    assert.deepEqual(await aside(), [id]);
    await first();
    await first();
    assert.deepEqual(await aside(), [id], "another holds it still");
    assert.equal(await readAll(blobs, id, size), "held", "what is asked for after all comes back");
    await blobs.delete([id]);
    await second();
    assert.deepEqual(await aside(), []);
    await blobs.delete([after]);
    assert.deepEqual(await aside(), []);
    assert.equal(await blobs.read(id, { start: 0, end: size - 1 }), undefined);
  });

  it("finds what was put aside by its name", async () => {
    await using place = await opened();
    const { id } = await place.blobs.write(from("here"));
    await place.blobs.quarantine([id]);
    assert.equal((await place.blobs.readSmall(id, { start: 0, end: 3 }))?.toString(), "here");
  });
});

describe("the files of blobs", () => {
  it("lie in sub-folders by their id, readable by their owner only, and share bytes with links", async () => {
    await using place = await temporary();
    const folder = join(place.folder, "deep", "er");
    const blobs = await fileBlobs(folder, systemClock);
    const { id } = await blobs.write(from("bytes"));
    const path = join(folder, id.slice(0, 2), id);
    assert.deepEqual(await files(folder), [path]);
    assert.equal(await readFile(path, "utf8"), "bytes");
    assert.equal((await stat(path)).mode & 0o777, 0o600);
    await blobs.link(id);
    assert.equal((await stat(path)).nlink, 2);
  });

  it("are not mistaken for what else lies there", async () => {
    await using place = await temporary();
    const blobs = await fileBlobs(place.folder, systemClock);
    for (const name of ["00", "lost+found"]) {
      await mkdir(join(place.folder, name));
      await writeFile(join(place.folder, name, "lost+found"), "");
    }
    for await (const page of blobs.older(new AbortController().signal)) assert.deepEqual(page, []);
  });

  it("are gone when the disk has no room for all of one", { skip: process.platform === "win32" }, async () => {
    await using place = await temporary();
    // 10 MiB: `ulimit -f` counts blocks of 512 bytes.
    const limited = ["-c", 'ulimit -f 20480 && exec "$0" "$@"', process.execPath, probe, place.folder, "32"];
    const { stdout } = await run("/bin/sh", limited);
    assert.deepEqual(JSON.parse(stdout), { code: "storage_full" });
    const left = await Promise.all((await files(place.folder)).map(async (path) => (await stat(path)).size));
    assert.deepEqual(left, [4 * 1024 * 1024]);
  });

  it("pass through little memory, however large", async () => {
    await using place = await temporary();
    const { stdout } = await run(process.execPath, [probe, place.folder, "256"]);
    const { size, read, growth } = JSON.parse(stdout) as { size: number; read: number; growth: number };
    assert.deepEqual([size, read], [256 * 1024 * 1024, 256 * 1024 * 1024]);
    assert.ok(growth < 64 * 1024 * 1024, `${growth} bytes more`);
  });
});

describe("FolderSync", () => {
  it("lets one fsync serve all who asked before it began", async () => {
    const begun: { folder: string; end: () => void }[] = [];
    const syncs = new FolderSync((folder) => new Promise((end) => begun.push({ folder, end })));
    const done: number[] = [];
    const ask = (who: number, folder = "a"): Promise<unknown> => syncs.sync(folder).then(() => done.push(who));
    const first = ask(1);
    const rest = Promise.all([ask(2), ask(3), ask(4)]);
    const other = ask(5, "b");
    assert.deepEqual(
      begun.map(({ folder }) => folder),
      ["a", "b"],
    );
    begun[0]?.end();
    begun[1]?.end();
    await Promise.all([first, other]);
    assert.deepEqual(new Set(done), new Set([1, 5]));
    assert.equal(begun.length, 3);
    begun[2]?.end();
    await rest;
    assert.equal(begun.length, 3);
    await syncs.idle();
  });

  it("fails for those it failed, and tries again for the next", async () => {
    let runs = 0;
    const syncs = new FolderSync(async () => {
      runs += 1;
      if (runs === 1) throw new Error("I/O error");
    });
    const [first, second] = await Promise.allSettled([syncs.sync("a"), syncs.sync("a")]);
    assert.deepEqual([first.status, second.status], ["rejected", "fulfilled"]);
    await syncs.sync("a");
    assert.equal(runs, 3);
  });
});

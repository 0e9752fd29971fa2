/**
 * Files of a data folder are lost, cut, exchanged, or come from an older copy; each start with that is killed; then what was there is put
 * back. Whatever was done: no byte is gone that the folder as it was refers to, and a refusal says which file it is about.
 */
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
import { basename, join } from "node:path";
import { after, before, describe, it } from "node:test";
import { CreateBucketCommand, GetObjectCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { processEnv } from "../support/process-env.ts";
import { refusedServer, type ServerProcess, serverProcess } from "../support/server-process.ts";

const Bucket = "kept";
const root = mkdtempSync(join(tmpdir(), "signalbox-folder-"));
/** A folder as a killed server left it, an older copy of it, and one of another installation. */
const [now, older, other] = ["now", "older", "other"].map((name) => join(root, name)) as [string, string, string];

after(() => rmSync(root, { recursive: true, force: true }));

async function put(server: ServerProcess, from: number, to: number): Promise<void> {
  for (let n = from; n < to; n++) {
    await server.s3.send(new PutObjectCommand({ Bucket, Key: `k${n}`, Body: `bytes of ${n}` }));
  }
}

const objects = 30;

before(async () => {
  {
    await using server = await serverProcess({ folder: now });
    await server.s3.send(new CreateBucketCommand({ Bucket }));
    await put(server, 0, 10);
    await server.stop();
  }
  cpSync(now, older, { recursive: true });
  {
    await using server = await serverProcess({ folder: now });
    await put(server, 10, 20);
    await server.kill();
  }
  {
    await using server = await serverProcess({ folder: now });
    await put(server, 20, objects);
    await server.kill();
  }
  await using server = await serverProcess({ folder: other });
  await server.s3.send(new CreateBucketCommand({ Bucket }));
  await put(server, 0, 3);
  await server.kill();
});

/** Opens it in a process of its own that is killed then, and tells what that said. */
function opened(folder: string): Promise<string> {
  const fixture = new URL("./opens.fixture.ts", import.meta.url).pathname;
  const child = spawn(process.execPath, [fixture, folder], { env: processEnv, stdio: ["ignore", "ignore", "pipe"] });
  let said = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (said += text));
  return new Promise((resolve) => child.once("close", () => resolve(said)));
}

function blobNames(folder: string): Set<string> {
  const files = readdirSync(join(folder, "blobs"), { recursive: true, encoding: "utf8" });
  return new Set(files.map((file) => basename(file)).filter((name) => /^[\da-f]{40}$/.test(name)));
}

/** Everything as it was, but for the blobs, which stay as the trial left them. */
function putBack(folder: string): void {
  for (const name of readdirSync(now)) {
    if (name !== "blobs") cpSync(join(now, name), join(folder, name), { recursive: true });
  }
  for (const name of readdirSync(folder))
    if (!existsSync(join(now, name))) rmSync(join(folder, name), { recursive: true });
  for (const name of ["folder.id", "commits.mark"]) cpSync(join(now, "blobs", name), join(folder, "blobs", name));
}

interface Cell {
  readonly name: string;
  readonly spoil: (folder: string) => void;
  /** What the start says: that it refuses, which file it is about and what to do, or that it is known. */
  readonly says: RegExp;
}

const remove =
  (...names: readonly string[]) =>
  (folder: string): void => {
    for (const name of names) rmSync(join(folder, name), { recursive: true });
  };
const cut =
  (name: string, part: number) =>
  (folder: string): void => {
    const path = join(folder, name);
    truncateSync(path, Math.floor(readFileSync(path).length * part));
  };
const exchange =
  (from: string, ...names: readonly string[]) =>
  (folder: string): void => {
    for (const name of names) {
      rmSync(join(folder, name), { recursive: true, force: true });
      if (existsSync(join(from, name))) cpSync(join(from, name), join(folder, name), { recursive: true });
    }
  };
const damage = (folder: string): void => {
  const path = join(folder, "signalbox.db");
  const bytes = readFileSync(path);
  bytes.fill(0x5a, 0, 4096);
  writeFileSync(path, bytes);
};
const damageLock = (folder: string): void => writeFileSync(join(folder, "lock.db"), "no database at all ".repeat(50));
const all = ["signalbox.db", "signalbox.db-wal", "signalbox.db-shm"] as const;

const cells: readonly Cell[] = [
  { name: "the lock damaged", spoil: damageLock, says: /refused: the lock .*lock.db is damaged.*delete the file/ },
  {
    name: "the database missing",
    spoil: remove(...all),
    says: /refused: the database .*signalbox.db is missing.*put the database back/,
  },
  {
    name: "the database missing, its log there",
    spoil: remove("signalbox.db"),
    says: /refused: .*signalbox.db is missing.*put the database back/,
  },
  {
    name: "the database empty",
    spoil: cut("signalbox.db", 0),
    says: /refused: .*signalbox.db is empty.*put the database back/,
  },
  {
    name: "the database cut to half",
    spoil: cut("signalbox.db", 0.5),
    says: /refused: .*signalbox.db is damaged.*put back a backup/,
  },
  {
    name: "the database cut in its first page",
    spoil: cut("signalbox.db", 0.001),
    says: /refused: .*signalbox.db is damaged.*put back a backup/,
  },
  { name: "the first page damaged", spoil: damage, says: /refused: .*signalbox.db is damaged.*put back a backup/ },
  {
    name: "an older copy of the database",
    spoil: exchange(older, ...all),
    says: /older than its blobs.*put back the newer/,
  },
  {
    name: "an older copy of the database with the newer log",
    spoil: exchange(older, "signalbox.db"),
    says: /refused: .*signalbox.db-wal does not belong/,
  },
  {
    name: "the database of another folder",
    spoil: exchange(other, ...all),
    says: /refused: the database .*another data folder.*put back the database/,
  },
  {
    name: "the database of another folder with this one's log",
    spoil: exchange(other, "signalbox.db"),
    says: /refused: .*signalbox.db-wal does not belong/,
  },
  {
    name: "the log of another folder",
    spoil: exchange(other, "signalbox.db-wal"),
    says: /refused: .*signalbox.db-wal does not belong/,
  },
  {
    name: "the log missing",
    spoil: remove("signalbox.db-wal", "signalbox.db-shm"),
    says: /older than its blobs.*put back the newer/,
  },
  {
    name: "the log cut to half",
    spoil: cut("signalbox.db-wal", 0.5),
    says: /older than its blobs.*put back the newer/,
  },
  {
    name: "the log cut by its last commit",
    spoil: cut("signalbox.db-wal", 0.97),
    says: /older than its blobs.*put back the newer/,
  },
  {
    name: "the log cut to its header",
    spoil: cut("signalbox.db-wal", 0.0005),
    says: /older than its blobs.*put back the newer/,
  },
  { name: "the shared memory missing", spoil: remove("signalbox.db-shm"), says: /^$/ },
  { name: "the shared memory of another", spoil: exchange(other, "signalbox.db-shm"), says: /^$/ },
  { name: "secret.key missing", spoil: remove("secret.key"), says: /refused: .*secret.key is missing.*put it back/ },
  { name: "secret.key cut", spoil: cut("secret.key", 0.5), says: /refused: .*secret.key is damaged.*put back/ },
  { name: "secret.key of another", spoil: exchange(other, "secret.key"), says: /refused: .*sealed with another key/ },
  {
    name: "secret.check missing",
    spoil: remove("secret.check"),
    says: /refused: .*secret.check is missing.*put the file back/,
  },
  {
    name: "secret.key and secret.check missing",
    spoil: remove("secret.key", "secret.check"),
    says: /refused: .*secret.key is missing/,
  },
  {
    name: "secret.check cut",
    spoil: cut("secret.check", 0.5),
    says: /refused: .*secret.check is damaged.*put the file back/,
  },
  { name: "folder.id missing", spoil: remove("folder.id"), says: /^$/ },
  {
    name: "folder.id of another",
    spoil: exchange(other, "folder.id"),
    says: /refused: .*folder.id.*another data folder.*put back/,
  },
  {
    name: "the mark missing",
    spoil: remove("blobs/commits.mark"),
    says: /mark of the last commit is missing or damaged/,
  },
  {
    name: "the mark cut",
    spoil: cut("blobs/commits.mark", 0.5),
    says: /mark of the last commit is missing or damaged/,
  },
  {
    name: "blobs/folder.id missing",
    spoil: remove("blobs/folder.id"),
    says: /refused: .*blobs is missing or has lost its folder.id.*put back/,
  },
];

describe("a data folder", { concurrency: 2 }, () => {
  for (const { name, spoil, says } of cells) {
    it(`with ${name} loses nothing that a later restore needs`, async () => {
      const folder = join(root, name.replaceAll(/\W/g, "-"));
      cpSync(now, folder, { recursive: true });
      spoil(folder);
      assert.match(await opened(folder), says);
      // Again, after the kill.
      assert.match(
        await opened(folder),
        says.source === "^$" || says.test("refused: ") ? says : /refused|^$|older|left alone/s,
      );
      putBack(folder);
      assert.deepEqual(blobNames(folder), blobNames(now));
      rmSync(folder, { recursive: true });
    });
  }

  it("whose blobs are missing, or another's, is refused, and readable once they are back", async () => {
    const folder = join(root, "blobs");
    cpSync(now, folder, { recursive: true });
    rmSync(join(folder, "blobs"), { recursive: true });
    assert.match(await opened(folder), /refused: .*blobs is missing.*put back the blobs folder/);
    cpSync(join(other, "blobs"), join(folder, "blobs"), { recursive: true });
    assert.match(await opened(folder), /refused: .*blobs belongs to another data folder/);
    assert.deepEqual(blobNames(folder), blobNames(other));
    rmSync(folder, { recursive: true });
  });

  it("is refused by the server without its database, says what an older one lacks, and has every byte when it is put back", async () => {
    const folder = join(root, "story");
    cpSync(now, folder, { recursive: true });
    for (const name of all) rmSync(join(folder, name));
    const { ending, log } = await refusedServer({ folder });
    assert.equal(ending, 1);
    assert.match(log, /the database .*signalbox.db is missing.*put the database back/);
    exchange(older, ...all)(folder);
    {
      await using server = await serverProcess({ folder });
      // Also what the older one deletes may be needed by the newer.
      await put(server, 0, 5);
      assert.match(server.log, /older than its blobs/);
      await server.kill();
    }
    for (const name of all) cpSync(join(now, name), join(folder, name));
    await using server = await serverProcess({ folder });
    for (let n = 0; n < objects; n++) {
      const { Body } = await server.s3.send(new GetObjectCommand({ Bucket, Key: `k${n}` }));
      assert.equal(await Body?.transformToString(), `bytes of ${n}`);
    }
    assert.equal(await server.stop(), 0);
  });
});

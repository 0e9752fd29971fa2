/** What other users of the machine may read of it: nothing, whatever the umask of whoever starts it. */
import assert from "node:assert/strict";
import { chmod, lstat, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import {
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  PutObjectCommand,
  UploadPartCommand,
} from "@aws-sdk/client-s3";
import { SignalboxError } from "../../src/errors.ts";
import { privateFolder } from "../../src/folder/private-folder.ts";
import { hooked } from "../support/functions-api.ts";
import { runServer } from "../support/in-process.ts";
import { serverProcess } from "../support/server-process.ts";
import { until } from "../support/until.ts";

interface Found {
  readonly path: string;
  readonly mode: string;
}

/** All below a folder, and the folder itself, that others may do something with. */
async function open(folder: string): Promise<Found[]> {
  const all = [folder, ...(await readdir(folder, { recursive: true })).map((name) => join(folder, name))];
  const found = await Promise.all(
    all.map(async (path) => {
      // What is written under another name first may be gone by now.
      const stat = await lstat(path).catch(() => undefined);
      const isOpen = stat !== undefined && !stat.isSymbolicLink() && (stat.mode & 0o077) !== 0;
      return isOpen ? [{ path, mode: (stat.mode & 0o7777).toString(8) }] : [];
    }),
  );
  return found.flat();
}

/** The umask and the folder for temporary files are the process's, and as they were when this file has ended. */
const umask = process.umask(0);
const temporary = tmpdir();
process.env["TMPDIR"] = await mkdtemp(join(temporary, "sbx-"));
after(async () => {
  await rm(tmpdir(), { recursive: true, force: true });
  process.env["TMPDIR"] = temporary;
  process.umask(umask);
});

describe("what lies on disk", () => {
  it("is for its own user alone: database, blobs, uploads, keys, and the folders of functions", async () => {
    await using server = await runServer();
    const { s3, folder } = server;
    const at = { Bucket: "alpha", Key: "k" };
    await s3.send(new CreateBucketCommand(at));
    await s3.send(new PutObjectCommand({ ...at, Body: "x" }));
    await s3.send(new CopyObjectCommand({ ...at, Key: "copy", CopySource: "alpha/k" }));
    const { UploadId } = await s3.send(new CreateMultipartUploadCommand({ ...at, Key: "parts" }));
    const { ETag } = await s3.send(new UploadPartCommand({ ...at, Key: "parts", UploadId, PartNumber: 1, Body: "x" }));
    const Parts = [{ ETag, PartNumber: 1 }];
    await s3.send(new CompleteMultipartUploadCommand({ ...at, Key: "parts", UploadId, MultipartUpload: { Parts } }));
    await hooked(server, "PRE_USER_CREATE", "export default () => ({ decision: 'allow' });");
    await server.api("POST", "/api/cloud/users/", { username: "jo", email: "jo@example.com" });
    const target = { type: "email", address: "jo@example.com" };
    await server.api("POST", "/api/cloud/subscriptions/", { event: "*", bucket: "alpha", target });
    const kept = (): Promise<{ readonly mails: readonly unknown[] }> => server.api("GET", "/api/cloud/mails/");
    await until("the mail is kept", async () => (await kept()).mails.length > 0);

    assert.deepEqual(await open(folder), []);
    const names = await readdir(folder);
    for (const name of ["signalbox.db", "signalbox.db-wal", "signalbox.db-shm", "lock.db", "secret.key", "blobs"]) {
      assert.ok(names.includes(name), `${name} is among ${names.join()}`);
    }
    const sandboxes = (await readdir(tmpdir())).filter((name) => name.startsWith("sbx-"));
    assert.ok(sandboxes.length > 0);
    for (const name of sandboxes) assert.deepEqual(await open(join(tmpdir(), name)), []);
  });

  it("is closed at the start where it was open, and links are left alone", async () => {
    await using made = new AsyncDisposableStack();
    const around = await mkdtemp(join(tmpdir(), "signalbox-modes-"));
    made.defer(() => rm(around, { recursive: true, force: true }));
    const folder = join(around, "data");
    {
      await using server = await serverProcess({ folder });
      await server.api("GET", "/api/cloud/tokens/");
    }
    const other = join(around, "other");
    await writeFile(other, "", { mode: 0o644 });
    await symlink(other, join(folder, "link"));
    await mkdir(join(folder, "mails"), { recursive: true });
    await writeFile(join(folder, "mails", "old"), "");
    await mkdir(join(folder, "blobs", "ab"), { recursive: true });
    for (const name of await readdir(folder, { recursive: true })) {
      if (name !== "link") await chmod(join(folder, name), 0o777);
    }
    await chmod(folder, 0o755);
    assert.ok((await open(folder)).length > 6);
    await using again = await serverProcess({ folder });
    await again.api("GET", "/api/cloud/tokens/");
    assert.deepEqual(await open(folder), []);
    assert.equal((await lstat(other)).mode & 0o777, 0o644);
  });

  it("is refused with the remedy where it cannot be closed", () => {
    // The modes of these are the system's own.
    assert.throws(
      () => privateFolder("/proc/self/task"),
      (error) =>
        error instanceof SignalboxError &&
        error.code === "conflict" &&
        /may reach \/proc\/self\/task \(mode 0555\).*chmod -R go=.*SIGNALBOX_DATA/.test(error.message),
    );
  });
});

/** A disk of a few MiB, mounted for one test. */
import { execFile } from "node:child_process";
import { closeSync, openSync, writeSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

export interface SmallDisk extends AsyncDisposable {
  readonly path: string;
  /** Writes a file until there is not a byte left, or only `leaveBytes` of it. */
  fill(name: string, leaveBytes?: number): Promise<void>;
  /** Lets nobody write to it any more. */
  readOnly(): Promise<void>;
  /** Takes such a file away. */
  free(name: string): Promise<void>;
}

/** @throws Error that says what is needed, where it may not mount. */
export async function smallDisk(mebibytes: number): Promise<SmallDisk> {
  const path = await mkdtemp(join(tmpdir(), "signalbox-disk-"));
  await run("mount", ["-t", "tmpfs", "-o", `size=${mebibytes}m`, "tmpfs", path]).catch(async (cause: unknown) => {
    await rm(path, { recursive: true });
    throw new Error("this test mounts a small tmpfs: run `npm run test:system` as root on Linux", { cause });
  });
  return {
    path,
    fill: async (name, leaveBytes = 0) => {
      const spare = join(path, `${name}.spare`);
      if (leaveBytes > 0) write(spare, leaveBytes);
      write(join(path, name), Number.POSITIVE_INFINITY);
      await rm(spare, { force: true });
    },
    readOnly: async () => void (await run("mount", ["-o", "remount,ro", path])),
    free: (name) => rm(join(path, name)),
    [Symbol.asyncDispose]: async () => {
      await run("umount", ["--lazy", path]);
      await rm(path, { recursive: true });
    },
  };
}

/** As much of `bytes` as there is room for. */
function write(file: string, bytes: number): void {
  const open = openSync(file, "w");
  try {
    const page = Buffer.alloc(4_096, 1);
    for (let written = 0; written < bytes; written += page.length) writeSync(open, page);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ENOSPC")) throw error;
  } finally {
    closeSync(open);
  }
}

import { constants } from "node:fs";
import { copyFile, link, mkdir, open, rename, rm, stat, unlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { blobFiles, pathOfBlob } from "./blob-files.ts";

export interface Blob {
  readonly id: string;
  readonly size: number;
}

export interface Copied {
  readonly blobs: number;
  /** Of those, how many were not there already. */
  copied: number;
  bytes: number;
  readonly missing: string[];
}

const atOnce = 16;
const triesOfOne = 3;

/**
 * Copies blobs from one folder of them to another, those that were put aside too; what is there already, whole, stays. Each is under its own name only
 * once it is durable. Names of the same bytes share them there as well.
 */
export async function copyBlobs(blobs: Iterable<Blob>, from: string, to: string): Promise<Copied> {
  const linked = new Map<string, string>();
  const made = new Set<string>();
  const done = { blobs: 0, copied: 0, bytes: 0, missing: [] as string[] };
  const copy = async (source: string, target: string): Promise<void> => {
    const { ino, nlink, size, mtimeMs } = await stat(source);
    // A number may be another file's by now.
    const bytes = `${ino} ${size} ${mtimeMs}`;
    const twin = nlink > 1 ? linked.get(bytes) : undefined;
    if (twin === undefined || !(await isLinked(twin, target))) await copyDurably(source, target);
    if (nlink > 1) linked.set(bytes, target);
  };
  const one = async ({ id, size }: Blob): Promise<void> => {
    const target = join(to, id.slice(0, 2), id);
    done.blobs += 1;
    if ((await stat(target).catch(() => undefined))?.size === size) return;
    await mkdir(dirname(target), { recursive: true, mode: 0o700 });
    made.add(dirname(target));
    await rm(target, { force: true });
    for (let tries = 0; tries < triesOfOne; tries += 1) {
      const source = pathOfBlob(from, id);
      if (source === undefined) continue;
      try {
        await copy(source, target);
        done.copied += 1;
        done.bytes += size;
        return;
      } catch (thrown) {
        // Put aside, or brought back, since it was looked for.
        if (!(thrown instanceof Error && "code" in thrown && thrown.code === "ENOENT")) throw thrown;
      }
    }
    done.missing.push(id);
  };
  let batch: Blob[] = [];
  for (const blob of blobs) {
    batch.push(blob);
    if (batch.length < atOnce) continue;
    await Promise.all(batch.map(one));
    batch = [];
  }
  await Promise.all(batch.map(one));
  for (const folder of [...made, to]) await syncFile(folder);
  return done;
}

/** Takes away what is not among them. */
export async function dropOthers(blobs: string, isNeeded: (id: string) => boolean): Promise<void> {
  for (const { id, aside } of blobFiles(blobs)) {
    if (!aside && !isNeeded(id)) await unlink(join(blobs, id.slice(0, 2), id));
  }
}

/** Under its own name only once it is whole. */
export async function copyDurably(source: string, target: string): Promise<void> {
  const unfinished = `${target}.new`;
  await rm(unfinished, { force: true });
  await copyFile(source, unfinished, constants.COPYFILE_FICLONE);
  await syncFile(unfinished);
  await rename(unfinished, target);
}

export async function syncFile(path: string): Promise<void> {
  await using handle = await open(path, "r");
  await handle.sync();
}

/** False where the file system has no links, or no more of them for this file. */
function isLinked(file: string, name: string): Promise<boolean> {
  return link(file, name).then(
    () => true,
    () => false,
  );
}

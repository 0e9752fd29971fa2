import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { cachedDataVersionTag } from "node:v8";
import { Script } from "node:vm";
import { crc32 } from "node:zlib";
import { tidy } from "./cache-folder.ts";

/** A program that was loaded from one file of CommonJS. */
interface LoadedProgram {
  readonly exports: unknown;
  /** Keeps what V8 has compiled of it until now, unless that is kept already. Never throws. */
  readonly keep: () => void;
}

/** What the function is given that a program's file holds: as every module of CommonJS. */
export const moduleParameters = "exports, require, module, __filename, __dirname";

/** Before the compiled code: that it is of this source, and whole. V8 looks at neither. */
const headBytes = 12;

/**
 * Loads a program, a file with a function of {@link moduleParameters}, with what was kept of it in `folder` (`undefined`: nothing) by an earlier run with the same flags. Node's own cache of modules holds
 * the functions that V8 compiles before a module runs; this one also those that a start has called, which are most of it.
 */
export function loadProgram(path: string, folder: string | undefined): LoadedProgram {
  const file =
    folder === undefined ? undefined : join(folder, `${process.version}-${process.arch}-${cachedDataVersionTag()}`);
  const { script, of, isKept } = compiled(path, file);
  const module = { exports: {} };
  const run = script.runInThisContext() as (...values: readonly unknown[]) => void;
  run(module.exports, createRequire(path), module, path, dirname(path));
  const keep = (): void => {
    if (file === undefined || isKept) return;
    const code = script.createCachedData();
    const head = Buffer.alloc(headBytes);
    for (const [index, value] of [of.bytes, of.hash, crc32(code)].entries()) head.writeUInt32LE(value, 4 * index);
    write(file, [head, code]);
  };
  return { exports: module.exports, keep };
}

interface Source {
  readonly bytes: number;
  readonly hash: number;
}

/** Apart, so that the bytes of both files are garbage when it is done. */
function compiled(
  path: string,
  file: string | undefined,
): { readonly script: Script; readonly of: Source; readonly isKept: boolean } {
  const source = readFileSync(path);
  const of = { bytes: source.length, hash: crc32(source) };
  const kept = file === undefined ? undefined : keptCode(file, of);
  const script = new Script(source.toString("latin1"), {
    filename: path,
    ...(kept === undefined ? {} : { cachedData: kept }),
  });
  return { script, of, isKept: kept !== undefined && script.cachedDataRejected === false };
}

function keptCode(file: string, of: Source): Buffer | undefined {
  let bytes: Buffer;
  try {
    bytes = readFileSync(file);
  } catch {
    return undefined;
  }
  if (bytes.length < headBytes) return undefined;
  const code = bytes.subarray(headBytes);
  const isWhole = [of.bytes, of.hash, crc32(code)].every((value, index) => bytes.readUInt32LE(4 * index) === value);
  return isWhole ? code : undefined;
}

/** Under its own name only once it is whole. Where there is no room for it, the next start is as slow as this one. */
function write(file: string, parts: readonly Buffer[]): void {
  const unfinished = `${file}.${process.pid}`;
  try {
    writeFileSync(unfinished, Buffer.concat(parts), { mode: 0o600, flag: "wx" });
    renameSync(unfinished, file);
    tidy(dirname(file));
  } catch {
    rmSync(unfinished, { force: true });
  }
}

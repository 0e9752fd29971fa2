import { close, open, read } from "node:fs";
import type { ByteRange } from "./blobs.ts";

/**
 * Bytes `start` to `end` of a file, both inclusive, in one piece: what there are of them, if it is shorter. Without what a `FileHandle` and a
 * stream cost, which is several times the read; the size is not asked for, as a file that is cut shows it by what is missing.
 */
export function readSmall(path: string, { start, end }: ByteRange): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    open(path, "r", (refused, file) => {
      if (refused !== null) return reject(refused);
      // Not out of the pool: a small piece would keep all of its 64 KiB for as long as it is remembered.
      const bytes = Buffer.allocUnsafeSlow(end + 1 - start);
      const readOn = (had: number): void => {
        read(file, bytes, had, bytes.length - had, start + had, (failed, length) => {
          if (failed === null && length > 0 && had + length < bytes.length) return readOn(had + length);
          // Its result is not needed.
          close(file, () => {});
          if (failed === null) resolve(bytes.subarray(0, had + length));
          else reject(failed);
        });
      };
      readOn(0);
    });
  });
}

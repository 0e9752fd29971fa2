/** What was asked of the server, and what it acknowledged: the only witness of what must not be lost. */
import { createCipheriv, createHash } from "node:crypto";

export const partBytes = 5 * 2 ** 20;

/** One change of one key that was asked for. */
export interface Asked {
  readonly number: number;
  readonly what: "put" | "multipart" | "delete";
  readonly key: string;
  /** In bytes; 0 for a delete. */
  readonly size: number;
  /** Without quotes, of the bytes; "" for a delete. No two writes have the same. */
  readonly eTag: string;
  /** When it was asked, and when its acknowledgement came, if ever: by a counter that all share. */
  readonly asked: number;
  acknowledged?: number;
}

/** Bytes that no other write has: they follow from the number of the write. */
export function bytesOf({ number, size }: Pick<Asked, "number" | "size">): Buffer {
  const key = createHash("sha256").update(`write ${number}`).digest().subarray(0, 16);
  return createCipheriv("aes-128-ctr", key, Buffer.alloc(16)).update(Buffer.alloc(size));
}

/** What S3 says of a write in parts: the MD5 of the MD5s of its parts, and their number. */
function eTagOf(bytes: Buffer, what: Asked["what"]): string {
  const md5 = (data: Buffer): Buffer => createHash("md5").update(data).digest();
  if (what === "put") return md5(bytes).toString("hex");
  const sums: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += partBytes) sums.push(md5(bytes.subarray(at, at + partBytes)));
  return `${md5(Buffer.concat(sums)).toString("hex")}-${sums.length}`;
}

export class Book {
  readonly asked: Asked[] = [];
  #moment = 0;

  /** Notes that something is about to be asked. Not even the smallest write is empty, so that each has an ETag of its own. */
  ask(what: Asked["what"], key: string, size: number): Asked {
    const number = this.asked.length + 1;
    const eTag = what === "delete" ? "" : eTagOf(bytesOf({ number, size }), what);
    this.#moment += 1;
    const entry: Asked = { number, what, key, size, eTag, asked: this.#moment };
    this.asked.push(entry);
    return entry;
  }

  acknowledge(...entries: readonly Asked[]): void {
    this.#moment += 1;
    for (const entry of entries) entry.acknowledged = this.#moment;
  }

  get acknowledgements(): number {
    return this.asked.filter(({ acknowledged }) => acknowledged !== undefined).length;
  }
}

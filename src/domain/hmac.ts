import { hash } from "node:crypto";

/** Of SHA-256, in bytes. */
const [blockBytes, hashBytes] = [64, 32];

/** So many bytes in front of what is authenticated are the key's: see {@link HmacKey.mac}. */
export const padBytes = blockBytes;

/** Texts are put together here, unless they are longer. */
const workBytes = 65_536;
const work = Buffer.allocUnsafeSlow(workBytes);

/** Where so many bytes can be put together behind room for a pad. It is anybody's again when the code is made. */
export function workFor(bytes: number): Buffer {
  return padBytes + bytes <= workBytes ? work : Buffer.allocUnsafeSlow(padBytes + bytes);
}

/**
 * The key of an HMAC-SHA256 (RFC 2104): both of its pads. With them a code is two one-shot hashes, which take a fraction of the time of an `Hmac`
 * object. Shows nothing of itself when it is printed.
 */
export class HmacKey {
  readonly #length: number;
  readonly #inner = Buffer.alloc(blockBytes, 0x36);
  /** With room for the inner hash behind it. */
  readonly #outer = Buffer.alloc(blockBytes + hashBytes, 0x5c);

  /** @param key no longer than a block, so that it is used as it is. */
  constructor(key: Uint8Array) {
    if (key.length > blockBytes) throw new RangeError(`the key has ${key.length} bytes, more than ${blockBytes}`);
    this.#length = key.length;
    for (const [at, byte] of key.entries()) {
      this.#inner[at] = 0x36 ^ byte;
      this.#outer[at] = 0x5c ^ byte;
    }
  }

  /** The bare key. */
  export(): Buffer {
    return Buffer.from(this.#inner.subarray(0, this.#length).map((byte) => byte ^ 0x36));
  }

  /** @param bytes of which the first {@link padBytes} are free to be written to; what is authenticated is behind them. */
  mac(bytes: Buffer, encoding: "base64" | "hex"): string {
    bytes.set(this.#inner, 0);
    this.#outer.write(hash("sha256", bytes, "binary"), blockBytes, "latin1");
    return hash("sha256", this.#outer, encoding);
  }

  /** The code of a text's UTF-8, in hex. */
  hex(text: string): string {
    const bytes = workFor(3 * text.length);
    return this.mac(bytes.subarray(0, padBytes + bytes.write(text, padBytes)), "hex");
  }
}

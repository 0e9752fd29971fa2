import { createHmac } from "node:crypto";
import { HmacKey } from "../../../domain/hmac.ts";
import type { SignedService } from "./credentials.ts";

/** What a signing key is derived from, besides the secret. */
interface KeyScope {
  readonly accessKeyId: string;
  /** `20130524`. */
  readonly date: string;
  readonly region: string;
  readonly service: SignedService;
}

const longestRegion = 64;

interface Derived {
  readonly accessKeyId: string;
  readonly secret: string;
  readonly key: HmacKey;
}

/**
 * Derived signing keys, so that a busy client costs four HMACs a day and not four per request. Holds the `max` newest; one
 * whose secret has changed is derived again.
 */
export class SigningKeys {
  readonly #max: number;
  readonly #keys = new Map<string, Derived>();
  /** The names of those of an access key. */
  readonly #names = new Map<string, Set<string>>();

  constructor(max = 1000) {
    this.#max = max;
  }

  of(secret: string, scope: KeyScope): HmacKey {
    const name = `${scope.date}/${scope.region}/${scope.service}/${scope.accessKeyId}`;
    const known = this.#keys.get(name);
    if (known !== undefined && known.secret === secret) return known.key;
    const key = new HmacKey(deriveSigningKey(secret, scope));
    // The region is the client's own words: a long one must not fill the memory.
    if (scope.region.length > longestRegion) return key;
    const { accessKeyId } = scope;
    this.#keys.set(name, { accessKeyId, secret, key });
    this.#names.set(accessKeyId, (this.#names.get(accessKeyId) ?? new Set()).add(name));
    for (const [oldest, { accessKeyId: of }] of this.#keys) {
      if (this.#keys.size <= this.#max) break;
      this.#keys.delete(oldest);
      const others = this.#names.get(of);
      others?.delete(oldest);
      if (others?.size === 0) this.#names.delete(of);
    }
    return key;
  }

  /** There is no such access key any more. */
  forget(accessKeyId: string): void {
    for (const name of this.#names.get(accessKeyId) ?? []) this.#keys.delete(name);
    this.#names.delete(accessKeyId);
  }
}

/** "Derive a signing key" of the SigV4 documents. */
export function deriveSigningKey(secret: string, { date, region, service }: KeyScope): Buffer {
  return hmac(hmac(hmac(hmac(`AWS4${secret}`, date), region), service), "aws4_request");
}

function hmac(key: string | Buffer, data: string): Buffer {
  return createHmac("sha256", key).update(data).digest();
}

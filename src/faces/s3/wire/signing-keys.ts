import { createHmac } from "node:crypto";

/** What a signing key is derived from, besides the secret. */
interface KeyScope {
  readonly accessKeyId: string;
  /** `20130524`. */
  readonly date: string;
  readonly region: string;
}

const longestRegion = 64;

/**
 * Derived signing keys, so that a busy client costs four HMACs a day and not four per request. Holds the `max` newest; one
 * whose secret has changed is derived again.
 */
export class SigningKeys {
  readonly #max: number;
  readonly #keys = new Map<string, { readonly secret: string; readonly key: Buffer }>();

  constructor(max = 1000) {
    this.#max = max;
  }

  of(secret: string, scope: KeyScope): Buffer {
    const name = `${scope.date}/${scope.region}/${scope.accessKeyId}`;
    const known = this.#keys.get(name);
    if (known !== undefined && known.secret === secret) return known.key;
    const key = deriveSigningKey(secret, scope);
    // The region is the client's own words: a long one must not fill the memory.
    if (scope.region.length > longestRegion) return key;
    this.#keys.set(name, { secret, key });
    if (this.#keys.size > this.#max) {
      for (const oldest of this.#keys.keys()) {
        this.#keys.delete(oldest);
        break;
      }
    }
    return key;
  }
}

/** "Derive a signing key" of the SigV4 documents, for the service s3. */
export function deriveSigningKey(secret: string, { date, region }: KeyScope): Buffer {
  return hmac(hmac(hmac(hmac(`AWS4${secret}`, date), region), "s3"), "aws4_request");
}

function hmac(key: string | Buffer, data: string): Buffer {
  return createHmac("sha256", key).update(data).digest();
}

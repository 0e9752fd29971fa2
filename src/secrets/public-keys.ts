import { createPublicKey, type JsonWebKey, type KeyObject } from "node:crypto";
import { defined } from "../domain/defined.ts";
import { asError } from "../errors.ts";

/** Public keys that signatures of tokens are verified with. Only asymmetric ones: a secret that both sides have could sign, too. */

/** Algorithms of signatures by the kind of key that they need. */
const algorithmsOf = {
  rsa: ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"],
  "P-256": ["ES256"],
  "P-384": ["ES384"],
  "P-521": ["ES512"],
  ed25519: ["EdDSA", "Ed25519"],
} as const satisfies Record<string, readonly string[]>;

type KeyKind = keyof typeof algorithmsOf;
export type SigningAlgorithm = (typeof algorithmsOf)[keyof typeof algorithmsOf][number];

/** Every one that is known, of every kind of key. */
export const signingAlgorithms: readonly SigningAlgorithm[] = Object.values(algorithmsOf).flat();

export interface PublicKey {
  /** Names it among the others of its set. */
  readonly id?: string;
  readonly key: KeyObject;
  /** With which it may have signed. */
  readonly algorithms: readonly SigningAlgorithm[];
}

type ReadKey = { readonly key: PublicKey } | { readonly problem: string };

const curves: Readonly<Record<string, KeyKind>> = { prime256v1: "P-256", secp384r1: "P-384", secp521r1: "P-521" };
/** Fewer bits can be factored; to verify with more takes too long. */
const rsaBits = { least: 2_048, most: 8_192 };
const longestId = 256;
const mostExponent = 2n ** 32n;

/** A key as PEM (`-----BEGIN PUBLIC KEY-----`), or what is wrong with it. */
export function readPemKey(pem: string): ReadKey {
  if (/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(pem)) {
    return { problem: "holds a private key: give the public one (openssl pkey -in key.pem -pubout)" };
  }
  if (!/^\s*-----BEGIN PUBLIC KEY-----/.test(pem)) {
    return { problem: "is no public key in PEM: it begins with -----BEGIN PUBLIC KEY-----" };
  }
  return judged(() => createPublicKey(pem), {});
}

/** A key as JSON (RFC 7517), or what is wrong with it. */
export function readJsonKey(jwk: unknown): ReadKey {
  if (typeof jwk !== "object" || jwk === null || Array.isArray(jwk)) return { problem: "is no object" };
  const { kid, use, alg, d, k, kty, key_ops: operations } = jwk as Readonly<Record<string, unknown>>;
  if (d !== undefined) return { problem: "holds a private key: give the public one, without d" };
  if (k !== undefined || kty === "oct") return { problem: "is a secret and no public key: only asymmetric keys count" };
  if (use !== undefined && use !== "sig") return { problem: `is for ${JSON.stringify(use)} and not to sign` };
  if (operations !== undefined && !(Array.isArray(operations) && operations.includes("verify"))) {
    return { problem: "is not to verify with (key_ops)" };
  }
  if (kid !== undefined && (typeof kid !== "string" || kid.length > longestId)) {
    return { problem: `has a kid that is no text of at most ${longestId} characters` };
  }
  return judged(() => createPublicKey({ key: jwk as JsonWebKey, format: "jwk" }), { id: kid, algorithm: alg });
}

interface Said {
  readonly id?: string | undefined;
  readonly algorithm?: unknown;
}

function judged(read: () => KeyObject, { id, algorithm }: Said): ReadKey {
  let key: KeyObject;
  try {
    key = read();
  } catch (thrown) {
    return { problem: `cannot be read: ${asError(thrown).message}` };
  }
  const kind = kindOf(key);
  if (kind === undefined) return { problem: `has a kind that does not count: RSA, P-256, P-384, P-521 and Ed25519 do` };
  const { modulusLength = rsaBits.least, publicExponent = 3n } = key.asymmetricKeyDetails ?? {};
  if (modulusLength < rsaBits.least || modulusLength > rsaBits.most) {
    return { problem: `has ${modulusLength} bits: RSA keys have ${rsaBits.least} to ${rsaBits.most}` };
  }
  if (publicExponent < 3n || publicExponent > mostExponent) return { problem: "has an exponent that no RSA key has" };
  const fitting: readonly SigningAlgorithm[] = algorithmsOf[kind];
  const algorithms = algorithm === undefined ? fitting : fitting.filter((name) => name === algorithm);
  if (algorithms.length === 0) return { problem: `says alg ${JSON.stringify(algorithm)}, for which it is no key` };
  return { key: { ...defined({ id }), key, algorithms } };
}

function kindOf({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject): KeyKind | undefined {
  if (asymmetricKeyType === "rsa" || asymmetricKeyType === "ed25519") return asymmetricKeyType;
  return asymmetricKeyType === "ec" ? curves[asymmetricKeyDetails?.namedCurve ?? ""] : undefined;
}

/** More are not looked at: reading one takes a tenth of a millisecond. */
export const mostKeys = 50;

/**
 * The keys of a set (`{"keys": [...]}`) that can be used; others in it are passed over. With more than {@link mostKeys} the first. `undefined`:
 * it is no such set.
 */
export function readKeySet(set: unknown): readonly PublicKey[] | undefined {
  const keys: unknown = typeof set === "object" && set !== null && "keys" in set ? set.keys : undefined;
  if (!Array.isArray(keys)) return undefined;
  const read = keys.slice(0, mostKeys).map(readJsonKey);
  return read.flatMap((one) => ("key" in one ? [one.key] : []));
}

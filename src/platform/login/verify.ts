import type { JWTVerifyOptions } from "jose";
import type { JwtIssuer } from "../../config/jwt-issuers.ts";
import { hasDuplicateNames } from "../../domain/duplicate-names.ts";
import { asError } from "../../errors.ts";
import { type Claims, refusedToken } from "./claims.ts";
import type { IssuerKeys } from "./issuer-keys.ts";

/**
 * Whether a token is what its issuer signed, for us, and for now. Before the signature is known to be good, all that is told is that it is
 * not: what else is wrong is told to those who have a token of the issuer.
 */

/** Longer than those of issuers that list a few hundred groups; all headers of a request have 16 KiB. */
export const longestJwt = 12_288;

const form = /^[A-Za-z0-9_-]{2,}\.[A-Za-z0-9_-]{2,}\.[A-Za-z0-9_-]*$/;

/** Whether it has the form of a signed token: three parts in base64url. */
export function hasJwtForm(text: string): boolean {
  return text.length <= longestJwt && form.test(text);
}

/** What an unverified token says of itself. */
interface Unverified {
  readonly algorithm: string;
  readonly keyId: string | undefined;
  readonly issuer: string;
}

function part(text: string): Claims {
  let json: string;
  let value: unknown;
  try {
    json = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(Buffer.from(text, "base64url"));
    value = JSON.parse(json);
  } catch {
    throw refusedToken("the token is no JSON Web Token: its parts are not JSON");
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw refusedToken("the token is no JSON Web Token: its parts are no objects");
  }
  if (hasDuplicateNames(json))
    throw refusedToken("the token says something twice, so that it could be read in two ways");
  return value as Claims;
}

/** @throws SignalboxError `unauthenticated` */
export function readUnverified(token: string): Unverified {
  const [header = "", payload = ""] = token.split(".");
  const { alg, kid } = part(header);
  const { iss } = part(payload);
  if (typeof alg !== "string") throw refusedToken("the token does not say by which algorithm it is signed (alg)");
  if (kid !== undefined && typeof kid !== "string") throw refusedToken("the token's kid is no text");
  if (typeof iss !== "string") throw refusedToken("the token does not say who issued it (iss)");
  return { algorithm: alg, keyId: kid, issuer: iss };
}

interface Verified {
  readonly claims: Claims;
  /** When it ends, with the skew that is allowed. */
  readonly expiresMs: number;
}

/**
 * Its claims, once they are known to be the issuer's.
 *
 * @throws SignalboxError `unauthenticated`; `unavailable` when the issuer's keys are not to be had.
 */
export async function verifyJwt(
  token: string,
  { algorithm, keyId }: Unverified,
  { issuer, keys, nowMs }: { readonly issuer: JwtIssuer; readonly keys: IssuerKeys; readonly nowMs: number },
): Promise<Verified> {
  if (!issuer.algorithms.some((one) => one === algorithm)) {
    throw refusedToken(`the token is signed by an algorithm that does not count: ${issuer.algorithms.join(", ")} do`);
  }
  const jose = await import("jose");
  const options: JWTVerifyOptions = {
    algorithms: [...issuer.algorithms],
    issuer: issuer.issuer,
    audience: [...issuer.audience],
    clockTolerance: issuer.clockSkewS,
    currentDate: new Date(nowMs),
    requiredClaims: ["exp"],
  };
  for (const { key } of await keys.of({ algorithm, id: keyId })) {
    try {
      const { payload } = await jose.jwtVerify(token, key, options);
      return judgeTimes(payload, issuer, nowMs);
    } catch (thrown) {
      if (thrown instanceof jose.errors.JWSSignatureVerificationFailed) continue;
      throw thrown instanceof jose.errors.JOSEError ? refusedToken(sentenceOf(thrown)) : thrown;
    }
  }
  throw refusedToken("the token's signature is by no key of its issuer");
}

function judgeTimes(claims: Claims, { clockSkewS }: JwtIssuer, nowMs: number): Verified {
  const { exp, iat } = claims;
  if (!isTime(exp)) throw refusedToken("the token's exp is no time in seconds");
  if (iat === undefined) return { claims, expiresMs: (exp + clockSkewS) * 1_000 };
  if (!isTime(iat)) throw refusedToken("the token's iat is no time in seconds");
  if (iat > Math.floor(nowMs / 1_000) + clockSkewS) {
    throw refusedToken("the token was issued in the future (iat): one of the clocks is wrong");
  }
  return { claims, expiresMs: (exp + clockSkewS) * 1_000 };
}

function isTime(value: unknown): value is number {
  return typeof value === "number" && value >= 0 && value <= Number.MAX_SAFE_INTEGER / 1_000;
}

/** Of errors about claims, which come after the signature was found to be good. */
function sentenceOf(thrown: Error): string {
  const { code, claim, reason } = thrown as Error & { code?: unknown; claim?: unknown; reason?: unknown };
  if (code === "ERR_JWT_EXPIRED") return "the token has expired: get a new one from its issuer";
  if (claim === "nbf" && reason === "check_failed") return "the token is not valid yet (nbf)";
  if (claim === "aud") return "the token is for another audience (aud)";
  if (claim === "exp") return "the token does not say when it ends (exp)";
  if (code === "ERR_JWT_CLAIM_VALIDATION_FAILED") return `the token's ${String(claim)} is not as it must be`;
  return `the token cannot be verified: ${asError(thrown).message}`;
}

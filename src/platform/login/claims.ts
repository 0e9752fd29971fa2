import type { ClaimPath, JwtIssuer } from "../../config/jwt-issuers.ts";
import { type Role, roles } from "../../domain/access.ts";
import { defined } from "../../domain/defined.ts";
import { SignalboxError } from "../../errors.ts";
import { emailProblem } from "../users/names.ts";

/** What a verified token says of its bearer, in our words. */

export type Claims = Readonly<Record<string, unknown>>;

/** Who a token is for. */
export interface Bearer {
  readonly issuer: JwtIssuer;
  readonly tenant: string;
  /** The same for ever. */
  readonly subject: string;
  /** Of the principal that it becomes, should it be seen for the first time. */
  readonly name: string;
  /** What it may do, as far as the token says; otherwise what everybody of its issuer begins with. */
  readonly role: Role;
  /** In seconds, when that was said; absent: tokens of this issuer do not say it. */
  readonly issuedS?: number;
  /** Of a user that is made of it. */
  readonly email?: string;
  readonly emailVerified: boolean;
}

const principalName = /^[A-Za-z0-9][A-Za-z0-9._@+-]*$/;
const longestName = 128;
const longestSubject = 255;

export function refusedToken(message: string): SignalboxError {
  return new SignalboxError("unauthenticated", message);
}

/** @throws SignalboxError `unauthenticated` that names the claim. */
export function bearerIn(issuer: JwtIssuer, claims: Claims): Bearer {
  const { claims: at, roles: byGroup, prefix } = issuer;
  const subject = identifier(claims, at.subject);
  if (subject.length > longestSubject)
    throw refusedToken(`its claim ${shown(at.subject)} has more than ${longestSubject} characters`);
  const name = `${prefix}${identifier(claims, at.user)}`;
  if (!principalName.test(name) || name.length > longestName) {
    throw refusedToken(
      `its claim ${shown(at.user)} is no name that a principal can have: at most ${longestName} letters, digits and ._@+-, a letter or digit first (claims.user of the issuer names another claim)`,
    );
  }
  const tenant = issuer.tenant ?? text(claims, at.tenant ?? []);
  const { iat } = claims;
  if (byGroup !== undefined && typeof iat !== "number") {
    throw refusedToken(
      "it does not say when it was issued (iat), so that it cannot be told which of two tokens has the newer groups",
    );
  }
  const email = valueAt(claims, at.email);
  const verified = valueAt(claims, at.emailVerified);
  const hasEmail = typeof email === "string" && email !== "" && emailProblem(email) === undefined;
  const emailVerified = hasEmail && (verified === true || verified === "true");
  if (issuer.verifiedEmailOnly && !emailVerified) {
    throw refusedToken(
      `its e-mail address is not verified (${shown(at.emailVerified)}): that is done where it was issued`,
    );
  }
  return {
    issuer,
    tenant,
    subject,
    name,
    role: roleOf(issuer, claims),
    ...(byGroup === undefined ? {} : defined({ issuedS: Math.floor(iat as number) })),
    ...(hasEmail ? { email } : {}),
    emailVerified,
  };
}

/** The highest that its groups have; the groups are a text or a list of texts. */
function roleOf({ claims: at, roles: byGroup, defaultRole }: JwtIssuer, claims: Claims): Role {
  const said = byGroup === undefined ? undefined : valueAt(claims, at.groups);
  const groups: unknown[] = said === undefined ? [] : Array.isArray(said) ? said : [said];
  if (!groups.every((group) => typeof group === "string")) {
    throw refusedToken(`its claim ${shown(at.groups)} is neither a text nor a list of texts`);
  }
  const given = groups.map((group) => byGroup?.get(group));
  const role = roles.find((one) => given.includes(one)) ?? defaultRole;
  if (role === undefined) throw refusedToken(`none of the groups in its claim ${shown(at.groups)} has a role here`);
  return role;
}

function valueAt(claims: Claims, path: ClaimPath): unknown {
  return path.reduce<unknown>(
    (value, name) =>
      typeof value === "object" && value !== null && Object.hasOwn(value, name) ? (value as Claims)[name] : undefined,
    claims,
  );
}

function text(claims: Claims, path: ClaimPath): string {
  const value = valueAt(claims, path);
  if (typeof value !== "string" || value === "") throw refusedToken(`its claim ${shown(path)} is missing, or no text`);
  return value;
}

/** A text, or a whole number as databases count their users. */
function identifier(claims: Claims, path: ClaimPath): string {
  const value = valueAt(claims, path);
  return typeof value === "number" && Number.isSafeInteger(value) ? String(value) : text(claims, path);
}

function shown(path: ClaimPath): string {
  return `'${path.join(".")}'`;
}

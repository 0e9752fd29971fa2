import type { Clock } from "../../clock.ts";
import type { Principal } from "../../domain/access.ts";
import type { Uuid } from "../../domain/ids.ts";
import type { LoginCode } from "../../store/sessions.ts";
import type { Change } from "../../store/unit.ts";
import { tokenHash } from "./token-secrets.ts";

/** The code of a link by which one logs in once. It stands in the fragment, which browsers send to nobody. */

const codeMs = 10 * 60_000;

interface NewLoginCode {
  /** What the link holds. */
  readonly code: string;
  readonly expiresMs: number;
  readonly change: Change;
}

/** @param token the uuid of the token that what comes of it ends with. */
export function newLoginCode(
  clock: Clock,
  { tenant, name }: Pick<Principal, "tenant" | "name">,
  token: Uuid,
): NewLoginCode {
  const code = Buffer.from(clock.bytes(32)).toString("base64url");
  const createdMs = clock.now();
  const kept: LoginCode = {
    hash: tokenHash(code),
    tenant,
    principal: name,
    token,
    createdMs,
    expiresMs: createdMs + codeMs,
  };
  return { code, expiresMs: kept.expiresMs, change: { do: "loginCode.add", code: kept } };
}

/** @param publicUrl of the API, without a final slash. */
export function loginUrl(publicUrl: string, code: string): string {
  return `${publicUrl}/dashboard/login#code=${code}`;
}

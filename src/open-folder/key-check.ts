import type { Vault } from "../secrets/vault.ts";

/**
 * A check is something sealed with a key in use: a wrong key cannot open it. While a key is being changed there are two, and what is kept may be
 * sealed with either.
 */
const checkText = "signalbox";
/** What the vault makes of it: base64 of a nonce, a tag, and as many bytes as the text has. */
const checkForm = /^v1\.[A-Za-z0-9+/]{50}==$/;

/** One for the key that `vault` seals with. */
export function newCheck(vault: Vault): string {
  return vault.seal(checkText);
}

/**
 * What the checks say of the keys of a vault: they open everything, and what is sealed now is sealed with a key that is known (`known`) or has
 * to be made known before (`new`); one of the keys in use is missing (`half`), or each is (`wrong`); or the checks are `damaged`.
 */
export function judgeKeys(vault: Vault, checks: readonly string[]): "known" | "new" | "half" | "wrong" | "damaged" {
  const closed = checks.filter((check) => !opens(vault, check));
  if (closed.length > 0) {
    if (closed.some((check) => !checkForm.test(check)) || checks.length > 2) return "damaged";
    return closed.length < checks.length ? "half" : "wrong";
  }
  return checks.some((check) => vault.isCurrent(check)) ? "known" : "new";
}

function opens(vault: Vault, check: string): boolean {
  try {
    return vault.open(check) === checkText;
  } catch {
    return false;
  }
}

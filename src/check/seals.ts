import type { DatabaseSync } from "node:sqlite";
import type { Vault } from "../secrets/vault.ts";
import { allSealed } from "../store/sqlite/sealed.ts";

/** Names of what is sealed and cannot be opened with the key, `most` at the most, and how many things are sealed. */
export function unopened(
  db: DatabaseSync,
  vault: Vault | undefined,
  most = 10,
): { all: number; failed: number; names: string[] } {
  const names: string[] = [];
  let all = 0;
  let failed = 0;
  for (const { name, value } of allSealed(db)) {
    all += 1;
    if (vault !== undefined && opens(vault, value)) continue;
    failed += 1;
    if (names.length < most) names.push(name);
  }
  return { all, failed, names };
}

function opens(vault: Vault, value: string): boolean {
  try {
    vault.open(value);
    return true;
  } catch {
    return false;
  }
}

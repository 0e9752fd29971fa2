import type { DatabaseSync } from "node:sqlite";
import type { Vault } from "../vault.ts";

const sealed = `SELECT 'access key ' || id AS name, sealed_secret AS value FROM access_key
  UNION ALL SELECT 'function ' || uuid, sealed_secrets FROM function WHERE sealed_secrets IS NOT NULL
  UNION ALL SELECT 'subscription ' || uuid, json_extract(target, '$.sealed') FROM subscription
    WHERE json_extract(target, '$.sealed') IS NOT NULL`;

/** Names of what is sealed and cannot be opened with the key, `most` at the most, and how many things are sealed. */
export function unopened(
  db: DatabaseSync,
  vault: Vault | undefined,
  most = 10,
): { all: number; failed: number; names: string[] } {
  const names: string[] = [];
  let all = 0;
  let failed = 0;
  for (const row of db.prepare(sealed).iterate()) {
    all += 1;
    if (vault !== undefined && opens(vault, String(row["value"]))) continue;
    failed += 1;
    if (names.length < most) names.push(String(row["name"]));
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

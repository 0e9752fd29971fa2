import type { DatabaseSync } from "node:sqlite";
import { SignalboxError } from "../errors.ts";
import type { Vault } from "../secrets/vault.ts";
import { resealAll } from "../store/sqlite/sealed.ts";
import { endRotation, isRotating } from "./secret-key.ts";

/**
 * Seals everything in the database anew with the key that `vault` seals with, where a change of the key was begun; no other process may use the folder
 * meanwhile. `onRenewed` is called with how many they are so far. Whatever of it a crash leaves undone is done the next time: until the end either key is needed. Gives the number of secrets, or
 * `undefined` when there was nothing to do. Throws `conflict` for what neither key opens.
 */
export function finishRotation(
  folder: string,
  db: DatabaseSync,
  vault: Vault,
  onRenewed: (secrets: number) => void = () => {},
): number | undefined {
  if (!isRotating(folder)) return undefined;
  let renewed = 0;
  for (const some of resealAll(db, (sealed) => renew(folder, vault, sealed))) {
    renewed += some;
    onRenewed(renewed);
  }
  endRotation(folder, vault);
  return renewed;
}

function renew(folder: string, vault: Vault, sealed: string): string | undefined {
  if (vault.isCurrent(sealed)) return undefined;
  try {
    return vault.seal(vault.open(sealed));
  } catch (thrown) {
    throw new SignalboxError(
      "conflict",
      `a secret in ${folder} is sealed with neither of the keys, so that the key cannot be changed: signalbox check ${folder} names it; give it anew, or remove it, with the key before`,
      { cause: thrown },
    );
  }
}

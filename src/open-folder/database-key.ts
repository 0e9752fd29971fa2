import type { Client } from "pg";
import { SignalboxError } from "../errors.ts";
import type { Log } from "../log.ts";
import { aesVault, type Vault } from "../secrets/vault.ts";
import { namesOf, type OtherNode } from "../store/postgres/others.ts";
import { holdsSealed, resealDatabase } from "../store/postgres/sealed.ts";
import { putSetting, settingOf } from "../store/postgres/setting.ts";
import { judgeKeys, newCheck } from "./key-check.ts";

/** 32 bytes in base64 each. */
export interface DatabaseKeys {
  readonly current: string;
  /** It is on its way out, or, where several nodes change it, still on its way in. */
  readonly previous: string | undefined;
}

interface Around {
  /** Nodes that work on the database now. */
  readonly others: readonly OtherNode[];
  readonly log: Log;
}

interface OpenedVault {
  readonly vault: Vault;
  /** A change of the key is not finished: others seal with the one before. */
  readonly isChanging: boolean;
}

/** Digests of the keys of a vault, by which nodes tell one another what they can open; the first is of the one that it seals with. */
export function keyNames(vault: Vault): string[] {
  return vault.derive("name of a key").map((bytes) => Buffer.from(bytes).toString("hex", 0, 8));
}

/**
 * The vault of a database in PostgreSQL, which keeps a check for each key in use. With a new key and the one before it seals everything anew; cut off at
 * any moment, it goes on at the next start, for which both are needed until then. Where others work on the database, they have to know the new key before:
 *
 *   all seal with the old ──each is given the new one too──▶ all open both ──each seals with the new──▶ the last one is started: sealed anew, changed
 *
 * @throws SignalboxError `conflict`, with the remedy: these are not the keys that the secrets in it were sealed with, or others do not know the new one.
 */
export async function openDatabaseVault(client: Client, keys: DatabaseKeys, around: Around): Promise<OpenedVault> {
  const older = keys.previous === undefined ? [] : [Buffer.from(keys.previous, "base64")];
  const vault = aesVault(Buffer.from(keys.current, "base64"), older);
  const stored = await settingOf(client, "secret_check");
  if (stored === undefined) {
    if (await holdsSealed(client)) throw checkLost("is missing");
    await putSetting(client, "secret_check", newCheck(vault));
    return { vault, isChanging: false };
  }
  const checks = stored.split("\n");
  const judged = judgeKeys(vault, checks);
  switch (judged) {
    case "damaged":
      throw checkLost("is damaged");
    case "wrong":
      throw refuse(
        "the secrets in the database were sealed with another key: set SIGNALBOX_SECRET_KEY to the one that was used before. " +
          "If the key shall be changed, set SIGNALBOX_SECRET_KEY_PREVIOUS to the one that was used before",
      );
    case "half":
      throw refuse(
        "the key of the database is being changed, and its secrets are sealed in part with the one and in part with the other: set " +
          "SIGNALBOX_SECRET_KEY to the new one and SIGNALBOX_SECRET_KEY_PREVIOUS to the one before",
      );
    case "new":
      refuseUnknowing(vault, around.others);
      // Said before anything is sealed with it: from then on neither key is enough alone.
      await putSetting(client, "secret_check", [...checks, newCheck(vault)].join("\n"));
      return { vault, isChanging: !(await finishKeyChange(client, vault, around)) };
    case "known": {
      // One that others have not finished with is not the one to finish: it seals with the key before, as before.
      const isNewest = vault.isCurrent(checks.at(-1) ?? "");
      if (checks.length === 1 || (!isNewest && around.others.length > 0)) return { vault, isChanging: false };
      if (!isNewest) await putSetting(client, "secret_check", checks.toReversed().join("\n"));
      return { vault, isChanging: !(await finishKeyChange(client, vault, around)) };
    }
    default:
      return judged satisfies never;
  }
}

/** Whether one of them seals with another key than `vault`. */
export function sealsOtherwise(vault: Vault, others: readonly OtherNode[]): boolean {
  const [own] = keyNames(vault);
  return others.some(({ keys }) => keys[0] !== own);
}

/** Seals everything anew with the key of `vault`. Whether the change is finished: no other node seals with the key before. */
export async function finishKeyChange(client: Client, vault: Vault, { others, log }: Around): Promise<boolean> {
  const checks = (await settingOf(client, "secret_check"))?.split("\n") ?? [];
  // Another has finished it, or begun the next.
  if (checks.length === 1 || !vault.isCurrent(checks.at(-1) ?? "")) return true;
  const secrets = await resealDatabase(client, (sealed) => renew(vault, sealed));
  if (sealsOtherwise(vault, others)) {
    log.info(
      { secrets },
      "the key is being changed: other nodes seal with the one before until each is started with the new one",
    );
    return false;
  }
  await putSetting(client, "secret_check", newCheck(vault));
  log.info(
    { secrets },
    "the key is changed: everything is sealed with the new one, and the one before is needed for older backups only",
  );
  return true;
}

function refuseUnknowing(vault: Vault, others: readonly OtherNode[]): void {
  const [own = ""] = keyNames(vault);
  const unknowing = others.filter(({ keys }) => !keys.includes(own));
  if (unknowing.length === 0) return;
  throw refuse(
    `what is sealed with SIGNALBOX_SECRET_KEY could not be opened by ${namesOf(unknowing)}: start each node with its key as it was and the new one as ` +
      "SIGNALBOX_SECRET_KEY_PREVIOUS first, then each with the new one and the one before; or stop the others",
  );
}

function renew(vault: Vault, sealed: string): string | undefined {
  if (vault.isCurrent(sealed)) return undefined;
  try {
    return vault.seal(vault.open(sealed));
  } catch (thrown) {
    throw new SignalboxError(
      "conflict",
      "a secret in the database is sealed with neither of the keys, so that the key cannot be changed: start with the key before, and give that secret anew, or remove it",
      { cause: thrown },
    );
  }
}

function checkLost(how: "is missing" | "is damaged"): SignalboxError {
  return refuse(
    `the row secret_check of the table signalbox.setting ${how}, so that nothing tells whether SIGNALBOX_SECRET_KEY is the key that the secrets in ` +
      "the database were sealed with: restore the database from a backup",
  );
}

function refuse(message: string): SignalboxError {
  return new SignalboxError("conflict", message);
}

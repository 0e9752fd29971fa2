import type { Client } from "pg";
import { SignalboxError } from "../errors.ts";
import type { Log } from "../log.ts";
import { aesVault, type Vault } from "../secrets/vault.ts";
import { holdsSealed, resealDatabase } from "../store/postgres/sealed.ts";
import { putSetting, settingOf } from "../store/postgres/setting.ts";
import { judgeKeys, newCheck } from "./key-check.ts";

/** 32 bytes in base64 each. */
interface DatabaseKeys {
  readonly current: string;
  /** It is on its way out. */
  readonly previous: string | undefined;
}

/**
 * The vault of a database in PostgreSQL, which keeps a check for each key in use. With a new key and the one before it seals everything anew; cut off at
 * any moment, it goes on at the next start, for which both are needed until then.
 *
 * @throws SignalboxError `conflict`, with the remedy: these are not the keys that the secrets in it were sealed with.
 */
export async function openDatabaseVault(client: Client, keys: DatabaseKeys, log: Log): Promise<Vault> {
  const older = keys.previous === undefined ? [] : [Buffer.from(keys.previous, "base64")];
  const vault = aesVault(Buffer.from(keys.current, "base64"), older);
  const stored = await settingOf(client, "secret_check");
  if (stored === undefined) {
    if (await holdsSealed(client)) throw checkLost("is missing");
    await putSetting(client, "secret_check", newCheck(vault));
    return vault;
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
      // Said before anything is sealed with it: from then on neither key is enough alone.
      await putSetting(client, "secret_check", [...checks, newCheck(vault)].join("\n"));
      await finish(client, vault, log);
      return vault;
    case "known":
      if (checks.length > 1) await finish(client, vault, log);
      return vault;
    default:
      return judged satisfies never;
  }
}

async function finish(client: Client, vault: Vault, log: Log): Promise<void> {
  const secrets = await resealDatabase(client, (sealed) => renew(vault, sealed));
  await putSetting(client, "secret_check", newCheck(vault));
  log.info(
    { secrets },
    "the key is changed: everything is sealed with the new one, and the one before is needed for older backups only",
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

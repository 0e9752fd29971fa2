import { join } from "node:path";
import { SignalboxError } from "../errors.ts";
import { finishRotation } from "../open-folder/rotation.ts";
import { beginRotation, isRotating, type Keys, openVault, ownKey, retireKey } from "../open-folder/secret-key.ts";
import { anySealed } from "../store/sql/sealed.ts";
import { inspectFolder } from "../store/sqlite/inspect.ts";
import { databaseFile, lockFolder, migrate, openWriter } from "../store/sqlite/open.ts";
import { mustExist } from "./check.ts";
import { type Progress, unseen } from "./progress.ts";

interface KeyRotation {
  readonly secrets: number;
  /** The key that lay in the folder was put aside. */
  readonly retired: boolean;
}

/**
 * Changes the key of a data folder that no server uses: to the configured one, from the previous one or that in the folder; or, where none is
 * configured, from the one in the folder to a new one. Begun again, it goes on where it was cut off. Throws `conflict` when the folder is in use, or
 * the keys are not those of its secrets.
 */
export function rotateSecrets(folder: string, keys: Keys, progress: Progress = unseen): KeyRotation {
  mustExist(folder);
  using _lock = lockFolder(folder, 0);
  if (inspectFolder(folder).database === undefined) {
    throw new SignalboxError("conflict", `there is no database in ${folder}: there is nothing that is sealed`);
  }
  const own = ownKey(folder);
  if (keys.current === undefined) {
    if (own === undefined && !isRotating(folder)) {
      throw new SignalboxError(
        "conflict",
        `there is no key in ${folder}: set SIGNALBOX_SECRET_KEY to the new one (openssl rand -base64 32) and SIGNALBOX_SECRET_KEY_PREVIOUS to the one before`,
      );
    }
    if (own !== undefined) beginRotation(folder);
  }
  const previous = keys.previous ?? (keys.current === undefined ? undefined : own);
  const db = openWriter(join(folder, databaseFile));
  try {
    migrate(db);
    const vault = openVault(folder, { current: keys.current, previous }, db.prepare(anySealed).get() !== undefined);
    const secrets = finishRotation(folder, db, vault, (done) => progress({ doing: "sealing secrets", done })) ?? 0;
    const retired = keys.current === undefined ? own !== undefined : retireKey(folder);
    return { secrets, retired };
  } finally {
    db.close();
  }
}

import type { Clock } from "../clock.ts";
import type { Config } from "../config/config.ts";
import { quotasOf } from "../config/quota-settings.ts";
import { SignalboxError } from "../errors.ts";
import { DiskReserve } from "../folder/reserve.ts";
import type { Log } from "../log.ts";
import type { Vault } from "../secrets/vault.ts";
import { anySealed } from "../store/sql/sealed.ts";
import { databaseSizes } from "../store/sqlite/open.ts";
import { openSqliteStore, type SqliteStore } from "../store/sqlite/store.ts";
import type { Store } from "../store/store.ts";
import { DiskRoom } from "./disk-room.ts";
import { finishRotation } from "./rotation.ts";
import { openVault } from "./secret-key.ts";

/** A data folder that is this process's: its database, wherever that is, its key, and what the disk has room for. */
export interface OpenedFolder extends Omit<SqliteStore, "store"> {
  /** Refuses what there is no room for. */
  readonly store: Store;
  /** For what has to be written whatever room there is: at the start. */
  readonly unguarded: Store;
  readonly vault: Vault;
  readonly room: DiskRoom;
  /** What the database takes. */
  readonly sizes: () => Promise<DatabaseSizes>;
}

interface DatabaseSizes {
  readonly databaseBytes: number;
  /** Of its write-ahead log, where that is a file of the data folder; else 0. */
  readonly logBytes: number;
}

export interface OpenOptions {
  readonly config: Config;
  readonly clock: Clock;
  readonly log: Log;
}

/** With its database in it. Throws `conflict`, naming the remedy, when it is another's, damaged, or sealed with another key. */
export async function openFolder({ config, clock, log }: OpenOptions): Promise<OpenedFolder> {
  const folder = config.data;
  const room = new DiskRoom({ reserve: new DiskReserve(folder, config.reserveBytes, clock), clock, log });
  const opening: { vault?: Vault } = {};
  const opened = await openSqliteStore({
    folder,
    clock,
    log,
    quotas: quotasOf(config),
    locked: () => room.begin(),
    opened: (db) => {
      const keys = { current: config.secretKey, previous: config.secretKeyPrevious };
      opening.vault = openVault(folder, keys, db.prepare(anySealed).get() !== undefined);
      const secrets = finishRotation(folder, db, opening.vault);
      if (secrets !== undefined) {
        log.info(
          { secrets },
          "the key is changed: everything is sealed with the new one, and the one before is needed for older backups only",
        );
      }
    },
    noRoom: () => void room.giveUp(),
    mayRecord: () => room.mayRecord,
  });
  const { store: unguarded } = opened;
  if (opening.vault === undefined) throw new SignalboxError("internal", "the store was opened without its key");
  room.onGivenUp(() => unguarded.upkeep.relieve());
  const store = { ...unguarded, commit: room.guarding((unit) => unguarded.commit(unit)) };
  return { ...opened, store, unguarded, vault: opening.vault, room, sizes: () => databaseSizes(folder) };
}

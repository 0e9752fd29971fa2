import { quotasOf } from "../config/quota-settings.ts";
import { SignalboxError } from "../errors.ts";
import type { MarkWriter } from "../folder/commit-mark.ts";
import { DiskReserve } from "../folder/reserve.ts";
import { checkServer } from "../store/postgres/server-check.ts";
import { openPostgresStore } from "../store/postgres/store.ts";
import { lockFolder } from "../store/sqlite/open.ts";
import type { Store } from "../store/store.ts";
import { refuseOwnDatabase } from "./database-folder.ts";
import { DiskRoom } from "./disk-room.ts";
import { type Joined, join, tellingRefusals } from "./joining.ts";
import { finishLater } from "./key-change.ts";
import type { OpenedFolder, OpenOptions } from "./open-folder.ts";

const lockWaitMs = 2_000;

/**
 * A data folder whose database is in PostgreSQL: in the folder are the bytes of objects, unless they lie in a bucket, and what this process says of itself. A
 * full disk refuses bytes, and nothing else. With the bytes in a bucket other processes, nodes, may work on the same database.
 *
 * @param url `postgres://user:password@host:port/database`
 */
export async function openPostgres(url: string, { config, clock, log }: OpenOptions): Promise<OpenedFolder> {
  const { data: folder, secretKey: current, secretKeyPrevious: previous } = config;
  if (current === undefined) {
    throw new SignalboxError("invalid_request", "SIGNALBOX_SECRET_KEY is missing: SIGNALBOX_STORE wants it");
  }
  await using opening = new AsyncDisposableStack();
  const room = new DiskRoom({ reserve: new DiskReserve(folder, config.reserveBytes, clock), clock, log });
  opening.use(lockFolder(folder, lockWaitMs));
  refuseOwnDatabase(folder);
  await room.begin();
  const joined: { by?: Joined } = {};
  const opened = opening.use(
    await openPostgresStore({
      url,
      clock,
      log,
      quotas: quotasOf(config),
      nodes: config.blobs === undefined ? "one" : "several",
      check: (client) => checkServer(client, { acceptLoss: config.storeAsync !== undefined, clock, log }),
      opened: async (client, mark) => {
        joined.by = await join(client, mark, { config, keys: { current, previous }, clock, log });
        const { marks } = joined.by.on;
        opening.defer(() => marks.close());
        return joined.by.startedWith;
      },
    }),
  );
  if (joined.by === undefined) throw new SignalboxError("internal", "the store was opened without its key");
  const { vault, isChanging, on } = joined.by;
  const { run, marks } = on;
  if (isChanging) {
    const closing = new AbortController();
    const finished = finishLater({ url, vault, self: run.mark, clock, log }, closing.signal);
    opening.defer(async () => {
      closing.abort();
      await finished;
    });
  }
  const store: Store = { ...opened.store, commit: marking((unit) => opened.store.commit(unit), marks) };
  const { feed, cluster, hints } = opened;
  if (config.publicUrl === undefined) opening.use(tellingRefusals(hints, log));
  const owned = opening.move();
  return {
    store,
    unguarded: store,
    feed,
    cluster,
    hints,
    run,
    vault,
    room,
    sizes: async () => ({ databaseBytes: await store.upkeep.usedBytes(), logBytes: 0 }),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** Tells the folder how far the database has come: an older one, put back, is known by it. */
function marking(commit: Store["commit"], marks: MarkWriter): Store["commit"] {
  let last = 0;
  return async (unit) => {
    const done = await commit(unit);
    if (done.kind !== "committed") return done;
    const sequence = done.sequences.at(-1) ?? 0;
    if (sequence > last) {
      last = sequence;
      marks.write(sequence);
    }
    return done;
  };
}

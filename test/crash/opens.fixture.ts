/** Opens the folder as a start does, sweeps it, and is killed: or says why it does not open it. */
import { join } from "node:path";
import { fileBlobs } from "../../src/blobs/files.ts";
import { systemClock } from "../../src/clock.ts";
import { asError } from "../../src/errors.ts";
import { silentLog } from "../../src/log.ts";
import { openVault } from "../../src/open-folder/secret-key.ts";
import { sweepBlobs } from "../../src/storage/sweep.ts";
import { openSqliteStore } from "../../src/store/sqlite/store.ts";

const [folder = ""] = process.argv.slice(2);
const clock = systemClock;
const say = (fields: object, message: string): void =>
  void process.stderr.write(`${message} ${JSON.stringify(fields)}\n`);
const log = { ...silentLog, warn: say, error: say };
try {
  const { store, run } = await openSqliteStore({ folder, clock, log });
  openVault(folder, undefined, await store.upkeep.holdsSealed());
  const blobs = await fileBlobs(join(folder, "blobs"), clock, run);
  await sweepBlobs({ store, blobs, clock, log }, new AbortController().signal);
  // A server commits soon after its start, and so does this.
  await store.users.reserveNumbers(1);
} catch (thrown) {
  process.stderr.write(`refused: ${asError(thrown).message}\n`);
  process.exit(1);
}
process.kill(process.pid, "SIGKILL");

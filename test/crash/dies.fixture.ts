/** A process that overwrites the object `victim` and is killed by itself just before or just after the commit. */
import { join } from "node:path";
import { fileBlobs } from "../../src/blobs/files.ts";
import { systemClock } from "../../src/clock.ts";
import { type Publish, publisher } from "../../src/delivery/publish.ts";
import { silentLog } from "../../src/log.ts";
import { putObject } from "../../src/storage/objects.ts";
import { openSqliteStore } from "../../src/store/sqlite/store.ts";
import { fakeGuard } from "../support/guard.ts";
import { testContext } from "../support/wired.ts";

const [folder = "", point] = process.argv.slice(2);

function die(): never {
  process.kill(process.pid, "SIGKILL");
  throw new Error("nobody survives this");
}

const clock = systemClock;
const log = silentLog;
const { store, feed, run } = await openSqliteStore({ folder, clock, log });
const commit = publisher({ store, wake: () => {}, accepted: () => {} });
const publish: Publish = async (unit) => {
  if (point === "before") die();
  await commit(unit);
  die();
};
const blobs = await fileBlobs(join(folder, "blobs"), clock, run);
const bucket = await store.objects.bucket("default", "alpha");
if (bucket === undefined) throw new Error("there is no bucket");
const body = Buffer.from("the second");
const { id, size } = await blobs.write(
  (async function* () {
    yield body;
  })(),
);
const context = await testContext({ store, feed, blobs, clock }, { publish, guard: fakeGuard() });
await putObject(context, {
  principal: { tenant: "default", name: "operator", role: "admin" },
  bucket,
  key: "victim",
  origin: "s3",
  receive: async () => ({ pieces: [{ blob: id, size }], size, eTag: "second", checksums: {} }),
  facts: { contentType: "text/plain", headers: {}, userMetadata: {}, tags: {} },
});

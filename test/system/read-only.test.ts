/** A start on a disk that nobody may write to. Needs root, for a disk of its own. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { it } from "node:test";
import { refusedServer, serverProcess } from "../support/server-process.ts";
import { smallDisk } from "./small-disk.ts";

it("names the path and the remedy on a read-only disk, whether the folder is there or not", async () => {
  await using disk = await smallDisk(24);
  const folder = join(disk.path, "data");
  {
    await using server = await serverProcess({ folder });
    assert.equal(await server.stop(), 0);
  }
  await disk.readOnly();
  for (const data of [folder, join(disk.path, "other")]) {
    const { ending, log } = await refusedServer({ folder: data });
    assert.equal(ending, 1, log);
    assert.match(log, /read-only file system: mount it for writing, or set SIGNALBOX_DATA/);
    assert.ok(log.includes(data), log);
  }
});

import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { fakeGuard } from "../../test/support/guard.ts";
import { migrated } from "../../test/support/migrated.ts";
import { testContext } from "../../test/support/wired.ts";
import type { FolderBlobs } from "../blobs/blobs.ts";
import { fileBlobs } from "../blobs/files.ts";
import { systemClock } from "../clock.ts";
import type { StorageContext } from "../context.ts";
import { silentLog } from "../log.ts";
import { openSqliteStore } from "../store/sqlite/store.ts";
import { madeBucket, makeBucket } from "./buckets.ts";
import { putObject } from "./objects.ts";
import { sweepBlobs } from "./sweep.ts";
import { createUpload, putPart, wholeContent } from "./uploads.ts";

const principal = { tenant: "default", name: "root", role: "admin" } as const;

async function* bytes(text: string): AsyncGenerator<Buffer> {
  yield Buffer.from(text);
}

async function start(folder: string): Promise<StorageContext & { readonly blobs: FolderBlobs } & AsyncDisposable> {
  const opened = await openSqliteStore({ folder: migrated(folder), clock: systemClock, log: silentLog });
  const blobs = await fileBlobs(join(folder, "blobs"), systemClock, opened.run);
  return {
    ...(await testContext({ ...opened, blobs, clock: systemClock }, { guard: fakeGuard() })),
    blobs,
    [Symbol.asyncDispose]: async () => {
      await blobs.close();
      await opened[Symbol.asyncDispose]();
    },
  };
}

async function ids(deps: { readonly blobs: FolderBlobs }): Promise<string[]> {
  const found: string[] = [];
  for await (const page of deps.blobs.older(new AbortController().signal)) found.push(...page);
  return found.sort();
}

describe("sweeping", () => {
  it("deletes what earlier runs left and nothing refers to, and nothing else", async () => {
    const folder = await mkdtemp(join(tmpdir(), "signalbox-sweep-"));
    try {
      const kept: string[] = [];
      {
        await using deps = await start(folder);
        const createdMs = deps.clock.now();
        await deps.store.commit({
          changes: [
            { do: "tenant.add", tenant: { id: "default", name: "default", createdMs } },
            { do: "principal.put", principal: { ...principal, createdMs } },
          ],
        });
        const bucket = madeBucket(await makeBucket(deps, { principal, origin: "s3", name: "alpha" }));
        const place = { principal, bucket, key: "k", origin: "test" };
        const facts = { contentType: "a/b", headers: {}, userMetadata: {}, tags: {} };
        const content = async (text: string) => {
          const { id, size } = await deps.blobs.write(bytes(text));
          kept.push(id);
          return { blob: id, size, eTag: "0".repeat(32), checksums: {} };
        };
        await putObject(deps, { ...place, facts, receive: async () => wholeContent(await content("object")) });
        const upload = await createUpload(deps, { ...place, facts });
        await putPart(deps, upload, 1, await content("part"));
        // As if the process had been killed between writing and committing.
        await deps.blobs.write(bytes("orphan"));
      }
      await using deps = await start(folder);
      const fresh = await deps.blobs.write(bytes("being written"));
      assert.equal((await ids(deps)).length, 3);
      await sweepBlobs(deps, new AbortController().signal);
      assert.deepEqual(await ids(deps), kept.sort());
      const stream = await deps.blobs.read(fresh.id, { start: 0, end: 0 });
      assert.ok(stream !== undefined);
      stream.destroy();
      await sweepBlobs(deps, AbortSignal.abort());
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});

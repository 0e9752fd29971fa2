/** Whether what is counted is what is there. */

import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  UploadPartCommand,
} from "@aws-sdk/client-s3";
import { Bucket, counted, put } from "../support/quotas.ts";
import { type ServerProcess, serverProcess } from "../support/server-process.ts";

describe("counters", () => {
  it("are what is there, after anything that is done to objects, and after kill -9", async () => {
    const folder = await mkdtemp(join(tmpdir(), "signalbox-quotas-"));
    await using made = new AsyncDisposableStack();
    made.defer(() => rm(folder, { recursive: true, force: true }));
    // A small generator, so that what failed can be done again.
    let seed = 42;
    const dice = (sides: number): number => {
      seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
      return Math.floor((seed / 2 ** 31) * sides);
    };
    const key = (): string => `k${dice(6)}`;
    const body = (): string => "x".repeat(dice(50));
    const one = async (server: ServerProcess): Promise<unknown> => {
      const { s3 } = server;
      const Key = key();
      switch (dice(9)) {
        case 0:
        case 1:
          return put(s3, Key, body());
        case 2:
          return s3.send(new CopyObjectCommand({ Bucket, Key, CopySource: `${Bucket}/${key()}` }));
        case 3:
          return s3.send(new DeleteObjectCommand({ Bucket, Key }));
        case 4:
          return s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects: [{ Key }, { Key: key() }] } }));
        case 5: {
          const { files } = await server.api<{ readonly files: readonly { readonly uuid: string }[] }>(
            "GET",
            `/api/cloud/files/?bucket=${Bucket}`,
          );
          const file = files[dice(files.length)];
          return file && server.api("POST", `/api/cloud/files/${file.uuid}/rename/`, { key: key(), overwrite: true });
        }
        case 6: {
          const { UploadId } = await s3.send(new CreateMultipartUploadCommand({ Bucket, Key }));
          const at = { Bucket, Key, UploadId };
          const { ETag } = await s3.send(new UploadPartCommand({ ...at, PartNumber: 1, Body: body() }));
          await s3.send(new UploadPartCommand({ ...at, PartNumber: 2, Body: body() }));
          if (dice(3) === 0) return undefined;
          if (dice(2) === 0) return s3.send(new AbortMultipartUploadCommand(at));
          const MultipartUpload = { Parts: [{ ETag, PartNumber: 1 }] };
          return s3.send(new CompleteMultipartUploadCommand({ ...at, MultipartUpload }));
        }
        case 7: {
          const name = `beta${dice(3)}`;
          await s3.send(new CreateBucketCommand({ Bucket: name }));
          if (dice(2) === 0) await s3.send(new CreateMultipartUploadCommand({ Bucket: name, Key }));
          return dice(2) === 0 ? s3.send(new DeleteBucketCommand({ Bucket: name })) : undefined;
        }
        default: {
          const body2 = { event: "*", bucket: Bucket, target: { type: "webhook", url: "https://example.com/" } };
          return server.api("POST", "/api/cloud/subscriptions/", body2);
        }
      }
    };
    for (let round = 0; round < 2; round += 1) {
      await using server = await serverProcess({ folder });
      await server.s3.send(new CreateBucketCommand({ Bucket })).catch(() => {});
      for (let nth = 0; nth < 15; nth += 1) await Promise.allSettled([one(server), one(server), one(server)]);
      // Killed in the middle of some.
      const last = Array.from({ length: 12 }, () => one(server).catch(() => {}));
      await last[0];
      await server.kill();
      await Promise.all(last);
      const [counters, there] = counted(folder);
      assert.deepEqual(counters, there);
    }
  });
});

/** Whoever ends, or loses the bucket, while the bytes of an upload come. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { describe, it } from "node:test";
import { CreateMultipartUploadCommand } from "@aws-sdk/client-s3";
import type { Change } from "../../src/store/unit.ts";
import { Bucket, type S3Fixture, type Someone, withBucket } from "../support/s3.ts";
import { head } from "../support/sign.ts";
import { until } from "../support/until.ts";

/** How an upload is answered whose first half had come when `meanwhile` happened. */
async function half(
  fixture: S3Fixture,
  who: Someone,
  { query, meanwhile }: { readonly query?: Readonly<Record<string, string>>; readonly meanwhile: () => Promise<void> },
): Promise<string> {
  const before = await fixture.blobCount();
  const socket = connect(fixture.port, "127.0.0.1");
  let received = "";
  socket.on("data", (chunk) => (received += chunk.toString("latin1")));
  const request = { method: "PUT", path: `/${Bucket}/late`, headers: { "content-length": "10" } };
  socket.write(
    `${head(fixture.port, who.credentials, { ...request, ...(query === undefined ? {} : { query }) })}12345`,
  );
  await until("bytes come", async () => (await fixture.blobCount()) > before);
  await meanwhile();
  socket.write("67890");
  await until("it is answered", () => received.includes("\r\n\r\n"));
  socket.destroy();
  await once(socket, "close");
  const [status = ""] = received.split("\r\n");
  return `${status.slice(9, 12)} ${/<Code>([^<]*)/.exec(received)?.[1]}`;
}

describe("an upload under way", () => {
  it("comes to nothing when its writer ends, its key is taken away, or the bucket is not shared any more", async () => {
    await using fixture = await withBucket();
    const { deps, admin } = fixture;
    const bucket = (await deps.store.objects.bucket("default", Bucket)) ?? assert.fail();
    const { UploadId: uploadId = "" } = await admin.s3.send(new CreateMultipartUploadCommand({ Bucket, Key: "late" }));
    const part = { query: { partNumber: "1", uploadId } };
    const atMs = deps.clock.now();
    const cases: readonly (readonly [name: string, what: (who: Someone) => Change, expected: string])[] = [
      ["eve", ({ name, tenant }) => ({ do: "principal.end", tenant, name, atMs }), "403 InvalidAccessKeyId"],
      [
        "kay",
        ({ tenant, credentials }) => ({ do: "accessKey.remove", tenant, id: credentials.accessKeyId }),
        "403 InvalidAccessKeyId",
      ],
      ["zoe", ({ name }) => ({ do: "grant.remove", resource: bucket.uuid, grantee: name }), "404 NoSuchBucket"],
    ];
    for (const [name, what, expected] of cases) {
      for (const more of [{}, part]) {
        const who = await fixture.someone(`${name}${"query" in more ? 2 : 1}`, "member");
        const grant = { resource: bucket.uuid, grantee: who.name, permission: "write" } as const;
        await deps.publish({ changes: [{ do: "grant.put", grant }] });
        const meanwhile = async () => void (await deps.publish({ changes: [what(who)] }));
        assert.equal(await half(fixture, who, { ...more, meanwhile }), expected, who.name);
      }
    }
    assert.equal(await deps.store.objects.object(bucket.uuid, "late"), undefined);
    assert.equal(await deps.store.uploads.part(uploadId, 1), undefined);
    await until("nothing is left on disk", async () => (await fixture.blobCount()) === 0);
  });
});

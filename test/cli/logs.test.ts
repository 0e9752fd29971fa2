import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { CreateBucketCommand, GetObjectCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { adminToken, credentials, serverProcess } from "../support/server-process.ts";

type Line = Readonly<Record<string, unknown>>;

function linesOf(log: string): readonly Line[] {
  return log
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Line);
}

const version = (JSON.parse(readFileSync("package.json", "utf8")) as { readonly version: string }).version;

describe("the log of a server", () => {
  it("tells its start and stop with version and settings, and of S3 requests what they were about", async () => {
    const folder = await mkdtemp(join(tmpdir(), "signalbox-logs-"));
    try {
      await using server = await serverProcess({ folder, env: { SIGNALBOX_LOG_LEVEL: "debug" } });
      await server.s3.send(new CreateBucketCommand({ Bucket: "photos" }));
      await server.s3.send(new PutObjectCommand({ Bucket: "photos", Key: "a b/ü.txt", Body: "x" }));
      await assert.rejects(server.s3.send(new GetObjectCommand({ Bucket: "photos", Key: "none" })));
      await fetch(`${server.s3Url}/photos/unsigned`);
      assert.equal(await server.stop(), 0);
      const lines = linesOf(server.log);
      const started = lines.find(({ msg }) => msg === "started");
      assert.equal(started?.["version"], version);
      assert.equal(started?.["api"], server.url);
      const settings = started?.["settings"] as Line;
      assert.deepEqual(
        [settings["data"], settings["logLevel"], settings["adminToken"], settings["s3SecretAccessKey"]],
        [folder, "debug", "given", "given"],
      );
      assert.ok(!server.log.includes(adminToken) && !server.log.includes(credentials.secretAccessKey));
      assert.deepEqual(
        lines.flatMap(({ msg }) => (msg === "stopping" || msg === "stopped" ? [msg] : [])),
        ["stopping", "stopped"],
      );
      const fields = ["method", "bucket", "key", "tenant", "principal", "status", "code"];
      const about = lines.filter(({ msg }) => msg === "S3 request").map((line) => fields.map((name) => line[name]));
      assert.deepEqual(about, [
        ["PUT", "photos", undefined, "default", "admin", 200, undefined],
        ["PUT", "photos", "a b/ü.txt", "default", "admin", 200, undefined],
        ["GET", "photos", "none", "default", "admin", 404, "NoSuchKey"],
        ["GET", "photos", "unsigned", undefined, undefined, 403, "AccessDenied"],
      ]);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});

/** Formats that others wrote the readers of: a consumer of S3's notifications with boto3, and the official SDK of CloudEvents. */
import assert from "node:assert/strict";
import type { IncomingHttpHeaders } from "node:http";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import { CreateBucketCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { CloudEvent, HTTP } from "cloudevents";
import { type SignedHeaders, verify } from "../../src/domain/signature.ts";
import { httpListener } from "../support/listeners.ts";
import { until } from "../support/until.ts";
import { pythonWith, workshop } from "./harness.ts";

const script = fileURLToPath(new URL("./formats.py", import.meta.url));
const keys = ["plain.txt", "a folder/ü + 100% & more.txt", "日本/💡"];

interface Got {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

describe("formats", () => {
  it("arrive as their readers expect them, signed over what is on the wire", async () => {
    await using shop = await workshop();
    const { server } = shop;
    const got: Got[] = [];
    await using receiver = await httpListener((request, response) => {
      const parts: Buffer[] = [];
      request.on("data", (part: Buffer) => void parts.push(part));
      request.on("end", () => {
        got.push({ path: request.url ?? "", headers: request.headers, body: Buffer.concat(parts) });
        response.end();
      });
    });
    await server.s3.send(new CreateBucketCommand({ Bucket: "formatted" }));
    const secrets = new Map<string, string>();
    for (const format of ["s3", "cloudevents", "cloudevents-binary"]) {
      for (const compression of [null, "gzip"]) {
        const path = `/${format}/${compression}`;
        const rule = { url: `http://127.0.0.1:${receiver.port}${path}`, format, compression };
        const made = await server.api<{ signing_secret: string }>(
          "POST",
          "/api/cloud/buckets/formatted/notifications/",
          rule,
        );
        secrets.set(path, made.signing_secret);
      }
    }
    for (const Key of keys) {
      await server.s3.send(new PutObjectCommand({ Bucket: "formatted", Key, Body: Key }));
    }
    await until("all deliveries", () => got.length >= secrets.size * keys.length);
    const python = await pythonWith("boto3");
    const { accessKeyId, secretAccessKey } = server.credentials;
    const env = {
      S3_URL: server.s3Url,
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
      AWS_DEFAULT_REGION: "us-east-1",
      PYTHONDONTWRITEBYTECODE: "1",
    };
    for (const [path, secret] of secrets) {
      const read = new Set<string | undefined>();
      for (const { headers, body } of got.filter((one) => one.path === path)) {
        const signed = verify([secret], headers as unknown as SignedHeaders, body, { nowMs: Date.now() });
        assert.deepEqual(signed, { kind: "ok" });
        assert.equal(headers["content-encoding"], path.endsWith("gzip") ? "gzip" : undefined);
        const text = headers["content-encoding"] === "gzip" ? gunzipSync(body) : body;
        if (path.startsWith("/s3/")) {
          const said = JSON.parse((await shop.run(python, [script], { env, input: text })).toString()) as string[][];
          assert.deepEqual(
            said.map(([name, , address]) => [name, address]),
            [["ObjectCreated:Put", "127.0.0.1"]],
          );
          read.add(said[0]?.[1]);
        } else {
          const event = HTTP.toEvent<{ object: { key: string } }>({ headers, body: text.toString() });
          assert.ok(event instanceof CloudEvent && event.validate());
          assert.deepEqual(
            [event.type, event.source, event["delivery"], event["sequence"]],
            ["OBJECT_CREATED_PUT", "signalbox", headers["webhook-id"], headers["x-signalbox-sequence"]],
          );
          const key = (event.data as { object: { key: string } }).object.key;
          const subject = event.subject ?? "";
          assert.equal(path.includes("binary") ? decodeURIComponent(subject) : subject, `formatted/${key}`);
          read.add(key);
        }
      }
      assert.deepEqual(read, new Set(keys), path);
    }
  });
});

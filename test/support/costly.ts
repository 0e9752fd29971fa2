/** Tenants with more costly filters than an API call makes, on a real server. */
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CreateBucketCommand, S3Client } from "@aws-sdk/client-s3";
import { systemClock } from "../../src/clock.ts";
import type { Uuid } from "../../src/domain/ids.ts";
import { silentLog } from "../../src/log.ts";
import { openSqliteStore } from "../../src/store/sqlite/store.ts";
import { aSubscription } from "../conformance/store/given.ts";
import type { RunningServer } from "./in-process.ts";
import { stored } from "./stored.ts";

export const Bucket = "alpha";
/** On which each costly filter follows 800 threads over 1,000 characters: 3 ms. */
export const worstKey = "ab".repeat(500);

export interface Tenant {
  readonly s3: S3Client;
  readonly api: <T>(method: string, path: string, body?: unknown) => Promise<T>;
}

/** A tenant with a bucket, made as operators make them. */
export async function tenant(server: RunningServer, id: string): Promise<Tenant> {
  await server.api("POST", "/api/cloud/tenants/", { id, name: id });
  await asOperator(server, id)("POST", "/api/cloud/tokens/", { principal: "ann", role: "admin" });
  const made = await tenantAgain(server, id);
  await made.s3.send(new CreateBucketCommand({ Bucket }));
  return made;
}

/** One that was made before. */
export async function tenantAgain(server: RunningServer, id: string): Promise<Tenant> {
  const api = asOperator(server, id);
  const key = await api<{ readonly access_key_id: string; readonly secret_access_key: string }>(
    "POST",
    "/api/cloud/access-keys/",
    { principal: "ann", label: "test" },
  );
  const s3 = new S3Client({
    endpoint: server.s3Url,
    region: "us-east-1",
    forcePathStyle: true,
    credentials: { accessKeyId: key.access_key_id, secretAccessKey: key.secret_access_key },
    maxAttempts: 1,
  });
  return { s3, api };
}

function asOperator(server: RunningServer, id: string): Tenant["api"] {
  return async <T>(method: string, path: string, body?: unknown): Promise<T> => {
    const answer = await fetch(new URL(path, server.url), {
      method,
      headers: {
        authorization: `Bearer ${server.token}`,
        "x-signalbox-tenant": id,
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    assert.ok(answer.ok, `${method} ${path}: ${answer.status} ${text}`);
    return (JSON.parse(text) as { readonly data: T }).data;
  };
}

export function costly(index: number): string {
  return `key REGEXP '[ab]*[a${index}]b?[ab]{800}[^ab${index}]'`;
}

export async function folder() {
  const path = await mkdtemp(join(tmpdir(), "signalbox-costly-"));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

/** Puts so many rules into the bucket of a server that is stopped. */
export async function withFilters(path: string, count: number): Promise<{ readonly bucket: Uuid }> {
  await using opened = await openSqliteStore({ folder: path, clock: systemClock, log: silentLog });
  const bucket = (await opened.store.objects.bucket("costs", Bucket))?.uuid;
  assert.ok(bucket !== undefined);
  for (let from = 0; from < count; from += 1_000) {
    const some = Array.from({ length: Math.min(1_000, count - from) }, (_, index) => ({
      do: "subscription.add" as const,
      subscription: aSubscription(bucket, { tenant: "costs", owner: "ann", filter: stored(costly(from + index)) }),
    }));
    await opened.store.commit({ changes: some });
  }
  return { bucket };
}

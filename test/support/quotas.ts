/** What tests of quotas ask of a running server. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { PutObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import type { RunningServer } from "./in-process.ts";
import { adminToken, serverProcess } from "./server-process.ts";

export interface Shown {
  readonly name: string;
  readonly limit: number;
  readonly used: number;
  readonly source: string;
}

type Api = Pick<RunningServer, "api">;

export const Bucket = "alpha";
export const tenantPath = "/api/cloud/tenants/default/";

export function give({ api }: Api, quotas: Readonly<Record<string, number | null>>): Promise<unknown> {
  return api("PATCH", tenantPath, { quotas });
}

export async function quotas({ api }: Api): Promise<ReadonlyMap<string, Shown>> {
  const { quotas: shown } = await api<{ readonly quotas: readonly Shown[] }>("GET", "/api/cloud/usage/");
  return new Map(shown.map((quota) => [quota.name, quota]));
}

export async function used(server: Api, name: string): Promise<number | undefined> {
  return (await quotas(server)).get(name)?.used;
}

/** `403 QuotaExceeded`, or `200`. */
export async function outcome(sent: Promise<unknown>): Promise<string> {
  return sent.then(
    () => "200",
    (error: { readonly name: string; readonly $metadata?: { readonly httpStatusCode?: number } }) =>
      `${error.$metadata?.httpStatusCode} ${error.name}`,
  );
}

export interface Told {
  readonly status: number;
  readonly code: string;
  readonly message: string;
  readonly data: Readonly<Record<string, unknown>>;
}

export async function ask(
  { url, token = adminToken }: { readonly url: string; readonly token?: string },
  method: string,
  path: string,
  body?: unknown,
): Promise<Told> {
  const answer = await fetch(`${url}${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { ...((await answer.json()) as Omit<Told, "status">), status: answer.status };
}

export const put = (s3: S3Client, Key: string, Body: string): Promise<unknown> =>
  s3.send(new PutObjectCommand({ Bucket, Key, Body }));

/** What the counters say, and what is there when it is counted. */
export function counted(folder: string): readonly [unknown, unknown] {
  const db = new DatabaseSync(join(folder, "signalbox.db"), { readOnly: true });
  try {
    const rows = (from: string): unknown => db.prepare(`SELECT tenant, name, used FROM ${from} ORDER BY 1, 2`).all();
    return [rows("quota"), rows("quota_counted")];
  } finally {
    db.close();
  }
}

export interface QuotaServer extends AsyncDisposable {
  readonly folder: string;
  readonly url: string;
  readonly s3: S3Client;
  readonly api: RunningServer["api"];
}

/** A server in a process of its own, with a folder that goes with it. */
export async function quotaServer(env: Readonly<Record<string, string>> = {}): Promise<QuotaServer> {
  await using made = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), "signalbox-quotas-"));
  made.defer(() => rm(folder, { recursive: true, force: true }));
  const running = made.use(await serverProcess({ folder, env }));
  const owned = made.move();
  const { url, s3 } = running;
  const api: QuotaServer["api"] = (method, path, body) => running.api(method, path, body);
  return { folder, url, s3, api, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

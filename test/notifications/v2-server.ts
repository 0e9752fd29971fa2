/** A running server in this process, and those who ask it for notifications; each answer is held against its documented schema. */
import assert from "node:assert/strict";
import { CreateBucketCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { Value } from "typebox/value";
import type { Role } from "../../src/domain/access.ts";
import type { ApiContext } from "../../src/faces/http/api-context.ts";
import { errorSchema, successOf } from "../../src/faces/notifications/envelope.ts";
import { faceRoutes } from "../../src/faces/notifications/face.ts";
import { type FaceRoute } from "../../src/faces/notifications/route.ts";
import { type RunningServer, runServer } from "../support/in-process.ts";
import { bodyOf, httpListener } from "../support/listeners.ts";

export const face = "/notifications/v2";

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly message: string | null;
  readonly code: string | undefined;
  readonly fields: readonly { readonly path: string; readonly message: string }[];
  /** The whole body, when it is naked. Tests read answers of every form; each is checked against its schema before. */
  readonly result: Shown;
  readonly list: readonly Shown[];
}

export type Shown = Readonly<Record<string, unknown>>;

export interface Somebody {
  readonly name: string;
  readonly tenant: string;
  readonly s3: S3Client;
  readonly token: string;
  ask(method: string, path: string, body?: unknown, headers?: Readonly<Record<string, string>>): Promise<Answer>;
  /** Subscribes; fails when that is refused. */
  subscribe(body: object): Promise<Shown & { readonly id: string }>;
}

export interface Face extends AsyncDisposable {
  readonly server: RunningServer;
  /** The operator, in the tenant `default`. */
  readonly operator: Somebody;
  /** With a token and S3 keys of their own. */
  someone(name: string, role?: Role, tenant?: string): Promise<Somebody>;
  tenant(id: string): Promise<void>;
  /** A file of theirs in a bucket of their own; its uuid. */
  file(owner: Somebody, bucket: string, key?: string): Promise<string>;
}

/** Their handlers are never called: only what they are documented to answer is looked at. */
const routes: readonly FaceRoute[] = faceRoutes({
  config: { mailConfirm: "on" },
} as unknown as ApiContext);

export async function runFace(env: Readonly<Record<string, string>> = {}): Promise<Face> {
  const server = await runServer(env);
  const clients: S3Client[] = [];
  const made = (name: string, tenant: string, credentials: RunningServer["credentials"], token: string): Somebody => {
    const s3 = new S3Client({
      endpoint: server.s3Url,
      region: "us-east-1",
      forcePathStyle: true,
      credentials,
      maxAttempts: 1,
    });
    clients.push(s3);
    const ask: Somebody["ask"] = (method, path, body, headers) =>
      asked(server.url, { token, method, path, body, headers });
    return {
      name,
      tenant,
      s3,
      token,
      ask,
      subscribe: async (body) => {
        const { status, text, result } = await ask("POST", "/", body);
        assert.equal(status, 201, text);
        return result as Shown & { readonly id: string };
      },
    };
  };
  const inTenant = async <T>(tenant: string, method: string, path: string, body?: unknown): Promise<T> => {
    const response = await fetch(`${server.url}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${server.token}`,
        "x-signalbox-tenant": tenant,
        "content-type": "application/json",
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    assert.ok(response.ok, `${method} ${path}: ${text}`);
    return (JSON.parse(text) as { readonly data: T }).data;
  };
  return {
    server,
    operator: made("admin", "default", server.credentials, server.token),
    someone: async (name, role = "member", tenant = "default") => {
      const { token } = await inTenant<{ token: string }>(tenant, "POST", "/api/cloud/tokens/", {
        principal: name,
        role,
      });
      const key = await inTenant<{ access_key_id: string; secret_access_key: string }>(
        tenant,
        "POST",
        "/api/cloud/access-keys/",
        { principal: name },
      );
      return made(name, tenant, { accessKeyId: key.access_key_id, secretAccessKey: key.secret_access_key }, token);
    },
    tenant: async (id) => void (await inTenant("default", "POST", "/api/cloud/tenants/", { id })),
    file: async ({ s3, tenant }, bucket, key = "picsumipsum.txt") => {
      await s3.send(new CreateBucketCommand({ Bucket: bucket }));
      await s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: "lorem" }));
      const path = `/api/cloud/files/?bucket=${bucket}&key=${encodeURIComponent(key)}`;
      const { files } = await inTenant<{ files: readonly { uuid: string }[] }>(tenant, "GET", path);
      return files[0]?.uuid ?? assert.fail("the file was written");
    },
    [Symbol.asyncDispose]: async () => {
      for (const client of clients) client.destroy();
      await server[Symbol.asyncDispose]();
    },
  };
}

interface Asked {
  readonly token: string;
  readonly method: string;
  readonly path: string;
  readonly body: unknown;
  readonly headers: Readonly<Record<string, string>> | undefined;
}

async function asked(url: string, { token, method, path, body, headers = {} }: Asked): Promise<Answer> {
  const isForm = body instanceof FormData || body instanceof URLSearchParams;
  const response = await fetch(`${url}${face}${path}`, {
    method,
    redirect: "error",
    headers: {
      ...(token === "" ? {} : { authorization: `Bearer ${token}` }),
      ...(body === undefined || isForm ? {} : { "content-type": "application/json" }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: isForm || typeof body === "string" ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  const said = JSON.parse(text) as { status?: string; result?: unknown } & Shown;
  const isNaked = !Object.hasOwn(said, "version");
  if (!isNaked && !path.includes("filter=")) checkForm({ method, path, status: response.status }, said);
  const result = isNaked ? said : said.result;
  return {
    status: response.status,
    headers: response.headers,
    text,
    message: (said["message"] as string | null | undefined) ?? null,
    code: said["code"] as string | undefined,
    fields: (said["fields"] ?? []) as Answer["fields"],
    result: (result ?? {}) as Shown,
    list: (Array.isArray(result) ? result : []) as readonly Shown[],
  };
}

/** Every answer is what the documentation says it is. */
function checkForm(
  { method, path, status }: { readonly method: string; readonly path: string; readonly status: number },
  answer: unknown,
): void {
  const [bare = ""] = path.split("?", 1);
  // What is fixed is found before what is a parameter.
  const route = routes.find(
    ({ methods, path: known }) => methods.includes(method as "GET") && patternOf(known).test(bare),
  );
  const schema = status >= 400 ? errorSchema : route === undefined ? undefined : successOf(route.result);
  assert.ok(schema !== undefined, `${method} ${path} is no route, and answered ${status}`);
  const [error] = Value.Errors(schema, answer);
  assert.equal(error, undefined, `${method} ${path} answered ${JSON.stringify(answer)}`);
}

function patternOf(path: string): RegExp {
  return new RegExp(`^${path.replace(/\/$/, "").replaceAll(/:[^/]+/g, "[^/]+")}/?$`);
}

/** What a webhook of a subscription got. */
export interface Heard {
  readonly path: string;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: Shown;
}

export interface Receiver extends AsyncDisposable {
  /** `http://127.0.0.1:12345` */
  readonly url: string;
  readonly heard: readonly Heard[];
  /** Status of the answers from now on. At first 200. */
  status: number;
}

export async function receiver(): Promise<Receiver> {
  const heard: Heard[] = [];
  const listener = await httpListener((request, response) => {
    void bodyOf(request).then((text) => {
      heard.push({ path: request.url ?? "", headers: request.headers, body: JSON.parse(text) as Shown });
      response.writeHead(self.status).end(self.status === 200 ? "thanks" : "no thanks");
    });
  });
  const self: Receiver = {
    url: `http://127.0.0.1:${listener.port}`,
    heard,
    status: 200,
    [Symbol.asyncDispose]: () => listener[Symbol.asyncDispose](),
  };
  return self;
}

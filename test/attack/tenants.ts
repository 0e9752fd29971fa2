/** The server as a process of its own, and tenants that reach it as its users do: over HTTP, with tokens of their own. */
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Hooked, hooked, invocationsOf } from "../support/functions-api.ts";
import { adminToken, serverProcess } from "../support/server-process.ts";

export interface Answer {
  readonly status: number;
  readonly text: string;
  readonly code: string | undefined;
  readonly message: string;
  readonly data: Readonly<Record<string, unknown>>;
  readonly tookMs: number;
}

export interface Tenant {
  readonly name: string;
  readonly url: string;
  /** Of its admin. */
  readonly token: string;
  ask(method: string, path: string, body?: unknown): Promise<Answer>;
  /** `data` of an answer that must be a success. */
  api<T>(method: string, path: string, body?: unknown): Promise<T>;
  createUser(attributes?: Readonly<Record<string, unknown>>): Promise<Answer>;
  hook(event: string, code: string, options?: Parameters<typeof hooked>[3]): Promise<Hooked>;
  unsubscribe(event: string, hook: Hooked): Promise<void>;
  /** How many it has. */
  users(): Promise<number>;
  /** Newest first. */
  invocations(of: Hooked): Promise<readonly Invocation[]>;
}

export interface Invocation {
  readonly id: number;
  readonly status: string;
  readonly error: { readonly reason: string; readonly message: string; readonly stack: string | null } | null;
  readonly duration_ms: number;
  readonly logs: readonly { readonly message: string }[];
  readonly logs_cut: boolean;
  readonly attempt: number;
  readonly result: unknown;
}

export interface Attacked extends AsyncDisposable {
  readonly pid: number;
  readonly s3Port: number;
  /** A new tenant, with the token of an admin: no code of a tenant's own can have more rights than that. */
  tenant(name: string): Promise<Tenant>;
  /** One that has a hook of its own, for {@link assertWell}. */
  neighbour(name: string): Promise<Tenant>;
  /** It still runs, and was never at a loss. */
  assertUnharmed(): Promise<void>;
}

/** Sees its secret, and everything in the state in which it should be. */
const sensible = `export default async ({ params }, { env, log }) => {
  log("asked about " + params.username);
  const { spoiled = "no" } = {};
  return { decision: "allow", patch: { attributes: { checkedBy: env.SECRET, spoiled, list: JSON.stringify([1, 2].map((n) => n + 1)) } } };
};`;

export async function attacked(env: Readonly<Record<string, string>> = {}): Promise<Attacked> {
  await using started = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), "signalbox-attack-"));
  started.defer(() => rm(folder, { recursive: true, force: true }));
  const server = started.use(
    await serverProcess({ folder, env: { SIGNALBOX_LOG_LEVEL: "warn", SIGNALBOX_EGRESS_ALLOW: "", ...env } }),
  );
  const tenant = async (name: string): Promise<Tenant> => {
    await server.api("POST", "/api/cloud/tenants/", { id: name });
    const operator = connected(server.url, { authorization: `Bearer ${adminToken}`, "x-signalbox-tenant": name });
    const made = await operator("POST", "/api/cloud/tokens/", { principal: "owner", role: "admin" });
    assert.equal(made.status, 201, made.text);
    return tenantAt({ name, url: server.url, token: String(made.data["token"]) });
  };
  const owned = started.move();
  return {
    pid: server.pid,
    s3Port: Number(new URL(server.s3Url).port),
    tenant,
    neighbour: async (name) => {
      const one = await tenant(name);
      await sensibleHook(one);
      return one;
    },
    assertUnharmed: async () => {
      await server.api("GET", "/api/cloud/tenants/");
      assert.doesNotMatch(server.log, /"level":(?:50|60)/, "the server logged no error");
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

type Ask = (method: string, path: string, body?: unknown) => Promise<Answer>;

function connected(url: string, headers: Readonly<Record<string, string>>): Ask {
  return async (method, path, body) => {
    const sinceMs = performance.now();
    const response = await fetch(`${url}${path}`, {
      method,
      headers: { ...headers, ...(body === undefined ? {} : { "content-type": "application/json" }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const { code, message = "", data = {} } = JSON.parse(text) as Partial<Answer>;
    return { status: response.status, text, code, message, data, tookMs: performance.now() - sinceMs };
  };
}

function tenantAt({ name, url, token }: Pick<Tenant, "name" | "url" | "token">): Tenant {
  const ask = connected(url, { authorization: `Bearer ${token}` });
  const api = async <T>(method: string, path: string, body?: unknown): Promise<T> => {
    const answer = await ask(method, path, body);
    assert.ok(answer.status < 300, `${name}: ${method} ${path}: ${answer.status} ${answer.text}`);
    return answer.data as T;
  };
  let users = 0;
  return {
    name,
    url,
    token,
    ask,
    api,
    createUser: (attributes = {}) => {
      users += 1;
      const username = `${name}-${users}`;
      return ask("POST", "/api/cloud/users/", { username, email: `${username}@example.com`, attributes });
    },
    hook: (event, code, options) => hooked({ api }, event, code, options),
    unsubscribe: async (event, { id }) => {
      await api("POST", `/api/cloud/events/${event}/unsubscribe/`, { function_id: id });
    },
    users: async () => (await api<{ readonly users: readonly unknown[] }>("GET", "/api/cloud/users/")).users.length,
    invocations: async (of) => (await invocationsOf({ api }, of)) as unknown as readonly Invocation[],
  };
}

/** A hook of a tenant that minds its own business, for {@link assertWell}. */
export async function sensibleHook(tenant: Tenant): Promise<Hooked> {
  const settings = { secrets: { SECRET: tenant.name } };
  return tenant.hook("PRE_USER_CREATE", sensible, { name: "Sensible", settings });
}

/** A tenant of {@link sensibleHook} makes a user, with its hook, as if nothing else happened. */
export async function assertWell(neighbour: Tenant): Promise<void> {
  const { status, text, data } = await neighbour.createUser();
  assert.equal(status, 201, text);
  assert.deepEqual(data["attributes"], { checkedBy: neighbour.name, spoiled: "no", list: "[2,3]" });
  assert.equal(data["warnings"], undefined);
}

/** The documented answer to an operation whose hook failed, with nothing that only the function's owner may read. */
export function assertHookFailed(answer: Answer): void {
  assert.deepEqual([answer.status, answer.code], [503, "hook_failed"], answer.text);
  assertNothingInside(answer);
}

/** The documented answer to an operation whose hook threw an error of its own: its message, and nothing else of it. */
export function assertHookError(answer: Answer): void {
  assert.deepEqual([answer.status, answer.code], [400, "hook_error"], answer.text);
  assert.match(answer.message, /^Function '.+' failed on [A-Z_]+: ./);
  assertNothingInside(answer);
}

function assertNothingInside({ text }: Answer): void {
  assert.doesNotMatch(
    text,
    /\bat .+:\d+:\d+|\.js:\d|stack|workerd|shim|node_modules/i,
    "no stack, nothing of the inside",
  );
  assert.ok(text.length < 2_000, `the answer has ${text.length} characters`);
}

/** Far beyond what it takes on a machine that does something else as well. */
export const momentMs = 15_000;

/** A server in this process, asked as its users ask it: answers of every kind are answers. */
import { type Hooked, invocationsOf, type ShownInvocation } from "../support/functions-api.ts";
import { type RunningServer, runServer } from "../support/in-process.ts";
import { until } from "../support/until.ts";

export interface Lifecycle extends AsyncDisposable {
  readonly server: RunningServer;
}

export async function lifecycle(env: Readonly<Record<string, string>> = {}): Promise<Lifecycle> {
  const server = await runServer(env);
  return { server, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

export interface Asked<T> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: { readonly success: boolean; readonly message: string; readonly code?: string; readonly data: T };
}

export interface Ask {
  readonly method: string;
  readonly path: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export async function asked<T>({ server }: Lifecycle, { method, path, body, headers = {} }: Ask): Promise<Asked<T>> {
  const response = await fetch(`${server.url}${path}`, {
    method,
    headers: { authorization: `Bearer ${server.token}`, "content-type": "application/json", ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: response.status, headers: response.headers, body: (await response.json()) as Asked<T>["body"] };
}

/** Tries to make a user. */
export function create<T>(at: Lifecycle, body: object, headers: Ask["headers"] = {}): Promise<Asked<T>> {
  return asked<T>(at, { method: "POST", path: "/api/cloud/users/", body, headers });
}

export async function subscribed({ server }: Lifecycle, event: string): Promise<readonly { readonly id: number }[]> {
  interface Shown {
    readonly subscribers: readonly { readonly subscriber_id: number }[];
  }
  const { subscribers } = await server.api<Shown>("GET", `/api/apps/the-app/events/${event}/`);
  return subscribers.map(({ subscriber_id: id }) => ({ id }));
}

/** A function's invocations, newest first, once so many of them have ended. */
export async function ended(at: Lifecycle, fn: Hooked, count: number): Promise<readonly ShownInvocation[]> {
  let found: readonly ShownInvocation[] = [];
  await until(`${count} invocations of ${fn.slug} to end`, async () => {
    found = (await invocationsOf(at.server, fn)).filter(({ status }) => status !== "pending");
    return found.length >= count;
  });
  return found;
}

/** Functions made through the API of a running server, and the words that its answers use. */
import type { RunningServer } from "./in-process.ts";

export interface Hooked {
  /** Its number. */
  readonly id: number;
  readonly slug: string;
}

export interface HookedOptions {
  readonly name?: string;
  /** Of the app, which is made when it is not there. */
  readonly app?: string;
  /** Beside name and code. */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** Beside the function's id. */
  readonly subscription?: Readonly<Record<string, unknown>>;
}

type Api = Pick<RunningServer, "api">;

/** Uploads a function and subscribes it to an event. */
export async function hooked(server: Api, event: string, code: string, options: HookedOptions = {}): Promise<Hooked> {
  const { name = "A function", app = "the-app", settings = {}, subscription = {} } = options;
  await server.api("GET", `/api/apps/${app}/`).catch(() => server.api("POST", "/api/apps/", { name: app, slug: app }));
  const made = await server.api<Hooked>("POST", `/api/apps/${app}/functions/`, { name, code, ...settings });
  await server.api("POST", `/api/cloud/events/${event}/subscribe/`, { function_id: made.id, ...subscription });
  return made;
}

export interface ShownInvocation {
  readonly id: number;
  readonly status: string;
  readonly operation_id?: string;
  readonly result?: unknown;
}

/** Newest first. */
export async function invocationsOf(
  server: Api,
  { slug }: Hooked,
  app = "the-app",
): Promise<readonly ShownInvocation[]> {
  const path = `/api/apps/${app}/functions/${slug}/invocations/`;
  return (await server.api<{ readonly invocations: readonly ShownInvocation[] }>("GET", path)).invocations;
}

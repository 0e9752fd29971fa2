import { asError } from "../../errors.ts";
import type { Bundled } from "../bundle.ts";
import type { Client } from "../client.ts";
import { part, present } from "../command.ts";
import type { DevOptions, GivenParams } from "./options.ts";

/** Asks a server to check and run code that is not kept. */

interface Problem {
  readonly severity: "error" | "warning";
  readonly rule: string;
  readonly message: string;
  readonly line: number | null;
  readonly column: number | null;
  readonly hint: string | null;
}

interface Verdict {
  readonly decision: "allow" | "deny";
  readonly message?: string;
  readonly patch?: unknown;
  readonly notes?: readonly string[];
}

/** As the API shows an invocation, and a run that is none. */
export interface TrialRun {
  readonly event_type: string;
  readonly status: "succeeded" | "failed";
  readonly verdict: Verdict | null;
  readonly result: unknown;
  readonly error: {
    readonly name: string;
    readonly message: string;
    readonly reason: string;
    readonly stack: string | null;
  } | null;
  readonly duration_ms: number | null;
  readonly logs: readonly { readonly level: string; readonly message: string }[];
  readonly logs_cut: boolean;
}

export interface TriedCode {
  readonly problems: readonly Problem[];
  /** Absent when a problem kept it from being run. */
  readonly run?: TrialRun;
}

interface Runs {
  readonly api: Client;
  /** Slug. */
  readonly app: string;
  readonly options: Pick<DevOptions, "event" | "user" | "settings">;
  /** By default a sample. */
  readonly params: GivenParams | undefined;
}

/** As the API takes it. */
export type SaidEvent = Readonly<Record<string, unknown>>;

/**
 * @param said by default the event that the options ask for, or the function's name.
 * @throws Error with what the server said when it cannot run it now.
 */
export async function tryFunction(
  { api, app, options, params }: Runs,
  { slug, code, language }: Pick<Bundled, "code" | "language"> & { readonly slug: string },
  said?: SaidEvent,
): Promise<TriedCode> {
  const functions = `/api/apps/${part(app)}/functions/`;
  const { settings } = options;
  const body = { code, language };
  const known = await api.find({ method: "GET", path: `${functions}${part(slug)}/` });
  const egress = settings["egress"] ?? (Object.keys(settings).length > 0 ? [] : undefined);
  const checked = await api({ method: "POST", path: `${functions}check/`, body: present({ ...body, slug, egress }) });
  const problems = checked["problems"] as readonly Problem[];
  if (checked["ok"] !== true) return { problems };
  const event = said ?? (await eventFor(api, slug, { ...options, params }));
  const lent = known !== undefined && Object.keys(settings).length === 0;
  const run = await (lent
    ? api({ method: "POST", path: `${functions}${part(slug)}/invoke/`, body: { ...body, event } })
    : api({ method: "POST", path: `${functions}run/`, body: { ...body, slug, ...settings, event } }));
  return { problems, run: run as unknown as TrialRun };
}

/** After which a function of this slug may be named. */
export function eventNameOf(slug: string): string {
  return slug.toUpperCase().replaceAll("-", "_");
}

/** A type of the catalog; `undefined` when there is none of that name: it is an event of one's own, or none. */
export function catalogType(api: Client, name: string): Promise<Readonly<Record<string, unknown>> | undefined> {
  return api({ method: "GET", path: `/api/cloud/events/${part(name)}/types/` }).catch((thrown: unknown) => {
    if (/cannot reach/.test(asError(thrown).message)) throw thrown;
    return undefined;
  });
}

/** The one that is asked for; else the one after which the function is named, if there is such a type. */
async function eventFor(
  api: Client,
  slug: string,
  { event, user, params }: Runs["options"] & Pick<Runs, "params">,
): Promise<SaidEvent> {
  const name = event ?? eventNameOf(slug);
  const type = await catalogType(api, name);
  const known = event ?? (type === undefined ? undefined : name);
  return present({ event_type: known, params: params ?? type?.["sample"], user });
}

/** The app in which functions are tried. @throws Error when it has to be said. */
export async function appFor(api: Client, said: string | undefined): Promise<string> {
  if (said !== undefined) return said;
  const { apps } = (await api({ method: "GET", path: "/api/apps/", query: { limit: "2" } })) as {
    readonly apps: readonly { readonly slug: string }[];
  };
  const [first, second] = apps;
  if (first !== undefined && second === undefined) return first.slug;
  throw new Error(
    first === undefined
      ? "there is no app yet: make one with signalbox app create <slug>"
      : "--app: say in which app; signalbox app list has them",
  );
}

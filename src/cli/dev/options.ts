import { readFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { didYouMean } from "../../domain/did-you-mean.ts";
import { asError } from "../../errors.ts";
import { present, split } from "../command.ts";

/** What `signalbox dev` is told. */

export interface DevOptions {
  readonly folder: string;
  readonly app: string | undefined;
  /** Of every run; by default the one that a file is named after. */
  readonly event: string | undefined;
  /** JSON, or a file of it. */
  readonly params: string | undefined;
  /** `null`: no user. Absent: who runs it. */
  readonly user: Readonly<Record<string, unknown>> | null | undefined;
  /** Given here, these stand in place of those of the functions that are deployed. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** Run all once, and end. */
  readonly once: boolean;
  /** Of which events of the server they are run, as these happen; with samples when absent. */
  readonly live: LiveNarrowing | undefined;
}

type LiveNarrowing = Readonly<Partial<Record<(typeof narrowing)[number], string>>>;

/** What the live stream is narrowed by, beside the event. */
const narrowing = ["where", "face", "bucket", "resource"] as const;

const options = {
  app: { type: "string" },
  event: { type: "string" },
  params: { type: "string" },
  as: { type: "string" },
  env: { type: "string", multiple: true },
  secret: { type: "string", multiple: true },
  egress: { type: "string", multiple: true },
  once: { type: "boolean" },
  live: { type: "boolean" },
  where: { type: "string" },
  face: { type: "string" },
  bucket: { type: "string" },
  resource: { type: "string" },
  tenant: { type: "string" },
  help: { type: "boolean" },
} as const;

export const devUsage = "signalbox dev <folder>";
export const devAbout = "Run the functions of a folder as you write them, in the sandbox that runs them for events";
export const devHelp = `${devAbout}

  ${devUsage} [options]

Each file of the folder with a default export is a function. It is checked, bundled with what it imports, and run again whenever
something in the folder changes: by the server at SIGNALBOX_URL when SIGNALBOX_TOKEN is set, as a trial that changes nothing there;
otherwise by a server of its own, which leaves nothing behind.

  --app <slug>            The app; the functions in it lend their settings and secrets to files of their name
  --event <NAME>          The event; by default the one after which a file is named (pre-user-create.ts), or INVOKE
  --params <json|file>    Its params; by default a sample
  --as <user>             For whom: a username, or a user as JSON; null for none
  --env <NAME=value>      What functions see in env; may be repeated. With it, --secret and --egress nothing is lent
  --secret <NAME=value>   The same, but taken out of what is logged; may be repeated
  --egress <host>         A host that they may fetch from; may be repeated
  --live                  Run them with the events of the server as these happen, unsaved, and after a change again with the last one. A file that
                          is named after an event gets only that; a hook gets what it would have been asked about
  --where <query>         Of these only what a filter matches, such as WHERE key LIKE 'images/%'; also --face, --bucket and --resource, as in tail
  --once                  Run each once and end: with exit code 1 when one has failed
  --tenant <id>           Act in this tenant; for operators (SIGNALBOX_TENANT)
  --help                  Print this`;

/** `undefined`: help is asked for. @throws Error with what is wrong. */
export function readDevOptions(
  argv: readonly string[],
): (DevOptions & { readonly tenant: string | undefined }) | undefined {
  const { values, positionals } = parsed(argv);
  if (values.help === true) return undefined;
  const [folder, extra] = positionals;
  if (folder === undefined) throw new Error("<folder> is missing: see signalbox dev --help");
  if (extra !== undefined) throw new Error(`'${extra}' is one argument too many: see signalbox dev --help`);
  const { app, event, params, as, env, secret, egress, once = false, tenant } = values;
  const live = Object.fromEntries(
    narrowing.flatMap((name) => (values[name] === undefined ? [] : [[name, values[name]]])),
  );
  for (const name of values.live === true ? (["params", "as", "once"] as const) : narrowing) {
    if (values[name] === undefined) continue;
    throw new Error(`--${name}: goes ${values.live === true ? "without" : "with"} --live`);
  }
  return {
    folder,
    app,
    event,
    params,
    tenant,
    once,
    live: values.live === true ? live : undefined,
    user: as === undefined ? undefined : readUser(as),
    settings: present({ env: entries(env), secrets: entries(secret), egress }),
  };
}

function parsed(argv: readonly string[]) {
  try {
    return parseArgs({ args: [...argv], options, allowPositionals: true });
  } catch (thrown) {
    const [, name] = /Unknown option '(--?[^']+)'/.exec(asError(thrown).message) ?? [];
    if (name === undefined) throw thrown;
    const known = Object.keys(options).map((option) => `--${option}`);
    throw new Error(`there is no option ${name}.${didYouMean(name, known)}`, { cause: thrown });
  }
}

function entries(texts: readonly string[] | undefined): Readonly<Record<string, string>> | undefined {
  return texts === undefined ? undefined : Object.fromEntries(texts.map((text) => split(text, "=")));
}

function readUser(text: string): Readonly<Record<string, unknown>> | null {
  if (text === "null") return null;
  if (!text.startsWith("{")) return { username: text };
  return parseObject("--as", text);
}

export type GivenParams = Readonly<Record<string, unknown>>;

/** Read anew for each run, so that a file of params can be edited as well. */
export async function givenParams(said: string): Promise<GivenParams> {
  if (said.trimStart().startsWith("{")) return parseObject("--params", said);
  const text = await readFile(said, "utf8").catch((thrown: unknown) => {
    throw new Error(`--params: must be JSON, or a file of it (${asError(thrown).message})`);
  });
  return parseObject(`--params: ${said}`, text);
}

function parseObject(what: string, text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return { ...value };
  } catch (thrown) {
    throw new Error(`${what}: ${asError(thrown).message}`, { cause: thrown });
  }
  throw new Error(`${what}: must be an object`);
}

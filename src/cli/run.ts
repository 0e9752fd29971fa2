import { parseArgs } from "node:util";
import { folderCommands, usageOfFolder } from "../check/command.ts";
import { unseen } from "../check/progress.ts";
import { configHelp } from "../config/help.ts";
import { secretOf } from "../config/secret-file.ts";
import { didYouMean } from "../domain/did-you-mean.ts";
import { guarded } from "../domain/plain-text.ts";
import { asError } from "../errors.ts";
import { packageVersion } from "../version.ts";
import { client } from "./client.ts";
import { type Command, commands, type Given } from "./commands.ts";
import { devAbout, devUsage } from "./dev/options.ts";
import { inboxSchemaCommands } from "./inbox-schema.ts";
import { fetchList } from "./list.ts";
import type { ProgressMeter } from "./meter.ts";
import { fieldLines, printTable } from "./print.ts";

/** What a command may touch of the world. */
export interface Terminal {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  readonly fetch: typeof globalThis.fetch;
  /** Shows how far something long is. Absent: it is not shown. */
  readonly meter?: ProgressMeter;
  /** Opens an address in a browser. Absent: nobody is there to look. */
  readonly browse?: (url: string) => void;
}

const common = {
  json: { type: "boolean" },
  tenant: { type: "string" },
  help: { type: "boolean" },
} as const;
const commonHelp = [
  ["--json", "Print JSON"],
  ["--tenant <id>", "Act in this tenant; for operators (SIGNALBOX_TENANT)"],
  ["--help", "Print this"],
] as const;
const defaultMost = "100";

/** Runs one command that asks the API. Resolves with the exit code; never rejects. What it prints is {@link guarded}. */
export async function runCommand(argv: readonly string[], given: Terminal): Promise<number> {
  const terminal = guarded(given);
  const [first = "--help"] = argv;
  if (first === "--help" || first === "help" || first === "-h") {
    terminal.out(overview());
    return 0;
  }
  if (first === "--version") {
    terminal.out(packageVersion);
    return 0;
  }
  const found = commands.find(({ words }) => words.split(" ").every((word, index) => argv[index] === word));
  if (found === undefined) return unknownCommand(argv, terminal);
  const rest = argv.slice(found.words.split(" ").length);
  try {
    return await ask(found, rest, terminal);
  } catch (thrown) {
    terminal.err(`signalbox: ${asError(thrown).message}`);
    return 1;
  }
}

function unknownCommand(argv: readonly string[], { err, out }: Terminal): number {
  const group = commands.filter(({ words }) => words.startsWith(`${argv[0]} `));
  if (group.length > 0 && (argv[1] === undefined || argv[1].startsWith("-"))) {
    const isHelp = argv[1] === "--help";
    (isHelp ? out : err)(listed(group));
    return isHelp ? 0 : 1;
  }
  const typed = argv.filter((word) => !word.startsWith("-")).slice(0, 2);
  const known = [
    "serve",
    "demo",
    "dev",
    "check",
    "adopt",
    ...inboxSchemaCommands.map(({ words }) => words),
    ...commands.map(({ words }) => words),
  ];
  const hint = didYouMean(typed.join(" "), known) || didYouMean(typed[0] ?? "", known);
  err(`signalbox: there is no command '${typed.join(" ")}'.${hint} See signalbox --help`);
  return 1;
}

async function ask(command: Command, argv: readonly string[], terminal: Terminal): Promise<number> {
  const given = readArguments(command, argv);
  if (given.flag("help")) {
    terminal.out(commandHelp(command));
    return 0;
  }
  checkPositionals(command, given);
  const { env, out, err, fetch, browse, meter } = terminal;
  const progress = meter?.progress ?? unseen;
  const token = secretOf(env, "SIGNALBOX_TOKEN");
  if (token === undefined) throw new Error("SIGNALBOX_TOKEN is not set: give it your token");
  const tenant = given.text("tenant") ?? env["SIGNALBOX_TENANT"];
  const api = client({
    url: env["SIGNALBOX_URL"] || "http://127.0.0.1:8080",
    token,
    fetch,
    ...(tenant === undefined || tenant === "" ? {} : { tenant }),
  });
  if (command.list !== undefined && "request" in command) {
    const { list } = command;
    const most = Number(given.text("limit") ?? defaultMost);
    if (!Number.isSafeInteger(most) || most < 1) throw new Error("--limit: must be a whole number above 0");
    const { entries, more } = await fetchList(api, command.request(given), list, most);
    out(given.flag("json") ? JSON.stringify(entries, null, 2) : printTable(entries, list.columns));
    if (more) err(`signalbox: there are more; raise --limit (${most})`);
    return 0;
  }
  if ("follow" in command) {
    await command.follow(given, { api, token, env, fetch, out, err });
    return 0;
  }
  const asked = "run" in command ? command.run(given, api, progress) : api(command.request(given));
  const data = await asked.finally(() => meter?.end());
  out(given.flag("json") ? JSON.stringify(data, null, 2) : (command.print ?? fieldLines)(data));
  if (command.opens !== undefined) browse?.(command.opens(data));
  const failure = command.failure?.(data);
  if (failure === undefined) return 0;
  err(`signalbox: ${failure}`);
  return 1;
}

function readArguments(command: Command, argv: readonly string[]): Given {
  const own = Object.entries(command.options ?? {}).map(([name, { value, many = false }]) => [
    name,
    { type: value === undefined ? ("boolean" as const) : ("string" as const), multiple: many },
  ]);
  const limit = command.list?.paged === true ? { limit: { type: "string" as const } } : {};
  const options = {
    ...common,
    ...limit,
    ...(Object.fromEntries(own) as Record<string, { type: "string" | "boolean" }>),
  };
  const { values, positionals } = parse(argv, options);
  const texts = (name: string): readonly string[] => [values[name]].flat().filter((value) => typeof value === "string");
  return { positionals, texts, text: (name) => texts(name)[0], flag: (name) => values[name] === true };
}

function parse(argv: readonly string[], options: Record<string, { type: "string" | "boolean" }>) {
  try {
    return parseArgs({ args: [...argv], options, allowPositionals: true });
  } catch (thrown) {
    const [, name] = /Unknown option '(--?[^']+)'/.exec(asError(thrown).message) ?? [];
    if (name === undefined) throw thrown;
    const known = Object.keys(options).map((option) => `--${option}`);
    throw new Error(`there is no option ${name}.${didYouMean(name, known)}`, { cause: thrown });
  }
}

function checkPositionals({ words, positionals = [], needed = positionals.length }: Command, given: Given): void {
  const missing = positionals[given.positionals.length];
  if (given.positionals.length < needed) throw new Error(`<${missing}> is missing: see signalbox ${words} --help`);
  const extra = given.positionals[positionals.length];
  if (extra !== undefined) throw new Error(`'${extra}' is one argument too many: see signalbox ${words} --help`);
}

function usageOf({ words, positionals = [], needed = positionals.length }: Command): string {
  const shown = positionals.map((name, index) => (index < needed ? `<${name}>` : `[${name}]`));
  return ["signalbox", words, ...shown].join(" ");
}

function listed(some: readonly Command[]): string {
  return aligned(some.map((command) => [usageOf(command), command.about]));
}

function aligned(rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`).join("\n");
}

function overview(): string {
  const serve = ["signalbox serve", "Run the server; signalbox serve --help lists its settings"] as const;
  const demo = ["signalbox demo [example]", "Run an example that comes with Signalbox"] as const;
  const health = ["signalbox health", "Ask a server whether it accepts work; for containers"] as const;
  const folders = folderCommands.map((command) => [usageOfFolder(command), command.about] as const);
  const schemas = inboxSchemaCommands.map(({ usage, about }) => [usage, about] as const);
  const dev = [devUsage, devAbout] as const;
  const rows = [
    serve,
    demo,
    dev,
    health,
    ...folders,
    ...schemas,
    ...commands.map((command) => [usageOf(command), command.about] as const),
  ];
  return `Signalbox: hooks and notifications for what happens to your resources.

${aligned(rows)}

All but serve, demo, dev, health, inbox install and sql, and what works on folders ask the API at SIGNALBOX_URL (default http://127.0.0.1:8080) with SIGNALBOX_TOKEN.
Each has --help, --json and --tenant.`;
}

function commandHelp(command: Command): string {
  const own = Object.entries(command.options ?? {}).map(
    ([name, { value, many = false, about }]) =>
      [`--${name}${value === undefined ? "" : ` <${value}>`}`, many ? `${about}; may be repeated` : about] as const,
  );
  const limit = [["--limit <number>", `How many at most; default ${defaultMost}`]] as const;
  const rows = [...own, ...(command.list?.paged === true ? limit : []), ...commonHelp];
  return `${command.about}\n\n  ${usageOf(command)} [options]\n\n${aligned(rows)}`;
}

/** `signalbox serve --help`. */
export function serveHelp(): string {
  return `Run the server.

  signalbox serve [--setting value]…

Each setting may be a variable too: --s3-port is SIGNALBOX_S3_PORT.

${configHelp()}`;
}

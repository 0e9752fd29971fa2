import { parseArgs } from "node:util";
import { systemClock } from "../clock.ts";
import { secretOf } from "../config/secret-file.ts";
import { asError } from "../errors.ts";
import { refusedBySystem } from "../folder/system-refusals.ts";
import { adoptFolder } from "./adopt.ts";
import { checkFolder } from "./check.ts";
import type { Finding } from "./finding.ts";

/** `signalbox check` and `signalbox adopt`: what works on a data folder without a server. */
export interface FolderTerminal {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
}

const help = {
  check: `Look through a data folder that no server uses, and change nothing.

  signalbox check [folder] [--json]

The folder is that of SIGNALBOX_DATA when none is given. Reads every byte of every object. Exit code 1 when something is damaged.
With SIGNALBOX_SECRET_KEY, when the server has it.`,
  adopt: `Say that what lies in a data folder belongs together, and that there is no newer database.

  signalbox adopt <folder>

Blobs that the database does not refer to are put aside from the next start on, and deleted a week later.
With SIGNALBOX_SECRET_KEY, when the server has it.`,
};

export type FolderCommand = keyof typeof help;

export function isFolderCommand(command: string | undefined): command is FolderCommand {
  return command === "check" || command === "adopt";
}

/** Resolves with the exit code; never rejects. */
export async function runFolderCommand(
  command: FolderCommand,
  argv: readonly string[],
  terminal: FolderTerminal,
): Promise<number> {
  const { env, out, err } = terminal;
  let folder = "";
  try {
    const options = { json: { type: "boolean" }, help: { type: "boolean" } } as const;
    const { values, positionals } = parseArgs({ args: [...argv], options, allowPositionals: true });
    if (values.help === true) {
      out(help[command]);
      return 0;
    }
    const [given, extra] = positionals;
    if (extra !== undefined) throw new Error(`'${extra}' is one argument too many: see signalbox ${command} --help`);
    folder = given ?? (command === "check" ? env["SIGNALBOX_DATA"] || "./data" : "");
    if (folder === "") throw new Error(`<folder> is missing: see signalbox ${command} --help`);
    const key = secretOf(env, "SIGNALBOX_SECRET_KEY");
    if (command === "check") return await check(folder, { key, json: values.json === true, out });
    await adoptFolder(folder, { key, clock: systemClock });
    out(`${folder}: its database, blobs and key belong together from now on`);
    return 0;
  } catch (thrown) {
    err(`signalbox: ${(refusedBySystem(thrown, { folder }) ?? asError(thrown)).message}`);
    return 1;
  }
}

interface CheckOptions {
  readonly key: string | undefined;
  readonly json: boolean;
  readonly out: (text: string) => void;
}

async function check(folder: string, { key, json, out }: CheckOptions): Promise<number> {
  const findings: Finding[] = [];
  for await (const finding of checkFolder(folder, key)) {
    findings.push(finding);
    if (!json) out(`${finding.level}: ${finding.what}: ${finding.remedy}`);
  }
  const damaged = findings.filter(({ level }) => level === "damage").length;
  if (json) out(JSON.stringify({ folder, damaged: damaged > 0, findings }, null, 2));
  else out(damaged === 0 ? `${folder} is sound` : `${folder}: ${damaged} findings of damage`);
  return damaged === 0 ? 0 : 1;
}

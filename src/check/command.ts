import { parseArgs } from "node:util";
import { systemClock } from "../clock.ts";
import { secretOf } from "../config/secret-file.ts";
import { asError } from "../errors.ts";
import { refusedBySystem } from "../folder/system-refusals.ts";
import type { Keys } from "../secret-key.ts";
import { adoptFolder } from "./adopt.ts";
import { checkFolder } from "./check.ts";
import type { Finding } from "./finding.ts";
import { rotateSecrets } from "./rotate.ts";

/** Commands that work on a data folder by themselves, without the API of a server. */
export interface FolderTerminal {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
}

interface Given {
  readonly folders: readonly string[];
  readonly keys: Keys;
  readonly json: boolean;
  readonly terminal: FolderTerminal;
}

export interface FolderCommand {
  readonly words: string;
  readonly about: string;
  /** What its folders are called. The first may be left out where it has a default. */
  readonly folders: readonly string[];
  readonly firstIsOptional?: boolean;
  readonly help: string;
  /** Gives the exit code. */
  readonly run: (given: Given) => Promise<number>;
}

const withKey = "With SIGNALBOX_SECRET_KEY, when the server has it.";
const theFolder = "The folder is that of SIGNALBOX_DATA when none is given.";

export const folderCommands: readonly FolderCommand[] = [
  {
    words: "check",
    about: "Look through a data folder that no server uses",
    folders: ["folder"],
    firstIsOptional: true,
    help: `Look through a data folder that no server uses, and change nothing.

  signalbox check [folder] [--json]

${theFolder} Reads every byte of every object. Exit code 1 when something is damaged.
${withKey}`,
    run: check,
  },
  {
    words: "adopt",
    about: "Say that what lies in a data folder belongs together",
    folders: ["folder"],
    help: `Say that what lies in a data folder belongs together, and that there is no newer database.

  signalbox adopt <folder>

Blobs that the database does not refer to are put aside from the next start on, and deleted a week later.
${withKey}`,
    run: async ({ folders: [folder = ""], keys, terminal }) => {
      await adoptFolder(folder, { keys, clock: systemClock });
      terminal.out(`${folder}: its database, blobs and key belong together from now on`);
      return 0;
    },
  },
  {
    words: "secret rotate",
    about: "Change the key that the secrets in a data folder are sealed with",
    folders: ["folder"],
    firstIsOptional: true,
    help: `Change the key that the secrets in a data folder are sealed with, while no server uses it.

  signalbox secret rotate [folder]

${theFolder} With SIGNALBOX_SECRET_KEY set, that is the new key, and the one before is SIGNALBOX_SECRET_KEY_PREVIOUS, or else the
file secret.key in the folder. With neither, secret.key gets a new key. The file of the one before is put aside as secret.key.retired: older backups
need it. Cut off at any moment, it goes on when it is run again. A server that is started with both keys does the same.`,
    run: async ({ folders: [folder = ""], keys, terminal }) => {
      const { secrets, retired } = rotateSecrets(folder, keys);
      terminal.out(
        `${folder}: ${secrets} secrets were sealed anew, and all are sealed with the new key` +
          (retired ? "; the key before is kept as secret.key.retired for older backups" : ""),
      );
      return 0;
    },
  },
];

/** The one that `argv` begins with. */
export function folderCommand(argv: readonly string[]): FolderCommand | undefined {
  return folderCommands.find(({ words }) => words.split(" ").every((word, index) => argv[index] === word));
}

/** `signalbox check [folder]`. */
export function usageOfFolder({ words, folders, firstIsOptional = false }: FolderCommand): string {
  const shown = folders.map((name, index) => (index === 0 && firstIsOptional ? `[${name}]` : `<${name}>`));
  return ["signalbox", words, ...shown].join(" ");
}

/** `argv` begins with the command's words. Resolves with the exit code; never rejects. */
export async function runFolderCommand(
  command: FolderCommand,
  argv: readonly string[],
  terminal: FolderTerminal,
): Promise<number> {
  const { env, out, err } = terminal;
  let folders: readonly string[] = [];
  try {
    const options = { json: { type: "boolean" }, help: { type: "boolean" } } as const;
    const args = argv.slice(command.words.split(" ").length);
    const { values, positionals } = parseArgs({ args, options, allowPositionals: true });
    if (values.help === true) {
      out(command.help);
      return 0;
    }
    folders = foldersOf(command, positionals, env);
    const keys = {
      current: secretOf(env, "SIGNALBOX_SECRET_KEY"),
      previous: secretOf(env, "SIGNALBOX_SECRET_KEY_PREVIOUS"),
    };
    return await command.run({ folders, keys, json: values.json === true, terminal });
  } catch (thrown) {
    const refused = refusedBySystem(thrown, { folder: folders.at(-1) ?? "" });
    err(`signalbox: ${(refused ?? asError(thrown)).message}`);
    return 1;
  }
}

function foldersOf(command: FolderCommand, given: readonly string[], env: FolderTerminal["env"]): readonly string[] {
  const { words, folders, firstIsOptional = false } = command;
  const missing = folders.length - given.length;
  const whole = firstIsOptional && missing === 1 ? [env["SIGNALBOX_DATA"] || "./data", ...given] : given;
  const extra = whole[folders.length];
  if (extra !== undefined) throw new Error(`'${extra}' is one argument too many: see signalbox ${words} --help`);
  const name = folders[whole.length];
  if (name !== undefined) throw new Error(`<${name}> is missing: see signalbox ${words} --help`);
  return whole;
}

async function check({ folders: [folder = ""], keys, json, terminal: { out } }: Given): Promise<number> {
  const findings: Finding[] = [];
  for await (const finding of checkFolder(folder, keys)) {
    findings.push(finding);
    if (!json) out(`${finding.level}: ${finding.what}: ${finding.remedy}`);
  }
  const damaged = findings.filter(({ level }) => level === "damage").length;
  if (json) out(JSON.stringify({ folder, damaged: damaged > 0, findings }, null, 2));
  else out(damaged === 0 ? `${folder} is sound` : `${folder}: ${damaged} findings of damage`);
  return damaged === 0 ? 0 : 1;
}

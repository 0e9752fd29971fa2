import { join } from "node:path";
import { parseArgs } from "node:util";
import { systemClock } from "../clock.ts";
import { secretOf } from "../config/secret-file.ts";
import { guarded } from "../domain/plain-text.ts";
import { asError } from "../errors.ts";
import { refusedBySystem } from "../folder/system-refusals.ts";
import type { Keys } from "../open-folder/secret-key.ts";
import { bucketOf, type OpenBucket } from "./bucket.ts";
import type { Finding } from "./finding.ts";
import { type Progress, unseen } from "./progress.ts";

/** Commands that work on a data folder by themselves, without the API of a server. What does the work is loaded by the command that is run. */
interface FolderTerminal {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  /** Shows how far something long is, and what takes that away. */
  readonly meter?: { readonly progress: Progress; end(): void };
}

interface Given {
  readonly folders: readonly string[];
  readonly keys: Keys;
  /** Of `SIGNALBOX_BLOBS`, when it is set. */
  readonly bucket: OpenBucket | undefined;
  readonly json: boolean;
  readonly withKey: boolean;
  readonly terminal: FolderTerminal;
  readonly progress: Progress;
}

interface FolderCommand {
  readonly words: string;
  readonly about: string;
  /** What its folders are called. The last may be left out where that is the data folder. */
  readonly folders: readonly string[];
  readonly lastIsOptional?: boolean;
  readonly help: string;
  /** Gives the exit code. */
  readonly run: (given: Given) => Promise<number>;
}

const withKey = "With SIGNALBOX_SECRET_KEY, when the server has it.";
const withBlobs = "With SIGNALBOX_BLOBS and its key, when the server has them.";
const theFolder = "The folder is that of SIGNALBOX_DATA when none is given.";

export const folderCommands: readonly FolderCommand[] = [
  {
    words: "check",
    about: "Look through a data folder that no server uses",
    folders: ["folder"],
    lastIsOptional: true,
    help: `Look through a data folder that no server uses, and change nothing.

  signalbox check [folder] [--json]

${theFolder} Reads every byte of every object. Exit code 1 when something is damaged.
${withKey} ${withBlobs}`,
    run: check,
  },
  {
    words: "adopt",
    about: "Say that what lies in a data folder belongs together",
    folders: ["folder"],
    help: `Say that what lies in a data folder belongs together, and that there is no newer database.

  signalbox adopt <folder>

Blobs that the database does not refer to are put aside from the next start on, and deleted a week later.
${withKey} ${withBlobs}`,
    run: async ({ folders: [folder = ""], keys, bucket, terminal }) => {
      const { adoptFolder } = await import("./adopt.ts");
      await adoptFolder(folder, { keys, bucket, clock: systemClock });
      terminal.out(`${folder}: its database, blobs and key belong together from now on`);
      return 0;
    },
  },
  {
    words: "backup",
    about: "Copy a data folder, also while a server uses it",
    folders: ["backup", "folder"],
    lastIsOptional: true,
    help: `Copy a data folder, also while a server uses it.

  signalbox backup <backup> [folder] [--with-key]

${theFolder} <backup> is made, or is empty, or is a backup of the same folder, which is brought up to date. The database is that of
one moment, with every blob that it refers to; then all of it is looked through. ${withKey}

  --with-key  Copy the key that lies in the folder too. Without it, keep that apart: who has a backup with its key has every secret

Bytes that lie in a bucket are not copied: that they are there is looked up. ${withBlobs}`,
    run: async ({ folders: [backup = "", folder = ""], withKey, terminal, ...given }) => {
      const { backupFolder, verifyBackup } = await import("./backup.ts");
      const { keys } = given;
      const { blobs, copied, bytes, isInBucket } = await backupFolder(folder, backup, {
        ...given,
        withKey,
        clock: systemClock,
      });
      await verifyBackup(folder, backup, given);
      terminal.out(
        isInBucket
          ? `${backup} is a sound backup of the database in ${folder}. The bytes stay in their bucket (${blobs} bodies): what is deleted from now on can be restored for as long as ` +
              "SIGNALBOX_BLOBS_GRACE_HOURS or the bucket's own versions keep it"
          : `${backup} is a sound backup of ${folder}: ${blobs} blobs, ${copied} of them copied now (${bytes} bytes)`,
      );
      if (keys.current === undefined && !withKey) {
        terminal.out(
          `the key is not in it: keep a copy of ${join(folder, "secret.key")} apart from it, or give --with-key`,
        );
      }
      return 0;
    },
  },
  {
    words: "restore",
    about: "Make a data folder from a backup",
    folders: ["backup", "folder"],
    lastIsOptional: true,
    help: `Make a data folder from a backup.

  signalbox restore <backup> [folder]

${theFolder} It must be empty, or not be there. What was restored is looked through, and no server starts on it unless it is
sound. The key is that of the backup, if it is there; else put secret.key into <backup> before. ${withKey} ${withBlobs}`,
    run: async ({ folders: [backup = "", folder = ""], terminal, ...given }) => {
      const { restoreFolder } = await import("./restore.ts");
      const { blobs, bytes, inBucket, lost } = await restoreFolder(backup, folder, given);
      if (inBucket === 0) {
        terminal.out(`${folder} is restored from ${backup}, and is sound: ${blobs} blobs (${bytes} bytes copied now)`);
        return 0;
      }
      terminal.out(
        `${folder} is restored from ${backup}, and its database is sound. Nothing is deleted in the bucket until signalbox adopt ${folder} says that there is no newer database`,
      );
      if (lost === 0) terminal.out(`all ${inBucket} bodies that it refers to are in the bucket`);
      else {
        terminal.err(
          `${lost} of ${inBucket} bodies that it refers to are not in the bucket any more: signalbox check ${folder} names their objects, and the bucket's own versions may have them`,
        );
      }
      return 0;
    },
  },
  {
    words: "move",
    about: "Move everything from a data folder to PostgreSQL, or back",
    folders: ["from", "to"],
    help: `Move everything from a data folder to a PostgreSQL database, or back, while no server uses either.

  signalbox move <from> <to>

One of the two is a data folder, the other is a database, postgres://user@host/name, or the word store for what SIGNALBOX_STORE says, so that
no password stands in the list of processes. Sequences, ids and what waits for its next attempt stay as they are; at the end every row is
compared. Cut off at any moment, it goes on when it is run again. Objects' bytes stay in the folder, and secrets sealed with its key: give the
server that key as SIGNALBOX_SECRET_KEY (it is in secret.key unless you set it before).`,
    run: async ({ folders, progress, terminal }) => {
      const [from = "", to = ""] = folders.map((place) => (place === "store" ? storeOf(terminal.env) : place));
      const { moveStore } = await import("./move/move.ts");
      const { tables, rows, left } = await moveStore(from, to, { progress });
      terminal.out(`moved: ${tables} tables, ${rows} rows now, and every row is the same in both`);
      terminal.out(left);
      return 0;
    },
  },
  {
    words: "secret rotate",
    about: "Change the key that the secrets in a data folder are sealed with",
    folders: ["folder"],
    lastIsOptional: true,
    help: `Change the key that the secrets in a data folder are sealed with, while no server uses it.

  signalbox secret rotate [folder]

${theFolder} With SIGNALBOX_SECRET_KEY set, that is the new key, and the one before is SIGNALBOX_SECRET_KEY_PREVIOUS, or else the
file secret.key in the folder. With neither, secret.key gets a new key. The file of the one before is put aside as secret.key.retired: older backups
need it. Cut off at any moment, it goes on when it is run again. A server that is started with both keys does the same.`,
    run: async ({ folders: [folder = ""], keys, terminal, progress }) => {
      const { rotateSecrets } = await import("./rotate.ts");
      const { secrets, retired } = rotateSecrets(folder, keys, progress);
      terminal.out(
        `${folder}: ${secrets} secrets were sealed anew, and all are sealed with the new key` +
          (retired ? "; the key before is kept as secret.key.retired for older backups" : ""),
      );
      return 0;
    },
  },
];

const alone = "unset SIGNALBOX_STORE to work on a folder that has its database in it";

/** What each says where the database is in PostgreSQL, by its words: they know of databases in data folders. */
const inPostgres: Readonly<Record<string, string>> = {
  check: `SIGNALBOX_STORE is set, and signalbox check looks through a folder with its database in it: of PostgreSQL use pg_amcheck; a start itself finds a folder or a key that does not belong to the database; ${alone}`,
  adopt: `SIGNALBOX_STORE is set, and signalbox adopt is for a folder with its database in it: a start that is refused says what to do; ${alone}`,
  backup: `SIGNALBOX_STORE is set, and signalbox backup copies a folder with its database in it: back up the database with pg_dump, or by a base backup and its WAL, and copy the folder blobs; docs/operations.md tells in which order; ${alone}`,
  restore: `SIGNALBOX_STORE is set, and signalbox restore makes a folder with its database in it: restore the database with pg_restore, or to a moment by its WAL, and put back the folder blobs; ${alone}`,
  "secret rotate": `SIGNALBOX_STORE is set, and signalbox secret rotate is for a folder with its database in it: start the server once with SIGNALBOX_SECRET_KEY set to the new key and SIGNALBOX_SECRET_KEY_PREVIOUS to the one before, which does the same; ${alone}`,
};
function storeOf(env: FolderTerminal["env"]): string {
  const store = secretOf(env, "SIGNALBOX_STORE");
  if (store === undefined || store === "") throw new Error("SIGNALBOX_STORE is not set: set it, or name the database");
  return store;
}

/** The one that `argv` begins with. */
export function folderCommand(argv: readonly string[]): FolderCommand | undefined {
  return folderCommands.find(({ words }) => words.split(" ").every((word, index) => argv[index] === word));
}

/** `signalbox check [folder]`. */
export function usageOfFolder({ words, folders, lastIsOptional = false }: FolderCommand): string {
  const last = lastIsOptional ? folders.length - 1 : folders.length;
  const shown = folders.map((name, index) => (index === last ? `[${name}]` : `<${name}>`));
  return ["signalbox", words, ...shown].join(" ");
}

/** `argv` begins with the command's words. Resolves with the exit code; never rejects. */
export async function runFolderCommand(
  command: FolderCommand,
  argv: readonly string[],
  given: FolderTerminal,
): Promise<number> {
  const terminal = guarded(given);
  const { env, out, err, meter } = terminal;
  let folders: readonly string[] = [];
  try {
    const flag = { type: "boolean" } as const;
    const options = { json: flag, help: flag, "with-key": flag };
    const args = argv.slice(command.words.split(" ").length);
    const { values, positionals } = parseArgs({ args, options, allowPositionals: true });
    if (values.help === true) {
      out(command.help);
      return 0;
    }
    folders = foldersOf(command, positionals, env);
    const elsewhere = inPostgres[command.words];
    if (elsewhere !== undefined && (secretOf(env, "SIGNALBOX_STORE") ?? "") !== "") throw new Error(elsewhere);
    const keys = {
      current: secretOf(env, "SIGNALBOX_SECRET_KEY"),
      previous: secretOf(env, "SIGNALBOX_SECRET_KEY_PREVIOUS"),
    };
    return await command.run({
      folders,
      keys,
      bucket: bucketOf(env),
      json: values.json === true,
      withKey: values["with-key"] === true,
      terminal: {
        ...terminal,
        out: (text) => {
          // A bar would stand before it.
          meter?.end();
          out(text);
        },
      },
      progress: meter?.progress ?? unseen,
    });
  } catch (thrown) {
    meter?.end();
    const refused = refusedBySystem(thrown, { folder: folders.at(-1) ?? "" });
    err(`signalbox: ${(refused ?? asError(thrown)).message}`);
    return 1;
  }
}

function foldersOf(command: FolderCommand, given: readonly string[], env: FolderTerminal["env"]): readonly string[] {
  const { words, folders, lastIsOptional = false } = command;
  const missing = folders.length - given.length;
  const whole = lastIsOptional && missing === 1 ? [...given, env["SIGNALBOX_DATA"] || "./data"] : given;
  const extra = whole[folders.length];
  if (extra !== undefined) throw new Error(`'${extra}' is one argument too many: see signalbox ${words} --help`);
  const name = folders[whole.length];
  if (name !== undefined) throw new Error(`<${name}> is missing: see signalbox ${words} --help`);
  return whole;
}

async function check({ folders: [folder = ""], json, terminal: { out }, ...given }: Given): Promise<number> {
  const { checkFolder } = await import("./check.ts");
  const findings: Finding[] = [];
  for await (const finding of checkFolder(folder, given)) {
    findings.push(finding);
    if (!json) out(`${finding.level}: ${finding.what}: ${finding.remedy}`);
  }
  const damaged = findings.filter(({ level }) => level === "damage").length;
  if (json) out(JSON.stringify({ folder, damaged: damaged > 0, findings }, null, 2));
  else out(damaged === 0 ? `${folder} is sound` : `${folder}: ${damaged} findings of damage`);
  return damaged === 0 ? 0 : 1;
}

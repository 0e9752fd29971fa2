import { parseArgs } from "node:util";
import { secretOf } from "../config/secret-file.ts";
import { guarded } from "../domain/plain-text.ts";
import { asError } from "../errors.ts";
import { installInbox } from "../inbox/postgres/install.ts";
import { grantsOf, type InboxRole, inboxSchema } from "../inbox/postgres/schema.ts";

/** Commands that prepare a host's database, and ask no server. */

interface SchemaTerminal {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
}

const roleOptions = `  --publisher <role>  A role that may publish; may be repeated
  --relay <role>      The role that SIGNALBOX_INBOX names, where it does not own the schema; may be repeated`;

const installHelp = `Prepare a PostgreSQL database, so that its transactions can publish events. May be run again.

  signalbox inbox install [url] [--publisher <role>]… [--relay <role>]…

Makes the schema signalbox, with the table inbox and the function publish. Without a url that of SIGNALBOX_INBOX is prepared.

${roleOptions}`;

const sqlHelp = `Print the SQL of signalbox inbox install, for migrations of your own.

  signalbox inbox sql [--publisher <role>]… [--relay <role>]…

${roleOptions}`;

export const inboxSchemaCommands = [
  {
    words: "inbox install",
    usage: "signalbox inbox install [url]",
    about: "Prepare a PostgreSQL database to publish from",
  },
  { words: "inbox sql", usage: "signalbox inbox sql", about: "Print the SQL of that, for migrations of your own" },
] as const;

type SchemaCommand = (typeof inboxSchemaCommands)[number];

/** The one that `argv` begins with. */
export function inboxSchemaCommand(argv: readonly string[]): SchemaCommand | undefined {
  return inboxSchemaCommands.find(({ words }) => words.split(" ").every((word, index) => argv[index] === word));
}

/** @param argv what follows `inbox`. Resolves with the exit code; never rejects. */
export async function runInboxSchemaCommand(
  { words }: SchemaCommand,
  argv: readonly string[],
  given: SchemaTerminal,
): Promise<number> {
  const { env, out, err } = guarded(given);
  try {
    const many = { type: "string", multiple: true } as const;
    const options = { publisher: many, relay: many, help: { type: "boolean" } as const };
    const { values, positionals } = parseArgs({ args: argv.slice(1), options, allowPositionals: true });
    const installs = words === "inbox install";
    if (values.help === true) {
      out(installs ? installHelp : sqlHelp);
      return 0;
    }
    const [url = secretOf(env, "SIGNALBOX_INBOX"), ...others] = positionals;
    const extra = installs ? others[0] : positionals[0];
    if (extra !== undefined) throw new Error(`'${extra}' is one argument too many: see signalbox ${words} --help`);
    const grants = (["publisher", "relay"] as const).flatMap((role: InboxRole) =>
      (values[role] ?? []).map((name) => ({ role, name })),
    );
    if (!installs) {
      out([inboxSchema, ...grants.map(({ role, name }) => grantsOf(role, name))].join("\n"));
      return 0;
    }
    if (url === undefined) throw new Error("<url> is missing, and SIGNALBOX_INBOX is not set");
    if (!URL.canParse(url) || !/^postgres(ql)?:$/.test(new URL(url).protocol)) {
      throw new Error("the url must be postgres://user:password@host:5432/database");
    }
    const name = await installInbox({ url, grants });
    out(`${name} is prepared: its transactions can publish events, and SIGNALBOX_INBOX may name it`);
    return 0;
  } catch (thrown) {
    err(`signalbox: ${asError(thrown).message}`);
    return 1;
  }
}

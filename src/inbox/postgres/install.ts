import { asError } from "../../errors.ts";
import { nameOf } from "./connection.ts";
import { grantsOf, type InboxRole, inboxSchema, inboxVersion } from "./schema.ts";

/** Two that install at once wait for each other. */
const installLock = 5_491_204_918;
const connectMs = 10_000;

interface Installation {
  readonly url: string;
  readonly grants: readonly { readonly role: InboxRole; readonly name: string }[];
}

/**
 * Makes the schema in a database, or brings it up to date, in one transaction.
 *
 * @returns what may be shown of where.
 * @throws Error that says what is to be done: it cannot be reached, the role may not create there, or a newer Signalbox was there.
 */
export async function installInbox({ url, grants }: Installation): Promise<string> {
  const name = nameOf(url);
  const { default: pg } = await import("pg");
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: connectMs });
  client.on("error", () => {});
  try {
    await client.connect();
    await client.query("BEGIN");
    await client.query("SELECT pg_advisory_xact_lock($1::bigint)", [installLock]);
    const { rows } = await client.query<{ readonly there: string | null }>(
      "SELECT to_regprocedure('signalbox.inbox_version()')::text AS there",
    );
    if (rows[0]?.there) {
      const found = await client.query<{ readonly version: number }>("SELECT signalbox.inbox_version() AS version");
      const version = found.rows[0]?.version ?? 0;
      if (version > inboxVersion) {
        throw new Error(
          `it has version ${version} of the schema, and this Signalbox knows ${inboxVersion}: use a newer one`,
        );
      }
    }
    await client.query(inboxSchema);
    for (const { role, name: given } of grants) await client.query(grantsOf(role, given));
    await client.query("COMMIT");
    return name;
  } catch (thrown) {
    throw new Error(`nothing was changed at ${name}: ${remedied(thrown)}`, { cause: thrown });
  } finally {
    await client.end().catch(() => {});
  }
}

function remedied(thrown: unknown): string {
  const error: Error & { readonly code?: unknown } = asError(thrown);
  const said = error.message === "" ? String(error.code) : error.message;
  if (error.code !== "42501") return said;
  return `${said}. Install as a role that may create in this database (GRANT CREATE ON DATABASE …), or as the owner of the schema`;
}

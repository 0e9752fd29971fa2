import type { Client } from "pg";
import { systemClock } from "../../clock.ts";
import { SignalboxError } from "../../errors.ts";
import type { Log } from "../../log.ts";
import { type PostgresConnection, patience, schemaName } from "../../store/postgres/connection.ts";
import { storable } from "../../store/postgres/dialect.ts";
import { refusedStart } from "../../store/postgres/refusals.ts";
import { knownRuns } from "../../store/postgres/run.ts";
import { migratePostgres, refuseUnfinished } from "../../store/postgres/schema.ts";
import { checkServer } from "../../store/postgres/server-check.ts";
import { Session } from "../../store/postgres/session.ts";
import { putSetting, settingOf } from "../../store/postgres/setting.ts";
import type { Row, Sql } from "../../store/sql/step.ts";
import {
  type AgreedTarget,
  agreedName,
  type Belongings,
  keyOf,
  type MoveSource,
  type MoveTarget,
  metaKeys,
  sqlName,
  type Table,
} from "./place.ts";

const columnsOf = `SELECT c.table_name, c.column_name, k.place
  FROM information_schema.columns c LEFT JOIN (
    SELECT r.relname::text AS table_name, a.attname::text AS column_name, u.place
    FROM pg_index i JOIN pg_class r ON r.oid = i.indrelid JOIN pg_namespace n ON n.oid = r.relnamespace,
      unnest(i.indkey::int2[]) WITH ORDINALITY AS u (number, place) JOIN pg_attribute a ON a.attnum = u.number
    WHERE i.indisprimary AND n.nspname = $1 AND a.attrelid = i.indrelid) k
    ON k.table_name = c.table_name AND k.column_name = c.column_name
  WHERE c.table_schema = $1 AND EXISTS (SELECT 1 FROM pg_class t WHERE t.relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = $1) AND t.relname = c.table_name
    AND t.relkind IN ('r', 'p') AND NOT t.relispartition)
  ORDER BY c.table_name, c.ordinal_position`;
/** While no server waits for it. */
const closeLarge = `SELECT close_partition() WHERE pg_relation_size('event_p1') > ${2 ** 30}`;
const movedSchema = `${schemaName}_moved`;
const identities = `SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = $1 AND is_identity = 'YES'`;

class Database implements MoveTarget {
  readonly #session: Session;
  readonly #client: Client;
  readonly #shown: string;

  constructor(session: Session, client: Client, shown: string) {
    this.#session = session;
    this.#client = client;
    this.#shown = shown;
  }

  async tables(): Promise<readonly Table[]> {
    const rows = (await this.#all(columnsOf, schemaName)).filter((row) => !isOfNode(row));
    const names = [...new Set(rows.map((row) => String(row["table_name"])))];
    return names.map((name) => {
      const own = rows.filter((row) => row["table_name"] === name);
      const key = own
        .filter((row) => row["place"] !== null)
        .toSorted((a, b) => Number(a["place"]) - Number(b["place"]));
      const named = (all: readonly Row[]): string[] => all.map((row) => String(row["column_name"]));
      return { name, columns: named(own), key: named(key) };
    });
  }

  async count(table: Table): Promise<number> {
    const [row] = await this.#all(`SELECT count(*) AS n FROM ${sqlName(table.name)}${only(table)}`);
    return Number(row?.["n"]);
  }

  async rows(table: Table, after: readonly Sql[] | undefined, max: number): Promise<readonly Row[]> {
    const key = table.key.map(sqlName).join(", ");
    const columns = table.columns.map(sqlName).join(", ");
    const behind = after === undefined ? "" : `(${key}) > (${table.key.map((_, at) => `$${at + 1}`).join(", ")})`;
    const which = [only(table).replace(" WHERE ", ""), behind].filter((part) => part !== "").join(" AND ");
    const sql = `SELECT ${columns} FROM ${sqlName(table.name)}${which === "" ? "" : ` WHERE ${which}`} ORDER BY ${key} LIMIT ${max}`;
    return this.#all(sql, ...(after ?? []));
  }

  async belongings(): Promise<Belongings> {
    await this.#all("SELECT gather_open_counts('{}')");
    await this.#all(`INSERT INTO meta (key, value) SELECT 'watermark', min(watermark) FROM shard
      ON CONFLICT (key) DO UPDATE SET value = excluded.value`);
    const [row] = await this.#all("SELECT last_event_sequence() AS value");
    return {
      lastSequence: Number(row?.["value"]),
      identity: await settingOf(this.#client, "identity"),
      secretCheck: await settingOf(this.#client, "secret_check"),
      refersToFolder: (await knownRuns(this.#client)).refersToFolder,
    };
  }

  async begun(): Promise<ReadonlyMap<string, readonly Sql[]>> {
    const rows = await this.#all("SELECT name, behind FROM move_progress");
    return new Map(rows.map((row) => [String(row["name"]), JSON.parse(String(row["behind"])) as Sql[]]));
  }

  async agreed(): Promise<Belongings | undefined> {
    const [row] = await this.#all("SELECT behind FROM move_progress WHERE name = $1", agreedName);
    return row === undefined ? undefined : (JSON.parse(String(row["behind"])) as Belongings);
  }

  async put(table: Table, rows: readonly Row[]): Promise<void> {
    const last = rows.at(-1);
    if (last === undefined) return;
    const columns = table.columns.map(sqlName).join(", ");
    const named = rows.map((row) =>
      Object.fromEntries(table.columns.map((name) => [name, storable(row[name] ?? null)])),
    );
    const sent = [
      this.#client.query("BEGIN"),
      this.#client.query(
        `INSERT INTO ${sqlName(table.name)} (${columns}) SELECT ${columns}
          FROM json_populate_recordset(NULL::${sqlName(table.name)}, $1::json) ${orReplace(table)}`,
        [JSON.stringify(named)],
      ),
      this.#client.query(
        "INSERT INTO move_progress (name, behind) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET behind = excluded.behind",
        [table.name, JSON.stringify(keyOf(table, last))],
      ),
      this.#client.query("COMMIT"),
    ];
    const failed = (await Promise.allSettled(sent)).find((done) => done.status === "rejected");
    if (failed !== undefined) {
      await this.#client.query("ROLLBACK").catch(() => {});
      throw failed.reason;
    }
  }

  async agree(belongings: Belongings): Promise<void> {
    await this.#all(
      "INSERT INTO move_progress (name, behind) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET behind = excluded.behind",
      agreedName,
      JSON.stringify(belongings),
    );
  }

  async finish({ lastSequence, identity, secretCheck }: Belongings): Promise<void> {
    await this.#all("ANALYZE");
    // All or nothing: what a cut leaves is still a part of a move, which the next one finishes.
    await this.#client.query("BEGIN");
    try {
      if (identity !== undefined) await putSetting(this.#client, "identity", identity);
      if (secretCheck !== undefined) await putSetting(this.#client, "secret_check", secretCheck);
      await this.#setSequences(lastSequence);
      await this.#all(closeLarge);
      await this.#triggers("ENABLE");
      await this.#client.query("DROP TABLE move_progress");
      await this.#client.query("COMMIT");
    } catch (thrown) {
      await this.#client.query("ROLLBACK").catch(() => {});
      throw thrown;
    }
  }

  /** Counters are moved as they are, so nothing counts meanwhile. */
  async begin(): Promise<void> {
    await this.#client.query("CREATE TABLE IF NOT EXISTS move_progress (name text PRIMARY KEY, behind text NOT NULL)");
    await this.#triggers("DISABLE");
  }

  async retire(): Promise<string> {
    await this.#client.query(`ALTER SCHEMA ${schemaName} RENAME TO ${movedSchema}`);
    return `the tables of ${this.#shown} are kept in its schema ${movedSchema}, and no server starts on them: drop it when it is not needed any more`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#session.close();
  }

  async #setSequences(lastSequence: number): Promise<void> {
    for (const row of await this.#all(identities, schemaName)) {
      const [table, column] = [String(row["table_name"]), String(row["column_name"])];
      await this.#all(
        `SELECT setval(pg_get_serial_sequence('${sqlName(table)}', '${column}'),
          greatest((SELECT coalesce(max(${sqlName(column)}), 0) FROM ${sqlName(table)}), 1))`,
      );
    }
    await this.#all(
      "SELECT setval('event_number', greatest($1::bigint / 64 + 1, (SELECT last_value FROM event_number)))",
      lastSequence,
    );
    await this.#all(
      "SELECT setval('news_number', greatest((SELECT last_value FROM news_number), (SELECT coalesce(max(last), 0) FROM news) / 1024 + 1))",
    );
    await this.#all(
      "UPDATE shard SET owner = NULL, watermark = coalesce((SELECT value FROM meta WHERE key = 'watermark'), 0)",
    );
  }

  async #triggers(how: "ENABLE" | "DISABLE"): Promise<void> {
    for (const { name } of await this.tables())
      await this.#client.query(`ALTER TABLE ${sqlName(name)} ${how} TRIGGER USER`);
  }

  async #all(sql: string, ...params: readonly Sql[]): Promise<Row[]> {
    return (await this.#client.query(sql, [...params])).rows as Row[];
  }
}

/** Of what each node has a row of its own: when no server is running, only one is left of each key. */
function isOfNode(row: Row): boolean {
  return row["table_name"] === "open_count" && row["column_name"] === "node";
}

/** A page that was put before is put again as it is. */
function orReplace({ name, columns, key: known }: Table): string {
  const key = name === "open_count" ? [...known, "node"] : known;
  const rest = columns
    .filter((column) => !key.includes(column))
    .map((column) => `${sqlName(column)} = excluded.${sqlName(column)}`);
  const does = rest.length === 0 ? "DO NOTHING" : `DO UPDATE SET ${rest.join(", ")}`;
  return `ON CONFLICT (${key.map(sqlName).join(", ")}) ${does}`;
}

/** Of `meta`, what means the same elsewhere. */
function only({ name }: Table): string {
  return name === "meta" ? ` WHERE key IN (${metaKeys.map((key) => `'${key}'`).join(", ")})` : "";
}

/** The URL without its password. */
function shownUrl(url: string): string {
  const { protocol, hostname, port, pathname } = new URL(url);
  return `${protocol}//${hostname}${port === "" ? "" : `:${port}`}${pathname}`;
}

interface Opening {
  readonly url: string;
  readonly log: Log;
}

/** All rows of a table may be counted. */
const unhurried = { ...patience, statementMs: 600_000 };

async function openDatabase({ url, log }: Opening, judge: (client: Client) => Promise<void>): Promise<Database> {
  const prepare = async ({ client }: PostgresConnection): Promise<void> => {
    await judge(client);
    await migratePostgres(client);
  };
  const session = new Session({ url, name: "signalbox move", isAlone: true, log, patience: unhurried, prepare });
  try {
    return new Database(session, await session.client(), shownUrl(url));
  } catch (thrown) {
    await session.close();
    throw refusedStart(thrown, url);
  }
}

/** A database with a store that no server works on. Nothing is made in one that has none, as where its name was mistaken. */
export function sourceDatabase(opening: Opening): Promise<MoveSource> {
  const shown = shownUrl(opening.url);
  return openDatabase(opening, async (client) => {
    const { rows } = await client.query(
      `SELECT to_regclass('schema_version') IS NOT NULL AS has, to_regnamespace('${movedSchema}') IS NOT NULL AS moved,
        to_regclass('inbox') IS NOT NULL AS inbox`,
    );
    const { has, moved, inbox } = rows[0] as { readonly has: number; readonly moved: number; readonly inbox: number };
    if (has === 0) {
      const where = moved === 1 ? `: it was moved, and what it was is its schema ${movedSchema}` : "";
      throw new SignalboxError("not_found", `there is no store in ${shown}${where}`);
    }
    if (moved === 1) {
      throw new SignalboxError(
        "conflict",
        `${shown} has the schema ${movedSchema} of an earlier move, under whose name its tables would be kept: drop that if it is not needed, or rename it`,
      );
    }
    if (inbox === 1) {
      throw new SignalboxError(
        "conflict",
        `${shown} has the inbox of a platform in the same schema, which would be renamed with it: when nothing waits there, DROP TABLE ${schemaName}.inbox, move, and run signalbox inbox install again`,
      );
    }
    await refuseUnfinished(client);
  });
}

const progressOf = "SELECT to_regclass('move_progress') IS NOT NULL AS begun";

/** One that has everything, and waits to be made whole; `undefined`: there is none. */
export async function agreedDatabase(opening: Opening): Promise<AgreedTarget | undefined> {
  const none = new SignalboxError("not_found", `no move to ${shownUrl(opening.url)} was begun`);
  let database: Database;
  try {
    database = await openDatabase(opening, async (client) => {
      const { rows } = await client.query(progressOf);
      if ((rows[0] as { readonly begun: number } | undefined)?.begun !== 1) throw none;
    });
  } catch (thrown) {
    if (thrown === none) return undefined;
    throw thrown;
  }
  const said = await database.agreed();
  if (said !== undefined) return { target: database, belongings: said };
  await database[Symbol.asyncDispose]();
  return undefined;
}

/** One without tables of ours, or with those that a move has begun to fill, on a server that a start will not refuse. */
export async function newDatabase(opening: Opening): Promise<MoveTarget> {
  const database = await openDatabase(opening, (client) =>
    // That a failover loses something is said, and accepted, at the start.
    checkServer(client, { acceptLoss: true, clock: systemClock, log: opening.log }),
  );
  try {
    const tables = await database.tables();
    const isBegun = tables.some(({ name }) => name === "move_progress");
    const tenant = tables.find(({ name }) => name === "tenant");
    if (!isBegun && tenant !== undefined && (await database.count(tenant)) > 0) {
      throw new SignalboxError(
        "conflict",
        `${shownUrl(opening.url)} holds a store already: drop its schema ${schemaName} if it is not needed, or name another database`,
      );
    }
    await database.begin();
    return database;
  } catch (thrown) {
    await database[Symbol.asyncDispose]();
    throw thrown;
  }
}

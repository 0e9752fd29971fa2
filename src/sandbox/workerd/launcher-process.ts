/**
 * The launcher: a small program that starts processes of functions in the server's stead. To fork, the system copies the tables
 * of a process's memory; that blocked the server's only thread for 20 to 50 ms where it had 300 MB, and takes 2 or 3 here. So
 * this imports nothing that is large.
 *
 * A shell starts each workerd and then waits for a pipe that only this process holds to close, which it does whenever this process
 * ends. The shell stays as workerd's parent, so that there is no orphan for an init to collect, and takes away the folder in which
 * both lived. Should the shell be ended together with this process, the system ends workerd, where it offers that. This
 * process ends as soon as its channel to the server closes, so that nothing outlives the server, kill -9 included.
 */

import { type ChildProcess, spawn } from "node:child_process";
import { chownSync, closeSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import type { Duplex, Readable } from "node:stream";
import { defined } from "../../domain/defined.ts";
import { type Privileges, triedPrivileges } from "./privileges.ts";

/** What is the same for all that it starts: JSON on its standard input. */
export interface LaunchOptions {
  readonly binary: string;
  readonly config: string;
  /** Default: what the system lets us do, found out with the first of them. */
  readonly privileges?: Privileges;
}

/** What the server wants. `release` closes the pipe that the shell waits for. */
export type LauncherCommand =
  | { readonly kind: "launch"; readonly id: number; readonly folder: string }
  | { readonly kind: "release"; readonly id: number };

/** What the launcher tells: of itself, before what becomes of the first of them. */
export type LauncherMessage = { readonly kind: "privileges"; readonly privileges: Privileges } | ProcessNews;

/** What becomes of what was launched, in about this order. */
export type ProcessNews =
  | { readonly kind: "complains"; readonly id: number; readonly complaint: string }
  | { readonly kind: "started"; readonly id: number; readonly pid: number; readonly user?: number }
  | { readonly kind: "listens"; readonly id: number }
  /** workerd has ended: its standard error is closed. */
  | { readonly kind: "silent"; readonly id: number }
  /** The shell has ended, or could not be started. */
  | { readonly kind: "left"; readonly id: number };

/**
 * Without PIPE, telling the pid to a launcher that is killed meanwhile would end the shell, and workerd would be left. No core
 * dumps, which would hold secrets; first to go when memory runs out. $! is workerd, which gets neither pipe nor an environment.
 * `rm` follows no links, and the folder holds what workerd put there.
 */
const script = `
trap '' PIPE
ulimit -c 0
echo 900 >/proc/self/oom_score_adj
folder=$1; shift
umask 077
unset PWD OLDPWD
"$@" 5>&3 3<&- >/dev/null &
echo $! >&3
exec 2>&- 4<&-
read -r _ <&3
kill -9 $!
wait
cd /
rm -rf "$folder"
`;

/** Open in this process and, as 5, in its shells: the server sees it close when all of them have ended. */
const lifeline = 4;

/** Of what workerd complains of, the last part is kept. */
const complaintChars = 4_096;

const options = optionsOf(readFileSync(0, "utf8"));
let privileges = options?.privileges;
/** What the shells wait for to close. */
const pipes = new Map<number, Duplex>();

process.on("message", obey);
process.on("disconnect", () => process.exit());

/** `undefined` when the server was killed while it sent them. */
function optionsOf(text: string): LaunchOptions | undefined {
  try {
    return JSON.parse(text) as LaunchOptions;
  } catch {
    return undefined;
  }
}

function tell(news: LauncherMessage): void {
  // What cannot be sent is of no interest: the server has ended.
  process.send?.(news, undefined, undefined, () => {});
}

function obey(order: LauncherCommand): void {
  switch (order.kind) {
    case "launch":
      return launch(order);
    case "release":
      pipes.get(order.id)?.end();
      return;
    default:
      order satisfies never;
  }
}

function launch({ id, folder }: LauncherCommand & { readonly kind: "launch" }): void {
  try {
    if (options === undefined) return rmSync(folder, { recursive: true, force: true });
    watch(id, shell(options, folder));
  } catch (error) {
    refused(id, error);
  }
}

function refused(id: number, error: unknown): void {
  tell({ kind: "complains", id, complaint: error instanceof Error ? error.message : String(error) });
  tell({ kind: "left", id });
}

function privilegesOf(binary: string, folder: string): Privileges {
  if (privileges === undefined) {
    privileges = triedPrivileges(binary, folder);
    tell({ kind: "privileges", privileges });
  }
  return privileges;
}

function shell({ binary, config }: LaunchOptions, folder: string): ChildProcess {
  const { tie, user } = privilegesOf(binary, folder);
  // Before the folder is the other user's, who might put a link where this is written to; while it was tried out, too.
  writeFileSync(`${folder}/config.capnp`, config, { mode: 0o600, flag: "wx" });
  if (user !== undefined) for (const path of [`${folder}/config.capnp`, folder]) chownSync(path, user, user);
  // So that the other user needs no way to it: that user may not even see the folder where it is installed.
  const program = user === undefined ? undefined : openSync(binary, "r");
  try {
    const path = program === undefined ? binary : "/proc/self/fd/4";
    const command = [...tie, path, "serve", "--experimental", "--control-fd=5", "config.capnp"];
    return spawn("/bin/sh", ["-c", script, "sh", folder, ...command], {
      cwd: folder,
      env: {},
      // A session of its own: a ^C in the terminal is for the server, which then ends this in order.
      detached: true,
      stdio: ["ignore", "ignore", "pipe", "pipe", program ?? "ignore", lifeline],
      ...(user === undefined ? {} : { uid: user, gid: user }),
    });
  } finally {
    if (program !== undefined) closeSync(program);
  }
}

function watch(id: number, child: ChildProcess): void {
  child.once("error", (error) => refused(id, error));
  // Then there may be no pipes either.
  if (child.pid === undefined) return;
  const [, , complaints, control] = child.stdio as unknown as [null, null, Readable, Duplex];
  pipes.set(id, control);
  child.once("exit", () => {
    pipes.delete(id);
    tell({ kind: "left", id });
  });
  const listens = watchControl(id, control);
  let complaint = "";
  complaints.setEncoding("latin1").on("error", () => {});
  complaints.on("data", (text: string) => {
    complaint = (complaint + text).slice(-complaintChars);
    // Afterwards it could be much, and of interest is only how it ended.
    if (!listens()) tell({ kind: "complains", id, complaint });
  });
  complaints.once("close", () => {
    tell({ kind: "complains", id, complaint });
    tell({ kind: "silent", id });
  });
}

/** Returns whether it takes calls. */
function watchControl(id: number, control: Duplex): () => boolean {
  let output = "";
  let pid: number | undefined;
  let listens = false;
  control.on("error", () => {});
  control.setEncoding("latin1").on("data", (text: string) => {
    output = (output + text).slice(0, 1_024);
    const first = /^(\d+)\n/m.exec(output)?.[1];
    if (pid === undefined && first !== undefined) {
      pid = Number(first);
      const user = privileges?.user;
      tell({ kind: "started", id, pid, ...defined({ user }) });
    }
    if (listens || pid === undefined || !output.includes('"listen"')) return;
    listens = true;
    tell({ kind: "listens", id });
  });
  return () => listens;
}

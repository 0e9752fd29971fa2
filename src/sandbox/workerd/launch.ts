/**
 * One workerd, as an operating-system process that cannot outlive this one: a shell starts it and then waits for a pipe that
 * only this process holds to close, which it does whenever this process ends, kill -9 included. The shell stays as workerd's
 * parent, so that there is no orphan for an init to collect, and takes away the folder in which both lived. Should somebody end
 * the shell together with this process, the system ends workerd, where it can be told to.
 *
 *   spawn ──▶ "<pid>" ──▶ "listen" (ready) ──▶ standard error closes (dead) ──▶ the shell ends (gone)
 */
import { type ChildProcess, spawn } from "node:child_process";
import { chownSync, closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Duplex, Readable } from "node:stream";
import { socketNames } from "./config.ts";

/**
 * Without PIPE, telling the pid to a server that is killed meanwhile would end the shell, and workerd would be left. No core dumps,
 * which would hold secrets; first to go when memory runs out. $! is workerd, which gets neither the pipe nor an environment. `rm`
 * follows no links, and the folder holds what workerd put there.
 */
const script = `
trap '' PIPE
ulimit -c 0
echo 900 >/proc/self/oom_score_adj
folder=$1; shift
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

/** Of what workerd complains of, the last part is kept. */
const complaintChars = 4_096;

export interface LaunchOptions {
  readonly binary: string;
  readonly config: string;
  /** What to put before a program, so that it ends with its parent. */
  readonly tie: readonly string[];
  /** Absent: this process's own. */
  readonly user?: number;
}

export interface Launched {
  readonly folder: string;
  /** Resolves with workerd's pid when it takes calls, and with `undefined` when it ended before. */
  readonly ready: Promise<number | undefined>;
  /** Resolves when workerd has ended, however it did. */
  readonly dead: Promise<void>;
  /** Resolves when nothing is left of it. */
  readonly gone: Promise<void>;
  /** What it complained of last. */
  complaint(): string;
  kill(): void;
}

/** Throws when the system refuses, e.g. to let this user become another. */
export function launch({ binary, config, tie, user }: LaunchOptions): Launched {
  const folder = mkdtempSync(join(shortTmpdir(), "sbx-"));
  // So that the other user needs no way to it: that user may not even see the folder where it is installed.
  const program = user === undefined ? undefined : openSync(binary, "r");
  try {
    writeFileSync(join(folder, "config.capnp"), config, { mode: 0o644 });
    if (user !== undefined) chownSync(folder, user, user);
    const path = program === undefined ? binary : "/proc/self/fd/4";
    const options = ["serve", "--experimental", "--control-fd=5", "config.capnp"];
    const child = spawn("/bin/sh", ["-c", script, "sh", folder, ...tie, path, ...options], {
      cwd: folder,
      env: {},
      // A session of its own: a ^C in the terminal is for the server, which then ends this in order.
      detached: true,
      stdio: ["ignore", "ignore", "pipe", "pipe", program ?? "ignore"],
      ...(user === undefined ? {} : { uid: user, gid: user }),
    });
    return new Shell(child, folder);
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  } finally {
    if (program !== undefined) closeSync(program);
  }
}

/** A unix socket's path has 107 bytes at most. */
const shortTmpdir = (): string => (Buffer.byteLength(tmpdir()) > 80 ? "/tmp" : tmpdir());

class Shell implements Launched {
  readonly folder: string;
  readonly ready: Promise<number | undefined>;
  readonly dead: Promise<void>;
  readonly gone: Promise<void>;
  readonly #control: Duplex;
  #pid: number | undefined;
  #complaint = "";
  #closed = false;

  constructor(child: ChildProcess, folder: string) {
    this.folder = folder;
    const [, , complaints, control] = child.stdio as unknown as [null, null, Readable, Duplex];
    this.#control = control;
    control.on("error", () => {});
    complaints.setEncoding("latin1").on("error", () => {});
    complaints.on("data", (text: string) => {
      this.#complaint = (this.#complaint + text).slice(-complaintChars);
    });
    const left = new Promise<void>((resolve) => {
      child.once("exit", () => resolve());
      child.once("error", (error) => {
        this.#complaint = error.message;
        resolve();
      });
    });
    const silent = new Promise<void>((resolve) => complaints.once("close", () => resolve()));
    // Should somebody have ended the shell alone, workerd goes after it.
    this.dead = Promise.race([left.then(() => this.kill()), silent]).then(() => this.#close());
    this.gone = left.then(() => rmSync(folder, { recursive: true, force: true }));
    this.ready = Promise.race([this.#listening(), this.dead.then(() => undefined)]);
  }

  #listening(): Promise<number> {
    return new Promise((resolve) => {
      let told = "";
      this.#control.setEncoding("latin1").on("data", (text: string) => {
        told = (told + text).slice(0, 1_024);
        const pid = /^(\d+)\n/m.exec(told)?.[1];
        if (pid !== undefined) this.#pid = Number(pid);
        if (this.#pid !== undefined && told.includes('"listen"')) resolve(this.#pid);
      });
    });
  }

  complaint(): string {
    return this.#complaint;
  }

  kill(): void {
    // Until the pipe is closed, the shell does not collect workerd, so that its pid cannot be somebody else's yet.
    if (this.#closed) return;
    try {
      if (this.#pid !== undefined) process.kill(this.#pid, "SIGKILL");
    } catch {
      // It has ended by itself.
    }
    this.#close();
  }

  /** The shell now kills workerd if it still runs, collects it, takes the folder away, and ends. */
  #close(): void {
    this.#closed = true;
    this.#control.end();
  }
}

/** The sockets in a folder; others than its owner do not get as far as these. */
export const socketPath = (folder: string, name: keyof typeof socketNames): string => join(folder, socketNames[name]);

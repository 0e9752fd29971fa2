import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Duplex, Writable } from "node:stream";
import { fileURLToPath } from "node:url";
import { Launch, type Launched } from "./launch.ts";
import type { LauncherCommand, LauncherMessage, LaunchOptions } from "./launcher-process.ts";
import type { Privileges } from "./privileges.ts";

/**
 * Starts processes of functions by way of a launcher, so that this process is not blocked by forking. The launcher is started with
 * the first of them; when it ends by itself, so do all of them, and the next one that is wanted starts another launcher.
 */
export class Launcher {
  readonly #options: LaunchOptions;
  readonly #learned: (privileges: Privileges) => void;
  /** Also those that were lost, until the last of their shells has ended. */
  readonly #all = new Set<LauncherProcess>();
  #current: LauncherProcess | undefined;

  /** @param learned called by each launcher that has found out what the system lets it do. */
  constructor(options: LaunchOptions, learned: (privileges: Privileges) => void = () => {}) {
    this.#options = options;
    this.#learned = learned;
  }

  /** Throws when it cannot even be tried; what the system refuses later becomes the complaint of a process that never is ready. */
  launch(): Launched {
    const launcher = this.#launcher();
    return launcher.launch(mkdtempSync(join(shortTmpdir(), "sbx-")));
  }

  /** Ends all that still runs, and resolves when nothing is left of it. */
  async close(): Promise<void> {
    await Promise.all([...this.#all].map((launcher) => launcher.close()));
  }

  #launcher(): LauncherProcess {
    if (this.#current?.lost === false) return this.#current;
    const launcher = new LauncherProcess(this.#options, this.#learned);
    this.#current = launcher;
    this.#all.add(launcher);
    void launcher.ended.then(() => this.#all.delete(launcher));
    return launcher;
  }
}

/** A unix socket's path has 107 bytes at most. */
const shortTmpdir = (): string => (Buffer.byteLength(tmpdir()) > 80 ? "/tmp" : tmpdir());

function start(): ChildProcess {
  // Next to this file is TypeScript when run from source, JavaScript in the published package.
  const file = import.meta.url.endsWith(".ts") ? "./launcher-process.ts" : "./launcher-process.js";
  return spawn(process.execPath, [fileURLToPath(new URL(file, import.meta.url))], {
    cwd: "/",
    env: {},
    // A session of its own: a ^C in the terminal is for this process, which then ends the launcher when all else has ended.
    detached: true,
    stdio: ["pipe", "ignore", "ignore", "ipc", "pipe"],
  });
}

/** One launcher, from its start to the end of the last shell that it has started. */
class LauncherProcess {
  /** Resolves when neither it nor any of its shells is left. */
  readonly ended: Promise<void>;
  /** It has ended. */
  lost = false;
  readonly #child: ChildProcess;
  readonly #launches = new Map<number, Launch>();
  #nextId = 0;

  constructor(options: LaunchOptions, learned: (privileges: Privileges) => void) {
    const child = start();
    this.#child = child;
    const left = new Promise<void>((resolve) => {
      child.once("exit", (code, signal) => resolve(this.#lose(`the launcher ended (${signal ?? code})`)));
      child.on("error", (error) => {
        // What goes wrong later is followed by its end.
        if (child.pid === undefined) resolve(this.#lose(`the launcher could not be started: ${error.message}`));
      });
    });
    // Without the channel it ends by itself, unless it hangs.
    child.once("disconnect", () => child.kill("SIGKILL"));
    child.on("message", (message: LauncherMessage) => {
      if (message.kind === "privileges") learned(message.privileges);
      else this.#launches.get(message.id)?.received(message);
    });
    const released = child.pid === undefined ? this.#hangUp() : this.#talk(options);
    this.ended = Promise.all([left, released]).then(() => {});
  }

  /** It could not be started. */
  async #hangUp(): Promise<void> {
    // The system may have refused even pipes.
    const pipes = this.#child.stdio as unknown as readonly (Duplex | null)[] | undefined;
    for (const pipe of pipes ?? []) pipe?.destroy();
    if (this.#child.connected) this.#child.disconnect();
  }

  /** Resolves when no process has the other end of the lifeline open. */
  #talk(options: LaunchOptions): Promise<void> {
    const [input, , , , lifeline] = this.#child.stdio as unknown as [Writable, null, null, null, Duplex];
    // Not over the channel, where the first orders would wait behind it: so the launcher has them even if this process is killed
    // next, and leaves no folder.
    input.on("error", () => {}).end(JSON.stringify(options));
    return new Promise((resolve) => {
      lifeline.on("error", () => {}).once("close", () => resolve());
      lifeline.resume();
    });
  }

  launch(folder: string): Launched {
    const id = this.#nextId++;
    const launch = new Launch(folder, () => this.#order({ kind: "release", id }));
    this.#launches.set(id, launch);
    void launch.gone.then(() => this.#launches.delete(id));
    this.#order({ kind: "launch", id, folder });
    return launch;
  }

  async close(): Promise<void> {
    const launches = [...this.#launches.values()];
    for (const launch of launches) launch.kill();
    await Promise.all(launches.map(({ gone }) => gone));
    this.#child.kill("SIGKILL");
    await this.ended;
  }

  #order(order: LauncherCommand): void {
    // When it cannot be sent, the launcher has ended, of which this process is about to be notified.
    if (this.#child.connected) this.#child.send(order, () => {});
  }

  #lose(why: string): void {
    this.lost = true;
    for (const launch of this.#launches.values()) launch.lost(why, this.ended);
  }
}

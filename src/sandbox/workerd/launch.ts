import { rm } from "node:fs/promises";
import { join } from "node:path";
import { socketNames } from "./config.ts";
import type { ProcessNews } from "./launcher-process.ts";

export interface Launched {
  readonly folder: string;
  /** Whom workerd runs as, once it is ready; `undefined`: as this process does. */
  readonly user: number | undefined;
  /** Resolves with workerd's pid when it takes calls, and with `undefined` when it ended before, or could not be started. */
  readonly ready: Promise<number | undefined>;
  /** Resolves when workerd has ended, however it did. */
  readonly dead: Promise<void>;
  /** Resolves when nothing is left of it. */
  readonly gone: Promise<void>;
  /** What it complained of last. */
  complaint(): string;
  kill(): void;
}

/**
 * One workerd, as an operating-system process that cannot outlive this one, as the launcher tells of it.
 *
 *   launch ──▶ started (pid) ──▶ listens (ready) ──▶ silent (dead) ──▶ left (gone)
 *
 * At any of these the launcher may end; then the shell ends workerd, and this process does the same.
 */
export class Launch implements Launched {
  readonly folder: string;
  readonly ready: Promise<number | undefined>;
  readonly dead: Promise<void>;
  readonly gone: Promise<void>;
  readonly #release: () => void;
  readonly #listens = Promise.withResolvers<number>();
  readonly #dead = Promise.withResolvers<void>();
  readonly #left = Promise.withResolvers<void>();
  #pid: number | undefined;
  #user: number | undefined;
  #complaint = "";
  #released = false;

  /** `release` closes the pipe that its shell waits for. The folder, which is there already, is taken away in the end. */
  constructor(folder: string, release: () => void) {
    this.folder = folder;
    this.#release = release;
    this.dead = this.#dead.promise;
    this.gone = this.#left.promise.then(() => remove(folder));
    this.ready = Promise.race([this.#listens.promise, this.dead.then(() => undefined)]);
  }

  received(news: ProcessNews): void {
    switch (news.kind) {
      case "complains":
        this.#complaint = news.complaint;
        return;
      case "started":
        this.#pid = news.pid;
        this.#user = news.user;
        return;
      case "listens":
        if (this.#pid !== undefined) this.#listens.resolve(this.#pid);
        return;
      case "silent":
        return this.#ended();
      case "left":
        // Should the shell alone have been ended, workerd goes after it.
        this.kill();
        this.#ended();
        return this.#left.resolve();
      default:
        news satisfies never;
    }
  }

  /** The launcher has ended, and with it the pipe; `ended` resolves when all of its shells have, too. */
  lost(why: string, ended: Promise<void>): void {
    if (this.#complaint === "") this.#complaint = why;
    // The shell does the same; but it may have been ended, too.
    this.kill();
    this.#ended();
    void ended.then(() => this.#left.resolve());
  }

  get user(): number | undefined {
    return this.#user;
  }

  complaint(): string {
    return this.#complaint;
  }

  /** At once, not by way of the launcher, which may wait for a processor behind what is to be killed. */
  kill(): void {
    // Until the pipe is closed, the shell does not collect workerd, so that its pid cannot be another process's yet.
    if (this.#released) return;
    try {
      if (this.#pid !== undefined) process.kill(this.#pid, "SIGKILL");
    } catch {
      // It has ended by itself.
    }
    this.#close();
  }

  #ended(): void {
    this.#close();
    this.#dead.resolve();
  }

  /** The shell now kills workerd if it still runs, collects it, takes the folder away, and ends. */
  #close(): void {
    if (this.#released) return;
    this.#released = true;
    this.#release();
  }
}

/** Mostly the shell has done so. Where the system has no more open files to give, it is tried for some seconds, and then left. */
const remove = (folder: string): Promise<void> =>
  rm(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 }).catch(() => {});

/** The sockets in a folder; others than its owner do not get as far as these. */
export const socketPath = (folder: string, name: keyof typeof socketNames): string => join(folder, socketNames[name]);

import type { Clock } from "../../clock.ts";
import type { SandboxLimits } from "../sandbox.ts";

const lookEveryMs = 50;
/** What a call says is as good as an answer to a ping. */
const pingAfterMs = 175;
/** Of the memory limit: past it the process takes no new calls, and another one takes its place. */
const softShare = 0.7;
/** A process that answers nothing is waited for so much longer when it is not seen to compute. */
const idlePatience = 5;
/** Of the time between looks, what a process computes that hogs a processor, and what one computes that does not (any more). */
const hogShare = { most: 0.8, least: 0.4 } as const;
/** So many looks in a row must show the same before it counts. */
const hogLooks = 2;

export interface WatchedProcess {
  memoryBytes(): number;
  /** That all its threads have computed so far. */
  cpuMs(): number;
  /** Whether anything may still run in it. */
  busy(): boolean;
  /** Resolves when it answers; never when it does not. */
  ping(): Promise<void>;
  /** Whether it has to answer a ping before it is known that what was cancelled in it is over. */
  unproven(): boolean;
  /** It answered a ping that was sent then. */
  proven(sentMs: number): void;
  /** It takes much memory. */
  tooLarge(): void;
  /** It has begun to take a whole processor, or has ceased to. */
  hogs(does: boolean): void;
  kill(reason: "stalled" | "memory", message: string): void;
}

/**
 * Looks after one process for as long as something runs in it. workerd has one thread, so code that computes keeps it from
 * answering anything: a ping that is not answered for `stallMs` is the sign of that. Innocent are processes that were not
 * given the processor, and those of which this process did not read the answer because it was busy itself.
 */
export class Watchdog {
  readonly #watched: WatchedProcess;
  readonly #limits: Pick<SandboxLimits, "memoryBytes" | "stallMs">;
  readonly #clock: Clock;
  #cancel: (() => void) | undefined;
  #lookedMs = 0;
  #aliveMs = 0;
  #ping: { sentMs: number; readonly cpuMs: number } | undefined;
  #computedMs = 0;
  #hogs = false;
  /** Looks in a row that showed otherwise than {@link #hogs}. */
  #otherwise = 0;

  constructor(watched: WatchedProcess, limits: Pick<SandboxLimits, "memoryBytes" | "stallMs">, clock: Clock) {
    this.#watched = watched;
    this.#limits = limits;
    this.#clock = clock;
  }

  /** Something runs in it from now on. */
  start(): void {
    if (this.#cancel !== undefined) return;
    this.#lookedMs = this.#clock.steady();
    this.#aliveMs = this.#lookedMs;
    this.#computedMs = this.#watched.cpuMs();
    this.#again();
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  /** It said something. */
  alive(): void {
    this.#aliveMs = this.#clock.steady();
  }

  #again(): void {
    this.#cancel = this.#clock.after(lookEveryMs, () => this.#look());
  }

  #look(): void {
    this.#cancel = undefined;
    const now = this.#clock.steady();
    const passedMs = now - this.#lookedMs;
    const missedMs = Math.max(0, passedMs - lookEveryMs);
    this.#lookedMs = now;
    this.#hog(passedMs);
    if (this.#ping !== undefined) this.#ping.sentMs += missedMs;
    if (this.#memory() || this.#stalled(now)) return;
    if (this.#watched.busy()) this.#again();
  }

  /** Who computes all the time lets go first who does not: it is late anyway. */
  #hog(passedMs: number): void {
    const computedMs = this.#watched.cpuMs();
    const share = (computedMs - this.#computedMs) / Math.max(1, passedMs);
    this.#computedMs = computedMs;
    const seen = this.#hogs ? share < hogShare.least : share >= hogShare.most;
    this.#otherwise = seen ? this.#otherwise + 1 : 0;
    if (this.#otherwise < hogLooks) return;
    this.#otherwise = 0;
    this.#hogs = !this.#hogs;
    this.#watched.hogs(this.#hogs);
  }

  #memory(): boolean {
    const bytes = this.#watched.memoryBytes();
    if (bytes > this.#limits.memoryBytes) {
      this.#watched.kill("memory", `it took more than ${Math.round(this.#limits.memoryBytes / 2 ** 20)} MiB of memory`);
      return true;
    }
    if (bytes > this.#limits.memoryBytes * softShare) this.#watched.tooLarge();
    return false;
  }

  #stalled(now: number): boolean {
    const { stallMs } = this.#limits;
    const ping = this.#ping;
    if (ping === undefined) {
      const quiet = now - this.#aliveMs >= Math.min(stallMs / 5, pingAfterMs);
      if (quiet || this.#watched.unproven()) this.#send(now);
      return false;
    }
    const silentMs = now - Math.max(ping.sentMs, this.#aliveMs);
    const computedMs = this.#watched.cpuMs() - ping.cpuMs;
    // On a busy machine a process that begins is silent for long: what it has computed meanwhile tells whether that is its own doing.
    const computes = silentMs >= stallMs && computedMs >= stallMs;
    if (!computes && silentMs < idlePatience * stallMs) return false;
    this.#watched.kill("stalled", `it kept its process from doing anything else for more than ${stallMs} ms`);
    return true;
  }

  #send(now: number): void {
    const ping = { sentMs: now, cpuMs: this.#watched.cpuMs() };
    this.#ping = ping;
    void this.#watched.ping().then(() => {
      this.#ping = undefined;
      this.alive();
      this.#watched.proven(now);
    });
  }
}

import type { Clock } from "../../clock.ts";
import type { SandboxLimits } from "../sandbox.ts";

const lookEveryMs = 50;
/** What a call says is as good as an answer to a ping. */
const pingAfterMs = 175;
/** Of the memory limit: past it the process takes no new calls, and another one takes its place. */
const softShare = 0.7;
/** A process that answers nothing is waited for so much longer when it is not seen to compute. */
const idlePatience = 5;
/** Of `stallMs`, what it must have computed without answering anything, to be stalled by its own doing. */
const busyShare = 0.5;

export interface Watched {
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
  kill(reason: "stalled" | "memory", message: string): void;
}

/**
 * Looks after one process for as long as something runs in it. workerd has one thread, so code that computes keeps it from
 * answering anything: a ping that is not answered for `stallMs` is the sign of that. Innocent are processes that were not
 * given the processor, and those of which this process did not read the answer because it was busy itself.
 */
export class Watchdog {
  readonly #watched: Watched;
  readonly #limits: Pick<SandboxLimits, "memoryBytes" | "stallMs">;
  readonly #clock: Clock;
  #cancel: (() => void) | undefined;
  #lookedMs = 0;
  #aliveMs = 0;
  #ping: { sentMs: number; readonly cpuMs: number } | undefined;

  constructor(watched: Watched, limits: Pick<SandboxLimits, "memoryBytes" | "stallMs">, clock: Clock) {
    this.#watched = watched;
    this.#limits = limits;
    this.#clock = clock;
  }

  /** Something runs in it from now on. */
  start(): void {
    if (this.#cancel !== undefined) return;
    this.#lookedMs = this.#clock.now();
    this.#aliveMs = this.#lookedMs;
    this.#again();
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  /** It said something. */
  alive(): void {
    this.#aliveMs = this.#clock.now();
  }

  #again(): void {
    this.#cancel = this.#clock.after(lookEveryMs, () => this.#look());
  }

  #look(): void {
    this.#cancel = undefined;
    const now = this.#clock.now();
    const missedMs = Math.max(0, now - this.#lookedMs - lookEveryMs);
    this.#lookedMs = now;
    if (this.#ping !== undefined) this.#ping.sentMs += missedMs;
    if (this.#memory() || this.#stalled(now)) return;
    if (this.#watched.busy()) this.#again();
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
    const computes = silentMs >= stallMs && computedMs >= stallMs * busyShare;
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

import type { Clock } from "../../clock.ts";
import type { SandboxLane, SandboxLimits, SandboxProcess } from "../sandbox.ts";
import type { ByteBudget } from "./byte-budget.ts";
import { Guest } from "./guest.ts";
import type { Launched } from "./launch.ts";
import { type FailedCall, failedCall } from "./problems.ts";
import { cpuMs, hasEnded, makeNice, memoryBytes } from "./proc.ts";
import { Watchdog } from "./watchdog.ts";

/** Whose process it is, and for what. `solo`: for one call at a time. */
export interface ProcessRole {
  readonly tenant: string;
  readonly lane: SandboxLane;
  readonly solo: boolean;
}

export const roleKey = ({ tenant, lane, solo }: ProcessRole): string => `${lane} ${solo ? "solo" : "shared"} ${tenant}`;

/** What is under way in a process. */
export interface GuestCall {
  readonly codeId: string;
  /** Aborted, with a {@link FailedCall} as its reason, when the process ends. */
  readonly stop: AbortController;
}

const bootMs = 10_000;
/** Operations wait for hooks; suspects may do harm. */
const niceness = { pre: { shared: 0, solo: 5 }, post: { shared: 10, solo: 19 } } as const;
/** So much nicer is a process for as long as it takes a whole processor. */
const hogNiceness = 10;
/** A cancelled call is over when its process has answered what was asked so much later. */
const cancelMs = 50;

/** Whom a process tells: the sandbox that started it. The adapter stands below the Ports: no context has these. */
interface GuestProcessDeps {
  readonly clock: Clock;
  readonly limits: SandboxLimits;
  /** See {@link Guest}. */
  readonly hostBytes: ByteBudget;
  /** It ended; these codes were under way, and may be the reason. */
  ended(process: GuestProcess, why: FailedCall, codeIds: ReadonlySet<string>): void;
  /** What was cancelled in it is over. */
  quiet(): void;
  /** It takes much memory, so that it should get no new calls. */
  tooLarge(process: GuestProcess): void;
}

/**
 * One process that runs functions: a spare until it gets a role, and then of one tenant for as long as it lives.
 *
 *   booting ──▶ spare ──bind──▶ in use ⇄ idle ──end, kill, or by itself──▶ dead
 */
export class GuestProcess {
  readonly guest: Guest;
  /** Resolves with whether it takes calls. */
  readonly ready: Promise<boolean>;
  /** Resolves when nothing is left of it. */
  readonly gone: Promise<void>;
  role: ProcessRole | undefined;
  /** Who has taken it and not given it back. */
  users = 0;
  /** Gets no new calls. */
  draining = false;
  dead = false;
  isReady = false;
  usedMs: number;
  /** When it got its role. */
  boundMs = 0;
  readonly #launched: Launched;
  readonly #deps: GuestProcessDeps;
  readonly #watchdog: Watchdog;
  /** With when each began, the oldest first. */
  readonly #entries = new Map<GuestCall, number>();
  /** Codes of calls that were cancelled, and when: they may still run. */
  readonly #cancelled = new Map<string, number>();
  #pid = 0;

  constructor(launched: Launched, deps: GuestProcessDeps) {
    this.#launched = launched;
    this.#deps = deps;
    this.usedMs = deps.clock.steady();
    const { clock, limits, hostBytes } = deps;
    this.guest = new Guest(launched, { clock, limits, hostBytes, active: () => this.#watchdog.alive() });
    this.#watchdog = new Watchdog(
      {
        memoryBytes: () => memoryBytes(this.#pid),
        cpuMs: () => cpuMs(this.#pid),
        busy: () => this.busy,
        ping: () => this.guest.ping(),
        unproven: () => this.#cancelled.size > 0,
        proven: (sentMs) => this.#proven(sentMs),
        tooLarge: () => deps.tooLarge(this),
        hogs: (does) => makeNice(this.#pid, this.#nice + (does ? hogNiceness : 0)),
        kill: (reason, message) => this.kill(failedCall(reason, message)),
      },
      limits,
      clock,
    );
    const died = launched.dead.then(() => this.kill(this.#ownEnd()));
    this.ready = Promise.race([this.#boot(), died.then(() => false)]);
    this.gone = launched.gone;
  }

  get pid(): number {
    return this.#pid;
  }

  /** Whether anything may run in it. */
  get busy(): boolean {
    return this.#entries.size > 0 || this.#cancelled.size > 0;
  }

  /** When the oldest call in it began. */
  get oldestCallMs(): number | undefined {
    const [oldest] = this.#entries.values();
    return oldest;
  }

  /** Looks whether it still runs: the news of its end may be under way. Returns whether it takes calls, or may yet. */
  stillRuns(): boolean {
    if (this.isReady && hasEnded(this.#pid)) this.kill(this.#ownEnd());
    return !this.dead;
  }

  bind(role: ProcessRole): void {
    this.role = role;
    this.boundMs = this.#deps.clock.steady();
    void this.ready.then((ready) => {
      if (ready && this.#nice > 0) makeNice(this.#pid, this.#nice);
    });
  }

  get #nice(): number {
    return this.role === undefined ? 0 : niceness[this.role.lane][this.role.solo ? "solo" : "shared"];
  }

  async #boot(): Promise<boolean> {
    const cancel = this.#deps.clock.after(bootMs, () =>
      this.kill(failedCall("unavailable", "it did not start in time")),
    );
    const listening = this.guest.listen().catch((error: Error) => this.kill(failedCall("unavailable", error.message)));
    const pid = await this.#launched.ready;
    this.#pid = pid ?? 0;
    await listening;
    const answers = pid !== undefined && this.#admits() && (await this.guest.rehearse()) && !this.dead;
    // What it answered may be older than its end, of which the news is still under way.
    this.isReady = answers && !hasEnded(pid);
    cancel();
    if (!this.isReady) this.kill(failedCall("unavailable", "it did not start"));
    return this.isReady;
  }

  #admits(): boolean {
    try {
      this.guest.admit(this.#launched.user);
      return true;
    } catch {
      // It has ended, and its folder is gone: the news is under way.
      return false;
    }
  }

  /** Something begins in it; {@link leave} must follow. */
  enter(entry: GuestCall): void {
    if (this.dead) return entry.stop.abort(this.#ownEnd());
    this.#entries.set(entry, this.#deps.clock.steady());
    this.#watchdog.start();
  }

  /** `over`: the process itself has reported its end. */
  leave(entry: GuestCall, over: boolean): void {
    this.#entries.delete(entry);
    if (!over && !this.dead) this.#cancelled.set(entry.codeId, this.#deps.clock.steady());
  }

  #proven(sentMs: number): void {
    for (const [id, atMs] of this.#cancelled) if (atMs + cancelMs < sentMs) this.#cancelled.delete(id);
    if (!this.busy) this.#deps.quiet();
  }

  /** Ends it when it has nothing to do, or nothing that is waited for: no function is to blame. */
  end(): void {
    this.#cancelled.clear();
    this.kill(failedCall("crashed", "its process was ended"));
  }

  kill(why: FailedCall): void {
    if (this.dead) return;
    this.dead = true;
    this.#watchdog.stop();
    this.#launched.kill();
    this.guest.close();
    const codes = new Set([...this.#cancelled.keys(), ...[...this.#entries.keys()].map(({ codeId }) => codeId)]);
    // Of several, which one it was cannot be known.
    const reason =
      codes.size <= 1
        ? why
        : failedCall("crashed", `its process was ended, by it or another one: ${why.error.message}`);
    this.#deps.ended(this, why, codes);
    for (const { stop } of this.#entries.keys()) stop.abort(reason);
    this.#entries.clear();
  }

  /** Why it ended, when the server did not end it. */
  #ownEnd(): FailedCall {
    return /out of memory|allocation failed/i.test(this.complaint())
      ? failedCall("memory", "it took more memory than it may")
      : failedCall("crashed", "its process ended");
  }

  complaint(): string {
    return this.#launched.complaint().trim();
  }

  figures(): SandboxProcess {
    const { tenant, lane, solo = false } = this.role ?? {};
    return {
      pid: this.#pid,
      ...(tenant === undefined || lane === undefined ? {} : { tenant, lane }),
      solo,
      running: this.#entries.size,
      memoryBytes: memoryBytes(this.#pid),
    };
  }
}

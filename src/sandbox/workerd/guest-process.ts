import { Client, Pool } from "undici";
import type { Clock } from "../../clock.ts";
import type { Code, Lane, SandboxCall, SandboxLimits, SandboxProcess } from "../sandbox.ts";
import { Answer, neverDone } from "./answer.ts";
import { ask } from "./exchange.ts";
import { HostSocket } from "./host-socket.ts";
import { type HostRule, parseHostRule } from "./hosts.ts";
import { type Launched, socketPath } from "./launch.ts";
import { type Failed, failure, loadProblem } from "./problems.ts";
import { cpuMs, makeNice, memoryBytes } from "./proc.ts";
import { Watchdog } from "./watchdog.ts";

/** Whose process it is, and for what. `solo`: for one call at a time. */
export interface Role {
  readonly tenant: string;
  readonly lane: Lane;
  readonly solo: boolean;
}

export const roleKey = ({ tenant, lane, solo }: Role): string => `${lane} ${solo ? "solo" : "shared"} ${tenant}`;

/** What is under way in a process. */
export interface Entry {
  readonly codeId: string;
  /** Aborted, with a {@link Failed} as its reason, when the process ends. */
  readonly stop: AbortController;
}

export type Loaded = "loaded" | "lost" | ReturnType<typeof loadProblem>;

const bootMs = 10_000;
/** Somebody waits for hooks; suspects may do harm. */
const niceness = { pre: { shared: 0, solo: 5 }, post: { shared: 10, solo: 19 } } as const;
/** A cancelled call is over when its process has answered what was asked so much later. */
const cancelMs = 50;
const rehearsal: Code = { id: "rehearsal", js: "export default async () => 0;", env: {}, egress: [] };
const neverStopped = new AbortController().signal;

export interface GuestProcessDeps {
  readonly clock: Clock;
  readonly limits: SandboxLimits;
  /** It ended; these codes were under way, and may be the reason. */
  ended(process: GuestProcess, why: Failed, codeIds: ReadonlySet<string>): void;
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
  /** Resolves with whether it takes calls. */
  readonly ready: Promise<boolean>;
  /** Resolves when nothing is left of it. */
  readonly gone: Promise<void>;
  role: Role | undefined;
  /** Who has taken it and not given it back. */
  users = 0;
  /** Gets no new calls. */
  draining = false;
  dead = false;
  isReady = false;
  usedMs: number;
  readonly #launched: Launched;
  readonly #deps: GuestProcessDeps;
  readonly #host: HostSocket;
  readonly #calls: Pool;
  readonly #pings: Client;
  readonly #watchdog: Watchdog;
  readonly #entries = new Set<Entry>();
  /** Codes of calls that were cancelled, and when: they may still run. */
  readonly #cancelled = new Map<string, number>();
  readonly #loaded = new Map<string, Promise<Loaded>>();
  readonly #callable = new Set<string>();
  #pid = 0;

  constructor(launched: Launched, deps: GuestProcessDeps) {
    this.#launched = launched;
    this.#deps = deps;
    this.usedMs = deps.clock.now();
    this.#host = new HostSocket(deps.clock);
    const options = { headersTimeout: 0, bodyTimeout: 0, socketPath: socketPath(launched.folder, "calls") };
    this.#calls = new Pool("http://function", options);
    this.#pings = new Client("http://function", options);
    this.#watchdog = new Watchdog(
      {
        memoryBytes: () => memoryBytes(this.#pid),
        cpuMs: () => cpuMs(this.#pid),
        busy: () => this.busy,
        ping: () => this.#ping(),
        unproven: () => this.#cancelled.size > 0,
        proven: (sentMs) => this.#proven(sentMs),
        tooLarge: () => deps.tooLarge(this),
        kill: (reason, message) => this.kill(failure(reason, message)),
      },
      deps.limits,
      deps.clock,
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

  bind(role: Role): void {
    this.role = role;
    const nice = niceness[role.lane][role.solo ? "solo" : "shared"];
    void this.ready.then((ready) => {
      if (ready && nice > 0) makeNice(this.#pid, nice);
    });
  }

  async #boot(): Promise<boolean> {
    const cancel = this.#deps.clock.after(bootMs, () => this.kill(failure("unavailable", "it did not start in time")));
    const listening = this.#host.listen(socketPath(this.#launched.folder, "host")).catch((error: Error) => {
      this.kill(failure("unavailable", error.message));
    });
    const pid = await this.#launched.ready;
    this.#pid = pid ?? 0;
    await listening;
    // The first function of a process loads some things for all others: a spare does not leave that to its tenant.
    if (pid !== undefined && (await this.load(rehearsal)) === "loaded") {
      const answer = await this.#run(rehearsal, { event: null, headers: {} }, neverStopped);
      this.isReady = !this.dead && answer.outcome?.kind === "ok";
    }
    cancel();
    if (!this.isReady) this.kill(failure("unavailable", "it did not start"));
    return this.isReady;
  }

  /** Loads code once; `lost` when the process ended meanwhile. Not cancelled by whoever waits for it: others may as well. */
  load(code: Code): Promise<Loaded> {
    const known = this.#loaded.get(code.id);
    if (known !== undefined) return known;
    const loading = this.#load(code);
    this.#loaded.set(code.id, loading);
    return loading;
  }

  /** Code that is not loaded yet must not be called: workerd would never look at it again. */
  isLoaded(id: string): boolean {
    return this.#callable.has(id);
  }

  async #load(code: Code): Promise<Loaded> {
    const { js, env, egress } = code;
    const hosts = egress.map(parseHostRule).filter((rule): rule is HostRule => rule !== undefined);
    const { outputBytes, logBytes, logLines } = this.#deps.limits;
    const body = JSON.stringify({ js, vars: env, hosts, limits: { outputBytes, logBytes, logLines } });
    let told = "";
    const asked = await ask(this.#calls, {
      path: "/load",
      headers: { "x-code": encodeURIComponent(code.id) },
      body,
      hear: (chunk) => {
        told += chunk.toString("utf8");
        return told.length <= 65_536;
      },
    });
    if (asked === "lost") return "lost";
    if (told !== "") return loadProblem(toldText(told));
    this.#callable.add(code.id);
    return "loaded";
  }

  /** Something begins in it; {@link leave} must follow. */
  enter(entry: Entry): void {
    if (this.dead) return entry.stop.abort(this.#ownEnd());
    this.#entries.add(entry);
    this.#watchdog.start();
  }

  /** `over`: the process itself has told its end. */
  leave(entry: Entry, over: boolean): void {
    this.#entries.delete(entry);
    if (!over && !this.dead) this.#cancelled.set(entry.codeId, this.#deps.clock.now());
  }

  /** Calls code that is loaded. Until `signal` aborts; then the answer has what came. */
  async call({ code, event, api }: SandboxCall, signal: AbortSignal): Promise<Answer> {
    const token = api === undefined ? undefined : this.#host.open(api);
    try {
      return await this.#run(code, { event, headers: token === undefined ? {} : { "x-token": token } }, signal);
    } finally {
      if (token !== undefined) this.#host.close(token);
    }
  }

  async #run(
    code: Code,
    { event, headers }: { readonly event: unknown; readonly headers: Readonly<Record<string, string>> },
    signal: AbortSignal,
  ): Promise<Answer> {
    const answer = new Answer(this.#deps.limits);
    const asked = await ask(this.#calls, {
      path: "/run",
      headers: { ...headers, "x-code": encodeURIComponent(code.id) },
      body: JSON.stringify(event),
      hear: (chunk) => {
        this.#watchdog.alive();
        return answer.take(chunk);
      },
      signal,
    });
    answer.over = asked === "answered";
    if (asked === "stopped" || answer.outcome !== undefined) return answer;
    // It broke off: either the process is about to be seen dead, or workerd has found that the call would wait for ever.
    if (!(await this.#answers(signal))) return answer;
    answer.over = true;
    answer.outcome = failure("threw", neverDone);
    return answer;
  }

  /** Whether it still lives; `false` once `signal` aborts, as it does when the process ends. */
  #answers(signal: AbortSignal): Promise<boolean> {
    return new Promise((resolve) => {
      signal.addEventListener("abort", () => resolve(false), { once: true });
      void this.#launched.dead.then(() => resolve(false));
      void this.#ping().then(() => resolve(true));
    });
  }

  async #ping(): Promise<void> {
    if ((await ask(this.#pings, { path: "/ping" })) !== "answered") await new Promise<never>(() => {});
  }

  #proven(sentMs: number): void {
    for (const [id, atMs] of this.#cancelled) if (atMs + cancelMs < sentMs) this.#cancelled.delete(id);
    if (!this.busy) this.#deps.quiet();
  }

  /** Ends it when it has nothing to do, or nothing that anybody waits for: nobody is to blame. */
  end(): void {
    this.#cancelled.clear();
    this.kill(failure("crashed", "its process was ended"));
  }

  kill(why: Failed): void {
    if (this.dead) return;
    this.dead = true;
    this.#watchdog.stop();
    this.#launched.kill();
    this.#host.end();
    void this.#calls.destroy();
    void this.#pings.destroy();
    const codes = new Set([...this.#cancelled.keys(), ...[...this.#entries].map(({ codeId }) => codeId)]);
    // Of several, nobody can say which one it was.
    const told =
      codes.size <= 1 ? why : failure("crashed", `its process was ended, by it or another one: ${why.error.message}`);
    this.#deps.ended(this, why, codes);
    for (const { stop } of this.#entries) stop.abort(told);
    this.#entries.clear();
  }

  /** Why it ended, when nobody here ended it. */
  #ownEnd(): Failed {
    return /out of memory|allocation failed/i.test(this.complaint())
      ? failure("memory", "it took more memory than it may")
      : failure("crashed", "its process ended");
  }

  complaint(): string {
    return this.#launched.complaint().trim();
  }

  told(): SandboxProcess {
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

/** The text of an answer `x<json string>`. */
function toldText(line: string): string {
  try {
    return String(JSON.parse(line.slice(1)));
  } catch {
    return "it could not be loaded";
  }
}

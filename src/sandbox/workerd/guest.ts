import { lchownSync } from "node:fs";
import type { Clock } from "../../clock.ts";
import type { Code, SandboxCall, SandboxLimits } from "../sandbox.ts";
import { GuestAnswer, neverDone } from "./answer.ts";
import type { ByteBudget } from "./byte-budget.ts";
import { exchangeWithGuest } from "./exchange.ts";
import type { GuestConnections } from "./guest-connections.ts";
import { HostSocket } from "./host-socket.ts";
import { type HostRule, parseHostRule } from "./hosts.ts";
import { type Launched, socketPath } from "./launch.ts";
import { failedCall, loadProblem } from "./problems.ts";

type Loaded = "loaded" | "lost" | ReturnType<typeof loadProblem>;

const rehearsal: Code = { id: "rehearsal", js: "export default async () => 0;", env: {}, egress: [] };
const neverStopped = new AbortController().signal;

type Limits = Pick<SandboxLimits, "outputBytes" | "logBytes" | "logLines">;

/** What a call is given. */
interface Calling {
  /** That it may log. */
  readonly logBytes: number;
  /** Closes the connection; then the answer has what came. */
  readonly signal: AbortSignal;
}

/** Of the process that it is the inside of. The adapter stands below the Ports: no context has these. */
interface GuestDeps {
  readonly clock: Clock;
  readonly limits: Limits;
  /** What requests of functions may keep of this process's memory, of all guests. */
  readonly hostBytes: ByteBudget;
  /** It sent something. */
  readonly active: () => void;
}

/** Undici takes as long to load as all else of the sandbox, and an installation without functions never needs it. */
async function connectionsTo(path: string): Promise<GuestConnections> {
  const { openConnections } = await import("./guest-connections.ts");
  return openConnections(path);
}

/** What is said to a workerd, and what it says: over the sockets in its folder. */
export class Guest {
  readonly #folder: string;
  readonly #limits: Limits;
  readonly #host: HostSocket;
  readonly #connections: Promise<GuestConnections>;
  readonly #loads = new Map<string, Promise<Loaded>>();
  readonly #loaded = new Set<string>();
  readonly #active: () => void;

  constructor({ folder }: Pick<Launched, "folder">, deps: GuestDeps) {
    this.#folder = folder;
    this.#limits = deps.limits;
    this.#active = deps.active;
    this.#host = new HostSocket(deps.clock, deps.hostBytes);
    this.#connections = connectionsTo(socketPath(folder, "calls"));
  }

  /** To be done before workerd is started. */
  listen(): Promise<void> {
    return this.#host.listen(socketPath(this.#folder, "host"));
  }

  /** Lets workerd ask, which runs as `user` (`undefined`: as this process does). */
  admit(user: number | undefined): void {
    if (user !== undefined) lchownSync(socketPath(this.#folder, "host"), user, user);
  }

  /** The first function of a process loads some things for all others: a spare does not leave that to its tenant. */
  async rehearse(): Promise<boolean> {
    if ((await this.load(rehearsal)) !== "loaded") return false;
    const calling = { logBytes: this.#limits.logBytes, signal: neverStopped };
    const { outcome } = await this.#run(rehearsal, { event: null, headers: {} }, calling);
    return outcome?.kind === "ok";
  }

  /** Loads code once; `lost` when workerd ended meanwhile. Not cancelled by one waiting caller: others may wait as well. */
  load(code: Code): Promise<Loaded> {
    const known = this.#loads.get(code.id);
    if (known !== undefined) return known;
    const loading = this.#load(code);
    this.#loads.set(code.id, loading);
    return loading;
  }

  /** Code that is not loaded yet must not be called: workerd would never look at it again. */
  isLoaded(id: string): boolean {
    return this.#loaded.has(id);
  }

  async #load({ id, js, env, egress }: Code): Promise<Loaded> {
    const hosts = egress.map(parseHostRule).filter((rule): rule is HostRule => rule !== undefined);
    const { outputBytes, logLines } = this.#limits;
    let answer = "";
    const { calls } = await this.#connections;
    const asked = await exchangeWithGuest(calls, {
      path: "/load",
      headers: { "x-code": encodeURIComponent(id) },
      body: JSON.stringify({ js, vars: env, hosts, limits: { outputBytes, logLines } }),
      onChunk: (chunk) => {
        answer += chunk.toString("utf8");
        return answer.length <= 65_536;
      },
    });
    if (asked === "lost") return "lost";
    if (answer !== "") return loadProblem(textOf(answer));
    this.#loaded.add(id);
    return "loaded";
  }

  /** Calls code that is loaded. */
  async call({ code, event, api }: SandboxCall, calling: Calling): Promise<GuestAnswer> {
    if (api === undefined) return this.#run(code, { event, headers: {} }, calling);
    const token = this.#host.open(api);
    try {
      return await this.#run(code, { event, headers: { "x-token": token } }, calling);
    } finally {
      this.#host.close(token);
    }
  }

  async #run(
    code: Code,
    { event, headers }: { readonly event: unknown; readonly headers: Readonly<Record<string, string>> },
    { logBytes, signal }: Calling,
  ): Promise<GuestAnswer> {
    const answer = new GuestAnswer({ ...this.#limits, logBytes });
    const { calls } = await this.#connections;
    const asked = await exchangeWithGuest(calls, {
      path: "/run",
      headers: { ...headers, "x-code": encodeURIComponent(code.id), "x-log-bytes": String(logBytes) },
      body: JSON.stringify(event),
      onChunk: (chunk) => {
        this.#active();
        return answer.take(chunk);
      },
      signal,
    });
    answer.over = asked === "answered";
    if (asked === "stopped" || answer.outcome !== undefined) return answer;
    // It broke off: either workerd is about to be seen dead, or it has found that the call would wait for ever.
    if (!(await this.#answers(signal))) return answer;
    answer.over = true;
    answer.outcome = failedCall("threw", neverDone);
    return answer;
  }

  /** `false` once `signal` aborts, as it does when the process ends. */
  #answers(signal: AbortSignal): Promise<boolean> {
    return new Promise((resolve) => {
      if (signal.aborted) resolve(false);
      signal.addEventListener("abort", () => resolve(false), { once: true });
      void this.ping().then(() => resolve(true));
    });
  }

  /** Resolves when it answers; never when it does not. */
  async ping(): Promise<void> {
    const { pings } = await this.#connections;
    if ((await exchangeWithGuest(pings, { path: "/ping" })) !== "answered") await new Promise<never>(() => {});
  }

  close(): void {
    this.#host.end();
    void this.#connections.then(({ calls, pings }) => Promise.all([calls.destroy(), pings.destroy()]));
  }
}

/** The text of an answer `x<json string>`. */
function textOf(line: string): string {
  try {
    return String(JSON.parse(line.slice(1)));
  } catch {
    return "it could not be loaded";
  }
}

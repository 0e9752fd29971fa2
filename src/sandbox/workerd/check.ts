import { SignalboxError } from "../../errors.ts";
import type { Code, LoadProblem } from "../sandbox.ts";
import type { GuestProcess } from "./guest-process.ts";
import { type FailedCall, failedCall, isFailed } from "./problems.ts";
import { type SandboxRunDeps, unless } from "./run.ts";

const checkMs = 5_000;

/**
 * A dry load, in a process where nothing else runs: code that does not end while it is loaded takes the process with it. The
 * clock for the code starts when there is a process for it.
 */
export class CodeCheck {
  readonly stop = new AbortController();
  readonly #tenant: string;
  readonly #code: Code;
  readonly #deps: SandboxRunDeps;

  constructor(tenant: string, code: Code, deps: SandboxRunDeps) {
    this.#tenant = tenant;
    this.#deps = deps;
    // As code of its own: what is checked may never be kept, and has to be loaded now.
    this.#code = { ...code, id: `check ${Buffer.from(deps.clock.bytes(16)).toString("hex")}` };
  }

  async result(): Promise<LoadProblem | undefined> {
    const { clock, fleet } = this.#deps;
    const signal = this.stop.signal;
    // Code that loops has been found out before, and nothing else can take so long: the machine is too busy.
    const late = (): void => this.stop.abort(failedCall("unavailable", `it could not be loaded within ${checkMs} ms`));
    const giveUp = clock.after(checkMs, () => this.stop.abort(failedCall("unavailable", "no process became free")));
    const process = await fleet.take({
      role: { tenant: this.#tenant, lane: "post", solo: true },
      beyond: false,
      signal,
      waitMs: checkMs,
    });
    giveUp();
    if (isFailed(process)) throw new SignalboxError("unavailable", process.error.message);
    const cancel = clock.after(checkMs, late);
    try {
      return await this.#loaded(process);
    } finally {
      cancel();
      this.#deps.suspects.clear(this.#tenant, this.#code.id);
      fleet.giveBack(process);
    }
  }

  async #loaded(process: GuestProcess): Promise<LoadProblem | undefined> {
    const entry = { codeId: this.#code.id, stop: this.stop };
    process.enter(entry);
    const loaded = await unless(this.stop.signal, process.guest.load(this.#code));
    process.leave(entry, loaded !== undefined);
    if (loaded === "loaded") return undefined;
    if (loaded === undefined || loaded === "lost") return this.#ended();
    const { message, name, line, column } = loaded;
    const text = `${name}: ${message}`;
    return { message: text, ...(line === undefined || column === undefined ? {} : { line, column }) };
  }

  #ended(): LoadProblem {
    const reason: unknown = this.stop.signal.reason;
    const { reason: why, error } = (reason ?? failedCall("crashed", "its process ended")) as FailedCall;
    if (why === "cancelled" || why === "unavailable") throw new SignalboxError("unavailable", error.message);
    const what = why === "stalled" ? `${error.message}: it never ends?` : error.message;
    return { message: `while its module was loaded, ${what}` };
  }
}

import type { Clock } from "../../clock.ts";
import { type GuestProcess, type ProcessRole, roleKey } from "./guest-process.ts";
import { type FailedCall, failedCall } from "./problems.ts";

export interface ProcessRequest {
  readonly role: ProcessRole;
  /** May go beyond the limit: a call that has a process waits for it. */
  readonly beyond: boolean;
  readonly signal: AbortSignal;
  /** How long it may wait for others to make room. What it takes to start a process does not count. */
  readonly waitMs: number;
}

interface WaitingCall {
  readonly request: ProcessRequest;
  readonly give: (process: GuestProcess | FailedCall) => void;
}

/** Requests for which there is no process: each until it is given one, its time is up, or its caller gives up. */
export class ProcessQueue {
  readonly #clock: Clock;
  /** In the order in which they came. */
  readonly #all = new Set<WaitingCall>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get size(): number {
    return this.#all.size;
  }

  join(request: ProcessRequest): Promise<GuestProcess | FailedCall> {
    return new Promise((resolve) => {
      const waiting: WaitingCall = {
        request,
        give: (given) => {
          this.#all.delete(waiting);
          cancel();
          request.signal.removeEventListener("abort", stop);
          resolve(given);
        },
      };
      const stop = (): void => waiting.give(request.signal.reason as FailedCall);
      const cancel = this.#clock.after(request.waitMs, () =>
        waiting.give(failedCall("unavailable", `no process became free within ${Math.round(request.waitMs)} ms`)),
      );
      request.signal.addEventListener("abort", stop, { once: true });
      this.#all.add(waiting);
    });
  }

  /** By role: hooks first, of each lane those of tenants that have fewest processes there, then in the order in which they came. */
  turns(processesOf: (role: ProcessRole) => number): readonly (readonly WaitingCall[])[] {
    const byRole = new Map<string, WaitingCall[]>();
    for (const waiting of this.#all) {
      const key = roleKey(waiting.request.role);
      const same = byRole.get(key);
      if (same === undefined) byRole.set(key, [waiting]);
      else same.push(waiting);
    }
    const rank = ([first]: readonly WaitingCall[]): number => {
      if (first === undefined) return 0;
      const { role, beyond } = first.request;
      return beyond ? -1 : processesOf(role) + (role.lane === "pre" ? 0 : 1_000_000);
    };
    return [...byRole.values()]
      .map((same) => ({ same, rank: rank(same) }))
      .sort((one, other) => one.rank - other.rank)
      .map(({ same }) => same);
  }

  /** No call gets one any more. */
  close(why: FailedCall): void {
    for (const { give } of this.#all) give(why);
  }
}

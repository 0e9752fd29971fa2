import { useSyncExternalStore } from "react";

/** Whether the server takes requests now, as its last answers told; while it does not it is asked again, ever less often. */

/** Why it takes none. */
export interface Away {
  readonly sinceMs: number;
  /** In a sentence: the server's own where it gave one. */
  readonly reason: string;
  readonly code: string;
  readonly requestId: string | undefined;
}

const firstWaitMs = 1_000;
const longestWaitMs = 10_000;

/** Answers that are about the server as a whole: refusals by hooks or functions of a tenant are not among them. */
const wholeServer = new Set(["offline", "unavailable", "storage_full"]);
/** What proxies answer for a server that they do not reach. */
const gatewayStatuses = new Set([502, 503, 504]);

let away: Away | undefined;
let waitMs = firstWaitMs;
let timer: ReturnType<typeof setTimeout> | undefined;
let ask: (() => Promise<Pick<Away, "reason" | "code" | "requestId"> | undefined>) | undefined;
const listeners = new Set<() => void>();

/** @param how finds out whether the server takes requests: `undefined`, it does. */
export function askReachBy(how: NonNullable<typeof ask>): void {
  ask = how;
}

/** Called for each answer that is no success. */
export function tellFailure(failure: Pick<Away, "reason" | "code" | "requestId"> & { readonly status: number }): void {
  const { status, reason, code, requestId } = failure;
  const isOfProxy = code === "unknown" && gatewayStatuses.has(status);
  if (!wholeServer.has(code) && !isOfProxy) {
    if (away?.code === "offline") set(undefined);
    return;
  }
  set({ sinceMs: away?.sinceMs ?? Date.now(), reason, code, requestId });
  schedule();
}

/** Called for each success: reading may go on while nothing can be written, so that only what was silent is back by it. */
export function tellSuccess(): void {
  if (away?.code === "offline") set(undefined);
}

/** Asks at once. */
export async function askReach(): Promise<void> {
  clearTimeout(timer);
  timer = undefined;
  const failure = await ask?.();
  if (failure === undefined) {
    set(undefined);
    return;
  }
  waitMs = Math.min(waitMs * 2, longestWaitMs);
  set({ sinceMs: away?.sinceMs ?? Date.now(), ...failure });
  schedule();
}

/** Resolves once the server takes requests. */
export async function reached(): Promise<void> {
  await askReach();
  if (away === undefined) return;
  await new Promise<void>((resolve) => {
    const stop = subscribe(() => {
      if (away !== undefined) return;
      stop();
      resolve();
    });
  });
}

function schedule(): void {
  timer ??= setTimeout(() => void askReach(), waitMs);
}

function set(next: Away | undefined): void {
  if (next === undefined) {
    clearTimeout(timer);
    timer = undefined;
    waitMs = firstWaitMs;
    if (away === undefined) return;
  }
  away = next;
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

/** `undefined` while the server takes requests. */
export function useAway(): Away | undefined {
  return useSyncExternalStore(subscribe, () => away);
}

/** @param run is called whenever the server is back. Returns what ends that. */
export function onBack(run: () => void): () => void {
  let was = away;
  return subscribe(() => {
    if (was !== undefined && away === undefined) run();
    was = away;
  });
}

window.addEventListener("online", () => {
  if (away !== undefined) void askReach();
});

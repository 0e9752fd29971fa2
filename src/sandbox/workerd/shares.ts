import type { GuestProcess, ProcessRole } from "./guest-process.ts";

/** Why a tenant gets no further process now. */
export type ShareRefusal =
  /** It has as many in this lane as one tenant may have. */
  | "own"
  /** The lane has as many as it may have, or what is left of it is for tenants that have none. */
  | "lane"
  /** All are in use. */
  | "all";

/** Of what may be had, the part of which `share` of the whole is kept: at least one, where there are two. */
const part = (whole: number, share: number): number => (whole < 2 ? 0 : Math.max(1, Math.floor(whole * share)));

/** Of all processes, those that are kept for hooks: functions that sleep in an invoke or on a POST event have none of them. */
const hooksShare = 1 / 4;
/** Of the processes of a lane, those that are kept for tenants that have none there. */
const newcomersShare = 1 / 4;
/** Of all processes, what one tenant may have in one lane: one that all its calls share, suspects that run alone, large ones that drain. */
const ownShare = 1 / 8;
const leastOwn = 2;
/** Beyond the limit, for calls that one that has a process waits for. */
const beyondShare = 1 / 4;

/**
 * Who may have a further process, given those that there are (`processes`, with or without a role): so that no tenant, and no lane, keeps
 * the others from having one. `undefined`: it may.
 */
export function shareRefusal(
  most: number,
  processes: Iterable<{ readonly role: ProcessRole | undefined }>,
  { role, beyond }: { readonly role: ProcessRole; readonly beyond: boolean },
): ShareRefusal | undefined {
  let all = 0;
  let inLane = 0;
  let own = 0;
  for (const { role: its } of processes) {
    // A spare becomes the one that is asked for.
    if (its === undefined) continue;
    all += 1;
    if (its.lane !== role.lane) continue;
    inLane += 1;
    if (its.tenant === role.tenant) own += 1;
  }
  if (own >= Math.max(leastOwn, Math.floor(most * ownShare))) return "own";
  if (beyond) return all < most + Math.max(leastOwn, part(most, beyondShare)) ? undefined : "all";
  const ofLane = role.lane === "pre" ? most : most - part(most, hooksShare);
  const forThis = own === 0 ? ofLane : ofLane - part(ofLane, newcomersShare);
  if (inLane >= forThis) return "lane";
  return all < most ? undefined : "all";
}

/**
 * While calls wait, a process that has been a tenant's for so long, and has no call older than that, gets no new calls: it is soon
 * free. One with a long call would stay where it is, so its tenant keeps it for its other calls.
 */
const turnMs = 1_000;

export function passesOn(process: GuestProcess, nowMs: number): boolean {
  const { role, draining, boundMs, oldestCallMs } = process;
  if (role === undefined || role.solo || draining || nowMs - boundMs < turnMs) return false;
  return oldestCallMs === undefined || nowMs - oldestCallMs < turnMs;
}

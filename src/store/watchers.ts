import { kinds, type Uuid } from "../domain/ids.ts";
import type { Change, Unit } from "./unit.ts";

/**
 * Watchers are subscriptions to what comes of deliveries: to subscriptions, and to alerts. Each process keeps in memory what is watched. Where several nodes
 * write, each change of watchers counts a revision up; a settlement says up to which revision its node knows them, and is refused when there is a newer
 * one; and who has added a watcher is answered when no settlement is under way any more that was judged before. So none is missed, and a
 * settlement takes no lock.
 */
export interface Watchers {
  /** With those of commits that are under way. */
  revision(): Promise<number>;
  /** Resolves with a revision, all of whose commits have ended: what is read afterwards has them. */
  settled(): Promise<number>;
}

/** The subscriptions that a unit makes watched. */
export function observedBy({ changes = [] }: Pick<Unit, "changes">): Uuid[] {
  return changes.flatMap((change) => {
    const scope = scopeSetBy(change);
    return scope?.endsWith(`-${kinds.subscription}`) === true ? [scope] : [];
  });
}

function scopeSetBy(change: Change): Uuid | undefined {
  if (change.do === "subscription.add") return change.subscription.scope;
  return change.do === "subscription.change" ? change.patch.scope : undefined;
}

import type { Change, Unit } from "./unit.ts";

/** What a full disk lets pass: it gives up its reserve for what makes room, or keeps the server from doing more. */

const relieving: ReadonlySet<Change["do"]> = new Set([
  "object.remove",
  "bucket.remove",
  "upload.remove",
  "blob.unwanted",
  "blob.doomed",
  "blob.forget",
  "subscription.remove",
  "delivery.clear",
  "redrive.cancel",
  "function.remove",
  "app.remove",
  "user.remove",
  "registered.remove",
  "resolver.remove",
  "resource.end",
  "grant.remove",
  "accessKey.remove",
  "token.revoke",
  // Who makes room may do so in a browser. So many of a principal are kept, and no more.
  "session.add",
  "session.seen",
  "session.remove",
  "loginCode.remove",
  "principal.end",
  "principal.lowered",
  "quota.put",
  "edit.end",
  "intent.remove",
  "intent.end",
  "intent.unresolved",
  "event.done",
  "event.aside",
] satisfies Change["do"][]);

/** What is written down beside those: what hooks said of it, who did it, that it need not be done twice. */
const besides: ReadonlySet<Change["do"]> = new Set([
  "decision.add",
  "edit.note",
  "remembered.add",
  "remembered.answer",
  "invocation.put",
] satisfies Change["do"][]);

/** Whether a commit deletes, ends or turns off, and adds nothing but what tells of that. */
export function relieves({ changes = [] }: Unit): boolean {
  return changes.some(isRelief) && changes.every((change) => isRelief(change) || besides.has(change.do));
}

function isRelief(change: Change): boolean {
  // Turning off is a change like others.
  if (change.do === "subscription.change")
    return change.patch.enabled === false || (change.patch.paused ?? null) !== null;
  if (change.do === "function.change") return change.patch.enabled === false;
  return relieving.has(change.do);
}

import type { Change, Condition, Unit } from "./unit.ts";

/**
 * What a unit must have to itself while it is committed, for adapters whose writers do not stand in one line: conditions then hold until
 * the changes are made. A lock on a place is exclusive, or shared with others that only look at it.
 */
interface Lock {
  readonly place: string;
  readonly shared: boolean;
}

type Named<Part extends Condition | Change> = Part extends Condition
  ? Part["if"]
  : Part extends Change
    ? Part["do"]
    : never;
type LocksOf<Part extends Condition | Change> = {
  readonly [Name in Named<Part>]: (
    part: Extract<Part, Part extends Condition ? { if: Name } : { do: Name }>,
  ) => readonly Lock[];
};

const everything = "everything";
const alone = (...parts: readonly (string | number)[]): Lock => ({ place: parts.join("\n"), shared: false });
const together = (...parts: readonly (string | number)[]): Lock => ({ place: parts.join("\n"), shared: true });
/** Right whatever it is, and rare: nothing else is committed meanwhile. */
const all = (): readonly Lock[] => [alone(everything)];
/** Only these places; a lock on everything includes them. */
const only = (...locks: readonly Lock[]): readonly Lock[] => [together(everything), ...locks];

/** An object may have 10,000 pieces, and none is swept while it is written: one lock for all, which the sweep has alone. */
const usingBlobs = only(together("blobs"));
const sweepingBlobs = only(alone("blobs"));

/** Every condition is named here: a new one does not compile until it is. */
export const conditionLocks: LocksOf<Condition> = {
  "tenant.absent": all,
  "tenant.exists": ({ id }) => only(together("tenant", id)),
  "principal.absent": all,
  "principal.ended": all,
  "principal.is": all,
  "accessKey.absent": all,
  "loginCode.open": all,
  "issuerLink.free": all,
  "issuerLink.is": all,
  "grant.exists": all,
  "mailbox.askable": all,
  "questions.fewer": all,
  "bucket.nameFree": all,
  "bucket.live": ({ bucket }) => only(together("bucket", bucket)),
  "bucket.empty": all,
  "object.version": ({ bucket, key }) => only(alone("object", bucket, key)),
  "upload.open": ({ id }) => only(alone("upload", id)),
  "upload.changes": ({ id }) => only(alone("upload", id)),
  "part.blob": ({ upload }) => only(alone("upload", upload)),
  "blob.live": () => usingBlobs,
  "subscription.revision": all,
  "subscriptions.fewer": all,
  "subscriptions.noneSince": all,
  "destination.nameFree": all,
  "destinations.fewer": all,
  "destination.live": all,
  "destination.revision": all,
  "destination.usersFewer": all,
  "subscriber.absent": all,
  "subscribers.fewer": all,
  "event.poisoned": all,
  "delivery.finished": all,
  "delivery.absent": all,
  "redrive.running": all,
  "app.slugFree": all,
  "apps.fewer": all,
  "app.exists": all,
  "app.empty": all,
  "function.slugFree": all,
  "functions.fewer": all,
  "function.revision": all,
  "edit.is": ({ thing }) => only(alone("edit", thing)),
  "user.nameFree": all,
  "user.revision": all,
  "remembered.absent": ({ tenant, principal, key }) => only(alone("remembered", tenant, principal, key)),
  "intent.open": ({ operation }) => only(alone("intent", operation)),
  "resource.live": ({ uuid }) => only(alone("resource", uuid)),
  "resource.absent": all,
  "resolver.unchanged": all,
  "registered.revision": ({ uuid }) => only(alone("resource", uuid)),
  "received.absent": ({ tenant, key }) => only(alone("received", tenant, key)),
  "declaration.is": ({ sort, name }) => only(together("declaration", sort, name)),
  "declarations.are": all,
  "declarations.fewer": all,
  "declaration.subscribed": all,
  "declaration.unused": all,
};

/** Every change is named here: a new one does not compile until it is. */
export const changeLocks: LocksOf<Change> = {
  "tenant.add": all,
  "principal.put": all,
  "principal.end": all,
  "principal.lowered": all,
  "token.put": all,
  "token.revoke": all,
  "accessKey.put": all,
  "accessKey.remove": all,
  "session.add": all,
  "session.seen": all,
  "session.remove": all,
  "loginCode.add": all,
  "loginCode.remove": all,
  "issuerLink.put": all,
  "issuerLink.remove": all,
  "grant.put": all,
  "grant.remove": all,
  "question.ask": all,
  "question.sent": all,
  "question.unsent": all,
  "question.answered": all,
  "refusal.put": all,
  "refusal.remove": all,
  "mail.keep": all,
  "bucket.add": all,
  "bucket.remove": all,
  "object.put": ({ object }) => only(alone("object", object.bucket, object.key)),
  "object.remove": ({ bucket, key }) => only(alone("object", bucket, key)),
  "configuration.put": all,
  "configuration.remove": all,
  "upload.add": ({ upload }) => only(alone("upload", upload.id)),
  "upload.remove": ({ id }) => only(alone("upload", id)),
  "part.put": ({ part }) => only(alone("upload", part.upload)),
  "blob.add": () => usingBlobs,
  "blob.used": () => usingBlobs,
  "blob.unwanted": () => usingBlobs,
  "blob.doomed": () => sweepingBlobs,
  "blob.forget": () => sweepingBlobs,
  "subscription.add": all,
  "subscription.change": all,
  "subscription.remove": all,
  "subscription.access": all,
  "subscription.take": ({ tenant }) => only(alone("tenant", tenant)),
  "destination.add": all,
  "destination.change": all,
  "destination.remove": all,
  "event.aside": all,
  "event.done": all,
  "delivery.add": all,
  "delivery.redrive": all,
  "delivery.forward": all,
  "delivery.clear": all,
  "redrive.add": all,
  "redrive.cancel": all,
  "app.add": all,
  "app.change": all,
  "app.remove": all,
  "function.add": all,
  "function.change": all,
  "function.remove": all,
  "version.add": all,
  "version.keep": all,
  "edit.note": ({ thing }) => only(alone("edit", thing)),
  "edit.end": ({ thing }) => only(alone("edit", thing)),
  "invocation.put": ({ invocation }) => only(alone("invocation", invocation.number)),
  "user.add": all,
  "user.put": all,
  "user.remove": all,
  "userSchema.put": all,
  "decision.add": ({ decision }) => only(alone("decision", decision.tenant, decision.operation)),
  "remembered.add": ({ remembered: { tenant, principal, key } }) => only(alone("remembered", tenant, principal, key)),
  "remembered.answer": ({ tenant, principal, key }) => only(alone("remembered", tenant, principal, key)),
  "intent.add": ({ intent }) => only(alone("intent", intent.operation)),
  "intent.remove": ({ operation }) => only(alone("intent", operation)),
  "intent.end": ({ ended }) => only(alone("intent", ended.operation)),
  "intent.transaction": ({ operation }) => only(alone("intent", operation)),
  "intent.unresolved": ({ operation }) => only(alone("intent", operation)),
  "resolver.put": all,
  "resolver.remove": all,
  "registered.put": ({ resource }) => only(alone("resource", resource.uuid)),
  "registered.remove": ({ uuid }) => only(alone("resource", uuid)),
  "resource.end": ({ uuid }) => only(alone("resource", uuid)),
  "received.add": ({ tenant, key }) => only(alone("received", tenant, key)),
  "declaration.put": all,
  "declaration.remove": all,
  "quota.put": all,
};

/** Of one condition or change. */
export function locksOf(part: Condition | Change): readonly Lock[] {
  const of = "if" in part ? conditionLocks[part.if] : changeLocks[part.do];
  return (of as (part: Condition | Change) => readonly Lock[])(part);
}

/** Of a whole unit: each place once, in an order that is the same for all, so that no two units wait for each other. */
export function locksOfUnit({ conditions = [], changes = [] }: Unit): readonly Lock[] {
  const places = new Map<string, boolean>();
  for (const { place, shared } of [...conditions, ...changes].flatMap(locksOf)) {
    places.set(place, shared && (places.get(place) ?? true));
  }
  const sorted = [...places].map(([place, shared]) => ({ place, shared })).sort((a, b) => (a.place < b.place ? -1 : 1));
  return places.get(everything) === false ? [alone(everything)] : sorted;
}

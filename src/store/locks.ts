import type { Change, Condition, Unit } from "./unit.ts";

/**
 * What a unit must have to itself while it is committed, for adapters whose writers do not stand in one line: conditions then hold until
 * the changes are made. A lock on a place is exclusive, or shared with others that only look at it.
 */
interface Lock {
  readonly place: string;
  readonly shared: boolean;
}

/** By what it is known whose counters of quotas a change moves: its tenant, or what lies in one. */
export interface CounterOwner {
  readonly by: "tenant" | "bucket" | "upload" | "intent";
  readonly id: string;
}

/** What a unit locks. */
export interface UnitLocks {
  /** Each once. */
  readonly places: readonly Lock[];
  /** None where it has everything to itself. */
  readonly counted: readonly CounterOwner[];
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

/** None is swept while an object is written. */
const usingBlobs = only(together("blobs"));
const sweepingBlobs = only(alone("blobs"));
/** So many things have a lock each; more have one for all: an object may have 10,000 pieces. */
const mostNamed = 16;
const namedBlobs = (names: readonly string[], lock: (...parts: readonly string[]) => Lock): readonly Lock[] =>
  names.length > mostNamed ? sweepingBlobs : [...usingBlobs, ...names.map((name) => lock("blob", name))];

/** `grant:<resource>:<grantee>` goes by itself with the grants of a resource that ends. */
const grantEdit = /^grant:([^:]+):/;
const ofEdit = (thing: string): readonly Lock[] => {
  const resource = grantEdit.exec(thing)?.[1];
  return only(alone("edit", thing), ...(resource === undefined ? [] : [together("resource", resource)]));
};

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
  "blob.live": ({ names }) => namedBlobs(names, together),
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
  "edit.is": ({ thing }) => ofEdit(thing),
  "user.nameFree": all,
  "user.revision": all,
  "remembered.absent": ({ tenant, principal, key }) => only(alone("remembered", tenant, principal, key)),
  "intent.open": ({ operation }) => only(alone("intent", operation)),
  // Of an object, too: `resource.end` stands beside the change that removes one for good.
  "resource.live": ({ uuid }) => only(together("resource", uuid)),
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
  "session.seen": ({ uuid }) => only(alone("session", uuid)),
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
  "blob.unwanted": ({ names }) => namedBlobs(names, alone),
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
  "event.done": ({ sequences }) =>
    sequences.length > mostNamed ? all() : only(...sequences.map((sequence) => alone("event", sequence))),
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
  "edit.note": ({ thing }) => ofEdit(thing),
  "edit.end": ({ thing }) => ofEdit(thing),
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

/** Whose counters a change moves that does not have everything to itself. */
function countedBy(change: Change): readonly CounterOwner[] {
  switch (change.do) {
    case "object.put":
      return [{ by: "bucket", id: change.object.bucket }];
    case "object.remove":
      return [{ by: "bucket", id: change.bucket }];
    case "upload.add":
      return [{ by: "bucket", id: change.upload.bucket }];
    case "upload.remove":
      return [{ by: "upload", id: change.id }];
    case "part.put":
      return [{ by: "upload", id: change.part.upload }];
    case "intent.add":
      return [{ by: "tenant", id: change.intent.tenant }];
    case "intent.remove":
      return [{ by: "intent", id: change.operation }];
    case "intent.end":
      return [{ by: "intent", id: change.ended.operation }];
    case "subscription.take":
      return [{ by: "tenant", id: change.tenant }];
    default:
      return [];
  }
}

/** Of one condition or change. */
export function locksOf(part: Condition | Change): readonly Lock[] {
  const of = "if" in part ? conditionLocks[part.if] : changeLocks[part.do];
  return (of as (part: Condition | Change) => readonly Lock[])(part);
}

/** Of several together: each place once, alone when any of them has it alone. */
export function mergedLocks(locks: Iterable<Lock>): readonly Lock[] {
  const places = new Map<string, boolean>();
  for (const { place, shared } of locks) places.set(place, shared && (places.get(place) ?? true));
  if (places.get(everything) === false) return all();
  return [...places].map(([place, shared]) => ({ place, shared }));
}

/** Whether nothing else is committed under conditions meanwhile. */
export function isEverything(locks: readonly Lock[]): boolean {
  const [first] = locks;
  return first !== undefined && first.place === everything && !first.shared;
}

/** Of a whole unit. */
export function locksOfUnit({ conditions = [], changes = [] }: Unit): UnitLocks {
  const places = mergedLocks([...conditions, ...changes].flatMap(locksOf));
  return { places, counted: isEverything(places) ? [] : changes.flatMap(countedBy) };
}

/** So many lines have a lock each; more have one for all. */
const mostLines = 256;

/**
 * Of outcomes that change deliveries which others may change at the same time: sent again by hand, cleared, or brought forward.
 *
 * @param lines that they join, or move on: who joins one goes by what is in it, and so does who moves it on
 */
export function besideOthers(lines: ReadonlySet<string>): UnitLocks {
  const each = lines.size === 0 ? [] : [together("lines"), ...[...lines].map((line) => alone("line", line))];
  return { places: only(...(lines.size > mostLines ? [alone("lines")] : each)), counted: [] };
}

/** Of a step of retention, or of a redrive job: no two of them are taken at once. */
export const aloneAmongSteps: UnitLocks = { places: only(alone("steps")), counted: [] };
/** Of a step of a redrive job, which may have something join any line. */
export const joiningAnyLine: UnitLocks = { places: only(alone("steps"), alone("lines")), counted: [] };

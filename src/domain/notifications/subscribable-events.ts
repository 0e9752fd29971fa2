import { invalidField } from "../../errors.ts";
import { didYouMean } from "../did-you-mean.ts";
import type { EventName } from "../event.ts";
import { raisedOn } from "../raised-events.ts";
import { eventNameForm, knownEventName, ownKinds, parseEventName, type ResourceKind } from "./known-kinds.ts";
import { namesAtParents, ownNames } from "./names.ts";
import { listed, noSuchEvent, type ResourceKinds } from "./resource-kinds.ts";

/** Which events can be subscribed to, at a resource of a kind and anywhere, and who raises them. */

/** An event name that one can subscribe to on resources of a kind. */
interface SubscribableEvent {
  readonly event: string;
  /** Who raises it. */
  readonly by: "signalbox" | "host";
  /** Kind of the resource that it happens to, when that lies in the one that is watched. */
  readonly of?: string;
  /** When Signalbox raises it, as the end of a sentence. */
  readonly when?: string;
}

/** Put together once: a host may declare 200 kinds of 256 events, and each may lie in others. */
const known = new WeakMap<ResourceKind, readonly SubscribableEvent[]>();

/** Those of the resource itself first, then those of what lies in it; each name once. */
function eventsAt(kinds: ResourceKinds, kind: ResourceKind): readonly SubscribableEvent[] {
  const events = known.get(kind) ?? allEventsAt(kinds, kind);
  known.set(kind, events);
  return events;
}

function allEventsAt(kinds: ResourceKinds, kind: ResourceKind): readonly SubscribableEvent[] {
  const own = kind.events.flatMap((event) =>
    ownNames(kind.name, event).map((name) => subscribable(kind, event, { name })),
  );
  const inside = kinds.within(kind.name).flatMap((child) => insideEvents(kinds, kind, child));
  const events = new Map<string, SubscribableEvent>();
  for (const one of [...own, ...inside]) if (!events.has(one.event)) events.set(one.event, one);
  return [...events.values()];
}

function insideEvents(kinds: ResourceKinds, parent: ResourceKind, child: ResourceKind): readonly SubscribableEvent[] {
  // Only a host says that something of one kind lies in another, but for what Signalbox keeps in its own.
  if (!kinds.host && !(isOurs(child) && isOurs(parent))) return [];
  return child.events.flatMap((event) =>
    namesAtParents(child.name, event).map((name) => ({ ...subscribable(child, event, { name }), of: child.name })),
  );
}

function isOurs({ name }: ResourceKind): boolean {
  return ownKinds.some((own) => own.name === name);
}

function subscribable(kind: ResourceKind, event: string, { name }: { readonly name: string }): SubscribableEvent {
  const raised = raisedOn(isOurs(kind) ? kind.name : "");
  const when = Object.hasOwn(raised, event) ? raised[event] : undefined;
  return when === undefined ? { event: name, by: "host" } : { event: name, by: "signalbox", when };
}

/**
 * What `said` is called at a resource of `kind`: one of its events, or of those of what lies in it, in any case of letters; of open kinds
 * any other as it was said. A caller that allows `*` checks for that first.
 *
 * @throws SignalboxError `invalid_request` about `event`, with the names where there are no others.
 */
export function eventNameOn(kinds: ResourceKinds, kind: ResourceKind, said: string): EventName {
  const names = eventsAt(kinds, kind).map(({ event }) => event);
  const found = knownEventName(names, said);
  if (found !== undefined) return found;
  const inside = kinds.host ? kinds.within(kind.name) : [];
  const isOfOpen = inside.some(({ name, open }) => open && said.toUpperCase().startsWith(`${name.toUpperCase()}_`));
  const open = isOfOpen || (kind.open && eventNameForm.test(said)) ? parseEventName(said) : undefined;
  if (open !== undefined) return open;
  throw noSuchEvent(kind, said, names);
}

export interface RequestedEventName {
  readonly event: string;
  /** What is doubtful about it. */
  readonly warning?: string;
}

/**
 * The same at any resource of the tenant. A name that no kind has is doubtful where kinds are open to any, and a mistake where none is.
 *
 * @throws SignalboxError `invalid_request` about `event`, with the list.
 */
export function eventNameOnAny(kinds: ResourceKinds, said: string): RequestedEventName {
  const names = [...new Set(subscribableEvents(kinds).flatMap(({ raised }) => raised.map(({ event }) => event)))];
  const found = knownEventName(names, said);
  if (found !== undefined) return { event: found };
  const event = parseEventName(said);
  if (event === undefined) {
    throw invalidField("event", "must be * or 1 to 65 of A–Z, a–z, 0–9 and _, beginning with a letter");
  }
  const meant = didYouMean(said, names);
  const shown = JSON.stringify(said.slice(0, 64));
  const open = kinds.host ? kinds.all.filter((kind) => kind.open).map(({ name }) => name) : [];
  if (open.length === 0) {
    throw invalidField("event", `${shown} is no event of any kind of resource.${meant} There are ${listed(names)}`);
  }
  const those = `only resources of open kinds (${open.join(", ")}) may ever have it`;
  return {
    event,
    warning: `event: ${shown} is no event that is known of any kind of resource: ${those}.${meant}`,
  };
}

interface KindEvents {
  /** Name of the kind. */
  readonly resource: string;
  readonly code: string;
  /** Names alone. */
  readonly events: readonly string[];
  /** The same, with who raises each. */
  readonly raised: readonly SubscribableEvent[];
  /** Whether there may be others, too. */
  readonly open: boolean;
}

/** Which events this installation raises, grouped by resource: without a host, there are none on its kinds. */
export function subscribableEvents(kinds: ResourceKinds): readonly KindEvents[] {
  const here = kinds.host ? kinds.all : kinds.all.filter(isOurs);
  return here.map((kind) => {
    const raised = eventsAt(kinds, kind);
    return { resource: kind.name, code: kind.code, events: raised.map(({ event }) => event), raised, open: kind.open };
  });
}

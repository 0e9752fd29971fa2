import { type FieldError, invalidField, SignalboxError } from "../../errors.ts";
import { didYouMean } from "../did-you-mean.ts";
import type { EventName } from "../event.ts";
import type { Uuid } from "../ids.ts";
import { listedNames } from "../listed-names.ts";
import { fieldsText } from "../path.ts";
import { download, raisedOn } from "../raised-events.ts";
import { type KindInput, readKindInputs } from "./kind-input.ts";
import {
  eventNameForm,
  hostKinds,
  knownEventName,
  ownKinds,
  parseEventName,
  type ResourceKind,
  sharedCode,
} from "./known-kinds.ts";

export type { KindInput } from "./kind-input.ts";
export type { ResourceKind } from "./known-kinds.ts";

/** Kinds of resources: which there are, which events each of them has, and what a host adds to them. */

export interface ResourceKinds {
  /** Signalbox's own, the documented ones, then those of the host in its order. */
  readonly all: readonly ResourceKind[];
  /** Whether a host may raise events, too: the program that Signalbox runs in, or who uses the host interface. */
  readonly host: boolean;
  byName(name: string): ResourceKind | undefined;
  /** `undefined` for the shared 900: what such a uuid is of is known only to the host that registered it. */
  byCode(code: string): ResourceKind | undefined;
  /** By its last three digits; see {@link byCode}. */
  of(uuid: Uuid): ResourceKind | undefined;
  /** Those of which resources may lie in one of the kind of this name. */
  within(name: string): readonly ResourceKind[];
}

/** What this installation is, as far as it decides which events there are. */
export interface Installation {
  /** Whether a host may raise events: a program that Signalbox runs in, or one that uses the host interface. Default: it may. */
  readonly host?: boolean;
  /** Whether reading an object raises `DOWNLOAD`. Default: it does not. */
  readonly downloads?: boolean;
}

/**
 * The kinds there are, with those that a host declares. Where there is no host, resources of Signalbox's own kinds have no events but
 * those that it raises.
 *
 * @throws SignalboxError `invalid_request` with every declaration that is wrong (`kinds[0].code`).
 */
export function resourceKinds(hosted: readonly KindInput[] = [], installation: Installation = {}): ResourceKinds {
  const { host = true, downloads = false } = installation;
  const byName = new Map([...ownKinds, ...hostKinds].map((kind) => [kind.name, kind]));
  const read = readKindInputs(hosted);
  if (read.kind === "refused") throw refusal(read.fields);
  for (const input of read.inputs) byName.set(input.name, declared(input, byName.get(input.name)));
  for (const kind of byName.values()) {
    const isOurs = ownKinds.includes(kind);
    byName.set(kind.name, isOurs ? ownKind(kind, { host, downloads }) : withShared(kind));
  }
  const all = [...byName.values()];
  const byCode = new Map(all.filter(({ code }) => code !== sharedCode).map((kind) => [kind.code, kind]));
  const within = new Map(all.map(({ name }) => [name, all.filter(({ parents }) => parents.includes(name))]));
  return {
    all,
    host,
    byName: (name) => byName.get(name),
    byCode: (code) => byCode.get(code),
    of: (uuid) => byCode.get(uuid.slice(-3)),
    within: (name) => within.get(name) ?? [],
  };
}

/** Nothing that cannot be raised here. */
function ownKind(kind: ResourceKind, { host, downloads }: Required<Installation>): ResourceKind {
  const raised = raisedOn(kind.name);
  const events = kind.events.filter(
    (name) => host || (Object.hasOwn(raised, name) && (name !== download || downloads)),
  );
  return { ...kind, events };
}

function refusal(fields: readonly FieldError[]): SignalboxError {
  return new SignalboxError("invalid_request", fieldsText(fields), { fields });
}

/** What Signalbox raises on every resource of a host's, documented for its kind or not, can be subscribed to. */
function withShared(kind: ResourceKind): ResourceKind {
  const shared = ["CREATED", "UPDATED", "DELETED", "PERMISSION_GRANT", "PERMISSION_REVOKE"];
  return { ...kind, events: [...new Set([...kind.events, ...shared])] };
}

function declared(input: KindInput, known: ResourceKind | undefined): ResourceKind {
  return {
    name: input.name,
    code: known?.code ?? input.code ?? sharedCode,
    payloadKey: known?.payloadKey ?? input.name,
    events: [...new Set([...(known?.events ?? []), ...(input.events ?? [])])],
    open: input.open ?? known?.open ?? false,
    parents: [...new Set([...(known?.parents ?? []), ...(input.parents ?? [])])],
    flat: known?.flat ?? false,
    macros: { ...known?.macros, ...input.macros },
  };
}

/**
 * The name under which `said` is raised on a resource of `kind`: one of the kind's in any case of letters, of an open kind any other as it
 * was said.
 *
 * @throws SignalboxError `invalid_request` about `event`, with the names of a kind that knows no others.
 */
export function raisedName(kind: ResourceKind, said: string): EventName {
  const known = knownEventName(kind.events, said);
  if (known !== undefined) return known;
  const open = kind.open && eventNameForm.test(said) ? parseEventName(said) : undefined;
  if (open !== undefined) return open;
  throw noSuchEvent(kind, said, kind.events);
}

/** As many as an error may tell. */
export function listed(events: readonly string[]): string {
  return listedNames(events, "GET /notifications/v2/events/");
}

export function noSuchEvent({ name, open }: ResourceKind, said: string, events: readonly string[]): SignalboxError {
  const meant = didYouMean(said, events);
  if (open) {
    return invalidField("event", `must be 1 to 32 of A–Z, a–z, 0–9 and _, beginning with a letter.${meant}`);
  }
  const shown = JSON.stringify(said.slice(0, 64));
  const list = `Its events are ${listed(events)}`;
  return invalidField("event", `${shown} is no event of a resource of kind ${name}.${meant} ${list}`);
}

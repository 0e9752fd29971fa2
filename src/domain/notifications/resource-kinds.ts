import { didYouMean } from "../../did-you-mean.ts";
import { type FieldError, invalidField, SignalboxError } from "../../errors.ts";
import type { Uuid } from "../ids.ts";
import { fieldsText } from "../path.ts";
import { type KindInput, readKindInputs } from "./kind-input.ts";
import { eventNameForm, hostKinds, ownKinds, type ResourceKind, sharedCode } from "./known-kinds.ts";

export type { KindInput } from "./kind-input.ts";
export type { ResourceKind } from "./known-kinds.ts";

/** Kinds of resources: which there are, which events each of them has, and what a host adds to them. */

export interface ResourceKinds {
  /** Signalbox's own, the documented ones, then those of the host in its order. */
  readonly all: readonly ResourceKind[];
  byName(name: string): ResourceKind | undefined;
  /** `undefined` for the shared 900: what such a uuid is of, only whoever registered it can tell. */
  byCode(code: string): ResourceKind | undefined;
  /** By its last three digits; see {@link byCode}. */
  of(uuid: Uuid): ResourceKind | undefined;
}

/**
 * The kinds there are, with those that a host declares.
 *
 * @throws SignalboxError `invalid_request` with every declaration that is wrong (`kinds[0].code`).
 */
export function resourceKinds(hosted: readonly KindInput[] = []): ResourceKinds {
  const byName = new Map([...ownKinds, ...hostKinds].map((kind) => [kind.name, kind]));
  const read = readKindInputs(hosted);
  if (read.kind === "refused") throw refusal(read.fields);
  for (const input of read.inputs) byName.set(input.name, declared(input, byName.get(input.name)));
  for (const kind of byName.values()) if (!ownKinds.includes(kind)) byName.set(kind.name, withShared(kind));
  const all = [...byName.values()];
  const byCode = new Map(all.filter(({ code }) => code !== sharedCode).map((kind) => [kind.code, kind]));
  return {
    all,
    byName: (name) => byName.get(name),
    byCode: (code) => byCode.get(code),
    of: (uuid) => byCode.get(uuid.slice(-3)),
  };
}

function refusal(fields: readonly FieldError[]): SignalboxError {
  return new SignalboxError("invalid_request", fieldsText(fields), { fields });
}

/** What Signalbox raises on every resource of a host's, documented for its kind or not, can be subscribed to. */
function withShared(kind: ResourceKind): ResourceKind {
  const shared = ["CREATED", "DELETED", "PERMISSION_GRANT", "PERMISSION_REVOKE"];
  return { ...kind, events: [...new Set([...kind.events, ...shared])] };
}

function declared(input: KindInput, known: ResourceKind | undefined): ResourceKind {
  return {
    name: input.name,
    code: known?.code ?? input.code ?? sharedCode,
    payloadKey: known?.payloadKey ?? input.name,
    events: [...new Set([...(known?.events ?? []), ...(input.events ?? [])])],
    open: input.open ?? known?.open ?? false,
    flat: known?.flat ?? false,
    macros: { ...known?.macros, ...input.macros },
  };
}

/**
 * That `name` may be raised on, or subscribed to of, a resource of `kind`. Whoever allows `*` asks for that before.
 *
 * @throws SignalboxError `invalid_request` about `event`, with the names of a kind that knows no others.
 */
export function checkEventName(kind: ResourceKind, name: string): void {
  if (kind.events.includes(name)) return;
  if (kind.open && eventNameForm.test(name)) return;
  const meant = didYouMean(name, kind.events);
  if (kind.open) {
    throw invalidField("event", `must be 1 to 32 of A–Z, a–z, 0–9 and _, beginning with a letter.${meant}`);
  }
  const shown = JSON.stringify(name.slice(0, 64));
  throw invalidField(
    "event",
    `${shown} is no event of a resource of kind ${kind.name}.${meant} Its events are ${kind.events.join(", ")}`,
  );
}

export interface DocumentedEvents {
  /** Name of the kind. */
  readonly resource: string;
  readonly code: string;
  readonly events: readonly string[];
  readonly open: boolean;
}

/** Which events there are, grouped by resource. */
export function documentedEvents(kinds: ResourceKinds): readonly DocumentedEvents[] {
  return kinds.all.map(({ name, code, events, open }) => ({ resource: name, code, events, open }));
}

import type { EventName } from "../event.ts";
import { raisedOn } from "../raised-events.ts";
import documented from "./documented-kinds.json" with { type: "json" };

/** The kinds of resources that have a name and a code of their own before any host declares one. */

/**
 * What `${NAME}` in the url of a subscription stands for, by kind: where the value lies in what payloads show of the resource.
 * Names joined by dots; `*` is all of it.
 */
export type MacroPaths = Readonly<Record<string, string>>;

/** These say something of the event, whatever it is about. `OWNER` is who caused it, as documented. */
export const commonMacros = ["UUID", "EVENT", "OWNER", "TIME", "RAW_JSON"] as const;
export type CommonMacro = (typeof commonMacros)[number];

/** Of every kind: where the value lies in the grant that the event is about. Empty for events that are about none. */
export const permissionMacros = {
  PERMISSION_ID: "id",
  PERMISSION_PERMISSION: "permission",
  PERMISSION_USERNAME: "username",
  PERMISSION_LASTUPDATED: "lastUpdated",
  PERMISSION_JSON: "*",
} as const satisfies MacroPaths;

export interface ResourceKind {
  /** `file`: as hosts and answers name it. */
  readonly name: string;
  /** The three digits that end its uuids: `002`. */
  readonly code: string;
  /** Payloads hold the resource under this key, but where `flat`. Nearly always its name. */
  readonly payloadKey: string;
  /** Names that may be raised, in documented order. */
  readonly events: readonly string[];
  /** Other names may be raised too ({@link eventNameForm}). Never of Signalbox's own kinds. */
  readonly open: boolean;
  /** Names of the kinds in whose resources one of these may lie: its events are announced there, too. */
  readonly parents: readonly string[];
  /** Payloads hold its fields at their top level, as the documented ones of jobs do. */
  readonly flat: boolean;
  /** Beside those that every kind has. */
  readonly macros: MacroPaths;
}

export const eventNameForm = /^[A-Za-z][A-Za-z0-9_]{0,31}$/;
/** Of events as one subscribes to them: those of what lies in a resource have the name of its kind before their own, `JOB_RUNNING`. */
export const subscribableNameForm = /^[A-Za-z][A-Za-z0-9_]{0,64}$/;

/** The name as it was said; `undefined` when it has not the form of one that can be subscribed to. */
export function parseEventName(said: string): EventName | undefined {
  return subscribableNameForm.test(said) ? (said as EventName) : undefined;
}

/** One of `names`, as it is written there, in any case of letters. */
export function knownEventName(names: readonly string[], said: string): EventName | undefined {
  const upper = said.length > 128 ? said : said.toUpperCase();
  const known = names.find((name) => name === said) ?? names.find((name) => name.toUpperCase() === upper);
  return known as EventName | undefined;
}

/**
 * `documented-kinds.json` has them by name, in their order. `events`: the documented names first, then those that the documented service
 * raised under other names, or without saying so: hosts that were written for it use either. Without events, a kind of Signalbox's own has
 * those that Signalbox raises, and one of hosts is open. `own`: Signalbox keeps and raises it itself.
 */
interface DocumentedKind extends Partial<Omit<ResourceKind, "name">> {
  readonly code: string;
  readonly own?: boolean;
}

const table: Readonly<Record<string, DocumentedKind>> = documented;

const kinds = Object.entries(table).map(([name, { own = false, ...kind }]) => ({
  own,
  kind: {
    name,
    payloadKey: name,
    events: own ? Object.keys(raisedOn(name)) : [],
    open: false,
    parents: [],
    flat: false,
    macros: {},
    ...kind,
  } satisfies ResourceKind,
}));

/** Signalbox keeps and raises these itself, so a host can't change them. */
export const ownKinds: readonly ResourceKind[] = kinds.filter(({ own }) => own).map(({ kind }) => kind);

/** Documented for hosts of this sort, with codes that their ids may end in already. */
export const hostKinds: readonly ResourceKind[] = kinds.filter(({ own }) => !own).map(({ kind }) => kind);

/** For kinds of hosts that have no code of their own. Several may share it, so it names none of them. */
export const sharedCode = "900";

/** Words that answers, payloads or event types use for something else already. */
export const reservedNames: ReadonlySet<string> = new Set([
  "user",
  "object",
  "token",
  "delivery",
  "hosted",
  "notification",
  "permission",
]);

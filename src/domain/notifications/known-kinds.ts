import { eventNames } from "./event-names.ts";
import { type MacroPaths, macrosByKind } from "./macro-names.ts";

/** The kinds of resources that have a name and a code of their own before any host declares one. */

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
  /** Names of the kinds in whose resources one of these may lie: what happens to it is told there, too. */
  readonly parents: readonly string[];
  /** Payloads hold its fields at their top level, as the documented ones of jobs do. */
  readonly flat: boolean;
  /** Beside those that every kind has. */
  readonly macros: MacroPaths;
}

export const eventNameForm = /^[A-Za-z][A-Za-z0-9_]{0,31}$/;
/** Of events as they are heard: those of what lies in a resource have the name of its kind before their own, `JOB_RUNNING`. */
export const heardNameForm = /^[A-Za-z][A-Za-z0-9_]{0,64}$/;

function kind(name: string, code: string, more: Partial<ResourceKind> = {}): ResourceKind {
  const events = Object.entries(eventNames).find(([key]) => key === name)?.[1] ?? [];
  const macros = macrosByKind[name] ?? {};
  return { name, code, payloadKey: name, events, open: false, parents: [], flat: false, macros, ...more };
}

/** Signalbox keeps and raises these itself, so a host can't change them. */
export const ownKinds: readonly ResourceKind[] = [
  kind("profile", "001"),
  kind("file", "002", { parents: ["bucket", "system"] }),
  kind("app", "005", { parents: ["system"] }),
  // "Notification" was the documented service's word for a subscription, and receivers look for it.
  kind("subscription", "011", { payloadKey: "notification" }),
  kind("bucket", "101"),
  kind("function", "102", { parents: ["app"] }),
];

/** Documented for hosts of this sort, with codes that their ids may end in already. Those without documented events are open. */
export const hostKinds: readonly ResourceKind[] = [
  kind("internal_user", "003"),
  kind("system", "006"),
  // Whatever a job's script calls its event is one.
  kind("job", "007", { open: true, flat: true, parents: ["system", "app"] }),
  kind("transform", "008", { open: true }),
  kind("transfer", "009", { payloadKey: "transferTask" }),
  kind("postit", "010"),
  kind("metadata", "012"),
  kind("schema", "013"),
  kind("monitor", "014", { parents: ["system"] }),
  kind("monitor_check", "015", { payloadKey: "monitorcheck", parents: ["monitor", "system"] }),
  kind("tenant", "016", { open: true }),
  kind("tag", "048"),
  kind("group", "050", { open: true }),
  kind("reactor", "053", { open: true }),
  kind("realtime_channel", "054"),
  kind("client", "055", { open: true }),
  kind("repository", "058", { open: true }),
  kind("actor", "060", { open: true }),
];

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

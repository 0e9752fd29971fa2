import type { Json } from "../event.ts";
import { isJsonObject } from "../merge-patch.ts";
import { type CommonMacro, commonMacros, type MacroPaths, permissionMacros } from "./known-kinds.ts";
import type { ResourceKinds } from "./resource-kinds.ts";
import type { EventView } from "./view.ts";

/** Which macros there are, and what they are worth for one event, before anything is encoded. */

/**
 * The macros that a subscription to a resource of the kind named `kind` may use: those of every kind, the kind's own, and those of what may lie in it. For any
 * resource (`undefined`), and for one of a kind that is not known, only those that say something of every event.
 */
export function macroNames(kind: string | undefined, kinds: ResourceKinds): readonly string[] {
  const known = kind === undefined ? undefined : kinds.byName(kind);
  if (known === undefined) return commonMacros;
  const inside = kinds.within(known.name).flatMap(({ macros }) => Object.keys(macros));
  return [...new Set([...commonMacros, ...Object.keys(known.macros), ...inside, ...Object.keys(permissionMacros)])];
}

/** The value of each macro; empty for one that is missing, `null` or not known. Objects and lists are JSON. */
export function macroValues(view: EventView, kinds: ResourceKinds): (name: string) => string {
  const own = kinds.byName(view.kind)?.macros ?? {};
  // A url may name the JSON of a large resource a hundred times.
  const known = new Map<string, string>();
  return (name) => {
    const value = known.get(name) ?? valueOf(name, view, own);
    known.set(name, value);
    return value;
  };
}

function valueOf(name: string, view: EventView, own: MacroPaths): string {
  if (isCommon(name)) return commonValue(name, view);
  const permission = pathOf(name, permissionMacros);
  if (permission !== undefined) return textOf(valueAt(view.permission, permission));
  const path = pathOf(name, own);
  return path === undefined ? "" : textOf(valueAt(view.resource, path));
}

function isCommon(name: string): name is CommonMacro {
  return (commonMacros as readonly string[]).includes(name);
}

function commonValue(name: CommonMacro, view: EventView): string {
  switch (name) {
    case "UUID":
      return view.uuid;
    case "EVENT":
      return view.event;
    case "OWNER":
      return view.actor ?? "";
    case "TIME":
      return view.time;
    case "RAW_JSON":
      return JSON.stringify(view.resource);
    default:
      return name satisfies never;
  }
}

function pathOf(name: string, macros: MacroPaths): string | undefined {
  return Object.hasOwn(macros, name) ? macros[name] : undefined;
}

/** Only what the value itself holds: a path never reaches what objects inherit. */
function valueAt(value: Json | undefined, path: string): Json | undefined {
  if (path === "*") return value;
  return path.split(".").reduce<Json | undefined>((at, name) => {
    if (Array.isArray(at)) return /^\d{1,9}$/.test(name) ? (at as readonly Json[])[Number(name)] : undefined;
    return isJsonObject(at) && Object.hasOwn(at, name) ? at[name] : undefined;
  }, value);
}

function textOf(value: Json | undefined): string {
  if (value === undefined || value === null) return "";
  if (typeof value === "string") return value;
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

import type { Json } from "../event.ts";
import { isJsonObject } from "../merge-patch.ts";
import { type CommonMacro, commonMacros, type MacroPaths, permissionMacros } from "./macro-names.ts";
import type { ResourceKinds } from "./resource-kinds.ts";
import type { EventView } from "./template.ts";

/** What macros are worth for one event, before anything is encoded. */

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

import type { Event, NewEvent } from "../event.ts";
import { kinds } from "../ids.ts";
import type { Chain } from "../lifecycle.ts";
import { isJsonObject, type JsonObject } from "../merge-patch.ts";

/** What an event holds of a resource that is neither an object nor passed to functions. */

/** What happened to which resource. */
export interface Happened {
  readonly event: string;
  /** Name of its kind. */
  readonly kind: string;
  readonly uuid: string;
}

export interface ShownPermission {
  readonly id: string;
  readonly permission: string;
  readonly username: string;
  readonly lastUpdated: string;
}

interface ResourceData {
  /** Name of its kind. */
  readonly kind: string;
  /** Its public part: as its own route shows it, without what is secret. */
  readonly resource: JsonObject;
  readonly permission?: ShownPermission;
  /** What happened to something that lay in the resource, and may be elsewhere. */
  readonly of?: Happened;
  /** Through which functions it came about. */
  readonly chain?: Chain;
}

export function resourceData(data: ResourceData): NewEvent["data"] {
  return data as unknown as NewEvent["data"];
}

export function isResourceData(data: Event["data"]): data is Event["data"] & ResourceData {
  return "resource" in data && "kind" in data && isJsonObject(data["resource"] ?? null);
}

const kindNames = new Map(Object.entries(kinds).map(([name, code]) => [code as string, name]));

/** Empty for a code that only hosts use. */
export function kindNameOfCode(code: string): string {
  return kindNames.get(code) ?? "";
}

/** Name of the kind of an event's resource. */
export function kindNameOf({ resource, data }: Pick<Event, "resource" | "data">): string {
  return isResourceData(data) ? data.kind : kindNameOfCode(resource.slice(-3));
}

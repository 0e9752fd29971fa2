import type { Context } from "../context.ts";
import type { Principal } from "../domain/access.ts";
import { defined } from "../domain/defined.ts";
import type { Event, Json } from "../domain/event.ts";
import { type FieldCatalog, operatorsFor } from "../domain/filter/index.ts";
import { lifecycleOf } from "../domain/lifecycle.ts";
import { isJsonObject } from "../domain/merge-patch.ts";
import { resourceOf } from "../domain/notifications/view.ts";
import { fieldsOf } from "./options.ts";
import type { Place } from "./place.ts";
import { recentEvents } from "./recent-events.ts";

/** What a filter may ask there, for who writes one. */

export const fieldTypes = ["string", "number", "instant", "boolean", "any", "map"] as const;

interface FilterField {
  /** Without quotes; of a map with `<name>` in it. */
  readonly name: string;
  readonly type: (typeof fieldTypes)[number];
  readonly operators: readonly string[];
  /** It never holds anything else. */
  readonly values?: readonly string[];
  /** What newest events held: values, or of a map names. */
  readonly seen?: readonly string[];
}

interface FieldsQuery {
  /** Where the caller may listen, as `wantedPlace` says. */
  readonly place: Place;
  readonly signal: AbortSignal;
}

/** Events that are looked at, and names that are told of each map. */
const mostEvents = 200;
const mostNames = 64;
/** Longer names and values are nothing to choose from. */
const longestShown = 128;
/** Of one resource, or of the params of one event. */
const mostLooks = 256;

/** In the order of the catalog. */
export async function filterFields(
  deps: Pick<Context, "store" | "slices">,
  caller: Principal,
  { place, signal }: FieldsQuery,
): Promise<readonly FilterField[]> {
  const fields = fieldsOf(place);
  const events = await recentEvents(deps, caller, { place, most: mostEvents, signal });
  const seen = await deps.slices.run(caller.tenant, lookingAt(events, place.face, fields), signal);
  // A path of any depth is one more name of the same map.
  return fields.names.filter((name) => name !== "<name>.<name>").map((name) => fieldOf(name, fields, seen));
}

/** By the name of a field, or what stands before `<name>` in that of a map. */
type Seen = ReadonlyMap<string, ReadonlySet<string>>;

function fieldOf(name: string, fields: FieldCatalog, seen: Seen): FilterField {
  const family = name.indexOf("<");
  if (family >= 0) {
    const names = seen.get(name.slice(0, family));
    const example = fields.resolve(name.replaceAll(/[<>]/g, ""));
    const shown = defined({ seen: names === undefined ? undefined : [...names] });
    return { name, type: "map", operators: operatorsFor(example), ...shown };
  }
  const field = fields.resolve(name);
  const values = field?.values;
  const held = seen.get(name);
  return {
    name,
    type: typeOf(field),
    operators: operatorsFor(field),
    ...defined({ values, seen: held === undefined ? undefined : [...held] }),
  };
}

function typeOf(field: ReturnType<FieldCatalog["resolve"]>): FilterField["type"] {
  if (field === undefined) return "any";
  const { kind, holds, values } = field;
  if (kind === "number" || kind === "instant") return kind;
  if (kind === "any" && holds !== "text") return holds ?? "any";
  return values?.join() === "true,false" ? "boolean" : "string";
}

function* lookingAt(events: readonly Event[], face: Place["face"], fields: FieldCatalog): Generator<void, Seen, void> {
  const seen = new Map<string, Set<string>>();
  const maps = fields.names.flatMap((name) => (name.includes("<") ? [name.slice(0, name.indexOf("<"))] : []));
  const note = (field: string, value: string): void => {
    const known = seen.get(field) ?? new Set();
    if (known.size < mostNames && value.length <= longestShown) seen.set(field, known.add(value));
  };
  for (const event of events) {
    yield;
    if (face === "objects") {
      const { contentType, userMetadata, tags } = event.data;
      if (typeof contentType === "string") note("Content-Type", contentType);
      for (const name of namesIn(userMetadata)) note("x-amz-meta-", name);
      for (const name of namesIn(tags)) note("tag:", name);
      continue;
    }
    const root = face === "lifecycle" ? lifecycleOf(event).params : resourceOf(event);
    for (const path of pathsIn(root)) {
      yield;
      if (fields.names.includes(path) || fields.resolve(path) === undefined) continue;
      const map = maps.filter((prefix) => path.startsWith(prefix)).toSorted((a, b) => b.length - a.length)[0];
      if (map !== undefined) note(map, path.slice(map.length));
    }
  }
  return seen;
}

function namesIn(value: Json | undefined): readonly string[] {
  return isJsonObject(value ?? null) ? Object.keys(value as object) : [];
}

/** Paths to texts, numbers and truths. `looks`: how many names may still be looked at. */
function* pathsIn(value: Json, looks = { left: mostLooks }, prefix = ""): Generator<string, void, void> {
  if (!isJsonObject(value)) return;
  for (const name in value) {
    if (looks.left <= 0) return;
    looks.left -= 1;
    const below = value[name] ?? null;
    if (typeof below === "object") yield* pathsIn(below, looks, `${prefix}${name}.`);
    else yield prefix + name;
  }
}

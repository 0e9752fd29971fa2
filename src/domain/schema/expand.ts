import type { FieldError } from "../../errors.ts";
import type { JsonObject } from "../merge-patch.ts";
import { pathText, type Segment } from "../path.ts";

/** What a schema comes to when each `$ref` is replaced by what it names: a tree, and not a large one. */

/** A schema within a schema. */
export interface ExpandedSchema {
  readonly at: readonly Segment[];
  readonly assertions: boolean | JsonObject;
  /** Schemas that it applies, definitions left out. */
  readonly below: readonly ExpandedSchema[];
  /** What it weighs by itself. */
  readonly own: number;
  /** It stands in `contains`: Ajv keeps what is wrong with every entry until it has seen the last. */
  readonly hoards: boolean;
  /** Its `$ref`. */
  readonly reference?: string;
}

export function partKey(at: readonly Segment[]): string {
  return JSON.stringify(at.map(String));
}

/** Names that need no escapes but those of JSON pointers, so that no reference can be read in two ways. */
const referenceForm = /^#(?:\/(?:[\w$.-]|~[01])+)+$/;

/** The most things that a schema may say, each `$ref` followed. */
const mostWeight = 10_000;
/** Schemas within each other, each `$ref` followed: how deep validation nests its calls. */
const mostLevels = 64;

/** What is kept is memory, which is dearer than time. */
const hoardingFactor = 100;

interface Total {
  readonly weight: number;
  /** Of that, what is kept. */
  readonly hoarded: number;
  readonly levels: number;
}

/**
 * The weight of `root` with each `$ref` followed. What is wrong is added to `problems`. A schema that contains itself is refused: with
 * `anyOf` its cost would double at every level of a value, and without consuming anything it would never end.
 */
export function totalOf(
  root: ExpandedSchema,
  parts: ReadonlyMap<string, ExpandedSchema>,
  problems: FieldError[],
): number {
  const known = new Map<ExpandedSchema, Total>();
  const open = new Set<ExpandedSchema>();
  const refuse = (part: ExpandedSchema, message: string): undefined => {
    problems.push({ path: pathText([...part.at, "$ref"]), message });
  };
  const named = (part: ExpandedSchema): ExpandedSchema | undefined => {
    const { reference } = part;
    if (reference === undefined) return undefined;
    if (!referenceForm.test(reference)) {
      return refuse(
        part,
        "must lead to a place in this schema by names of letters, digits, _, $, . and -, such as #/$defs/name; nothing is ever fetched",
      );
    }
    return parts.get(partKey(segmentsOf(reference))) ?? refuse(part, "leads to no schema within this schema");
  };
  const total = (part: ExpandedSchema): Total => {
    const before = known.get(part);
    if (before !== undefined) return before;
    // Deeper than any path may be: by its length it is refused all the same.
    if (open.size > mostLevels) return { weight: part.own, hoarded: 0, levels: 1 };
    open.add(part);
    const target = named(part);
    if (target !== undefined && open.has(target))
      refuse(part, "leads back to where it stands: a schema can't contain itself");
    const below = target === undefined || open.has(target) ? part.below : [...part.below, target];
    const totals = below.map(total);
    open.delete(part);
    const weight = totals.reduce((sum, { weight }) => sum + weight, part.own);
    const result = {
      weight,
      hoarded: part.hoards ? weight : totals.reduce((sum, { hoarded }) => sum + hoarded, 0),
      levels: 1 + Math.max(0, ...totals.map(({ levels }) => levels)),
    };
    known.set(part, result);
    return result;
  };
  const { weight, hoarded, levels } = total(root);
  // Also of definitions that nothing refers to: what is wrong there is a mistake all the same.
  for (const part of parts.values()) total(part);
  if (weight > mostWeight) {
    problems.push({ path: "", message: `says too much: with each $ref followed, at most ${mostWeight} things` });
  }
  if (levels > mostLevels) {
    problems.push({
      path: "",
      message: `is too deep: with each $ref followed, at most ${mostLevels} schemas in each other`,
    });
  }
  return weight + hoardingFactor * hoarded;
}

/** The names on the way to the place that a reference leads to. */
export function segmentsOf(reference: string): readonly string[] {
  return reference
    .slice(2)
    .split("/")
    .map((segment) => segment.replaceAll("~1", "/").replaceAll("~0", "~"));
}

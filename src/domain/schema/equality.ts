import type { SchemaBudget } from "./meter.ts";

/** The keywords that compare whole values, done by looking up how they would be written. */

interface EqualityKeyword {
  readonly keyword: string;
  readonly type?: "array";
  readonly compile: (given: unknown) => (value: unknown) => boolean;
}

export function equalityKeywords(meter: SchemaBudget): readonly EqualityKeyword[] {
  return [
    { keyword: "const", compile: (wanted) => isOneOf([wanted], meter) },
    { keyword: "enum", compile: (allowed) => isOneOf(allowed as readonly unknown[], meter) },
    {
      keyword: "uniqueItems",
      type: "array",
      compile: (wanted) => (items) => wanted !== true || areUnique(items as readonly unknown[], meter),
    },
  ];
}

/** What a character costs that is written out to be compared. */
const stepsPerCharacter = 8;

function isOneOf(allowed: readonly unknown[], meter: SchemaBudget): (value: unknown) => boolean {
  const scalars = new Set(allowed.filter((value) => !isComposed(value)));
  const composed = new Set(allowed.filter(isComposed).map(canonical));
  return (value) => {
    if (!isComposed(value)) return scalars.has(value);
    if (composed.size === 0) return false;
    const text = canonical(value);
    meter.spend(stepsPerCharacter * text.length);
    return composed.has(text);
  };
}

function areUnique(items: readonly unknown[], meter: SchemaBudget): boolean {
  const seen = new Set<string>();
  return items.every((item) => {
    const text = canonical(item);
    meter.spend(stepsPerCharacter * text.length);
    if (seen.has(text)) return false;
    seen.add(text);
    return true;
  });
}

function isComposed(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

/** The same text for equal values, and for no others. */
function canonical(value: unknown): string {
  if (!isComposed(value)) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([name, part]) => `${JSON.stringify(name)}:${canonical(part)}`).join(",")}}`;
}

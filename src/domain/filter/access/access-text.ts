import { parseFilter } from "../filter.ts";
import { FilterRefusal } from "../filter-error.ts";
import { storedFilterLimits, treeLimits } from "../limits.ts";
import { parseQuery } from "../parse.ts";
import type { FieldCatalog, FilterValue } from "../tree.ts";
import { accessOf, type FilterAccess, type FilterKey } from "./access.ts";

/**
 * Stands before all that is stored. To be raised with every change of what filters mean, of {@link storedFilterLimits} or of
 * {@link accessOf}: what another version made is made anew.
 */
const version = "1";

const signs = { equals: "=", prefix: "^", suffix: "$" } as const;
type Sign = (typeof signs)[FilterKey["kind"]];
const kinds: Readonly<Record<Sign, FilterKey["kind"]>> = { "=": "equals", "^": "prefix", $: "suffix" };

type Written = readonly [keys: readonly (readonly [Sign, string, FilterValue])[], rest?: readonly string[]];

/** Has to be asked whatever happens. */
const whole: FilterAccess = { keys: [] };

/**
 * The access to a filter that can be read, as a text for stores: reading it takes a fraction of what reading the filter takes. Of one that cannot
 * be read at all it says that it has to be asked.
 */
export function accessText(filter: string, catalog: FieldCatalog): string {
  try {
    return written(accessOf(parseQuery(filter, catalog, treeLimits).condition));
  } catch (thrown) {
    if (thrown instanceof FilterRefusal) return written(whole);
    throw thrown;
  }
}

/** The same of any stored filter, in the time that its patterns take to compile: also one of them may be what cannot be read. */
export function checkedAccessText(filter: string, catalog: FieldCatalog): string {
  const { kind } = parseFilter(filter, catalog, storedFilterLimits);
  return kind === "ok" ? accessText(filter, catalog) : written(whole);
}

function written({ keys, rest }: FilterAccess): string {
  const ways = keys.map(({ kind, field, value }) => [signs[kind], field, value] as const);
  const both: Written = rest === undefined ? [ways] : [ways, rest];
  return version + JSON.stringify(both);
}

/** `undefined`: of another version. */
export function readAccess(text: string | undefined): FilterAccess | undefined {
  if (text?.startsWith(version) !== true) return undefined;
  const [ways, rest] = JSON.parse(text.slice(version.length)) as Written;
  const keys = ways.map(([sign, field, value]): FilterKey => ({ kind: kinds[sign], field, value }));
  return rest === undefined ? { keys } : { keys, rest };
}

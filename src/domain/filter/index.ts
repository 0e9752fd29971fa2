/** The SQL-like WHERE language: text → filter → does this event match, and if not, why. For users: `docs/filters.md`. */
export type { Surroundings } from "./conflicts.ts";
export { doubtsOf } from "./doubts.ts";
export type { Truth } from "./evaluate.ts";
export { type Explanation, explain, explainInSteps } from "./explain.ts";
export {
  type ListedFacts,
  listedFields,
  type ObjectEvent,
  objectFields,
  readListedField,
  readObjectField,
} from "./fields.ts";
export {
  type Filter,
  type FilterText,
  type Parsed,
  parseFilter,
  parseFilterText,
  printFilter,
  readFilter,
} from "./filter.ts";
export { type FilterError, type FilterErrorCode, formatFilterError } from "./filter-error.ts";
export {
  type FilterEntry,
  type FilterIndex,
  type FilterQuery,
  type IndexedFilter,
  scopedFilterIndex,
} from "./filter-index.ts";
export { keyPrefixOf } from "./key-prefix.ts";
export { defaultFilterLimits, type FilterLimits, storedFilterLimits } from "./limits.ts";
export { SortOrder, type SortValue } from "./ordering.ts";
export { paramFields, paramFieldsOf, readParamField } from "./param-fields.ts";
export type {
  Field,
  FieldCatalog,
  FieldKind,
  FilterCondition,
  FilterValue,
  KnownField,
  Predicate,
  ReadField,
} from "./tree.ts";

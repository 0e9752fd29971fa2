/** The SQL-like WHERE language: text → filter → does this event match, and if not, why. For users: `docs/filters.md`. */

export { accessText, checkedAccessText, readAccess } from "./access/access-text.ts";
export { type FilterHits, stillLooking } from "./access/filter-hits.ts";
export { type Completion, type CompletionCatalog, complete, operatorsFor, type Suggestion } from "./complete.ts";
export type { Surroundings } from "./conflicts.ts";
export { doubtsOf } from "./doubts.ts";
export { type Explanation, explainInSteps } from "./explain.ts";
export { faceFields } from "./face-fields.ts";
export { listedFields, objectFields, readListedField, readObjectField } from "./fields.ts";
export { type Filter, type FilterText, parseFilter, parseFilterText, readFilter } from "./filter.ts";
export { type FilterError, formatFilterError } from "./filter-error.ts";
export { FilterIndex, type FilterPlace, type IndexedFilter } from "./filter-index.ts";
export { type ShownToken, tokensOf } from "./highlight.ts";
export { keyPrefixOf } from "./key-prefix.ts";
export { defaultFilterLimits, storedFilterLimits } from "./limits.ts";
export { SortOrder, type SortValue } from "./ordering.ts";
export { paramFields, paramFieldsOf, readParamField } from "./param-fields.ts";
export { readFilterInSteps } from "./read-in-steps.ts";
export type { FieldCatalog, ReadField } from "./tree.ts";

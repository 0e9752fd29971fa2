/** What can be wrong with a filter. Stable: programs match on these; `docs/filters.md` lists them. */
export type FilterErrorCode =
  /** Longer than `maxLength`. */
  | "too_long"
  /** More nested parentheses and NOTs than `maxDepth`. */
  | "too_deep"
  /** More predicates and listed values than `maxTerms`. */
  | "too_many_terms"
  | "syntax"
  | "unterminated"
  | "invalid_number"
  /** WHERE with nothing behind it. */
  | "empty_where"
  | "unknown_field"
  | "field_comparison"
  | "type_mismatch"
  | "invalid_time"
  /** A text that the field can never hold. */
  | "unknown_value"
  | "invalid_like"
  | "invalid_regex"
  /** A pattern, or all patterns of the filter together, would cost too much. */
  | "regex_too_large";

import type { FilterFix } from "../../../domain/filter/fix.ts";
import { ApiError } from "../../api/client.ts";

/** What is wrong with a filter, and what could be written instead. */
export interface FilterProblem {
  readonly message: string;
  readonly expected: readonly string[];
  readonly hint?: string | undefined;
  readonly line: number;
  readonly column: number;
  /** In UTF-16 code units. */
  readonly from: number;
  readonly to: number;
  readonly fix?: FilterFix | undefined;
}

/** `undefined`: the answer is not about a filter. */
export function refusedFilter(error: unknown): FilterProblem | undefined {
  if (!(error instanceof ApiError) || error.code !== "invalid_filter") return undefined;
  const { message, line, column, offset, length, expected, hint } = error.data as {
    readonly message: string;
    readonly line: number;
    readonly column: number;
    readonly offset: number;
    readonly length: number;
    readonly expected: readonly string[];
    readonly hint: string | null;
  };
  return { message, line, column, from: offset, to: offset + length, expected, hint: hint ?? undefined };
}

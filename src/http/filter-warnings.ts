import { Type } from "typebox";
import type { Face } from "../domain/event.ts";
import { filterWarnings } from "../resources/filter-warnings.ts";

/** Beside what was saved, where something is odd about it. */
export const warnings = Type.Optional(
  Type.Array(Type.String(), {
    description:
      "What may not do as it was meant, above all of the filter, and what to write instead. Absent when nothing is odd.",
  }),
);

/** @param filter as the body has it. @param others what else is to be told. */
export function warned(
  face: Face,
  filter: string | null | undefined,
  others: readonly string[] = [],
): { readonly warnings?: string[] } {
  const told = [...others, ...filterWarnings(face, filter)];
  return told.length === 0 ? {} : { warnings: told };
}

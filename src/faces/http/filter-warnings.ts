import { Type } from "typebox";
import { defined } from "../../domain/defined.ts";
import type { Face } from "../../domain/event.ts";
import type { Filter } from "../../domain/filter/index.ts";
import { filterWarnings } from "../../subscriptions/filter-warnings.ts";

/** A clock that is wrong by less makes nothing odd. */
const clockErrorMs = 86_400_000;

/** Beside what was saved, where something is odd about it. */
export const warnings = Type.Optional(
  Type.Array(Type.String(), {
    description:
      "What may not do as it was meant, above all of the filter, and what to write instead. Absent when nothing is odd.",
  }),
);

interface WarningOptions {
  /** Warnings from elsewhere, which come first. */
  readonly others?: readonly string[];
  /** When it was saved: it will be asked of what happens from then on. */
  readonly savedMs?: number;
  /** The name of the bucket whose events it will be asked of. */
  readonly bucket?: string;
}

/** @param filter as the body has it, or as it was read for something else: reading one may cost much. */
export function warned(
  face: Face,
  filter: string | Filter | null | undefined,
  { others = [], savedMs, bucket }: WarningOptions = {},
): { readonly warnings?: string[] } {
  const around = {
    ...(savedMs === undefined ? {} : { sinceMs: savedMs - clockErrorMs }),
    ...defined({ bucket }),
  };
  const warnings = [...others, ...filterWarnings(face, filter, around)];
  return warnings.length === 0 ? {} : { warnings: warnings };
}

import { invalidField } from "../../errors.ts";
import { defined } from "../defined.ts";
import { didYouMean } from "../did-you-mean.ts";
import {
  type CostlyPattern,
  type FieldType,
  opsOf,
  type SearchOp,
  type SearchTest,
  searchOps,
  testOf,
} from "./search-ops.ts";

export type { FieldType } from "./search-ops.ts";

/** `?status=ACTIVE&created.after=2026-11-20&url.like=*example.com*`: searching in lists. */

/** One condition; all of a search have to hold. */
export interface SearchTerm {
  /** As the list of fields spells it. */
  readonly field: string;
  readonly op: SearchOp;
  /** As it was typed. */
  readonly value: string;
  /**
   * Whether what an entry holds in the field fits. Times are RFC 3339 or epoch milliseconds. `null`, and what is not of the field's
   * type, fits only `neq`, `nlike` and `nin`.
   */
  readonly test: SearchTest;
  /** Of a pattern that may cost much: by {@link test} it would be asked in one go. */
  readonly pattern?: CostlyPattern;
}

const limits = {
  terms: 50,
  /** Of one value, in UTF-16 units. */
  valueLength: 2000,
  /** RE2 instructions of all patterns of one search together. */
  regexProgram: 1000,
} as const;

/**
 * Reads `field.op=value` for each entry of `query`; without an op it is `eq`, and a value given several times is several terms. Names
 * of fields and ops may be in any case, and names of fields may hold dots. Everything in `query` is a search: other parameters
 * (`limit`, `offset`) are taken out before.
 *
 * @throws SignalboxError `invalid_request` about the parameter as it was typed: no such field or op, an op that a field of this
 * type does not have, a value that is none, more than 50 terms, values of more than 2000 characters.
 */
export function parseSearch(
  query: Readonly<Record<string, string | readonly string[]>>,
  fields: Readonly<Record<string, FieldType>>,
): SearchTerm[] {
  const typed = Object.entries(query).flatMap(([key, values]) =>
    (typeof values === "string" ? [values] : values).map((value) => ({ key, value })),
  );
  if (typed.length > limits.terms) throw invalidField("query", `may have at most ${limits.terms} search terms`);
  let program: number = limits.regexProgram;
  return typed.map(({ key, value }) => {
    const path = key.slice(0, 64);
    const { field, type, op } = termOf(key, fields);
    if (value.length > limits.valueLength) {
      throw invalidField(path, `may have at most ${limits.valueLength} characters`);
    }
    const made = testOf({ type, op, value, maxProgram: program });
    if (typeof made === "string") throw invalidField(path, made);
    program -= made.pattern?.programSize ?? 0;
    return { field, op, value, test: made.test, ...defined({ pattern: made.pattern }) };
  });
}

interface Named {
  readonly field: string;
  readonly type: FieldType;
  readonly op: SearchOp;
}

function termOf(key: string, fields: Readonly<Record<string, FieldType>>): Named {
  const path = key.slice(0, 64);
  const whole = fieldOf(key, fields);
  if (whole !== undefined) return { ...whole, op: "eq" };
  const dot = key.lastIndexOf(".");
  const known = dot < 0 ? undefined : fieldOf(key.slice(0, dot), fields);
  if (known === undefined) throw invalidField(path, unknownField(key, Object.keys(fields)));
  const typed = key.slice(dot + 1);
  const op = searchOps.find((name) => name === typed.toLowerCase());
  const allowed = opsOf(known.type);
  if (op === undefined) {
    const meant = didYouMean(typed, allowed);
    throw invalidField(
      path,
      `there is no operator of this name.${meant} For ${known.field} there are ${allowed.join(", ")}`,
    );
  }
  if (!allowed.includes(op)) {
    throw invalidField(path, `${known.field} is a ${known.type}, which has only ${allowed.join(", ")}`);
  }
  return { ...known, op };
}

function fieldOf(
  typed: string,
  fields: Readonly<Record<string, FieldType>>,
): { readonly field: string; readonly type: FieldType } | undefined {
  const lower = typed.toLowerCase();
  const found = Object.entries(fields).find(([field]) => field.toLowerCase() === lower);
  return found === undefined ? undefined : { field: found[0], type: found[1] };
}

function unknownField(key: string, fields: readonly string[]): string {
  const last = key.slice(key.lastIndexOf(".") + 1).toLowerCase();
  const name = searchOps.some((op) => op === last) ? key.slice(0, key.lastIndexOf(".")) : key;
  return `is not a field that can be searched.${didYouMean(name, fields)} There are ${fields.join(", ")}`;
}

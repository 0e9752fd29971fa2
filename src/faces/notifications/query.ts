import { didYouMean } from "../../domain/did-you-mean.ts";
import { filterPaths } from "../../domain/notifications/answer-filter.ts";
import { type FieldType, parseSearch, type SearchTerm } from "../../domain/notifications/search.ts";
import { invalidField } from "../../errors.ts";

/** Query strings of the notifications face: how the answer is to look, which part of a list is wanted, and what is searched for. */

export interface ReadQuery {
  /** Only the result, without the envelope. */
  readonly naked: boolean;
  /** Paths of what is to be kept of the result; none keeps all. */
  readonly filter: readonly string[];
  readonly limit: number;
  readonly offset: number;
  readonly terms: readonly SearchTerm[];
}

export const limits = { defaultLimit: 100, mostLimit: 250, mostOffset: 1_000_000 } as const;
const parameters = ["naked", "pretty", "filter", "limit", "offset"] as const;

type Query = Readonly<Record<string, unknown>>;

/**
 * @param fields what can be searched for: everything that is no parameter is a search. Without them there is no search.
 * @throws SignalboxError `invalid_request` about the parameter.
 */
export function readQuery(query: Query, fields?: Readonly<Record<string, FieldType>>): ReadQuery {
  readFlag(query, "pretty");
  return {
    naked: readFlag(query, "naked"),
    filter: filterPaths(once(query, "filter") ?? ""),
    limit: readNumber(query, "limit", { otherwise: limits.defaultLimit, least: 1, most: limits.mostLimit }),
    offset: readNumber(query, "offset", { otherwise: 0, least: 0, most: limits.mostOffset }),
    terms: readSearch(query, fields),
  };
}

/** Also of a query that is otherwise wrong, because errors are answered in the form that was asked for. */
export function isPretty(query: unknown): boolean {
  try {
    return readFlag((query ?? {}) as Query, "pretty");
  } catch {
    return false;
  }
}

function readFlag(query: Query, name: "naked" | "pretty"): boolean {
  const value = once(query, name)?.toLowerCase();
  if (value === undefined || value === "false" || value === "0") return false;
  // Also `?pretty` alone.
  if (value === "true" || value === "1" || value === "") return true;
  throw invalidField(name, "must be true or false");
}

function readNumber(
  query: Query,
  name: "limit" | "offset",
  { otherwise, least, most }: { readonly otherwise: number; readonly least: number; readonly most: number },
): number {
  const value = once(query, name);
  if (value === undefined) return otherwise;
  const number = /^\d{1,15}$/.test(value) ? Number(value) : Number.NaN;
  if (number >= least && number <= most) return number;
  throw invalidField(name, `must be a whole number from ${least} to ${most}`);
}

function once(query: Query, name: string): string | undefined {
  const value = query[name];
  if (value === undefined || typeof value === "string") return value;
  throw invalidField(name, "is given twice");
}

function readSearch(query: Query, fields: Readonly<Record<string, FieldType>> | undefined): readonly SearchTerm[] {
  const asked = Object.entries(query).filter(([name]) => !(parameters as readonly string[]).includes(name));
  if (fields !== undefined) return parseSearch(Object.fromEntries(asked.map(upper)), fields);
  const [unknown] = asked;
  if (unknown === undefined) return [];
  const [name] = unknown;
  throw invalidField(name.slice(0, 64), `is not a known parameter.${didYouMean(name, parameters)}`);
}

/** Constants may be written in any case of letters, as in bodies. */
const constants = /^(?:status|policy\.retrystrategy|provider)(?:\.(?:eq|neq|in|nin))?$/i;

function upper([name, value]: readonly [string, unknown]): readonly [string, string | readonly string[]] {
  const values = (Array.isArray(value) ? value : [value]).map(String);
  return [name, constants.test(name) ? values.map((text) => text.toUpperCase()) : values];
}

import type { EgressAllow } from "../../domain/egress.ts";
import { fieldsText } from "../../domain/path.ts";
import { type FieldError, SignalboxError } from "../../errors.ts";
import type { StoredFunction } from "../../store/records.ts";
import { readHosts } from "./egress-hosts.ts";

/** What may be said about a function, and what becomes of it: defaults, merging, and everything that a schema cannot check. */

/** By name; `null` takes one away, and in place of all of them all. */
type Entries = Readonly<Record<string, string | null>> | null;

/** What is absent stays as it is, or has its default. */
export interface FunctionInput {
  readonly name?: string;
  readonly enabled?: boolean;
  readonly timeoutMs?: number;
  readonly env?: Entries;
  readonly secrets?: Entries;
  readonly egress?: readonly string[] | null;
  readonly writes?: boolean;
}

/** What a function is apart from its code. */
export interface FunctionState
  extends Pick<StoredFunction, "name" | "enabled" | "timeoutMs" | "env" | "egress" | "writes"> {
  /** Open. */
  readonly secrets: Readonly<Record<string, string>>;
}

export const longestTimeoutMs = 300_000;

/** A function of which nothing but its name was said. */
export function newFunctionState(name: string): FunctionState {
  return { name, enabled: true, timeoutMs: longestTimeoutMs, env: {}, secrets: {}, egress: [], writes: false };
}

/** @throws SignalboxError `invalid_request` with every field that is wrong. */
export function mergeFunction(state: FunctionState, input: FunctionInput, allow: EgressAllow): FunctionState {
  const env = mergeEntries("env", state.env, input.env);
  const secrets = mergeEntries("secrets", state.secrets, input.secrets);
  const egress =
    input.egress === undefined ? { hosts: state.egress, problems: [] } : readHosts(input.egress ?? [], allow);
  const twice = Object.keys(env.entries)
    .filter((name) => Object.hasOwn(secrets.entries, name))
    .map((name) => ({ path: `secrets.${name}`, message: "is in env too; a function sees both as one: rename it" }));
  const problems = [...env.problems, ...secrets.problems, ...twice, ...egress.problems];
  if (problems.length > 0) throw new SignalboxError("invalid_request", fieldsText(problems), { fields: problems });
  return {
    name: input.name ?? state.name,
    enabled: input.enabled ?? state.enabled,
    timeoutMs: input.timeoutMs ?? state.timeoutMs,
    env: env.entries,
    secrets: secrets.entries,
    egress: egress.hosts,
    writes: input.writes ?? state.writes,
  };
}

export const mostEntries = 64;
/** New ones, and those that are taken away. */
const mostSaid = 4 * mostEntries;
const longestValue = 16_384;
/** Of all together, so that lists of functions stay readable. */
const longestValues = 65_536;
const mostProblems = 20;

/** Names in one order, whatever the order in which they were said. */
function mergeEntries(
  field: "env" | "secrets",
  old: Readonly<Record<string, string>>,
  said: Entries | undefined,
): { readonly entries: Readonly<Record<string, string>>; readonly problems: readonly FieldError[] } {
  if (said === undefined) return { entries: old, problems: [] };
  const names = Object.keys(said ?? {}).length;
  if (names > mostSaid) {
    const message = `names ${names} entries; at most ${mostSaid} are changed at once, and ${mostEntries} kept`;
    return { entries: old, problems: [{ path: field, message }] };
  }
  const merged = new Map(Object.entries(said === null ? {} : old));
  const problems: FieldError[] = [];
  for (const [name, value] of Object.entries(said ?? {})) {
    const problem = entryProblem(name, value ?? "");
    if (problem !== undefined) problems.push({ path: `${field}.${name.slice(0, 128)}`, message: problem });
    if (value === null) merged.delete(name);
    else merged.set(name, value);
  }
  if (merged.size > mostEntries) problems.push({ path: field, message: `must have at most ${mostEntries} names` });
  const bytes =
    problems.length > 0 ? 0 : [...merged.values()].reduce((sum, value) => sum + Buffer.byteLength(value), 0);
  if (bytes > longestValues) {
    problems.push({
      path: field,
      message: `has values of ${bytes} bytes together; at most ${longestValues} are allowed`,
    });
  }
  const entries = Object.fromEntries([...merged].toSorted(([a], [b]) => (a < b ? -1 : 1)));
  return { entries, problems: problems.slice(0, mostProblems) };
}

function entryProblem(name: string, value: string): string | undefined {
  if (!/^[A-Z_][A-Z0-9_]{0,63}$/.test(name)) {
    return "must have a name of A-Z, 0-9 and _, at most 64, that does not begin with a digit";
  }
  if (Buffer.byteLength(value) > longestValue) return `must have at most ${longestValue} bytes`;
  // Neither survives in UTF-8, so what runs would see something else than what was said.
  return value.isWellFormed() ? undefined : "must not hold half a character (a lone surrogate)";
}

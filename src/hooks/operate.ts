import type { Publish } from "../delivery/publish.ts";
import { asError, type ErrorCode, SignalboxError } from "../errors.ts";
import type { Ports } from "../ports.ts";
import type { Condition, Unit } from "../store/unit.ts";
import type { Allowed, Guard } from "./guard.ts";
import type { HookedOperation } from "./plan.ts";

/**
 * The way of every operation of the platform that hooks may stop, of users as of objects:
 *
 *   ask, one operation after the other ─▶ carry out ─▶ where nothing came of it, tell the functions whose hooks ran
 *
 * No lock is held while hooks run: turns are taken, and commits made, once all have agreed.
 */

/** How an operation ended. Returned and not thrown, because what is to be cleaned up depends on it. */
export type Ending<T> =
  | { readonly kind: "done"; readonly result: T }
  /** It is not what the hooks have seen any more, because others came between: nothing was changed. `reason` is for the functions. */
  | { readonly kind: "overtaken"; readonly reason: string }
  /** The commit's condition did not hold, because others came between: nothing was changed. */
  | { readonly kind: "refused"; readonly condition: Condition }
  /** It was refused, or went wrong: nothing was changed. */
  | { readonly kind: "failed"; readonly thrown: unknown }
  /** The commit broke off, and whether it was made is not known. */
  | { readonly kind: "unknown"; readonly thrown: unknown };

type Undone<T> = Exclude<Ending<T>, { readonly kind: "done" }>;

export function failedBy(thrown: unknown): Ending<never> {
  return { kind: "failed", thrown };
}

/** For the caller. @throws {@link failureOf} it. */
export function resultOf<T>(ending: Ending<T>): T {
  if (ending.kind === "done") return ending.result;
  throw failureOf(ending);
}

/** Why nothing came of it. */
export function failureOf(ending: Undone<unknown>): unknown {
  switch (ending.kind) {
    case "overtaken":
      return new SignalboxError("conflict", ending.reason);
    case "refused":
      return new SignalboxError("conflict", `another change came between (${ending.condition.if})`);
    default:
      return ending.thrown;
  }
}

/** One at least. */
export type Several<T> = readonly [T, ...T[]];

interface HookedSteps<T> {
  /** What is asked about, in this order. */
  readonly operations: Several<HookedOperation>;
  /** Does what the hooks left of it. What it throws has changed nothing. */
  readonly carryOut: (allowed: Several<Allowed>) => Promise<Ending<T>>;
  /** For the functions: why nothing came of it. */
  readonly reasonOf: (thrown: unknown, operation: HookedOperation) => string;
}

/**
 * Asks, carries out, and tells of what came to nothing. `hooked`: functions' hooks ran.
 *
 * @throws what {@link Guard.check} throws about the first operation; a later one that is refused is an ending.
 */
export async function operate<T>(
  context: Pick<Ports, "store" | "log"> & { readonly guard: Guard },
  { operations: [first, ...rest], carryOut, reasonOf }: HookedSteps<T>,
): Promise<Ending<T> & { readonly hooked: boolean }> {
  const agreed: Agreed[] = [];
  const ask = async (operation: HookedOperation): Promise<Allowed> => {
    const allowed = await context.guard.check(operation);
    agreed.push({ operation, allowed });
    return allowed;
  };
  const carriedOut = async (allowed: Allowed): Promise<Ending<T>> => {
    const others: Allowed[] = [];
    for (const operation of rest) others.push(await ask(operation));
    return carryOut([allowed, ...others]);
  };
  const ending = await carriedOut(await ask(first)).catch(failedBy);
  if (ending.kind !== "done") {
    // The last that agreed is the first to hear of it.
    for (const one of agreed.toReversed()) await tellAborted(context, one, { ending, reasonOf });
  }
  return { ...ending, hooked: agreed.some(({ allowed }) => allowed.ran.length > 0) };
}

interface Agreed {
  readonly operation: HookedOperation;
  readonly allowed: Allowed;
}

interface Aborted<T> {
  readonly ending: Undone<T>;
  readonly reasonOf: HookedSteps<T>["reasonOf"];
}

/** As far as that is possible: whatever made the operation fail may keep this from the store too. */
async function tellAborted<T>(
  { guard, store, log }: Pick<Ports, "store" | "log"> & { readonly guard: Guard },
  { operation, allowed }: Agreed,
  { ending, reasonOf }: Aborted<T>,
): Promise<void> {
  if (allowed.changes.length === 0 && allowed.ran.length === 0) return;
  const { tenant, type } = operation;
  try {
    // A commit that broke off may have been made: then nothing was aborted, whatever answer the caller got.
    if (ending.kind === "unknown" && (await store.operations.decision(tenant, allowed.operation)) !== undefined) return;
    await guard.aborted(operation, allowed, reasonOf(failureOf(ending), operation));
  } catch (thrown) {
    // The caller needs the reason of the abort, not this one.
    log.error(
      { operation: allowed.operation, type, error: asError(thrown).message },
      "an operation was aborted, and those whose hooks ran could not be notified",
    );
  }
}

/** The failures of which the store promises that nothing was changed. */
const changedNothing: ReadonlySet<ErrorCode> = new Set(["storage_full", "quota_exceeded"]);

/** The commit of an operation. Never rejects. */
export async function commitUnit<T>(
  publish: Publish,
  unit: Unit,
  result: T,
): Promise<Exclude<Ending<T>, { readonly kind: "overtaken" }>> {
  try {
    const commit = await publish(unit);
    if (commit.kind === "committed") return { kind: "done", result };
    return { kind: "refused", condition: commit.condition };
  } catch (thrown) {
    const nothing = thrown instanceof SignalboxError && changedNothing.has(thrown.code);
    return { kind: nothing ? "failed" : "unknown", thrown };
  }
}

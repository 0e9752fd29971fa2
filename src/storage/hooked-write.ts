import type { StorageContext } from "../context.ts";
import { asError, SignalboxError } from "../errors.ts";
import type { Allowed, HookedOperation } from "../hooks/guard.ts";
import { commitUnit, type Ending, failedBy, operate, resultOf, type Several } from "../hooks/operate.ts";
import { blobsOf } from "../platform/deps.ts";
import { outcomeUnknown, ResourceFailure } from "../platform/failure.ts";
import { type Tried, untilCommitted } from "../store/optimistic.ts";
import type { Piece } from "../store/records.ts";
import type { Condition, Unit } from "../store/unit.ts";

/**
 * How everything in buckets is written:
 *
 *   propose what is to be done ─▶ ask its hooks ─▶ take the turn ─▶ decide on what is there now ─▶ commit ─▶ delete what is not needed any more
 *
 * {@link hookedWrite} goes this way with what has to be read before its hooks can be asked; a put and a copy know without reading what they ask
 * about, and bring bytes in between: {@link whenAllowed}, then {@link commitInTurn}; what no hooks are asked about begins with the turn.
 */

/** What a verb decided after reading: what to commit (nothing: only `result`), and what is not needed any more after that. */
export interface WriteDecision<T> {
  readonly result: T;
  readonly unit?: Unit;
  /** Pieces that nothing refers to once the unit is committed. Their blobs are deleted then, never before. */
  readonly unused?: readonly Pick<Piece, "blob">[];
}

/** What a look at the store comes to. */
export type Proposed<T> =
  /** There is nothing to do, or it is done already: no hook is asked. */
  { readonly kind: "nothing"; readonly result: T } | ProposedWrite<T>;

interface ProposedWrite<T> {
  readonly kind: "write";
  readonly operations: Several<HookedOperation>;
  /** What the hooks are asked about. When it is another at the next look, they are asked anew. */
  readonly about: string;
  /** What it reads and writes. */
  readonly places: readonly string[];
  readonly decide: (allowed: Several<Allowed>) => WriteDecision<T>;
}

interface WriteOptions {
  /** The caller set a condition of its own, and gets an error when others keep coming between. */
  readonly conditional?: boolean;
}

/** How often hooks are asked anew because what they had agreed to was changed meanwhile. */
const maxChains = 5;

/**
 * Writes what `propose` says, once its hooks agreed. What no hook was asked about is committed as it was proposed; otherwise it is read
 * again when its turn comes, and what the hooks have not seen is asked about anew.
 *
 * @throws what `propose` throws and the hooks refuse; as {@link resultOf}; ResourceFailure `conflict` or `busy` when others kept changing it
 * while hooks ran.
 */
export async function hookedWrite<T>(
  context: StorageContext,
  options: WriteOptions,
  propose: () => Promise<Proposed<T>>,
): Promise<T> {
  for (let chains = 0; chains < maxChains; chains += 1) {
    const proposed = await propose();
    if (proposed.kind === "nothing") return proposed.result;
    const ending = await whenAllowed(context, proposed.operations, (allowed) =>
      commitProposed(context, options, { proposed, allowed }, propose),
    );
    if (ending.kind !== "overtaken") return resultOf(ending);
  }
  throw othersKeepComing(options);
}

/** Decides by what is there in the turn, unless that is not what the hooks have seen. */
function commitProposed<T>(
  context: StorageContext,
  options: WriteOptions,
  { proposed, allowed }: { readonly proposed: ProposedWrite<T>; readonly allowed: Several<Allowed> },
  propose: () => Promise<Proposed<T>>,
): Promise<Ending<T>> {
  const asked = allowed.some(({ changes }) => changes.length > 0);
  // The commit's conditions judge it, so it is read again only when it may have been changed: while hooks ran, or because they say so.
  let seen: Proposed<T> | undefined = asked ? undefined : proposed;
  return commitInTurn(context, { ...options, places: proposed.places }, async () => {
    const now = seen ?? (await propose());
    seen = undefined;
    // What has come in the way meanwhile has hooks that were not asked.
    const isNew = now.kind === "write" && now.operations.length > allowed.length;
    if (isNew || (asked && (now.kind === "nothing" || now.about !== proposed.about))) return "overtaken";
    return now.kind === "nothing" ? now : now.decide(allowed);
  });
}

/** {@link operate}, with the reasons that functions get for writes. A caller who went away while hooks ran wants nothing done any more. */
export function whenAllowed<T>(
  context: StorageContext,
  operations: Several<HookedOperation>,
  carryOut: (allowed: Several<Allowed>) => Promise<Ending<T>>,
): Promise<Ending<T>> {
  return operate(context, {
    operations,
    reasonOf,
    carryOut: async (allowed) => {
      if (allowed.some(({ ran }) => ran.length > 0)) operations[0].signal?.throwIfAborted();
      return carryOut(allowed);
    },
  });
}

interface TurnOptions extends WriteOptions {
  /** What is read and written: those who write to one place take turns. */
  readonly places: readonly string[];
}

/**
 * Read, decide, commit under the condition that what was read still holds; when it does not, read again. Then deletes the blobs that are not
 * needed any more. Never rejects: what `decide` throws is the ending, as are `no_such_bucket` and `no_such_upload` when it was removed meanwhile,
 * and `conflict` or `busy` when others kept coming between.
 */
export function commitInTurn<T>(
  context: StorageContext,
  options: TurnOptions,
  decide: () => Promise<WriteDecision<T> | "overtaken">,
): Promise<Ending<T>> {
  const attempt = async (): Promise<Tried<Ending<T>>> => {
    const decided = await decide();
    if (decided === "overtaken") return { value: { kind: "overtaken", reason: changedMeanwhile } };
    const { unit, result, unused = [] } = decided;
    const ending: Ending<T> = unit === undefined ? { kind: "done", result } : await commit(context, unit, result);
    if (ending.kind === "refused") return undefined;
    if (ending.kind === "done") await context.leases.discard(blobsOf(unused));
    return { value: ending };
  };
  const loop = { clock: context.clock, busy: () => othersKeepComing(options) };
  return inTurns(context.mutex, options.places.toSorted(), () => untilCommitted(loop, attempt)).catch(failedBy);
}

const changedMeanwhile = "It was changed by others while its hooks ran.";

/** Takes the turns in the order of their places, so that two who move files to each other's do not wait for each other. */
function inTurns<T>(
  mutex: StorageContext["mutex"],
  [first, ...rest]: readonly string[],
  run: () => Promise<T>,
): Promise<T> {
  return first === undefined ? run() : mutex.take(first, () => inTurns(mutex, rest, run));
}

/** `refused`: it is worth another look. */
async function commit<T>(context: StorageContext, unit: Unit, result: T): Promise<Ending<T>> {
  const ending = await commitUnit(context.publish, unit, result);
  if (ending.kind === "unknown") return { kind: "unknown", thrown: outcomeUnknown(ending.thrown) };
  const gone = ending.kind === "refused" ? goneBy(ending.condition) : undefined;
  return gone === undefined ? ending : failedBy(gone);
}

function goneBy(condition: Condition): Error | undefined {
  if (condition.if === "bucket.live") return new ResourceFailure("no_such_bucket");
  if (condition.if === "blob.live") {
    return new SignalboxError("unavailable", "The bytes took so long that they were given up. Send them again.");
  }
  return condition.if === "upload.open" ? new ResourceFailure("no_such_upload") : undefined;
}

function othersKeepComing({ conditional = false }: WriteOptions): ResourceFailure {
  return new ResourceFailure(conditional ? "conflict" : "busy");
}

/** Deletes blobs that were made for a write, unless it was committed, or may have been. */
export async function discardUnlessKept(
  { leases }: StorageContext,
  made: readonly Pick<Piece, "blob">[],
  ending: Ending<unknown>,
): Promise<void> {
  if (ending.kind !== "done" && ending.kind !== "unknown") await leases.discard(blobsOf(made));
}

/** For the functions. Of unexpected errors they learn no more than the caller. */
function reasonOf(thrown: unknown, { signal }: HookedOperation): string {
  if (signal?.aborted === true) return "The caller went away.";
  const { message, status } = asError(thrown) as Error & { readonly status?: unknown };
  // Every face's expected errors have the status of their answer.
  return typeof status === "number" && status !== 500 ? message : "It failed.";
}

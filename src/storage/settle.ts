import { type ErrorCode, SignalboxError } from "../errors.ts";
import { blobsOf, type ResourceDeps } from "../platform/deps.ts";
import { OutcomeUnknown, ResourceFailure } from "../platform/failure.ts";
import type { Piece } from "../store/records.ts";
import type { Condition, Unit } from "../store/unit.ts";

/** What a verb decided after reading: what to commit (nothing: only `result`), and what is not needed any more after that. */
export interface Plan<T> {
  readonly result: T;
  readonly unit?: Unit;
  /** Pieces that nothing refers to once the unit is committed. Their blobs are deleted then, never before. */
  readonly unused?: readonly Pick<Piece, "blob">[];
}

export interface SettleOptions {
  /** What the plan reads and writes: plans for one place take turns. */
  readonly place: string;
  /** The caller set a condition of its own, and is told so when others keep coming between. */
  readonly conditional?: boolean;
}

/** How often a plan is made anew because another process came between. In one process turns make that rare. */
const maxTries = 16;

/**
 * Read, decide, commit under the condition that what was read still holds; when it does not, read again.
 *
 * @throws ResourceFailure `no_such_bucket` or `no_such_upload` when it was removed meanwhile, `conflict` or `busy` when others
 * kept coming between; OutcomeUnknown when the commit broke off; whatever `plan` throws.
 */
export function settle<T>(deps: ResourceDeps, options: SettleOptions, plan: () => Promise<Plan<T>>): Promise<T> {
  return deps.mutex.take(options.place, async () => {
    for (let tries = 0; tries < maxTries; tries += 1) {
      const { unit, result, unused = [] } = await plan();
      if (unit === undefined || (await commits(deps, unit))) {
        await deps.leases.discard(blobsOf(unused));
        return result;
      }
    }
    throw new ResourceFailure(options.conditional === true ? "conflict" : "busy");
  });
}

/** The failures of which the store promises that nothing was changed. */
const changedNothing: ReadonlySet<ErrorCode> = new Set(["storage_full", "quota_exceeded"]);

/** Whether the unit was committed; false when it is worth another look. */
async function commits(deps: ResourceDeps, unit: Unit): Promise<boolean> {
  const commit = await deps.publish(unit).catch((error: unknown) => {
    throw error instanceof SignalboxError && changedNothing.has(error.code) ? error : new OutcomeUnknown(error);
  });
  if (commit.kind === "committed") return true;
  rethrowGone(commit.condition);
  return false;
}

function rethrowGone(condition: Condition): void {
  if (condition.if === "bucket.live") throw new ResourceFailure("no_such_bucket");
  if (condition.if === "upload.open") throw new ResourceFailure("no_such_upload");
}

/** Runs `use` on blobs made for it; when it fails they are deleted, unless the commit may have happened. */
export async function orDiscard<T>(
  deps: ResourceDeps,
  made: readonly Pick<Piece, "blob">[],
  use: () => Promise<T>,
): Promise<T> {
  try {
    return await use();
  } catch (error) {
    if (!(error instanceof OutcomeUnknown)) await deps.leases.discard(blobsOf(made));
    throw error;
  }
}

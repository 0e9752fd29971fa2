import type { Context } from "../context.ts";
import type { Json } from "../domain/event.ts";
import { asError, SignalboxError } from "../errors.ts";
import type { Remembered } from "../store/records.ts";
import type { Unit } from "../store/unit.ts";

/**
 * A request that is made twice is done once: the first answer is remembered under the caller's key for a day, and given again.
 * What a request did and that it did it are in one commit, so that a crash between the commit and the answer loses neither.
 */

export type IdempotencyContext = Pick<Context, "clock" | "log" | "mutex" | "store">;

/** A request whose caller may make it again. */
export interface KeyedRequest {
  readonly tenant: string;
  /** Name of the principal: keys of others are others. */
  readonly principal: string;
  readonly key: string;
  /** The same for the same request: another one under the same key is a mistake. */
  readonly fingerprint: string;
}

export interface KeyedAnswer {
  readonly status: number;
  readonly body: Json;
}

/** What belongs into the commit that the answer tells of. */
type Remember = (answer: KeyedAnswer) => Pick<Unit, "conditions" | "changes">;

export interface GivenAnswer extends KeyedAnswer {
  /** It was given before. */
  readonly replayed: boolean;
}

/**
 * The answer that was given before, or that of `work`, which remembers it itself in its commit; what it did not remember, such as
 * a refusal, is remembered after it. Of requests with one key at once the first is worked on, and the others wait for its answer.
 * What `work` throws is not remembered: a repeated request tries again.
 *
 * @throws SignalboxError `conflict` when the key is that of another request.
 */
export function answerOnce(
  deps: IdempotencyContext,
  request: KeyedRequest,
  work: (remember: Remember) => Promise<KeyedAnswer>,
): Promise<GivenAnswer> {
  const { tenant, principal, key } = request;
  return deps.mutex.take(JSON.stringify([tenant, principal, key]), async () => {
    const before = await remembered(deps, request);
    if (before !== undefined) return before;
    const remember: Remember = (answer) => unitOf(request, answer, deps.clock.now());
    let answer: KeyedAnswer;
    try {
      answer = await work(remember);
    } catch (thrown) {
      if (!(thrown instanceof SignalboxError) || thrown.code !== "conflict") throw thrown;
      // Another process may have been faster with the same request: what it answered counts for both.
      const meanwhile = await remembered(deps, request);
      if (meanwhile === undefined) throw thrown;
      return meanwhile;
    }
    const after = await remembered(deps, request);
    if (after === undefined) await rememberAfterwards(deps, remember(answer));
    // A refusal is not in a commit of its own yet: what is remembered is the answer of the request that came between.
    return after !== undefined && answer.status >= 400 ? after : { ...answer, replayed: false };
  });
}

async function remembered({ store }: IdempotencyContext, request: KeyedRequest): Promise<GivenAnswer | undefined> {
  const { tenant, principal, key, fingerprint } = request;
  const found = await store.operations.remembered({ tenant, principal, key });
  if (found === undefined) return undefined;
  if (found.fingerprint !== fingerprint) {
    throw new SignalboxError(
      "conflict",
      "Idempotency-Key: another request was made with this key: choose a new key for a new request",
    );
  }
  return { status: found.status, body: found.body, replayed: true };
}

function unitOf({ tenant, principal, key, fingerprint }: KeyedRequest, { status, body }: KeyedAnswer, nowMs: number) {
  const remembered: Remembered = { tenant, principal, key, fingerprint, status, body, createdMs: nowMs };
  return {
    conditions: [{ if: "remembered.absent", tenant, principal, key }],
    changes: [{ do: "remembered.add", remembered }],
  } as const;
}

/** The answer stands whether or not this succeeds. */
async function rememberAfterwards({ store, log }: IdempotencyContext, unit: Unit): Promise<void> {
  try {
    await store.commit(unit);
  } catch (thrown) {
    log.warn({ error: asError(thrown).message }, "an answer could not be remembered");
  }
}

import type { Context } from "../context.ts";
import type { Json } from "../domain/event.ts";
import { asError, SignalboxError } from "../errors.ts";
import { outcomeStatus, type Remembered } from "../store/operation-records.ts";
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
  /** The answer to one that was carried out, of which only {@link Remembering.outcome} is known: the process ended before it was answered. */
  answerOf?(this: void, outcome: Json): Promise<KeyedAnswer>;
}

export interface KeyedAnswer {
  readonly status: number;
  readonly body: Json;
}

/** What belongs into the commit of a keyed request. */
interface Remembering {
  /** The answer that tells of it. */
  answer(answer: KeyedAnswer): Pick<Unit, "conditions" | "changes">;
  /** What the answer can be made of, where that is found out after the commit only. */
  outcome(outcome: Json): Pick<Unit, "conditions" | "changes">;
}

export interface GivenAnswer extends KeyedAnswer {
  /** It was given before. */
  readonly replayed: boolean;
}

/**
 * The answer that was given before, or that of `work`, which remembers it itself in its commit; what it did not remember, such as
 * a refusal, is remembered after it. Of requests with one key at once the first is worked on, and the others wait for its answer.
 * What `work` throws before its commit is not remembered: a repeated request tries again.
 *
 * @throws SignalboxError `conflict` when the key is that of another request.
 */
export function answerOnce(
  deps: IdempotencyContext,
  request: KeyedRequest,
  work: (remembering: Remembering) => Promise<KeyedAnswer>,
): Promise<GivenAnswer> {
  const { tenant, principal, key } = request;
  return deps.mutex.take(JSON.stringify([tenant, principal, key]), async () => {
    const before = await remembered(deps, request);
    if (before !== undefined) return given(deps, request, before);
    let answer: KeyedAnswer;
    try {
      answer = await work({
        answer: ({ status, body }) => unitOf(request, { status, body }, deps.clock.now()),
        outcome: (body) => unitOf(request, { status: outcomeStatus, body }, deps.clock.now()),
      });
    } catch (thrown) {
      if (!(thrown instanceof SignalboxError) || thrown.code !== "conflict") throw thrown;
      // Another process may have been faster with the same request: what it answered counts for both.
      const meanwhile = await remembered(deps, request);
      if (meanwhile === undefined) throw thrown;
      return given(deps, request, meanwhile);
    }
    const after = await remembered(deps, request);
    // A refusal is not in a commit of its own yet: what is remembered is the answer of the request that came between.
    if (after !== undefined && answer.status >= 400) return given(deps, request, after);
    if (after === undefined) {
      const isRemembered = await rememberAfterwards(deps, unitOf(request, answer, deps.clock.now()));
      const faster = isRemembered || answer.status < 400 ? undefined : await remembered(deps, request);
      if (faster !== undefined) return given(deps, request, faster);
    }
    if (after?.status === outcomeStatus) await rememberAfterwards(deps, answered(request, answer));
    return { ...answer, replayed: false };
  });
}

async function given(deps: IdempotencyContext, request: KeyedRequest, found: KeyedAnswer): Promise<GivenAnswer> {
  if (found.status !== outcomeStatus) return { ...found, replayed: true };
  if (request.answerOf === undefined) throw new TypeError("an outcome was remembered of which no answer can be made");
  const answer = await request.answerOf(found.body);
  await rememberAfterwards(deps, answered(request, answer));
  return { ...answer, replayed: true };
}

async function remembered({ store }: IdempotencyContext, request: KeyedRequest): Promise<KeyedAnswer | undefined> {
  const { tenant, principal, key, fingerprint } = request;
  const found = await store.operations.remembered({ tenant, principal, key });
  if (found === undefined) return undefined;
  if (found.fingerprint !== fingerprint) {
    throw new SignalboxError(
      "conflict",
      "Idempotency-Key: another request was made with this key: choose a new key for a new request",
    );
  }
  return { status: found.status, body: found.body };
}

function unitOf({ tenant, principal, key, fingerprint }: KeyedRequest, { status, body }: KeyedAnswer, nowMs: number) {
  const remembered: Remembered = { tenant, principal, key, fingerprint, status, body, createdMs: nowMs };
  return {
    conditions: [{ if: "remembered.absent", tenant, principal, key }],
    changes: [{ do: "remembered.add", remembered }],
  } as const;
}

function answered({ tenant, principal, key }: KeyedRequest, { status, body }: KeyedAnswer): Unit {
  return { changes: [{ do: "remembered.answer", tenant, principal, key, status, body }] };
}

/** What was done stands whether or not this succeeds. Gives false when another process has remembered what it answered. */
async function rememberAfterwards({ store, log }: IdempotencyContext, unit: Unit): Promise<boolean> {
  try {
    return (await store.commit(unit)).kind === "committed";
  } catch (thrown) {
    log.warn({ error: asError(thrown).message }, "an answer could not be remembered");
    return true;
  }
}

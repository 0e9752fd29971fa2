import type { Context } from "../context.ts";
import type { Principal } from "../domain/access.ts";
import { defined } from "../domain/defined.ts";
import type { Attempt } from "../domain/delivery.ts";
import { functionNumberOf, type Subscription } from "../domain/subscription.ts";
import { notFound } from "../errors.ts";
import type { Sent } from "../targets/target.ts";
import { foundDelivery } from "./deliveries.ts";

/** One attempt: what was sent, and what came back. */
export interface AttemptDetail {
  readonly attempt: Attempt;
  /** What it sent, made again; absent where that cannot be done. */
  readonly sent?: Sent;
  /** Whether what is sent for the subscription is as it was: `sent` is then the very request. */
  readonly unchanged: boolean;
  /** Number of the run of a function. */
  readonly invocation?: number;
}

/**
 * An attempt of a delivery, with what it sent. Nothing of that was kept: it is made again of the event, which never changes, and of the
 * subscription as it is.
 *
 * @throws SignalboxError `not_found` when there is no such delivery that the caller may see, or no such attempt of it.
 */
export async function attemptDetail(
  deps: Pick<Context, "firstAttempts" | "prepareTarget" | "store">,
  caller: Principal,
  { id, number: written }: { readonly id: string; readonly number: string },
): Promise<AttemptDetail> {
  const { store, prepareTarget } = deps;
  const { delivery, rule } = await foundDelivery(deps, caller, id);
  const place = { sequence: delivery.event.sequence, subscription: rule.number };
  const number = /^[1-9][0-9]{0,8}$/.test(written) ? Number(written) : 0;
  const attempt = await store.deliveries.attempt(place, number);
  if (attempt === undefined) throw notFound(`attempt '${written}' of delivery '${id}'`);
  const unchanged = sendsAsThen(rule, attempt, await store.subscriptions.sendsFrom(rule.number));
  const { startedMs, revision, batch } = attempt;
  const deliverable = { uuid: id, event: delivery.event, attempt: number };
  const sent = await prepareTarget(rule).sent(deliverable, { startedMs, unchanged, ...defined({ revision, batch }) });
  const isRun = functionNumberOf(rule.target) !== undefined;
  const run = isRun ? await store.invocations.invocationOf({ ...place, attempt: number }) : undefined;
  return { attempt, unchanged, ...defined({ sent, invocation: run?.number }) };
}

/** An older version did not note for which revision an attempt was made: what was never changed since is as it was. */
function sendsAsThen({ updatedMs }: Subscription, { revision, startedMs }: Attempt, sendsFrom: number): boolean {
  return revision === undefined ? updatedMs < startedMs : sendsFrom <= revision;
}

import type { Clock } from "../clock.ts";
import type { Principal } from "../domain/access.ts";
import type { Event, FaceNames, Json, ObjectData } from "../domain/event.ts";
import { type Explanation, explain, readObjectField } from "../domain/filter/index.ts";
import { newUuid, uuidV7 } from "../domain/ids.ts";
import type { Subscription } from "../domain/subscription.ts";
import type { Store } from "../store/store.ts";
import type { AttemptResult, PreparedTarget } from "../targets/target.ts";
import { readFilter } from "./rule-input.ts";
import { managedBucket, type Rule } from "./rules.ts";

/** Trying things out: one test event to a rule's receiver, and a filter against events. Neither leaves a trace. */

export interface TrialDeps {
  readonly clock: Clock;
  readonly prepareTarget: (subscription: Subscription) => PreparedTarget;
}

/** Sends an event of no object, marked as a test, to the rule's receiver now, once, whether or not the rule is enabled. */
export function testRule(
  { clock, prepareTarget }: TrialDeps,
  caller: Principal,
  { subscription, bucket }: Pick<Rule, "subscription" | "bucket">,
  signal: AbortSignal,
): Promise<AttemptResult> {
  const moment = { nowMs: clock.now(), bytes: clock.bytes(10) };
  const data: ObjectData = {
    bucket: bucket.name,
    key: "signalbox/test-event.txt",
    size: 0,
    eTag: "d41d8cd98f00b204e9800998ecf8427e",
    contentType: "text/plain",
    lastModifiedMs: clock.now(),
    reason: "PutObject",
    userMetadata: {},
    tags: {},
  };
  const event: Event = {
    id: uuidV7(moment),
    tenant: bucket.tenant,
    resource: bucket.uuid,
    scope: bucket.uuid,
    names: { objects: "OBJECT_CREATED_PUT" },
    actor: caller.name,
    origin: "api",
    timeMs: clock.now(),
    data: data as unknown as Readonly<Record<string, Json>>,
    sequence: 0,
    revision: 0,
  };
  // A fresh one each time: a receiver that drops what it has seen would drop the second test otherwise.
  const uuid = newUuid("delivery", moment);
  return prepareTarget(subscription).attempt({ uuid, event, attempt: 1, test: true }, signal);
}

/** An event that a filter is held against; what it lacks is absent to the filter. */
export interface Candidate {
  readonly names: FaceNames;
  readonly data: Readonly<Record<string, Json>>;
  /** When it is one that happened. */
  readonly event?: Event;
}

export interface Checked {
  readonly candidate: Candidate;
  readonly explanation: Explanation;
}

/**
 * What a filter makes of one event, or of the newest ones of the bucket, newest first.
 *
 * @throws SignalboxError `not_found` when the caller may not manage the bucket's rules; `invalid_filter`.
 */
export async function checkFilter(
  store: Store,
  caller: Principal,
  {
    bucket: name,
    filter,
    against,
  }: { readonly bucket: string; readonly filter: string; readonly against: Candidate | number },
): Promise<readonly Checked[]> {
  const bucket = await managedBucket(store, caller, name);
  const wanted = readFilter(filter);
  const candidates =
    typeof against === "number"
      ? (await store.events.recent({ tenant: caller.tenant, scope: bucket.uuid }, against)).map(asCandidate)
      : [{ ...against, data: { ...against.data, bucket: bucket.name } }];
  return candidates.map((candidate) => ({
    candidate,
    explanation: explain(wanted, readObjectField(candidate)),
  }));
}

function asCandidate(event: Event): Candidate {
  return { names: event.names, data: event.data, event };
}

import type { Context } from "../context.ts";
import { explainPastInSteps, historyAt } from "../delivery/past-match.ts";
import type { Principal } from "../domain/access.ts";
import { defined } from "../domain/defined.ts";
import type { Event, Json, ObjectData } from "../domain/event.ts";
import { newUuid, type Uuid, uuidV7 } from "../domain/ids.ts";
import { pastStateAt, type Standing } from "../domain/past-state.ts";
import type { Subscription } from "../domain/subscription.ts";
import { inTurn } from "../platform/search.ts";
import type { Bucket } from "../store/records.ts";
import type { AttemptResult, Sent } from "../targets/target.ts";
import { findSubscription, managedBucket } from "./find.ts";
import { recentEvents } from "./recent-events.ts";
import { type Checked, type FilterCandidate, type TriedFilter, tryFilter } from "./try-filter.ts";

/** Trying things out: one test event to a rule's receiver, and a filter against events. Neither leaves a trace. */

export interface Tested {
  readonly result: AttemptResult;
  readonly sent?: Sent;
}

/** Sends an event of no object, marked as a test, to the rule's receiver now, once, whether or not the rule is enabled. */
export async function testRule(
  { clock, prepareTarget }: Pick<Context, "clock" | "prepareTarget">,
  caller: Principal,
  {
    subscription,
    bucket,
  }: { readonly subscription: Subscription; readonly bucket: Pick<Bucket, "name" | "tenant" | "uuid"> },
  signal: AbortSignal,
): Promise<Tested> {
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
  const target = prepareTarget(subscription);
  const delivery = { uuid, event, attempt: 1, test: true };
  const result = await target.attempt(delivery, signal);
  const { revision } = subscription;
  const sent = await target.sent(delivery, { startedMs: result.startedMs, revision, unchanged: true });
  return { result, ...defined({ sent }) };
}

interface RuleThen {
  readonly rule: Uuid;
  readonly standing: Standing;
}

interface TriedForRules {
  /** As it was read; absent where it is a rule's. */
  readonly filter?: TriedFilter["filter"];
  /** Newest first. */
  readonly checked: readonly CheckedForRules[];
}

export interface CheckedForRules extends Checked {
  /** Of a text that was tried on past events: rules with this very filter, as they stood then. */
  readonly rules?: readonly RuleThen[];
}

interface FilterTrial {
  readonly bucket: string;
  /** A text, or a rule by its id: then past events are matched against it as it stood when they happened. */
  readonly filter: string | { readonly rule: string };
  /** An event, or how many of the newest. */
  readonly against: FilterCandidate | number;
  /** Aborts when the caller waits no more. */
  readonly signal: AbortSignal;
}

/**
 * What a filter makes of one event, or of the newest ones of the bucket, newest first.
 *
 * @throws SignalboxError `not_found` when the caller may not manage the bucket's rules; `invalid_filter`; `too_many_requests`.
 */
export async function checkFilter(
  deps: Pick<Context, "store" | "slices">,
  caller: Principal,
  { bucket: name, filter, against, signal }: FilterTrial,
): Promise<TriedForRules> {
  const { tenant } = caller;
  const bucket = await managedBucket(deps.store, caller, name);
  const rule =
    typeof filter === "string"
      ? undefined
      : await findSubscription(deps.store, caller, { surface: "rules", of: name, id: filter.rule });
  const text = typeof filter === "string" ? filter : (rule?.filter ?? "");
  const place = { face: "objects", event: "*", scope: bucket.uuid } as const;
  if (typeof against !== "number") {
    const candidate = { ...against, data: { ...against.data, bucket: bucket.name } };
    const tried = await tryFilter(deps, caller, { place, filter: text, against: candidate, signal });
    if (rule === undefined) return tried;
    return { checked: rule.enabled ? tried.checked : tried.checked.map(ofDisabled) };
  }
  const checked: CheckedForRules[] = [];
  if (rule === undefined) {
    const tried = await tryFilter(deps, caller, { place, filter: text, against, signal });
    const same = await rulesWith(deps, bucket, text);
    for (const one of tried.checked) checked.push({ ...one, rules: await stancesOf(deps, same, one.candidate) });
    return { filter: tried.filter, checked };
  }
  const events = await recentEvents(deps, caller, { place, most: against, signal });
  for (const event of events) {
    const stood = await inTurn(deps, tenant, () => historyAt(deps.store, rule, event));
    const { matched, reasons } = await deps.slices.run(tenant, explainPastInSteps(event, rule, stood), signal);
    checked.push({ candidate: { ...event, event }, explanation: { matches: matched === true, reasons } });
  }
  return { checked };
}

/** That many rules of the same filter are looked at. */
const mostAlike = 5;

/** The bucket's rules with this very filter. */
async function rulesWith({ store }: Pick<Context, "store">, { tenant, uuid: scope }: Bucket, filter: string) {
  const rules = await store.subscriptions.list({ tenant, face: "objects", scope }, { max: 1_000 });
  return rules.filter((rule) => (rule.filter ?? "") === filter).slice(0, mostAlike);
}

async function stancesOf(
  deps: Pick<Context, "store" | "slices">,
  rules: readonly Subscription[],
  { event }: FilterCandidate,
): Promise<readonly RuleThen[]> {
  const stances: RuleThen[] = [];
  if (event === undefined) return stances;
  for (const rule of rules) {
    const stood = await inTurn(deps, rule.tenant, () => historyAt(deps.store, rule, event));
    stances.push({ rule: rule.uuid, standing: pastStateAt(event, rule, stood).standing });
  }
  return stances;
}

function ofDisabled({ candidate, explanation }: Checked): Checked {
  const reasons = ["the rule is off: it is disabled, and matches nothing", ...explanation.reasons];
  return { candidate, explanation: { matches: false, reasons } };
}

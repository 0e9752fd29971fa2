import type { Context } from "../../context.ts";
import type { Principal } from "../../domain/access.ts";
import { defined } from "../../domain/defined.ts";
import { type Destination, maxDestinationUsers } from "../../domain/destination.ts";
import type { FilterText } from "../../domain/filter/index.ts";
import { subscriptionEvents } from "../../domain/notifications/names.ts";
import type { ManagedRule, Subscription } from "../../domain/subscription.ts";
import { SignalboxError } from "../../errors.ts";
import { byCaller } from "../../platform/asking.ts";
import { noted } from "../../platform/edits.ts";
import { ResourceFailure } from "../../platform/failure.ts";
import { subscriptionEvent } from "../../platform/subscription-event.ts";
import { commitOptimistically } from "../../store/optimistic.ts";
import type { Bucket } from "../../store/records.ts";
import type { Store } from "../../store/store.ts";
import type { Condition, Unit } from "../../store/unit.ts";
import { testDestination } from "../destinations/test.ts";
import { removal } from "../remove.ts";
import { nameInArn } from "./arn.ts";
import { filterOf } from "./filter.ts";
import { type ConfigurationPlan, isManaged, planOf, type WantedNotification } from "./plan.ts";
import type { RequestedNotification } from "./requested.ts";

/** S3's own way of setting up a bucket's rules: one document that says all of them, which are `managed` by it. */

interface S3ConfigurationContext extends Pick<Context, "store" | "publish" | "clock" | "wake" | "prepareTarget"> {
  readonly config: Pick<Context["config"], "maxRulesPerBucket">;
}

/** Read at once. */
const pageSize = 1_000;

async function rulesOf({ subscriptions }: Pick<Store, "subscriptions">, { tenant, uuid: scope }: Bucket) {
  const found: Subscription[] = [];
  for (;;) {
    const after = found.at(-1)?.number;
    const query = { tenant, face: "objects", scope } as const;
    const more = await subscriptions.list(query, { max: pageSize, ...defined({ after }) });
    found.push(...more);
    if (more.length < pageSize) return found;
  }
}

/** What the document says; those of a kind in the order in which they were said. */
export async function s3NotificationsOf(
  store: Pick<Store, "subscriptions">,
  bucket: Bucket,
): Promise<readonly ManagedRule[]> {
  const managed = (await rulesOf(store, bucket)).filter(isManaged).map((rule) => rule.managed);
  return managed.toSorted((a, b) => a.position - b.position);
}

interface Asked {
  readonly bucket: Bucket;
  readonly notifications: readonly RequestedNotification[];
  /** Whether what is sent to anew has to acknowledge a test event first. */
  readonly validate: boolean;
  readonly signal: AbortSignal;
}

/**
 * Makes the rules that the document says, changes those that it says otherwise, and ends those that it says no more, in one commit. A rule
 * whose Id stays, stays: what waits for it goes on. Rules that were made in other ways are left alone.
 *
 * @throws SignalboxError `invalid_request` naming the element, for an ARN of no destination, an event or a filter that there is not, an Id
 * that comes twice, and destinations that did not acknowledge; `conflict` past a limit. ResourceFailure when the bucket went away.
 */
export async function configureS3Notifications(
  deps: S3ConfigurationContext,
  caller: Principal,
  { bucket, notifications, validate, signal }: Asked,
): Promise<void> {
  refuseSameIds(notifications);
  const filters = notifications.map(filterOf);
  let isTested = !validate;
  const woken = await commitOptimistically({ publish: deps.publish, what: "bucket" }, async () => {
    const wanted = await lookedUp(deps, caller, notifications, filters);
    const rules = await rulesOf(deps.store, bucket);
    const plan = planOf(deps, caller, { bucket, wanted, rules });
    if (!isTested) await testAll(deps, caller, { bucket, plan, signal });
    isTested = true;
    const { added, changed, removed } = plan;
    const unit = unitOf(deps, caller, { bucket, rules, plan });
    return {
      ...(added.length + changed.length + removed.length === 0 ? {} : { unit }),
      committed: () => [...changed.map(({ rule }) => rule), ...removed].map(({ number }) => number),
      refused: (condition) => refuse(deps, condition),
    };
  });
  for (const number of woken) deps.wake(number);
}

function wrong(element: string, message: string): SignalboxError {
  return new SignalboxError("invalid_request", message, { fields: [{ path: element, message }] });
}

function refuseSameIds(notifications: readonly RequestedNotification[]): void {
  const ids = new Set<string>();
  for (const { id } of notifications) {
    if (id === undefined) continue;
    if (ids.has(id)) throw wrong("Id", `the Id '${id.slice(0, 100)}' comes twice: Ids are unique in a bucket`);
    ids.add(id);
  }
}

async function lookedUp(
  { store }: Pick<Context, "store">,
  { tenant }: Principal,
  notifications: readonly RequestedNotification[],
  filters: readonly (FilterText | undefined)[],
): Promise<readonly WantedNotification[]> {
  const names = notifications.map(({ arn }) => nameInArn(tenant, arn));
  const found = await store.destinations.byNames(tenant, [...new Set(names.filter((name) => name !== undefined))]);
  const byName = new Map(found.map((destination) => [destination.name, destination]));
  const positions = new Map<string, number>();
  return notifications.map((said, index) => {
    const destination = byName.get(names[index] ?? "");
    if (destination === undefined) {
      const remedy = "no destination is named so: make one (POST /api/cloud/destinations/) and use its arn";
      throw wrong(said.kind, `Unable to validate the destination ${said.arn.slice(0, 200)}: ${remedy}`);
    }
    const position = positions.get(said.kind) ?? 0;
    positions.set(said.kind, position + 1);
    return { said, position, filter: filters[index], destination };
  });
}

/** Tested at once. */
const testedTogether = 8;

interface Tests {
  readonly bucket: Bucket;
  readonly plan: ConfigurationPlan;
  readonly signal: AbortSignal;
}

/** As S3 does: each destination that something goes to anew gets `s3:TestEvent`. */
async function testAll(
  deps: S3ConfigurationContext,
  caller: Principal,
  { bucket, plan, signal }: Tests,
): Promise<void> {
  const all = [...newUsers(plan).keys()];
  const problems: string[] = [];
  for (let from = 0; from < all.length; from += testedTogether) {
    const some = all.slice(from, from + testedTogether).map(async (destination) => {
      const sentAs = destination.webhook.sentAs ?? "s3";
      const { result } = await testDestination(deps, caller, { destination, bucket: bucket.name, sentAs }, signal);
      if (result.outcome.kind === "delivered") return;
      problems.push(`${destination.name} (${result.message ?? result.outcome.reason})`);
    });
    await Promise.all(some);
  }
  if (problems.length === 0) return;
  const remedy = "mend them, or save without a test by the header x-amz-skip-destination-validation: true";
  throw wrong(
    "Destination",
    `Unable to validate the following destination configurations: ${problems.join(", ")}: ${remedy}`,
  );
}

/** How many rules begin to go to each destination. */
function newUsers({ added, changed }: ConfigurationPlan): ReadonlyMap<Destination, number> {
  const counts = new Map<Destination, number>();
  for (const { destination } of [...added, ...changed]) {
    if (destination !== undefined) counts.set(destination, (counts.get(destination) ?? 0) + 1);
  }
  return counts;
}

interface Planned {
  readonly bucket: Bucket;
  readonly rules: readonly Subscription[];
  readonly plan: ConfigurationPlan;
}

function unitOf(deps: S3ConfigurationContext, caller: Principal, { bucket, rules, plan }: Planned): Unit {
  const { added, changed, removed } = plan;
  const atMs = deps.clock.now();
  const ends = removed.map((rule) => removal(deps, rule, byCaller(caller)));
  const event = (rule: Parameters<typeof subscriptionEvent>[2], name: "created" | "updated") =>
    subscriptionEvent(deps, caller, rule, subscriptionEvents[name]);
  return {
    conditions: conditionsOf(deps, { bucket, rules, plan }),
    changes: [
      ...ends.flatMap(({ changes }) => changes),
      ...changed.flatMap(({ rule: { uuid }, patch }) => [
        { do: "subscription.change", uuid, patch, atMs } as const,
        noted(deps, caller, uuid),
      ]),
      ...added.map(({ subscription }) => ({ do: "subscription.add", subscription }) as const),
    ],
    events: [
      ...ends.flatMap(({ events }) => events),
      ...changed.map(({ rule, patch: { target = rule.target } }) => event({ ...rule, target }, "updated")),
      ...added.map(({ subscription }) => event(subscription, "created")),
    ],
  };
}

function conditionsOf(deps: S3ConfigurationContext, { bucket, rules, plan }: Planned): readonly Condition[] {
  const { tenant, uuid: scope } = bucket;
  const { added, changed, removed } = plan;
  const growth = added.length - removed.length;
  const fewer = deps.config.maxRulesPerBucket - growth + 1;
  if (growth > 0 && fewer < 1) throw tooManyRules(deps);
  const seen = [...changed.map(({ rule }) => rule), ...removed];
  return [
    { if: "resource.live", uuid: scope },
    { if: "subscriptions.noneSince", of: { tenant, scope, face: "objects" }, last: rules.at(-1)?.number ?? 0 },
    ...seen.map(({ uuid, revision }) => ({ if: "subscription.revision", uuid, revision }) as const),
    ...(growth > 0 ? [{ if: "subscriptions.fewer", tenant, of: { scope, face: "objects" }, fewer } as const] : []),
    ...[...newUsers(plan)].flatMap(([{ number }, users]) => [
      { if: "destination.live", number } as const,
      { if: "destination.usersFewer", number, fewer: maxDestinationUsers - users + 1 } as const,
    ]),
  ];
}

function tooManyRules({ config: { maxRulesPerBucket } }: S3ConfigurationContext): SignalboxError {
  const most = `a bucket has ${maxRulesPerBucket} rules at most, those that were made in other ways included`;
  return new SignalboxError("conflict", `${most} (SIGNALBOX_MAX_RULES_PER_BUCKET)`);
}

/** Of what others changed meanwhile another look helps. */
function refuse(deps: S3ConfigurationContext, condition: Condition): void {
  if (condition.if === "subscriptions.fewer") throw tooManyRules(deps);
  if (condition.if === "resource.live") throw new ResourceFailure("no_such_bucket");
  if (condition.if === "destination.usersFewer") {
    const most = `${maxDestinationUsers} subscriptions go to one destination at most`;
    throw new SignalboxError("conflict", `${most}: make another destination`);
  }
}

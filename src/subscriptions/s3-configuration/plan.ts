import { isDeepStrictEqual } from "node:util";
import type { Context } from "../../context.ts";
import type { Principal } from "../../domain/access.ts";
import { defined } from "../../domain/defined.ts";
import { type Destination, targetTo } from "../../domain/destination.ts";
import { faceRulesOf } from "../../domain/face-rules.ts";
import type { FilterText } from "../../domain/filter/index.ts";
import { defaultRetryPolicy } from "../../domain/retry.ts";
import type { ManagedRule, Subscription } from "../../domain/subscription.ts";
import { freshUuid } from "../../platform/deps.ts";
import type { Bucket } from "../../store/records.ts";
import type { NewSubscription, SubscriptionPatch } from "../../store/unit.ts";
import type { RequestedNotification } from "./requested.ts";

/** What has to be done so that a bucket's managed rules are what S3's document says. */

type ManagedSubscription = Subscription & { readonly managed: ManagedRule };

export function isManaged(rule: Subscription): rule is ManagedSubscription {
  return rule.managed !== undefined;
}

/** One notification, with what is known of it. */
export interface WantedNotification {
  readonly said: RequestedNotification;
  /** {@link ManagedRule.position}. */
  readonly position: number;
  /** Absent: everything is wanted. */
  readonly filter: FilterText | undefined;
  readonly destination: Destination;
}

interface ChangedRule {
  readonly rule: ManagedSubscription;
  readonly patch: SubscriptionPatch;
  /** Where it did not go before. */
  readonly destination?: Destination;
}

export interface ConfigurationPlan {
  readonly added: readonly { readonly subscription: NewSubscription; readonly destination: Destination }[];
  readonly changed: readonly ChangedRule[];
  readonly removed: readonly ManagedSubscription[];
}

interface Planned {
  readonly bucket: Bucket;
  readonly wanted: readonly WantedNotification[];
  /** All of the bucket. */
  readonly rules: readonly Subscription[];
}

/** A notification with the Id of a rule is that rule; one without an Id is the first that says the same. */
export function planOf(
  deps: Pick<Context, "clock">,
  caller: Principal,
  { bucket, wanted, rules }: Planned,
): ConfigurationPlan {
  const left = new Set(rules.filter(isManaged));
  const added: ConfigurationPlan["added"][number][] = [];
  const changed: ChangedRule[] = [];
  for (const one of wanted) {
    const { said, destination } = one;
    const rule = [...left].find(({ managed }) =>
      said.id === undefined ? isDeepStrictEqual(contentOf(managed), contentOf(said)) : managed.id === said.id,
    );
    if (rule === undefined) {
      added.push({ subscription: newRule(deps, caller, bucket, one), destination });
      continue;
    }
    left.delete(rule);
    const change = changeOf(rule, one);
    if (Object.keys(change.patch).length > 0) changed.push(change);
  }
  return { added, changed, removed: [...left] };
}

/** But for its Id and position. */
function contentOf({ kind, arn, events, filter }: RequestedNotification) {
  return { kind, arn, events, filter };
}

function managedAs(id: string, { said, position }: WantedNotification): ManagedRule {
  const { kind, arn, events, filter } = said;
  return { by: "s3", id, kind, arn, events, ...defined({ filter }), position };
}

function newRule(
  { clock }: Pick<Context, "clock">,
  { tenant, name: owner }: Principal,
  { uuid: scope }: Bucket,
  wanted: WantedNotification,
): NewSubscription {
  const { said, filter, destination } = wanted;
  const target = targetTo("objects", destination);
  const of = { face: "objects", scope, target } as const;
  return {
    uuid: freshUuid(clock, "subscription"),
    tenant,
    ...of,
    event: "*",
    ...defined({ filter }),
    policy: defaultRetryPolicy,
    enabled: true,
    ...faceRulesOf(of),
    managed: managedAs(said.id ?? Buffer.from(clock.bytes(33)).toString("base64url"), wanted),
    owner,
    createdMs: clock.now(),
  };
}

function changeOf(rule: ManagedSubscription, wanted: WantedNotification): ChangedRule {
  const { filter, destination } = wanted;
  const { target, paused } = rule;
  const managed = managedAs(rule.managed.id, wanted);
  const isMoved = target.kind !== "destination" || target.destination !== destination.number;
  return {
    rule,
    patch: {
      ...(isMoved ? { target: targetTo("objects", destination) } : {}),
      ...(isMoved && paused?.reason === "destination" ? { paused: null } : {}),
      ...(rule.filter === filter ? {} : { filter: filter ?? null }),
      ...(isDeepStrictEqual(rule.managed, managed) ? {} : { managed }),
    },
    ...(isMoved ? { destination } : {}),
  };
}

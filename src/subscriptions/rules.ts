import type { Clock } from "../clock.ts";
import type { Publish } from "../delivery/publish.ts";
import { mayManage, type Principal } from "../domain/access.ts";
import type { EgressAllow } from "../domain/egress.ts";
import { newUuid, parseUuid } from "../domain/ids.ts";
import { subscriptionEvents } from "../domain/notifications/names.ts";
import type { ResourceKinds } from "../domain/notifications/resource-kinds.ts";
import { newSigningSecret } from "../domain/signature.ts";
import { sendsToWebhook, type TargetSecrets, type WebhookSubscription } from "../domain/subscription.ts";
import { notFound, SignalboxError } from "../errors.ts";
import { checkCredentialsStay } from "../platform/access/credentials.ts";
import { byCaller } from "../platform/asking.ts";
import { subscriptionEvent } from "../platform/subscription-event.ts";
import type { Vault } from "../secrets/vault.ts";
import type { Bucket } from "../store/records.ts";
import type { Store } from "../store/store.ts";
import type { NewSubscription, SubscriptionPatch } from "../store/unit.ts";
import { removeSubscription } from "./remove.ts";
import { resumed, resumedByEnabling } from "./resumed.ts";
import { mergeSecrets, mergeState, newRuleState, type RuleInput, stateOf } from "./rule-input.ts";
import { overlapMs, withNewSecret } from "./signing.ts";

/**
 * A bucket's notification rules: subscriptions of the object face. Only who may manage the bucket knows of them, because a
 * webhook's URL is often a secret itself.
 */

export interface RuleDeps {
  readonly store: Store;
  readonly publish: Publish;
  readonly vault: Vault;
  readonly clock: Clock;
  readonly egressAllow: EgressAllow;
  /** What macros in URLs may say. */
  readonly kinds: ResourceKinds;
  readonly maxRulesPerBucket: number;
  /** A hint that this subscription (`Subscription.number`) may send again. */
  readonly wake: (subscription: number) => void;
}

/** A rule, with what of its secrets may be told. */
export interface Rule {
  readonly subscription: WebhookSubscription;
  readonly bucket: Bucket;
  readonly secrets: TargetSecrets;
}

/** @throws SignalboxError `not_found` when there is no such bucket whose rules the caller may manage. */
export async function managedBucket(store: Store, caller: Principal, name: string): Promise<Bucket> {
  const bucket = await store.objects.bucket(caller.tenant, name);
  if (bucket === undefined || !mayManage(caller, bucket)) {
    throw notFound(`a bucket '${name}' whose rules you may manage`);
  }
  return bucket;
}

export interface RulePlace {
  readonly bucket: string;
  /** The rule's uuid, as it was given. */
  readonly id: string;
}

/** @throws SignalboxError `not_found` when the bucket has no such rule, or the caller may not manage it. */
export async function findRule(
  { store, vault }: Pick<RuleDeps, "store" | "vault">,
  caller: Principal,
  { bucket: name, id }: RulePlace,
): Promise<Rule> {
  const bucket = await managedBucket(store, caller, name);
  const uuid = parseUuid(id);
  const subscription = uuid === undefined ? undefined : await store.subscriptions.get(uuid);
  if (
    subscription === undefined ||
    subscription.scope !== bucket.uuid ||
    subscription.face !== "objects" ||
    !sendsToWebhook(subscription) ||
    subscription.deletedMs !== undefined
  ) {
    throw notFound(`rule '${id}'`);
  }
  return { subscription, bucket, secrets: openSecrets(vault, subscription) };
}

function openSecrets(vault: Vault, { target }: WebhookSubscription): TargetSecrets {
  return JSON.parse(vault.open(target.sealed)) as TargetSecrets;
}

/** Oldest first. */
export async function listRules(
  { store, vault }: Pick<RuleDeps, "store" | "vault">,
  caller: Principal,
  { bucket: name, after, max }: { readonly bucket: string; readonly after?: number; readonly max: number },
): Promise<readonly Rule[]> {
  const bucket = await managedBucket(store, caller, name);
  const query = { tenant: caller.tenant, face: "objects", scope: bucket.uuid } as const;
  const rules: Rule[] = [];
  // Those that go elsewhere are no rules, and make no page shorter.
  for (let last = after; ; ) {
    const page = await store.subscriptions.list(query, { max, ...(last === undefined ? {} : { after: last }) });
    for (const subscription of page.filter(sendsToWebhook)) {
      rules.push({ subscription, bucket, secrets: openSecrets(vault, subscription) });
    }
    last = page.at(-1)?.number;
    if (page.length < max || rules.length >= max) return rules.slice(0, max);
  }
}

/**
 * A new rule. Its signing secret is to be shown once.
 *
 * @throws SignalboxError `conflict` when the bucket has as many rules as it may have; what {@link mergeState} throws.
 */
export async function createRule(
  deps: RuleDeps,
  caller: Principal,
  { bucket: name, url, ...input }: RuleInput & { readonly bucket: string; readonly url: string },
): Promise<{ readonly rule: Rule; readonly signingSecret: string }> {
  const { store, vault, clock, maxRulesPerBucket } = deps;
  const bucket = await managedBucket(store, caller, name);
  const state = mergeState(newRuleState(), { ...input, url }, deps);
  const signingSecret = newSigningSecret(clock.bytes(32));
  const secrets = mergeSecrets({ signing: [{ secret: signingSecret }] }, input);
  const uuid = newUuid("subscription", { nowMs: clock.now(), bytes: clock.bytes(10) });
  const subscription: NewSubscription = {
    ...state,
    uuid,
    tenant: caller.tenant,
    face: "objects",
    scope: bucket.uuid,
    event: "*",
    target: { ...state.target, sealed: vault.seal(JSON.stringify(secrets)) },
    owner: caller.name,
    createdMs: clock.now(),
  };
  const commit = await deps.publish({
    conditions: [
      {
        if: "subscriptions.fewer",
        tenant: caller.tenant,
        of: { scope: bucket.uuid, face: "objects" },
        fewer: maxRulesPerBucket,
      },
      { if: "bucket.live", bucket: bucket.uuid },
    ],
    changes: [{ do: "subscription.add", subscription }],
    events: [subscriptionEvent(deps, caller, subscription, subscriptionEvents.created)],
  });
  if (commit.kind === "refused") {
    if (commit.condition.if === "bucket.live") throw notFound(`bucket '${name}'`);
    throw new SignalboxError(
      "conflict",
      `bucket '${name}' has ${maxRulesPerBucket} rules and may have no more (SIGNALBOX_MAX_RULES_PER_BUCKET); delete one`,
    );
  }
  const rule = await findRule(deps, caller, { bucket: name, id: uuid });
  return { rule, signingSecret };
}

/** Times that a change is made anew because somebody else changed the same rule in between. */
const mostTurns = 10;

/** Reads, decides and commits, again while others come in between: none of their changes is lost. */
async function change(
  deps: RuleDeps,
  caller: Principal,
  place: RulePlace,
  decide: (rule: Rule) => SubscriptionPatch,
): Promise<Rule> {
  for (let turn = 0; turn < mostTurns; turn++) {
    const rule = await findRule(deps, caller, place);
    const { uuid, revision, number } = rule.subscription;
    const patch = decide(rule);
    const commit = await deps.publish({
      conditions: [{ if: "subscription.revision", uuid, revision }],
      changes: [{ do: "subscription.change", uuid, patch, atMs: deps.clock.now() }],
      events: [subscriptionEvent(deps, caller, after(rule, patch), subscriptionEvents.updated)],
    });
    if (commit.kind === "committed") {
      deps.wake(number);
      return findRule(deps, caller, place);
    }
  }
  throw new SignalboxError("unavailable", "others keep changing this rule; try again");
}

/** What is told of it once it is changed. */
function after({ subscription }: Rule, { enabled = subscription.enabled }: SubscriptionPatch): WebhookSubscription {
  return { ...subscription, enabled };
}

/**
 * Merges what was said into the rule.
 *
 * @throws SignalboxError what {@link mergeState}, {@link checkCredentialsStay} and {@link mergeSecrets} throw.
 */
export function changeRule(deps: RuleDeps, caller: Principal, place: RulePlace, input: RuleInput): Promise<Rule> {
  return change(deps, caller, place, ({ subscription, secrets }) => {
    const { filter, enabled, target, policy, pace } = mergeState(stateOf(subscription), input, deps);
    checkCredentialsStay({ from: subscription.target.url, to: target.url, secrets }, input);
    const sealed =
      input.auth === undefined && input.headers === undefined
        ? subscription.target.sealed
        : deps.vault.seal(JSON.stringify(mergeSecrets(secrets, input)));
    const goesOn = resumedByEnabling(input.enabled, subscription.paused);
    return { filter: filter ?? null, enabled, target: { ...target, sealed }, policy, pace, ...goesOn };
  });
}

/** A new signing secret, which is to be shown once; the one before is used beside it for 24 hours. */
export async function rotateSecret(
  deps: RuleDeps,
  caller: Principal,
  place: RulePlace,
): Promise<{ readonly rule: Rule; readonly signingSecret: string; readonly untilMs: number }> {
  const signingSecret = newSigningSecret(deps.clock.bytes(32));
  const nowMs = deps.clock.now();
  const untilMs = nowMs + overlapMs;
  const rule = await change(deps, caller, place, ({ subscription, secrets }) => {
    const signing = withNewSecret(secrets.signing, { secret: signingSecret, nowMs });
    return { target: { ...subscription.target, sealed: deps.vault.seal(JSON.stringify({ ...secrets, signing })) } };
  });
  return { rule, signingSecret, untilMs };
}

/** @throws SignalboxError `conflict` when it is not paused. */
export function resumeRule(deps: RuleDeps, caller: Principal, place: RulePlace): Promise<Rule> {
  return change(deps, caller, place, ({ subscription }) => {
    if (subscription.paused === undefined) {
      const remedy = subscription.enabled ? "" : "; it is disabled: set enabled to true";
      throw new SignalboxError("conflict", `rule '${place.id}' is not paused${remedy}`);
    }
    return resumed(caller, subscription.paused);
  });
}

/** Ends the rule: it matches nothing any more, and what still waited becomes a dead letter. */
export async function removeRule(deps: RuleDeps, caller: Principal, place: RulePlace): Promise<void> {
  const { subscription } = await findRule(deps, caller, place);
  await removeSubscription(deps, subscription, byCaller(caller));
}

import type { SubscriptionContext } from "../../context.ts";
import type { Principal } from "../../domain/access.ts";
import { defined } from "../../domain/defined.ts";
import { type Destination, type DestinationTags, destinationName, maxDestinations } from "../../domain/destination.ts";
import { defaultRetryPolicy, type RetryPolicy } from "../../domain/retry.ts";
import { newSigningSecret } from "../../domain/signature.ts";
import type { Subscription } from "../../domain/subscription.ts";
import { invalidField, notFound, SignalboxError } from "../../errors.ts";
import { destinationThing, noted } from "../../platform/edits.ts";
import { commitOptimistically } from "../../store/optimistic.ts";
import type { Page, Store } from "../../store/store.ts";
import type { Change, Condition } from "../../store/unit.ts";
import type { RetryInput } from "../options.ts";
import { overlapMs, withNewSecret } from "../signing.ts";
import { openSecrets, type WebhookChange, type WebhookInput } from "../target-kinds/webhook.ts";
import { checkedTags, type TagsChange, tagsAfter } from "./tags.ts";
import { changeWebhook, makeWebhook } from "./webhook.ts";

/**
 * What becomes of a tenant's destinations. A change is one of everything that goes there, from the next attempt on: of what is in line, of
 * what waits for a retry, and in every process.
 */

type DestinationContext = Pick<
  SubscriptionContext,
  "store" | "publish" | "clock" | "vault" | "egressAllow" | "kinds" | "wake"
>;

interface Options extends Omit<RetryInput, "retry"> {
  readonly alerts?: boolean;
}

export interface RequestedDestination extends Options {
  readonly name: string;
  readonly target: WebhookInput;
  readonly tags?: DestinationTags;
}

/** What is absent stays; `null` takes away. */
export interface RequestedDestinationChange extends Omit<Options, "maxRetries"> {
  readonly target?: WebhookChange;
  /** `null` takes the backoff too: retries are again as the face of each subscription has them. */
  readonly maxRetries?: number | null;
  /** By key, where `null` takes one away. */
  readonly tags?: TagsChange | null;
}

interface Saved {
  readonly destination: Destination;
  /** To be shown once. */
  readonly signingSecret: string;
}

const what = "destination";

/** @throws SignalboxError `not_found`. */
export async function findDestination(
  { destinations }: Pick<Store, "destinations">,
  { tenant }: Principal,
  name: string,
): Promise<Destination> {
  const found = destinationName.test(name) ? await destinations.get(tenant, name) : undefined;
  if (found === undefined) throw notFound(`destination '${name.slice(0, 100)}'`);
  return found;
}

/** By name; `after` is one. */
export function listDestinations(
  { destinations }: Pick<Store, "destinations">,
  { tenant }: Principal,
  page: Page<string>,
): Promise<readonly Destination[]> {
  return destinations.list(tenant, page);
}

/** @throws SignalboxError `invalid_request` naming the field and the remedy; `conflict` for a name that is taken, and past 1,000 of them. */
export async function createDestination(
  deps: DestinationContext,
  caller: Principal,
  { name, target, alerts = true, tags: said, ...retries }: RequestedDestination,
): Promise<Saved> {
  if (!destinationName.test(name)) {
    throw invalidField("name", "must have 1 to 100 letters, digits, - and _: it stands in ARNs");
  }
  const { tenant } = caller;
  const { webhook, signingSecret } = makeWebhook(deps, target);
  const policy = policyOf(retries, undefined);
  const tags = said === undefined ? undefined : checkedTags(deps, said, webhook);
  const destination = { tenant, name, webhook, alerts, createdMs: deps.clock.now(), ...defined({ policy, tags }) };
  const commit = await deps.publish({
    conditions: [
      { if: "destination.nameFree", tenant, name },
      { if: "destinations.fewer", tenant, fewer: maxDestinations },
    ],
    changes: [{ do: "destination.add", destination }, noted(deps, caller, destinationThing(tenant, name))],
  });
  if (commit.kind === "refused") throw refusal(name, commit.condition);
  return { destination: await findDestination(deps.store, caller, name), signingSecret };
}

function refusal(name: string, { if: of }: Condition): SignalboxError {
  if (of === "destination.nameFree") return new SignalboxError("conflict", `destination '${name}' is there already`);
  const most = `the tenant has ${maxDestinations} destinations and may have no more`;
  return new SignalboxError("conflict", `${most}; delete one`);
}

/** What is to be committed of one that was found. */
interface Decided {
  readonly changes: readonly Change[];
  readonly conditions?: readonly Condition[];
  readonly refused?: (condition: Condition) => void | Promise<void>;
}

function edit(
  deps: DestinationContext,
  caller: Principal,
  name: string,
  decide: (found: Destination) => Decided | Promise<Decided>,
): Promise<Destination> {
  return commitOptimistically({ publish: deps.publish, what }, async () => {
    const found = await findDestination(deps.store, caller, name);
    const { number, revision } = found;
    const { changes, conditions = [], refused } = await decide(found);
    if (changes.length === 0) return { committed: () => found };
    return {
      unit: {
        conditions: [{ if: "destination.revision", number, revision }, ...conditions],
        changes: [...changes],
      },
      committed: async () => (await deps.store.destinations.get(caller.tenant, name)) ?? found,
      ...defined({ refused }),
    };
  });
}

/** @throws SignalboxError `not_found`; `invalid_request` naming the field and the remedy. */
export function changeDestination(
  deps: DestinationContext,
  caller: Principal,
  name: string,
  { target, alerts, maxRetries, backoff, tags: said }: RequestedDestinationChange,
): Promise<Destination> {
  return edit(deps, caller, name, ({ number, webhook: was, policy: before, tags: had }) => {
    const policy = maxRetries === null ? null : policyOf({ ...defined({ maxRetries, backoff }) }, before);
    const webhook = target === undefined ? was : changeWebhook(deps, was, target);
    const tags = tagsAfter(deps, { had, said, was, webhook });
    const patch = {
      ...defined({ alerts, tags }),
      ...(target === undefined ? {} : { webhook }),
      ...(policy === undefined || policy === before ? {} : { policy }),
    };
    if (Object.keys(patch).length === 0) return { changes: [] };
    return {
      changes: [
        { do: "destination.change", number, patch, atMs: deps.clock.now() },
        noted(deps, caller, destinationThing(caller.tenant, name)),
      ],
    };
  });
}

/** Nothing was said: as it was. */
function policyOf({ maxRetries, backoff }: Omit<RetryInput, "retry">, before: RetryPolicy | undefined) {
  if (maxRetries === undefined && backoff === undefined) return before;
  const old = before ?? defaultRetryPolicy;
  const waits = backoff === null ? defaultRetryPolicy : backoff;
  return {
    maxRetries: maxRetries ?? old.maxRetries,
    scheduleMs: waits?.scheduleMs ?? old.scheduleMs,
    jitter: waits?.jitter ?? old.jitter,
  };
}

/** So many of those that use a destination are named when it is not deleted because of them. */
const namedUsers = 10;

/**
 * Ends it.
 *
 * @param force what still goes there is paused, and keeps what it gets until it is given another target.
 * @throws SignalboxError `not_found`; without `force`, `conflict` with `data.users` (how many) and `data.subscriptions` (the first of them)
 * while subscriptions go there.
 */
export async function removeDestination(
  deps: DestinationContext,
  caller: Principal,
  name: string,
  force: boolean,
): Promise<void> {
  let users: readonly Subscription[] = [];
  await edit(deps, caller, name, async ({ number }) => {
    users = await deps.store.destinations.users(number, { max: namedUsers });
    if (!force && users.length > 0) throw await inUse(deps, name, number, users);
    return {
      conditions: force ? [] : [{ if: "destination.usersFewer", number, fewer: 1 }],
      changes: [
        { do: "destination.remove", number, atMs: deps.clock.now() },
        { do: "edit.end", thing: destinationThing(caller.tenant, name) },
      ],
    };
  });
}

async function inUse(
  { store }: Pick<DestinationContext, "store">,
  name: string,
  number: number,
  users: readonly Subscription[],
): Promise<SignalboxError> {
  const count = await store.destinations.countUsers(number);
  const ids = users.map(({ uuid }) => uuid);
  const named = `${ids.join(", ")}${count > ids.length ? ", …" : ""}`;
  const go = count === 1 ? `1 subscription (${named}) goes` : `${count} subscriptions (${named}) go`;
  const remedy = "give them another target or delete them, or say force=true, which pauses them";
  return new SignalboxError("conflict", `${go} to destination '${name}': ${remedy}`, {
    data: {
      users: count,
      subscriptions: users.map(({ uuid, face, event, scope }) => ({ id: uuid, face, event, resource: scope })),
    },
  });
}

interface RotatedDestination extends Saved {
  /** Until when the secret before signs too. */
  readonly untilMs: number;
}

/** Of everything that goes there. @throws SignalboxError `not_found`. */
export async function rotateDestination(
  deps: DestinationContext,
  caller: Principal,
  name: string,
): Promise<RotatedDestination> {
  const { clock, vault } = deps;
  const signingSecret = newSigningSecret(clock.bytes(32));
  const nowMs = clock.now();
  const destination = await edit(deps, caller, name, ({ number, webhook, revision }) => {
    const secrets = openSecrets(deps, webhook);
    const signing = withNewSecret(secrets.signing, { secret: signingSecret, nowMs, after: revision });
    const sealed = vault.seal(JSON.stringify({ ...secrets, signing }));
    return {
      changes: [
        { do: "destination.change", number, patch: { webhook: { ...webhook, sealed } }, atMs: nowMs },
        noted(deps, caller, destinationThing(caller.tenant, name)),
      ],
    };
  });
  return { destination, signingSecret, untilMs: nowMs + overlapMs };
}

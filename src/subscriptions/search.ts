import type { Context } from "../context.ts";
import type { Principal } from "../domain/access.ts";
import { defined } from "../domain/defined.ts";
import { anyResource, parseUuid, type Uuid } from "../domain/ids.ts";
import type { FieldType, SearchTerm } from "../domain/notifications/search.ts";
import type { Subscription } from "../domain/subscription.ts";
import { isAdmin } from "../domain/visibility.ts";
import { inTurn, type SearchValue, searcher } from "../platform/search.ts";
import type { Subscriptions } from "../store/store.ts";
import { notificationStatusOf, retryOf, urlOf } from "./facts.ts";

/** What can be searched for in lists of subscriptions. */
export const notificationFields = {
  associatedUuid: "text",
  url: "text",
  created: "time",
  event: "text",
  id: "text",
  lastUpdated: "time",
  owner: "text",
  persistent: "boolean",
  "policy.retryStrategy": "text",
  "policy.retryRate": "number",
  "policy.retryLimit": "number",
  "policy.retryDelay": "number",
  "policy.saveOnFailure": "boolean",
  status: "text",
  visible: "boolean",
} as const satisfies Readonly<Record<string, FieldType>>;

function fieldOf(subscription: Subscription, field: string): SearchValue {
  const { scope, event, createdMs, updatedMs, deletedMs, uuid, owner, once } = subscription;
  const retry = retryOf(subscription);
  const fields: Readonly<Record<keyof typeof notificationFields, SearchValue>> = {
    associatedUuid: scope,
    url: urlOf(subscription),
    created: createdMs,
    event,
    id: uuid,
    lastUpdated: updatedMs,
    owner,
    persistent: once === undefined,
    "policy.retryStrategy": retry.retryStrategy,
    "policy.retryRate": retry.retryRate,
    "policy.retryLimit": retry.retryLimit,
    "policy.retryDelay": retry.retryDelay,
    "policy.saveOnFailure": retry.saveOnFailure,
    status: notificationStatusOf(subscription),
    visible: deletedMs === undefined,
  };
  return fields[field as keyof typeof fields];
}

interface SubscriptionSearch {
  /** Of {@link notificationFields}. */
  readonly terms: readonly SearchTerm[];
  readonly limit: number;
  /** How many of those that fit are passed over. */
  readonly offset: number;
  /** Aborts when the caller waits no more. */
  readonly signal: AbortSignal;
}

/** Subscriptions that are read before others get their turn of the loop: 2 ms. */
const lookedAt = 100;

/**
 * The caller's subscriptions, of admins everybody's, newest first: without a search those that are `ACTIVE`, with one whatever their
 * status, deleted ones only if `visible` is searched for.
 */
export async function listNotifications(
  deps: Pick<Context, "offload" | "slices" | "store">,
  caller: Principal,
  { terms, limit, offset, signal }: SubscriptionSearch,
): Promise<Subscription[]> {
  const query = narrowed(caller, terms);
  const payer = caller.tenant;
  const fitting = searcher<Subscription>(deps, { payer, terms, valueOf: fieldOf, signal });
  const found: Subscription[] = [];
  let passed = 0;
  for (let after: number | undefined; !signal.aborted; ) {
    const place = { max: lookedAt, ...defined({ after }) };
    const page = await inTurn(deps, payer, () => deps.store.subscriptions.newest(query, place));
    const fit = terms.length === 0 ? page.filter((one) => notificationStatusOf(one) === "ACTIVE") : await fitting(page);
    for (const subscription of fit) {
      if (passed < offset) passed += 1;
      else found.push(subscription);
      if (found.length === limit) return found;
    }
    after = page.at(-1)?.number;
    if (page.length < lookedAt) break;
  }
  return found;
}

/** What the store can find by itself. */
function narrowed(caller: Principal, terms: readonly SearchTerm[]): Parameters<Subscriptions["newest"]>[0] {
  const owner = isAdmin(caller) ? exactly("owner", terms) : caller.name;
  const scope = uuidOf(exactly("associatedUuid", terms));
  return {
    tenant: caller.tenant,
    face: "notifications",
    deleted: terms.some(({ field }) => field === "visible"),
    ...defined({ owner, scope }),
  };
}

function exactly(field: keyof typeof notificationFields, terms: readonly SearchTerm[]): string | undefined {
  return terms.find((term) => term.field === field && term.op === "eq")?.value;
}

function uuidOf(text: string | undefined): Uuid | undefined {
  return text === anyResource ? anyResource : parseUuid(text ?? "");
}

import type { EventTypeDefinition } from "../../domain/catalog.ts";
import { paramFieldsOf, parseFilterText } from "../../domain/filter/index.ts";
import { type Subscription, targetFactsOf } from "../../domain/subscription.ts";
import { SignalboxError } from "../../errors.ts";
import type { SubscribedQuery, SubscribedState } from "../../store/declarations.ts";
import type { Change, Condition } from "../../store/unit.ts";
import { type DeclarationContext, type Declarer, declarationLimits, payerOf } from "./deps.ts";

/** Subscriptions that depend on an event type: of every tenant, because declarations are of all of them. */

interface BrokenFilter {
  readonly subscription: Subscription;
  readonly message: string;
}

/** What was found, and the condition under which that still holds. */
interface Dependents<T> {
  readonly found: readonly T[];
  readonly condition: Condition;
}

const pageSize = 200;

/**
 * Those whose filter cannot be read with the fields of `definition`. Those that are paused for that already are passed over.
 *
 * @throws SignalboxError `conflict` when there are too many to look at.
 */
export async function brokenFilters(
  { store, slices }: Pick<DeclarationContext, "store" | "slices">,
  by: Declarer,
  definition: EventTypeDefinition,
  signal?: AbortSignal,
): Promise<Dependents<BrokenFilter>> {
  const query = { event: definition.name, filtered: true };
  const state = await store.declarations.subscribedState(query);
  if (state.count > declarationLimits.filters) {
    throw new SignalboxError(
      "conflict",
      `${definition.name} has ${state.count} subscriptions with filters, and more than ${declarationLimits.filters} are not checked at once: declare what is new as another event type`,
    );
  }
  const check = checking(definition);
  const found: BrokenFilter[] = [];
  for (let after = 0; ; ) {
    const page = await store.declarations.subscribed(query, { after, max: pageSize });
    const never = new AbortController().signal;
    found.push(...(await slices.run(payerOf(by), check(page), signal ?? never)));
    after = page.at(-1)?.number ?? after;
    if (page.length < pageSize) return { found, condition: stillSo(query, state) };
  }
}

function checking(definition: EventTypeDefinition) {
  const fields = paramFieldsOf(definition);
  // Functions are subscribed by templates, so that many filters are the same.
  const known = new Map<string, string | undefined>();
  return function* check(page: readonly Subscription[]): Generator<void, BrokenFilter[], void> {
    const broken: BrokenFilter[] = [];
    for (const subscription of page) {
      const { filter, paused } = subscription;
      if (filter === undefined || paused?.reason === "filter") continue;
      if (!known.has(filter)) {
        known.set(
          filter,
          problemOf(() => parseFilterText(filter, fields)),
        );
        yield;
      }
      const message = known.get(filter);
      if (message !== undefined) broken.push({ subscription, message });
    }
    return broken;
  };
}

function problemOf(read: () => unknown): string | undefined {
  try {
    read();
    return undefined;
  } catch (thrown) {
    if (thrown instanceof SignalboxError && thrown.code === "invalid_filter") return thrown.message;
    throw thrown;
  }
}

function stillSo(to: SubscribedQuery, are: SubscribedState): Condition {
  return { if: "declaration.subscribed", to, are };
}

/** `breaks_filters`, with those that it is about. */
export function breaksFilters(name: string, broken: readonly BrokenFilter[]): SignalboxError {
  const [first] = broken;
  const more = broken.length > 1 ? `, and ${broken.length - 1} more` : "";
  return new SignalboxError(
    "breaks_filters",
    `this would break the filter of subscription ${first?.subscription.uuid}${more} to ${name}; change those first, or say force=true to pause them`,
    { data: { total: broken.length, subscriptions: broken.slice(0, declarationLimits.named).map(shownBroken) } },
  );
}

function shownBroken({ subscription, message }: BrokenFilter) {
  return { ...shownDependent(subscription), filter: subscription.filter, message };
}

/** Of a url no more than its host: what comes behind is often a secret. */
function shownDependent({ uuid, tenant, owner, target }: Subscription) {
  return { id: uuid, tenant, owner, target: targetFactsOf(target).logged(target) };
}

/** They wait, and keep what they get, until their owners have changed their filters. @throws SignalboxError `conflict` for too many. */
export function pausing(
  { clock, alertPaused }: Pick<DeclarationContext, "clock" | "alertPaused">,
  broken: readonly BrokenFilter[],
) {
  if (broken.length > declarationLimits.paused) {
    throw new SignalboxError(
      "conflict",
      `this would pause ${broken.length} subscriptions, and one change pauses ${declarationLimits.paused} at the most: declare what is new as another event type`,
    );
  }
  const atMs = clock.now();
  const paused = { reason: "filter", sinceMs: atMs } as const;
  return {
    changes: broken.map(
      ({ subscription: { uuid } }): Change => ({ do: "subscription.change", uuid, patch: { paused }, atMs }),
    ),
    events: broken.flatMap(({ subscription }) => alertPaused(subscription, "filter")),
  };
}

/** Refuses to take away an event type that is subscribed to. */
export async function unsubscribed({ store }: Pick<DeclarationContext, "store">, event: string): Promise<Condition> {
  const query = { event, filtered: false };
  const state = await store.declarations.subscribedState(query);
  if (state.count === 0) return stillSo(query, state);
  const some = await store.declarations.subscribed(query, { max: declarationLimits.named });
  const [first] = some;
  const more = state.count > 1 ? `, and ${state.count - 1} more` : "";
  throw new SignalboxError(
    "in_use",
    `subscription ${first?.uuid}${more} is to ${event}; delete those first, or say force=true, after which they receive nothing`,
    { data: { total: state.count, subscriptions: some.map(shownDependent) } },
  );
}

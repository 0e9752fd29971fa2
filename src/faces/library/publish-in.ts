import { sleep } from "../../clock.ts";
import { defined } from "../../domain/defined.ts";
import { invalidField, notFound, SignalboxError } from "../../errors.ts";
import type { Inbox } from "../../inbox/inbox.ts";
import { freshId } from "../../platform/deps.ts";
import { announce, givenResource } from "../../platform/host/announce.ts";
import { type CallerInput, callerOf } from "../../platform/host/caller.ts";
import { inboxKey } from "../../platform/host/inbox/read-row.ts";
import type { HostTransaction } from "../../store/records.ts";
import type { PublishedEvent } from "./event.ts";
import type { LibraryContext } from "./library-context.ts";
import { insertInto, type Transaction } from "./transaction.ts";
import { stopped } from "./under-way.ts";

/** Publishing an event in a transaction of the host's own. */

export interface PublishInOptions extends CallerInput {
  /** Uuid of the resource that it is about, as in `PublishOptions`. */
  readonly resource?: string;
}

/** An event that a transaction of the host holds: it is published if that commits, and only then. */
export interface PendingEvent {
  /** Id of the event. */
  readonly eventId: string;
  /**
   * Waits until it is an event of Signalbox: to be called once the transaction has committed. It need not be called: the event is published
   * in any case, some milliseconds later.
   *
   * @param options.timeoutMs how long to wait: 0 (look once) to 2,147,483,647; default 30,000.
   * @throws SignalboxError `conflict` when the transaction was rolled back, `invalid_request` when the event was set aside since it could
   * not be published, `not_found` when it was dropped from there, `timeout`, and `unavailable` without SIGNALBOX_INBOX.
   */
  sent(options?: { readonly timeoutMs?: number }): Promise<void>;
}

export interface PublishingIn {
  readonly tenant: string;
  readonly tx: Transaction;
  readonly event: PublishedEvent;
  readonly options: PublishInOptions;
}

const defaultTimeoutMs = 30_000;
const longestTimerMs = 2_147_483_647;
/** Looks follow each other after this long; a batch that was moved cuts it short. */
const lookMs = 200;

/** @param run begins what waits, unless nothing may begin any more. */
export async function publishIn(
  context: LibraryContext,
  { tenant, tx, event, options }: PublishingIn,
  run: <T>(work: () => Promise<T>) => Promise<T>,
  stopping: AbortSignal,
): Promise<PendingEvent> {
  const { catalog, clock, store } = context;
  const { event_type: type, params, app = options.app } = event;
  if (options.app !== undefined && options.app !== app) {
    throw invalidField("app", `is '${options.app}', while the event is for '${app}'`);
  }
  if (catalog.get(type)?.phase === "pre") {
    throw invalidField(
      "event_type",
      "is one of a PRE event, which no transaction can wait for: publish it before, or use around",
    );
  }
  if ((await store.identities.tenant(tenant)) === undefined) throw notFound(`tenant '${tenant}'`);
  const caller = await callerOf(store, tenant, { ...options, ...defined({ app }) });
  // Judged now, so that what does not fit is told to who can mend it; made of the row again when that is moved.
  const data = { operation: freshId(clock) };
  const { id, data: said } = announce(context, {
    tenant,
    type,
    params,
    caller,
    data,
    ...givenResource(options.resource),
  });
  const row = { event: id, tenant, type, params: said["params"], app, user: caller.user, resource: options.resource };
  const transaction = await insertInto(tx, row);
  return {
    eventId: id,
    sent: ({ timeoutMs = defaultTimeoutMs } = {}) =>
      run(() => sent(context, { tenant, event: id, transaction, timeoutMs }, stopping)),
  };
}

interface Sending {
  readonly tenant: string;
  readonly event: string;
  readonly transaction: HostTransaction;
  readonly timeoutMs: number;
}

async function sent(context: LibraryContext, sending: Sending, stopping: AbortSignal): Promise<void> {
  const { clock, inbox, relay, store } = context;
  const { tenant, event, timeoutMs } = sending;
  if (!(timeoutMs >= 0 && timeoutMs <= longestTimerMs)) {
    throw invalidField("timeoutMs", `must be a number from 0 to ${longestTimerMs}`);
  }
  if (inbox === undefined || relay === undefined) {
    throw new SignalboxError("unavailable", "SIGNALBOX_INBOX is not set: nothing moves events from the inbox");
  }
  const key = inboxKey({ event });
  const untilMs = clock.steady() + timeoutMs;
  for (;;) {
    const moved = relay.next(lookMs, stopping);
    relay.wake();
    if ((await store.receivedEvents.known(tenant, [key])).has(key)) return;
    await notLost(inbox, sending, async () => (await store.receivedEvents.known(tenant, [key])).has(key));
    if (stopping.aborted) throw stopped();
    const leftMs = untilMs - clock.steady();
    if (leftMs <= 0) {
      throw new SignalboxError(
        "timeout",
        `event ${event} was not moved within ${timeoutMs} ms; it is once its transaction has committed`,
      );
    }
    await Promise.race([moved, sleep(clock, leftMs, stopping)]);
  }
}

/** @throws SignalboxError when it will not be published. An inbox that cannot be reached says nothing about that. */
async function notLost(inbox: Inbox, { event, transaction }: Sending, isKnown: () => Promise<boolean>): Promise<void> {
  let state;
  let row;
  try {
    state = await inbox.stateOf(transaction);
    // After the state: what had committed by then is seen now.
    row = await inbox.find({ event });
  } catch (thrown) {
    if (thrown instanceof SignalboxError && thrown.code === "unavailable") return;
    throw thrown;
  }
  if (row?.reason !== undefined)
    throw new SignalboxError("invalid_request", `event ${event} was set aside: ${row.reason}`);
  if (row !== undefined || state === "in progress" || state === "unknown") return;
  if (state === "aborted") {
    throw new SignalboxError("conflict", `event ${event} is not published: its transaction was rolled back`);
  }
  // Moved just now, or deleted by another.
  if (await isKnown()) return;
  throw new SignalboxError(
    "not_found",
    `event ${event} is not published: its row was deleted, or rolled back to a savepoint`,
  );
}

import type { Clock } from "../clock.ts";
import type { NewEvent } from "../domain/event.ts";
import { alertsPlace, deliveryUuid, type Uuid, uuidV7 } from "../domain/ids.ts";
import type { JsonObject } from "../domain/merge-patch.ts";
import { alertEvents, nameForSubscription } from "../domain/notifications/names.ts";
import { resourceData } from "../domain/notifications/resource-data.ts";
import type { OwnEvent } from "../domain/raised-events.ts";
import type { Pause, Subscription } from "../domain/subscription.ts";
import type { Store } from "../store/store.ts";
import type { SubscriptionPatch, Unit } from "../store/unit.ts";
import type { EndedAttempt } from "./outcome-event.ts";

/** Whom a tenant's alerts go to: a subscription of its own, to nothing that happens by itself. */
interface AlertTarget {
  readonly uuid: Uuid;
  readonly owner: string;
  readonly confirmed: boolean;
}

/** After an alert about dead letters of a subscription, the next ones are only counted for so long. */
const quietMs = 3_600_000;
/** Subscriptions whose dead letters are counted; of the oldest beyond that, the next one raises an alert at once. */
const mostCounted = 10_000;

/**
 * Notifies a tenant's alert target of what went wrong with deliveries: the first failure in a row of a subscription, dead letters, and that it
 * was paused. An alert is an event for the tenant's alert subscription only, sent like any other; deliveries of alerts raise
 * none. What is counted here begins anew with the process: then a failure that goes on raises one more. Of several nodes each counts what it
 * sends itself.
 */
export class Alerts {
  readonly #clock: Clock;
  readonly #byTenant = new Map<string, AlertTarget>();
  /** Of whose alerts a subscription is. */
  readonly #tenants = new Map<Uuid, string>();
  /** Numbers of subscriptions whose last attempt failed, of tenants that have alerts. */
  readonly #failing = new Set<number>();
  readonly #dead = new Map<number, { readonly alertedMs: number; quiet: number }>();

  private constructor(clock: Clock) {
    this.#clock = clock;
  }

  static async load(store: Pick<Store, "subscriptions">, clock: Clock): Promise<Alerts> {
    const alerts = new Alerts(clock);
    await alerts.renew(store);
    return alerts;
  }

  /** As other nodes have changed them. */
  async renew({ subscriptions }: Pick<Store, "subscriptions">): Promise<void> {
    const targets = await subscriptions.everyOn(alertsPlace);
    this.#byTenant.clear();
    this.#tenants.clear();
    for (const one of targets) if (one.face === "notifications") this.#put(one);
  }

  /** Takes note of what was committed: whether any of it was about alert targets. */
  note({ changes = [] }: Unit): boolean {
    let isNoted = false;
    for (const change of changes) {
      if (change.do === "subscription.add" && change.subscription.scope === alertsPlace) {
        this.#put(change.subscription);
        isNoted = true;
      }
      if (change.do === "subscription.change") isNoted = this.#change(change.uuid, change.patch) || isNoted;
      if (change.do === "subscription.remove") isNoted = this.#remove(change.uuid) || isNoted;
    }
    return isNoted;
  }

  #change(uuid: Uuid, { unconfirmed, owner }: Pick<SubscriptionPatch, "unconfirmed" | "owner">): boolean {
    const tenant = this.#tenants.get(uuid);
    const target = tenant === undefined ? undefined : this.#byTenant.get(tenant);
    if (tenant === undefined || target?.uuid !== uuid) return false;
    const confirmed = unconfirmed === undefined ? target.confirmed : !unconfirmed;
    this.#byTenant.set(tenant, { uuid, owner: owner ?? target.owner, confirmed });
    return true;
  }

  #remove(uuid: Uuid): boolean {
    const tenant = this.#tenants.get(uuid);
    if (tenant === undefined) return false;
    this.#tenants.delete(uuid);
    // Another may have taken its place already.
    if (this.#byTenant.get(tenant)?.uuid === uuid) this.#byTenant.delete(tenant);
    return true;
  }

  #put({ tenant, uuid, owner, unconfirmed }: Pick<Subscription, "tenant" | "uuid" | "owner" | "unconfirmed">): void {
    this.#byTenant.set(tenant, { uuid, owner, confirmed: unconfirmed !== true });
    this.#tenants.set(uuid, tenant);
  }

  /** Alerts about how an attempt ended, for the commit that records it. */
  ended({ subscription, event, record }: EndedAttempt): readonly NewEvent[] {
    if (this.#byTenant.size === 0 || record.attempt === undefined) return [];
    const { number, uuid } = subscription;
    const { attempt } = record;
    if (attempt.reason === undefined) {
      if (this.#failing.size > 0) this.#failing.delete(number);
      return [];
    }
    const to = this.#alertTargetOf(subscription);
    if (to === undefined) return [];
    const isFirst = !this.#failing.has(number);
    this.#failing.add(number);
    const dead = record.status === "dead" ? this.#deadLetters(number) : 0;
    if (dead === 0 && (!isFirst || record.status === "dead")) return [];
    const about = {
      delivery: deliveryUuid(event.sequence, uuid),
      eventId: event.id,
      eventName: nameForSubscription(event, subscription),
      attempts: record.attempts,
      reason: record.reason ?? attempt.reason,
      responseCode: attempt.status ?? null,
      message: attempt.message ?? null,
    };
    if (dead === 0) return [this.#alert(to, subscription, alertEvents.failing, about)];
    return [this.#alert(to, subscription, alertEvents.deadLetter, { ...about, deadLetters: dead })];
  }

  /** Alerts for the commit that pauses a subscription. */
  paused(subscription: Subscription, reason: Pause["reason"]): readonly NewEvent[] {
    const to = this.#alertTargetOf(subscription);
    return to === undefined ? [] : [this.#alert(to, subscription, alertEvents.paused, { reason })];
  }

  #alertTargetOf({ tenant, scope, target }: Subscription): AlertTarget | undefined {
    const to = this.#byTenant.get(tenant);
    if (target.kind === "destination" && target.quiet === true) return undefined;
    return to?.confirmed === true && scope !== alertsPlace ? to : undefined;
  }

  /** How many there were since the last alert about them; 0: none is due now. */
  #deadLetters(number: number): number {
    const nowMs = this.#clock.now();
    const counted = this.#dead.get(number);
    if (counted !== undefined && nowMs >= counted.alertedMs && nowMs - counted.alertedMs < quietMs) {
      counted.quiet += 1;
      return 0;
    }
    this.#dead.delete(number);
    this.#dead.set(number, { alertedMs: nowMs, quiet: 0 });
    const [oldest] = this.#dead.keys();
    if (this.#dead.size > mostCounted && oldest !== undefined) this.#dead.delete(oldest);
    return 1 + (counted?.quiet ?? 0);
  }

  #alert(
    to: AlertTarget,
    { uuid, tenant, owner, face, scope, target }: Subscription,
    name: OwnEvent<"subscription">,
    about: JsonObject,
  ): NewEvent {
    const nowMs = this.#clock.now();
    const resource = { id: uuid, uuid, owner, face, associatedUuid: scope, target: target.kind, ...about };
    return {
      id: uuidV7({ nowMs, bytes: this.#clock.bytes(10) }),
      tenant,
      resource: uuid,
      names: { notifications: name },
      owners: [to.owner],
      addressee: to.uuid,
      origin: "engine",
      timeMs: nowMs,
      data: resourceData({ kind: "subscription", resource }),
    };
  }
}

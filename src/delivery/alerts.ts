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
interface Told {
  readonly uuid: Uuid;
  readonly owner: string;
  readonly confirmed: boolean;
}

/** After a dead letter of a subscription was told of, the next ones are counted for so long. */
const quietMs = 3_600_000;
/** Subscriptions whose dead letters are counted; of the oldest beyond that, the next one is told of at once. */
const mostCounted = 10_000;
const pageSize = 100;

/**
 * Tells a tenant's alert target what went wrong with deliveries: the first failure in a row of a subscription, dead letters, and that it
 * was paused. An alert is an event that only the tenant's alert subscription hears, sent like any other. Of what is sent to that nothing is
 * told. What is counted here begins anew with the process: then a failure that goes on is told of once more.
 */
export class Alerts {
  readonly #clock: Clock;
  readonly #byTenant = new Map<string, Told>();
  /** Of whose alerts a subscription is. */
  readonly #tenants = new Map<Uuid, string>();
  /** Numbers of subscriptions whose last attempt failed, of tenants that have alerts. */
  readonly #failing = new Set<number>();
  readonly #dead = new Map<number, { readonly toldMs: number; untold: number }>();

  private constructor(clock: Clock) {
    this.#clock = clock;
  }

  static async load(store: Pick<Store, "identities" | "subscriptions">, clock: Clock): Promise<Alerts> {
    const alerts = new Alerts(clock);
    for (let after: string | undefined; ; ) {
      const page = await store.identities.tenants({ max: pageSize, ...(after === undefined ? {} : { after }) });
      for (const { id: tenant } of page) {
        const query = { tenant, face: "notifications", scope: alertsPlace } as const;
        for (const one of await store.subscriptions.list(query, { max: pageSize })) alerts.#put(one);
      }
      after = page.at(-1)?.id;
      if (page.length < pageSize) return alerts;
    }
  }

  /** Takes note of what was committed. */
  note({ changes = [] }: Unit): void {
    for (const change of changes) {
      if (change.do === "subscription.add" && change.subscription.scope === alertsPlace) this.#put(change.subscription);
      if (change.do === "subscription.change") this.#change(change.uuid, change.patch);
      if (change.do === "subscription.remove") this.#remove(change.uuid);
    }
  }

  #change(uuid: Uuid, { unconfirmed, owner }: Pick<SubscriptionPatch, "unconfirmed" | "owner">): void {
    const tenant = this.#tenants.get(uuid);
    const told = tenant === undefined ? undefined : this.#byTenant.get(tenant);
    if (tenant === undefined || told?.uuid !== uuid) return;
    const confirmed = unconfirmed === undefined ? told.confirmed : !unconfirmed;
    this.#byTenant.set(tenant, { uuid, owner: owner ?? told.owner, confirmed });
  }

  #remove(uuid: Uuid): void {
    const tenant = this.#tenants.get(uuid);
    if (tenant === undefined) return;
    this.#tenants.delete(uuid);
    // Another may have taken its place already.
    if (this.#byTenant.get(tenant)?.uuid === uuid) this.#byTenant.delete(tenant);
  }

  #put({ tenant, uuid, owner, unconfirmed }: Pick<Subscription, "tenant" | "uuid" | "owner" | "unconfirmed">): void {
    this.#byTenant.set(tenant, { uuid, owner, confirmed: unconfirmed !== true });
    this.#tenants.set(uuid, tenant);
  }

  /** What is to be told of how an attempt ended, in the same commit. */
  ended({ subscription, event, record }: EndedAttempt): readonly NewEvent[] {
    if (this.#byTenant.size === 0 || record.attempt === undefined) return [];
    const { number, uuid } = subscription;
    const { attempt } = record;
    if (attempt.reason === undefined) {
      if (this.#failing.size > 0) this.#failing.delete(number);
      return [];
    }
    const to = this.#toldOf(subscription);
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

  /** What is to be told in the commit that pauses a subscription. */
  paused(subscription: Subscription, reason: Pause["reason"]): readonly NewEvent[] {
    const to = this.#toldOf(subscription);
    return to === undefined ? [] : [this.#alert(to, subscription, alertEvents.paused, { reason })];
  }

  #toldOf({ tenant, scope }: Subscription): Told | undefined {
    const to = this.#byTenant.get(tenant);
    return to?.confirmed === true && scope !== alertsPlace ? to : undefined;
  }

  /** How many there were since they were last told of; 0: they are not told of now. */
  #deadLetters(number: number): number {
    const nowMs = this.#clock.now();
    const counted = this.#dead.get(number);
    if (counted !== undefined && nowMs >= counted.toldMs && nowMs - counted.toldMs < quietMs) {
      counted.untold += 1;
      return 0;
    }
    this.#dead.delete(number);
    this.#dead.set(number, { toldMs: nowMs, untold: 0 });
    const [oldest] = this.#dead.keys();
    if (this.#dead.size > mostCounted && oldest !== undefined) this.#dead.delete(oldest);
    return 1 + (counted?.untold ?? 0);
  }

  #alert(
    to: Told,
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

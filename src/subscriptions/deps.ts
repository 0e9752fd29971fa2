import type { Clock } from "../clock.ts";
import type { Publish } from "../delivery/publish.ts";
import type { Catalog } from "../domain/catalog.ts";
import type { EgressAllow } from "../domain/egress.ts";
import type { ResourceKinds } from "../domain/notifications/resource-kinds.ts";
import type { KeyedMutex } from "../pace/keyed-mutex.ts";
import type { Vault } from "../secrets/vault.ts";
import type { Store } from "../store/store.ts";
import type { SubscriberLimits } from "./limits.ts";

/** What the verbs on subscriptions of every face and target work with. */
export interface SubscriptionDeps extends SubscriberLimits {
  readonly store: Store;
  readonly publish: Publish;
  readonly vault: Vault;
  readonly clock: Clock;
  readonly mutex: KeyedMutex;
  readonly egressAllow: EgressAllow;
  readonly catalog: Catalog;
  readonly kinds: ResourceKinds;
  readonly maxSubscriptionsPerUser: number;
  /** Whether the owner of an address has to agree before anything is sent to it. */
  readonly mailConfirm: boolean;
  /** A hint that this subscription (`Subscription.number`) may send, or never will. */
  readonly wake: (subscription: number) => void;
}

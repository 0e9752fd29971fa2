import type { BlobLeases } from "./blobs/leases.ts";
import type { Config } from "./config/config.ts";
import type { Audience } from "./delivery/audience.ts";
import type { FirstAttempts } from "./delivery/first-attempts.ts";
import type { Matcher } from "./delivery/matcher.ts";
import type { Publish } from "./delivery/publish.ts";
import type { Catalog } from "./domain/catalog.ts";
import type { EgressAllow } from "./domain/egress.ts";
import type { NewEvent } from "./domain/event.ts";
import type { Uuid } from "./domain/ids.ts";
import type { ResourceKinds } from "./domain/notifications/resource-kinds.ts";
import type { Pause, Subscription } from "./domain/subscription.ts";
import type { Guard } from "./hooks/guard.ts";
import type { FunctionRunner } from "./invocation/runner.ts";
import type { MailLinks } from "./mail/links.ts";
import type { AttributeSchemas } from "./offload/attribute-schemas.ts";
import type { EventRates } from "./pace/event-rates.ts";
import type { KeyedMutex } from "./pace/keyed-mutex.ts";
import type { Ports } from "./ports.ts";
import type { LiveDeclarations } from "./store/live-declarations.ts";
import type { Numbers } from "./store/numbers.ts";
import type { QuotaRoom } from "./store/quota-room.ts";
import type { DeliveryPlace } from "./store/store.ts";
import type { PreparedTarget } from "./targets/target.ts";

/** Settings that verbs and routes read. */
type ContextConfig = Pick<
  Config,
  | "maxBodyBytes"
  | "maxObjectBytes"
  | "hookChainS3Ms"
  | "downloadEvents"
  | "maxRulesPerBucket"
  | "maxHooksPerEvent"
  | "maxFunctionsPerEvent"
  | "maxSubscriptionsPerUser"
  | "mailConfirm"
  | "dashboard"
  | "publicUrl"
  | "jwtIssuers"
  | "sessionHours"
  | "sessionIdleMinutes"
>;

/**
 * The ports with what is made of them once for a process, by `wire.ts`. Verbs (platform, storage, subscriptions, history) and the faces'
 * routes say with a `Pick` of it what they need.
 */
export interface Context extends Ports {
  readonly config: ContextConfig;
  /** The only way to a commit that subscribers should see. */
  readonly publish: Publish;
  /** Asks the hooks of an operation. */
  readonly guard: Guard;
  /** Which functions get an event. */
  readonly audience: Pick<Audience, "match">;
  readonly functions: FunctionRunner;
  readonly catalog: Catalog;
  readonly kinds: ResourceKinds;
  /** The same two, as what is declared in the store changes them. */
  readonly declared: Pick<LiveDeclarations, "catalog" | "kinds" | "refresh" | "follow">;
  /** Events of a tenant in a second. */
  readonly rates: EventRates;
  /** Asks filters that cost much; tenants see what that costs. */
  readonly matching: Matcher;
  /** One for everything: who changes the same thing by different faces must meet. */
  readonly mutex: KeyedMutex;
  /** Who reads an object's bytes and who deletes them must know of each other. */
  readonly leases: BlobLeases;
  /** Refuses bytes before they come that no quota will have room for. */
  readonly room: QuotaRoom;
  /** What attributes of users must fit. */
  readonly schemas: AttributeSchemas;
  /** Those of users. */
  readonly numbers: Numbers;
  readonly egressAllow: EgressAllow;
  readonly mailLinks: MailLinks;
  /** Of the API as others reach it, without a final slash. */
  readonly publicUrl: () => string;
  /** What is sent at this moment and recorded nowhere yet. */
  readonly firstAttempts: Pick<FirstAttempts, "all" | "get">;
  readonly prepareTarget: (subscription: Subscription) => PreparedTarget;
  /** A hint that this subscription ({@link Subscription.number}) has something to send, may send again, or never will. */
  readonly wake: (subscription: number) => void;
  /**
   * Resolves when something of that delivery was recorded, when `ms` have passed, or when `signal` aborts. Only a hint: a waiter
   * looks again.
   */
  readonly nextRecord: (place: DeliveryPlace, ms: number, signal: AbortSignal) => Promise<void>;
  /** Begins a redrive job that is in the store. */
  readonly startRedrive: (redrive: Uuid) => void;
  /** To be awaited after each commit of a declaration: it is in effect here, and other processes are told. */
  readonly declarationsChanged: () => Promise<void>;
  /** Events for the commit that pauses a subscription. */
  readonly alertPaused: (subscription: Subscription, reason: Pause["reason"]) => readonly NewEvent[];
  /** Says that an event of a tenant which had been set aside waits to be dispatched. */
  readonly redispatch: (tenant: string) => void;
}

/** What the verbs on buckets and objects work with. */
export type StorageContext = Pick<
  Context,
  "store" | "blobs" | "publish" | "guard" | "clock" | "log" | "rates" | "leases" | "mutex" | "room"
>;

/** What the verbs on subscriptions of every face and target work with. */
export type SubscriptionContext = Pick<
  Context,
  "store" | "publish" | "vault" | "clock" | "mutex" | "egressAllow" | "catalog" | "kinds" | "config" | "wake"
>;

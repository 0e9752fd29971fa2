import type { JsonSchema } from "../domain/catalog.ts";
import type { Event } from "../domain/event.ts";
import type { Uuid } from "../domain/ids.ts";
import type { Invocation } from "../domain/invocation.ts";
import type { Viewer } from "../domain/sight.ts";
import type { Subscription } from "../domain/subscription.ts";
import type { AsideEvents } from "./aside.ts";
import type { Configurations } from "./configurations.ts";
import type { Deliveries } from "./deliveries.ts";
import type { Identities } from "./identity-reads.ts";
import type { KeptMails } from "./kept-mails.ts";
import type { Page } from "./page.ts";
import type { QuotaReads } from "./quota-reads.ts";
import type {
  App,
  Bucket,
  Decision,
  FunctionVersion,
  Intent,
  InvocationQuery,
  KnownFunction,
  ListedObject,
  MailQuestion,
  Part,
  Registered,
  Remembered,
  StoredObject,
  StoredUser,
  Upload,
  Usage,
} from "./records.ts";
import type { Subscriptions } from "./subscriptions.ts";
import type { Commit, Unit } from "./unit.ts";
import type { Upkeep } from "./upkeep.ts";

export type * from "./aside.ts";
export type * from "./configurations.ts";
export type * from "./deliveries.ts";
export type { Identities } from "./identity-reads.ts";
export type { Page } from "./page.ts";
export type { QuotaReads } from "./quota-reads.ts";
export type * from "./subscriptions.ts";
export type { Upkeep } from "./upkeep.ts";

/**
 * Everything durable.
 *
 * Guarantees, which `test/conformance/store/` checks of every adapter:
 * - `commit` resolves after one fsynced commit that holds the unit's changes and events, all or none. Units of many callers
 *   may share a commit; a unit whose condition fails, or whose statements fail, changes nothing and harms no other.
 * - Sequences grow in the order of commits and never repeat, also after everything was pruned and the clock went back.
 * - Each event carries the tenant's subscription revision as of its commit.
 * - A read that begins after a `commit` resolved sees it.
 * - A unit that would make more of something than the tenant's quota allows changes nothing and rejects with `quota_exceeded`, however
 *   many write at once. What takes away, or leaves as much as there was, is never refused for that.
 * - A full disk rejects with `storage_full`; the store goes on when space returns.
 */
export interface Store extends AsyncDisposable {
  readonly identities: Identities;
  readonly objects: Objects;
  readonly configurations: Configurations;
  readonly subscriptions: Subscriptions;
  readonly events: Events;
  readonly aside: AsideEvents;
  readonly deliveries: Deliveries;
  readonly functions: Functions;
  readonly users: Users;
  readonly operations: Operations;
  readonly registered: RegisteredResources;
  readonly mailboxes: Mailboxes;
  readonly keptMails: KeptMails;
  readonly quotas: QuotaReads;
  readonly upkeep: Upkeep;
  commit(unit: Unit): Promise<Commit>;
}

/** Whose addresses were asked whether they want mail. By `mailboxOf`. */
export interface Mailboxes {
  /** The last one, for a week at least. */
  question(mailbox: string): Promise<MailQuestion | undefined>;
  /** Whether its owner said never to ask again. */
  refused(mailbox: string): Promise<boolean>;
}

export interface Objects {
  bucket(tenant: string, name: string): Promise<Bucket | undefined>;
  bucketByUuid(uuid: Uuid): Promise<Bucket | undefined>;
  /** Deleted ones too: what came of their rules still belongs to who managed them. */
  bucketThatWas(uuid: Uuid): Promise<Bucket | undefined>;
  /** By name. With `visibleTo`, only those that this principal owns or holds a grant on. */
  buckets(query: { readonly tenant: string; readonly visibleTo?: string }, page: Page<string>): Promise<Bucket[]>;
  object(bucket: Uuid, key: string): Promise<StoredObject | undefined>;
  objectByUuid(uuid: Uuid): Promise<StoredObject | undefined>;
  /** By key in UTF-8 byte order: keys ≥ `from` (or > `after`) that begin with `prefix`. */
  list(
    query: { readonly bucket: Uuid; readonly prefix: string; readonly from?: string },
    page: Page<string>,
  ): Promise<ListedObject[]>;
  upload(id: string): Promise<Upload | undefined>;
  /** By key, then id. */
  uploads(
    query: { readonly bucket: Uuid; readonly prefix: string },
    page: Page<{ readonly key: string; readonly id: string }>,
  ): Promise<Upload[]>;
  /** Those that were made before `beforeMs`, in any bucket, the oldest first. */
  uploadsBefore(beforeMs: number, page: Page<{ readonly createdMs: number; readonly id: string }>): Promise<Upload[]>;
  /** By number. */
  parts(upload: string, page: Page<number>): Promise<Part[]>;
  part(upload: string, number: number): Promise<Part | undefined>;
  /** Those of `blobs` that an object or a part refers to. */
  referred(blobs: readonly string[]): Promise<ReadonlySet<string>>;
}

export interface Events {
  /** In order of sequence. */
  after(sequence: number, max: number): Promise<Event[]>;
  get(sequence: number): Promise<Event | undefined>;
  /** Newest first, of one scope, among the events of all from `page.after` on: at most 1,000 of them. `next`: there may be more. */
  recent(query: RecentQuery, page: Page<number>): Promise<RecentEvents>;
  /** All events up to this sequence are dispatched, but for those that are set aside. It may be a moment behind. */
  dispatchedTo(): Promise<number>;
  usage(query: UsageQuery): Promise<Usage[]>;
}

export interface RecentQuery {
  readonly tenant: string;
  readonly scope: Uuid;
  /** Only those about the object with this key, or that had it before it was moved. */
  readonly key?: string;
  /** At or after, and before, as far as sequences follow the clock: one that was set back by more than a minute hides what it did. */
  readonly sinceMs?: number;
  readonly untilMs?: number;
}

export interface RecentEvents {
  readonly events: Event[];
  /** Sequence before which to look further. */
  readonly next?: number;
}

export interface UsageQuery {
  readonly tenant: string;
  /** Inclusive, `2026-11-20`. */
  readonly fromDay: string;
  readonly toDay: string;
  readonly scope?: Uuid;
  readonly subscription?: Uuid;
  /** Of what was sent, only that of subscriptions that this caller sees; what was accepted is told in any case. */
  readonly viewer?: Viewer;
}

/** Apps, functions, and how they ran. */
export interface Functions {
  app(tenant: string, slug: string): Promise<App | undefined>;
  appByUuid(uuid: Uuid): Promise<App | undefined>;
  /** By number. */
  apps(tenant: string, page: Page<number>): Promise<App[]>;
  /** Deleted ones too. */
  byNumber(number: number): Promise<KnownFunction | undefined>;
  /** A live one. */
  byUuid(uuid: Uuid): Promise<KnownFunction | undefined>;
  bySlug(app: number, slug: string): Promise<KnownFunction | undefined>;
  /** Live ones, by number. */
  list(app: number, page: Page<number>): Promise<KnownFunction[]>;
  version(place: { readonly function: number; readonly number: number }): Promise<FunctionVersion | undefined>;
  versionByHash(place: { readonly function: number; readonly hash: string }): Promise<FunctionVersion | undefined>;
  /** Newest first; `after` is the last number of the page before. */
  versions(fn: number, page: Page<number>): Promise<ListedVersion[]>;
  /** The live subscription of a function to an event type of the lifecycle face: it has one at the most. */
  subscription(place: { readonly function: number; readonly event: string }): Promise<Subscription | undefined>;
  /** Live ones of a function, by number. */
  subscriptions(fn: number): Promise<Subscription[]>;
  /** Gives `count` numbers that no invocation has or will have from anybody else, durably: the first of them. */
  reserveInvocations(count: number): Promise<number>;
  invocation(number: number): Promise<Invocation | undefined>;
  /** Of a POST delivery. */
  invocationOf(attempt: {
    readonly sequence: number;
    readonly subscription: number;
    readonly attempt: number;
  }): Promise<Invocation | undefined>;
  /** Newest first. */
  invocations(query: InvocationQuery, page: Page<number>): Promise<Invocation[]>;
}

/** A version as lists tell it: its code is asked for one at a time, as it may be long. */
export type ListedVersion = Omit<FunctionVersion, "source" | "js" | "map">;

export interface Users {
  /** Gives `count` numbers that no user has or will have from anybody else, durably: the first of them. */
  reserveNumbers(count: number): Promise<number>;
  byNumber(place: { readonly tenant: string; readonly number: number }): Promise<StoredUser | undefined>;
  byUuid(uuid: Uuid): Promise<StoredUser | undefined>;
  /** Whatever the case of its letters. */
  byName(tenant: string, username: string): Promise<StoredUser | undefined>;
  /** By number; only those whose e-mail address or name is exactly that, when given. */
  list(
    query: { readonly tenant: string; readonly email?: string; readonly username?: string },
    page: Page<number>,
  ): Promise<StoredUser[]>;
  /** What the attributes of the tenant's users must fit. */
  schema(tenant: string): Promise<JsonSchema | undefined>;
}

/** Resources that a host keeps, as far as it told of them. */
export interface RegisteredResources {
  get(uuid: Uuid): Promise<Registered | undefined>;
  /** By uuid. */
  list(query: { readonly tenant: string; readonly kind: string }, page: Page<Uuid>): Promise<Registered[]>;
}

/** What is kept of operations with hooks. */
export interface Operations {
  decision(tenant: string, operation: string): Promise<Decision | undefined>;
  remembered(place: {
    readonly tenant: string;
    readonly principal: string;
    readonly key: string;
  }): Promise<Remembered | undefined>;
  /** Oldest first; only of one tenant, when given. */
  intents(query: { readonly tenant?: string }, page: Page<string>): Promise<Intent[]>;
  intent(operation: string): Promise<Intent | undefined>;
  /** `open`: those that are not unresolved. */
  intentCounts(): Promise<{ readonly open: number; readonly unresolved: number }>;
}

import type { Apps } from "./apps.ts";
import type { AsideEvents } from "./aside.ts";
import type { BlobNames } from "./blob-names.ts";
import type { Configurations } from "./configurations.ts";
import type { Credentials } from "./credentials.ts";
import type { Declarations } from "./declarations.ts";
import type { Deliveries } from "./deliveries.ts";
import type { Destinations } from "./destinations.ts";
import type { Edits } from "./edits.ts";
import type { Events } from "./events.ts";
import type { Figures } from "./figures.ts";
import type { Functions } from "./functions.ts";
import type { Grants } from "./grants.ts";
import type { Identities } from "./identities.ts";
import type { Invocations } from "./invocations.ts";
import type { IssuerLinks } from "./issuer-links.ts";
import type { KeptMails } from "./kept-mails.ts";
import type { Mailboxes } from "./mailboxes.ts";
import type { News } from "./news.ts";
import type { Objects } from "./objects.ts";
import type { Operations } from "./operations.ts";
import type { TenantQuotas } from "./quotas.ts";
import type { ReceivedEvents } from "./received-events.ts";
import type { Redrives } from "./redrives.ts";
import type { RegisteredResources } from "./registered.ts";
import type { Resolvers } from "./resolvers.ts";
import type { Sessions } from "./sessions.ts";
import type { Subscriptions } from "./subscriptions.ts";
import type { Commit, Unit } from "./unit.ts";
import type { Upkeep } from "./upkeep.ts";
import type { Uploads } from "./uploads.ts";
import type { Users } from "./users.ts";
import type { Watchers } from "./watchers.ts";

export type { AsideEvent } from "./aside.ts";
export type { Declarations } from "./declarations.ts";
export type {
  Deliveries,
  Delivery,
  DeliveryBounds,
  DeliveryCounts,
  DeliveryOrder,
  DeliveryPlace,
  DeliveryQuery,
  ListedDeliveries,
  Searched,
  WaitPlace,
} from "./deliveries.ts";
export type { Events, RecentEvents, UsagePlace, UsageQuery } from "./events.ts";
export type { Functions, ListedVersion } from "./functions.ts";
export type { Identities } from "./identities.ts";
export type { Mailboxes } from "./mailboxes.ts";
export type { Operations } from "./operations.ts";
export type { Page } from "./page.ts";

export type { RegisteredResources } from "./registered.ts";
export type { ListeningState, PastVersion, Stood, Subscriptions } from "./subscriptions.ts";
export type { Upkeep } from "./upkeep.ts";
export type { Users } from "./users.ts";

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
  readonly credentials: Credentials;
  readonly sessions: Sessions;
  readonly issuerLinks: IssuerLinks;
  readonly grants: Grants;
  readonly objects: Objects;
  readonly uploads: Uploads;
  readonly blobNames: BlobNames;
  readonly configurations: Configurations;
  readonly subscriptions: Subscriptions;
  readonly destinations: Destinations;
  readonly edits: Edits;
  readonly events: Events;
  readonly aside: AsideEvents;
  readonly receivedEvents: ReceivedEvents;
  readonly deliveries: Deliveries;
  readonly redrives: Redrives;
  readonly figures: Figures;
  readonly news: News;
  readonly apps: Apps;
  readonly functions: Functions;
  readonly invocations: Invocations;
  readonly users: Users;
  readonly operations: Operations;
  readonly registered: RegisteredResources;
  readonly resolvers: Resolvers;
  readonly declarations: Declarations;
  readonly mailboxes: Mailboxes;
  readonly keptMails: KeptMails;
  readonly quotas: TenantQuotas;
  /** Absent: one process writes, and has all of them in memory. */
  readonly watchers?: Watchers;
  readonly upkeep: Upkeep;
  commit(unit: Unit): Promise<Commit>;
}
